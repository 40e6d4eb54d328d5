//! The web chat in a real browser, against a server that speaks the chat's protocol and misbehaves as it is told.

mod hostile;
mod keeping;
mod looks;
mod losing;
mod own_page;
mod parsing;
mod placing;
mod random;
mod saying;
mod server;
mod showing;
mod strict;
mod tabs;
mod visitor;
