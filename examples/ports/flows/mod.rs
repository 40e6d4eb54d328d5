//! The seven conversations, a file each.

pub mod address;
pub mod login;
pub mod media;
pub mod photo_location_bio;
pub mod purchase;
pub mod restaurant;
pub mod survey;
