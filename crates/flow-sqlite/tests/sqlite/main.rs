//! What the store in a file does: the suite that every store passes, and what is its own.

mod archive;
mod changes;
mod columns;
#[cfg(target_os = "linux")]
mod full;
mod in_turns;
mod killing;
mod modes;
mod opening;
mod process;
mod racing;
mod sharing;
mod statistics;
mod suite;
mod sweeping;
mod writes;
