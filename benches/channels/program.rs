//! The bot as a process of its own: [`Program`].

use std::{
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Talk, bot::HOOK, processor::of_process, stub::Variables};

/// How long a program may take to end when it is told to.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running bot, which keeps its port from one life to the next.
pub struct Program {
    child: Child,
    talk: Talk,
    variables: Variables,
    /// The processor's time of those that were killed.
    spent_before: Duration,
}

impl Program {
    /// Starts it, on a port of its own if it is to be called.
    pub fn start(talk: &Talk, store: &str, mut variables: Variables) -> Self {
        variables.push(("STORE", store.to_owned()));
        variables.push(("THINKING", talk.thinking.to_string()));
        if !talk.polling {
            variables.push(("PORT", free_port().to_string()));
        }
        if talk.careful {
            variables.push(("CAREFUL", "yes".to_owned()));
        }
        Self { child: spawn(talk, &variables), talk: talk.clone(), variables, spent_before: Duration::ZERO }
    }

    /// Where it is called, if it is.
    pub fn hook(&self) -> Option<String> {
        let (_, port) = self.variables.iter().find(|(name, _)| *name == "PORT")?;
        Some(format!("http://127.0.0.1:{port}{HOOK}"))
    }

    /// Ends it as `kill -9` does, and starts it again at once.
    pub fn is_killed(&mut self) {
        self.spent_before += of_process(self.child.id());
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is gone");
        self.child = spawn(&self.talk, &self.variables);
    }

    /// Tells it to end, as a deployment does, and starts it again when it has.
    pub async fn is_restarted(&mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "it runs");
        let began = Instant::now();
        while self.child.try_wait().expect("a process").is_none() {
            if began.elapsed() > PATIENCE {
                println!("  it did not end in {PATIENCE:?}, and was killed");
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.is_killed();
    }

    /// The time that processors had for it.
    pub fn spent(&self) -> Duration {
        self.spent_before + of_process(self.child.id())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(talk: &Talk, variables: &Variables) -> Child {
    let mut command = match &talk.program {
        Some(program) => Command::new(program),
        None => {
            let platform = clap::ValueEnum::to_possible_value(&talk.platform).expect("it can be chosen");
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args(["serve", platform.get_name()]);
            command
        }
    };
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.stderr(if talk.log { Stdio::inherit() } else { Stdio::null() });
    // One of ours ends when this process does, however that comes.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts")
}

fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    free.expect("a port").port()
}
