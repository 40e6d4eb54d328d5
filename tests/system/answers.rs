//! Choices by derive: by label, by number, by button, by other words.

use flow_core::{Answer, answers::Answer as _};

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
