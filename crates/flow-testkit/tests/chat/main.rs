//! What a test can script in a chat, and what it is told of a suite of them.

mod coverage;
mod nested;
mod salon;
mod visitors;
mod worker;
