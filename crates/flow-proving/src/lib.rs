//! What only the project's own tests need, and no user of it.
//!
//! - [`RedisServer`], [`Sentinels`], [`Cluster`] and [`PostgresServer`] are real servers. Each listens on the loopback and
//!   on a socket in a folder of its own, and is gone when its value is dropped or the process that started it ends,
//!   however it ends. A server that is not installed is a panic that names its package.
//! - [`Prometheus`] is one too, and [`promtool`] what comes with it: what a bot tells is gathered and judged as it would be.
//! - [`FaultProxy`] stands before a server on TCP and delays, stalls, cuts, throttles, and drops replies.
//! - [`Fickle`] is a store in memory, and [`FickleArchive`] an archive, that is away, stuck or broken when it is told to be.
//! - [`Browser`] is a real Chromium without a window, whose [`Page`]s are used as a visitor uses them.
//! - [`History`] proves or refutes, from what many processes said and heard, that each session has one serial history
//!   (a checker of linearisability).

#![allow(missing_debug_implementations, reason = "nothing here is published, and a server has nothing to show")]

mod browser;
mod fickle;
pub mod history;
mod proxy;
mod servers;

pub use browser::{AccessibleNode, Browser, Looks, Page, Theme};
pub use fickle::{Fickle, FickleArchive, Mood};
pub use history::History;
pub use proxy::{Fault, FaultProxy};
pub use servers::{
    Cluster, Encryption, PostgresServer, Prometheus, RedisServer, Sentinels, free_port, promtool, promtool_tests,
};
