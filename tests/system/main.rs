//! Whole-system tests: a flow, an engine and a store together.

mod answers;
mod archiving;
mod attack;
mod attacker;
mod back;
mod catching_up;
mod claims;
mod clocks;
mod courier;
mod crowds;
mod damage;
mod delivering;
mod delivery;
mod deployment;
mod desk;
mod diagram;
mod durability;
mod edges;
mod effects;
mod erasing;
mod examples;
mod expiry;
mod failures;
mod fairness;
mod fragile;
mod going_on;
mod guides;
mod history;
mod isolation;
mod keys;
mod last_turns;
mod lateness;
mod lifetime;
mod listing;
mod log;
mod matrix;
mod meddler;
mod namesakes;
mod observing;
mod offering;
mod offers;
mod opening;
mod operator;
mod order;
mod outage;
mod privacy;
mod processes;
mod programs;
mod promptness;
mod records;
mod records_of_before;
mod releases;
mod reminders;
mod repeats;
mod resuming;
mod said;
mod shelf;
mod signals;
mod signals_to_programs;
mod stage;
mod stalling;
mod tampering;
mod timers;
mod turn;
mod unattended;
mod walk;
mod working;
mod wounds;

// The flow that most of them play is the booking bot's own.
#[path = "../../examples/booking/calendar.rs"]
mod calendar;
#[path = "../../examples/booking/flow.rs"]
mod flow;
#[path = "../../examples/pizza/flow.rs"]
mod pizza;
#[path = "../../examples/booking/salon.rs"]
mod salon;
