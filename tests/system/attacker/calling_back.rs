//! A channel that calls the engine while it sends, and a caller that lets go of a message: nothing hangs, is lost, or is done twice.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, OnceLock},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use flow_core::{Address, Channel, Engine, Fate, Input, Message, Outgoing, SessionId};
use tokio::time::{sleep, timeout};

use crate::{
    post_office::{Office, Postman, at_work},
    stage::by,
};

const A_MINUTE: Duration = Duration::from_secs(60);

/// What a channel does with the engine before it answers.
#[derive(Clone, Copy, Debug)]
enum Call {
    Accept,
    Handle,
    Retry,
    Look,
}

/// Calls the engine for each of the first replies.
struct CallsBack {
    engine: OnceLock<Engine<Postman>>,
    id: SessionId,
    call: Call,
    sent: Mutex<Vec<String>>,
}

/// How many replies it calls back for.
const CALLS: usize = 5;

#[async_trait]
impl Channel for CallsBack {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        let count = {
            let mut sent = self.sent.lock().expect("a lock");
            sent.push(outgoing.reply.text().to_owned());
            sent.len()
        };
        if count > CALLS {
            return Ok(());
        }
        let (engine, again) = (self.engine.get().expect("it is built"), from_web("again", &count.to_string()));
        match self.call {
            Call::Accept => engine.accept(self.id, again).await.map(drop)?,
            Call::Handle => engine.handle(self.id, again).await.map(drop)?,
            Call::Retry => engine.operator(by()).retry(self.id).await.map(drop)?,
            Call::Look => engine.worker().look().await.map(drop)?,
        }
        Ok(())
    }
}

fn from_web(text: &str, id: &str) -> Message {
    Input::text(text).with_id(id).with_address(Address::new("web", "visitor-7"))
}

#[tokio::test(start_paused = true)]
async fn a_channel_may_call_the_engine_for_the_very_session_that_it_sends_for() {
    for (call, replies) in [(Call::Accept, 3 + CALLS), (Call::Handle, 3 + CALLS), (Call::Retry, 3), (Call::Look, 3)] {
        let office = Office::new();
        let (engine, sent) = (OnceLock::new(), Mutex::default());
        let channel = Arc::new(CallsBack { engine, id: office.id, call, sent });
        let engine = office.built(office.builder().channel("web", Arc::clone(&channel)));
        assert!(channel.engine.set(engine.clone()).is_ok());
        let _worker = at_work(engine.worker()).await;
        for (text, id) in [("hi", "hi"), ("both a", "both")] {
            let turn = timeout(A_MINUTE, engine.handle(office.id, from_web(text, id))).await;
            turn.expect("it does not hang").expect("a turn");
        }
        sleep(A_MINUTE).await;
        let sent = channel.sent.lock().expect("a lock").len();
        assert_eq!((sent, office.pending(&engine).await), (replies, 0), "{call:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_its_caller_lets_go_after_any_poll_is_answered_once() {
    for (polls, text) in (0..12).flat_map(|polls| ["hello", "think 1"].map(|text| (polls, text))) {
        let office = Office::new();
        let engine = office.engine();
        let _worker = at_work(engine.worker()).await;
        office.says(&engine, "hi").await;
        let mut accepting = engine.accept(office.id, from_web(text, "1"));
        let mut left = polls;
        poll_fn(|context| match left {
            0 => Poll::Ready(()),
            _ => {
                left -= 1;
                accepting.as_mut().poll(context).map(drop)
            }
        })
        .await;
        drop(accepting);
        sleep(A_MINUTE).await;
        let again = engine.accept(office.id, from_web(text, "1")).await.expect("accepted");
        assert!(polls == 0 || again.outcome().expect("at once").is_repeat(), "after {polls} polls of {text}");
        sleep(A_MINUTE).await;
        let done = (office.clerk.asked().len(), office.channel.tries().len(), office.pending(&engine).await);
        assert_eq!(done, (1, 2, 0), "after {polls} polls of {text}");
    }
}
