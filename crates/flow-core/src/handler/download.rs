//! Where a file is put while it is fetched: [`Download`].

use std::fmt;

use thiserror::Error;

/// Where a file is put while it is fetched. It never holds more than the engine's limit
/// ([`Limits::media`](crate::Limits::media)), whatever it is given.
///
/// `Debug` tells how much it holds.
pub struct Download {
    pub(super) bytes: Vec<u8>,
    limit: usize,
    pub(super) is_too_large: bool,
}

impl Download {
    /// An empty one that takes so many bytes.
    ///
    /// ```
    /// use flow_core::Download;
    ///
    /// let mut download = Download::within(5);
    /// assert!(download.push(b"abc").is_ok() && download.push(b"def").is_err());
    /// assert_eq!(download.bytes(), b"abc");
    /// ```
    pub fn within(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, is_too_large: false }
    }

    /// Takes note of how large the file says it is, before its first byte.
    ///
    /// Fails if that is beyond the limit.
    pub fn expect(&mut self, size: usize) -> Result<(), TooLarge> {
        self.has_room_for(size)?;
        // What is announced is not always sent.
        self.make_room_for(size.min(A_PIECE));
        Ok(())
    }

    /// Takes the next piece.
    ///
    /// Fails, and takes nothing of it, if the file would be beyond the limit with it. No further piece is taken then.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), TooLarge> {
        let size = self.bytes.len().saturating_add(piece.len());
        self.has_room_for(size)?;
        self.make_room_for(size);
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// What it holds.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes it takes at most.
    pub fn limit(&self) -> usize {
        self.limit
    }

    fn has_room_for(&mut self, size: usize) -> Result<(), TooLarge> {
        self.is_too_large |= size > self.limit;
        if self.is_too_large { Err(TooLarge { limit: self.limit }) } else { Ok(()) }
    }

    /// Makes twice the room that there is, as a vector does by itself, but no more than the limit.
    fn make_room_for(&mut self, size: usize) {
        if size > self.bytes.capacity() {
            let room = size.max(2 * self.bytes.capacity()).min(self.limit);
            self.bytes.reserve_exact(room - self.bytes.len());
        }
    }
}

/// Room for a file is not made on its word alone.
const A_PIECE: usize = 1024 * 1024;

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Download({} of {} bytes)", self.bytes.len(), self.limit)
    }
}

/// A file is larger than the engine takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the file has more than {limit} bytes")]
#[non_exhaustive]
pub struct TooLarge {
    /// The engine's limit, in bytes.
    pub limit: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_room_is_made_beyond_the_limit_and_what_was_too_large_stays_so() {
        let mut download = Download::within(1_000);
        assert_eq!(download.expect(1_000), Ok(()));
        while download.push(&[1; 70]).is_ok() {
            assert!(download.bytes.capacity() <= 1_000);
        }
        assert_eq!((download.bytes().len(), download.bytes.capacity()), (980, 1_000));
        assert_eq!(download.push(&[1]), Err(TooLarge { limit: 1_000 }), "the file is not whole any more");
        assert_eq!(Download::within(7).expect(8), Err(TooLarge { limit: 7 }));
        assert_eq!(Download::within(usize::MAX).expect(usize::MAX), Ok(()), "room is not made on its word alone");
    }
}
