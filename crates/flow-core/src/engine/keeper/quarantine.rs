//! What becomes of a stored session that cannot be read: it stays, or goes into quarantine.

use std::time::Duration;

use tracing::debug_span;
use uuid::Uuid;

use super::{Backing, Keeper, Told, known::stays, open};
use crate::{
    Flow, SessionId, Store, Unreadable,
    engine::{
        observer::{Event, Verb},
        policies::Damage,
    },
    store::{Quarantine, Quarantined, Raw, StoreError},
};

impl<F: Flow> Keeper<F> {
    /// What is stored of a session that could not be read, once that is out of the way: nothing, unless another instance has
    /// written meanwhile.
    ///
    /// Fails with what is wrong, and says so in the log, if it stays: because it is no damage, or none is moved here.
    pub(super) async fn after_damage(&self, id: SessionId, unreadable: Unreadable) -> Result<Told, StoreError> {
        let Some((quarantine, keep)) = self.takes(&unreadable) else { return Err(stays(unreadable).into()) };
        let look = debug_span!("look at damage");
        let raw = self.call(Verb::Quarantine, Some(id), quarantine.raw(id), look).await?;
        let mut damage = None;
        // What has been mended, or written anew, since it was told to be damaged is sound, and is not moved.
        if let Some((raw, wrong)) = raw.and_then(|raw| damage_of::<F>(id, &raw).map(|wrong| (raw, wrong))) {
            let put = quarantine.put(id, &raw, Uuid::new_v4(), keep);
            if self.call(Verb::Quarantine, Some(id), put, debug_span!("quarantine")).await? {
                self.observers.happened(Event::Quarantined);
                tracing::error!(
                    session = %id,
                    damage = %wrong,
                    bytes = raw.bytes().len(),
                    "a damaged session was put in quarantine: what it had to deliver, and its timers, are lost"
                );
                damage = Some(wrong);
            }
        }
        let told = self.load(id, Backing::Store).await?;
        Ok(Told { damage, ..told })
    }

    /// Whether a stored session that is wrong in this way is moved out of the way.
    pub(super) fn quarantines(&self, unreadable: &Unreadable) -> bool {
        self.takes(unreadable).is_some()
    }

    /// Everything that is in quarantine of a session.
    pub(in crate::engine) async fn quarantined(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        let Some(quarantine) = self.power() else { return Ok(Vec::new()) };
        let span = debug_span!("list quarantine");
        self.call(Verb::Quarantine, Some(id), quarantine.list(id), span).await
    }

    /// Forgets what is in quarantine of a session, and tells whether there was anything.
    pub(in crate::engine) async fn forget_quarantined(&self, id: SessionId) -> Result<bool, StoreError> {
        let Some(quarantine) = self.power() else { return Ok(false) };
        let span = debug_span!("forget quarantine");
        self.call(Verb::Quarantine, Some(id), quarantine.forget(id), span).await
    }

    /// Says in the log if the engine is to do what its store cannot do.
    pub(in crate::engine) fn notice_missing_powers(&self) {
        if self.settings.damage != Damage::Refuse && self.power().is_none() {
            tracing::error!("the store has no quarantine: damaged sessions stay where they are, and are refused");
        }
    }

    fn takes(&self, unreadable: &Unreadable) -> Option<(&dyn Quarantine, Duration)> {
        match self.settings.damage {
            Damage::Quarantine { keep } if unreadable.is_damage() => Some((self.power()?, keep)),
            _ => None,
        }
    }

    fn power(&self) -> Option<&dyn Quarantine> {
        self.store.quarantine()
    }
}

/// What is broken of what is stored for a session; none if it is sound, or merely unknown here.
pub(in crate::engine) fn damage_of<F: Flow>(id: SessionId, raw: &Raw) -> Option<Unreadable> {
    let read = raw.read().and_then(|record| open::<F>(id, &record).map(drop));
    read.err().filter(Unreadable::is_damage)
}
