//! What a bot does, in numbers, for Prometheus and whoever reads its text: [`Metrics`].
//!
//! Each room counts one thing and tells it: `turns`, `calls`, `deliveries`, `channels`, `letters`, `batches`, `events`, `server`, `paces`;
//! `moment` is what is asked for when all is told.

mod batches;
mod calls;
mod channels;
mod deliveries;
mod events;
mod histogram;
mod letters;
mod moment;
mod paces;
mod server;
mod text;
mod turns;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::{
    Observer,
    engine::{BatchEnded, CallEnded, DeliveryEnded, Event, LaidOut, LetterTried, Operated, TurnEnded},
};

pub(crate) use moment::Moment;
use text::Text;

use crate::{limits::Limit, platform::Waits};

/// Counts what engines and sites do, and tells it as Prometheus reads it. Clones count together.
///
/// What a series is told apart by is the name of a flow, a kind, a channel that the engine was built with, a route or a status: never an
/// id, and nothing that a visitor could choose. So there are a few hundred series at most, whoever says whatever.
///
/// ```
/// use flow_core::{EngineBuilder, Flow};
/// use flow_http::Metrics;
///
/// fn counted<F: Flow>(builder: EngineBuilder<F>, metrics: &Metrics) -> EngineBuilder<F> {
///     builder.observer(metrics.clone())
/// }
/// # let metrics = Metrics::new();
/// # assert!(metrics.text().contains("# TYPE flow_turns_total counter"));
/// ```
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<Figures>>);

type Name = &'static str;

#[derive(Clone, Default)]
struct Figures {
    turns: turns::Turns,
    calls: calls::Calls,
    deliveries: deliveries::Deliveries,
    channels: channels::Channels,
    letters: letters::Letters,
    batches: batches::Batches,
    events: events::Events,
    server: server::Server,
    paces: paces::Paces,
}

impl Metrics {
    /// Nothing is counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// All of it, in Prometheus' text format.
    pub fn text(&self) -> String {
        self.text_of(None)
    }

    /// The same, with what a site has at this moment.
    pub(crate) fn text_at(&self, moment: &Moment) -> String {
        self.text_of(Some(moment))
    }

    /// Tells a zero of what this flow has not had yet: a first time is seen only where there was a zero before it.
    pub(crate) fn expect(&self, flow: Name) {
        let mut figures = self.figures();
        figures.turns.expect(flow);
        figures.deliveries.expect(flow);
        figures.letters.expect(flow);
        figures.batches.expect(flow);
    }

    /// Counts a request that was answered.
    pub(crate) fn answered(&self, route: &str, status: u16, took: Duration) {
        self.figures().server.hear(route, status, took);
    }

    fn text_of(&self, moment: Option<&Moment>) -> String {
        // A copy, so that no turn waits until all of it is written.
        let figures = self.figures().clone();
        let mut text = Text::default();
        figures.turns.tell(&mut text);
        figures.calls.tell(&mut text);
        figures.deliveries.tell(&mut text);
        figures.channels.tell(&mut text);
        figures.letters.tell(&mut text);
        figures.batches.tell(&mut text);
        figures.events.tell(&mut text);
        figures.server.tell(&mut text);
        figures.paces.tell(&mut text);
        if let Some(moment) = moment {
            moment.tell(&mut text);
        }
        text.written()
    }

    /// Counts a request of a platform.
    pub(crate) fn delivered(&self, channel: &str, result: Name) {
        self.figures().server.hear_webhook(channel, result);
    }

    /// Counts a receipt of what a platform was sent.
    pub(crate) fn received(&self, channel: &str, became: Name) {
        self.figures().server.hear_receipt(channel, became);
    }

    /// Tells what waits for the pace of this channel.
    pub(crate) fn watch_pace(&self, channel: &str, waits: &Arc<Waits>) {
        self.figures().paces.watch(channel, waits);
    }

    /// Counts a limit that was met.
    pub(crate) fn limit_met(&self, limit: Limit) {
        self.figures().server.hear_limit(limit);
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Metrics {
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        let mut figures = self.figures();
        figures.turns.hear(turn);
        figures.channels.hear_turn(turn);
    }

    fn call_ended(&self, call: &CallEnded<'_>) {
        self.figures().calls.hear(call);
    }

    fn operated(&self, _: &Operated<'_>) {
        self.figures().events.hear_operated();
    }

    fn delivery_ended(&self, delivery: &DeliveryEnded<'_>) {
        let mut figures = self.figures();
        figures.deliveries.hear(delivery);
        figures.channels.hear_delivery(delivery);
    }

    fn laid_out(&self, laid: &LaidOut<'_>) {
        self.figures().channels.hear_laid_out(laid);
    }

    fn letter_tried(&self, letter: &LetterTried) {
        self.figures().letters.hear(letter);
    }

    fn batch_ended(&self, batch: &BatchEnded<'_>) {
        self.figures().batches.hear(batch);
    }

    fn happened(&self, event: Event) {
        self.figures().events.hear(event);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
