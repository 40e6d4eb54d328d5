//! What the author of a broken platform reads.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flow_testkit::conformance::platform;

use crate::{
    defect::Defect::{self, *},
    plain_counterpart::PlainCounterpart,
};

/// The words in which the behaviour fails.
fn words(defect: Defect, name: &str) -> String {
    let behaviour = platform::all().into_iter().find(|behaviour| behaviour.name() == name).expect("a behaviour");
    let play = || behaviour.play(async || PlainCounterpart::with(defect));
    let panic = catch_unwind(AssertUnwindSafe(play)).expect_err("it is broken");
    *panic.downcast::<String>().expect("words")
}

#[test]
fn a_platform_that_breaks_a_promise_is_told_which_and_how() {
    let broken = [
        (ChecksTheBeginningOfTheBody, "a_request_that_was_changed_is_refused"),
        (CountsDeliveries, "a_message_has_the_same_id_however_often_it_is_delivered"),
        (WritesMoreThanFits, "every_reply_fits"),
        (TriesALimitAtOnce, "a_limit_is_waited_for_as_long_as_the_platform_says"),
    ];
    let words = broken.map(|(defect, name)| words(defect, name));
    insta::assert_snapshot!(words.join("\n\n"), @r#"
    a promise is broken
      what was done:     byte 16 of a signed text was changed
      what is promised:  `verify` refuses what the platform has not signed, byte for byte, or not now
      what had to come:  Err(Unsigned), Err(Wrong) or Err(Late)
      what came instead: Ok(())

    a promise is broken
      what was done:     a request was delivered twice: a text
      what is promised:  a message has one id, however often it is delivered
      what had to come:  [Some("0")]
      what came instead: [Some("1")]

    a promise is broken
      what was done:     a reply was rendered: a text of 256 characters, "hello e\u{301} \\n naïve _it_ &amp; 👍🏽 e\u{301} @here `code` Donaudampfschifffahrtsgesellschaft \\n Donaudampfschifffahrtsgesellschaft @here e\u{301} مرحبا `code` `code` e\u{301} [a](http://b.example) a _it_ שלום $1 12:30 e\u{301} 🙂"; 0 choices, with labels and the length of what comes back: []; the link Some("https://shop.example/orders/50639?a=b&c=%20#d"); the attachment None
      what is promised:  each message of a reply is one that the platform takes
      what had to come:  Ok(…)
      what came instead: "a text of 214 characters is too long"

    a promise is broken
      what was done:     a message was sent, and met Busy(1s)
      what is promised:  what was too much is sent again when the platform says so
      what had to come:  Again { after: 1s, .. }, or a little more
      what came instead: "Again { after: 0ns, scope: Chat }"
    "#);
}
