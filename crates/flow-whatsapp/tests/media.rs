//! A file that a visitor sent is there when a handler asks for it, and no larger than it may be.

mod support;

use flow_core::{Download, Fetch, Media, MediaKind};
use serde_json::json;
use support::{
    NUMBER, TOKEN,
    graph::{Answer, Graph},
    whatsapp,
};

const ID: &str = "1003383421387256";

/// What is got of a file of ten bytes, of which Meta tells this size.
async fn fetched(graph: &Graph, address: &str, told: usize, limit: usize) -> Result<Vec<u8>, String> {
    graph.answers(Answer::of(
        200,
        json!({ "url": format!("{address}/file"), "mime_type": "image/jpeg", "file_size": told, "id": ID }),
    ));
    graph.answers(Answer::of(200, "0123456789"));
    let mut download = Download::within(limit);
    let media = whatsapp().api(address).media();
    let fetched = media.fetch(&Media::new(MediaKind::Image, ID), &mut download).await;
    fetched.map(|()| download.bytes().to_vec()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_file_is_got_in_two_steps_with_the_numbers_token() {
    let (graph, address) = Graph::start().await;
    assert_eq!(fetched(&graph, &address, 10, 10).await, Ok(b"0123456789".to_vec()));
    let asked = graph.asked();
    assert_eq!([&*asked[0].path, &*asked[1].path], [&*format!("/v25.0/{ID}?phone_number_id={NUMBER}"), "/file"]);
    assert!(asked.iter().all(|asked| asked.authorization == format!("Bearer {TOKEN}")));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_begun_and_one_that_lies_is_not_taken() {
    let (graph, address) = Graph::start().await;
    assert!(fetched(&graph, &address, 10, 9).await.is_err());
    assert_eq!(graph.asked().len(), 1);
    let (graph, address) = Graph::start().await;
    assert!(fetched(&graph, &address, 1, 9).await.is_err_and(|error| error.contains('9')));
    let (graph, address) = Graph::start().await;
    assert!(fetched(&graph, &address, 1, 5).await.is_err());
    assert_eq!(graph.asked().len(), 2);
}

#[tokio::test]
async fn a_file_that_is_gone_is_told_so_and_a_name_that_is_none_reaches_nobody() {
    let (graph, address) = Graph::start().await;
    let media = whatsapp().api(&address).media();
    let told = async |reference: &str| {
        let mut download = Download::within(10);
        media.fetch(&Media::new(MediaKind::Image, reference), &mut download).await.expect_err("no file").to_string()
    };
    for foreign in ["", "../me", "1?fields=name", "AgACAgIAAx0CZ=="] {
        assert_eq!(told(foreign).await, "the file is named as WhatsApp names none");
    }
    assert_eq!(graph.asked().len(), 0);
    graph.answers(Answer::error(400, 100));
    assert_eq!(told(ID).await, "WhatsApp does not have the file any more, or not for this number");
    graph.answers(Answer::error(401, 190));
    assert_eq!(told(ID).await, "WhatsApp refuses the file, with status 401 and error 190");
    let nobody = whatsapp().api("http://127.0.0.1:1").media();
    let mut download = Download::within(10);
    let error = nobody.fetch(&Media::new(MediaKind::Image, ID), &mut download).await.expect_err("nobody");
    assert_eq!(error.to_string(), "WhatsApp did not answer for the file: nobody listens at its address");
}
