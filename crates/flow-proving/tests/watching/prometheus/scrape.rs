//! What a bot tells, gathered as Prometheus gathers it: a request on a connection, and the text read into [`Series`].

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// What a server answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

pub(crate) async fn get(address: SocketAddr, path: &str, bearer: &str) -> Option<Answer> {
    ask(address, "GET", path, Some(bearer), "").await
}

/// Asks, with this token if there is one; none if nobody answers.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    bearer: Option<&str>,
    body: &str,
) -> Option<Answer> {
    let asked = async {
        let mut connection = TcpStream::connect(address).await.ok()?;
        let access = bearer.map(|bearer| format!("Authorization: Bearer {bearer}\r\n")).unwrap_or_default();
        let length = body.len();
        // An answer to version 1.0 comes in one piece.
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: kiosk\r\n{access}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        connection.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, body: body.to_owned() })
    };
    timeout(Duration::from_secs(10), asked).await.ok()?
}

/// A series, by its name and labels as they are written, and its value.
pub(crate) fn series(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '))
}

/// What is told: for each name of a series its labels, and for each of these its values.
#[derive(Debug, Default)]
pub(crate) struct Told(pub(crate) BTreeMap<String, BTreeMap<String, BTreeSet<String>>>);

impl Told {
    pub(crate) fn of(text: &str) -> Self {
        let mut told = Self::default();
        for (series, _) in series(text) {
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let of = told.0.entry(name.to_owned()).or_default();
            for (label, value) in labels_of(labels) {
                of.entry(label).or_default().insert(value);
            }
        }
        told
    }
}

/// The labels that stand before the closing brace, with their values.
fn labels_of(labels: &str) -> Vec<(String, String)> {
    let pairs = labels.trim_end_matches('}').split("\",").filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (label, value) = pair.split_once("=\"").expect("a label and its value");
            (label.to_owned(), value.trim_end_matches('"').to_owned())
        })
        .collect()
}
