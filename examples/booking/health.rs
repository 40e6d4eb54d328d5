//! Whether a bot that is served on this machine is well: `booking health`, for what asks by a command, such as Docker.

use std::{
    error::Error,
    io::{Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use flow_chat::service::Settings;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the bot that listens where the settings say.
///
/// Fails if it does not answer, or says that it is not.
pub fn ask(settings: &Settings, is_only_alive: bool) -> Result<(), Box<dyn Error>> {
    let (path, wrong) = if is_only_alive { ("/livez", "it does not live") } else { ("/readyz", "it is not ready") };
    // What listens at every address of this machine listens at its own.
    let address = settings.listen().replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:");
    let answer = answer(&address, path).map_err(|error| format!("nothing answers at {address}: {error}"))?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(wrong.into()) }
}

/// The beginning of what is answered.
fn answer(address: &str, path: &str) -> Result<String, Box<dyn Error>> {
    let address = address.to_socket_addrs()?.next().ok_or("there is no such address")?;
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    connection.take(1024).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
