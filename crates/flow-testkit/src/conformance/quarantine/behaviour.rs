//! How the behaviours of a quarantine are listed: [`quarantine_conformance!`](crate::quarantine_conformance).

use crate::conformance::Behaviour;

/// Makes a module with one test for each behaviour that a store's [`Quarantine`](flow_core::store::Quarantine) must have.
///
/// Takes what makes a fresh, empty store, as [`store_conformance!`](crate::store_conformance) does. The module is called
/// `quarantine_conformance`, or what is said before that:
///
/// ```
/// use flow_memory::MemoryStore;
/// use flow_testkit::{ManualClock, Subject, quarantine_conformance};
///
/// async fn fresh_store() -> Subject {
///     let clock = ManualClock::new();
///     Subject::on_clock(MemoryStore::builder().clock(clock.clone()).build(), clock)
/// }
///
/// quarantine_conformance!(fresh_store);
/// # // A doc-test is not built as a test, so one behaviour is played here by hand.
/// # use flow_testkit::conformance::{play, quarantine};
/// # play(quarantine::what_is_stored_is_shown_as_it_lies, fresh_store);
/// ```
#[macro_export]
macro_rules! quarantine_conformance {
    ($fresh:expr) => {
        $crate::quarantine_conformance!(quarantine_conformance, $fresh);
    };
    ($module:ident, $fresh:expr) => {
        mod $module {
            #[allow(unused_imports, reason = "what is tested need not be made of anything that stands around it")]
            use super::*;

            $crate::each_quarantine_behaviour! { test_quarantine_behaviours { $fresh } }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! test_quarantine_behaviours {
    ({ $fresh:expr } $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $crate::conformance::play($crate::conformance::quarantine::$name, $fresh);
            }
        )*
    };
}

// The one list of all behaviours. It is a macro because tests need names, and names cannot be read off a slice.
#[doc(hidden)]
#[macro_export]
macro_rules! each_quarantine_behaviour {
    ($then:ident { $($given:tt)* }) => {
        $crate::$then! {
            { $($given)* }

            what_is_stored_is_shown_as_it_lies
            what_has_expired_is_neither_shown_nor_moved

            what_is_put_in_quarantine_is_gone_from_its_session
            what_has_changed_since_it_was_judged_is_not_moved
            the_same_call_again_tells_the_same_and_moves_nothing_more
            of_fifty_racing_movers_one_moves
            a_writer_that_races_a_mover_is_never_moved

            what_is_in_quarantine_lives_as_long_as_was_said
            the_longest_life_in_quarantine_has_no_end
            what_is_in_quarantine_is_listed_in_the_order_of_its_coming
            a_session_that_begins_anew_leaves_its_quarantine_alone
            what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! list_quarantine_behaviours {
    ({} $($name:ident)*) => {
        vec![$($crate::conformance::Behaviour::new(stringify!($name), |subject| {
            Box::pin($crate::conformance::quarantine::$name(subject))
        })),*]
    };
}

/// All behaviours, in reading order.
pub fn all() -> Vec<Behaviour> {
    crate::each_quarantine_behaviour! { list_quarantine_behaviours {} }
}
