//! How the behaviours of archives are listed: [`archive_conformance!`](crate::archive_conformance).

use super::ArchiveSubject;
use crate::conformance::Behaviour;

/// Makes a module with one test for each behaviour that an archive must have.
///
/// Takes what makes a fresh, empty archive: a function or closure that returns a future of an
/// [`ArchiveSubject`](crate::ArchiveSubject). The module is called `archive_conformance`, or what is said before that:
///
/// ```
/// use flow_memory::MemoryArchive;
/// use flow_testkit::{ArchiveSubject, archive_conformance};
///
/// async fn fresh_archive() -> ArchiveSubject {
///     ArchiveSubject::new(MemoryArchive::new())
/// }
///
/// archive_conformance!(fresh_archive);
/// # // A doc-test is not built as a test, so one behaviour is played here by hand.
/// # use flow_testkit::conformance::{archive, play};
/// # play(archive::a_fresh_archive_is_empty, fresh_archive);
/// ```
///
/// The tests bring their own runtime: a crate that uses this needs no other dependency for it.
#[macro_export]
macro_rules! archive_conformance {
    ($fresh:expr) => {
        $crate::archive_conformance!(archive_conformance, $fresh);
    };
    ($module:ident, $fresh:expr) => {
        mod $module {
            #[allow(unused_imports, reason = "what is tested need not be made of anything that stands around it")]
            use super::*;

            $crate::each_archive_behaviour! { test_archive_behaviours { $fresh } }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! test_archive_behaviours {
    ({ $fresh:expr } $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $crate::conformance::play($crate::conformance::archive::$name, $fresh);
            }
        )*
    };
}

// The one list of all behaviours. It is a macro because tests need names, and names cannot be read off a slice.
#[doc(hidden)]
#[macro_export]
macro_rules! each_archive_behaviour {
    ($then:ident { $($given:tt)* }) => {
        $crate::$then! {
            { $($given)* }

            a_fresh_archive_is_empty
            what_was_put_is_found
            an_entry_follows_what_it_expects
            the_same_entry_again_is_done_and_changes_nothing
            an_older_entry_never_lands_on_a_newer_one
            an_entry_on_nothing_is_moved_by_a_kept_session
            an_entry_on_a_stamp_is_moved_where_nothing_is_kept
            the_right_version_with_another_write_id_is_moved
            the_right_write_id_with_another_version_is_moved
            an_entry_that_is_moved_leaves_nothing_behind
            archived_sessions_do_not_see_each_other

            every_archived_body_comes_back_byte_for_byte
            an_archived_body_of_a_mebibyte_comes_back_byte_for_byte
            what_is_known_may_hold_any_text

            verdicts_come_in_the_order_of_the_entries
            an_entry_that_is_not_kept_holds_up_no_other
            an_entry_that_can_never_be_kept_holds_up_no_other
            a_batch_of_nothing_is_answered_with_nothing
            a_batch_of_hundreds_is_kept

            a_step_comes_back_as_it_was_put
            steps_come_in_the_order_of_their_numbers
            steps_are_paged_from_a_number_up_to_a_limit
            a_step_that_is_kept_already_stays_as_it_is
            the_next_step_is_numbered_behind_the_last

            a_checkpoint_comes_back_as_it_was_put
            checkpoints_come_in_the_order_of_their_keys
            a_checkpoint_of_the_same_version_and_another_write_is_another
            a_checkpoint_that_is_kept_already_stays_as_it_is

            a_purge_takes_only_what_is_older
            a_purge_takes_the_oldest_first_up_to_its_limit
            a_purge_goes_by_the_last_turn
            a_purge_takes_steps_and_checkpoints_along
            a_purge_leaves_no_tombstone
            a_purge_takes_old_tombstones_up_to_its_limit

            an_erasure_takes_everything_and_tells_whether_there_was_anything
            a_late_entry_of_an_erased_session_is_erased
            a_conversation_that_began_later_is_kept_after_an_erasure
            an_erasure_that_reaches_less_far_takes_nothing_back
            an_erasure_leaves_the_others_alone
            the_epoch_rises_with_each_erasure_and_with_nothing_else
            a_look_tells_of_a_tombstone
            an_entry_of_an_earlier_epoch_is_erased_whenever_it_began
            an_entry_of_the_epoch_that_an_erasure_began_is_kept_whenever_it_began
            an_entry_of_no_epoch_is_erased_by_the_oldest_that_it_brings
            a_purge_takes_no_epoch_back

            what_was_said_comes_back_as_it_was_put
            what_was_said_comes_in_the_order_of_the_moments
            what_was_said_is_paged_after_a_moment_up_to_a_limit
            what_was_said_and_kept_already_stays_as_it_is
            an_entry_that_is_not_kept_brings_nothing_that_was_said
            a_purge_and_an_erasure_take_what_was_said
            what_was_said_is_forgotten_by_its_flow_and_time_the_oldest_first

            of_two_racing_entries_one_is_done_and_one_is_moved
            an_entry_that_races_itself_is_done_both_times
            batches_that_race_in_opposite_orders_are_both_kept
            an_entry_that_races_an_erasure_leaves_nothing
            a_look_that_races_an_erasure_tells_the_epoch_of_what_it_found
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! list_archive_behaviours {
    ({} $($name:ident)*) => {
        vec![$($crate::conformance::Behaviour::new(stringify!($name), |subject| {
            Box::pin($crate::conformance::archive::$name(subject))
        })),*]
    };
}

/// All behaviours, in reading order.
pub fn all() -> Vec<Behaviour<ArchiveSubject>> {
    crate::each_archive_behaviour! { list_archive_behaviours {} }
}
