//! What a bot sends, and by which code it is refused.

use flow_http::client::{Call, Client};
use flow_testkit::stubs::{Attached, Button};
use serde_json::{Value, json};

use super::{ADA, buttons, list, message, open, post, refused, sent, text};

fn row(id: &str, title: &str) -> Value {
    json!({ "id": id, "title": title })
}

#[tokio::test]
async fn a_message_is_taken_and_shown() {
    let (graph, ada) = open().await;
    let mut hello = text("Hello!");
    hello["biz_opaque_callback_data"] = "key-1".into();
    let answer = post(&graph, hello).await.json::<Value>().expect("JSON");
    assert_eq!(answer["contacts"], json!([{ "input": ADA, "wa_id": ADA }]));
    assert!(answer["messages"][0]["id"].as_str().expect("an id").starts_with("wamid."));
    let heard = ada.hears().await;
    assert_eq!((heard.text(), heard.key()), ("Hello!", Some("key-1")));

    sent(&graph, buttons("Sure?", &["Yes", "No"])).await;
    let heard = ada.hears().await;
    assert_eq!((heard.text(), heard.labels()), ("Sure?", vec!["Yes", "No"]));
    let rows: Vec<_> = (0..10).map(|place| row(&format!("r{place}"), &format!("Row {place}"))).collect();
    sent(&graph, list("Which?", "Choose", &rows)).await;
    let heard = ada.hears().await;
    assert!(heard.buttons().count() == 10 && heard.buttons().all(Button::is_row));

    sent(&graph, message("image", json!({ "link": "https://example.com/a.png", "caption": "A" }))).await;
    sent(&graph, message("location", json!({ "latitude": "52.5", "longitude": 13.4, "name": "Here" }))).await;
    sent(&graph, message("contacts", json!([{ "name": { "formatted_name": "Bob" }, "phones": [{ "phone": "+1" }] }])))
        .await;
    let heard = ada.waits_for(6).await;
    let attached: Vec<_> = heard[3..].iter().map(|message| message.attached().cloned().expect("something")).collect();
    let image = Attached::File("image".to_owned(), "https://example.com/a.png".to_owned());
    let place = Attached::Place(52.5, 13.4, Some("Here".to_owned()));
    assert_eq!(attached, [image, place, Attached::Contact("Bob".to_owned(), "+1".to_owned())]);
}

#[tokio::test]
async fn limits_are_those_of_the_documentation_and_refused_beyond() {
    let (graph, ada) = open().await;
    let long = |length: usize| "x".repeat(length);
    // As long as they may be.
    sent(&graph, text(&long(4096))).await;
    sent(&graph, buttons(&long(1024), &[&long(20), &"é".repeat(20), "c"])).await;
    sent(&graph, list(&long(4096), &long(20), &[row(&long(200), &long(24))])).await;
    assert_eq!(ada.waits_for(3).await.len(), 3);

    let eleven: Vec<_> = (0..11).map(|place| row(&format!("r{place}"), "Row")).collect();
    let length = |what: &str, least: usize, most: usize| {
        format!("{what} length invalid. Min length: {least}, Max length: {most}")
    };
    let cases = [
        (buttons("Sure?", &[&long(21)]), length("Button title", 1, 20)),
        (buttons("Sure?", &[""]), length("Button title", 1, 20)),
        (buttons(&long(1025), &["Yes"]), length("Body text", 1, 1024)),
        (
            buttons("Sure?", &["1", "2", "3", "4"]),
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3".to_owned(),
        ),
        (buttons("Sure?", &["Yes", "Yes"]), "Titles of buttons are duplicated".to_owned()),
        (list("Which?", "Choose", &[row("r", &long(25))]), "Row title is too long. Max length is 24".to_owned()),
        (list("Which?", "Choose", &[row(&long(201), "Row")]), length("Row id", 1, 200)),
        (list("Which?", "Choose", &eleven), "Total row count exceed max allowed count: 10".to_owned()),
        (list("Which?", &long(21), &[row("r", "Row")]), length("Button label", 1, 20)),
        (
            list("Which?", "Choose", &[row("r", "Row"), row("r", "Other")]),
            "Ids of buttons or rows are duplicated".to_owned(),
        ),
        (
            message("image", json!({ "link": "https://example.com/a.png", "caption": long(1025) })),
            length("image['caption']", 0, 1024),
        ),
    ];
    for (message, details) in cases {
        assert_eq!(refused(&graph, message).await, (400, 131_009, details));
    }
    for message in
        [text(""), text(&long(4097)), message("image", json!({})), message("pigeon", json!({})), json!({ "to": ADA })]
    {
        assert_eq!(refused(&graph, message.clone()).await.1, 100, "{message}");
    }
    assert_eq!(ada.heard().len(), 3);
}

#[tokio::test]
async fn a_template_is_approved_before_it_is_sent_and_opens_no_window() {
    let (graph, ada) = open().await;
    graph.approves_template("reminder", "en", 1);
    graph.closes_window(ADA);
    let reminder = |name: &str, texts: &[&str]| {
        let parameters: Vec<_> = texts.iter().map(|text| json!({ "type": "text", "text": text })).collect();
        message(
            "template",
            json!({ "name": name, "language": { "code": "en" }, "components": [{ "type": "body", "parameters": parameters }] }),
        )
    };
    sent(&graph, reminder("reminder", &["at noon"])).await;
    let heard = ada.hears().await;
    assert_eq!((heard.text(), heard.attached()), ("at noon", Some(&Attached::Template("reminder".to_owned()))));
    let unknown = refused(&graph, reminder("unknown", &["at noon"])).await;
    assert_eq!((unknown.0, unknown.1), (404, 132_001));
    assert_eq!(refused(&graph, reminder("reminder", &[])).await.1, 132_000);
    graph.pauses_template("reminder", "en");
    assert_eq!(refused(&graph, reminder("reminder", &["at noon"])).await.1, 132_015);
    graph.refuses_at_once(true);
    assert_eq!(refused(&graph, text("Hello?")).await.1, 131_047);
    ada.says("I am here");
    sent(&graph, text("Hello!")).await;
}

#[tokio::test]
async fn who_calls_and_for_which_number_is_checked() {
    let (graph, _) = open().await;
    let client = Client::new();
    let address = format!("{}/v25.0/{}/messages", graph.address(), graph.number_id());
    let answer = client.call(Call::post(&address).bearer("wrong").json(&text("x"))).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.json::<Value>().expect("JSON")["error"]["code"].clone()),
        (401, json!(190))
    );
    let other = address.replace(graph.number_id(), "1");
    let answer = client.call(Call::post(other).bearer(graph.token()).json(&text("x"))).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.json::<Value>().expect("JSON")["error"]["code"].clone()),
        (400, json!(100))
    );
}

#[tokio::test]
async fn too_many_are_refused_by_number_and_by_pair() {
    let (graph, _) = open().await;
    graph.keeps_limits();
    let mut taken = 0;
    let refused_at = loop {
        let answer = post(&graph, text("x")).await;
        if answer.status() != 200 {
            break answer;
        }
        taken += 1;
    };
    let error = refused_at.json::<Value>().expect("JSON")["error"]["code"].clone();
    // One more for each six seconds that it takes.
    assert!(error == 131_056 && refused_at.status() == 400 && (45..60).contains(&taken), "{error} after {taken}");
    graph.keeps_no_limits();
    sent(&graph, text("x")).await;
    graph.faults().answers_429_for(std::time::Duration::from_secs(60));
    let throughput = refused(&graph, text("x")).await;
    assert_eq!((throughput.0, throughput.1), (429, 130_429));
}

#[tokio::test]
async fn a_file_is_fetched_in_two_steps_and_by_the_token_alone() {
    let (graph, ada) = open().await;
    ada.sends_photo(&b"jpeg"[..], "");
    let (kind, id) = {
        let client = Client::new();
        let upload = "--q\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nup\r\n--q--\r\n";
        let address = format!("{}/v25.0/{}/media", graph.address(), graph.number_id());
        let call = Call::post(address).bearer(graph.token()).body("multipart/form-data; boundary=q", upload);
        let id = client.call(call).await.expect("an answer").json::<Value>().expect("JSON")["id"].clone();
        ("image/png", id.as_str().expect("an id").to_owned())
    };
    let client = Client::new();
    let about = client
        .call(Call::get(format!("{}/v25.0/{id}", graph.address())).bearer(graph.token()))
        .await
        .expect("an answer");
    let about: Value = about.json().expect("JSON");
    assert_eq!((&about["mime_type"], &about["file_size"]), (&json!(kind), &json!(2)));
    let url = about["url"].as_str().expect("an address");
    assert_eq!(client.call(Call::get(url)).await.expect("an answer").status(), 401);
    assert_eq!(&**client.call(Call::get(url).bearer(graph.token())).await.expect("an answer").body(), b"up");
    sent(&graph, message("image", json!({ "id": id }))).await;
    assert_eq!(refused(&graph, message("image", json!({ "id": "1" }))).await.1, 100);
}
