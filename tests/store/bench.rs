//! A store in a folder of its own, and the entries to put into it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};

use hemogate::domain::{
    AboGroup, Assay, DonationNumber, Donor, DonorKind, Facts, Ground, Grounds, Judgement,
    MessageRecord, MessageStep, Observation, Reading, Record, Registration, ResultStatus, RhdType,
    SpecimenKind, Statement, Unaccounted,
};
use hemogate::rules::{self, RuleSet};
use hemogate::store::{
    Entry, FeedEntry, OpenError, Options, PutOnRecord, ReadAgainOutcome, Recorded, Registered,
    Store, StoreError, UserEvent,
};
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

pub fn noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub struct Bench {
    pub folder: TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("hemogate.db")
    }

    pub fn open(&self) -> Store {
        open(&self.path(), cn()).unwrap()
    }

    /// A second pair of hands on the file, as somebody with a tool would have.
    pub fn raw(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

pub fn open(path: &Path, rules: RuleSet) -> Result<Store, OpenError> {
    Store::open(Options { path: path.to_owned(), rules: Arc::new(rules), utc: noon })
}

pub fn refusal(path: &Path) -> OpenError {
    match open(path, cn()) {
        Ok(_) => panic!("the store was opened"),
        Err(error) => error,
    }
}

/// Read once: it is proved every time it is read.
pub fn cn() -> RuleSet {
    static READ: OnceLock<RuleSet> = OnceLock::new();
    READ.get_or_init(|| RuleSet::parse("cn.toml", &results_only()).unwrap()).clone()
}

/// The shipped rule set with another ALT limit.
pub fn cn_with_alt_limit(limit: u32) -> RuleSet {
    let text = results_only().replace("above = 50,", &format!("above = {limit},"));
    RuleSet::parse("cn.toml", &text).unwrap()
}

pub fn din(number: u32) -> DonationNumber {
    DonationNumber::restored(format!("G1234267{number:05}"))
}

pub fn registration(number: u32) -> Registration {
    let donor = Donor { kind: DonorKind::Repeat, deferred: false, historic_group: None };
    let collected_at = "2026-11-20T08:00:00Z".parse().unwrap();
    Registration { din: din(number), collected_at, site: "east".to_owned(), donor }
}

pub fn observation(number: u32, assay: Assay, value: &str) -> Observation {
    Observation {
        kind: SpecimenKind::Donor,
        specimen_id: Some(din(number).as_str().to_owned()),
        din: Some(din(number)),
        rack: Some("50120".to_owned()),
        position: Some(number.to_string()),
        test_code: assay.id().to_uppercase(),
        assay: Some(assay),
        value: Some(value.to_owned()),
        number: value.parse().ok(),
        unit: (assay == Assay::Alt).then(|| "U/L".to_owned()),
        reading: reading(assay),
        flags: Vec::new(),
        status: Some(ResultStatus::Final),
        completed_at: None,
        reagent_lot: Some("12345".to_owned()),
        replicate: None,
        operator: None,
        started_at: None,
        control_lot: None,
        reagent_expiry: None,
        unaccounted: Vec::new(),
        concerns: Vec::new(),
    }
}

fn reading(assay: Assay) -> Option<Reading> {
    match assay {
        Assay::Alt => None,
        Assay::Abo => Some(Reading::Abo(AboGroup::A)),
        Assay::Rhd => Some(Reading::Rhd(RhdType::Positive)),
        _ => Some(Reading::Nonreactive),
    }
}

/// Everything the shipped rule set requires, all good.
pub fn full_panel(number: u32) -> Vec<Observation> {
    let assays = [
        (Assay::Alt, "22"),
        (Assay::Hbsag, "0.42"),
        (Assay::AntiHcv, "0.05"),
        (Assay::Hiv, "0.11"),
        (Assay::Tp, "0.08"),
        (Assay::Nat, "Non-Reactive"),
        (Assay::Abo, "A"),
        (Assay::Rhd, "POS"),
    ];
    assays.map(|(assay, value)| observation(number, assay, value)).into()
}

pub fn unaccounted() -> Unaccounted {
    Unaccounted {
        offset: 17,
        path: "R[1].9".to_owned(),
        text: "?".to_owned(),
        why: "no field of this record is known here".to_owned(),
    }
}

/// A complete message; `content` is both its bytes and what makes its content key.
pub fn message(content: &str, observations: Vec<Observation>) -> Entry {
    let mut content_key = [0_u8; 32];
    for (at, byte) in content.bytes().enumerate() {
        content_key[at % 32] = content_key[at % 32].wrapping_mul(31).wrapping_add(byte);
    }
    Entry {
        analyser: "e601".to_owned(),
        profile: "roche-cobas-e601".to_owned(),
        profile_sha256: "ab".repeat(32),
        received_at: noon(),
        bytes: content.as_bytes().to_vec(),
        content_key,
        body: content.as_bytes().to_vec(),
        incomplete: None,
        faults: Vec::new(),
        donations: observations.iter().filter_map(|o| o.din.clone()).collect(),
        observations,
        order_replies: Vec::new(),
        sightings: Vec::new(),
    }
}

/// What arrived of a message before its line was lost.
pub fn cut(content: &str, donations: Vec<DonationNumber>) -> Entry {
    let incomplete = Some("the line was lost".to_owned());
    Entry { incomplete, donations, ..message(content, Vec::new()) }
}

pub fn send(store: &Store, entry: Entry) -> Receiver<Result<Recorded, StoreError>> {
    let (sender, receiver) = mpsc::channel();
    store.record(entry, Box::new(move |outcome| sender.send(outcome).unwrap()));
    receiver
}

pub fn all_stored(answers: impl IntoIterator<Item = Receiver<Result<Recorded, StoreError>>>) {
    for answer in answers {
        answer.recv().unwrap().unwrap();
    }
}

/// Lets the writer stand in a reply, so that entries gather, until what it returns is dropped.
pub fn keep_busy(store: &Store) -> Sender<()> {
    let (busy, done) = mpsc::channel::<()>();
    let (standing, stands) = mpsc::channel();
    let reply = move |outcome: Result<Recorded, StoreError>| {
        outcome.unwrap();
        standing.send(()).unwrap();
        done.recv().unwrap_err();
    };
    store.record(message("keeps the writer busy", Vec::new()), Box::new(reply));
    stands.recv().unwrap();
    busy
}

pub fn record(store: &Store, entry: Entry) -> Recorded {
    send(store, entry).recv().unwrap().unwrap()
}

pub fn register(store: &Store, registration: Registration) -> Result<Registered, StoreError> {
    let (sender, receiver) = mpsc::channel();
    store.register(registration, Box::new(move |outcome| sender.send(outcome).unwrap()));
    receiver.recv().unwrap()
}

pub fn feed(store: &Store) -> Vec<FeedEntry> {
    store.feed(0, u64::MAX).unwrap()
}

/// (number, verdict, version) of every row of the feed.
pub fn feed_words(store: &Store) -> Vec<(i64, String, i64)> {
    feed(store).into_iter().map(|row| (row.seq, row.verdict, row.version)).collect()
}

pub fn codes(row: &FeedEntry) -> Vec<&str> {
    row.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

/// Puts one record on record, as `by` would.
pub fn put(store: &Store, record: Record, by: &str) -> PutOnRecord {
    put_all(store, vec![(record, by.to_owned())]).unwrap().remove(0)
}

/// Puts several on record.
pub fn put_all(
    store: &Store,
    records: Vec<(Record, String)>,
) -> Result<Vec<PutOnRecord>, StoreError> {
    let (sender, receiver) = mpsc::channel();
    store.put_on_record(records, Box::new(move |outcome| sender.send(outcome).unwrap()));
    receiver.recv().unwrap()
}

/// Says something about a donation.
pub fn say(store: &Store, number: u32, statement: Statement, by: &str) -> PutOnRecord {
    put(store, Record::Donation(din(number), statement), by)
}

pub fn facts(store: &Store, number: u32) -> Facts {
    store.facts(&din(number)).unwrap()
}

pub fn verdict_of(store: &Store, number: u32) -> String {
    store.donation(&din(number)).unwrap().unwrap().decision.verdict
}

/// The rules `cn` of a site where results alone count.
pub fn results_only() -> String {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    format!("{}{site}", rules::shipped("cn").unwrap())
}

/// Why somebody proposes something.
pub fn grounds() -> Grounds {
    Grounds { ground: Ground::IdentityVerified, text: "each tube was scanned again".to_owned() }
}

/// Proposes what becomes of a message; the number of the record.
pub fn propose(store: &Store, message: i64, judgement: Judgement, by: &str) -> i64 {
    let step = MessageStep::Proposed(judgement, grounds());
    let proposed = put(store, Record::Message(MessageRecord { message, step }), by);
    assert!(matches!(proposed, PutOnRecord::New { .. }), "{proposed:?}");
    proposed.record()
}

/// Reads a message again: agrees to a proposal, or only tries it.
pub fn read_again(
    store: &Store,
    message: i64,
    entry: Entry,
    agreed: Option<(i64, &str)>,
) -> ReadAgainOutcome {
    let (sender, answer) = mpsc::channel();
    let reply = Box::new(move |outcome| sender.send(outcome).unwrap());
    match agreed {
        Some((proposal, by)) => store.read_again(message, entry, proposal, by, reply),
        None => store.what_if_read_again(message, entry, reply),
    }
    answer.recv().unwrap().unwrap()
}

/// Something happens to an account; the number of the event.
pub fn user_event(store: &Store, name: &str, kind: &str) -> i64 {
    let (sender, answer) = mpsc::channel();
    let event = UserEvent {
        id: 0,
        name: name.to_owned(),
        kind: kind.to_owned(),
        payload: "{}".to_owned(),
        made_by: "root".to_owned(),
        made_at: noon(),
    };
    store.put_user_event(event, Box::new(move |outcome| sender.send(outcome).unwrap()));
    answer.recv().unwrap().unwrap()
}
