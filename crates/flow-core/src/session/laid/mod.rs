//! Numbers, texts and times in as few bytes as they take.

pub(super) mod reading;
pub(super) mod writing;
