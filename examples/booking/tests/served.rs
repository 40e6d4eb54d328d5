//! The salon on the web, in a real browser: with a network that goes away, a server that is killed, and a second tab.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use flow_proving::{Browser, Page};
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

mod web_chat {
    use super::*;

    #[tokio::test]
    async fn a_visit_is_booked_though_the_network_goes_away_and_the_server_is_killed() {
        let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let server = Server::start(port, data.path());
        let browser = Browser::start().await;
        let page = browser.open(&format!("http://127.0.0.1:{port}/")).await;
        page.wait_for(&format!("{CHAT}?.querySelector('textarea') != null"), SOON).await;
        say(&page, "hello").await;
        hears(&page, "Welcome to Salon Lumen! Shall we book a visit?").await;
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
        press(&second, "Mon 10:00").await;
        hears(&page, "Mon 10:00, for Ana. Shall I send the link?").await;
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
        }
    }
}
