//! What an archive can tell of many conversations: the [`Statistics`] trait.

use async_trait::async_trait;
use chrono::NaiveDate;

use crate::StoreError;

/// Counts the conversations of a flow that are kept, by its wire name. States come in the order of their declaration.
///
/// A conversation is one of a session: one that ended or expired may begin anew. A pointer to these statistics is one, too.
#[async_trait]
pub trait Statistics: Send + Sync {
    /// How many conversations entered each state.
    async fn funnel(&self, flow: &str) -> Result<Vec<Reached>, StoreError>;

    /// How many conversations were given up in each state.
    async fn drop_off(&self, flow: &str) -> Result<Vec<DropOff>, StoreError>;

    /// How long conversations stay in each state.
    async fn time_in_state(&self, flow: &str) -> Result<Vec<Stay>, StoreError>;

    /// What became of the conversations that began on each day.
    async fn conversions_by_day(&self, flow: &str) -> Result<Vec<Conversion>, StoreError>;
}

/// How many conversations entered a state.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reached {
    /// The state's wire name.
    pub state: String,
    /// How many conversations entered it.
    pub reached: u64,
    /// Their share of all that began.
    pub share: f64,
}

impl Reached {
    /// A row of the statistics, in the order of its fields.
    pub fn new(state: impl Into<String>, reached: u64, share: f64) -> Self {
        Self { state: state.into(), reached, share }
    }
}

/// How many conversations were given up in a state.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DropOff {
    /// The state's wire name.
    pub state: String,
    /// How many conversations entered it.
    pub reached: u64,
    /// How many of them expired there.
    pub lapsed: u64,
    /// How many of them stand there still.
    pub open: u64,
    /// The share of those that expired.
    pub drop_rate: f64,
}

impl DropOff {
    /// A row of the statistics, in the order of its fields.
    pub fn new(state: impl Into<String>, reached: u64, lapsed: u64, open: u64, drop_rate: f64) -> Self {
        Self { state: state.into(), reached, lapsed, open, drop_rate }
    }
}

/// How long conversations stay in a state.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stay {
    /// The state's wire name.
    pub state: String,
    /// How many stays were measured: those that ended in another step than an expiry.
    pub visits: u64,
    /// Half of them were shorter.
    pub median_seconds: f64,
    /// Nineteen of twenty were shorter.
    pub p95_seconds: f64,
}

impl Stay {
    /// A row of the statistics, in the order of its fields.
    pub fn new(state: impl Into<String>, visits: u64, median_seconds: f64, p95_seconds: f64) -> Self {
        Self { state: state.into(), visits, median_seconds, p95_seconds }
    }
}

/// What became of the conversations that began on a day.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Conversion {
    /// The day, by UTC.
    pub day: NaiveDate,
    /// How many conversations began.
    pub begun: u64,
    /// The wire name of an end.
    pub end_state: String,
    /// How many of them came to it.
    pub reached: u64,
    /// Their share of those that began.
    pub rate: f64,
}

impl Conversion {
    /// A row of the statistics, in the order of its fields.
    pub fn new(day: NaiveDate, begun: u64, end_state: impl Into<String>, reached: u64, rate: f64) -> Self {
        Self { day, begun, end_state: end_state.into(), reached, rate }
    }
}
