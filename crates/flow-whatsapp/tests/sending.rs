//! What Meta says to a message becomes what is to become of it.

mod support;

use std::time::Duration;

use flow_core::{
    Fate, Reply, Template,
    engine::{Doubt, Found},
};
use flow_http::{
    client::Client,
    platform::{Platform, rendered},
};
use flow_whatsapp::{NumberError, WhatsApp};
use serde_json::json;
use support::{
    NUMBER, TOKEN, VERIFY_TOKEN, fixture,
    graph::{Answer, Graph},
    read, whatsapp,
};

async fn connected() -> (Graph, WhatsApp) {
    let (graph, address) = Graph::start().await;
    let client = Client::new().patience(Duration::from_millis(500));
    (graph, whatsapp().api(address).client(client))
}

async fn sends(whatsapp: &WhatsApp, place: &str) -> Result<(), Fate> {
    let wire = rendered(whatsapp, &Reply::new("Hello!")).remove(0);
    whatsapp.send(place, &wire, "the key").await
}

/// What becomes of a message that is answered so, as its fate's `Debug` has it.
async fn fate_after(answer: Answer) -> String {
    let (graph, whatsapp) = connected().await;
    graph.answers(answer);
    match sends(&whatsapp, "16505551234").await {
        Ok(()) => "taken".to_owned(),
        Err(fate) => format!("{fate:?}"),
    }
}

#[tokio::test]
async fn a_message_goes_to_its_visitor_under_its_key() {
    let (graph, whatsapp) = connected().await;
    assert!(sends(&whatsapp, "16505551234").await.is_ok());
    let asked = graph.asked().remove(0);
    assert_eq!((&*asked.path, asked.authorization), (&*format!("/v25.0/{NUMBER}/messages"), format!("Bearer {TOKEN}")));
    assert_eq!(
        asked.body,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234", "type": "text",
            "text": { "body": "Hello!", "preview_url": true }, "biz_opaque_callback_data": "the key",
        })
    );
}

/// In the field of numbers it would be answered with 200, and reach nobody.
#[tokio::test]
async fn a_visitor_who_is_known_by_an_id_is_written_to_by_it() {
    let (graph, whatsapp) = connected().await;
    for id in ["US.13491208655302741918", "US.ENT.11815799212886844830"] {
        assert!(sends(&whatsapp, id).await.is_ok());
        let message = graph.messages().pop().expect("a message");
        assert_eq!((&message["recipient"], message.get("to")), (&json!(id), None));
    }
}

#[tokio::test]
async fn what_meta_refuses_for_good_is_never_sent() {
    for code in [100, 131_021, 131_026, 131_030, 131_047, 131_053, 132_000, 132_001, 132_015, 132_016] {
        assert_eq!(fate_after(Answer::error(400, code)).await, "Never", "{code}");
    }
}

#[tokio::test]
async fn what_has_to_wait_waits_for_the_visitor_or_for_the_whole_number() {
    // Where no time is named, the line's pace knows how long.
    assert_eq!(fate_after(Answer::error(400, 131_056)).await, "Again { after: 0ns, scope: Chat }");
    assert_eq!(fate_after(Answer::error(429, 130_429)).await, "Again { after: 0ns, scope: Channel }");
    assert_eq!(fate_after(Answer::error(400, 80_007)).await, "Again { after: 60s, scope: Channel }");
    assert_eq!(fate_after(Answer::error(503, 131_016)).await, "Again { after: 0ns, scope: Channel }");
    assert_eq!(
        fate_after(Answer::of(429, "").with_header("retry-after", "34")).await,
        "Again { after: 34s, scope: Channel }"
    );
    // What a person has to mend: nothing is given up meanwhile.
    for (status, code) in
        [(401, 190), (401, 0), (403, 10), (403, 200), (403, 299), (403, 368), (403, 131_031), (400, 133_010)]
    {
        assert_eq!(fate_after(Answer::error(status, code)).await, "Again { after: 60s, scope: Channel }", "{code}");
    }
    let unknown = json!({ "error": { "message": "Unsupported post request.", "code": 100, "error_subcode": 33 } });
    assert_eq!(fate_after(Answer::of(400, unknown)).await, "Again { after: 60s, scope: Channel }");
}

#[tokio::test]
async fn what_meta_may_have_taken_is_in_doubt_and_what_it_has_not_is_tried_again() {
    for answer in [
        Answer::lost(),
        Answer::of(502, "<html>"),
        Answer::of(500, ""),
        Answer::error(500, 131_000),
        Answer::of(200, "<html>"),
        Answer::of(200, json!({ "messages": [] })),
    ] {
        assert_eq!(fate_after(answer).await, "InDoubt");
    }
    assert_eq!(fate_after(Answer::error(400, 131_999)).await, "Failed");
    assert_eq!(fate_after(Answer::of(404, "")).await, "Failed");
    let nobody = whatsapp().api("http://127.0.0.1:1");
    assert_eq!(format!("{:?}", sends(&nobody, "16505551234").await.expect_err("nobody")), "Failed");
    let in_the_clear = whatsapp().api("http://graph.example");
    assert_eq!(format!("{:?}", sends(&in_the_clear, "16505551234").await.expect_err("nobody")), "Failed");
}

#[tokio::test]
async fn a_message_in_doubt_is_found_out_by_the_statuses_that_came_for_it() {
    let (graph, whatsapp) = connected().await;
    graph.answers(Answer::lost());
    assert!(sends(&whatsapp, "16505551234").await.is_err());
    assert_eq!(
        (whatsapp.find_out("16505551234", "the key").await, Platform::in_doubt(&whatsapp)),
        (Found::Unknown, Doubt::SendAgain)
    );
    let _ = read(&whatsapp, &fixture("statuses")).expect("readable");
    assert_eq!(whatsapp.find_out("16505551234", "the key").await, Found::Sent);
    assert_eq!(whatsapp.find_out("16505551234", "another key").await, Found::Unknown);
    let _ = read(&whatsapp, &fixture("failed")).expect("readable");
    assert_eq!(whatsapp.find_out("16505551234", "the key").await, Found::NotSent);
    assert_eq!(Platform::in_doubt(&support::whatsapp().in_doubt(Doubt::SetAside)), Doubt::SetAside);
}

#[tokio::test]
async fn is_typing_is_shown_once_under_the_visitors_last_message() {
    let (graph, whatsapp) = connected().await;
    whatsapp.typing("16505551234").await;
    assert_eq!(graph.asked().len(), 0);
    let _ = read(&whatsapp, &fixture("text")).expect("readable");
    whatsapp.typing("16505551234").await;
    whatsapp.typing("16505551234").await;
    let id = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=";
    let typing = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": id, "typing_indicator": { "type": "text" } });
    assert_eq!(graph.messages(), [typing]);
}

#[tokio::test]
async fn the_gaps_of_a_template_are_filled_on_one_line() {
    let (graph, whatsapp) = connected().await;
    let template = Template::new("parcel_is_here", "en_US").with_parameters(["Ana\n\tSilva", "Main     Street"]);
    let wires =
        rendered(&whatsapp, &Reply::new("Ana, your parcel is here.").with_choices(["Thanks"]).with_template(template));
    assert_eq!(wires.len(), 1);
    whatsapp.send("16505551234", &wires[0], "the key").await.unwrap_or_else(|fate| panic!("{fate:?}"));
    let gaps = json!([{ "type": "text", "text": "Ana Silva" }, { "type": "text", "text": "Main Street" }]);
    assert_eq!(
        graph.messages()[0]["template"],
        json!({ "name": "parcel_is_here", "language": { "code": "en_US" }, "components": [{ "type": "body", "parameters": gaps }] })
    );
}

#[tokio::test]
async fn a_number_is_asked_for_and_its_webhook_is_set() {
    let (graph, whatsapp) = connected().await;
    let webhooks =
        json!({ "application": "https://bot.example/hooks/all", "phone_number": "https://bot.example/hooks/one" });
    graph.answers(Answer::of(200, json!({ "display_phone_number": "+1 555-078-3881", "verified_name": "Salon", "id": NUMBER, "webhook_configuration": webhooks })));
    let number = whatsapp.check().await.expect("a number");
    assert_eq!((&*number.display_phone_number, number.verified_name.as_deref()), ("+1 555-078-3881", Some("Salon")));
    assert_eq!(number.webhook_configuration.address(), Some("https://bot.example/hooks/one"));
    graph.answers(Answer::of(200, json!({ "success": true })));
    assert_eq!(whatsapp.register("https://bot.example/hooks/one").await, Ok(()));
    let asked = graph.asked();
    assert_eq!(
        asked[0].path,
        format!("/v25.0/{NUMBER}?fields=display_phone_number,verified_name,webhook_configuration")
    );
    assert_eq!(
        asked[1].body,
        json!({ "webhook_configuration": { "override_callback_uri": "https://bot.example/hooks/one", "verify_token": VERIFY_TOKEN } })
    );
    graph.answers(Answer::error(401, 190));
    let error = whatsapp.check().await.expect_err("refused");
    assert_eq!(
        error.to_string(),
        "Meta refuses: the token has expired: make a permanent one of a system user (error 190)"
    );
    let unset = WhatsApp::new(NUMBER, TOKEN).expect("well set up");
    assert_eq!(unset.register("https://bot.example").await, Err(NumberError::NoVerifyToken));
}
