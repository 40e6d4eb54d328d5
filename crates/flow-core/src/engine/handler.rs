//! A user's handler with its type forgotten: [`Handler`].

use crate::{
    Flow, Halt, Key, Reply,
    handler::{ask::Asked, opening::Opening},
    wiring::{Asking, BoxFuture, Call, Deciding, Drive},
};

/// What an engine asks of a handler.
pub(super) trait Handler<F: Flow>: Send + Sync {
    fn said<'t>(&'t self, state: F, call: Call<'t, F>) -> Deciding<'t, F>;
    fn signalled<'t>(&'t self, state: F, signal: F::Signal, call: Call<'t, F>) -> Option<Deciding<'t, F>>;
    fn reminded<'t>(&'t self, state: F, name: &str, call: Call<'t, F>) -> Option<Deciding<'t, F>>;
    fn ask<'t>(&'t self, state: F, asked: Asked<'t, F>) -> Asking<'t>;
    fn deliver(&self, effect: F::Effect, key: Key) -> BoxFuture<'_, Result<(), Halt>>;
    fn open<'t>(&'t self, opening: &'t mut Opening<'_, F>) -> BoxFuture<'t, Result<(), Halt>>;
    fn help<'t>(&'t self, state: &'t F) -> BoxFuture<'t, Result<Reply, Halt>>;
}

/// A handler that the flow `F` knows how to drive.
pub(super) struct Driven<H>(pub(super) H);

impl<F: Flow + Drive<H>, H: Send + Sync> Handler<F> for Driven<H> {
    fn said<'t>(&'t self, state: F, call: Call<'t, F>) -> Deciding<'t, F> {
        F::said(&self.0, state, call)
    }

    fn signalled<'t>(&'t self, state: F, signal: F::Signal, call: Call<'t, F>) -> Option<Deciding<'t, F>> {
        F::signalled(&self.0, state, signal, call)
    }

    fn reminded<'t>(&'t self, state: F, name: &str, call: Call<'t, F>) -> Option<Deciding<'t, F>> {
        F::reminded(&self.0, state, name, call)
    }

    fn ask<'t>(&'t self, state: F, asked: Asked<'t, F>) -> Asking<'t> {
        F::ask(&self.0, state, asked)
    }

    fn deliver(&self, effect: F::Effect, key: Key) -> BoxFuture<'_, Result<(), Halt>> {
        F::deliver(&self.0, effect, key)
    }

    fn open<'t>(&'t self, opening: &'t mut Opening<'_, F>) -> BoxFuture<'t, Result<(), Halt>> {
        F::open(&self.0, opening)
    }

    fn help<'t>(&'t self, state: &'t F) -> BoxFuture<'t, Result<Reply, Halt>> {
        F::help(&self.0, state)
    }
}
