//! A store in a temporary folder, the interface on a free port, and an inventory system.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use hemogate::api::{ApiState, router};
use hemogate::clock;
use hemogate::domain::{AskedId, AskedSpecimen, Assay, DonationNumberScheme, Observation};
use hemogate::domain::{Reading, ResultStatus, SpecimenKind};
use hemogate::limits;
use hemogate::rules::{self, RuleSet};
use hemogate::shape::RuleSetShape;
use hemogate::store::{Entry, Options, OrderPolicy, OrderRequest, Recorded, Store, Whose};
use hemogate::telemetry::{Measured, Telemetry};
use hemogate::traffic::Board;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A donation number of the ISBT 128 examples; its check character is `H`.
pub const DIN: &str = "G123498654321";

/// Longest wait of these tests; only a failing test takes that long.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Bench {
    pub store: Store,
    pub rules: Arc<RuleSet>,
    pub board: Board,
    address: SocketAddr,
    agent: ureq::Agent,
    runtime: Runtime,
    pub folder: TempDir,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub location: Option<String>,
    pub allow: Option<String>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The body of a problem with this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.kind, "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        problem
    }
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with_scheme(DonationNumberScheme::Isbt128)
    }

    pub fn with_scheme(scheme: DonationNumberScheme) -> Bench {
        let folder = TempDir::new().unwrap();
        let text = results_only();
        let rules = Arc::new(RuleSet::parse("cn.toml", &text).unwrap());
        let path = folder.path().join("hemogate.db");
        let options = Options { path, rules: Arc::clone(&rules), utc: clock::utc };
        let store = Store::open(options).unwrap();
        let runtime = Runtime::new().unwrap();
        let board = Board::new(clock::now());
        let address = serve(&runtime, &store, &rules, scheme, &board, None);
        let agent = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = agent.timeout_global(Some(PATIENCE)).build().into();
        Bench { store, rules, board, address, agent, runtime, folder }
    }

    /// The same store and board, as served where HTTP listens on `seems`.
    pub fn served_on(&self, seems: SocketAddr) -> SocketAddr {
        let scheme = DonationNumberScheme::Isbt128;
        serve(&self.runtime, &self.store, &self.rules, scheme, &self.board, Some(seems))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn get(&self, path: &str) -> Answer {
        read(self.agent.get(self.url(path)).call().unwrap())
    }

    /// The same, with this `Accept-Language`.
    pub fn get_in(&self, path: &str, language: Option<&str>) -> Answer {
        let request = self.agent.get(self.url(path));
        let request = match language {
            Some(language) => request.header("accept-language", language),
            None => request,
        };
        read(request.call().unwrap())
    }

    pub fn delete(&self, path: &str) -> Answer {
        read(self.agent.delete(self.url(path)).call().unwrap())
    }

    pub fn post(&self, kind: &str, body: &[u8]) -> Answer {
        let request = self.agent.post(self.url("/api/v1/donations")).content_type(kind);
        read(request.send(body).unwrap())
    }

    pub fn post_bytes(&self, path: &str, kind: &str, body: &[u8]) -> Answer {
        read(self.agent.post(self.url(path)).content_type(kind).send(body).unwrap())
    }

    pub fn post_to(&self, path: &str, body: &Value) -> Answer {
        self.post_bytes(path, "application/json", body.to_string().as_bytes())
    }

    /// Somebody puts records on record.
    pub fn records(&self, by: &str, records: Value) -> Answer {
        self.post_to("/api/v1/records", &json!({ "by": by, "records": records }))
    }

    pub fn register(&self, body: &Value) -> Answer {
        self.post("application/json", body.to_string().as_bytes())
    }

    /// Records a message and waits for its commit.
    /// Orders tests of a donation at an analyser; the order ids.
    pub fn order(&self, din: &str, analyser: &str, assays: &[Assay]) -> Vec<String> {
        let id = AskedId::Donation(DonationNumberScheme::Isbt128.parse(din).unwrap().din);
        let specimen = AskedSpecimen { id, rack: None, position: None, echo: Vec::new() };
        let request = OrderRequest {
            analyser: analyser.to_owned(),
            profile: "roche-cobas-e601".to_owned(),
            runs: assays.iter().copied().collect(),
            tests: BTreeMap::new(),
            policy: OrderPolicy::Once,
            settle_wait: limits::ORDER_SETTLE_WAIT,
            whose: Whose::Specimens(vec![specimen]),
            at_once: limits::ORDERED_DONATIONS_MAX,
            query: None,
        };
        let (tell, told) = mpsc::channel();
        self.store.order(request, Box::new(move |outcome| tell.send(outcome).unwrap()));
        let work = told.recv().unwrap().unwrap().work;
        work.into_iter().flat_map(|order| order.tests).flat_map(|test| test.order_ids).collect()
    }

    pub fn record(&self, entry: Entry) -> Recorded {
        let (tell, told) = mpsc::channel();
        self.store.record(entry, Box::new(move |outcome| tell.send(outcome).unwrap()));
        told.recv_timeout(PATIENCE).unwrap().unwrap()
    }
}

fn serve(
    runtime: &Runtime,
    store: &Store,
    rules: &RuleSet,
    scheme: DonationNumberScheme,
    board: &Board,
    seems: Option<SocketAddr>,
) -> SocketAddr {
    let telemetry = Telemetry::new();
    let (measured, lines) = (store.clone(), board.clone());
    let metrics = move || {
        let (store, store_health) = (measured.counters(), measured.health());
        let lines = lines.numbers();
        telemetry.encode_metrics(&Measured { store, store_health, lines, journal: None })
    };
    let rule_set = RuleSetShape::from(rules.identity());
    let state = ApiState::new(store.clone(), Arc::new(scheme), rule_set, Arc::new(metrics));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let state = state.with_lines(board.clone(), seems.unwrap_or(address));
    runtime.spawn(async move { axum::serve(listener, router(state)).await });
    address
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let header = |name: &str| {
        let value = response.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    Answer {
        status: response.status().as_u16(),
        kind: header("content-type").unwrap_or_default(),
        location: header("location"),
        allow: header("allow"),
        text: response.body_mut().read_to_string().unwrap(),
    }
}

/// A registration as the inventory system sends it.
pub fn registration(din: &str) -> Value {
    json!({
        "din": din,
        "collected_at": "2026-01-31T08:30:00+08:00",
        "site": "Bus 3",
        "donor": {
            "kind": "repeat",
            "deferred": false,
            "historic_group": { "abo": "A", "rhd": "positive" },
        },
    })
}

/// A message with one HBsAg result for a donation; `number` makes messages differ.
pub fn message(din: &str, number: u8) -> Entry {
    let din = DonationNumberScheme::Isbt128.parse(din).unwrap().din;
    Entry {
        analyser: "e601".to_owned(),
        profile: "roche-cobas-e601".to_owned(),
        profile_sha256: "00".repeat(32),
        received_at: clock::utc(),
        bytes: format!("H|\\^&\rmessage {number}\r").into_bytes(),
        content_key: [number; 32],
        body: vec![number],
        incomplete: None,
        faults: Vec::new(),
        donations: vec![din.clone()],
        observations: vec![Observation {
            kind: SpecimenKind::Donor,
            specimen_id: Some(din.as_str().to_owned()),
            din: Some(din),
            rack: Some("0007".to_owned()),
            position: Some("3".to_owned()),
            test_code: "286".to_owned(),
            assay: Some(Assay::Hbsag),
            value: Some("0.412".to_owned()),
            number: Some("0.412".parse().unwrap()),
            unit: Some("COI".to_owned()),
            reading: Some(Reading::Nonreactive),
            flags: Vec::new(),
            status: Some(ResultStatus::Final),
            completed_at: None,
            reagent_lot: Some("L77".to_owned()),
            replicate: None,
            operator: None,
            started_at: None,
            control_lot: None,
            reagent_expiry: None,
            unaccounted: Vec::new(),
            concerns: Vec::new(),
        }],
        order_replies: Vec::new(),
        sightings: Vec::new(),
    }
}

/// The rules `cn` of a site where results alone count.
pub fn results_only() -> String {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    format!("{}{site}", rules::shipped("cn").unwrap())
}
