//! Plays Telegram on this machine until it is stopped: `telegram [port] [token]`.

use std::{error::Error, io::Write};

use flow_testkit::stubs::TelegramStub;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let telegram = match arguments.next() {
        Some(token) => TelegramStub::start_for(&token, port).await?,
        None => TelegramStub::start_at(port).await?,
    };
    telegram.keeps_limits();
    let mut out = std::io::stdout();
    writeln!(out, "Telegram is played at {}", telegram.page())?;
    writeln!(out, "A bot calls {} with the token {}", telegram.address(), telegram.token())?;
    std::future::pending().await
}
