//! Each of the conversations, played whole and with its hard part, and the README's table, held to what stands in the files.

// The program is no library: its conversations are read here as they stand.
#[path = "../../flows/mod.rs"]
mod flows;

mod address;
mod counts;
mod login;
mod media;
mod photo_location_bio;
mod purchase;
mod restaurant;
mod survey;
