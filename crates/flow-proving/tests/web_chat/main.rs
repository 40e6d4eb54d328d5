//! The web chat in a real browser, against a server that speaks the chat's protocol and misbehaves as it is told.

mod losing;
mod looks;
mod parsing;
mod saying;
mod server;
mod tabs;
mod visitor;
