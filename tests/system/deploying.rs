//! The files by which a bot is run, beside the program that they run: what they set there is, and what they ask it answers.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use flow_chat::service::{Key, Settings, Sources};
use serde_json::Value;

use crate::programs::{BUILT, example, signal};

type Variables = BTreeMap<String, String>;

fn text(name: &str) -> String {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in it").join("deploy");
    fs::read_to_string(deploy.join(name)).expect("a file")
}

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).expect("YAML")
}

fn words(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// The variables of a map of names and values.
fn variables_of(map: &Value) -> Variables {
    let map = map.as_object().expect("variables").iter();
    map.map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())).collect()
}

/// The variables that the image is made with.
fn of_the_image() -> Variables {
    let dockerfile = text("Dockerfile");
    let lines = dockerfile.lines().filter_map(|line| line.strip_prefix("ENV "));
    lines.flat_map(str::split_whitespace).map(pair).collect()
}

/// The variables of the unit, where systemd has put its own places in.
fn of_the_unit() -> Variables {
    let unit = text("flow.service").replace("%S", "/var/lib").replace("%d", "/run/credentials/salon.service");
    let lines = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
    lines.flat_map(str::split_whitespace).map(pair).collect()
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').expect("a name and a value");
    (name.to_owned(), value.to_owned())
}

/// What the bot of the examples makes of these variables, where each file of a secret is there.
fn read(variables: &Variables) -> Settings {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    fs::write(&secret, "a secret of at least sixteen bytes\n").expect("a file");
    let secret = secret.display().to_string();
    let given = variables.iter().map(|(name, value)| {
        let is_of_a_file = name.starts_with("FLOW_") && name.ends_with("_FILE");
        (name.clone(), if is_of_a_file { secret.clone() } else { value.clone() })
    });
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let read = Sources::new().own(Key::word("log", "How much to tell.", levels)).variables(given).read();
    read.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// A time as these files write it.
fn seconds(text: &str) -> Duration {
    Duration::from_secs(text.trim_end_matches('s').parse().expect("seconds"))
}

const COMPOSED: [&str; 3] = ["sqlite", "postgres", "redis"];

#[test]
fn every_way_to_run_the_bot_sets_what_there_is_and_gives_it_time_to_end() {
    let mut ways = Vec::new();
    for name in COMPOSED {
        let bot = yaml(&format!("compose/{name}.yaml"))["services"]["salon"].clone();
        let variables = of_the_image().into_iter().chain(variables_of(&bot["environment"])).collect();
        ways.push((name, variables, seconds(bot["stop_grace_period"].as_str().expect("a time"))));
    }
    let unit = text("flow.service");
    let stop = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).expect("a time");
    ways.push(("systemd", of_the_unit(), seconds(stop)));
    let pod = yaml("kubernetes/deployment.yaml")["spec"]["template"]["spec"].clone();
    let config = variables_of(&yaml("kubernetes/config.yaml")["data"]);
    let grace = pod["terminationGracePeriodSeconds"].as_u64().expect("seconds");
    ways.push(("Kubernetes", config, Duration::from_secs(grace)));
    ways.push(("the image alone", of_the_image(), Duration::from_secs(12)));
    for (way, variables, grace) in ways {
        let settings = read(&variables);
        assert!(settings.longest_end() < grace, "{way}: {:?} in {grace:?}", settings.longest_end());
        assert!(settings.origin("store").is_some(), "{way}");
        let is_open = settings.listen().starts_with("0.0.0.0:");
        assert_eq!(is_open, way != "systemd", "{way}: what is alone in its network listens to all of it");
        if way != "the image alone" {
            assert!(settings.origin("daily.purge").is_some(), "{way}: what is old goes");
            assert!(settings.origin("server.proxies").is_some(), "{way}: it is said what stands before it");
        }
    }
}

#[test]
fn every_secret_that_a_file_names_is_brought_by_it() {
    for name in COMPOSED {
        let file = yaml(&format!("compose/{name}.yaml"));
        for (service, its) in file["services"].as_object().expect("services") {
            let brought = its.get("secrets").map_or_else(Vec::new, words);
            for secret in &brought {
                assert_eq!(file["secrets"][secret]["file"], format!("secrets/{secret}"), "{name}: {service}");
            }
            for volume in its.get("volumes").map_or_else(Vec::new, words) {
                assert!(file["volumes"].get(volume.split(':').next().expect("a name")).is_some(), "{name}: {volume}");
            }
            for (variable, path) in its["environment"].as_object().into_iter().flatten() {
                if let (true, Some(path)) = (variable.ends_with("_FILE"), path.as_str()) {
                    let secret = path.strip_prefix("/run/secrets/").expect("where they lie");
                    assert!(brought.iter().any(|brought| brought == secret), "{name}: {service}: {variable}");
                }
            }
            for (other, when) in its["depends_on"].as_object().into_iter().flatten() {
                assert_eq!(when["condition"], "service_healthy", "{name}");
                assert!(file["services"][other]["healthcheck"]["test"].is_array(), "{name}: {other}");
            }
        }
    }
    let unit = text("flow.service");
    for (variable, path) in of_the_unit().iter().filter(|(name, _)| name.ends_with("_FILE")) {
        let credential = path.rsplit('/').next().expect("a name");
        assert!(unit.contains(&format!("\nLoadCredential={credential}:/etc/salon/{credential}\n")), "{variable}");
    }
    let secrets = yaml("kubernetes/secret.yaml")["stringData"].as_object().expect("secrets").clone();
    for (variable, path) in variables_of(&yaml("kubernetes/config.yaml")["data"]) {
        if variable.ends_with("_FILE") {
            let secret = path.strip_prefix("/run/secrets/salon/").expect("where they lie");
            assert_eq!(secrets[secret], "", "{variable}: {secret} is to be filled in, and is no secret of ours");
        }
    }
}

#[test]
fn the_pods_are_asked_where_they_answer_and_run_as_nobody() {
    let deployment = yaml("kubernetes/deployment.yaml");
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let listen = read(&variables_of(&yaml("kubernetes/config.yaml")["data"])).listen().to_owned();
    let port = &container["ports"][0];
    assert!(listen.ends_with(&format!(":{}", port["containerPort"])));
    for (probe, path) in [("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
        let asked = &container[probe]["httpGet"];
        assert_eq!((&asked["path"], &asked["port"]), (&path.into(), &port["name"]), "{probe}");
    }
    let service = yaml("kubernetes/service.yaml");
    assert_eq!(service["spec"]["ports"][0]["targetPort"], port["name"]);
    for selects in [
        &deployment["spec"]["selector"]["matchLabels"],
        &service["spec"]["selector"],
        &yaml("kubernetes/disruption.yaml")["spec"]["selector"]["matchLabels"],
    ] {
        assert_eq!(*selects, deployment["spec"]["template"]["metadata"]["labels"]);
    }
    let user = pod["securityContext"]["runAsUser"].to_string();
    assert!(text("Dockerfile").contains(&format!("\nUSER {user}:{user}\n")));
    let rights = &container["securityContext"];
    assert_eq!(
        (&pod["securityContext"]["runAsNonRoot"], &rights["readOnlyRootFilesystem"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        (&rights["allowPrivilegeEscalation"], &rights["capabilities"]["drop"][0]),
        (&false.into(), &"ALL".into())
    );
    assert_eq!(container["envFrom"][0]["configMapRef"]["name"], yaml("kubernetes/config.yaml")["metadata"]["name"]);
    assert_eq!(pod["volumes"][0]["secret"]["secretName"], yaml("kubernetes/secret.yaml")["metadata"]["name"]);
    for name in COMPOSED {
        let bot = yaml(&format!("compose/{name}.yaml"))["services"]["salon"].clone();
        assert_eq!((&bot["read_only"], &bot["cap_drop"][0]), (&true.into(), &"ALL".into()), "{name}");
        assert!(words(&bot["ports"]).iter().all(|port| port.starts_with("127.0.0.1:")), "{name}: TLS stands before it");
    }
}

/// What the image runs, in a folder of the test's own instead of `/data`, and at a port of its own.
fn as_the_image_does(instruction: &str, data: &Path, port: u16) -> std::process::Command {
    let dockerfile = text("Dockerfile");
    let list = |instruction: &str| -> Vec<String> {
        let line = dockerfile.lines().find(|line| line.starts_with(instruction)).expect("the instruction");
        let (_, list) = line.split_once('[').expect("a list");
        serde_json::from_str(&format!("[{list}")).expect("words")
    };
    let command: Vec<_> = match instruction {
        "HEALTHCHECK" => list("HEALTHCHECK"),
        _ => [list("ENTRYPOINT"), list("CMD [")].concat(),
    };
    let mut program = example(command[0].rsplit('/').next().expect("a name"));
    program.args(&command[1..]).env_remove("FLOW_STORE");
    for (name, value) in of_the_image() {
        program.env(name, value.replace("/data", &data.display().to_string()).replace(":8080", &format!(":{port}")));
    }
    program
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_the_image_runs_serves_says_that_it_is_well_and_ends_well() {
    let data = tempfile::tempdir().expect("a folder");
    // Another program of these tests may take a port that was free a moment ago.
    let started = (0..20).find_map(|_| {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let mut program = as_the_image_does("ENTRYPOINT", data.path(), port);
        let mut running = Running(program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect(BUILT));
        let mut lines = BufReader::new(running.0.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let opened = lines.next()?;
        Some((port, running, lines, opened))
    });
    let (port, mut running, mut lines, opened) = started.expect("a free port");
    assert_eq!(opened, format!("Salon Lumen is open: http://0.0.0.0:{port}"));
    let is_well = || as_the_image_does("HEALTHCHECK", data.path(), port).output().expect(BUILT).status.code();
    assert_eq!(is_well(), Some(0));
    let mut kept: Vec<_> =
        fs::read_dir(data.path()).expect("a folder").map(|file| file.expect("a file").file_name()).collect();
    kept.sort();
    assert!(kept.iter().any(|name| name == "salon.db") && kept.iter().any(|name| name == "flow"), "{kept:?}");
    signal("TERM", running.0.id());
    // Which channels are not set up, it has said before.
    let closed = lines.find(|line| !line.contains(": not set up;"));
    assert_eq!(closed.as_deref(), Some("Salon Lumen is closed: everything was done"));
    assert!(running.0.wait().expect("it ends").success());
    assert_eq!(is_well(), Some(1));
}

#[test]
fn the_operators_guide_tells_the_numbers_on_which_a_way_back_depends() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in it");
    let guide = fs::read_to_string(root.join("docs/operations.md")).expect("the guide");
    for (row, file, declared) in [
        ("| the schema of a SQLite file", "flow-sqlite/src/file.rs", "const NEWEST: u32 = "),
        ("| the schema in Postgres", "flow-postgres/src/migrations.rs", "const NEWEST: i32 = "),
        ("| the edition of a record", "flow-core/src/record/prefix.rs", "const EDITION: u8 = "),
    ] {
        let code = fs::read_to_string(root.join("crates").join(file)).expect("a file");
        let number = code.split(declared).nth(1).and_then(|rest| rest.split(';').next()).expect("a number");
        let told = guide.lines().find(|line| line.starts_with(row)).expect("its row");
        assert_eq!(told.split(" | ").nth(1), Some(number), "{row}");
    }
}
