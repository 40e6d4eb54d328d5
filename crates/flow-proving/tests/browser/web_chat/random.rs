//! Everything at once, in an order that a seed gives.

use std::{
    env,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flow_proving::{Browser, Page};
use tokio::time::sleep;

use super::{
    server::{ChatServer, Plan},
    visitor::{CHAT, SOON, assert_clean, log, open_chat, say, set_timing},
};

/// What has happened before is run again by `FLOW_SEED`, which a failure names.
#[tokio::test]
async fn every_message_is_handled_once_and_every_reply_shown_once_whatever_happens() {
    let seed = env::var("FLOW_SEED").map_or_else(|_| fresh_seed(), |seed| seed.parse().expect("a number"));
    println!("FLOW_SEED={seed}");
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let mut dice = Dice(seed | 1);
    let mut tabs = vec![tab(&browser, &server).await, tab(&browser, &server).await];
    let mut said = Vec::new();
    for number in 0..20 {
        misfortune(&mut dice, &server, &browser, &mut tabs).await;
        let text = format!("message {number}");
        say(&tabs[dice.below(2)], &text).await;
        said.push(text);
        sleep(Duration::from_millis(10) * u32::try_from(dice.below(30)).expect("a few")).await;
    }
    server.set_away(false);
    server.refuse_all(0);
    for tab in &tabs {
        tab.set_offline(false).await;
    }
    assert_eq!(server.wait_for_taken(said.len()).await, said, "each once, in order");
    let replies: Vec<_> = said.iter().map(|text| format!("You said: {text}")).collect();
    for tab in &tabs {
        tab.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length >= {}", replies.len()), SOON).await;
        tab.wait_for(&format!("{CHAT}.querySelectorAll('.waiting').length === 0"), SOON).await;
        let lines = log(tab).await;
        let of = |mine: bool| lines.iter().filter(|line| line.starts_with("> ") == mine).cloned().collect::<Vec<_>>();
        assert_eq!(of(false), replies);
        assert_eq!(of(true), said.iter().map(|text| format!("> {text}")).collect::<Vec<_>>());
        assert_clean(tab);
    }
    assert_eq!(server.issued(), 1);
}

async fn tab(browser: &Browser, server: &ChatServer) -> Page {
    let page = browser.open(&server.chat()).await;
    be_ready(&page).await;
    page
}

async fn be_ready(page: &Page) {
    open_chat(page).await;
    // Otherwise the test would mostly wait.
    set_timing(page, "{ firstRetry: 100, lastRetry: 1000, sign: 500, lease: 1000, silence: 2000, barred: 1000 }").await;
}

async fn misfortune(dice: &mut Dice, server: &ChatServer, browser: &Browser, tabs: &mut Vec<Page>) {
    let which = dice.below(2);
    match dice.below(15) {
        0 => server.plan(&[Plan::Fail(503, None)]),
        1 => server.plan(&[Plan::TakeAndCut]),
        2 => server.plan(&[Plan::TakeAndCut, Plan::Page(502)]),
        3 => server.cut_streams(),
        4 => server.set_away(true),
        5 => {
            server.set_away(false);
            server.refuse_all(0);
        }
        6 => tabs[which].set_offline(true).await,
        7 => {
            for tab in tabs {
                tab.set_offline(false).await;
            }
        }
        // A tab whose page cannot be loaded is none that anything is said in.
        8 if !server.is_away() => {
            tabs[which].set_offline(false).await;
            tabs[which].reload().await;
            be_ready(&tabs[which]).await;
        }
        9 if !server.is_away() => {
            tabs.remove(which).close().await;
            tabs.push(tab(browser, server).await);
        }
        10 => tabs[which].set_hidden(dice.below(2) == 0).await,
        // A network that wants to be paid, or a firewall that has got up on the wrong side.
        11 => server.refuse_all(403),
        12 => server.lose_streams(),
        13 => {
            tabs[which].evaluate("document.querySelector('main').append(document.querySelector('flow-chat'))").await;
        }
        14 => {
            let years = format!("Date.now = () => new Date().getTime() + {} * 1e9; true", dice.below(1_000));
            tabs[which].evaluate(&years).await;
        }
        _ => {}
    }
}

fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
    u64::try_from(now.as_nanos() % 1_000_000_000_000).expect("a number below")
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        // Xorshift, whose numbers are the same on every machine.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}
