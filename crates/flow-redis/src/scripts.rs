//! What the server runs in one step: the [`Script`]s.

use std::sync::LazyLock;

use redis::Script;

/// Compare-and-set of a record, with its wake time.
pub(crate) static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/commit.lua")));

/// Removal of a record, with its wake time.
pub(crate) static REMOVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/remove.lua")));

/// The claim of sessions that are due.
pub(crate) static CLAIM: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/claim.lua")));
