//! What goes to the browser and comes from it: [`Wire`].

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, ChildStdout},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::heard::Heard;

/// The protocol of the browser's developer tools over a pipe: JSON, each message ended by a zero byte.
///
/// A call has a number, and its answer the same one. A message without a number is an event of the tab whose session it names.
pub(super) struct Wire {
    lines: Mutex<Lines>,
}

struct Lines {
    input: ChildStdin,
    calls: u64,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    tabs: HashMap<String, Arc<Heard>>,
}

impl Wire {
    pub(super) fn over(input: ChildStdin, output: ChildStdout) -> Arc<Self> {
        let lines = Lines { input, calls: 0, waiting: HashMap::new(), tabs: HashMap::new() };
        let wire = Arc::new(Self { lines: Mutex::new(lines) });
        let reader = Arc::clone(&wire);
        thread::spawn(move || reader.read(output));
        wire
    }

    /// The result of a call; an error says what the browser has against it, or that it has ended.
    pub(super) async fn call(&self, session: Option<&str>, method: &str, parameters: Value) -> Result<Value, String> {
        let (answer, answered) = oneshot::channel();
        self.send(session, method, &parameters, answer).map_err(|error| format!("{method}: {error}"))?;
        let mut message = answered.await.map_err(|_| format!("{method}: the browser has ended"))?;
        match message.get("error") {
            Some(error) => Err(format!("{method}: {error}")),
            None => Ok(message["result"].take()),
        }
    }

    /// From now on `heard` has the events of this session.
    pub(super) fn listen(&self, session: &str, heard: Arc<Heard>) {
        self.lines().tabs.insert(session.to_owned(), heard);
    }

    fn send(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
        answer: oneshot::Sender<Value>,
    ) -> std::io::Result<()> {
        let mut lines = self.lines();
        lines.calls += 1;
        let call = lines.calls;
        let mut message = json!({ "id": call, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        lines.waiting.insert(call, answer);
        lines.input.write_all(format!("{message}\0").as_bytes())
    }

    fn read(&self, output: ChildStdout) {
        let mut output = BufReader::new(output);
        let mut bytes = Vec::new();
        while output.read_until(0, &mut bytes).is_ok_and(|count| count > 0) {
            bytes.pop();
            let message: Value = serde_json::from_slice(&bytes).expect("the browser speaks JSON");
            bytes.clear();
            self.take(message);
        }
        // Whoever still waits learns that there will be no answer.
        self.lines().waiting.clear();
    }

    fn take(&self, message: Value) {
        let mut lines = self.lines();
        if let Some(waiting) = message["id"].as_u64().and_then(|call| lines.waiting.remove(&call)) {
            let _ = waiting.send(message);
        } else if let Some(heard) = message["sessionId"].as_str().and_then(|session| lines.tabs.get(session)) {
            heard.take(&message["method"], &message["params"]);
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
