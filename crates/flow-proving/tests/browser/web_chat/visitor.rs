//! What a visitor does with the chat, and sees of it.

use std::time::Duration;

use flow_proving::Page;
use tokio::time::{Instant, sleep};

/// The inside of the element.
pub const CHAT: &str = "document.querySelector('flow-chat').shadowRoot";

/// Longer than anything takes, also beside other tests.
pub const SOON: Duration = Duration::from_secs(20);

/// Opens the chat if it is closed, and waits until it can be used.
pub async fn open_chat(page: &Page) {
    page.wait_for(&format!("{CHAT}?.querySelector('textarea') != null"), SOON).await;
    if page.evaluate(&format!("{CHAT}.querySelector('.panel').hidden")).await == true {
        page.click(&format!("{CHAT}.querySelector('.launcher')")).await;
    }
}

/// Puts this in the place of the chat's patience.
pub async fn set_timing(page: &Page, change: &str) {
    let set = format!("({{ timing }}) => {{ Object.assign(timing, {change}); return true; }}");
    page.evaluate(&format!("import('/chat/flow-chat.js').then({set})")).await;
}

/// Writes something and sends it off.
pub async fn say(page: &Page, text: &str) {
    page.click(&format!("{CHAT}.querySelector('textarea')")).await;
    page.type_text(text).await;
    page.press_key("Enter").await;
}

/// The button with this label.
pub fn button(label: &str) -> String {
    format!("[...{CHAT}.querySelectorAll('.buttons button')].findLast((button) => button.textContent === '{label}')")
}

/// Everything in the log, in order: `> ` before what the visitor said, `- ` before notes.
pub async fn log(page: &Page) -> Vec<String> {
    let lines = page.evaluate(&lines()).await;
    let lines = lines.as_array().expect("a list").iter();
    lines.map(|line| line.as_str().expect("a line").to_owned()).collect()
}

/// Waits until the log is this.
pub async fn wait_for_log(page: &Page, wanted: &[&str]) {
    let began = Instant::now();
    while log(page).await != wanted {
        assert!(began.elapsed() < SOON, "the log is {:?}", log(page).await);
        sleep(Duration::from_millis(20)).await;
    }
}

/// Nothing that a developer would have to look into has happened.
pub fn assert_clean(page: &Page) {
    assert_eq!(page.violations(), [""; 0]);
    assert_eq!(page.console_messages(), [""; 0]);
}

fn lines() -> String {
    format!(
        "[...{CHAT}.querySelectorAll('.entries > *')].map((entry) => \
         (entry.matches('.mine') ? '> ' : entry.matches('.note') ? '- ' : '') + \
         (entry.matches('.note') ? entry : entry.querySelector('.bubble'))?.textContent)"
    )
}
