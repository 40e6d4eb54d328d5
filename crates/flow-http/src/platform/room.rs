//! How much is held of what is not verified yet: a [`Room`].

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// How much large requests take together, in blocks, until it is known whether they come from the platform.
const LARGE: usize = 64 * 1024;

/// In bytes.
const BLOCK: usize = 1024;

/// What each request may bring in any case: as much as one of a chat. So small requests pass, whoever fills the room.
const SMALL: usize = 32 * 1024;

/// The memory that the requests to one webhook have before they are verified: a platform's request may be large, and anybody may send one
/// over each of thousands of connections. Clones are the same room.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

/// What one request has of it, until this is dropped.
pub(super) struct Place {
    room: Room,
    blocks: usize,
    permit: Option<OwnedSemaphorePermit>,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(LARGE)))
    }

    pub(super) fn place(&self) -> Place {
        Place { room: self.clone(), blocks: 0, permit: None }
    }
}

impl Place {
    /// Makes room for a request of so many bytes.
    ///
    /// Fails if there is none: the platform delivers it again.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let blocks = bytes.saturating_sub(SMALL).div_ceil(BLOCK);
        let full = || Problem::unavailable("too many large requests arrive at once");
        let more = u32::try_from(blocks.saturating_sub(self.blocks)).map_err(|_| full())?;
        if more > 0 {
            let permit = Arc::clone(&self.room.0).try_acquire_many_owned(more).map_err(|_| full())?;
            match &mut self.permit {
                Some(held) => held.merge(permit),
                None => self.permit = Some(permit),
            }
            self.blocks = blocks;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_requests_share_a_room_and_small_ones_need_none() {
        let room = Room::new();
        let mut large = room.place();
        large.grow(SMALL + 1).expect("room");
        large.grow(SMALL + LARGE * BLOCK).expect("room");
        assert!(room.place().grow(SMALL).is_ok());
        assert!(room.place().grow(SMALL + 1).is_err());
        assert!(large.grow(usize::MAX).is_err());
        drop(large);
        assert!(room.place().grow(SMALL + LARGE * BLOCK).is_ok(), "it is given back");
    }
}
