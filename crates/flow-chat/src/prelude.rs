//! What the file of a bot needs: `use flow_chat::prelude::*`.
//!
//! Few and common names, because the states of a flow are names of the same file. A state of the same name as one of
//! these is written with its module, `talk::Reply`, or imported by name.

pub use crate::{
    Answer, Ask, Engine, Flow, Input, Offer, Outcome, RemindExt, Reply, SessionId, Speak, Step, StepExt, Turn,
    answers::Answer as _,
};

#[cfg(feature = "memory")]
pub use flow_memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use flow_postgres::{PostgresArchive, PostgresStore};
#[cfg(feature = "redis")]
pub use flow_redis::RedisStore;
#[cfg(feature = "sqlite")]
pub use flow_sqlite::SqliteStore;
