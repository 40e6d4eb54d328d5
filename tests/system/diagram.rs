//! Pictures of a flow, from its constant graph.

use flow_core::Flow;

use crate::{flow::Booking, pizza::Pizza};

#[test]
fn the_booking_as_mermaid() {
    insta::assert_snapshot!(Booking::GRAPH.to_mermaid());
}

#[test]
fn the_booking_as_dot() {
    insta::assert_snapshot!(Booking::GRAPH.to_dot());
}

#[test]
fn the_pizza_as_json() {
    insta::assert_json_snapshot!(Pizza::GRAPH.to_json());
}
