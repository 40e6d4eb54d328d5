//! The replies that wait to be collected: the [`Shelf`] of a session.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::{
    Pending, Session,
    laid::{
        reading::{Read, Reader},
        writing,
    },
    pending::What,
};
use crate::{Bookmark, Flow, Reply, Stamp};

/// A reply that was collected.
///
/// `Debug` shows nothing of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collected {
    /// Which of the session's replies it is. The same one is the same reply, however often it is collected.
    pub bookmark: Bookmark,
    /// What is said.
    pub reply: Reply,
    /// When it was decided.
    pub at: DateTime<Utc>,
}

/// What was collected of a session: see [`Engine::collect`](crate::Engine::collect).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// The replies, in the order in which they were said.
    pub replies: Vec<Collected>,
    /// How many came between these and the bookmark, and no longer wait, because more was said than a shelf holds.
    pub missed: u64,
}

/// How much a shelf holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShelfBound {
    /// No more replies than these.
    pub(crate) replies: usize,
    /// And no more bytes than these.
    pub(crate) bytes: usize,
}

/// What was said to a visitor who comes for it, the oldest first, up to a bound.
///
/// Each is kept as it is written: a turn adds a few at one end and drops a few at the other, and reads none between.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Shelf {
    /// How many are no longer there.
    gone: u64,
    replies: Vec<Box<RawValue>>,
    /// How many of the last were laid there by the write that is being made.
    #[serde(skip)]
    fresh: usize,
    /// The last that this process has taken off.
    #[serde(skip)]
    last_gone: Option<Bookmark>,
}

/// A reply on the shelf, as it is written.
#[derive(Serialize, Deserialize)]
struct Shelved {
    at: DateTime<Utc>,
    #[serde(flatten)]
    of: Named,
    reply: Reply,
}

/// By which write a reply was laid there.
#[derive(Serialize, Deserialize)]
struct Named {
    #[serde(rename = "by")]
    write_id: Uuid,
}

impl Named {
    fn mark(&self) -> u32 {
        self.write_id.as_fields().0
    }
}

impl Shelf {
    pub(super) fn lay(&self, out: &mut Vec<u8>) {
        if self.is_untouched() {
            return;
        }
        writing::number(out, self.gone);
        for raw in &self.replies {
            writing::bytes(out, raw.get().as_bytes());
        }
    }

    pub(super) fn read(mut reader: Reader<'_>) -> Read<Self> {
        let mut shelf = Self::default();
        if !reader.is_done() {
            shelf.gone = reader.number()?;
        }
        while !reader.is_done() {
            shelf.replies.push(reader.json()?);
        }
        Ok(shelf)
    }

    pub(super) fn is_untouched(&self) -> bool {
        self.gone == 0 && self.replies.is_empty()
    }

    /// What the write with the stamp `decided` laid on this shelf, laid on the `stored` one by the write with this `stamp`.
    pub(super) fn put_on(self, mut stored: Self, stamp: Stamp) -> Self {
        let fresh = self.replies.len() - self.fresh.min(self.replies.len());
        for raw in self.replies.into_iter().skip(fresh) {
            if let Some(Shelved { at, reply, .. }) = read(&raw) {
                stored.put(&Shelved { at, of: Named { write_id: stamp.write_id }, reply });
            }
        }
        stored
    }

    fn put(&mut self, shelved: &Shelved) {
        // A reply of a record can be written: it was read, or written in this very turn.
        if let Ok(raw) = to_raw_value(shelved) {
            self.replies.push(raw);
            self.fresh += 1;
        }
    }

    fn bytes(&self) -> usize {
        self.replies.iter().map(|raw| raw.get().len() + 1).sum()
    }

    fn drop_first(&mut self, count: usize) {
        if let Some(last) = count.checked_sub(1) {
            self.last_gone = self.bookmark(last);
        }
        self.replies.drain(..count);
        self.gone += count as u64;
        self.fresh = self.fresh.min(self.replies.len());
    }

    /// Where this bookmark is; none if what it names is not on the shelf.
    fn place_of(&self, bookmark: Bookmark) -> Option<usize> {
        let place = usize::try_from(bookmark.number.checked_sub(self.gone + 1)?).ok()?;
        (self.bookmark(place)? == bookmark).then_some(place)
    }

    fn bookmark(&self, place: usize) -> Option<Bookmark> {
        let named: Named = serde_json::from_str(self.replies.get(place)?.get()).ok()?;
        Some(Bookmark { number: self.gone + place as u64 + 1, mark: named.mark() })
    }

    /// The reply before the one at this place; none if there was none, or if it is not known any more.
    fn before(&self, place: usize) -> Option<Bookmark> {
        match place.checked_sub(1) {
            Some(before) => self.bookmark(before),
            None => self.last_gone.filter(|last| last.number == self.gone),
        }
    }

    fn collected(&self, place: usize) -> Option<Collected> {
        let Shelved { at, of, reply } = read(self.replies.get(place)?)?;
        let bookmark = Bookmark { number: self.gone + place as u64 + 1, mark: of.mark() };
        Some(Collected { bookmark, reply, at })
    }
}

/// How many there are.
impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shelf({} of {})", self.replies.len(), self.gone + self.replies.len() as u64)
    }
}

impl<F: Flow> Session<F> {
    /// Lays what is to be sent by such a channel on the shelf, and keeps no more there than the bound says: the oldest goes first.
    /// Tells how many went so.
    pub(crate) fn lay_out(&mut self, is_collected: impl Fn(&str) -> bool, bound: ShelfBound) -> usize {
        let is_for_shelf =
            |pending: &Pending| matches!(&pending.what, What::Reply { address, .. } if is_collected(address.channel()));
        if !self.parts.todo.pending.iter().any(is_for_shelf) {
            return 0;
        }
        let write_id = self.parts.stamp.write_id;
        let mut waiting = Vec::new();
        self.parts.todo.pending.retain(|pending| {
            let waits = is_for_shelf(pending);
            if waits {
                waiting.push(pending.clone());
            }
            !waits
        });
        self.parts.todo.deliveries.retain(|to, _| to.channel().is_none_or(|channel| !is_collected(channel)));
        for pending in waiting {
            if let What::Reply { reply, .. } = pending.what {
                self.parts.shelf.put(&Shelved { at: pending.at, of: Named { write_id }, reply });
            }
        }
        self.bound_shelf(bound)
    }

    fn bound_shelf(&mut self, bound: ShelfBound) -> usize {
        let laid = &mut self.parts.shelf;
        let before = laid.replies.len();
        laid.drop_first(before.saturating_sub(bound.replies));
        while laid.bytes() > bound.bytes && laid.replies.len() > 1 {
            laid.drop_first(1);
        }
        before - laid.replies.len()
    }

    /// Forgets what the visitor has, up to this bookmark.
    pub(crate) fn was_collected(&mut self, up_to: Bookmark) {
        if let Some(place) = self.parts.shelf.place_of(up_to) {
            self.parts.shelf.drop_first(place + 1);
        }
    }

    /// What waits after this bookmark.
    pub(crate) fn collect(&self, after: Option<Bookmark>) -> Collection {
        let laid = &self.parts.shelf;
        let place = after.and_then(|after| laid.place_of(after));
        // What the bookmark names may be gone from the shelf. Where it names what this record never had, all of it is new.
        let missed = after.filter(|_| place.is_none()).map_or(0, |after| laid.gone.saturating_sub(after.number));
        let first = place.map_or(0, |place| place + 1);
        let replies = (first..laid.replies.len()).filter_map(|place| laid.collected(place)).collect();
        Collection { replies, missed }
    }

    /// What the write that is being made has laid on the shelf, and the reply before that, if it is known.
    pub(crate) fn laid_out(&self) -> (Option<Bookmark>, Vec<Collected>) {
        let len = self.parts.shelf.replies.len();
        let first = len - self.parts.shelf.fresh;
        (self.parts.shelf.before(first), (first..len).filter_map(|place| self.parts.shelf.collected(place)).collect())
    }

    /// Begins another write, which has laid nothing on the shelf.
    pub(super) fn nothing_is_laid_out(&mut self) {
        self.parts.shelf.fresh = 0;
    }

    /// Whether the write that is being made has laid something on the shelf.
    pub(crate) fn has_laid_out(&self) -> bool {
        self.laid_out_count() > 0
    }

    /// How much it has laid there.
    pub(crate) fn laid_out_count(&self) -> usize {
        self.parts.shelf.fresh
    }

    /// How many replies wait to be collected.
    pub fn uncollected(&self) -> usize {
        self.parts.shelf.replies.len()
    }
}

fn read(raw: &RawValue) -> Option<Shelved> {
    serde_json::from_str(raw.get()).ok()
}
