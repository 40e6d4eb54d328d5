//! The bot as a process of its own: [`Server`].

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{net::TcpStream, time::sleep};

use crate::processor::of_process;

/// What a server says of itself.
#[derive(Clone, Copy)]
pub enum Says {
    /// Its warnings, to where this program says them.
    Warnings,
    Nothing,
}

/// A running server, which keeps its port from one life to the next.
pub struct Server {
    child: Child,
    store: String,
    says: Says,
    pub address: SocketAddr,
    /// The processor's time of those that were killed.
    spent_before: Duration,
}

impl Server {
    pub async fn start(store: &str, says: Says) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("a port");
        let server = Self {
            child: spawn(store, address.port(), says),
            store: store.into(),
            says,
            address,
            spent_before: Duration::ZERO,
        };
        while TcpStream::connect(address).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
        server
    }

    /// Ends it as `kill -9` does, and starts it again at once.
    pub fn is_killed(&mut self) {
        self.spent_before += of_process(self.child.id());
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is gone");
        self.child = spawn(&self.store, self.address.port(), self.says);
    }

    /// The time that processors had for it.
    pub fn spent(&self) -> Duration {
        self.spent_before + of_process(self.child.id())
    }

    /// How many kilobytes it has in memory.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        resident.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(store: &str, port: u16, says: Says) -> Child {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["serve", "--store", store, "--port", &port.to_string()]);
    // It ends when this process does, however that comes.
    command.stderr(if matches!(says, Says::Warnings) { Stdio::inherit() } else { Stdio::null() });
    command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts")
}
