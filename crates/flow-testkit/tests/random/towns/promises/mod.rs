//! The promises, each a function over what was seen.

pub(crate) mod archives;
pub(crate) mod charges;
pub(crate) mod deliveries;
pub(crate) mod records;
pub(crate) mod replies;
pub(crate) mod words;
