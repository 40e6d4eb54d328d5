//! One call to the server: [`ServerCall`].

use redis::{Cmd, Pipeline, RedisResult, Script, ServerErrorKind, Value};

use crate::connection::{Node, Replicas, Wire};

/// A command, several commands at once, or a call of a script, with all its words.
pub(crate) struct ServerCall {
    asked: Asked,
    node: Option<Node>,
    /// The slots whose masters say what time it is, in answer to the first of several commands.
    times_of: Vec<u16>,
    replicas: Option<(Replicas, u16)>,
    is_repeatable: bool,
}

/// What is sent.
enum Asked {
    Command(Cmd),
    Commands(Pipeline),
    Script(Cmd, &'static Script),
}

impl ServerCall {
    /// A command that changes nothing.
    pub(crate) fn command(words: &[&str]) -> Self {
        let mut command = Cmd::new();
        command.arg(words);
        Self::asking(Asked::Command(command))
    }

    /// Several commands that change nothing, sent together: the answer is an array of theirs, or an error of one of them.
    pub(crate) fn commands<'w, const WORDS: usize>(commands: impl Iterator<Item = [&'w str; WORDS]>) -> Self {
        let mut pipeline = Pipeline::new();
        for words in commands {
            pipeline.add_command(Cmd::new()).arg(&words);
        }
        Self::asking(Asked::Commands(pipeline))
    }

    /// The same, and before them what time it is: on the server, or on each node of a cluster that has one of these slots.
    pub(crate) fn timed<'w, const WORDS: usize>(
        slots: &[u16],
        commands: impl Iterator<Item = [&'w str; WORDS]>,
    ) -> Self {
        let mut pipeline = Pipeline::new();
        for _ in slots {
            pipeline.cmd("TIME");
        }
        for words in commands {
            pipeline.add_command(Cmd::new()).arg(&words);
        }
        Self { times_of: slots.to_vec(), ..Self::asking(Asked::Commands(pipeline)) }
    }

    /// One more command, together with the others.
    #[must_use]
    pub(crate) fn and(mut self, words: &[&str]) -> Self {
        if let Asked::Commands(commands) = &mut self.asked {
            commands.add_command(Cmd::new()).arg(words);
        }
        self
    }

    /// The call of a script on these keys, which may be sent again if its answer is lost.
    pub(crate) fn script(script: &'static Script, keys: &[String]) -> Self {
        let mut command = redis::cmd("EVALSHA");
        command.arg(script.get_hash()).arg(keys.len()).arg(keys);
        Self::asking(Asked::Script(command, script))
    }

    /// Adds a word, to the last of several commands.
    #[must_use]
    pub(crate) fn with(mut self, word: impl redis::ToRedisArgs) -> Self {
        match &mut self.asked {
            Asked::Command(command) | Asked::Script(command, _) => drop(command.arg(word)),
            Asked::Commands(commands) => drop(commands.arg(word)),
        }
        self
    }

    /// Asks this node of a cluster, where the keys do not say which.
    #[must_use]
    pub(crate) fn of(self, node: Option<&Node>) -> Self {
        Self { node: node.cloned(), ..self }
    }

    /// Waits for replicas to confirm what was written in this slot: the answer to a write is then that of the write, and how
    /// many replicas have confirmed it.
    #[must_use]
    pub(crate) fn confirmed_by(self, replicas: Option<Replicas>, slot: u16) -> Self {
        Self { replicas: replicas.map(|replicas| (replicas, slot)), ..self }
    }

    /// Is not sent again if its answer is lost: the second answer would be another.
    #[must_use]
    pub(crate) fn only_once(mut self) -> Self {
        self.is_repeatable = false;
        self
    }

    /// Whether it matters if it was carried out when its answer is lost.
    pub(crate) fn changes_something(&self) -> bool {
        matches!(self.asked, Asked::Script(..))
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    /// Sends it, and waits for the replicas that are to confirm what it wrote.
    pub(crate) async fn send(&self, wire: &mut Wire) -> RedisResult<Value> {
        match (self.send_alone(wire).await?, &self.replicas) {
            (Value::Int(written @ 1..), Some((replicas, slot))) => {
                let confirmed = wire.wait_for(replicas, *slot).await?;
                Ok(Value::Array(vec![Value::Int(written), confirmed]))
            }
            (answer, _) => Ok(answer),
        }
    }

    /// Sends it, and the script first if the server has lost it.
    async fn send_alone(&self, wire: &mut Wire) -> RedisResult<Value> {
        let (command, script) = match &self.asked {
            Asked::Commands(commands) => return wire.send_together(commands, &self.times_of).await,
            Asked::Command(command) => (command, None),
            Asked::Script(command, script) => (command, Some(script)),
        };
        match (wire.send(command, self.node.as_ref()).await, script) {
            (Err(error), Some(script)) if error.kind() == ServerErrorKind::NoScript.into() => {
                script.load_async(wire).await?;
                wire.send(command, self.node.as_ref()).await
            }
            (answer, _) => answer,
        }
    }

    fn asking(asked: Asked) -> Self {
        Self { asked, node: None, times_of: Vec::new(), replicas: None, is_repeatable: true }
    }
}
