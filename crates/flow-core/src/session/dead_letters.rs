//! Dead letters: what could not be delivered, and waits for an operator.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    Key, Session,
    pending::{SetAside, What},
};
use crate::Flow;

impl<F: Flow> Session<F> {
    /// Sets aside what is more than `limit` for any destination, the oldest first, and gives the keys of those.
    pub(crate) fn set_surplus_aside(&mut self, limit: usize, at: DateTime<Utc>) -> Vec<Key> {
        let mut keys = Vec::new();
        for to in self.parts.todo.destinations() {
            while self.parts.todo.pending_for(&to).count() > limit {
                let is_claimed = self.parts.todo.deliveries.get(&to).is_some_and(|delivery| delivery.is_claimed);
                let Some(pending) = self.parts.todo.take_first(&to) else { break };
                keys.push(pending.key(self.parts.id));
                if !is_claimed {
                    // The tries were those of the one that is set aside.
                    self.parts.todo.deliveries.remove(&to);
                }
                let error = "more came for its destination than may be pending".to_owned();
                self.parts.todo.set_aside.push(SetAside::new(pending, at, error));
            }
        }
        keys
    }

    /// Keeps no more than `limit` of the replies that could not be sent, for each channel: the oldest are forgotten. Tells how many.
    pub(crate) fn bound_replies_aside(&mut self, limit: usize) -> usize {
        let before = self.parts.todo.set_aside.len();
        if before <= limit {
            return 0;
        }
        let mut counts = BTreeMap::<_, usize>::new();
        self.parts.todo.set_aside = std::mem::take(&mut self.parts.todo.set_aside)
            .into_iter()
            .rev()
            .filter(|aside| {
                let count = match aside.pending.what {
                    What::Reply { .. } => counts.entry(aside.pending.goes_to()).or_default(),
                    _ => return true,
                };
                *count += 1;
                *count <= limit
            })
            .collect();
        self.parts.todo.set_aside.reverse();
        before - self.parts.todo.set_aside.len()
    }

    /// Has the dead letters delivered again, before anything else that is pending for their destination and not under way;
    /// tells how many.
    pub(crate) fn retry_set_aside(&mut self) -> usize {
        let todo = &mut self.parts.todo;
        // What came in is accepted again instead.
        let (stays, again): (Vec<_>, Vec<_>) =
            todo.set_aside.drain(..).partition(|set_aside| set_aside.pending.what.came_in());
        todo.set_aside = stays;
        let letters: Vec<_> = again.into_iter().map(|set_aside| set_aside.pending).collect();
        let count = letters.len();
        // Each goes in front of those before it, so the last comes first.
        for letter in letters.into_iter().rev() {
            let to = letter.goes_to();
            // A try that is under way comes to its end first, or the two would deliver at once.
            let is_claimed = todo.deliveries.get(&to).is_some_and(|delivery| delivery.is_claimed);
            let mut places = (0..todo.pending.len()).filter(|place| to.takes(&todo.pending[*place].what));
            let place = match (places.next(), is_claimed) {
                (Some(first), true) => first + 1,
                (Some(first), false) => first,
                (None, _) => todo.pending.len(),
            };
            todo.pending.insert(place, letter);
            if !is_claimed {
                todo.deliveries.remove(&to);
            }
        }
        count
    }

    /// Forgets the dead letters, and tells how many.
    pub(crate) fn dismiss_set_aside(&mut self) -> usize {
        let dismissed = std::mem::take(&mut self.parts.todo.set_aside);
        for set_aside in &dismissed {
            self.parts.todo.archiving.keep(&set_aside.pending);
        }
        dismissed.len()
    }
}
