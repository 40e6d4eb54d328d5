//! One bot on all channels.

mod one_transcript;
mod pages;
mod phones;
mod script;
mod side_by_side;

// The smallest example is one file, with its flow in it.
#[allow(dead_code, reason = "it is a program, and is not run here")]
#[path = "../../../examples/hello/main.rs"]
mod hello;
