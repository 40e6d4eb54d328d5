//! Whole-system tests: a flow, an engine and a store together.

mod answers;
mod back;
mod booking;
mod delivery;
mod diagram;
mod expiry;
mod failures;
mod hello;
mod meddler;
mod opening;
mod operator;
mod outage;
mod privacy;
mod quiz;
mod records;
mod repeats;
mod stage;
mod turn;
mod walk;
