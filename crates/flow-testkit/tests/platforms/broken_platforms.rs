//! Each platform with one defect fails exactly where it should.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use flow_testkit::conformance::{Behaviour, platform};

use crate::{
    defect::Defect::{self, *},
    plain_counterpart::PlainCounterpart,
};

/// Which behaviours a platform with this defect alone does not have: these and no others.
const CAUGHT: &[(Defect, &[&str])] = &[
    (
        TakesWhatNobodySigned,
        &[
            "a_signature_that_is_given_twice_is_refused",
            "a_signature_that_was_changed_is_refused",
            "what_nobody_signed_is_refused",
        ],
    ),
    (
        TakesWhatAnybodySigned,
        &[
            "a_request_that_was_changed_is_refused",
            "a_request_that_was_cut_or_went_on_is_refused",
            "a_signature_that_was_changed_is_refused",
            "what_another_secret_signed_is_refused",
        ],
    ),
    (
        RefusesHalfOfAll,
        &[
            "a_press_a_number_and_a_label_pick_the_same",
            "a_request_of_the_future_is_refused",
            "a_visitor_is_answered_once_however_often_they_are_heard",
            "an_old_request_is_refused",
            "each_kind_of_request_brings_what_it_should",
            "each_kind_of_request_is_answered_as_it_should_be",
            "what_the_platform_signed_is_its_own",
        ],
    ),
    (ForgetsThePreviousSecret, &["the_previous_secret_is_still_known"]),
    (
        ChecksTheBeginningOfTheBody,
        &["a_request_that_was_changed_is_refused", "a_request_that_was_cut_or_went_on_is_refused"],
    ),
    (ChecksTheTimeAlone, &["a_request_that_was_changed_is_refused", "a_request_that_was_cut_or_went_on_is_refused"]),
    (ChecksTheBeginningOfTheTag, &["a_signature_that_was_changed_is_refused"]),
    (LeavesTheTimeUnsigned, &["a_signature_that_was_changed_is_refused"]),
    (TakesTheFirstOfTwo, &["a_signature_that_is_given_twice_is_refused"]),
    (PanicsAtStrangeTags, &["a_signature_that_was_changed_is_refused"]),
    (TakesWhatIsOld, &["an_old_request_is_refused"]),
    (TakesWhatIsOfTheFuture, &["a_request_of_the_future_is_refused"]),
    (RefusesWhatIsYoung, &["a_request_of_the_future_is_refused", "an_old_request_is_refused"]),
    (
        RefusesWhatIsNew,
        &[
            "a_field_that_is_new_changes_nothing",
            "a_kind_that_nobody_knows_brings_nothing",
            "a_message_has_the_same_id_however_often_it_is_delivered",
            "each_kind_of_request_brings_what_it_should",
            "each_kind_of_request_is_answered_as_it_should_be",
        ],
    ),
    (TakesWhatIsNewForText, &["a_kind_that_nobody_knows_brings_nothing", "each_kind_of_request_brings_what_it_should"]),
    (RefusesNewFields, &["a_field_that_is_new_changes_nothing"]),
    (TrimsTexts, &["every_text_comes_as_it_was_written"]),
    (DropsEmoji, &["every_text_comes_as_it_was_written"]),
    (TurnsTheOrder, &["each_kind_of_request_brings_what_it_should", "what_comes_together_comes_in_order"]),
    (TakesTheLastOfMany, &["each_kind_of_request_brings_what_it_should", "what_comes_together_comes_in_order"]),
    (
        TakesBrokenForNothing,
        &[
            "each_kind_of_request_brings_what_it_should",
            "each_kind_of_request_is_answered_as_it_should_be",
            "what_is_no_request_is_unreadable",
        ],
    ),
    (PanicsAtOtherTypes, &["what_cannot_be_read_is_not_quoted", "whatever_stands_in_a_request_nothing_panics"]),
    (DropsReceipts, &["each_kind_of_request_brings_what_it_should"]),
    (AnswersOtherWords, &["each_kind_of_request_is_answered_as_it_should_be"]),
    (
        CountsDeliveries,
        &[
            "a_field_that_is_new_changes_nothing",
            "a_message_has_the_same_id_however_often_it_is_delivered",
            "a_visitor_is_answered_once_however_often_they_are_heard",
            "each_kind_of_request_brings_what_it_should",
            "what_comes_together_comes_in_order",
        ],
    ),
    (
        HasOneIdForAll,
        &[
            "a_press_a_number_and_a_label_pick_the_same",
            "a_visitor_is_answered_once_however_often_they_are_heard",
            "each_kind_of_request_brings_what_it_should",
            "each_message_has_an_id_of_its_own",
        ],
    ),
    (
        HasNoIds,
        &[
            "a_visitor_is_answered_once_however_often_they_are_heard",
            "each_kind_of_request_brings_what_it_should",
            "each_message_has_an_id_of_its_own",
        ],
    ),
    (
        HasASessionForEachMessage,
        &[
            "a_press_a_number_and_a_label_pick_the_same",
            "a_visitor_is_answered_once_however_often_they_are_heard",
            "each_kind_of_request_brings_what_it_should",
            "one_visitor_has_one_session",
        ],
    ),
    (
        HasOneSessionForAll,
        &[
            "a_press_a_number_and_a_label_pick_the_same",
            "a_visitor_is_answered_where_they_wrote",
            "each_kind_of_request_brings_what_it_should",
            "two_visitors_never_share_a_session",
        ],
    ),
    (
        AnswersAtOnePlace,
        &[
            "a_press_a_number_and_a_label_pick_the_same",
            "a_visitor_is_answered_where_they_wrote",
            "each_kind_of_request_brings_what_it_should",
        ],
    ),
    (WritesMoreThanFits, &["a_message_is_sent_once", "every_reply_fits", "nothing_of_a_reply_is_lost"]),
    (
        OffersMoreThanFits,
        &[
            "a_press_a_number_and_a_label_pick_the_same",
            "a_visitor_is_answered_once_however_often_they_are_heard",
            "every_reply_fits",
            "nothing_of_a_reply_is_lost",
        ],
    ),
    (CutsTexts, &["nothing_of_a_reply_is_lost"]),
    (CutsLabels, &["nothing_of_a_reply_is_lost"]),
    (DropsLinks, &["nothing_of_a_reply_is_lost"]),
    (DropsChoices, &["a_visitor_is_answered_once_however_often_they_are_heard", "nothing_of_a_reply_is_lost"]),
    (
        RendersAtRandom,
        &["a_message_is_sent_once", "every_reply_fits", "nothing_of_a_reply_is_lost", "the_same_reply_looks_the_same"],
    ),
    (
        SendsNumbersForTokens,
        &["a_press_a_number_and_a_label_pick_the_same", "what_is_pressed_comes_back_as_it_was_sent"],
    ),
    (
        ReadsPressesAsTexts,
        &[
            "a_press_a_number_and_a_label_pick_the_same",
            "each_kind_of_request_brings_what_it_should",
            "what_is_pressed_comes_back_as_it_was_sent",
        ],
    ),
    (
        ReadsTokensInSmallLetters,
        &["a_press_a_number_and_a_label_pick_the_same", "what_is_pressed_comes_back_as_it_was_sent"],
    ),
    (SendsWithoutItsKey, &["a_message_is_sent_once", "a_message_is_sent_where_it_belongs_under_its_key"]),
    (SendsUnderOneKey, &["a_message_is_sent_once", "a_message_is_sent_where_it_belongs_under_its_key"]),
    (
        SendsToOnePlace,
        &["a_message_is_sent_where_it_belongs_under_its_key", "a_press_a_number_and_a_label_pick_the_same"],
    ),
    (
        SendsTwice,
        &[
            "a_key_that_is_not_taken_loses_no_reply",
            "a_limit_is_waited_for_as_long_as_the_platform_says",
            "a_message_is_sent_once",
            "a_message_is_sent_where_it_belongs_under_its_key",
            "a_platform_that_fails_is_tried_again",
            "a_press_a_number_and_a_label_pick_the_same",
            "a_visitor_is_answered_once_however_often_they_are_heard",
            "a_visitor_who_blocked_the_bot_is_not_tried_again",
            "an_answer_that_was_lost_leaves_a_doubt",
        ],
    ),
    (TriesALimitAtOnce, &["a_limit_is_waited_for_as_long_as_the_platform_says"]),
    (GivesUpAtALimit, &["a_limit_is_waited_for_as_long_as_the_platform_says"]),
    (TriesTheBlockedAgain, &["a_visitor_who_blocked_the_bot_is_not_tried_again"]),
    (GivesUpWhenItFails, &["a_platform_that_fails_is_tried_again"]),
    (GivesUpWithoutAKey, &["a_key_that_is_not_taken_loses_no_reply"]),
    (TakesALostAnswerForUnsent, &["an_answer_that_was_lost_leaves_a_doubt"]),
    (TakesALostAnswerForSent, &["an_answer_that_was_lost_leaves_a_doubt"]),
    (SaysThatItIsUnsent, &["an_answer_that_was_lost_leaves_a_doubt"]),
    (GivesUpWhatIsKnown, &["what_is_sent_again_is_sent"]),
    (
        StaysInTrouble,
        &[
            "a_key_that_is_not_taken_loses_no_reply",
            "a_limit_is_waited_for_as_long_as_the_platform_says",
            "a_platform_that_fails_is_tried_again",
            "a_visitor_who_blocked_the_bot_is_not_tried_again",
            "an_answer_that_was_lost_leaves_a_doubt",
            "what_is_sent_again_is_sent",
        ],
    ),
    (ShowsItsSecrets, &["secrets_stand_in_no_debug_and_no_log"]),
    (LogsItsSecrets, &["secrets_stand_in_no_debug_and_no_log"]),
    (LogsWhatIsSaid, &["what_cannot_be_read_is_not_quoted", "what_is_said_stands_in_no_debug_and_no_log"]),
    (LogsPlaces, &["what_is_said_stands_in_no_debug_and_no_log"]),
    (LogsWhatItSends, &["what_is_said_stands_in_no_debug_and_no_log"]),
    (QuotesWhatItCannotRead, &["what_cannot_be_read_is_not_quoted"]),
];

/// The behaviours that a platform with this defect does not have.
fn caught(defect: Defect) -> BTreeSet<&'static str> {
    let fails = |behaviour: &Behaviour<PlainCounterpart>| {
        catch_unwind(AssertUnwindSafe(|| behaviour.play(async || PlainCounterpart::with(defect)))).is_err()
    };
    platform::all().iter().filter(|behaviour| fails(behaviour)).map(Behaviour::name).collect()
}

#[test]
fn each_defect_is_caught_where_it_should_be() {
    // Beside each other: some are waited for until nobody would wait any longer.
    let wrong = |(defect, expected): &(Defect, &[&'static str])| {
        let (came, expected) = (caught(*defect), expected.iter().copied().collect::<BTreeSet<_>>());
        (came != expected).then(|| format!("({defect:?}, &{came:?}),"))
    };
    let all_wrong = |rows: &[(Defect, &[&'static str])]| rows.iter().filter_map(wrong).collect::<Vec<_>>();
    let wrong: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = CAUGHT.chunks(2).map(|rows| scope.spawn(move || all_wrong(rows))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a list")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_behaviour_catches_something() {
    let caught: BTreeSet<_> = CAUGHT.iter().flat_map(|(_, behaviours)| *behaviours).copied().collect();
    let all: BTreeSet<_> = platform::all::<PlainCounterpart>().iter().map(Behaviour::name).collect();
    assert_eq!(caught, all);
}
