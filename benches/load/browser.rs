//! What one visitor waits for, in a real browser: from when a message is said until its reply stands in the page. [`ask`].

use std::time::Duration;

use flow_proving::Browser;
use tokio::time::timeout;

use crate::{
    figures::Times,
    place::Place,
    server::{Says, Server},
};

/// How long the whole conversation may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Says one number after the other, each once the reply to the one before it stands in the page; how long each took, in milliseconds.
const CONVERSATION: &str = "
    (async () => {
        await customElements.whenDefined('flow-chat');
        const chat = document.querySelector('flow-chat');
        const shows = (text) => [...chat.shadowRoot.querySelectorAll('.entries .bubble')].some((one) => one.textContent.includes(text));
        const until = (text) => new Promise((shown) => {
            const watch = new MutationObserver(() => shows(text) && (watch.disconnect(), shown()));
            watch.observe(chat.shadowRoot, { subtree: true, childList: true, characterData: true });
        });
        const [times, asked] = [[], until('Say a number.')];
        chat.say('Good day');
        await asked;
        for (let number = 1; number <= COUNT; number += 1) {
            const [began, shown] = [performance.now(), until(`${number} of ${number}`)];
            chat.say(String(number));
            await shown;
            times.push(performance.now() - began);
        }
        return times;
    })()";

/// Has a browser talk with a bot over this store, and tells how long it waited.
pub async fn ask(place: &Place, count: u32) {
    let server = Server::start(&place.url, Says::Warnings).await;
    let browser = Browser::start().await;
    let page = browser.open(&format!("http://{}/chat/", server.address)).await;
    let conversation = CONVERSATION.replace("COUNT", &count.to_string());
    let times = timeout(PATIENCE, page.evaluate(&conversation)).await.expect("each is answered in time");
    let times = times.as_array().expect("times").iter().map(|time| time.as_f64().expect("a time") / 1e3);
    let times = Times::of(times.map(Duration::from_secs_f64));
    println!("{}: {count} messages, one after the other, in a browser: {times}", place.name);
}
