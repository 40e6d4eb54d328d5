//! How a schema is made, and brought forward from release to release.

use flow_core::StoreError;

use crate::{
    SchemaError,
    link::{Connection, value},
    schema::Schema,
};

/// Each brings a schema from the version of its place to the next one.
const MIGRATIONS: [&str; 10] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
    include_str!("schema/10.sql"),
];

const NEWEST: i32 = 10;

/// Why the schema is not ready to be used.
pub(crate) enum Unready {
    Schema(SchemaError),
    Server(StoreError),
}

/// What is found in a database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// There is no schema of this name.
    Nothing,
    /// The schema is ours, or empty.
    Version(i32),
}

/// Makes the schema if it is not there, and brings it to the newest version.
///
/// Fails, leaving it as it was, if it is another application's, or of a newer release, or if this role may not do so.
pub(crate) async fn bring_forward(connection: &mut Connection, schema: &Schema) -> Result<(), Unready> {
    // Where the schema is up to date, this needs neither a lock nor a right to make tables.
    if look_at(connection, schema).await? == Found::Version(NEWEST) {
        return Ok(());
    }
    connection.begin().await?;
    // Another process may be doing the same, and may have done it by the time that the lock is ours.
    let lock = format!("SELECT pg_advisory_xact_lock({LOCK}, hashtext('{}'))", schema.name());
    connection.carry_out(&format!("SET LOCAL statement_timeout TO 0; {lock}")).await?;
    let version = match look_at(connection, schema).await? {
        Found::Version(version) => version,
        Found::Nothing => {
            connection.carry_out(&format!("CREATE SCHEMA {schema}")).await?;
            0
        }
    };
    for (migration, next) in MIGRATIONS.iter().zip(1..).skip_while(|(_, number)| *number <= version) {
        connection.carry_out(migration).await.map_err(|error| denied(error, version))?;
        connection.carry_out(&format!("INSERT INTO migrations (version) VALUES ({next})")).await?;
    }
    Ok(connection.commit().await?)
}

/// Why a schema of this version was not brought forward.
fn denied(error: StoreError, found: i32) -> Unready {
    match error {
        // A schema that is to be made needs another right, which the server's answer tells.
        StoreError::Denied(_) if found > 0 => SchemaError::Older { found, needed: NEWEST }.into(),
        error => error.into(),
    }
}

/// "Flow" in ASCII.
const LOCK: i32 = 0x466c_6f77;

/// What the first migration says of its own table, by which a schema is told to be ours.
const MARK: &str = "flow-postgres";

async fn look_at(connection: &mut Connection, schema: &Schema) -> Result<Found, Unready> {
    let sql = "SELECT (SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = spaces.oid),
            (SELECT pg_catalog.obj_description(tables.oid, 'pg_class') FROM pg_catalog.pg_class tables
             WHERE relnamespace = spaces.oid AND relname = 'migrations')
        FROM pg_catalog.pg_namespace spaces WHERE nspname = $1";
    let rows = connection.read(sql, &[&schema.name()]).await?;
    let Some(row) = rows.first() else { return Ok(Found::Nothing) };
    let (things, mark): (i64, Option<&str>) = (value(row, 0)?, value(row, 1)?);
    match mark {
        Some(MARK) => {}
        _ if things == 0 => return Ok(Found::Version(0)),
        _ => return Err(SchemaError::Foreign.into()),
    }
    let rows = connection.read("SELECT coalesce(max(version), 0) FROM migrations", &[]).await?;
    let found = rows.first().map_or(Ok(0), |row| value(row, 0))?;
    if found > NEWEST {
        return Err(SchemaError::Newer { found, known: NEWEST }.into());
    }
    Ok(Found::Version(found))
}
