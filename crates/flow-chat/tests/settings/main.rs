//! Settings as an operator meets them: by a file, by variables, by arguments.

mod guides;
mod mistakes;
mod opening;
mod running;
mod secrets;
mod sources;
