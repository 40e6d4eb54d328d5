//! A tab of the browser with the page in it: [`Page`].

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{heard::Heard, wire::Wire};

/// A page in a tab, used as a visitor does: with a mouse, a keyboard and eyes.
///
/// What is looked for is named by an expression of JavaScript, since the elements of a shadow root have no selector. Each
/// method panics with the browser's words if it cannot be done.
pub struct Page {
    wire: Arc<Wire>,
    tab: String,
    session: String,
    heard: Arc<Heard>,
}

/// How long a page may take to load.
const PATIENCE: Duration = Duration::from_secs(30);

impl Page {
    pub(super) async fn in_tab_of(wire: &Arc<Wire>) -> Self {
        // A window of its own: a tab behind another one is a hidden page.
        let made = wire.call(None, "Target.createTarget", json!({ "url": "about:blank", "newWindow": true })).await;
        let tab = text(&made.expect("a tab")["targetId"]);
        let session = wire.call(None, "Target.attachToTarget", json!({ "targetId": tab, "flatten": true })).await;
        let session = text(&session.expect("a session")["sessionId"]);
        let heard = Arc::new(Heard::default());
        wire.listen(&session, Arc::clone(&heard));
        let page = Self { wire: Arc::clone(wire), tab, session, heard };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    /// Opens the page at `url`, and waits until it is loaded.
    pub async fn go_to(&self, url: &str) {
        let answer = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'", PATIENCE).await;
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        // The old page is told from the new one by a mark that the new one does not have.
        self.evaluate("window.isOld = true").await;
        self.call("Page.reload", json!({})).await;
        self.wait_for("!window.isOld && document.readyState === 'complete'", PATIENCE).await;
    }

    /// Closes the tab.
    pub async fn close(self) {
        let closed = self.wire.call(None, "Target.closeTarget", json!({ "targetId": self.tab })).await;
        closed.expect("the end of the tab");
    }

    /// The value of an expression; that of a promise, once it has one.
    pub async fn evaluate(&self, expression: &str) -> Value {
        self.try_evaluate(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until an expression is true.
    pub async fn wait_for(&self, expression: &str, within: Duration) {
        let began = Instant::now();
        loop {
            // While a page is on its way there may be none to ask.
            let value = self.try_evaluate(expression).await;
            if value == Ok(Value::Bool(true)) {
                return;
            }
            assert!(began.elapsed() < within, "not true within {within:?}: {expression} ({value:?})");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Clicks into the middle of an element.
    pub async fn click(&self, element: &str) {
        let middle = format!(
            "(() => {{ const element = {element}; element.scrollIntoView({{ block: 'nearest' }}); \
             const place = element.getBoundingClientRect(); \
             return [place.x + place.width / 2, place.y + place.height / 2]; }})()"
        );
        let middle = self.evaluate(&middle).await;
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": middle[0], "y": middle[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Writes where the focus is.
    pub async fn type_text(&self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses a key and lets it go: `Enter`, `Tab`, `Escape`, or with a name before it `Shift+Tab`.
    pub async fn press_key(&self, key: &str) {
        let (modifiers, key) = key.strip_prefix("Shift+").map_or((0, key), |key| (8, key));
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            "Escape" => (27, ""),
            " " => (32, " "),
            _ => panic!("the code of the key {key} is to be written here"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key, "modifiers": modifiers });
            event["windowsVirtualKeyCode"] = code.into();
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Runs a script in each page that is opened from now on, before its own.
    pub async fn run_first(&self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Puts the page behind others, where it is not seen, or before them.
    pub async fn set_hidden(&self, hidden: bool) {
        // No window has a front here, so the page is told so by the state that it would then have.
        let state = if hidden { "hidden" } else { "visible" };
        let tell = format!(
            "Object.defineProperties(document, {{ hidden: {{ value: {hidden}, configurable: true }}, \
             visibilityState: {{ value: '{state}', configurable: true }} }}); \
             document.dispatchEvent(new Event('visibilitychange', {{ bubbles: true }}))"
        );
        self.evaluate(&tell).await;
    }

    /// Stops the page's scripts at the next thing that they would do, as a phone does with pages that are not seen, until
    /// [`resume`](Self::resume). What the page holds, it keeps.
    pub async fn suspend(&self) {
        self.call("Debugger.enable", json!({})).await;
        self.call("Debugger.pause", json!({})).await;
    }

    /// Lets a suspended page go on.
    pub async fn resume(&self) {
        self.call("Debugger.disable", json!({})).await;
    }

    /// Takes the network from this tab, or gives it back.
    pub async fn set_offline(&self, offline: bool) {
        let unlimited = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.call("Network.emulateNetworkConditions", unlimited).await;
    }

    /// Gives this tab a network that brings everything later by `delay`, and so many bits in a second.
    pub async fn set_network(&self, delay: Duration, bits: u64) {
        let bytes = bits / 8;
        let slow = json!({ "offline": false, "latency": delay.as_millis(), "downloadThroughput": bytes, "uploadThroughput": bytes });
        self.call("Network.emulateNetworkConditions", slow).await;
    }

    /// What stands in the console, but not calls that failed.
    pub fn console_messages(&self) -> Vec<String> {
        self.heard.console()
    }

    /// What the page did against its content security policy, and errors that nothing caught.
    pub fn violations(&self) -> Vec<String> {
        self.heard.violations()
    }

    pub(super) async fn call(&self, method: &str, parameters: Value) -> Value {
        let answer = self.wire.call(Some(&self.session), method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let parameters = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let mut answer = self.wire.call(Some(&self.session), "Runtime.evaluate", parameters).await?;
        match answer.get("exceptionDetails") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["result"]["value"].take()),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
