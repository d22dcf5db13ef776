//! A laboratory without a daemon: analysers, read by their profiles, on one real store, and what
//! people put on record beside.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use hemogate::analyser::Analyser;
use hemogate::config;
use hemogate::domain::{
    AboGroup, ControlSource, ControlTarget, DonationNumber, DonationNumberScheme, Donor, DonorKind,
    Expected, HistoricGroup, Kit, KitRecord, LotRecord, LotStanding, Pool, Record, Registration,
    RhdType, Statement,
};
use hemogate::intake::{Intake, Outcome, Sightings};
use hemogate::rules::{self, RuleSet};
use hemogate::store::{DonationRecord, Options, Store};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::messages;

/// A cobas e 601 of a site that has it send its lots.
const E601_WITH_LOTS: &str = r#"
extends = "roche-cobas-e601"
name = "e601-with-lots"
version = "1"
date = 2026-01-15
title = "cobas e 601 that sends its lots"
confidence = "low"
built_from = "an assumption"

[fields]
reagent_lot = "R.15"
control_lot = "R.17"
"#;

/// What a site chooses where results alone count.
const RESULTS_ONLY: &str = include_str!("../../fixtures/rules/results-only.toml");

pub const SEROLOGY: &str = "serology";
pub const SECOND: &str = "second";
pub const ALT: &str = "alt";
pub const NAT: &str = "nat";

/// The code of HBsAg on the analyser of serology.
pub const HBSAG: &str = "515";
pub const ANTI_HCV: &str = "286";

pub struct Laboratory {
    pub folder: TempDir,
    pub store: Store,
    intakes: BTreeMap<&'static str, Intake>,
    seconds: Cell<i64>,
}

fn noon() -> Timestamp {
    "2026-01-06T12:00:00Z".parse().unwrap()
}

/// The shipped set of China where results alone count, with these choices of a site instead.
pub fn rules(choices: &[(&str, &str)]) -> RuleSet {
    let text = rules::shipped("cn").unwrap();
    RuleSet::parse("cn.toml", &with_choices(text, choices)).unwrap()
}

/// The text of that set with a site's choices.
pub fn with_choices(text: &str, choices: &[(&str, &str)]) -> String {
    let is_chosen = |line: &&str| choices.iter().all(|(name, _)| !line.starts_with(name));
    let kept: Vec<&str> = RESULTS_ONLY.lines().filter(is_chosen).collect();
    let own = choices.iter().map(|(name, choice)| format!("{name} = \"{choice}\"\n"));
    format!("{text}\n{}\n{}", kept.join("\n"), own.collect::<String>())
}

impl Laboratory {
    pub fn new(rules: RuleSet) -> Laboratory {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path().join("hemogate.db"), rules);
        let lots = folder.path().join("lots.toml");
        std::fs::write(&lots, E601_WITH_LOTS).unwrap();
        let sightings = Sightings::default();
        let lots = lots.to_str().unwrap();
        let analysers =
            [(SEROLOGY, lots), (SECOND, lots), (ALT, "mindray-bs"), (NAT, "roche-cobas-6800")];
        let intake = |(id, profile): (&'static str, &str)| {
            let profile = Arc::new(config::find_profile(profile).ok().unwrap());
            let scheme = Arc::new(DonationNumberScheme::Isbt128);
            let analyser = Analyser::new(id.to_owned(), profile, &BTreeMap::new(), scheme).unwrap();
            (id, Intake::new(Arc::new(analyser), store.clone(), sightings.clone()).unwrap())
        };
        let intakes = analysers.into_iter().map(intake).collect();
        Laboratory { folder, store, intakes, seconds: Cell::new(0) }
    }

    /// Everybody goes home; the store stays in its folder.
    pub fn close(self) -> TempDir {
        let Laboratory { folder, store, intakes, .. } = self;
        drop((store, intakes));
        folder
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("hemogate.db")
    }

    /// Registers a repeat donor, group A positive.
    pub fn register(&self, number: u32) {
        let group = HistoricGroup { abo: AboGroup::A, rhd: RhdType::Positive };
        let donor = Donor { kind: DonorKind::Repeat, deferred: false, historic_group: Some(group) };
        let collected_at = "2026-01-05T00:00:00Z".parse().unwrap();
        let (din, site) = (din(number), "Centre".to_owned());
        let registration = Registration { din, collected_at, site, donor };
        let (tell, told) = mpsc::channel();
        self.store.register(registration, Box::new(move |done| tell.send(done).unwrap()));
        told.recv().unwrap().unwrap();
    }

    /// Where an analyser's messages are taken in.
    pub fn intake(&self, analyser: &str) -> &Intake {
        &self.intakes[analyser]
    }

    /// An analyser sends a message, a minute after the last.
    pub fn send(&self, analyser: &str, message: &str) {
        self.seconds.set(self.seconds.get() + 60);
        let at = noon().checked_add(SignedDuration::from_secs(self.seconds.get())).unwrap();
        let (tell, told) = mpsc::channel();
        let on_outcome = Box::new(move |outcome| tell.send(outcome).unwrap());
        self.intakes[analyser].take(message.as_bytes().to_vec(), at, on_outcome);
        let outcome = told.recv().unwrap();
        let stored = matches!(outcome, Outcome::Stored | Outcome::StoredUnread(_));
        assert!(stored, "{outcome:?}: {message:?}");
    }

    /// Somebody puts something on record.
    pub fn put(&self, record: Record) {
        let (tell, told) = mpsc::channel();
        let reply = Box::new(move |done| tell.send(done).unwrap());
        self.store.put_on_record(vec![(record, "laboratory".to_owned())], reply);
        let done: Result<Vec<_>, _> = told.recv().unwrap();
        done.unwrap();
    }

    pub fn say(&self, number: u32, statement: Statement) {
        self.put(Record::Donation(din(number), statement));
    }

    pub fn donation(&self, number: u32) -> DonationRecord {
        self.store.donation(&din(number)).unwrap().unwrap()
    }

    pub fn verdict(&self, number: u32) -> String {
        self.donation(number).decision.verdict
    }

    /// Reasons as `CODE` or `CODE:of-what`.
    pub fn reasons(&self, number: u32) -> Vec<String> {
        let reasons = self.donation(number).decision.reasons.into_iter();
        let word = |of: Option<String>| of.map(|of| format!(":{of}")).unwrap_or_default();
        reasons.map(|reason| reason.code + word(reason.subject.or(reason.assay)).as_str()).collect()
    }
}

pub fn open(path: PathBuf, rules: RuleSet) -> Store {
    Store::open(Options { path, rules: Arc::new(rules), utc: noon }).unwrap()
}

pub fn din(number: u32) -> DonationNumber {
    DonationNumber::restored(messages::din(number))
}

/// A serology result with the lots that its analyser sends: sign -1 nonreactive, 1 reactive.
pub fn result(number: u32, code: &str, sign: i32, minute: u32, lot: &str) -> String {
    let (din, code) = (messages::din(number), code.parse().unwrap());
    let ratio = if sign < 0 { "0.30" } else { "9.90" };
    let text = messages::e601(&din, code, sign, ratio, &format!("2026010611{minute:02}00"));
    text.replace("||E11\r", &format!("||E11|{lot}\r"))
}

/// A result of a control: its material, what it reads, its own lot and that of the reagent.
pub fn control(material: &str, code: &str, sign: i32, minute: u32, lots: (&str, &str)) -> String {
    let (lot, reagent) = lots;
    let ratio = if sign < 0 { "0.10" } else { "3.61" };
    let time = format!("2026010610{minute:02}00");
    format!(
        "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rP|1|||||||U||||||^\r\
         O|1|{material}|1001^3002^1^^QC^SC|^^^{code}^|R||||||Q||||1|||||||{time}|||F\r\
         R|1|^^^{code}//not|{sign}^{ratio}|COI||N||||OPER01|{time}||E11|{reagent}||{lot}\r\
         C|1|I|0|I\rL|1|N\r"
    )
}

/// The kit of a test, with the controls that each of its runs needs.
pub fn kit(analyser: &str, code: &str, maker: &str, controls: &[&str]) -> Record {
    Record::Kit(KitRecord {
        profile: analyser.to_owned(),
        test_code: code.to_owned(),
        kit: Kit {
            maker: maker.to_owned(),
            name: format!("{maker} {code}"),
            containers: Vec::new(),
            stability_hours: None,
            pool_max: Some(6),
            controls: controls.iter().map(|one| (*one).to_owned()).collect(),
        },
    })
}

pub fn lot(analyser: &str, code: &str, lot: &str, standing: LotStanding) -> Record {
    Record::Lot(LotRecord {
        profile: analyser.to_owned(),
        test_code: code.to_owned(),
        lot: lot.to_owned(),
        standing,
        expiry: Some("2026-12-31".parse().unwrap()),
    })
}

/// What a control of a lot must show.
pub fn target(material: &str, code: &str, lot: Option<&str>, expected: Expected) -> Record {
    Record::Target(ControlTarget {
        analyser: SEROLOGY.to_owned(),
        test_code: code.to_owned(),
        material: material.to_owned(),
        control_lot: lot.map(str::to_owned),
        level: 1,
        source: ControlSource::Kit,
        expected,
    })
}

pub fn pool(id: &str, members: &[u32]) -> Record {
    let members = members.iter().map(|number| din(*number)).collect();
    Record::Pool(Pool { id: id.to_owned(), members, made_by: Some("pipettor".to_owned()) })
}
