//! A flow of another shape, played: the example's pizza, with its loop, its branch and its shared order.

use flow_testkit::Chat;

use crate::{
    pizza::{Pizza, Pizzeria, Size, Wish},
    stage::Stage,
};

#[tokio::test]
async fn a_pizza_is_built_in_a_loop_and_picked_up() {
    let mut chat = Chat::new(|| Pizza::engine(Pizzeria));
    chat.says(["hi", "huge", "XL", "3", "olives", "Funghi", "olives", "enough"]).await;
    chat.says(["I'll come", "no", "enough", "2", "yes"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_pizza_is_brought_to_a_street_that_only_the_visitor_hears_of() {
    let mut chat = Chat::new(|| Pizza::engine(Pizzeria));
    chat.says(["hi", "small", "enough", "Bring it", "back", "Bring it", "Canary Row 7", "yep"]).await;
    insta::assert_snapshot!(chat.transcript());
    let session = chat.session().await.expect("there");
    let shown = format!("{session:?} {}", session.masked().expect("a view"));
    assert!(!shown.contains("Canary Row") && session.revealed().expect("a view").to_string().contains("Canary Row"));
}

#[tokio::test]
async fn what_is_shared_goes_along_and_a_new_conversation_begins_without_it() {
    let stage = Stage::with(Pizza::engine(Pizzeria));
    stage.says_all(&["hi", "Large", "olives"]).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.shared().size, session.shared().toppings.clone()), (Some(Size::Large), vec![Wish::Olives]));
    stage.says_all(&["forget it", "hi"]).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.shared().size, session.history().len()), (None, 5));
}

#[tokio::test]
async fn what_a_rejected_answer_or_a_failed_turn_changed_is_not_stored() {
    let stage = Stage::with(Pizza::engine(Pizzeria));
    stage.says_all(&["hi", "Large", "olives", "no such topping"]).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.shared().toppings, [Wish::Olives]);
}
