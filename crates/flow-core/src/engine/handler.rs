//! A user's handler with its type forgotten: [`Handler`].

use crate::{
    Flow, Halt,
    handler::opening::Opening,
    wiring::{Asking, BoxFuture, Call, Deciding, Drive},
};

/// What an engine asks of a handler.
pub(super) trait Handler<F: Flow>: Send + Sync {
    fn decide<'t>(&'t self, state: F, call: Call<'t, F>) -> Deciding<'t, F>;
    fn ask<'t>(&'t self, state: &'t F) -> Asking<'t>;
    fn open<'t>(&'t self, opening: &'t mut Opening<'_, F>) -> BoxFuture<'t, Result<(), Halt>>;
    fn help<'t>(&'t self, state: &'t F) -> Asking<'t>;
}

/// A handler that the flow `F` knows how to drive.
pub(super) struct Driven<H>(pub(super) H);

impl<F: Drive<H>, H: Send + Sync> Handler<F> for Driven<H> {
    fn decide<'t>(&'t self, state: F, call: Call<'t, F>) -> Deciding<'t, F> {
        F::decide(&self.0, state, call)
    }

    fn ask<'t>(&'t self, state: &'t F) -> Asking<'t> {
        F::ask(&self.0, state)
    }

    fn open<'t>(&'t self, opening: &'t mut Opening<'_, F>) -> BoxFuture<'t, Result<(), Halt>> {
        F::open(&self.0, opening)
    }

    fn help<'t>(&'t self, state: &'t F) -> Asking<'t> {
        F::help(&self.0, state)
    }
}
