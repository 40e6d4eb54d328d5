//! How numbers, texts and times are laid into bytes.
//!
//! A number is in groups of seven bits, the lowest first, in as few bytes as it takes. A signed one turns its sign into its lowest
//! bit. A text says its length before itself, and a time how many microseconds it lies behind another.

use chrono::{DateTime, Utc};

pub(in crate::session) fn number(out: &mut Vec<u8>, mut number: u64) {
    // Most are small; a copy of a slice whose length is not known costs more than the pushes.
    while number >= 0x80 {
        out.push(low_byte(number) | 0x80);
        number >>= 7;
    }
    out.push(low_byte(number));
}

pub(in crate::session) fn size(out: &mut Vec<u8>, size: usize) {
    number(out, size as u64);
}

pub(in crate::session) fn signed(out: &mut Vec<u8>, value: i64) {
    number(out, (value << 1 ^ value >> 63).cast_unsigned());
}

pub(in crate::session) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    size(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// A time, with the nanoseconds that it has beyond whole microseconds.
pub(in crate::session) fn time(out: &mut Vec<u8>, time: DateTime<Utc>, base: DateTime<Utc>) {
    signed(out, time.timestamp_micros().wrapping_sub(base.timestamp_micros()));
    number(out, nanos(time).into());
}

/// Whether there is one, and it.
pub(in crate::session) fn option<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    out.push(value.is_some().into());
    if let Some(value) = value {
        write(out, value);
    }
}

/// How many nanoseconds a time has beyond whole microseconds.
pub(in crate::session) fn nanos(time: DateTime<Utc>) -> u32 {
    time.timestamp_subsec_nanos() % 1_000
}

/// What `write` writes, with its length before it in three bytes.
pub(in crate::session) fn long<E>(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let begin = out.len();
    out.extend([0; LENGTH]);
    write(out)?;
    let length = (out.len() - begin - LENGTH) as u64;
    let [.., a, b, c] = length.to_be_bytes();
    out[begin..begin + LENGTH].copy_from_slice(&[a, b, c]);
    Ok(())
}

/// In how many bytes a length stands that is not known before what it is of.
pub(in crate::session) const LENGTH: usize = 3;

#[allow(clippy::cast_possible_truncation, reason = "the lowest byte is what is asked for")]
fn low_byte(number: u64) -> u8 {
    number as u8
}

/// A number, in a place of its own.
pub(in crate::session) fn short(place: &mut [u8; 10], mut number: u64) -> &[u8] {
    let mut length = 0;
    while number >= 0x80 {
        place[length] = low_byte(number) | 0x80;
        number >>= 7;
        length += 1;
    }
    place[length] = low_byte(number);
    &place[..=length]
}

/// In how many bytes a length is told.
pub(in crate::session) fn width(length: usize) -> usize {
    let bits = usize::BITS - length.leading_zeros();
    bits.div_ceil(7).max(1) as usize
}
