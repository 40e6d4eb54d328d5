//! The web chat in a real browser, against a server that speaks the chat's protocol and misbehaves as it is told.

mod looks;
mod losing;
mod parsing;
mod random;
mod saying;
mod server;
mod showing;
mod strict;
mod tabs;
mod visitor;
