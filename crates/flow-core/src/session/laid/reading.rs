//! The same, read back: [`Reader`].

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::writing::LENGTH;
use crate::Unreadable;

/// What is still to be read of some bytes. Nothing is taken on trust: what does not stand there is [`Broken`].
#[derive(Clone, Copy)]
pub(in crate::session) struct Reader<'r>(pub(in crate::session) &'r [u8]);

/// The bytes are not as they would have been written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) struct Broken;

impl From<Broken> for Unreadable {
    fn from(_: Broken) -> Self {
        Self::Corrupt { what: "a body that is not as one is written", line: 0, column: 0 }
    }
}

pub(in crate::session) type Read<T> = Result<T, Broken>;

impl<'r> Reader<'r> {
    pub(in crate::session) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails if something is left.
    pub(in crate::session) fn ends(&self) -> Read<()> {
        if self.is_done() { Ok(()) } else { Err(Broken) }
    }

    pub(in crate::session) fn byte(&mut self) -> Read<u8> {
        let (byte, rest) = self.0.split_first().ok_or(Broken)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(in crate::session) fn array<const LENGTH: usize>(&mut self) -> Read<[u8; LENGTH]> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Broken)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(in crate::session) fn take(&mut self, length: usize) -> Read<&'r [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Broken)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Only the shortest spelling is taken, so that what is read and written again has the same bytes.
    pub(in crate::session) fn number(&mut self) -> Read<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Broken);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return if byte == 0 && shift > 0 { Err(Broken) } else { Ok(number) };
            }
            shift += 7;
            if shift > 63 {
                return Err(Broken);
            }
        }
    }

    pub(in crate::session) fn size(&mut self) -> Read<usize> {
        usize::try_from(self.number()?).map_err(|_| Broken)
    }

    pub(in crate::session) fn small(&mut self) -> Read<u32> {
        u32::try_from(self.number()?).map_err(|_| Broken)
    }

    pub(in crate::session) fn signed(&mut self) -> Read<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(in crate::session) fn bytes(&mut self) -> Read<&'r [u8]> {
        let length = self.size()?;
        self.take(length)
    }

    pub(in crate::session) fn text(&mut self) -> Read<&'r str> {
        str::from_utf8(self.bytes()?).map_err(|_| Broken)
    }

    /// JSON that is kept as it is.
    pub(in crate::session) fn json(&mut self) -> Read<Box<RawValue>> {
        serde_json::from_slice(self.bytes()?).map_err(|_| Broken)
    }

    pub(in crate::session) fn long(&mut self) -> Read<&'r [u8]> {
        let [a, b, c]: [u8; LENGTH] = self.array()?;
        self.take(usize::try_from(u32::from_be_bytes([0, a, b, c])).map_err(|_| Broken)?)
    }

    pub(in crate::session) fn uuid(&mut self) -> Read<Uuid> {
        self.array().map(Uuid::from_bytes)
    }

    pub(in crate::session) fn time(&mut self, base: DateTime<Utc>) -> Read<DateTime<Utc>> {
        let behind = self.signed()?;
        let nanos = self.small()?;
        time_at(base.timestamp_micros().wrapping_add(behind), nanos)
    }

    /// A place in a list of names, one more than it is, or 0 for none.
    pub(in crate::session) fn place(&mut self) -> Read<Option<usize>> {
        Ok(self.size()?.checked_sub(1))
    }

    pub(in crate::session) fn flag(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Broken),
        }
    }

    pub(in crate::session) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    /// A list of as many as are told before it.
    pub(in crate::session) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.size()?;
        // Each takes a byte at least: what says that there are more is not believed.
        let mut list = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            list.push(read(self)?);
        }
        Ok(list)
    }
}

/// The time so many microseconds and nanoseconds after 1970.
pub(in crate::session) fn time_at(micros: i64, nanos: u32) -> Read<DateTime<Utc>> {
    let time = DateTime::from_timestamp_micros(micros).ok_or(Broken)?;
    match nanos {
        0 => Ok(time),
        1..1_000 => time.checked_add_signed(TimeDelta::nanoseconds(nanos.into())).ok_or(Broken),
        _ => Err(Broken),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::writing, *};

    #[test]
    fn a_number_reads_back_and_has_one_spelling() {
        for value in [0, 1, 0x7f, 0x80, 300, u64::from(u32::MAX), u64::MAX >> 1, u64::MAX] {
            let mut bytes = Vec::new();
            writing::number(&mut bytes, value);
            let mut reader = Reader(&bytes);
            assert_eq!((reader.number(), reader.is_done()), (Ok(value), true));
        }
        let mut eleven = vec![0xff; 9];
        eleven.push(2);
        for broken in [&[0x80, 0][..], &[0xff], &[], &eleven, &[0xff; 12]] {
            assert_eq!(Reader(broken).number(), Err(Broken), "{broken:?}");
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            let mut bytes = Vec::new();
            writing::signed(&mut bytes, value);
            assert_eq!(Reader(&bytes).signed(), Ok(value));
        }
    }

    #[test]
    fn any_time_reads_back_behind_any_other() {
        let odd = DateTime::from_timestamp(1_800_000_000, 123_456_789).expect("a time");
        let times = [DateTime::UNIX_EPOCH, odd, DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
        for (time, base) in times.iter().flat_map(|time| times.iter().map(move |base| (*time, *base))) {
            let mut bytes = Vec::new();
            writing::time(&mut bytes, time, base);
            assert_eq!(Reader(&bytes).time(base), Ok(time), "{time} behind {base}");
        }
    }
}
