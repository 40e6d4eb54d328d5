//! How the behaviours of a platform are listed: [`platform_conformance!`](crate::platform_conformance).

use super::Counterpart;
use crate::conformance::Behaviour;

/// Makes a module with one test for each behaviour that a [`Platform`](flow_http::platform::Platform) must have.
///
/// Takes what makes a fresh [`Counterpart`]: a function or closure that returns a future of one. The module is called
/// `platform_conformance`, or what is said before that:
///
/// ```
/// # use flow_testkit::{conformance::platform::Counterpart, platform_conformance};
/// # struct Pigeon;
/// # mod hidden {
/// # use super::Pigeon;
/// # use flow_testkit::conformance::platform::*;
/// # #[async_trait::async_trait]
/// # impl Counterpart for Pigeon {
/// #     type Platform = Bird;
/// #     fn platform(&self) -> Bird { unreachable!() }
/// #     fn secrets(&self) -> Vec<String> { unreachable!() }
/// #     fn sign(&self, _: &mut Delivery, _: Signer, _: chrono::DateTime<chrono::Utc>) {}
/// #     fn place(&self, _: u32) -> String { unreachable!() }
/// #     fn says(&self, _: u32, _: u32, _: &str) -> Delivery { unreachable!() }
/// #     fn samples(&self) -> Vec<Sample> { unreachable!() }
/// #     fn shown(&self, _: &()) -> Result<Shown, String> { unreachable!() }
/// #     async fn meets(&self, _: Trouble) {}
/// #     async fn taken(&self) -> Vec<Taken> { unreachable!() }
/// # }
/// # #[derive(Debug)]
/// # pub struct Bird;
/// # use flow_http::platform::{Arrivals, Forged, Hook, Part, Platform, Screen, Unreadable};
/// # #[async_trait::async_trait]
/// # impl Platform for Bird {
/// #     const SCREEN: Screen = Screen::of_text(100);
/// #     type Wire = ();
/// #     fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> { Ok(()) }
/// #     fn read(&self, _: &Hook<'_>) -> Result<Arrivals, Unreadable> { Ok(Arrivals::none()) }
/// #     fn render(&self, _: &Part<'_>) {}
/// #     async fn send(&self, _: &str, (): &(), _: &str) -> Result<(), flow_core::Fate> { Ok(()) }
/// # }
/// # }
/// async fn fresh() -> Pigeon {
///     Pigeon
/// }
///
/// platform_conformance!(fresh);
/// platform_conformance!(once_more, fresh);
/// # fn main() {}
/// ```
///
/// The tests bring their own runtime: a crate that uses this needs no other dependency for it.
#[macro_export]
macro_rules! platform_conformance {
    ($fresh:expr) => {
        $crate::platform_conformance!(platform_conformance, $fresh);
    };
    ($module:ident, $fresh:expr) => {
        mod $module {
            #[allow(unused_imports, reason = "what is tested need not be made of anything that stands around it")]
            use super::*;

            $crate::each_platform_behaviour! { test_platform_behaviours { $fresh } }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! test_platform_behaviours {
    ({ $fresh:expr } $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $crate::conformance::play($crate::conformance::platform::$name, $fresh);
            }
        )*
    };
}

// The one list of all behaviours. It is a macro because tests need names, and names cannot be read off a slice.
#[doc(hidden)]
#[macro_export]
macro_rules! each_platform_behaviour {
    ($then:ident { $($given:tt)* }) => {
        $crate::$then! {
            { $($given)* }

            what_the_platform_signed_is_its_own
            what_nobody_signed_is_refused
            what_another_secret_signed_is_refused
            the_previous_secret_is_still_known
            a_request_that_was_changed_is_refused
            a_request_that_was_cut_or_went_on_is_refused
            a_signature_that_was_changed_is_refused
            a_signature_that_is_given_twice_is_refused
            an_old_request_is_refused
            a_request_of_the_future_is_refused

            each_kind_of_request_brings_what_it_should
            each_kind_of_request_is_answered_as_it_should_be
            a_kind_that_nobody_knows_brings_nothing
            a_field_that_is_new_changes_nothing
            every_text_comes_as_it_was_written
            what_comes_together_comes_in_order
            what_is_no_request_is_unreadable
            whatever_stands_in_a_request_nothing_panics

            a_message_has_the_same_id_however_often_it_is_delivered
            each_message_has_an_id_of_its_own
            one_visitor_has_one_session
            two_visitors_never_share_a_session
            a_visitor_is_answered_where_they_wrote

            every_reply_fits
            nothing_of_a_reply_is_lost
            the_same_reply_looks_the_same

            what_is_pressed_comes_back_as_it_was_sent

            a_message_is_sent_where_it_belongs_under_its_key
            a_message_is_sent_once
            a_limit_is_waited_for_as_long_as_the_platform_says
            a_visitor_who_blocked_the_bot_is_not_tried_again
            a_platform_that_fails_is_tried_again
            a_key_that_is_not_taken_loses_no_reply
            an_answer_that_was_lost_leaves_a_doubt
            what_is_sent_again_is_sent

            what_is_said_stands_in_no_debug_and_no_log
            what_cannot_be_read_is_not_quoted
            secrets_stand_in_no_debug_and_no_log

            a_visitor_is_answered_once_however_often_they_are_heard
            a_press_a_number_and_a_label_pick_the_same
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! list_platform_behaviours {
    ({} $($name:ident)*) => {
        vec![$($crate::conformance::Behaviour::new(stringify!($name), |counterpart| {
            Box::pin($crate::conformance::platform::$name(counterpart))
        })),*]
    };
}

/// All behaviours, in reading order.
pub fn all<C: Counterpart>() -> Vec<Behaviour<C>> {
    crate::each_platform_behaviour! { list_platform_behaviours {} }
}
