//! The stream of replies: [`serve`].

use std::{mem, time::Duration};

use tokio::time::timeout;

use super::{
    Inner,
    http::{Line, Request, begin_stream, write},
    state::State,
};

/// Sends what waits, and then what is said, until the browser has gone or the streams are cut.
pub(super) async fn serve(inner: &Inner, request: &Request, line: &mut Line) {
    let mut changed = inner.changed.subscribe();
    let (cuts, losses, is_held_back, typing) = {
        let state = inner.state();
        (state.cuts, state.losses, state.holds_streams_back, state.typing)
    };
    begin_stream(line).await;
    if is_held_back {
        let _ = timeout(Duration::from_secs(60), line.stream.readable()).await;
        return;
    }
    let mut place = Place { last: request.header("last-event-id"), typing, is_ready: false };
    loop {
        let told = {
            let mut state = inner.state();
            if state.cuts != cuts {
                return;
            }
            if state.losses == losses { place.next(&mut state) } else { String::new() }
        };
        if !write(line, told.as_bytes()).await {
            return;
        }
        tokio::select! {
            told = changed.changed() => if told.is_err() { return },
            // The browser sends nothing more: it is readable when it has gone.
            _ = line.stream.readable() => return,
        }
    }
}

/// What a stream has told.
struct Place {
    last: Option<String>,
    typing: u64,
    is_ready: bool,
}

impl Place {
    fn next(&mut self, state: &mut State) -> String {
        let mut events = Vec::new();
        let missed = mem::take(&mut state.missed);
        if missed > 0 {
            events.push(format!("event: missed\ndata: {{\"count\":{missed}}}\n\n"));
        }
        for reply in state.after(self.last.as_deref()) {
            let id = reply["id"].as_str().expect("an id");
            self.last = Some(id.to_owned());
            events.push(format!(": a comment\r\nevent: reply\r\nid: {id}\r\ndata: {reply}\r\n\r\n"));
        }
        if !self.is_ready {
            self.is_ready = true;
            events.push("event: ready\ndata: {}\n\n".to_owned());
        }
        if state.typing != self.typing {
            self.typing = state.typing;
            events.push("event: typing\ndata: {}\n\n".to_owned());
        }
        events.concat()
    }
}
