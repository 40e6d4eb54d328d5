//! What the proxy does to a server that gives back what it gets.

use std::time::Duration;

use flow_proving::{Fault, FaultProxy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Instant, timeout},
};

/// A proxy before an echo, and what the echo gets.
async fn echo() -> (FaultProxy, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (told, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let told = told.clone();
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    let _ = told.send(bytes[..count].to_vec());
                    let _ = stream.write_all(&bytes[..count]).await;
                }
            });
        }
    });
    (FaultProxy::before(address).await.expect("a proxy"), heard)
}

async fn connect(proxy: &FaultProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.expect("a connection")
}

/// What comes back for `said`; none if the connection ends instead.
async fn answer(stream: &mut TcpStream, said: &[u8]) -> Option<Vec<u8>> {
    let mut heard = vec![0; said.len()];
    stream.write_all(said).await.ok()?;
    stream.read_exact(&mut heard).await.ok()?;
    Some(heard)
}

/// Long enough that what comes at all has come.
const A_WHILE: Duration = Duration::from_millis(100);

#[tokio::test]
async fn what_passes_arrives_as_it_was() {
    let (proxy, _heard) = echo().await;
    let said: Vec<u8> = (0..100_000).map(|byte| u8::try_from(byte % 251).expect("a byte")).collect();
    let stream = connect(&proxy).await;
    let (mut from, mut to) = stream.into_split();
    let sent = said.clone();
    tokio::spawn(async move { to.write_all(&sent).await.map(|()| to) });
    let mut heard = vec![0; said.len()];
    from.read_exact(&mut heard).await.expect("all of it");
    assert!(heard == said);
    assert_eq!((proxy.connections(), proxy.fault()), (1, Fault::Pass));
}

#[tokio::test]
async fn a_delay_counts_both_ways() {
    let (proxy, _heard) = echo().await;
    let mut stream = connect(&proxy).await;
    proxy.set(Fault::Delay(A_WHILE));
    let began = Instant::now();
    assert_eq!(answer(&mut stream, b"a").await.expect("late"), b"a");
    assert!(began.elapsed() >= A_WHILE * 2);
}

#[tokio::test]
async fn what_was_stalled_arrives_when_the_fault_is_over() {
    let (proxy, mut heard) = echo().await;
    let mut stream = connect(&proxy).await;
    proxy.set(Fault::Stall);
    assert!(timeout(A_WHILE, answer(&mut stream, b"a")).await.is_err());
    assert!(heard.try_recv().is_err(), "it did not reach the server");
    proxy.set(Fault::Pass);
    let mut late = [0; 1];
    stream.read_exact(&mut late).await.expect("late");
    assert_eq!((&late, heard.recv().await), (b"a", Some(b"a".to_vec())));
}

#[tokio::test]
async fn stalled_connections_stay_so_and_new_ones_work() {
    let (proxy, _heard) = echo().await;
    let mut old = connect(&proxy).await;
    assert!(answer(&mut old, b"a").await.is_some());
    proxy.stall_connections();
    assert!(timeout(A_WHILE, answer(&mut old, b"b")).await.is_err());
    assert!(answer(&mut connect(&proxy).await, b"c").await.is_some());
    proxy.set(Fault::Pass);
    assert!(timeout(A_WHILE, answer(&mut old, b"d")).await.is_err());
}

#[tokio::test]
async fn a_cut_ends_every_connection_until_it_is_over() {
    let (proxy, _heard) = echo().await;
    let mut old = connect(&proxy).await;
    assert!(answer(&mut old, b"a").await.is_some());
    proxy.set(Fault::Cut);
    assert_eq!(answer(&mut old, b"b").await, None);
    assert_eq!(answer(&mut connect(&proxy).await, b"c").await, None);
    proxy.set(Fault::Pass);
    assert!(answer(&mut connect(&proxy).await, b"d").await.is_some());
}

#[tokio::test]
async fn a_request_whose_reply_is_dropped_has_reached_the_server() {
    let (proxy, mut heard) = echo().await;
    proxy.set(Fault::DropReplies(2));
    for said in [b"a", b"b"] {
        assert_eq!(answer(&mut connect(&proxy).await, said).await, None);
        assert_eq!(heard.recv().await, Some(said.to_vec()));
    }
    assert_eq!(proxy.fault(), Fault::Pass);
    assert!(answer(&mut connect(&proxy).await, b"c").await.is_some());
}

#[tokio::test]
async fn a_throttle_takes_as_long_as_its_bytes() {
    let (proxy, _heard) = echo().await;
    let mut stream = connect(&proxy).await;
    proxy.set(Fault::Throttle { bytes_per_second: 10_000 });
    let began = Instant::now();
    assert!(answer(&mut stream, &[7; 1_000]).await.is_some());
    assert!(began.elapsed() >= A_WHILE, "{:?}", began.elapsed());
}
