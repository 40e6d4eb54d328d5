//! No message is lost and none comes twice, whatever becomes of the network, the server and the tab.

use std::time::Duration;

use flow_proving::Browser;
use serde_json::json;
use tokio::time::sleep;

use super::{
    server::{ChatServer, Plan},
    visitor::{CHAT, SOON, assert_clean, log, open_chat, say, set_timing, wait_for_log},
};

#[tokio::test]
async fn a_stream_that_was_cut_goes_on_after_the_last_reply() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    for round in 2..6 {
        server.cut_streams();
        server.say(json!({ "text": format!("number {round}") }));
        let wanted = (2..=round).map(|number| format!("number {number}"));
        let wanted: Vec<_> = ["> Hello".to_owned(), "You said: Hello".to_owned()].into_iter().chain(wanted).collect();
        wait_for_log(&page, &wanted.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let resumed: Vec<_> = server.resumed_after().into_iter().flatten().collect();
    assert_eq!(resumed, ["1", "2", "3", "4"]);
    assert_clean(&page);
}

#[tokio::test]
async fn a_reply_that_comes_twice_is_shown_once_and_what_no_longer_waits_is_told() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    // As if the tab had died between showing a reply and keeping its id.
    let forget = "(() => { const key = Object.keys(localStorage).find((key) => key.endsWith(':log')); \
                  const log = JSON.parse(localStorage[key]); delete log.last; localStorage[key] = JSON.stringify(log); })()";
    page.evaluate(forget).await;
    server.miss(3);
    server.cut_streams();
    server.say(json!({ "text": "There" }));
    let missed = "- Messages that are no longer available: 3";
    wait_for_log(&page, &["> Hello", "You said: Hello", missed, "There"]).await;
    assert_eq!(server.resumed_after().last(), Some(&None), "the first reply came again");
    assert_clean(&page);
}

#[tokio::test]
async fn what_was_written_offline_arrives_once_and_in_order() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    page.set_offline(true).await;
    for text in ["one", "two", "three"] {
        say(&page, text).await;
    }
    wait_for_log(&page, &["> Hello", "You said: Hello", "> one", "> two", "> three"]).await;
    let notice = format!("{CHAT}.querySelector('.notice').textContent");
    page.wait_for(&format!("{notice} === 'You are offline. What you write is kept and sent later.'"), SOON).await;
    let state = format!("{CHAT}.querySelector('.entries').lastChild.querySelector('.meta').textContent");
    assert_eq!(page.evaluate(&state).await, "Will be sent once you are online");
    server.say(json!({ "text": "While you were away" }));
    page.set_offline(false).await;
    assert_eq!(server.wait_for_taken(4).await, ["Hello", "one", "two", "three"]);
    page.wait_for(&format!("{CHAT}.querySelectorAll('.entries > *').length === 9"), SOON).await;
    assert_eq!(server.posts().len(), 4, "each came once");
    page.wait_for(&format!("{CHAT}.querySelector('.notice').hidden"), SOON).await;
    page.wait_for(&format!("{CHAT}.querySelectorAll('.waiting').length === 0"), SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn a_message_is_sent_again_with_its_id_until_the_server_has_it() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    server.plan(&[Plan::Fail(503, None), Plan::TakeAndCut, Plan::Page(200), Plan::Page(404), Plan::Fail(502, None)]);
    say(&page, "one").await;
    say(&page, "two").await;
    // Each has its place from when it was sent.
    wait_for_log(&page, &["> one", "You said: one", "> two", "You said: two"]).await;
    assert_eq!(server.taken(), ["one", "two"], "one was taken once, though its first answer was lost");
    let ids: Vec<_> = server.posts().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 7);
    assert!(ids[..6].iter().all(|id| *id == ids[0]) && ids[6] != ids[0], "one at a time, in order: {ids:?}");
    assert_clean(&page);
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    server.plan(&[Plan::Fail(429, Some(3)), Plan::Fail(503, Some(2))]);
    say(&page, "one").await;
    server.wait_until("it was asked for time", |server| !server.posts().is_empty()).await;
    // Neither another message nor a network that is back is a reason to hurry.
    say(&page, "two").await;
    page.evaluate("window.dispatchEvent(new Event('online'))").await;
    server.wait_for_taken(2).await;
    let times: Vec<_> = server.posts().into_iter().map(|(_, time)| time).collect();
    assert!(times[1] - times[0] >= Duration::from_secs(3), "{times:?}");
    assert!(times[2] - times[1] >= Duration::from_secs(2), "{times:?}");
    assert_eq!(server.taken(), ["one", "two"]);
    assert_clean(&page);
}

#[tokio::test]
async fn a_message_that_is_refused_is_told_of_and_holds_nothing_up() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    server.plan(&[Plan::Refuse(413, "too_large"), Plan::Refuse(400, "bad_request")]);
    for text in ["long", "odd", "Hello"] {
        say(&page, text).await;
    }
    assert_eq!(server.wait_for_taken(1).await, ["Hello"]);
    wait_for_log(&page, &["> long", "> odd", "> Hello", "You said: Hello"]).await;
    let told = format!("[...{CHAT}.querySelectorAll('.refused .meta')].map((meta) => meta.textContent)");
    assert_eq!(page.evaluate(&told).await, json!(["Not sent: too long", "Not sent"]));
    page.reload().await;
    page.wait_for(&format!("{CHAT}?.querySelectorAll('.refused').length === 2"), SOON).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(server.posts().len(), 3, "it is not sent again");
    assert_clean(&page);
}

#[tokio::test]
async fn a_tab_that_was_closed_leaves_its_messages_to_the_next_one() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    server.set_away(true);
    for text in ["one", "two"] {
        say(&page, text).await;
    }
    wait_for_log(&page, &["> Hello", "You said: Hello", "> one", "> two"]).await;
    page.wait_for(&format!("{CHAT}.querySelector('.notice').textContent.startsWith('No connection')"), SOON).await;
    page.close().await;
    server.set_away(false);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(server.taken(), ["Hello"], "nobody is there to send it");
    let page = browser.open(&server.chat()).await;
    assert_eq!(server.wait_for_taken(3).await, ["Hello", "one", "two"]);
    page.wait_for(&format!("{CHAT}.querySelectorAll('.entries > *').length === 6"), SOON).await;
    assert_eq!(server.issued(), 1, "it is the same conversation");
    assert_clean(&page);
}

#[tokio::test]
async fn a_token_that_is_not_known_begins_a_conversation_and_loses_nothing() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "choose").await;
    wait_for_log(&page, &["> choose", "Which one?"]).await;
    server.forget_tokens();
    let restarted = "- A new conversation begins here.";
    wait_for_log(&page, &["> choose", "Which one?", restarted]).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.buttons button').disabled")).await, true);
    server.plan(&[Plan::Refuse(401, "unknown_token")]);
    for text in ["one", "two"] {
        say(&page, text).await;
    }
    assert_eq!(server.wait_for_taken(3).await, ["choose", "one", "two"]);
    page.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length === 3"), SOON).await;
    assert_eq!(server.posts().len(), 4);
    assert_eq!(server.issued(), 3);
    assert_eq!(server.seen()[1], None, "the ids of the first conversation mean nothing in the next");
    assert_clean(&page);
}

#[tokio::test]
async fn a_server_that_forgets_every_token_is_not_flooded() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    server.plan(&[Plan::Refuse(401, "unknown_token"); 4]);
    say(&page, "one").await;
    assert_eq!(server.wait_for_taken(1).await, ["one"]);
    let times: Vec<_> = server.posts().into_iter().map(|(_, time)| time).collect();
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let least = [Duration::ZERO, Duration::from_millis(750), Duration::from_millis(1_500), Duration::from_secs(3)];
    assert!(
        pauses.iter().zip(least).all(|(pause, least)| *pause >= least),
        "at once, then later and later: {pauses:?}"
    );
    assert_eq!(pauses.len(), 4);
    assert_clean(&page);
}

#[tokio::test]
async fn where_streams_are_held_back_replies_are_asked_for() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    server.hold_streams_back();
    let page = browser.open(&server.chat()).await;
    set_timing(&page, "{ silence: 500, ask: 100 }").await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    server.say(json!({ "text": "There" }));
    wait_for_log(&page, &["> Hello", "You said: Hello", "There"]).await;
    assert!(server.asked() >= 2);
    assert_eq!(server.resumed_after().len(), 1, "a stream was tried once");
    assert_clean(&page);
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_begun_anew() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    set_timing(&page, "{ silence: 400 }").await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    server.wait_until("it is begun anew", |server| server.resumed_after().len() >= 3).await;
    assert_eq!(server.asked(), 0, "it had brought something: no proxy holds it back");
    assert_eq!(log(&page).await, ["> Hello", "You said: Hello"]);
    assert_clean(&page);
}

#[tokio::test]
async fn what_a_proxy_finds_too_large_holds_nothing_up() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    // It answers with a page of its own, and will do so each time.
    server.plan(&[Plan::Page(413); 3]);
    say(&page, "long").await;
    page.wait_for(&format!("{CHAT}.querySelector('.refused .meta')?.textContent === 'Not sent: too long'"), SOON).await;
    assert_eq!(server.posts().len(), 1);
    assert_clean(&page);
}

#[tokio::test]
async fn a_message_that_something_between_refuses_each_time_holds_the_others_up_for_a_while_only() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    set_timing(&page, "{ firstRetry: 50, lastRetry: 200, barred: 2_000 }").await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    // As a firewall does with words that it takes for an attack. The stream of replies it lets pass.
    server.refuse_words("' OR 1=1");
    say(&page, "' OR 1=1 --").await;
    say(&page, "one").await;
    assert_eq!(server.wait_for_taken(2).await, ["Hello", "one"]);
    wait_for_log(&page, &["> Hello", "You said: Hello", "> ' OR 1=1 --", "> one", "You said: one"]).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.refused .meta').textContent")).await, "Not sent");
    let (first, last) = (server.posts()[1].1, server.posts().last().expect("a message").1);
    assert!(last - first >= Duration::from_secs(2), "it had its time");
    // Where nothing comes through, it may be a network that wants to be paid, and nothing is given up.
    server.cut_streams();
    server.refuse_all(403);
    say(&page, "two").await;
    sleep(Duration::from_secs(4)).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelectorAll('.waiting').length")).await, 1);
    server.refuse_all(0);
    assert_eq!(server.wait_for_taken(3).await, ["Hello", "one", "two"]);
    assert_clean(&page);
}

#[tokio::test]
async fn a_slow_network_is_only_slow() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    // A phone in a cellar: three seconds until an answer comes, ten kilobytes in a second.
    page.set_network(Duration::from_secs(3), 80_000).await;
    page.go_to(&server.chat()).await;
    set_timing(&page, "{ request: 10_000, silence: 10_000 }").await;
    open_chat(&page).await;
    say(&page, "one").await;
    wait_for_log(&page, &["> one", "You said: one"]).await;
    say(&page, "two").await;
    wait_for_log(&page, &["> one", "You said: one", "> two", "You said: two"]).await;
    assert_eq!(server.posts().len(), 2, "each was sent once");
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.notice').hidden")).await, true, "slow is no trouble");
    assert_clean(&page);
}

#[tokio::test]
async fn a_page_in_the_place_of_every_answer_loses_nothing() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    set_timing(&page, "{ firstRetry: 50, lastRetry: 200 }").await;
    open_chat(&page).await;
    for status in [200, 302, 403, 502] {
        server.refuse_all(status);
        let text = format!("status {status}");
        say(&page, &text).await;
        page.wait_for(&format!("!{CHAT}.querySelector('.notice').hidden"), SOON).await;
        server.refuse_all(0);
        page.wait_for(&format!("{CHAT}.querySelector('.entries').textContent.includes('You said: {text}')"), SOON)
            .await;
        page.wait_for(&format!("{CHAT}.querySelector('.notice').hidden"), SOON).await;
        server.cut_streams();
    }
    assert_eq!(server.taken().len(), 4);
    assert_clean(&page);
}

#[tokio::test]
async fn a_visitor_is_told_that_a_message_has_to_wait() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    server.plan(&[Plan::Fail(429, Some(12))]);
    say(&page, "one").await;
    let notice = format!("{CHAT}.querySelector('.notice').textContent");
    page.wait_for(&format!("{notice}.includes('kept and sent later')"), Duration::from_secs(8)).await;
    wait_for_log(&page, &["> Hello", "You said: Hello", "> one", "You said: one"]).await;
    page.wait_for(&format!("{notice} === ''"), SOON).await;
    assert_clean(&page);
}
