//! One process of a chat: its engine, and what that tells of its work.

use std::{
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use flow_core::{Engine, EngineBuilder, Flow, Key, Reply, SessionId, Store, Transition, Wire};

use super::in_step::InStep;
use crate::ManualClock;

/// What engines told since it was last looked at, and of which session.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Vec<(SessionId, Note)>>>);

/// Something that an engine told.
pub(super) enum Note {
    Stepped(Transition),
    Delivered(String),
    Announced(Vec<Reply>),
}

impl Notes {
    /// Everything that was told, of each session in its order; afterwards nothing is.
    pub(super) fn take(&self) -> Vec<(SessionId, Note)> {
        std::mem::take(&mut *self.lock())
    }

    fn push(&self, id: SessionId, note: Note) {
        self.lock().push((id, note));
    }

    fn delivered(&self, what: &str, key: Key) {
        let place = format!("{what} {}/{}", key.stamp.version, key.index);
        self.push(key.session, Note::Delivered(place));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(SessionId, Note)>> {
        // A panic under this lock cannot leave half a note, so a poisoned lock is used all the same.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The engine of one process; beside the user's own hooks it writes down what is delivered.
pub(super) fn engine<F: Flow>(
    builder: EngineBuilder<F>,
    store: &Arc<dyn Store>,
    clock: &ManualClock,
    notes: &Notes,
) -> Engine<F> {
    let [steps, checkpoints, expiries, effects, announcements] = [(); 5].map(|()| notes.clone());
    let taken = || ready(Ok::<(), String>(()));
    builder
        .on_transition(move |id, step| steps.push(id, Note::Stepped(step.clone())))
        .on_checkpoint(move |checkpoint| {
            checkpoints.delivered(&format!("checkpoint {}", checkpoint.state.name()), checkpoint.key);
            taken()
        })
        .on_expired(move |expired| {
            expiries.delivered(&format!("expiry {}", expired.state.name()), expired.key);
            taken()
        })
        .on_effect(move |effect| {
            effects.delivered(&format!("effect {}", effect.effect.name()), effect.key);
            taken()
        })
        .on_announcement(move |announcement| {
            announcements.push(announcement.key.session, Note::Announced(announcement.replies));
            taken()
        })
        .clock(clock.clone())
        .store(InStep(Arc::clone(store)))
}
