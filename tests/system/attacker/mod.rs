//! An attacker of our own: one attack for each promise that holds when it is attacked, and one of all at once.
//!
//! The deployment is a shop over real stores. The attacker speaks as visitors do, has machines whose clocks are wrong, kills
//! processes and reaches into the bytes of the stores; who was harmed is judged from outside: by what the mailer got, what the
//! visitors heard and what the stores hold.

mod acknowledging;
mod bad_input;
mod bytes;
mod calling_back;
mod clocks;
mod crowding;
mod endless;
mod forging;
mod full_records;
mod ground;
mod lateness;
mod letters;
mod locked_out;
mod one_key;
mod outside;
mod overdue;
mod shop;
mod siege;
mod tampering;
mod together;
mod unattended;
mod visitor;
