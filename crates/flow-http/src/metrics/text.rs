//! Figures as Prometheus reads them: the text format, version 0.0.4.

use std::fmt::{Display, Write as _};

use super::histogram::Histogram;

/// The labels of a series.
type Labels<'l> = Vec<(&'static str, &'l str)>;

/// The text, as far as it is written.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn counters<'l>(&mut self, name: &str, help: &str, series: impl IntoIterator<Item = (Labels<'l>, u64)>) {
        self.begin(name, help, "counter");
        for (labels, count) in series {
            self.line(name, &labels, &count.to_string());
        }
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, labels: &[(&'static str, &str)], value: impl Display) {
        self.begin(name, help, "gauge");
        self.line(name, labels, &value.to_string());
    }

    pub(super) fn gauges<'l>(&mut self, name: &str, help: &str, series: impl IntoIterator<Item = (Labels<'l>, u64)>) {
        self.begin(name, help, "gauge");
        for (labels, value) in series {
            self.line(name, &labels, &value.to_string());
        }
    }

    pub(super) fn histograms<'l, 'h>(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = (Labels<'l>, &'h Histogram)>,
    ) {
        self.begin(name, help, "histogram");
        let (bucket, sum, count) = (format!("{name}_bucket"), format!("{name}_sum"), format!("{name}_count"));
        for (labels, histogram) in series {
            let with_bound = |bound: &str, text: &mut Self, value: u64| {
                let mut labels = labels.clone();
                labels.push(("le", bound));
                text.line(&bucket, &labels, &value.to_string());
            };
            for (bound, below) in histogram.up_to() {
                with_bound(&bound.to_string(), self, below);
            }
            with_bound("+Inf", self, histogram.count());
            self.line(&sum, &labels, &histogram.sum().to_string());
            self.line(&count, &labels, &histogram.count().to_string());
        }
    }

    pub(super) fn written(self) -> String {
        self.0
    }

    fn begin(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&'static str, &str)], value: &str) {
        self.0.push_str(name);
        for (place, (label, of)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{}\"", escaped(of));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::histogram::SECONDS, *};

    #[test]
    fn figures_read_as_documented() {
        let mut text = Text::default();
        text.counters("turns_total", "Turns.", [(vec![("flow", "a \"b\"\\")], 3)]);
        text.gauge("lag_seconds", "Lag.", &[], 0.25);
        let mut took = Histogram::by(SECONDS);
        took.add_time(Duration::from_millis(2));
        took.add(60.0);
        text.histograms("seconds", "Time.", [(Vec::new(), &took)]);
        let text = text.written();
        for line in [
            "# TYPE turns_total counter",
            r#"turns_total{flow="a \"b\"\\"} 3"#,
            "lag_seconds 0.25",
            r#"seconds_bucket{le="0.001"} 0"#,
            r#"seconds_bucket{le="0.0025"} 1"#,
            r#"seconds_bucket{le="10"} 1"#,
            r#"seconds_bucket{le="+Inf"} 2"#,
            "seconds_sum 60.002",
            "seconds_count 2",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
    }
}
