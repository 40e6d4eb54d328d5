//! Encryption, with an authority of our own: which servers are trusted, which are not, and what the error says.

use flow_core::{SessionId, StoreError};
use flow_postgres::{AddressError, ConnectError, PostgresBuilder, PostgresStore};
use flow_proving::{Encryption, PostgresServer};

use crate::{
    authority::{Authority, Certified},
    server::{PATIENCE, SERVER},
    writes::{create, told, write},
};

fn server(certified: &Certified, clients: Option<&str>) -> PostgresServer {
    PostgresServer::encrypted(Encryption { certificate: &certified.certificate, key: &certified.key, clients })
}

/// The server by a name, encrypted.
fn at(server: &PostgresServer, host: &str) -> PostgresBuilder<PostgresStore> {
    let url = server.url("postgres").replace("127.0.0.1", host) + "?sslmode=verify-full";
    PostgresStore::builder(&url).connect_deadline(PATIENCE).call_deadline(PATIENCE)
}

async fn refused(builder: PostgresBuilder<PostgresStore>) -> String {
    match builder.connect().await.expect_err("it is not to be trusted") {
        ConnectError::Server(error @ StoreError::Denied(_)) => told(&error),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_of_our_own_authority_is_trusted_and_no_other() {
    let (ours, other) = (Authority::new(), Authority::new());
    let server = server(&ours.issue("localhost"), None);
    let store = at(&server, "localhost").authorities(ours.pem()).connect().await.expect("a store");
    write(&store, create(SessionId::random())).await;
    assert_eq!(server.ask("SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl"), "1");
    let unknown = "nobody whom we trust has issued the server's certificate";
    assert!(refused(at(&server, "localhost").authorities(other.pem())).await.contains(unknown));
    let another_name = "the server's certificate is for another name";
    assert!(refused(at(&server, "127.0.0.1").authorities(ours.pem())).await.contains(another_name));
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_told() {
    let ours = Authority::new();
    let server = server(&ours.issue_expired("localhost"), None);
    assert!(refused(at(&server, "localhost").authorities(ours.pem())).await.contains("has expired"));
}

#[tokio::test]
async fn a_server_may_want_a_certificate_of_ours() {
    let (ours, other) = (Authority::new(), Authority::new());
    let server = server(&ours.issue("localhost"), Some(&ours.pem()));
    let at = || at(&server, "localhost").authorities(ours.pem());
    let (us, stranger) = (ours.issue("bot"), other.issue("bot"));
    let store = at().identity(us.certificate.as_str(), us.key.as_str()).connect().await.expect("a store");
    write(&store, create(SessionId::random())).await;
    // Without one, the server lets us come in and then says that it knows us not.
    assert!(refused(at()).await.contains("the server refuses the user or the password"));
    let strange = at().identity(stranger.certificate.as_str(), stranger.key.as_str());
    assert!(refused(strange).await.contains("the server does not accept our certificate"));
    let mixed = at().identity(us.certificate.as_str(), "no key").lazy();
    assert!(matches!(mixed, Err(ConnectError::Address(AddressError::Certificates))), "{mixed:?}");
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_not_spoken_to() {
    assert!(refused(at(&SERVER, "localhost")).await.contains("the server does not encrypt"));
}
