//! The secret of this user's own bot: [`secret`].

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use flow_chat::SessionId;

use crate::choices;

/// The secret of this user's own bot, made when it is first needed: visitors come back to their conversations after a restart.
/// A bot of several machines is given `FLOW_SECRET`.
pub fn secret() -> Result<String, Box<dyn Error>> {
    let data = choices::data_of_the_user().ok_or("say `FLOW_SECRET`: nothing tells where this user keeps data")?;
    let file = data.join("flow/booking.secret");
    let read = fs::read_to_string(&file).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => made(&file).or_else(|error| match error.kind() {
            // By another process, a moment ago.
            io::ErrorKind::AlreadyExists => fs::read_to_string(&file),
            _ => Err(error),
        }),
        _ => Err(error),
    });
    Ok(read.map_err(|error| format!("{}: {error}", file.display()))?)
}

fn made(file: &Path) -> io::Result<String> {
    fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    let secret = format!("{}{}", SessionId::random(), SessionId::random());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(secret.as_bytes())?;
    Ok(secret)
}
