//! The file: what it must be to be opened, and how it is made.

use std::{
    fmt::Write as _,
    fs::File,
    io,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use crate::{Durability, OpenError, open_error::unopened, sqlite_failure::SqliteFailure};

/// Each brings a file from the schema of its place to the next one.
const MIGRATIONS: [&str; 11] = [
    include_str!("schema/1.sql"),
    concat!(include_str!("schema/2.sql"), include_str!("schema/2-statistics.sql")),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
    include_str!("schema/10.sql"),
    include_str!("schema/11.sql"),
];

const NEWEST: u32 = 11;

/// "Flow" in ASCII, at its place in the head of the file.
const APPLICATION: u32 = 0x466c_6f77;

/// What the WAL may keep on disk once its contents are in the file. Above what it grows to between two checkpoints, so
/// that it is written over, and not cut and grown again.
const LARGEST_IDLE_WAL: u32 = 16 << 20;

/// How many planned statements a connection keeps: more than there are, so that none is planned twice.
const STATEMENTS: usize = 64;

/// A connection that may write, to a file of the newest schema, made or brought forward if need be.
pub(crate) fn open(path: &Path, durability: Durability, deadline: Duration) -> Result<Connection, OpenError> {
    make(path).map_err(unreachable_by)?;
    check_head(path)?;
    let mut connection = connect(path, deadline)?;
    // The connection that closes a file last moves the WAL into it: not before we know that the file is ours.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(unopened)?;
    // In one view: between the marks and the schema another process may have made both.
    let view = connection.transaction().map_err(unopened)?;
    check_contents(&view)?;
    drop(view);
    connection.pragma_update(None, "synchronous", durability.synchronous()).map_err(unopened)?;
    migrate(&mut connection)?;
    turn_on_wal(&connection, deadline)?;
    connection.pragma_update(None, "journal_size_limit", LARGEST_IDLE_WAL).map_err(unopened)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(unopened)?;
    Ok(connection)
}

/// A connection that only reads, to a file that was opened before.
pub(crate) fn open_to_read(path: &Path, deadline: Duration) -> Result<Connection, OpenError> {
    let connection = connect(path, deadline)?;
    connection.pragma_update(None, "query_only", true).map_err(unopened)?;
    Ok(connection)
}

/// Makes the file, for its owner alone, if it is not there. SQLite gives what it makes beside the file the same mode.
fn make(path: &Path) -> io::Result<()> {
    // One at a time: closing a file ends all locks that this process has on it.
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if path.try_exists()? {
        return warn_of_readers(path);
    }
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Says what to do if an existing file, which holds what visitors said, can be read by other users of the machine.
#[cfg(unix)]
fn warn_of_readers(path: &Path) -> io::Result<()> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata()?.permissions()) & 0o777;
    if mode & OF_OTHERS != 0 {
        tracing::warn!(
            path = %path.display(),
            mode = format_args!("{mode:03o}"),
            advice = "chmod 600 this file, and those beside it that end in -wal and -shm",
            "other users of this machine can read the file, which holds what visitors said"
        );
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix the file is looked at")]
fn warn_of_readers(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The bits of a mode that let the group or all others read or write.
#[cfg(unix)]
const OF_OTHERS: u32 = 0o066;

fn connect(path: &Path, deadline: Duration) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(unopened)?;
    connection.busy_timeout(deadline).map_err(unopened)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Planned once for all values: otherwise a statement is planned anew for each value that is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(unopened)?;
    Ok(connection)
}

/// Looks at the head of the file and at nothing else: SQLite would make files beside it, and take over what is in them.
fn check_head(path: &Path) -> Result<(), OpenError> {
    // SQLite takes one byte for none, and would write over it.
    if path.metadata().map_err(unreachable_by)?.len() == 1 {
        return Err(OpenError::NoDatabase);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Not with a file of our own: closing it would end all locks that this process has on it.
    let head = Connection::open_with_flags(as_it_stands(path), flags).and_then(|connection| marks(&connection));
    match head.map_err(unopened) {
        Ok((application, version)) => check_marks(application, version),
        // It is damaged, or another process is writing it just now.
        Err(OpenError::Damaged(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The name of the file for reading it without a lock, and without the WAL.
fn as_it_stands(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        let _ = write!(uri, "%{byte:02x}");
    }
    uri + "?immutable=1"
}

fn unreachable_by(error: io::Error) -> OpenError {
    OpenError::Unreachable(Box::new(error))
}

fn check_marks(application: u32, version: u32) -> Result<(), OpenError> {
    match application {
        // Whether it is blank or another program's is told by its schema.
        0 => Ok(()),
        APPLICATION if version > NEWEST => Err(OpenError::Newer { found: version, known: NEWEST }),
        APPLICATION => Ok(()),
        _ => Err(OpenError::Foreign),
    }
}

/// What the head says may be older than what the WAL says; and a head can be whole where the rest is not.
fn check_contents(connection: &Connection) -> Result<(), OpenError> {
    let (application, version) = marks(connection).map_err(unopened)?;
    check_marks(application, version)?;
    let things: u32 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(unopened)?;
    if application == 0 && things > 0 {
        return Err(OpenError::Foreign);
    }
    Ok(())
}

fn marks(connection: &Connection) -> rusqlite::Result<(u32, u32)> {
    let mark = |name| connection.pragma_query_value(None, name, |row| row.get(0)).map(i32::cast_unsigned);
    Ok((mark("application_id")?, mark("user_version")?))
}

fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    if marks(connection).map_err(unopened)? == (APPLICATION, NEWEST) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unopened)?;
    // Another process may have been here meanwhile.
    check_contents(&transaction)?;
    let (_, version) = marks(&transaction).map_err(unopened)?;
    for migration in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(migration).map_err(unopened)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(unopened)?;
    transaction.pragma_update(None, "user_version", NEWEST).map_err(unopened)?;
    transaction.commit().map_err(unopened)
}

/// Waits by itself: SQLite does not wait where a statement needs the file to itself.
fn turn_on_wal(connection: &Connection, deadline: Duration) -> Result<(), OpenError> {
    let began = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if SqliteFailure::of(&error).is_busy() && began.elapsed() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            done => return done.map_err(unopened),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_planned_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = open(&folder.path().join("bot.db"), Durability::Full, Duration::ZERO).expect("a file");
        let sql = "SELECT * FROM sessions WHERE expires_at <= ?1 LIMIT ?2";
        let mut statement = connection.prepare(sql).expect("a statement");
        for limit in 0..3 {
            assert_eq!(statement.exists([0, limit]), Ok(false));
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
