//! Where traces are sent, and how many.

use crate::service::mistake::Fault;

/// Where traces are sent, and how many.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "traces"), allow(dead_code, reason = "they are checked all the same"))]
pub(in crate::service) struct TraceParts {
    pub(in crate::service) collector: Option<String>,
    pub(in crate::service) share: f64,
}

impl Default for TraceParts {
    fn default() -> Self {
        Self { collector: None, share: 1.0 }
    }
}

impl TraceParts {
    pub(in crate::service) const COLLECTOR: &str = "an address such as `http://127.0.0.1:4318`, in the clear";
    pub(in crate::service) const SHARE: &str = "a number from `0` to `1`";

    /// Fails if it is no address of a collector.
    #[cfg(feature = "traces")]
    pub(in crate::service) fn collector(text: String) -> Result<String, Fault> {
        if crate::traces::is_collector(&text) {
            return Ok(text);
        }
        Err(Fault::new("no address of a collector", format_args!("it is {}", Self::COLLECTOR)))
    }

    /// Fails: nothing would be sent, and nobody would know.
    #[cfg(not(feature = "traces"))]
    pub(in crate::service) fn collector(_: String) -> Result<String, Fault> {
        Err(Fault::new("this bot sends no traces", "build it with the feature `traces`"))
    }

    pub(in crate::service) fn share(text: &str) -> Result<f64, Fault> {
        let share = text.trim().parse().ok().filter(|share| (0.0..=1.0).contains(share));
        share.ok_or_else(|| Fault::new("no share", format_args!("it is {}", Self::SHARE)))
    }
}
