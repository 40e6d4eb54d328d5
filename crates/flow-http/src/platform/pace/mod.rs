//! How fast a platform is sent to: a [`Pace`], in numbers; a `Pacer` keeps it.
//!
//! `bucket` is one limit, `refusals` what a platform said of waiting, `chats` what is known of each place, `overall` what all of them
//! share (by `blocks` that the store gives out), and `waits` what is counted.

mod blocks;
mod bucket;
mod chats;
mod overall;
mod pacer;
mod rate;
mod refusals;
mod waits;

pub(super) use pacer::Pacer;
pub use rate::Rate;
pub(crate) use waits::{Bound, Waits};

/// How fast a platform lets a bot send, as a constant: in all, to one chat, to one group.
///
/// A [`Line`](super::Line) obeys it. What has to wait a moment waits; what has to wait longer waits in its record, and the others go on.
/// What the platform says itself, by [`Fate::again_after`](flow_core::Fate::again_after), is obeyed besides.
///
/// ```
/// use flow_http::platform::{Pace, Rate};
///
/// const PACE: Pace = Pace::NONE
///     .overall(Rate::per_second(30))
///     .chat(Rate::per_second(1).burst(3))
///     .group(Rate::per_minute(20).at_once(5));
/// # let _ = PACE;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    overall: Option<Rate>,
    chat: Option<Rate>,
    group: Option<Rate>,
    growth: u32,
}

impl Pace {
    /// No limit: as fast as the platform answers.
    pub const NONE: Self = Self { overall: None, chat: None, group: None, growth: 2 };

    /// At most so many messages in all. Of processes that share a store, all together.
    #[must_use]
    pub const fn overall(self, rate: Rate) -> Self {
        Self { overall: Some(rate), ..self }
    }

    /// At most so many messages to each place.
    #[must_use]
    pub const fn chat(self, rate: Rate) -> Self {
        Self { chat: Some(rate), ..self }
    }

    /// At most so many messages to each place that is a [group](super::Platform::is_group), besides what counts for each place.
    #[must_use]
    pub const fn group(self, rate: Rate) -> Self {
        Self { group: Some(rate), ..self }
    }

    /// By what the wait grows with each refusal in a row that names no time, which is
    /// [`Fate::again_after`](flow_core::Fate::again_after) with a time of zero: a second first, and five minutes at most. 2 unless set.
    #[must_use]
    pub const fn growth(self, factor: u32) -> Self {
        assert!(factor > 0, "a wait that grows by nothing is none");
        Self { growth: factor, ..self }
    }
}
