//! A laboratory with a few analysers on one store, and what they ask.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::domain::{
    Ask, AskedId, AskedSpecimen, DonationNumber, DonationNumberScheme, Donor, DonorKind, Query,
    Registration,
};
use hemogate::intake::{Asked, Intake, Outcome, Sightings};
use hemogate::rules::{self, RuleSet};
use hemogate::store::{DonationRecord, Options, OrderRecord, Store};
use jiff::Timestamp;
use tempfile::TempDir;

pub struct Bench {
    pub folder: TempDir,
    pub store: Store,
    pub sightings: Sightings,
}

pub fn noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// So many milliseconds after noon.
pub fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(noon().as_millisecond() + milliseconds).unwrap()
}

impl Bench {
    pub fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path().join("hemogate.db"));
        Bench { folder, store, sightings: Sightings::default() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("hemogate.db")
    }

    pub fn analyser(&self, id: &str, profile: &str) -> Intake {
        let text = shipped(profile).unwrap();
        let profile = Arc::new(Profile::parse(profile, text).unwrap());
        let scheme = Arc::new(DonationNumberScheme::Isbt128);
        let analyser = Analyser::new(id.to_owned(), profile, &BTreeMap::new(), scheme).unwrap();
        Intake::new(Arc::new(analyser), self.store.clone(), self.sightings.clone()).unwrap()
    }

    pub fn serology(&self, id: &str) -> Intake {
        self.analyser(id, "roche-cobas-e601")
    }

    pub fn register(&self, number: u32) {
        let donor = Donor { kind: DonorKind::Repeat, deferred: false, historic_group: None };
        let collected_at = "2026-11-20T08:00:00Z".parse().unwrap();
        let (din, site) = (din(number), "east".to_owned());
        let (sender, answer) = mpsc::channel();
        let registration = Registration { din, collected_at, site, donor };
        self.store.register(registration, Box::new(move |done| sender.send(done).unwrap()));
        answer.recv().unwrap().unwrap();
    }

    pub fn donation(&self, number: u32) -> DonationRecord {
        self.store.donation(&din(number)).unwrap().unwrap()
    }

    pub fn orders(&self, number: u32) -> Vec<OrderRecord> {
        self.donation(number).orders
    }

    pub fn verdict(&self, number: u32) -> String {
        self.donation(number).decision.verdict
    }

    pub fn codes(&self, number: u32) -> Vec<String> {
        self.donation(number).decision.reasons.into_iter().map(|reason| reason.code).collect()
    }

    /// Waits until what was asked of the writer before is done.
    pub fn barrier(&self) {
        self.store.keep_profile("barrier", "", "").unwrap();
    }
}

pub fn open(path: PathBuf) -> Store {
    let rules = RuleSet::parse("cn.toml", &results_only()).unwrap();
    Store::open(Options { path, rules: Arc::new(rules), utc: noon }).unwrap()
}

pub fn din(number: u32) -> DonationNumber {
    DonationNumberScheme::Isbt128.parse(&format!("G123426{number:06}")).unwrap().din
}

pub fn specimen(number: u32, rack: &str, position: &str) -> AskedSpecimen {
    AskedSpecimen {
        id: AskedId::Donation(din(number)),
        rack: Some(rack.to_owned()),
        position: Some(position.to_owned()),
        echo: Vec::new(),
    }
}

/// A query about donations that stand in one rack.
pub fn about(rack: &str, numbers: &[u32]) -> Query {
    let place = |number: &u32| specimen(*number, rack, &number.to_string());
    query(Ask::Specimens(numbers.iter().map(place).collect()))
}

pub fn query(ask: Ask) -> Query {
    Query { ask, codes: Vec::new(), echo: Vec::new() }
}

/// Takes a message with this text that asks this.
pub fn take(intake: &Intake, text: &str, asks: Query, received_at: Timestamp) -> Outcome {
    let bytes = format!("H|\\^&|||cobas6000^1|||||host|TSREQ^REAL|P|1\r{text}\rL|1|N\r");
    let mut reading = intake.analyser().read(bytes.as_bytes());
    reading.faults.clear();
    reading.donations.clear();
    reading.query = Some(asks);
    let (sender, outcome) = mpsc::channel();
    let done = Box::new(move |outcome| sender.send(outcome).unwrap());
    intake.take_read(bytes.into_bytes(), reading, received_at, done);
    outcome.recv().unwrap()
}

/// The same, and insists that it is answered.
pub fn ask(intake: &Intake, asks: Query, received_at: Timestamp) -> Asked {
    let text = format!("Q|1|{:?}", asks.ask).replace('\r', "");
    match take(intake, &text, asks, received_at) {
        Outcome::Asked(asked) => *asked,
        other => panic!("not answered: {other:?}"),
    }
}

/// Takes a message of results.
pub fn results(intake: &Intake, text: &str) -> Outcome {
    let (sender, outcome) = mpsc::channel();
    let done = Box::new(move |outcome| sender.send(outcome).unwrap());
    intake.take(text.as_bytes().to_vec(), noon(), done);
    outcome.recv().unwrap()
}

/// The rules `cn` of a site where results alone count.
pub fn results_only() -> String {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    format!("{}{site}", rules::shipped("cn").unwrap())
}
