//! What a visitor says, read as every type of answer: what is taken can be stored, and reads back as itself.

#![no_main]

use std::fmt::Debug;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use flow_core::answers::{Answer, Email, Name, Phone};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

fuzz_target!(|said: &str| {
    reads_back::<String>(said);
    reads_back::<bool>(said);
    reads_back::<u8>(said);
    reads_back::<i64>(said);
    reads_back::<i128>(said);
    reads_back_nearly(said);
    reads_back::<NaiveDate>(said);
    reads_back::<NaiveTime>(said);
    reads_back::<NaiveDateTime>(said);
    reads_back::<Option<u32>>(said);
    reads_back::<Name>(said);
    reads_back::<Email>(said);
    reads_back::<Phone>(said);
    masks(Name::parse(said).ok().as_ref().map(Name::as_str), Name::parse(said).ok());
    masks(Email::parse(said).ok().as_ref().map(Email::as_str), Email::parse(said).ok());
    masks(Phone::parse(said).ok().as_ref().map(Phone::as_str), Phone::parse(said).ok());
});

/// A value that was taken and could not be read again would lock the visitor out.
fn reads_back<T: Answer + Serialize + DeserializeOwned + PartialEq + Debug>(said: &str) {
    let Ok(value) = T::parse(said) else { return };
    let written = serde_json::to_string(&value).expect("it is written");
    let again: T = serde_json::from_str(&written).expect("it is read again");
    assert!(again == value, "it reads back as another: {written}");
}

/// A decimal comes back as itself but for its last digits, which serde_json gives up for speed (its `float_roundtrip`).
fn reads_back_nearly(said: &str) {
    let Ok(value) = f64::parse(said) else { return };
    let written = serde_json::to_string(&value).expect("it is written");
    let again: f64 = serde_json::from_str(&written).expect("it is read again");
    assert!((again - value).abs() <= value.abs() * f64::EPSILON, "it reads back as another: {written}");
}

/// What is private is not told by `Debug` as a whole.
fn masks<T: Debug>(text: Option<&str>, value: Option<T>) {
    let (Some(text), Some(value)) = (text, value) else { return };
    // One that is written like its own mask, or the end of it (`***@example.com`, `*@example.com`), tells nothing.
    let is_a_mask = text.contains("***") || text.starts_with('*');
    assert!(text.chars().count() < 4 || is_a_mask || !format!("{value:?}").contains(text), "it is told");
}
