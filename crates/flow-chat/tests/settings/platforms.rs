//! Channels on platforms are brought up by settings, and say what they need.

use std::time::Duration;

use flow_chat::{
    http::Metrics,
    memory::MemoryStore,
    service::{Settings, Sources},
};
use flow_testkit::stubs::TelegramStub;
use tokio::{net::TcpListener, sync::oneshot};

use crate::running::{Hello, Host};

/// The sources of a bot with a channel of each kind.
fn sources() -> Sources {
    Sources::new()
        .telegram("telegram")
        .whatsapp("whatsapp")
        .slack("slack")
        .webhook("shop")
        .pairs([("store", "memory:")])
}

async fn standings(settings: &Settings) -> String {
    let channels = settings.channels();
    let engine = settings.configure(channels.configure(Hello::engine(Host))).store(MemoryStore::new());
    channels.join(settings.site(engine.clone(), Metrics::new())).expect("the engine sends by them");
    let standings = channels.start(&engine).await;
    let lines: Vec<_> = standings.iter().map(|standing| format!("{} {standing}", standing.is_up())).collect();
    lines.join("\n")
}

#[tokio::test]
async fn each_channel_says_what_it_needs() {
    let nothing = sources().read().expect("nothing is wrong");
    insta::assert_snapshot!("nothing_set", standings(&nothing).await);
    let wrong = sources().pairs([
        ("secret", "a secret of at least sixteen bytes"),
        ("channels.telegram.token", "canary"),
        ("channels.whatsapp.token", "EAAcanary"),
        ("channels.whatsapp.number", "+1 555 0100"),
        ("channels.whatsapp.secret", "canary"),
        ("channels.whatsapp.verify_token", "canary"),
        ("channels.slack.token", "xoxb-canary"),
        ("channels.shop.secret", "canary"),
        ("channels.shop.url", "ftp://canary.example"),
    ]);
    let shown = standings(&wrong.read().expect("nothing is wrong as a setting")).await;
    assert!(!shown.contains("canary"), "{shown}");
    insta::assert_snapshot!("wrongly_set", shown);
}

/// Where it is not reached from outside it asks; where it is, Telegram delivers.
#[tokio::test]
async fn a_bot_of_telegram_answers_either_way() {
    for is_reached in [false, true] {
        let telegram = TelegramStub::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (api, token) = (telegram.address(), telegram.token().to_owned());
        let set = sources().pairs([
            ("secret", "a secret of at least sixteen bytes"),
            ("channels.telegram.token", &token),
            ("channels.telegram.api", &api),
        ]);
        let set = if is_reached { set.pairs([("server.url", &*address)]) } else { set };
        let settings = set.read().expect("nothing is wrong");
        let channels = settings.channels();
        let engine = settings.configure(channels.configure(Hello::engine(Host))).store(MemoryStore::new());
        settings.worker(&engine).start();
        let site = channels.join(settings.site(engine.clone(), Metrics::new())).expect("the engine sends by them");
        let (end, ended) = oneshot::channel::<()>();
        let served = {
            let settings = settings.clone();
            tokio::spawn(async move { settings.serve_at(site, listener, async { drop(ended.await) }).await })
        };
        let standings = channels.start(&engine).await;
        let expected = if is_reached {
            format!("telegram: up, as @stub_bot; Telegram delivers at {address}/hooks/telegram")
        } else {
            "telegram: up, as @stub_bot; Telegram is asked for messages".to_owned()
        };
        assert_eq!(standings[0].to_string(), expected);
        let ada = telegram.visitor(42).called("Ada");
        ada.says("Hello");
        let heard = ada.hears().await;
        assert_eq!(heard.text(), "Hello?");
        drop(end);
        served.await.expect("it ends");
    }
}

#[tokio::test]
async fn a_bot_that_starts_while_telegram_is_away_is_registered_later() {
    let telegram = TelegramStub::start().await;
    telegram.faults().is_away_for(Duration::from_millis(500));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (api, token) = (telegram.address(), telegram.token().to_owned());
    let set = sources().pairs([
        ("secret", "a secret of at least sixteen bytes"),
        ("channels.telegram.token", &token),
        ("channels.telegram.api", &api),
        ("server.url", &address),
    ]);
    let settings = set.read().expect("nothing is wrong");
    let channels = settings.channels();
    let engine = settings.configure(channels.configure(Hello::engine(Host))).store(MemoryStore::new());
    settings.worker(&engine).start();
    let site = channels.join(settings.site(engine.clone(), Metrics::new())).expect("the engine sends by them");
    let served = tokio::spawn(async move { settings.serve_at(site, listener, std::future::pending()).await });
    let standings = channels.start(&engine).await;
    assert!(!standings[0].is_up() && !standings[0].to_string().contains(&token), "{}", standings[0]);
    let ada = telegram.visitor(42);
    ada.says("Hello");
    assert_eq!(ada.hears().await.text(), "Hello?");
    served.abort();
}
