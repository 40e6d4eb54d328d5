//! The booking bot at a terminal, as a visitor and an operator see it: an old button, a message that comes while another is handled, an
//! answer that could not be sent.

use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use flow_proving::RedisServer;
use serde_json::{Value, json};

use crate::programs::{Bot, example, lines, run, stdout};

/// Longer than anything here takes by far.
const PATIENCE: Duration = Duration::from_secs(30);

/// A visitor at a terminal (a pty).
struct Visitor {
    terminal: Child,
    keys: ChildStdin,
    screen: Arc<Mutex<String>>,
    /// How much of the screen was read.
    read: usize,
}

impl Visitor {
    /// One who is asked for the first line.
    fn with(arguments: &[&str]) -> Self {
        let bot = example("booking");
        let command = format!("{} {}", bot.get_program().display(), arguments.join(" "));
        let mut terminal = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .envs(bot.get_envs().filter_map(|(variable, value)| Some((variable, value?))))
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script`, of Debian's package `bsdutils`, makes a terminal");
        let (keys, mut shown) = (terminal.stdin.take().expect("keys"), terminal.stdout.take().expect("a screen"));
        let screen = Arc::<Mutex<String>>::default();
        let filled = Arc::clone(&screen);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = shown.read(&mut bytes) {
                filled.lock().expect("a lock").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        let mut visitor = Self { terminal, keys, screen, read: 0 };
        visitor.sees("you:");
        visitor
    }

    /// Types a line.
    fn says(&mut self, line: &str) -> &mut Self {
        write!(self.keys, "{line}\r").expect("it listens");
        self
    }

    /// Waits until this is on the screen, below what was seen before, and gives what stands between.
    fn sees(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen.lock().expect("a lock").clone();
            if let Some(place) = screen[self.read..].find(text) {
                let between = screen[self.read..self.read + place].to_owned();
                self.read += place + text.len();
                return between;
            }
            assert!(Instant::now() < until, "{text:?} is not to be seen below {:?}", &screen[self.read..]);
            sleep(Duration::from_millis(5));
        }
    }

    /// Says this, and waits for what follows and for the next prompt.
    fn hears(&mut self, said: &str, answered: &str) -> &mut Self {
        self.says(said).sees(answered);
        self.sees("you:");
        self
    }

    /// Goes as far as the question for a company.
    fn comes_to_the_company(&mut self) {
        self.hears("hi", "1.2) Not today").hears("1", "What is your name?");
        self.hears("Ana", "Which e-mail").hears("ana@example.com", "And a phone number?");
        self.hears("+1 234 567 890", "2.1) Skip");
    }

    /// Ends the input, and waits for the end of the program.
    fn leaves(mut self) {
        self.keys.write_all(b"\x04").expect("it listens");
        assert!(self.terminal.wait().expect("it ends").success());
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        // Where a test has failed it may still be there.
        let _ = self.terminal.kill();
        let _ = self.terminal.wait();
    }
}

#[test]
fn a_button_that_is_pressed_again_further_up_answers_no_other_question() {
    let mut visitor = Visitor::with(&[]);
    visitor.hears("hi", "1.2) Not today").hears("1", "What is your name?").hears("Ana", "Which e-mail");
    // "Not today", to the question before the last: it would cancel.
    visitor.says("1.2").sees("That question is over.");
    visitor.sees("bot: Thanks, Ana. Which e-mail should the confirmation go to?");
    visitor.sees("you:");
    visitor.hears("ana@example.com", "And a phone number?");
    // No question with buttons was asked last, so a number alone is what was said.
    visitor.hears("1", "phone number");
    visitor.leaves();
}

#[test]
fn who_comes_back_is_asked_what_was_asked_last_and_need_not_say_hello() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("bot.db").display());
    let mut visitor = Visitor::with(&["--store", &store]);
    visitor.comes_to_the_company();
    visitor.leaves();
    let mut back = Visitor::with(&["--store", &store]);
    assert!(back.screen.lock().expect("a lock").contains("1.1) Skip"));
    back.hears("1", "2.1) Mon 10:00");
    back.leaves();
}

#[test]
fn what_is_said_while_the_bot_is_at_work_waits_and_is_answered_in_its_order() {
    let mut visitor = Visitor::with(&["--calendar-takes", "3s"]);
    visitor.comes_to_the_company();
    visitor.hears("skip", "(it waits for its turn");
    visitor.says("2").sees("(it waits for its turn");
    visitor.sees("3.4) Wed 16:00");
    // Nothing is between the two answers but the prompt: the second was not said again.
    assert!(!visitor.sees("bot: Mon 14:30, for Ana. Shall I send the link?").contains("bot:"));
    visitor.sees("4.2) Change e-mail");
    visitor.leaves();
}

#[test]
fn who_waits_for_a_slow_calendar_sees_that_the_bot_is_typing() {
    let mut visitor = Visitor::with(&["--calendar-takes", "2s"]);
    visitor.comes_to_the_company();
    visitor.hears("skip", "(it waits for its turn").sees("(the bot is typing)");
    visitor.sees("3.1) Mon 10:00");
    visitor.leaves();
}

#[test]
fn an_answer_that_the_platform_puts_off_arrives_when_it_says_and_in_its_place() {
    let mut visitor = Visitor::with(&[]);
    visitor.hears("hi", "1.2) Not today");
    let began = Instant::now();
    visitor.says("/busy 2s").sees("you:");
    visitor.hears("1", "(not sent: the platform says to wait for 2s)").says("Ana");
    visitor.sees("bot: What is your name?");
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    visitor.sees("Which e-mail");
    visitor.leaves();
}

#[test]
fn an_answer_that_cannot_be_sent_is_a_dead_letter_until_an_operator_has_it_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("bot.db").display());
    let operator = |command: &[&str]| stdout(&run("booking", &[&["--store", &store], command].concat(), ""));
    let shown = || serde_json::from_str::<Value>(&operator(&["show"])).expect("JSON");
    let mut visitor = Visitor::with(&["--store", &store]);
    visitor.hears("hi", "1.2) Not today").says("/block").sees("you:");
    visitor.hears("1", "(not sent: you have blocked the bot)").says("/unblock").sees("you:");
    // What comes after it is sent.
    visitor.hears("Ana", "Which e-mail");
    let session = shown();
    assert_eq!((&session["current"], &session["waiting"]), (&json!("BOOK_EMAIL"), &json!(0)));
    let [letter] = session["deadLetters"].as_array().expect("a list").as_slice() else { panic!("{session}") };
    assert_eq!((&letter["kind"], &letter["error"]), (&json!("reply"), &Value::Null), "masked: {letter}");
    let clear: Value = serde_json::from_str(&operator(&["show", "--clear"])).expect("JSON");
    assert_eq!(clear["deadLetters"][0]["error"], "blocked by the visitor");
    assert_eq!(operator(&["retry", "--by", "ana", "--why", "she has called"]), "1 to be delivered again\n");
    visitor.sees("bot: What is your name?");
    let session = shown();
    assert_eq!(session["deadLetters"], json!([]));
    let retried = session["history"].as_array().expect("steps").iter().any(|step| step["operator"]["name"] == "ana");
    assert!(retried, "{session}");
    visitor.leaves();
}

#[test]
fn what_an_operator_says_appears_at_the_visitors_terminal_and_a_pause_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("bot.db").display());
    let operator = |command: &[&str]| stdout(&run("booking", &[&["--store", &store], command].concat(), ""));
    let mut visitor = Visitor::with(&["--store", &store]);
    visitor.hears("hi", "1.2) Not today");
    assert_eq!(operator(&["pause", "--by", "ana"]), "paused at WELCOME\n");
    assert_eq!(operator(&["say", "Hello, this is Ana."]), "said\n");
    visitor.sees("bot: Hello, this is Ana.");
    visitor.hears("a person!", "a person has taken over");
    operator(&["resume", "--ask"]);
    visitor.sees("Shall we book a visit?");
    visitor.leaves();
    let said = operator(&["said"]);
    assert!(
        said.contains("visitor at WELCOME: ") && said.contains("bot at WELCOME: Welcome to Salon Lumen!"),
        "{said}"
    );
    assert!(!said.contains("a person!"), "what was not understood is masked: {said}");
}

#[test]
fn a_script_has_its_lines_accepted_and_the_replies_come_as_lines_of_their_own() {
    let store = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", store.path().join("bot.db").display());
    for (said, replied) in [("hi", "Welcome to Salon Lumen! Shall we book a visit?"), ("Book", "What is your name?")] {
        let line = json!({ "text": said, "id": said, "accept": true });
        let told = lines(&run("booking", &["--store", &store, "chat", "--json"], line.to_string()));
        let replies: Vec<_> = told.iter().filter_map(|line| line["reply"]["text"].as_str()).collect();
        assert_eq!(replies, [replied], "{told:?}");
    }
    // One that is slow is accepted, and says so.
    let mut bot = Bot::with(&["--store", &store, "--calendar-takes", "5s"]);
    for text in ["Ana", "ana@example.com", "+1 234 567 890"] {
        bot.tell(&json!({ "text": text }));
    }
    let accepted = bot.tell(&json!({"text": "skip", "accept": true}));
    assert_eq!(accepted["waiting"], true, "{accepted}");
    bot.kill();
    let shown: Value = serde_json::from_str(&stdout(&run("booking", &["--store", &store, "show"], ""))).expect("JSON");
    assert_eq!((&shown["waiting"], &shown["current"]), (&json!(1), &json!("BOOK_COMPANY")), "the next process has it");
}

#[test]
fn a_chat_goes_on_in_memory_while_nothing_can_be_accepted_and_old_buttons_stay_old() {
    let server = RedisServer::start();
    let mut visitor = Visitor::with(&["--store", &server.url(), "--outage", "memory"]);
    visitor.hears("hi", "1.2) Not today");
    drop(server);
    visitor.hears("1", "bot: What is your name?").says("1.2").sees("That question is over.");
    visitor.sees("bot: What is your name?");
}
