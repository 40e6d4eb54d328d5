//! Settings as an operator meets them: by a file, by variables, by arguments.

mod channels;
mod guides;
mod mistakes;
mod opening;
mod platforms;
mod running;
mod secrets;
#[cfg(feature = "http")]
mod serving;
mod sources;
#[cfg(feature = "traces")]
mod tracing;
