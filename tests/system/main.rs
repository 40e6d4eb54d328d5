//! Whole-system tests: a flow, an engine and a store together.

mod booking;
