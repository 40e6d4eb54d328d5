//! What a test logs: everything on its own thread, down to the finest.
//!
//! One subscriber serves all tests of the program. One for each test would not do: whether anybody listens to a
//! line of code is remembered for the whole process, and tests that begin and end meanwhile can make it forget.

use std::{
    cell::RefCell,
    io::{Result, Write},
    sync::Once,
};

use tracing_subscriber::fmt::format::FmtSpan;

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Listens from now on.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(|| Sink)
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL);
        subscriber.init();
    });
    LOGGED.take();
}

/// What was logged on this thread since it listens.
pub(crate) fn logged() -> String {
    LOGGED.with_borrow(|logged| String::from_utf8_lossy(logged).into_owned())
}

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
