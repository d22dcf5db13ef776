//! What deciding about one donation costs, and whether that grows with the store.
//!
//! Two stores, the same but for their size, in the same run: for each the time of one decision on
//! facts that are at hand, and of one with everything it is concluded from read and joined (kits,
//! lots, the controls around each result). Sizes are counted in observations: 10^4 against 10^5,
//! or against what `HEMOGATE_BENCH_OBSERVATIONS` says, e.g. `10000000`, which takes its time.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use hemogate::domain::{
    AboGroup, Assay, ControlSource, ControlTarget, DonationNumber, Donor, DonorKind, Expected,
    Facts, Kit, KitRecord, LotRecord, LotStanding, Observation, Reading, Record, Registration,
    ResultStatus, RhdType, SpecimenKind,
};
use hemogate::rules::{self, RuleSet};
use hemogate::store::{Entry, Options, Store};
use jiff::Timestamp;

const SMALL: u32 = 10_000;
const LARGE: u32 = 100_000;
const SAMPLES: u32 = 2_000;
/// Donations of one message, between two runs of controls.
const DONATIONS: u32 = 100;
const ANALYSER: &str = "a1";
const PROFILE: &str = "p1";
const LOT: &str = "L1";

const PANEL: [(Assay, &str); 8] = [
    (Assay::Alt, "22"),
    (Assay::Hbsag, "0.42"),
    (Assay::AntiHcv, "0.05"),
    (Assay::Hiv, "0.11"),
    (Assay::Tp, "0.08"),
    (Assay::Nat, "Non-Reactive"),
    (Assay::Abo, "A"),
    (Assay::Rhd, "POS"),
];

pub fn run() {
    let wanted = std::env::var("HEMOGATE_BENCH_OBSERVATIONS").ok();
    let large = wanted.and_then(|count| count.parse().ok()).unwrap_or(LARGE);
    let rules = Arc::new(rule_set());
    let small = measured(SMALL, &rules);
    let large = measured(large, &rules);
    for (name, one, other) in [
        ("a decision, facts at hand", small.decided, large.decided),
        ("the same, read and joined", small.read, large.read),
    ] {
        let ratio = other.as_secs_f64() / one.as_secs_f64();
        println!("  {name}: ratio of the large store to the small one {ratio:.2} (aim: 1.3)");
    }
}

struct Cost {
    decided: Duration,
    read: Duration,
}

fn measured(observations: u32, rules: &Arc<RuleSet>) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let store = filled(&folder.path().join("a.db"), observations, rules);
    let donations = observations / u32::try_from(PANEL.len()).unwrap();
    println!("  {observations} observations, stored in {:.0?}", begun.elapsed());
    // Spread over the whole store, each once.
    let step = (donations / SAMPLES).max(1);
    let numbers = || (0..SAMPLES).map(|sample| din(sample * step % donations));
    let read = median(numbers().map(|number| {
        let begun = Instant::now();
        let facts = store.facts(&number).unwrap();
        std::hint::black_box(rules::decide(&facts, rules));
        begun.elapsed()
    }));
    let all: Vec<Facts> = numbers().map(|number| store.facts(&number).unwrap()).collect();
    let decided = median(all.iter().map(|facts| {
        let begun = Instant::now();
        std::hint::black_box(rules::decide(facts, rules));
        begun.elapsed()
    }));
    println!("    decided in {decided:.1?} (aim: 20 µs), read, joined and decided in {read:.1?}");
    Cost { decided, read }
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn rule_set() -> RuleSet {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    let text = format!("{}{site}", rules::shipped("cn").unwrap());
    RuleSet::parse("cn.toml", &text).unwrap()
}

fn filled(path: &Path, observations: u32, rules: &Arc<RuleSet>) -> Store {
    let options = Options { path: path.to_owned(), rules: Arc::clone(rules), utc: Timestamp::now };
    let store = Store::open(options).unwrap();
    wait(|reply| store.put_on_record(records(), reply));
    let each = DONATIONS * u32::try_from(PANEL.len()).unwrap();
    for message in 0..observations / each {
        let numbers = message * DONATIONS..(message + 1) * DONATIONS;
        let (sender, registered) = mpsc::channel();
        for number in numbers.clone() {
            let sender = sender.clone();
            let tell = Box::new(move |outcome| sender.send(outcome).unwrap());
            store.register(registration(number), tell);
        }
        drop(sender);
        assert!(registered.iter().all(|outcome| outcome.is_ok()));
        let results =
            numbers.flat_map(|number| PANEL.map(|(assay, value)| result(number, assay, value)));
        let controls = || PANEL.iter().map(|(assay, _)| control(message, *assay));
        let all = controls().chain(results).collect();
        wait(|reply| store.record(entry(message, all), reply));
    }
    store
}

fn wait<T: Send + 'static, E: std::fmt::Debug + Send + 'static>(
    ask: impl FnOnce(Box<dyn FnOnce(Result<T, E>) + Send>),
) -> T {
    let (sender, receiver) = mpsc::channel();
    ask(Box::new(move |outcome| sender.send(outcome).unwrap()));
    receiver.recv().unwrap().unwrap()
}

fn records() -> Vec<(Record, String)> {
    let about = |assay: Assay| {
        let test_code = || assay.id().to_owned();
        let kit = Kit {
            maker: "Acme".to_owned(),
            name: assay.id().to_owned(),
            containers: Vec::new(),
            stability_hours: Some(1_000_000),
            pool_max: None,
            controls: vec!["QC".to_owned()],
        };
        let lot = LotRecord {
            profile: PROFILE.to_owned(),
            test_code: test_code(),
            lot: LOT.to_owned(),
            standing: LotStanding::Released,
            expiry: None,
        };
        let target = ControlTarget {
            analyser: ANALYSER.to_owned(),
            test_code: test_code(),
            material: "QC".to_owned(),
            control_lot: None,
            level: 1,
            source: ControlSource::Kit,
            expected: Expected::Between("0".parse().unwrap(), "1000000".parse().unwrap()),
        };
        let kit = KitRecord { profile: PROFILE.to_owned(), test_code: test_code(), kit };
        [Record::Kit(kit), Record::Lot(lot), Record::Target(target)]
    };
    let all = PANEL.iter().flat_map(|(assay, _)| about(*assay));
    all.map(|record| (record, "u1".to_owned())).collect()
}

fn din(number: u32) -> DonationNumber {
    DonationNumber::restored(format!("G{number:012}"))
}

fn registration(number: u32) -> Registration {
    let donor = Donor { kind: DonorKind::Repeat, deferred: false, historic_group: None };
    let collected_at = Timestamp::now();
    Registration { din: din(number), collected_at, site: "east".to_owned(), donor }
}

fn result(number: u32, assay: Assay, value: &str) -> Observation {
    Observation {
        kind: SpecimenKind::Donor,
        specimen_id: Some(din(number).as_str().to_owned()),
        din: Some(din(number)),
        rack: None,
        position: None,
        test_code: assay.id().to_owned(),
        assay: Some(assay),
        value: Some(value.to_owned()),
        number: value.parse().ok(),
        unit: (assay == Assay::Alt).then(|| "U/L".to_owned()),
        reading: reading(assay),
        flags: Vec::new(),
        status: Some(ResultStatus::Final),
        completed_at: None,
        reagent_lot: Some(LOT.to_owned()),
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

fn control(run: u32, assay: Assay) -> Observation {
    Observation {
        kind: SpecimenKind::Control,
        specimen_id: Some("QC".to_owned()),
        din: None,
        number: Some(run.into()),
        replicate: Some(run.to_string()),
        reading: None,
        ..result(0, assay, "")
    }
}

fn entry(number: u32, observations: Vec<Observation>) -> Entry {
    let mut content_key = [0; 32];
    content_key[..4].copy_from_slice(&number.to_be_bytes());
    Entry {
        analyser: ANALYSER.to_owned(),
        profile: PROFILE.to_owned(),
        profile_sha256: "ab".repeat(32),
        received_at: Timestamp::now(),
        bytes: number.to_string().into_bytes(),
        content_key,
        body: Vec::new(),
        incomplete: None,
        faults: Vec::new(),
        donations: Vec::new(),
        observations,
        order_replies: Vec::new(),
        sightings: Vec::new(),
    }
}
