//! A plot as SVG: lines over two axes of powers of ten.

use std::fmt::Write;

pub struct Line {
    pub name: String,
    /// Both above nothing.
    pub points: Vec<(f64, f64)>,
}

const COLOURS: [&str; 6] = ["#1b6ca8", "#c8553d", "#588157", "#8e5572", "#b08900", "#4d5061"];
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 470.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 310.0;

/// From one power of ten to another, around all values.
fn decades(values: impl Iterator<Item = f64>) -> (i32, i32) {
    let (least, most) =
        values.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), value| (least.min(value), most.max(value)));
    let (from, to) = (least.log10().floor() as i32, most.log10().ceil() as i32);
    (from, to.max(from + 1))
}

fn number(power: i32) -> String {
    match power {
        ..0 => format!("{:.*}", power.unsigned_abs() as usize, 10_f64.powi(power)),
        0..3 => format!("{}", 10_i64.pow(power.unsigned_abs())),
        3..6 => format!("{}k", 10_i64.pow(power.unsigned_abs() - 3)),
        _ => format!("{}M", 10_i64.pow(power.unsigned_abs() - 6)),
    }
}

pub fn svg(title: &str, across: &str, up: &str, lines: &[Line]) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let (west, east) = decades(points().map(|point| point.0));
    let (south, north) = decades(points().map(|point| point.1));
    let x = |value: f64| LEFT + (RIGHT - LEFT) * (value.log10() - f64::from(west)) / f64::from(east - west);
    let y = |value: f64| BOTTOM - (BOTTOM - TOP) * (value.log10() - f64::from(south)) / f64::from(north - south);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"14\" font-weight=\"bold\">{title}</text>\n"
    );
    let mut draw = |part: String| svg.push_str(&(part + "\n"));
    for power in west..=east {
        let at = x(10_f64.powi(power));
        draw(format!("<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{BOTTOM}\" stroke=\"#ddd\"/>"));
        draw(format!("<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>", BOTTOM + 16.0, number(power)));
    }
    for power in south..=north {
        let at = y(10_f64.powi(power));
        draw(format!("<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{RIGHT}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>"));
        draw(format!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", LEFT - 6.0, at + 4.0, number(power)));
    }
    draw(format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{across}</text>",
        (LEFT + RIGHT) / 2.0,
        HEIGHT - 12.0
    ));
    let middle = (TOP + BOTTOM) / 2.0;
    draw(format!(
        "<text x=\"18\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {middle})\">{up}</text>"
    ));
    for ((index, line), colour) in lines.iter().enumerate().zip(COLOURS.iter().cycle()) {
        let path = line.points.iter().fold(String::new(), |mut path, (across, up)| {
            let _ = write!(path, "{:.1},{:.1} ", x(*across), y(*up));
            path
        });
        draw(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.trim_end()
        ));
        for (across, up) in &line.points {
            draw(format!("<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>", x(*across), y(*up)));
        }
        let at = TOP + 10.0 + 20.0 * index as f64;
        draw(format!("<text x=\"{}\" y=\"{at}\" fill=\"{colour}\">{}</text>", RIGHT + 12.0, line.name));
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lie_within_the_axes() {
        let line = Line { name: "ours".into(), points: vec![(1.0, 100.0), (100.0, 10_000.0)] };
        let drawn = svg("Turns", "at once", "a second", &[line]);
        assert!(drawn.contains("<polyline points=\"70.0,310.0 470.0,40.0\""), "{drawn}");
        assert!(drawn.contains(">10k</text>"), "{drawn}");
    }
}
