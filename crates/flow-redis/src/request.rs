//! One thing that is asked of the server: [`Request`].

use redis::{Cmd, RedisResult, Script, ServerErrorKind, Value};

use crate::connection::{Node, Replicas, Wire};

/// A command, or a call of a script, with all its words.
pub(crate) struct Request {
    command: Cmd,
    script: Option<&'static Script>,
    node: Option<Node>,
    replicas: Option<(Replicas, u16)>,
    is_repeatable: bool,
}

impl Request {
    /// A command that changes nothing.
    pub(crate) fn command(words: &[&str]) -> Self {
        let mut command = Cmd::new();
        command.arg(words);
        Self { command, script: None, node: None, replicas: None, is_repeatable: true }
    }

    /// The call of a script on these keys, which may be sent again if its answer is lost.
    pub(crate) fn script(script: &'static Script, keys: &[String]) -> Self {
        let mut command = redis::cmd("EVALSHA");
        command.arg(script.get_hash()).arg(keys.len()).arg(keys);
        Self { command, script: Some(script), node: None, replicas: None, is_repeatable: true }
    }

    /// Adds a word.
    #[must_use]
    pub(crate) fn with(mut self, word: impl redis::ToRedisArgs) -> Self {
        self.command.arg(word);
        self
    }

    /// Asks this node of a cluster, where the keys do not say which.
    #[must_use]
    pub(crate) fn of(self, node: Option<&Node>) -> Self {
        Self { node: node.cloned(), ..self }
    }

    /// Has so many replicas confirm what it wrote in this slot: the answer to a write is then its own, and how many did.
    #[must_use]
    pub(crate) fn confirmed_by(self, replicas: Option<Replicas>, slot: u16) -> Self {
        Self { replicas: replicas.map(|replicas| (replicas, slot)), ..self }
    }

    /// The answer to the second of two would be another: whoever loses the first must know.
    #[must_use]
    pub(crate) fn only_once(mut self) -> Self {
        self.is_repeatable = false;
        self
    }

    /// Whether it matters if it was carried out when its answer is lost.
    pub(crate) fn changes_something(&self) -> bool {
        self.script.is_some()
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    /// Sends it, and waits for the replicas that are to confirm what it wrote.
    pub(crate) async fn send(&self, wire: &mut Wire) -> RedisResult<Value> {
        match (self.send_alone(wire).await?, &self.replicas) {
            (Value::Int(1), Some((replicas, slot))) => {
                let confirmed = wire.wait_for(replicas, *slot).await?;
                Ok(Value::Array(vec![Value::Int(1), confirmed]))
            }
            (answer, _) => Ok(answer),
        }
    }

    /// Sends it, and the script first if the server has lost it.
    async fn send_alone(&self, wire: &mut Wire) -> RedisResult<Value> {
        match (wire.send(&self.command, self.node.as_ref()).await, self.script) {
            (Err(error), Some(script)) if error.kind() == ServerErrorKind::NoScript.into() => {
                script.load_async(wire).await?;
                wire.send(&self.command, self.node.as_ref()).await
            }
            (answer, _) => answer,
        }
    }
}
