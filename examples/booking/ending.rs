//! How the program is told to end: [`Ending`]. `SIGTERM` and Ctrl-C are answered from the first instant of `main` on.

use std::{
    io, process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::sleep,
};

/// How long an orderly end takes at most, unless it is said: twice the patience of `main`, and a little.
const LONGEST_END: Duration = Duration::from_secs(12);

/// Hears of `SIGTERM` and `SIGINT`, and tells every part of the program that waits.
#[derive(Clone)]
pub struct Ending {
    told: watch::Receiver<Option<u8>>,
    /// In milliseconds.
    longest: Arc<AtomicU64>,
}

impl Ending {
    /// Listens from now on: the first signal asks the program to end, and a second one ends it at once. So does the time in
    /// which it should have ended, if it is held up by what cannot be told, such as an output that nobody reads.
    pub fn listen() -> io::Result<Self> {
        let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (tell, told) = watch::channel(None);
        let longest = Arc::new(AtomicU64::new(millis(LONGEST_END)));
        let may_take = Arc::clone(&longest);
        tokio::spawn(async move {
            let signal = next(&mut terminated, &mut interrupted).await;
            // It stays for what asks later.
            tell.send_replace(Some(signal));
            let signal = tokio::select! {
                second = next(&mut terminated, &mut interrupted) => second,
                () = sleep(Duration::from_millis(may_take.load(Ordering::Relaxed))) => signal,
            };
            process::exit(i32::from(128 + signal));
        });
        Ok(Self { told, longest })
    }

    /// Gives an orderly end so much time.
    pub fn may_take(&self, longest: Duration) {
        self.longest.store(millis(longest), Ordering::Relaxed);
    }

    /// Waits until the program is told to end, and gives the number of the signal.
    pub async fn told(&mut self) -> u8 {
        match self.told.wait_for(Option::is_some).await {
            Ok(signal) => signal.unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The number of the next signal.
async fn next(terminated: &mut Signal, interrupted: &mut Signal) -> u8 {
    let kind = tokio::select! {
        _ = terminated.recv() => SignalKind::terminate(),
        _ = interrupted.recv() => SignalKind::interrupt(),
    };
    u8::try_from(kind.as_raw_value()).unwrap_or_default()
}
