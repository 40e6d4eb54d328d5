//! What is logged while something is done: [`heard`].

use std::{
    fmt::{Debug, Write as _},
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tracing::{
    Dispatch, Event, Id, Metadata, Subscriber,
    field::{Field, Visit},
    instrument::WithSubscriber as _,
    span::{Attributes, Record},
};

/// All that is logged while this is done, down to the finest, spans and their fields too.
pub(super) async fn heard(done: impl Future<Output = ()>) -> String {
    // Whether anybody listens to a line of code is remembered for the whole process: once one does for good, all are asked.
    static FOR_GOOD: OnceLock<Dispatch> = OnceLock::new();
    FOR_GOOD.get_or_init(|| Dispatch::new(Ear::default()));
    let ear = Ear::default();
    done.with_subscriber(Dispatch::new(ear.clone())).await;
    std::mem::take(&mut ear.0.lock().unwrap_or_else(PoisonError::into_inner))
}

#[derive(Clone, Default)]
struct Ear(Arc<Mutex<String>>);

impl Ear {
    fn hears(&self, metadata: &Metadata<'_>, fields: impl FnOnce(&mut Line<'_>)) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = write!(heard, "{} {} {}", metadata.level(), metadata.target(), metadata.name());
        fields(&mut Line(&mut heard));
        heard.push('\n');
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.hears(span.metadata(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.record(&mut Line(&mut heard));
        heard.push('\n');
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.hears(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line<'h>(&'h mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
