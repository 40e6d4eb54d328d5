//! What the server runs in one step: the [`Script`]s.

use std::sync::LazyLock;

use redis::Script;

/// Compare-and-set of a record, with its letters and its wake time.
pub(crate) static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/commit.lua")));

/// The same where the session is in no other index and no letters wait, as nearly all commits are.
pub(crate) static COMMIT_OVER: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("scripts/commit_over.lua")));

/// [`COMMIT`], told to those who listen. A script of its own, so that a commit that is not told sends not a byte more.
pub(crate) static COMMIT_AND_TELL: LazyLock<Script> = LazyLock::new(|| {
    let (commit, tell) = (include_str!("scripts/commit.lua"), include_str!("scripts/tell.lua"));
    Script::new(&format!("local function commit()\n{commit}end\n{tell}"))
});

/// A letter at the end of an inbox, and who looks after it.
pub(crate) static POST: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/post.lua")));

/// A write that changes nothing, behind all that came before.
pub(crate) static CONFIRM: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/confirm.lua")));

/// Removal of a record, with its inbox and its wake time, told to those who listen.
pub(crate) static REMOVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/remove.lua")));

/// The move of a damaged record out of its session's way.
pub(crate) static QUARANTINE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/quarantine.lua")));

/// What was moved there of a session.
pub(crate) static QUARANTINED: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("scripts/quarantined.lua")));

/// The end of what was moved there.
pub(crate) static FORGET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/forget.lua")));

/// The move of sessions out of the wake index of older releases.
pub(crate) static ADOPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/adopt.lua")));

/// A worker's sign of life.
pub(crate) static BEAT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/beat.lua")));

/// The claim of sessions that are due, which is a lease on them.
pub(crate) static CLAIM: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/claim.lua")));
