//! Settings in environment variables.

use std::{ffi::OsString, path::Path};

use crate::service::{
    mistake::{Fault, Mistake},
    origin::Origin,
    written::Written,
};

use super::Reading;

impl Reading<'_> {
    pub(super) fn take_variables(&mut self, variables: &[(OsString, OsString)]) {
        let ours = variables.iter().filter_map(|(name, value)| {
            let name = name.to_str()?;
            name.strip_prefix(self.prefix)?.strip_prefix('_')?;
            // An empty one is how a file for compose says that it is not set.
            (!value.is_empty()).then_some((name, value))
        });
        let mut ours: Vec<_> = ours.collect();
        // In an order that does not differ between two starts.
        ours.sort_unstable();
        let settings = format!("{}_SETTINGS", self.prefix);
        if let Some((_, path)) = ours.iter().find(|(name, _)| **name == settings) {
            self.take_file(Path::new(path));
        }
        for (name, value) in ours.iter().filter(|(name, _)| **name != settings) {
            self.take_variable(name, value, &ours);
        }
    }

    fn take_variable(&mut self, name: &str, value: &OsString, all: &[(&str, &OsString)]) {
        let origin = Origin::Variable(name.to_owned());
        let of = |variable: &str| self.keys.iter().find(|key| key.variable(self.prefix) == variable).copied();
        let file_of = name.strip_suffix("_FILE").and_then(of).filter(|key| key.is_secret());
        let Some(key) = of(name).or(file_of) else {
            if !is_of_kubernetes(name) {
                let fault = self.unknown(name, |key| key.variable(self.prefix));
                self.mistakes.push(Mistake::about(name, origin, fault));
            }
            return;
        };
        let names_file = of(name).is_none();
        let setting = if names_file { format!("{}_file", key.name()) } else { key.name().to_owned() };
        let plain = key.variable(self.prefix);
        let wrong = if names_file && all.iter().any(|(other, _)| *other == plain) {
            Some(Fault::plain(format_args!("`{plain}` is set as well")))
        } else if value.to_str().is_none() {
            Some(Fault::plain("the value is no UTF-8 text"))
        } else {
            None
        };
        match (wrong, value.to_str()) {
            (None, Some(text)) => self.take(&setting, Written::Text(text.to_owned()), origin),
            (wrong, _) => self.mistakes.extend(wrong.map(|fault| Mistake::about(&setting, origin, fault))),
        }
    }
}

/// Whether Kubernetes has made it for a service: each pod is told where the services of its namespace are, by
/// `FLOW_REDIS_SERVICE_HOST`, `FLOW_REDIS_PORT`, `FLOW_REDIS_PORT_6379_TCP_ADDR` and the like.
fn is_of_kubernetes(name: &str) -> bool {
    let ends = ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"].iter().any(|end| name.ends_with(end));
    let of_port = |part: &str| {
        let mut words = part.split('_');
        words.next().is_some_and(|port| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()))
            && words.next().is_some_and(|protocol| ["TCP", "UDP", "SCTP"].contains(&protocol))
            && words.next().is_none_or(|end| ["ADDR", "PORT", "PROTO"].contains(&end))
            && words.next().is_none()
    };
    ends || name.contains("_SERVICE_PORT_") || name.split("_PORT_").skip(1).any(of_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_makes_for_a_service_is_told_from_a_slip() {
        for (name, is_of_it) in [
            ("FLOW_SERVICE_HOST", true),
            ("FLOW_REDIS_SERVICE_PORT", true),
            ("FLOW_REDIS_SERVICE_PORT_REDIS", true),
            ("FLOW_PORT", true),
            ("FLOW_REDIS_PORT_6379_TCP", true),
            ("FLOW_REDIS_PORT_6379_TCP_ADDR", true),
            ("FLOW_DNS_PORT_53_UDP_PROTO", true),
            ("FLOW_STROE", false),
            ("FLOW_PORTER", false),
            ("FLOW_REDIS_PORT_X_TCP", false),
            ("FLOW_REDIS_PORT_6379_TCP_X", false),
        ] {
            assert_eq!(is_of_kubernetes(name), is_of_it, "{name}");
        }
    }
}
