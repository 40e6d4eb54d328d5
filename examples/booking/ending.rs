//! How the program is told to end: [`Ending`]. `SIGTERM` and Ctrl-C are answered from the first instant of `main` on.

use std::{io, process, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::sleep,
};

/// How long an orderly end takes at most: twice the patience of `main`, and a little.
const LONGEST_END: Duration = Duration::from_secs(12);

/// Hears of `SIGTERM` and `SIGINT`, and tells every part of the program that waits.
#[derive(Clone)]
pub struct Ending(watch::Receiver<Option<u8>>);

impl Ending {
    /// Listens from now on: the first signal asks the program to end, and a second one ends it at once. So does the time in
    /// which it should have ended, if it is held up by what cannot be told, such as an output that nobody reads.
    pub fn listen() -> io::Result<Self> {
        let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (tell, told) = watch::channel(None);
        tokio::spawn(async move {
            let signal = next(&mut terminated, &mut interrupted).await;
            // It stays for what asks later.
            tell.send_replace(Some(signal));
            let signal = tokio::select! {
                second = next(&mut terminated, &mut interrupted) => second,
                () = sleep(LONGEST_END) => signal,
            };
            process::exit(i32::from(128 + signal));
        });
        Ok(Self(told))
    }

    /// Waits until the program is told to end, and gives the number of the signal.
    pub async fn told(&mut self) -> u8 {
        match self.0.wait_for(Option::is_some).await {
            Ok(signal) => signal.unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }
}

/// The number of the next signal.
async fn next(terminated: &mut Signal, interrupted: &mut Signal) -> u8 {
    let kind = tokio::select! {
        _ = terminated.recv() => SignalKind::terminate(),
        _ = interrupted.recv() => SignalKind::interrupt(),
    };
    u8::try_from(kind.as_raw_value()).unwrap_or_default()
}
