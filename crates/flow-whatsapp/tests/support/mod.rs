//! What the tests of this crate share: a number as it is set up, and requests as Meta makes them.

#![allow(dead_code, reason = "each test takes what it needs")]

pub mod graph;

use chrono::Utc;
use flow_http::{
    axum::http::{Method, Request},
    platform::{Arrivals, Forged, Hook, Platform, Unreadable},
};
use flow_whatsapp::WhatsApp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub const NUMBER: &str = "106540352242922";
pub const TOKEN: &str = "EAAJB-the-token";
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const PREVIOUS_SECRET: &str = "fedcba9876543210fedcba9876543210";
pub const VERIFY_TOKEN: &str = "a word & a wörd";

pub fn whatsapp() -> WhatsApp {
    let whatsapp = WhatsApp::new(NUMBER, TOKEN).and_then(|whatsapp| whatsapp.app_secret(APP_SECRET));
    let whatsapp = whatsapp.and_then(|whatsapp| whatsapp.previous_app_secret(PREVIOUS_SECRET));
    whatsapp.and_then(|whatsapp| whatsapp.verify_token(VERIFY_TOKEN)).expect("well set up")
}

/// The header with which Meta signs this body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length").chain_update(body);
    let digits = mac.finalize().into_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]).collect::<Vec<_>>();
    let digits: String = digits.into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    format!("sha256={digits}")
}

/// What Meta delivers, as the file of this name has it.
pub fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn verified(whatsapp: &WhatsApp, request: Request<Vec<u8>>) -> Result<(), Forged> {
    let (parts, body) = request.into_parts();
    whatsapp.verify(&Hook::new(&parts, &body, Utc::now()))
}

pub fn read(whatsapp: &WhatsApp, body: &str) -> Result<Arrivals, Unreadable> {
    let request = Request::builder().method(Method::POST).uri("/hooks/whatsapp").body(()).expect("a request");
    whatsapp.read(&Hook::new(&request.into_parts().0, body.as_bytes(), Utc::now()))
}
