//! A store that lacks one of the rules of an inbox: [`Without`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flow_core::{
    SessionId, Store, StoreError,
    store::{Claim, Commit, Cursor, Due, Letter, Loaded, Page, Post, Posted, Verdict},
};

/// The rule that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    /// A commit sets its own wake time although letters are left.
    LookingAfterWhatIsLeft,
    /// The first letter of an empty inbox is not due when its poster dies.
    TheLeaseOfThePoster,
    /// A commit takes as many letters as it has taken up, whichever they are.
    TakingByName,
    /// A letter that waits is put there again when it is posted again.
    KnowingWhatWaits,
}

/// The store, or the store without a rule.
pub(crate) fn store(store: impl Store + 'static, without: Option<Without>) -> Arc<dyn Store> {
    match without {
        Some(without) => Arc::new(Lacking { store: Box::new(store), without }),
        None => Arc::new(store),
    }
}

/// The message's own half of a name.
fn of_message(mut name: [u8; 16]) -> [u8; 16] {
    name[..8].fill(0);
    name
}

#[derive(Debug)]
struct Lacking {
    store: Box<dyn Store>,
    without: Without,
}

/// Longer than any history.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

#[async_trait]
impl Store for Lacking {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let mut loaded = self.store.load(id, letters).await?;
        // Where letters are posted twice each has a name of its own, in the last half, and the message's in the first.
        for letter in &mut loaded.letters {
            letter.name = of_message(letter.name);
        }
        Ok(loaded)
    }

    async fn commit(&self, mut commit: Commit) -> Result<Verdict, StoreError> {
        let waiting = self.store.load(commit.id, 100).await?.letters;
        let is_taken = |letter: &&Letter| commit.takes.contains(&of_message(letter.name));
        commit.takes = match self.without {
            Without::TakingByName => waiting.iter().take(commit.takes.len()).map(|letter| letter.name).collect(),
            _ => waiting.iter().find(is_taken).map(|letter| letter.name).into_iter().collect(),
        };
        if self.without == Without::LookingAfterWhatIsLeft {
            commit.while_waiting = Some(FOR_EVER);
        }
        self.store.commit(commit).await
    }

    async fn post(&self, mut post: Post) -> Result<Posted, StoreError> {
        if self.without == Without::TheLeaseOfThePoster {
            post.lease = FOR_EVER;
        }
        if self.without == Without::KnowingWhatWaits {
            post.letter.name[..8].copy_from_slice(&fastrand::u64(..).to_be_bytes());
        }
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }
}
