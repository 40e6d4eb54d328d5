//! What an error of Meta means for a message, by its code ("Error codes").

use std::time::Duration;

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// This message can never be sent, for this reason.
    Never(&'static str),
    /// Too much was sent to this visitor.
    Pair,
    /// Nothing of the number can be sent for so long; zero if that is not known.
    Busy(Duration),
    /// Nothing of the number can be sent until a person has mended this.
    Barred(&'static str),
    /// Another try may pass.
    Again,
}

/// What the error of this code means.
pub(crate) fn meaning(code: i64) -> Meaning {
    let words = |table: &[(i64, &'static str)]| table.iter().find(|(of, _)| *of == code).map(|(_, words)| *words);
    if let Some(reason) = words(NEVER) {
        return Meaning::Never(reason);
    }
    if let Some(reason) = words(BARRED) {
        return Meaning::Barred(reason);
    }
    match code {
        131_056 => Meaning::Pair,
        // Calls of the app and of the account, which are counted by the hour, and maintenance.
        4 | 80_007 | 131_057 => Meaning::Busy(Duration::from_secs(60)),
        // Faster than the number may send, or it is Meta that is overloaded or down.
        2 | 130_429 | 131_016 | 133_004 => Meaning::Busy(Duration::ZERO),
        // Too many visitors blocked the number, or called it spam.
        131_048 => Meaning::Busy(Duration::from_secs(15 * 60)),
        200..=299 => Meaning::Barred("the token lacks a permission: it needs whatsapp_business_messaging"),
        _ => Meaning::Again,
    }
}

/// Why a message that Meta had taken failed, in our words: Meta's may hold the visitor's number.
pub(crate) fn reason(code: i64) -> String {
    let words = match meaning(code) {
        Meaning::Never(words) | Meaning::Barred(words) => words,
        Meaning::Pair => "too many messages were sent to this visitor in a short time",
        Meaning::Busy(_) => "WhatsApp took no more messages of this number for a while",
        Meaning::Again => "WhatsApp could not deliver it",
    };
    format!("{words} (error {code})")
}

const NEVER: &[(i64, &str)] = &[
    (100, "WhatsApp takes no message of this form, or the recipient has no WhatsApp"),
    (130_472, "WhatsApp keeps this message from this visitor, as part of an experiment"),
    (130_497, "the business may not write to visitors of this country"),
    (131_008, "WhatsApp misses a part of the message"),
    (131_009, "WhatsApp takes no message of this form"),
    (131_021, "the message would go to the number that sends it"),
    (131_026, "WhatsApp cannot deliver to this visitor, who is not on WhatsApp or has an old version of it"),
    (131_030, "the recipient is none of those to whom a test number may write"),
    (131_042, "the account's way of paying is missing or failed"),
    (131_047, "the visitor has not written for 24 hours, and WhatsApp takes only a template then"),
    (131_049, "WhatsApp keeps this message from a visitor who gets many of its kind"),
    (131_050, "the visitor wants no marketing messages from this business"),
    (131_051, "WhatsApp knows no message of this type"),
    (131_052, "WhatsApp could not fetch the file"),
    (131_053, "WhatsApp does not take the file: its type, its size, or where it comes from"),
    (131_062, "WhatsApp sends such a message to phone numbers alone"),
    (132_000, "the template has another number of gaps than were filled"),
    (132_001, "there is no approved template of this name in this language"),
    (132_005, "the template is too long with what was put into its gaps"),
    (132_007, "the template breaks a policy of WhatsApp"),
    (132_012, "a gap of the template takes something else than was put into it"),
    (132_015, "the template is paused, because visitors did not like it"),
    (132_016, "the template was paused too often and is disabled for good"),
    (132_018, "what was put into the template's gaps is not taken"),
    (132_068, "the template leads to a form that is blocked"),
    (132_069, "the template leads to a form that is throttled"),
    (135_000, "WhatsApp takes no message of this form, and does not say why"),
];

const BARRED: &[(i64, &str)] = &[
    (0, "the token is not valid, or has expired: make a permanent one of a system user"),
    (3, "the token lacks a permission: it needs whatsapp_business_messaging"),
    (10, "the token lacks a permission: it needs whatsapp_business_messaging"),
    (33, "the number is not there any more"),
    (190, "the token has expired: make a permanent one of a system user"),
    (368, "the account is restricted, because it broke a policy of WhatsApp"),
    (131_005, "the token lacks a permission: it needs whatsapp_business_messaging"),
    (131_031, "the account is restricted or locked"),
    (131_037, "the number's display name is not approved yet"),
    (131_045, "the number is not registered rightly"),
    (133_010, "the number is not registered with the Cloud API"),
];

/// What a call by a token for a number that it does not know is told: code 100, with this subcode.
pub(crate) const NO_SUCH_OBJECT: i64 = 33;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_in_one_table_and_in_order() {
        for table in [NEVER, BARRED] {
            assert!(table.is_sorted_by(|(one, _), (next, _)| one < next));
        }
        assert!(NEVER.iter().all(|(code, _)| !BARRED.iter().any(|(barred, _)| barred == code)));
    }

    #[test]
    fn a_reason_says_what_to_do_and_an_unknown_code_is_tried_again() {
        assert_eq!(
            reason(131_047),
            "the visitor has not written for 24 hours, and WhatsApp takes only a template then (error 131047)"
        );
        assert_eq!((meaning(200), meaning(299)), (meaning(250), meaning(250)));
        assert_eq!((meaning(131_999), meaning(-1)), (Meaning::Again, Meaning::Again));
    }
}
