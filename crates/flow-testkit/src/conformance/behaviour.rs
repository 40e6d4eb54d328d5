//! How behaviours are listed and played: [`store_conformance!`](crate::store_conformance) and [`Behaviour`].

use std::{fmt, future::Future, pin::Pin, time::Duration};

use super::Subject;

/// Makes a module with one test for each behaviour that a store must have.
///
/// Takes what makes a fresh, empty store: a function or closure that returns a future of a [`Subject`]. The module is
/// called `store_conformance`, or what is said before that:
///
/// ```
/// # use flow_testkit::{Subject, store_conformance};
/// # async fn one_node() -> Subject { unreachable!() }
/// # async fn cluster() -> Subject { unreachable!() }
/// store_conformance!(one_node);
/// store_conformance!(on_a_cluster, cluster);
/// ```
///
/// The tests bring their own runtime: a crate that uses this needs no other dependency for it.
#[macro_export]
macro_rules! store_conformance {
    ($fresh:expr) => {
        $crate::store_conformance!(store_conformance, $fresh);
    };
    ($module:ident, $fresh:expr) => {
        mod $module {
            #[allow(unused_imports, reason = "what is tested need not be made of anything that stands around it")]
            use super::*;

            $crate::each_behaviour! { test_behaviours { $fresh } }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! test_behaviours {
    ({ $fresh:expr } $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $crate::conformance::play($crate::conformance::$name, $fresh);
            }
        )*
    };
}

// The one list of all behaviours. It is a macro because tests need names, and names cannot be read off a slice.
#[doc(hidden)]
#[macro_export]
macro_rules! each_behaviour {
    ($then:ident { $($given:tt)* }) => {
        $crate::$then! {
            { $($given)* }

            a_fresh_store_is_empty
            a_record_loads_as_it_was_written
            creating_twice_conflicts
            a_commit_at_a_stamp_on_an_absent_session_conflicts_with_none
            a_stale_stamp_loses
            the_right_version_with_another_write_id_loses
            the_right_write_id_with_another_version_loses
            a_record_of_before_the_first_edition_is_compared_to_its_last_digit
            a_conflict_hands_back_what_is_there
            a_conflict_writes_nothing
            the_same_commit_again_is_done_and_changes_nothing
            a_repeat_of_a_write_that_was_overwritten_conflicts
            remove_tells_whether_there_was_a_record
            a_removed_session_stays_removed_against_a_stale_writer
            a_removed_session_can_be_created_anew
            sessions_do_not_see_each_other

            every_body_comes_back_byte_for_byte
            a_body_of_a_mebibyte_comes_back_byte_for_byte

            of_fifty_racing_creators_one_wins
            of_fifty_racing_writers_one_wins_each_version
            fifty_writers_who_try_again_lose_no_write
            a_remover_who_races_a_writer_leaves_nothing

            a_record_is_gone_when_its_time_is_over
            an_expired_record_is_not_browsed
            an_expired_record_is_not_due
            an_expired_record_is_not_there_to_remove
            an_expired_session_can_be_created_anew
            a_conflict_with_an_expired_record_hands_back_none
            a_commit_renews_the_time_to_live
            a_conflict_does_not_renew_the_time_to_live
            a_commit_without_a_time_to_live_keeps_the_record
            the_shortest_time_to_live_is_over_at_once
            the_longest_time_to_live_keeps_the_record
            an_expired_wake_time_does_not_wake_the_next_session

            a_load_tells_a_time_that_goes_on
            a_conflict_tells_what_a_load_would
            a_clock_that_is_set_back_does_not_take_time_back
            due_tells_the_time_of_the_store

            a_session_is_due_at_its_time_and_not_before
            what_fell_due_after_the_given_time_is_left
            the_longest_due_comes_first
            no_more_than_the_limit_is_claimed
            a_claimed_session_is_given_to_nobody_else
            racing_claimers_never_share_a_session
            a_claim_comes_back_after_its_lease
            a_new_wake_time_replaces_the_old_one
            a_wake_time_that_stays_is_kept
            a_commit_without_a_wake_time_is_not_due
            a_commit_without_a_wake_time_does_not_come_back_after_the_lease
            a_new_wake_time_ends_the_lease
            the_same_commit_again_does_not_end_the_lease
            a_removed_session_is_not_due
            a_conflict_leaves_the_wake_time_alone

            a_worker_is_given_the_sessions_of_its_own_flow_only
            claims_of_two_flows_do_not_touch
            a_session_is_due_for_the_flow_of_its_last_commit_alone
            the_sessions_of_all_flows_are_browsed
            a_roster_lists_and_counts_the_live_sessions_of_its_flow

            what_expired_while_it_waited_is_counted_once
            what_expired_is_counted_though_it_was_swept
            what_waited_for_nothing_is_not_counted

            a_quiet_browse_sees_each_session_once
            a_busy_browse_misses_no_session_that_stays
            a_removed_session_is_not_browsed
            a_cursor_of_another_store_is_refused_or_gives_a_page

            letters_wait_in_the_order_of_their_posting
            no_more_letters_are_loaded_than_were_asked_for
            every_letter_comes_back_byte_for_byte
            a_letter_that_waits_is_known_when_it_is_posted_again
            a_full_inbox_takes_no_letter
            a_post_leaves_the_record_as_it_is
            a_post_does_not_renew_the_time_to_live
            letters_outlive_the_record_that_expires
            a_removed_session_has_no_letters
            of_fifty_racing_posters_one_is_the_first

            a_commit_takes_its_letters_off
            a_commit_that_takes_none_leaves_them_all
            a_conflict_takes_no_letter
            a_commit_in_line_overtakes_no_letter
            the_same_commit_again_takes_no_letter
            a_letter_that_was_not_taken_up_stays
            no_letter_is_lost_between_posters_and_a_writer
            a_commit_to_a_removed_session_takes_no_letter

            the_first_letter_leaves_the_session_to_its_poster
            a_letter_to_a_live_session_is_due_when_the_lease_has_passed
            letters_without_a_record_are_due
            a_writer_who_goes_on_with_the_letters_renews_its_lease
            a_writer_who_leaves_the_letters_does_not_put_them_off
            a_writer_who_leaves_the_letters_may_be_woken_sooner
            a_claim_leaves_the_letters_to_the_claimer
            a_commit_that_empties_the_inbox_sets_its_own_wake_time

            a_worker_is_alive_for_as_long_as_its_beat_says
            a_later_beat_renews_an_earlier_one
            a_shorter_beat_shortens_no_longer_one
            the_beats_of_two_flows_do_not_touch
            a_beat_may_last_no_time_or_all_time
            a_beat_is_no_session

            a_told_commit_is_heard
            a_commit_that_is_not_told_is_not_heard
            a_commit_that_lost_is_not_heard
            what_was_written_before_is_not_heard
            every_listener_hears
            a_removal_is_heard
            what_another_handle_writes_is_heard
            a_wait_that_is_dropped_loses_no_change
            a_listener_that_falls_behind_is_told_so
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! list_behaviours {
    ({} $($name:ident)*) => {
        vec![$($crate::conformance::Behaviour::new(stringify!($name), |subject| {
            Box::pin($crate::conformance::$name(subject))
        })),*]
    };
}

/// All behaviours, in reading order.
pub fn all() -> Vec<Behaviour> {
    crate::each_behaviour! { list_behaviours {} }
}

/// Something that every store does; or, with an [`ArchiveSubject`](crate::ArchiveSubject), every archive.
pub struct Behaviour<S = Subject> {
    name: &'static str,
    shown: Shown<S>,
}

type Shown<S> = fn(S) -> Pin<Box<dyn Future<Output = ()> + Send>>;

impl<S> Behaviour<S> {
    #[doc(hidden)]
    pub fn new(name: &'static str, shown: Shown<S>) -> Self {
        Self { name, shown }
    }

    /// The behaviour as a sentence; also the name of its function and of its test.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Plays the behaviour through: see [`play`].
    pub fn play<Made: Future<Output = S>>(&self, fresh: impl FnOnce() -> Made) {
        play(self.shown, fresh);
    }
}

impl<S> fmt::Debug for Behaviour<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Plays one behaviour through, with a fresh store or archive, on a runtime of its own.
///
/// Panics if it does not have the behaviour, or needs more than a minute.
pub fn play<S, Made, Shown>(behaviour: impl FnOnce(S) -> Shown, fresh: impl FnOnce() -> Made)
where
    Made: Future<Output = S>,
    Shown: Future<Output = ()>,
{
    // Several threads, or no two writers would ever truly race.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let whole = async { behaviour(fresh().await).await };
        tokio::time::timeout(PATIENCE, whole).await.expect("an answer within a minute");
    });
}

const PATIENCE: Duration = Duration::from_secs(60);
