//! The URL of a store, from a command line or an environment: it is taken or refused, and never repeated.

#![no_main]

use flow_postgres::PostgresStore;
use flow_redis::RedisStore;
use libfuzzer_sys::fuzz_target;

/// The password of the corpus. Mutations keep it often enough.
const PASSWORD: &str = "hunter2hunter2";

fuzz_target!(|url: &str| {
    // Allowed by its name, so that reading goes on behind the question whether it is encrypted.
    let redis = RedisStore::builder(url).allow_plaintext("redis.example").lazy();
    let postgres = PostgresStore::builder(url).allow_plaintext("db.example").lazy();
    if let Err(error) = &redis {
        is_silent(error);
    }
    if let Err(error) = &postgres {
        is_silent(error);
    }
});

/// Neither the error nor a cause of it repeats the password.
fn is_silent(error: &dyn std::error::Error) {
    let mut told = format!("{error:?}");
    let mut cause = Some(error);
    while let Some(error) = cause {
        told += &error.to_string();
        cause = error.source();
    }
    assert!(!told.contains(PASSWORD), "the password is repeated");
}
