//! The compose files: they can be read, and the servers they name keep what the operator's guide says.

use std::{fs, path::Path};

use flow_proving::RedisServer;
use flow_redis::{RedisStore, Warning};
use serde_json::Value;

/// The folder of the whole repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in it")
}

fn services(name: &str) -> Vec<(String, Value)> {
    let text = fs::read_to_string(root().join(format!("deploy/{name}.yaml"))).expect("a file");
    let file: Value = serde_saphyr::from_str(&text).expect("YAML");
    let services = file["services"].as_object().expect("services").clone();
    for (name, service) in &services {
        assert_eq!(service["image"], "redis:7.2", "{name}");
        let volumes = service["volumes"].as_array().into_iter().flatten();
        for volume in volumes.map(|volume| volume.as_str().expect("a volume").split(':').next().expect("its name")) {
            assert!(file["volumes"].get(volume).is_some(), "{volume}");
        }
        let others = service["depends_on"].as_array().into_iter().flatten();
        assert!(others.into_iter().all(|other| services.contains_key(other.as_str().expect("a name"))));
    }
    services.into_iter().collect()
}

fn command(service: &Value) -> Vec<String> {
    let words = service["command"].as_array().expect("a command").iter();
    words.map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// What a server with this command warns of; none if the command is another program's.
async fn warnings(service: &Value) -> Option<Vec<Warning>> {
    let command = command(service);
    let (program, settings) = command.split_first().expect("a program");
    if program != "redis-server" {
        return None;
    }
    // On this machine the others have other names, and one node is no cluster.
    let elsewhere = ["--replicaof", "--replica-announce-ip", "--cluster-enabled", "--cluster-node-timeout"];
    let settings = settings.chunks(2).filter(|pair| !elsewhere.contains(&pair[0].as_str())).flatten();
    let settings: Vec<_> = settings.map(|word| if word.starts_with("${") { "secret" } else { word }).collect();
    let is_secured = settings.contains(&"--requirepass");
    let server = RedisServer::with(&settings);
    let builder = RedisStore::builder(&server.url());
    let builder = if is_secured { builder.password("secret") } else { builder };
    let store = builder.connect().await.expect("a server that keeps what it is given");
    Some(store.health().await.expect("its health").warnings)
}

#[tokio::test]
async fn the_single_server_of_the_compose_file_breaks_no_promise() {
    for (name, service) in services("redis-single") {
        assert_eq!(warnings(&service).await, Some(Vec::new()), "{name}");
    }
}

#[tokio::test]
async fn the_servers_of_sentinels_and_clusters_may_lose_the_last_second_and_no_more() {
    for (file, servers) in [("redis-sentinel", 2), ("redis-cluster", 6)] {
        let mut found = 0;
        for (name, service) in services(file) {
            if let Some(warnings) = warnings(&service).await {
                assert_eq!(warnings, [Warning::LastSecond], "{name}");
                found += 1;
            }
        }
        assert_eq!(found, servers, "{file}");
    }
}

#[test]
fn three_sentinels_watch_over_the_master_by_its_name() {
    let services = services("redis-sentinel");
    let sentinels = services.iter().filter(|(name, _)| name.starts_with("sentinel-"));
    let scripts: Vec<_> = sentinels.map(|(_, service)| command(service)[2].clone()).collect();
    assert_eq!(scripts.len(), 3);
    for script in scripts {
        assert!(script.contains("sentinel monitor salon redis-1 6379 2\n"), "{script}");
        assert!(services.iter().any(|(name, _)| name == "redis-1"));
    }
}
