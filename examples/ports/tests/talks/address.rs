//! One flow, run twice for two addresses, which are corrected apart; and the ways out of it.

use flow_testkit::{Chat, Coverage};

use crate::flows::address::{Order, Postal, Shop};

fn chat() -> Chat<Order> {
    Chat::new(|| Order::engine(Shop))
}

fn postal(street: &str, town: &str) -> Postal {
    Postal { street: street.to_owned(), town: town.to_owned() }
}

async fn stored(chat: &Chat<Order>) -> Order {
    chat.session().await.expect("a session").state().clone()
}

async fn standing(chat: &Chat<Order>) -> String {
    chat.session().await.expect("a session").standing()
}

const TO_REVIEW: [&str; 7] = ["hi", "A globe", "1 Main St", "Lisbon", "No", "2 Side St", "Porto"];

#[tokio::test]
async fn two_addresses_are_told_to_one_flow_and_corrected_apart() {
    let mut chat = chat();
    chat.says(TO_REVIEW).await;
    let order = |shipping, billing| Order::Review { item: "A globe".to_owned(), shipping, billing };
    assert_eq!(stored(&chat).await, order(postal("1 Main St", "Lisbon"), postal("2 Side St", "Porto")));
    chat.says(["Bill it elsewhere"]).await;
    assert_eq!(standing(&chat).await, "REVIEW/BILLING/STREET");
    chat.restarts_process().says(["3 High St", "Faro"]).await;
    assert_eq!(stored(&chat).await, order(postal("1 Main St", "Lisbon"), postal("3 High St", "Faro")));
    chat.says(["Send it elsewhere", "4 Low St", "Braga"]).await;
    assert_eq!(stored(&chat).await, order(postal("4 Low St", "Braga"), postal("3 High St", "Faro")));
    chat.says(["Yes"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn one_address_may_do_for_both() {
    let mut chat = chat();
    chat.says(["hi", "A globe", "1 Main St", "Lisbon", "Yes"]).await;
    let home = postal("1 Main St", "Lisbon");
    let item = "A globe".to_owned();
    assert_eq!(stored(&chat).await, Order::Review { item, shipping: home.clone(), billing: home });
}

#[tokio::test]
async fn back_leads_out_of_the_second_address_and_to_the_beginning_of_the_first() {
    let mut chat = chat();
    chat.says(TO_REVIEW[..6].iter().copied()).await;
    let mut stood = Vec::new();
    for _ in 0..4 {
        stood.push(standing(&chat).await);
        chat.says(["back"]).await;
    }
    assert_eq!(stood, ["BILLING/TOWN", "BILLING/STREET", "SAME_BILL", "SHIPPING/STREET"], "{}", chat.transcript());
    assert_eq!(stored(&chat).await, Order::Item);
}

#[tokio::test]
async fn the_first_address_is_kept_while_the_second_is_told_anew() {
    let mut chat = chat();
    chat.says(TO_REVIEW[..6].iter().copied()).await.says(["back", "3 High St", "Faro"]).await;
    let Order::Review { shipping, billing, .. } = stored(&chat).await else { panic!("{}", chat.transcript()) };
    assert_eq!((shipping, billing), (postal("1 Main St", "Lisbon"), postal("3 High St", "Faro")));
}

#[tokio::test]
async fn an_address_that_is_not_told_ends_the_order_and_back_takes_a_correction_back() {
    for said in [2, 3, 5, 6] {
        let mut chat = chat();
        chat.says(TO_REVIEW[..said].iter().copied()).await.says(["no address"]).await;
        assert_eq!(stored(&chat).await, Order::Cancelled, "{}", chat.transcript());
    }
    let mut chat = chat();
    chat.says(TO_REVIEW).await;
    let before = stored(&chat).await;
    chat.says(["Send it elsewhere", "4 Low St", "back", "back"]).await;
    assert_eq!((stored(&chat).await, standing(&chat).await), (before, "REVIEW".to_owned()), "{}", chat.transcript());
    chat.says(["change item", "A map", "cancel"]).await;
    assert_eq!(stored(&chat).await, Order::Cancelled);
}

#[tokio::test]
async fn wherever_the_order_is_it_may_be_left() {
    for asked in 1..=TO_REVIEW.len() {
        let mut chat = chat();
        chat.says(TO_REVIEW[..asked].iter().copied()).await.says(["cancel"]).await;
        assert_eq!(stored(&chat).await, Order::Cancelled, "{}", chat.transcript());
    }
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_tests::<Order>("address::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
    });
}
