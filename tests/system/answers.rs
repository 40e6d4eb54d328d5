//! Choices by derive: by label, by number, by button, by other words.

use std::collections::HashMap;

use flow_core::{Answer, Flow, Step, Turn, answers::Answer as _};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Answer, Clone, Copy, Debug, PartialEq)]
enum Size {
    Small,
    ExtraLarge,
    #[answer("Family", "for all", "xxl")]
    Family,
}

#[test]
fn a_choice_is_taken_by_any_of_its_words() {
    for (said, size) in [
        ("small", Size::Small),
        (" Extra LARGE", Size::ExtraLarge),
        ("2", Size::ExtraLarge),
        ("ExtraLarge", Size::ExtraLarge),
        ("For all", Size::Family),
        ("XXL", Size::Family),
    ] {
        assert_eq!(Size::parse(said), Ok(size), "{said}");
    }
    assert!(["", "0", "4", "large", "small one"].iter().all(|said| Size::parse(said).is_err()));
}

#[test]
fn a_choice_offers_its_labels_and_is_sent_back_as_its_variant() {
    let offered: Vec<_> = Size::choices().into_iter().map(|choice| (choice.label, choice.payload)).collect();
    let expected = [("Small", "Small"), ("Extra large", "ExtraLarge"), ("Family", "Family")];
    assert_eq!(offered, expected.map(|(label, payload)| (label.to_owned(), payload.to_owned())));
}

/// A conversation that keeps what was chosen.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Poll {
    #[state(start, ask = "Again?", choices(Certainly("Of course", "Yes", "ja"), No("No", "nein")), to(Counted))]
    Again,
    #[state(say = "{last}.", endless, to(Again, Counted))]
    Counted { last: AgainChoice, votes: HashMap<AgainChoice, u8>, before: Option<AgainChoice> },
}

use poll::*;

struct Clerk;

impl PollHandler for Clerk {
    async fn again(&self, state: Again, last: AgainChoice, turn: Turn<'_, Again>) -> Step<Again> {
        turn.to(state.counted(last, HashMap::from([(last, 1)]), None))
    }

    async fn counted(&self, state: Counted, turn: Turn<'_, Counted>) -> Step<Counted> {
        turn.to(Counted { before: Some(state.last), ..state })
    }
}

#[tokio::test]
async fn a_choice_is_stored_by_its_name_wherever_it_stands_and_read_by_every_word_it_ever_had() {
    let stage = Stage::with(Poll::engine(Clerk));
    assert_eq!(stage.says_all(&["hi", "JA", "on"]).await.texts(), ["Of course."]);
    let exported = stage.engine.export(stage.id).await.expect("the store").expect("there");
    let data = serde_json::json!({"last": "Certainly", "votes": {"Certainly": 1}, "before": "Certainly"});
    assert_eq!(exported["record"]["data"], data);

    let (last, votes) = (AgainChoice::Certainly, HashMap::from([(AgainChoice::Certainly, 1)]));
    for word in ["Certainly", "Yes", "ja", "Of course", "OF COURSE"] {
        let read: HashMap<AgainChoice, u8> = serde_json::from_str(&format!("{{\"{word}\":1}}")).expect("a word");
        let one: AgainChoice = serde_json::from_value(word.into()).expect("a word");
        assert_eq!((one, &read), (last, &votes), "{word}");
    }
    for other in ["", "1", "Perhaps"] {
        assert!(serde_json::from_value::<AgainChoice>(other.into()).is_err(), "{other}");
    }
}
