//! Platforms are called: what came of a call is known for certain, or said to be in doubt, and the key to the bot stays hidden.

#![cfg(feature = "client")]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener as Listener},
    process::Command,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use flow_core::Fate;
use flow_http::client::{Answer, Call, Client, NoAnswer};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, crypto::ring, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

/// A server that does this with each connection.
async fn server<D: Future<Output = ()> + Send>(with: impl Fn(TcpStream) -> D + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            with(connection).await;
        }
    });
    address
}

/// One that answers each request with this.
async fn answering(answer: impl Into<String>) -> SocketAddr {
    let answer = answer.into();
    server(move |mut connection| {
        let answer = answer.clone();
        async move {
            if read_request(&mut connection).await {
                // A client that has heard enough may be gone.
                let _ = connection.write_all(answer.as_bytes()).await;
            }
        }
    })
    .await
}

/// Reads a request to the end of its body, if there is one. Tells whether there was one.
async fn read_request(connection: &mut TcpStream) -> bool {
    let (mut request, mut some) = (Vec::new(), [0; 1024]);
    while let Ok(count @ 1..) = connection.read(&mut some).await {
        request.extend_from_slice(&some[..count]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return true;
        }
    }
    false
}

fn message(address: SocketAddr) -> Call {
    Call::post(format!("http://{address}/bot4711:canary/sendMessage")).bearer("canary").json(&["canary"])
}

async fn called(call: Call) -> Result<Answer, NoAnswer> {
    Client::new().patience(Duration::from_secs(5)).call(call).await
}

fn fate(no_answer: NoAnswer) -> String {
    format!("{:?}", Fate::from(no_answer))
}

#[tokio::test]
async fn nobody_has_a_call_that_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let no_answer = called(message(address)).await.expect_err("nobody is there");
    assert_eq!((no_answer.to_string(), no_answer.may_have_arrived()), ("nobody listens at its address".into(), false));
    assert_eq!(fate(no_answer), "Failed");
    let no_answer = called(Call::get("https://no-such-host.invalid/")).await.expect_err("no such host");
    assert!(no_answer.to_string().starts_with("it cannot be reached") && !no_answer.may_have_arrived(), "{no_answer}");
}

#[tokio::test]
async fn a_connection_that_breaks_off_after_the_request_leaves_it_in_doubt() {
    let resets = server(|mut connection| async move {
        read_request(&mut connection).await;
        connection.set_zero_linger().expect("an option");
    });
    let no_answer = called(message(resets.await)).await.expect_err("no answer");
    assert_eq!(no_answer.to_string(), "the connection ended before there was an answer");
    assert_eq!(fate(no_answer), "InDoubt");
    // Also if it has begun to answer.
    let half = answering("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"ok\":").await;
    let no_answer = called(message(half)).await.expect_err("half an answer");
    assert_eq!(no_answer.to_string(), "the connection ended in the middle of the answer");
    assert!(no_answer.may_have_arrived());
    let babble = answering("SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
    assert!(called(message(babble)).await.expect_err("no HTTP").may_have_arrived());
}

#[tokio::test]
async fn a_call_that_is_not_answered_in_time_is_in_doubt_and_one_that_was_never_sent_is_not() {
    let silent = server(|mut connection| async move {
        read_request(&mut connection).await;
        sleep(Duration::from_secs(60)).await;
    });
    let (client, began) = (Client::new().patience(Duration::from_millis(100)), Instant::now());
    let no_answer = client.call(message(silent.await)).await.expect_err("no answer");
    assert_eq!(no_answer.to_string(), "there was no answer in time");
    assert_eq!(fate(no_answer), "InDoubt");
    assert!(began.elapsed() < Duration::from_secs(2));
    // The same by a connection that is there already.
    let once = server(|mut connection| async move {
        read_request(&mut connection).await;
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("written");
        read_request(&mut connection).await;
        sleep(Duration::from_secs(60)).await;
    });
    let once = once.await;
    client.call(message(once)).await.expect("an answer");
    assert!(client.call(message(once)).await.expect_err("no answer").may_have_arrived());
    // It takes the connection, and does not speak: nothing was sent to it.
    let mute = server(|connection| async move {
        sleep(Duration::from_secs(60)).await;
        drop(connection);
    });
    let call = Call::post(format!("https://{}/canary", mute.await)).patience(Duration::from_millis(100));
    let no_answer = Client::new().call(call).await.expect_err("no encryption");
    assert_eq!((no_answer.to_string(), no_answer.may_have_arrived()), ("it cannot be reached in time".into(), false));
    assert_eq!(fate(no_answer), "Failed");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_none() {
    let long = "x".repeat(2_000);
    let large = answering(format!("HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n{long}")).await;
    let no_answer = called(message(large).largest_answer(1_999)).await.expect_err("too large");
    assert_eq!(no_answer.to_string(), "the answer is larger than it may be");
    assert!(no_answer.may_have_arrived());
    assert_eq!(called(message(large).largest_answer(2_000)).await.expect("an answer").body().len(), 2_000);
    // One that does not say how large it is, and does not end.
    let endless = server(|mut connection| async move {
        read_request(&mut connection).await;
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while connection.write_all(b"4\r\nblah\r\n").await.is_ok() {}
    });
    let no_answer = called(message(endless.await).largest_answer(10_000)).await.expect_err("endless");
    assert_eq!(no_answer.to_string(), "the answer is larger than it may be");
}

#[tokio::test]
async fn a_call_goes_in_the_clear_to_this_machine_alone_or_to_a_host_that_is_named() {
    let client = Client::new().plaintext_host("stub.invalid");
    let refused = [
        "http://example.com/canary",
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "http://localhost:80@example.com/",
        "http://127.0.0.1.example.com/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://[::ffff:8.8.8.8]/",
        "http://other.stub.invalid/",
        "http://stub.invalid.example.com/",
        "ftp://localhost/",
        "localhost",
        "/bot4711:canary/sendMessage",
        "",
        "http://a host/",
    ];
    for address in refused {
        let no_answer = client.call(Call::get(address)).await.expect_err("not in the clear");
        assert!(!no_answer.may_have_arrived() && !no_answer.to_string().contains("reached"), "{address}: {no_answer}");
    }
    let no_answer = client.call(Call::get("http://stub.invalid/")).await.expect_err("no such host");
    assert!(no_answer.to_string().starts_with("it cannot be reached"), "it was tried: {no_answer}");
    let here = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for host in ["127.0.0.1", "localhost"] {
        let answer = client.call(Call::get(format!("http://{host}:{}/", here.port()))).await;
        assert_eq!(answer.expect("an answer").status(), 200, "{host}");
    }
}

#[tokio::test]
async fn what_the_platform_wants_of_waiting_is_read_in_both_forms() {
    let asks = async |value: &str| {
        let answer = format!("HTTP/1.1 429 Too Many Requests\r\nretry-after: {value}\r\ncontent-length: 0\r\n\r\n");
        called(message(answering(answer).await)).await.expect("an answer").retry_after()
    };
    assert_eq!(asks("34").await, Some(Duration::from_secs(34)));
    assert_eq!(asks("0").await, Some(Duration::ZERO));
    let date = |time: chrono::DateTime<Utc>| time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let soon = asks(&date(Utc::now() + TimeDelta::seconds(90))).await.expect("a time");
    assert!((85..=90).contains(&soon.as_secs()), "{soon:?}");
    assert_eq!(asks(&date(Utc::now() - TimeDelta::hours(1))).await, Some(Duration::ZERO), "it is over");
    assert_eq!(asks("Sun, 06 Nov 1994 08:49:37 GMT").await, Some(Duration::ZERO), "as the standard has it");
    for other in ["", "soon", "-1", "99999999999999999999999", "1994-11-06T08:49:37Z"] {
        assert_eq!(asks(other).await, None, "{other}");
    }
    let none = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(called(message(none)).await.expect("an answer").retry_after(), None);
}

#[tokio::test]
async fn the_token_of_the_bot_stands_in_nothing_that_is_shown() {
    let client = Client::new();
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    };
    let answered = answering("HTTP/1.1 200 OK\r\nx-canary: canary\r\ncontent-length: 8\r\n\r\n\"canary\"").await;
    let broken = Call::post("http://127.0.0.1/bot4711:canary\n/sendMessage");
    let unwritable = message(answered).bearer("canary\n");
    let mut shown =
        vec![format!("{client:?}"), format!("{:?}", message(answered)), format!("{broken:?} {unwritable:?}")];
    for call in [message(refused), broken, unwritable, Call::post("http://example.com/bot4711:canary/sendMessage")] {
        let no_answer = client.call(call).await.expect_err("no answer");
        shown.push(format!("{no_answer} {no_answer:?} {:?}", Fate::from(no_answer)));
    }
    let answer = client.call(message(answered)).await.expect("an answer");
    shown.push(format!("{answer:?}"));
    shown.push(answer.json::<u8>().expect_err("another shape").to_string());
    for shown in shown {
        assert!(!shown.contains("canary") && !shown.contains("4711") && !shown.contains("127.0.0.1"), "{shown}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_it_lay_unused_makes_no_call_doubtful() {
    // It says that it keeps the connection, and closes it.
    let closing = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let client = Client::new();
    for _ in 0..20 {
        assert_eq!(client.call(message(closing)).await.expect("an answer").body(), "ok");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let (sender, mut opened) = tokio::sync::mpsc::unbounded_channel();
    let keeping = server(move |mut connection| {
        sender.send(()).expect("the test listens");
        async move {
            while read_request(&mut connection).await {
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("written");
            }
        }
    });
    let (address, client) = (keeping.await, Client::new());
    for _ in 0..20 {
        client.clone().call(message(address)).await.expect("an answer");
    }
    opened.recv().await.expect("one");
    assert!(opened.try_recv().is_err(), "one connection is enough");
}

#[tokio::test]
async fn a_redirection_is_an_answer_and_is_not_followed() {
    let elsewhere = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let redirect =
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let answer = called(message(answering(redirect).await)).await.expect("an answer");
    assert_eq!(answer.status(), 307);
}

/// An authority of our own, and a server on this machine that it vouches for. Tells what the server heard of its first client.
fn encrypted() -> (String, SocketAddr, JoinHandle<std::io::Result<String>>) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = certificate.signed_by(&key, &authority).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate and its key");
    let listener = Listener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept()?;
        let mut session = ServerConnection::new(Arc::new(config)).expect("a session");
        let mut stream = rustls::Stream::new(&mut session, &mut connection);
        let mut request = [0; 4096];
        let count = stream.read(&mut request)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")?;
        Ok(String::from_utf8_lossy(&request[..count]).into_owned())
    });
    (authority.pem(), address, serving)
}

#[tokio::test]
async fn a_server_of_an_authority_that_the_machine_does_not_know_is_told_nothing() {
    let (_, address, serving) = encrypted();
    let call = Call::post(format!("https://localhost:{}/bot4711:canary", address.port()));
    let no_answer = called(call).await.expect_err("nobody vouches for it");
    assert_eq!(no_answer.to_string(), "its certificate is not one that this machine trusts, or it does not encrypt");
    assert_eq!(fate(no_answer), "Failed");
    let heard = serving.join().expect("it ended").expect_err("nothing but an alert");
    assert!(heard.to_string().contains("UnknownCA"), "{heard}");
    // One that does not encrypt is no better.
    let clear = answering("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let no_answer = called(Call::get(format!("https://localhost:{}/", clear.port()))).await.expect_err("clear");
    assert!(!no_answer.may_have_arrived(), "{no_answer}");
}

/// The name by which this program knows that it was started for the one that trusts.
const PORT: &str = "FLOW_HTTP_CLIENT_TEST_PORT";

#[tokio::test]
async fn a_server_of_an_authority_that_the_machine_trusts_is_called() {
    if let Ok(port) = std::env::var(PORT) {
        let answer = called(Call::post(format!("https://localhost:{port}/path"))).await.expect("an answer");
        assert_eq!(answer.body(), "ok");
        return;
    }
    let (authority, address, serving) = encrypted();
    let file = std::env::temp_dir().join(format!("flow-http-authority-{}.pem", std::process::id()));
    std::fs::write(&file, authority).expect("a file");
    // What a machine trusts is read from this variable first, and a program's own cannot be set safely.
    let trusting = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_server_of_an_authority_that_the_machine_trusts_is_called"])
        .env("SSL_CERT_FILE", &file)
        .env(PORT, address.port().to_string())
        .output()
        .expect("it runs");
    std::fs::remove_file(&file).expect("it was there");
    assert!(trusting.status.success(), "{}", String::from_utf8_lossy(&trusting.stdout));
    let heard = serving.join().expect("it ended").expect("a request");
    assert!(heard.starts_with("POST /path HTTP/1.1"), "{heard}");
}
