//! The salon on the web, in a real browser: with a network that goes away, a server that is killed, and a second tab.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use flow_proving::{Browser, Looks, Page, Theme};
use tokio::time::{Instant, sleep};

/// The inside of the chat.
const CHAT: &str = "document.querySelector('flow-chat').shadowRoot";

/// Longer than anything takes, also beside other tests.
const SOON: Duration = Duration::from_secs(30);

/// A running `booking serve`.
struct Server(Child);

impl Server {
    fn start(port: u16, data: &Path) -> Self {
        let mut command = Command::new(program());
        // What sets up the tests sets up no bot.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FLOW_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]).env("XDG_DATA_HOME", data);
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().expect("the example is built");
        let mut first = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut first).expect("a line");
        assert_eq!(first, format!("Salon Lumen is open: http://127.0.0.1:{port}\n"));
        Self(child)
    }

    /// As `kill -9` does.
    fn dies(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it has ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program, beside the folder of this test's own.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test");
    let folder = test.parent().and_then(Path::parent).expect("a folder");
    folder.join("examples/booking")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

async fn say(page: &Page, text: &str) {
    page.click(&format!("{CHAT}.querySelector('textarea')")).await;
    page.type_text(text).await;
    page.press_key("Enter").await;
}

async fn press(page: &Page, label: &str) {
    let button =
        format!("[...{CHAT}.querySelectorAll('.buttons button')].findLast((one) => one.textContent === '{label}')");
    page.wait_for(&format!("{button} !== undefined"), SOON).await;
    page.click(&button).await;
}

/// What the log says, in order.
async fn log(page: &Page) -> Vec<String> {
    let lines = format!("[...{CHAT}.querySelectorAll('.entries .bubble')].map((one) => one.textContent)");
    let lines = page.evaluate(&lines).await;
    let lines = lines.as_array().expect("a list").iter();
    lines.map(|line| line.as_str().expect("a text").to_owned()).collect()
}

async fn hears(page: &Page, text: &str) {
    let began = Instant::now();
    while log(page).await.iter().all(|line| line != text) {
        assert!(began.elapsed() < SOON, "{text:?} is not in {:#?}", log(page).await);
        sleep(Duration::from_millis(50)).await;
    }
}

/// What a screen reader finds of this role that can be used, by its name.
async fn named(page: &Page, role: &str) -> Vec<String> {
    let tree = page.accessibility_tree().await;
    tree.into_iter().filter(|node| node.role == role && !node.disabled).map(|node| node.name).collect()
}

/// Everything is called by its name, and can be read, hit and followed with a keyboard, with whatever colours.
async fn everybody_can_use(page: &Page, answers: &[&str]) {
    assert_eq!(named(page, "region").await, ["Chat"]);
    assert_eq!(named(page, "log").await, ["Messages"]);
    assert_eq!(named(page, "textbox").await, ["Your message"]);
    assert_eq!(named(page, "group").await.last().map(String::as_str), Some("Answers"));
    assert_eq!(named(page, "button").await, [answers, &["Send"]].concat());
    for (theme, forced_colours) in
        [(Theme::Light, false), (Theme::Dark, false), (Theme::Light, true), (Theme::Dark, true)]
    {
        page.set_looks(Looks { theme, forced_colours, ..DESK }).await;
        assert_eq!(page.hard_to_see(CHAT).await, [""; 0], "{theme:?}, forced: {forced_colours}");
        let (unseen, met) = page.hard_to_follow().await;
        assert_eq!(unseen, [""; 0], "{theme:?}, forced: {forced_colours}");
        // The log, the answers, the input, and what sends it.
        assert_eq!(met.len(), answers.len() + 3, "{met:?}");
    }
    for size in [(320, 480), DESK.size] {
        page.set_looks(Looks { size, ..DESK }).await;
        assert_eq!(page.hard_to_hit(CHAT).await, [""; 0]);
        assert_eq!(page.evaluate("document.documentElement.scrollWidth > innerWidth").await, false, "{size:?}");
    }
}

/// How the pictures of the docs are taken.
const DESK: Looks = Looks { theme: Theme::Light, size: (760, 620), scale: 1, still: true, forced_colours: false };

mod web_chat {
    use super::*;

    #[tokio::test]
    async fn a_visit_is_booked_though_the_network_goes_away_and_the_server_is_killed() {
        let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let server = Server::start(port, data.path());
        let browser = Browser::start().await;
        let page = browser.blank().await;
        page.set_looks(DESK).await;
        page.go_to(&format!("http://127.0.0.1:{port}/")).await;
        page.wait_for(&format!("{CHAT}?.querySelector('textarea') != null"), SOON).await;
        say(&page, "hello").await;
        hears(&page, "Welcome to Salon Lumen! Shall we book a visit?").await;
        everybody_can_use(&page, &["Book", "Not today"]).await;
        press(&page, "Book").await;
        hears(&page, "What is your name?").await;
        say(&page, "Ana").await;
        hears(&page, "Thanks, Ana. Which e-mail should the confirmation go to?").await;

        page.set_offline(true).await;
        say(&page, "ana@example.com").await;
        sleep(Duration::from_millis(500)).await;
        page.set_offline(false).await;
        hears(&page, "And a phone number?").await;

        server.dies();
        say(&page, "+49 30 1234567").await;
        sleep(Duration::from_millis(500)).await;
        let _server = Server::start(port, data.path());
        hears(&page, "Do you come from a company? Its name, or skip.").await;

        let second = browser.open(&format!("http://127.0.0.1:{port}/")).await;
        hears(&second, "Do you come from a company? Its name, or skip.").await;
        say(&second, "skip").await;
        page.wait_for(&format!("{CHAT}.querySelectorAll('.buttons button:enabled').length > 3"), SOON).await;
        page.set_looks(Looks { size: (390, 720), ..DESK }).await;
        page.keep_picture("chat-phone").await;
        press(&second, "Mon 10:00").await;
        hears(&page, "Mon 10:00, for Ana. Shall I send the link?").await;
        everybody_can_use(&page, &["Yes", "Change e-mail"]).await;
        page.evaluate(&format!("{CHAT}.activeElement.blur()")).await;
        page.keep_picture("chat").await;
        page.set_looks(Looks { theme: Theme::Dark, ..DESK }).await;
        page.keep_picture("chat-dark").await;
        press(&page, "Yes").await;
        for tab in [&page, &second] {
            hears(tab, "A link is on its way to ana@example.com.").await;
            let log = log(tab).await;
            for said in ["hello", "Book", "Ana", "ana@example.com", "+49 30 1234567", "skip", "Mon 10:00", "Yes"] {
                let count = log.iter().filter(|line| *line == said).count();
                assert_eq!(count, 1, "{said:?} in {log:#?}");
            }
            assert_eq!(log.iter().filter(|line| line.starts_with("And a phone")).count(), 1, "{log:#?}");
            assert_eq!(tab.violations(), [""; 0]);
            assert_eq!(tab.console_messages(), [""; 0]);
        }
    }

    #[tokio::test]
    async fn a_secret_that_was_changed_begins_a_conversation_anew_and_loses_no_message() {
        let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let server = Server::start(port, data.path());
        let browser = Browser::start().await;
        let page = browser.open(&format!("http://127.0.0.1:{port}/")).await;
        page.wait_for(&format!("{CHAT}?.querySelector('textarea') != null"), SOON).await;
        say(&page, "hello").await;
        hears(&page, "Welcome to Salon Lumen! Shall we book a visit?").await;
        server.dies();
        std::fs::remove_file(data.path().join("flow/booking.secret")).expect("the secret");
        say(&page, "Book").await;
        let _server = Server::start(port, data.path());
        let note = format!("{CHAT}.querySelector('.note')?.textContent === 'A new conversation begins here.'");
        page.wait_for(&note, SOON).await;
        // The first message of a conversation is greeted, whatever it says.
        let greeted = format!(
            "[...{CHAT}.querySelectorAll('.reply .bubble')].filter((one) => one.textContent.startsWith('Welcome')).length === 2"
        );
        page.wait_for(&greeted, SOON).await;
        assert_eq!(log(&page).await.iter().filter(|line| *line == "Book").count(), 1);
        press(&page, "Book").await;
        hears(&page, "What is your name?").await;
        assert_eq!((page.violations(), page.console_messages()), (Vec::new(), Vec::new()));
    }
}
