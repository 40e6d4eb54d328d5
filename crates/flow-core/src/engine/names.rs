//! Which flow has which name in this process.

use std::{
    any::{TypeId, type_name},
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::Flow;

/// The first type that an engine was built for, under each name.
static FLOWS: Mutex<Option<HashMap<&str, Known>>> = Mutex::new(None);

#[derive(Clone, Copy)]
struct Known {
    id: TypeId,
    name: &'static str,
    is_told: bool,
}

/// Warns, once for a name, if an engine of this process runs another flow under the name of `F`.
///
/// In one store each of the two would find the other's sessions under ids that both are given, and could not read them.
pub(super) fn notice<F: Flow>() {
    let flow = F::GRAPH.name;
    let mut flows = FLOWS.lock().unwrap_or_else(PoisonError::into_inner);
    let first = Known { id: TypeId::of::<F>(), name: type_name::<F>(), is_told: false };
    let known = flows.get_or_insert_default().entry(flow).or_insert(first);
    if known.id == first.id || known.is_told {
        return;
    }
    known.is_told = true;
    let (one, other) = (known.name, first.name);
    drop(flows);
    tracing::warn!(flow, one, other, "two flows of this process have one name");
}
