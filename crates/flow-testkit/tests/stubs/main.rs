//! The stubs, asked by a plain HTTP client, as a bot in any language asks them.

mod bot;
mod graph;
mod slack;
mod telegram;
