//! What the store in a file does: the suite that every store passes, and what is its own.

mod columns;
mod killing;
mod modes;
mod opening;
mod sharing;
mod suite;
mod sweeping;
mod writes;
