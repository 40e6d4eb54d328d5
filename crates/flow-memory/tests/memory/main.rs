//! What the store in memory does: the suite that every store passes, and what is its own.

mod bounds;
mod model;
mod suite;
mod sweeping;
mod traffic;
mod writes;
