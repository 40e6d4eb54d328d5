//! An event stream is read right however it is cut.

use flow_proving::Browser;
use serde_json::json;

use super::server::ChatServer;

/// Feeds the text in two pieces, cut at every place, and in single characters; gives what came of the first way, if all agree.
const CUT_EVERYWHERE: &str = r"
(async (text) => {
    const { EventParser } = await import('/chat/flow-chat.js');
    const read = (pieces) => {
        const parser = new EventParser();
        return JSON.stringify(pieces.flatMap((piece) => parser.feed(piece)));
    };
    const whole = read([text]);
    for (let place = 0; place <= text.length; place += 1) {
        const cut = read([text.slice(0, place), text.slice(place)]);
        if (cut !== whole) return `cut at ${place}: ${cut}`;
    }
    return read([...text]) === whole ? JSON.parse(whole) : 'single characters';
})";

#[tokio::test]
async fn an_event_stream_may_be_cut_anywhere() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    let read = async |text: &str| page.evaluate(&format!("{CUT_EVERYWHERE}({})", json!(text))).await;

    let usual = "event: reply\nid: 7\ndata: {\"text\":\"ä 😀\"}\n\n: a comment\n\nevent: typing\ndata: {}\n\n";
    let events =
        json!([{ "name": "reply", "id": "7", "data": "{\"text\":\"ä 😀\"}" }, { "name": "typing", "data": "{}" }]);
    assert_eq!(read(usual).await, events);
    assert_eq!(read(&usual.replace('\n', "\r\n")).await, events);
    assert_eq!(read(&usual.replace('\n', "\r")).await, events);
    let lines = "data: one\ndata:two\ndata\ndata:  three: 3\nunknown: x\nretry: 5\n\n";
    assert_eq!(read(lines).await, json!([{ "name": "message", "data": "one\ntwo\n\n three: 3" }]));
    assert_eq!(read("event: reply\nid: 1\n\n").await, json!([]), "an event without data is none");
    assert_eq!(read("data: not ended\n").await, json!([]));
}
