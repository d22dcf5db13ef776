//! A daemon on a store in a temporary folder, and the inventory system that asks it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hemogate::clock;
use hemogate::config::Config;
use hemogate::daemon::{Daemon, StartError, runtime};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::wire::Wire;

/// Longest wait for anything in these tests; only a failing test takes that long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An immunology analyser that speaks LIS02 in LIS01 frames.
pub const E601: &str = r#"
[[analyser]]
id = "e601"
profile = "roche-cobas-e601"
tests = { "286" = "hbsag", "111" = "anti-hcv", "515" = "hiv", "149" = "tp" }
"#;

/// A chemistry analyser that speaks HL7 in MLLP blocks.
pub const BS: &str = r#"
[[analyser]]
id = "bs"
profile = "mindray-bs"
tests = { "13" = "alt" }
"#;

pub const LISTEN: &str = "tcp_listen = \"127.0.0.1:0\"\n";

pub struct Bench {
    daemon: Option<Daemon>,
    pub runtime: Runtime,
    folder: TempDir,
}

impl Bench {
    /// A running daemon with these analysers.
    pub fn new(analysers: &str) -> Bench {
        let mut bench = Bench::stopped();
        bench.start(analysers).unwrap();
        bench
    }

    /// With both analysers listening.
    pub fn listening() -> Bench {
        Bench::new(&both_listening())
    }

    /// A place for a daemon.
    pub fn stopped() -> Bench {
        Bench { daemon: None, runtime: runtime().unwrap(), folder: TempDir::new().unwrap() }
    }

    pub fn start(&mut self, analysers: &str) -> Result<(), StartError> {
        let text = config_text("127.0.0.1:0", analysers);
        let config = Config::parse("test.toml", &text, self.folder.path()).unwrap();
        self.daemon = Some(self.runtime.block_on(Daemon::start(config))?);
        Ok(())
    }

    pub fn stop(&mut self) {
        let daemon = self.daemon.take().unwrap();
        self.runtime.block_on(daemon.shutdown());
    }

    /// The daemon, to be stopped from elsewhere.
    pub fn take_daemon(&mut self) -> Daemon {
        self.daemon.take().unwrap()
    }

    fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn store_path(&self) -> PathBuf {
        self.path("hemogate.db")
    }

    pub fn http_addr(&self) -> SocketAddr {
        self.daemon().http_addr()
    }

    pub fn addr(&self, analyser: &str) -> SocketAddr {
        self.daemon().analyser_addr(analyser).unwrap()
    }

    pub fn wire(&self, analyser: &str) -> Wire<std::net::TcpStream> {
        Wire::connect(self.addr(analyser))
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        get(self.http_addr(), path)
    }

    pub fn register(&self, din: &str) {
        let url = format!("http://{}/api/v1/donations", self.http_addr());
        let response = agent().post(&url).send_json(registration(din)).unwrap();
        assert!(response.status().is_success(), "{din}: {}", response.status());
    }

    pub fn observations(&self, din: &str) -> Vec<Value> {
        match self.get(&format!("/api/v1/donations/{din}")) {
            (200, donation) => donation["observations"].as_array().unwrap().clone(),
            (404, _) => Vec::new(),
            (status, body) => panic!("{din}: {status} {body}"),
        }
    }

    /// Distinct messages that observations of these donations came from.
    pub fn messages(&self, din: &str) -> Vec<i64> {
        let mut messages: Vec<_> = self
            .observations(din)
            .iter()
            .map(|observation| observation["message"].as_i64().unwrap())
            .collect();
        messages.dedup();
        messages
    }

    /// Analyser, assay and standing of each order of this donation.
    pub fn orders(&self, din: &str) -> Vec<(String, String, String)> {
        let (status, donation) = self.get(&format!("/api/v1/donations/{din}"));
        assert_eq!(status, 200, "{din}: {donation}");
        let text = |order: &Value, key: &str| order[key].as_str().unwrap_or("open").to_owned();
        let orders = donation["orders"].as_array().unwrap().iter();
        let told = |order| (text(order, "analyser"), text(order, "assay"), text(order, "standing"));
        orders.map(told).collect()
    }

    /// The standings of its orders, in the order in which they were issued.
    pub fn standings(&self, din: &str) -> Vec<String> {
        self.orders(din).into_iter().map(|(_, _, standing)| standing).collect()
    }

    /// Waits until so many orders stand like this.
    pub fn until_orders(&self, din: &str, count: usize, standing: &str) {
        self.until(&format!("{count} orders of {din} {standing}"), |bench| {
            bench.standings(din).iter().filter(|own| *own == standing).count() == count
        });
    }

    /// Messages of ours to this analyser that ended so.
    pub fn sent(&self, analyser: &str, outcome: &str) -> u64 {
        let name = "hemogate_order_messages_total";
        self.metric(&format!("{name}{{analyser=\"{analyser}\",outcome=\"{outcome}\"}}"))
    }

    /// Kinds of the notes at this analyser's lines.
    pub fn notes(&self, analyser: &str) -> Vec<String> {
        let (status, links) = self.get("/api/v1/links");
        assert_eq!(status, 200, "{links}");
        let links = links["links"].as_array().unwrap();
        let link = links.iter().find(|link| link["analyser"] == analyser).unwrap();
        let notes = link["notes"].as_array().unwrap().iter();
        notes.map(|note| note["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// A shipped profile with this in place of that, as a file beside the configuration.
    pub fn profile(&self, shipped: &str, changes: &[(&str, &str)]) -> String {
        let mut text = hemogate::analyser::shipped(shipped).unwrap().to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{shipped} has no {from}");
            text = text.replacen(from, to, 1);
        }
        std::fs::write(self.path("own.toml"), text).unwrap();
        "own.toml".to_owned()
    }

    pub fn unread(&self) -> Vec<Value> {
        let (status, body) = self.get("/api/v1/messages?state=unread");
        assert_eq!(status, 200, "{body}");
        body["messages"].as_array().unwrap().clone()
    }

    /// One number of `/metrics`; 0 where it is not counted yet.
    pub fn metric(&self, name_and_labels: &str) -> u64 {
        let url = format!("http://{}/metrics", self.http_addr());
        let text = agent().get(&url).call().unwrap().body_mut().read_to_string().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name_and_labels));
        line.map_or(0, |value| value.trim().parse().unwrap())
    }

    /// Asks until it is so.
    pub fn until(&self, what: &str, is_so: impl Fn(&Bench) -> bool) {
        let deadline = clock::moment().plus(PATIENCE);
        while !is_so(self) {
            assert!(clock::moment() < deadline, "waited in vain: {what}");
        }
    }
}

pub fn both_listening() -> String {
    format!("{E601}{LISTEN}{BS}{LISTEN}")
}

pub fn config_text(http: &str, analysers: &str) -> String {
    let switches =
        include_str!("../../fixtures/rules/results-only.toml").replace("[site]", "[switches]");
    format!(
        "[store]\npath = \"hemogate.db\"\n[http]\nlisten = \"{http}\"\n[rules]\nfile = \"cn\"\n\
         {switches}[donation_number]\npattern = \"D[0-9]{{10}}\"\n{analysers}"
    )
}

pub fn registration(din: &str) -> Value {
    json!({
        "din": din,
        "collected_at": "2026-01-01T08:00:00Z",
        "site": "01",
        "donor": { "kind": "first", "deferred": false, "historic_group": null },
    })
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

pub fn get(http: SocketAddr, path: &str) -> (u16, Value) {
    let mut response = agent().get(format!("http://{http}{path}")).call().unwrap();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
