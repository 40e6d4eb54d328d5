//! `rediss://`, with an authority of our own: which servers are trusted, which are not, and what the error says.

use std::{fs, path::Path};

use flow_core::{SessionId, StoreError};
use flow_proving::{RedisServer, free_port};
use flow_redis::{AddressError, ConnectError, RedisStore, RedisStoreBuilder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;

use crate::writes::{create, told, write};

/// Issues certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
struct Certified {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = parameters("authority");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("a certificate"))
    }

    fn issue(&self, name: &str) -> Certified {
        self.sign(&parameters(name))
    }

    fn issue_expired(&self, name: &str) -> Certified {
        let mut parameters = parameters(name);
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(2021, 1, 1);
        self.sign(&parameters)
    }

    fn sign(&self, parameters: &CertificateParams) -> Certified {
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.0).expect("a certificate");
        Certified { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    fn pem(&self) -> String {
        self.0.pem()
    }
}

fn parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    // By which authorities are told apart.
    parameters.distinguished_name.push(DnType::CommonName, format!("{name} {}", SessionId::random()));
    parameters
}

/// A server with this certificate, and its URL.
fn server(folder: &TempDir, authority: &Authority, certified: &Certified, settings: &[&str]) -> (RedisServer, String) {
    let place = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        Path::display(&path).to_string()
    };
    let (authority, port) = (place("ca.pem", &authority.pem()), free_port().to_string());
    let (certificate, key) = (place("server.pem", &certified.certificate), place("server.key", &certified.key));
    let encrypted = ["--tls-port", &port, "--tls-cert-file", &certificate, "--tls-key-file", &key];
    let settings = [&encrypted, &["--tls-ca-cert-file", &authority][..], settings].concat();
    (RedisServer::with(&settings), format!("rediss://localhost:{port}"))
}

async fn refused(builder: RedisStoreBuilder) -> String {
    match builder.connect().await.expect_err("it is not to be trusted") {
        ConnectError::Server(error @ StoreError::Denied(_)) => told(&error),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_of_our_own_authority_is_trusted_and_no_other() {
    let (folder, ours, other) = (tempfile::tempdir().expect("a folder"), Authority::new(), Authority::new());
    let (_server, url) = server(&folder, &ours, &ours.issue("localhost"), &["--tls-auth-clients", "no"]);
    let store = RedisStore::builder(&url).authorities(ours.pem()).connect().await.expect("a store");
    write(&store, create(SessionId::random())).await;
    let unknown = "nobody whom we trust has issued the server's certificate";
    assert!(refused(RedisStore::builder(&url).authorities(other.pem())).await.contains(unknown));
    let by_address = url.replace("localhost", "127.0.0.1");
    let another_name = "the server's certificate is for another name";
    assert!(refused(RedisStore::builder(&by_address).authorities(ours.pem())).await.contains(another_name));
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_told() {
    let (folder, ours) = (tempfile::tempdir().expect("a folder"), Authority::new());
    let (_server, url) = server(&folder, &ours, &ours.issue_expired("localhost"), &["--tls-auth-clients", "no"]);
    assert!(refused(RedisStore::builder(&url).authorities(ours.pem())).await.contains("has expired"));
}

#[tokio::test]
async fn a_server_may_want_a_certificate_of_ours() {
    let (folder, ours, other) = (tempfile::tempdir().expect("a folder"), Authority::new(), Authority::new());
    let (_server, url) = server(&folder, &ours, &ours.issue("localhost"), &["--tls-auth-clients", "yes"]);
    let at = || RedisStore::builder(&url).authorities(ours.pem());
    let (us, stranger) = (ours.issue("bot"), other.issue("bot"));
    let store = at().identity(us.certificate.as_str(), us.key.as_str()).connect().await.expect("a store");
    write(&store, create(SessionId::random())).await;
    assert!(refused(at()).await.contains("the server wants a certificate of ours"));
    let strange = at().identity(stranger.certificate.as_str(), stranger.key.as_str());
    assert!(refused(strange).await.contains("the server does not accept our certificate"));
    let mixed = at().identity(us.certificate.as_str(), "no key").connect().await;
    assert!(matches!(mixed, Err(ConnectError::Address(AddressError::Certificates))), "{mixed:?}");
}

#[tokio::test]
async fn a_plaintext_url_to_another_machine_is_refused_unless_allowed_by_name() {
    let builder = || RedisStore::builder("redis://:hunter2@db.invalid");
    for refused in [builder(), builder().allow_plaintext("other.invalid")] {
        let error = refused.lazy().expect_err("in the clear");
        assert!(matches!(error, ConnectError::Address(AddressError::Plaintext)), "{error:?}");
    }
    builder().allow_plaintext("db.invalid").lazy().expect("allowed");
}
