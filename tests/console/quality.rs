//! Quality control and statistics over real HTTP: who may what, what is recorded, what is shown.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};

use hemogate::clock;
use hemogate::console::{self, ConsoleState, Door, DoorPlan};
use hemogate::domain::{
    Assay, ControlSource, ControlTarget, DonationNumber, DonationNumberScheme, Donor, DonorKind,
    Expected, LotStanding, Observation, Reading, Record, Registration, ResultStatus, SpecimenKind,
};
use hemogate::people::Lifetimes;
use hemogate::rules::RuleSet;
use hemogate::store::{Entry, Options, Store};
use hemogate::traffic::Board;
use regex::Regex;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::bench::{Answer, Browser, PASSWORD, PATIENCE, add_people, rules_text};
use crate::support::since;

/// A console over a store that the test fills itself.
struct Laboratory {
    store: Store,
    address: SocketAddr,
    _runtime: Runtime,
    _folder: TempDir,
}

impl Laboratory {
    fn new() -> Laboratory {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("hemogate.db");
        add_people(&path);
        let rules = Arc::new(RuleSet::parse("cn.toml", &rules_text()).unwrap());
        let options = Options { path, rules: Arc::clone(&rules), utc: clock::utc };
        let store = Store::open(options).unwrap();
        let plan = DoorPlan {
            lifetimes: Lifetimes { idle: PATIENCE * 30, absolute: PATIENCE * 60 },
            secure: false,
            now: Arc::new(clock::now),
        };
        let runtime = Runtime::new().unwrap();
        let shared = store.clone();
        let address = runtime.block_on(async {
            let door = Door::open(&shared, plan).unwrap();
            let scheme = Arc::new(DonationNumberScheme::Isbt128);
            let board = Board::new(clock::now());
            let state = ConsoleState::new(shared, scheme, rules, board, Default::default(), door);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = console::router(state);
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Laboratory { store, address, _runtime: runtime, _folder: folder }
    }

    fn signed_in(&self, user: &str) -> Browser {
        let browser = Browser::at(self.address);
        assert_eq!(browser.sign_in(user, PASSWORD).status, 303, "{user}");
        browser
    }

    fn send(&self, name: &str, observations: Vec<Observation>) {
        let mut content_key = [0_u8; 32];
        for (at, byte) in name.bytes().enumerate() {
            content_key[at % 32] = content_key[at % 32].wrapping_mul(31).wrapping_add(byte);
        }
        let entry = Entry {
            analyser: "e601".to_owned(),
            profile: "roche-cobas-e601".to_owned(),
            profile_sha256: "ab".repeat(32),
            received_at: clock::utc(),
            bytes: name.as_bytes().to_vec(),
            content_key,
            body: name.as_bytes().to_vec(),
            incomplete: None,
            faults: Vec::new(),
            donations: observations.iter().filter_map(|found| found.din.clone()).collect(),
            observations,
            order_replies: Vec::new(),
            sightings: Vec::new(),
        };
        let (sender, receiver) = mpsc::channel();
        self.store.record(entry, Box::new(move |outcome| sender.send(outcome).unwrap()));
        receiver.recv().unwrap().unwrap();
    }

    fn register(&self, number: u32) {
        let donor = Donor { kind: DonorKind::Repeat, deferred: false, historic_group: None };
        let registration = Registration {
            din: din(number),
            collected_at: clock::utc(),
            site: "=east".to_owned(),
            donor,
        };
        let (sender, receiver) = mpsc::channel();
        self.store.register(registration, Box::new(move |found| sender.send(found).unwrap()));
        receiver.recv().unwrap().unwrap();
    }

    fn put(&self, record: Record) {
        let (sender, receiver) = mpsc::channel();
        let reply = Box::new(move |outcome| sender.send(outcome).unwrap());
        self.store.put_on_record(vec![(record, "u1".to_owned())], reply);
        receiver.recv().unwrap().unwrap();
    }

    /// Records of one kind, as (by, record).
    fn records(&self) -> Vec<(String, Record)> {
        let all = self.store.records(0, u64::MAX).unwrap();
        all.into_iter().map(|entry| (entry.by, entry.record)).collect()
    }

    fn verdict(&self, number: u32) -> String {
        self.store.donation(&din(number)).unwrap().unwrap().decision.verdict
    }
}

fn din(number: u32) -> DonationNumber {
    DonationNumber::restored(format!("G1234267{number:05}"))
}

fn observation(number: u32, assay: Assay, reading: Option<Reading>, value: &str) -> Observation {
    Observation {
        kind: SpecimenKind::Donor,
        specimen_id: Some(din(number).as_str().to_owned()),
        din: Some(din(number)),
        rack: None,
        position: None,
        test_code: assay.id().to_uppercase(),
        assay: Some(assay),
        value: Some(value.to_owned()),
        number: value.parse().ok(),
        unit: (assay == Assay::Alt).then(|| "U/L".to_owned()),
        reading,
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

fn control(material: &str, value: &str) -> Observation {
    Observation {
        kind: SpecimenKind::Control,
        specimen_id: Some(material.to_owned()),
        din: None,
        control_lot: Some("C1".to_owned()),
        ..observation(0, Assay::Hbsag, Some(Reading::Reactive), value)
    }
}

fn full_panel(number: u32) -> Vec<Observation> {
    use hemogate::domain::{AboGroup, RhdType};
    let of = |assay, reading, value| observation(number, assay, reading, value);
    let nonreactive = Some(Reading::Nonreactive);
    vec![
        of(Assay::Alt, None, "22"),
        of(Assay::Hbsag, nonreactive, "0.42"),
        of(Assay::AntiHcv, nonreactive, "0.05"),
        of(Assay::Hiv, nonreactive, "0.11"),
        of(Assay::Tp, nonreactive, "0.08"),
        of(Assay::Nat, nonreactive, "Non-Reactive"),
        of(Assay::Abo, Some(Reading::Abo(AboGroup::A)), "A"),
        of(Assay::Rhd, Some(Reading::Rhd(RhdType::Positive)), "POS"),
    ]
}

fn external(material: &str, level: u32) -> Record {
    Record::Target(ControlTarget {
        analyser: "e601".to_owned(),
        test_code: "HBSAG".to_owned(),
        material: material.to_owned(),
        control_lot: None,
        level,
        source: ControlSource::External,
        expected: Expected::Distribution("10".parse().unwrap(), "1".parse().unwrap()),
    })
}

/// Controls, a released donation and one reactive result.
fn filled() -> Laboratory {
    let laboratory = Laboratory::new();
    laboratory.put(external("QC<1>", 1));
    laboratory.send("qc 1", vec![control("QC<1>", "10.4")]);
    laboratory.register(1);
    laboratory.register(2);
    laboratory.send("panel", full_panel(1));
    let reactive = observation(2, Assay::Hbsag, Some(Reading::Reactive), "9.1");
    laboratory.send("reactive", vec![reactive]);
    laboratory
}

const PAGES: [&str; 9] = [
    "/quality",
    "/quality/controls",
    "/quality/controls/chart?analyser=e601&test_code=HBSAG",
    "/quality/targets",
    "/quality/lots",
    "/quality/rates",
    "/quality/runs",
    "/quality/eqa",
    "/statistics",
];

const FORMS: [&str; 9] = [
    "/quality/targets",
    "/quality/lots",
    "/quality/lots/one",
    "/quality/runs/accept",
    "/quality/runs/reject",
    "/quality/eqa",
    "/quality/eqa/report",
    "/quality/eqa/assess",
    "/quality/eqa/close",
];

/// No key of a text is shown in place of its words, and no state has only a colour.
#[track_caller]
fn is_complete(path: &str, answer: &Answer) {
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    let key = Regex::new(r">\s*(quality|console|nav|trouble)-[a-z-]+").unwrap();
    assert!(key.find(&answer.text).is_none(), "{path}: {:?}", key.find(&answer.text));
    for state in answer.text.split("<span class=\"state").skip(1) {
        let word = state.split("</span>").nth(1).unwrap_or_default();
        assert!(state.contains("class=\"mark\"") && !word.trim().is_empty(), "{path}: {state}");
    }
    assert!(!answer.text.contains(" style="), "{path} has a style of its own");
    assert!(!answer.text.contains("<b>"), "{path} lets a name be a tag");
}

#[test]
fn whoever_looks_at_donations_may_look_and_only_quality_may_record() {
    let laboratory = filled();
    for user in ["tina", "rui", "audrey", "quan"] {
        let browser = laboratory.signed_in(user);
        for path in PAGES {
            is_complete(path, &browser.get(path));
        }
        let may = user == "quan";
        let lots = browser.get("/quality/lots");
        assert_eq!(lots.text.contains("action=\"/quality/lots\""), may, "{user}");
        for path in FORMS.iter().filter(|_| !may) {
            let answer = browser.post(path, &[("password", PASSWORD), ("scheme", "S")]);
            assert_eq!(answer.status, 403, "{user} {path}: {}", answer.text);
        }
    }
    let administrator = laboratory.signed_in("adam");
    for path in PAGES {
        assert_eq!(administrator.get(path).status, 403, "{path}");
    }
    assert_eq!(laboratory.records().len(), 1, "nothing was recorded");
}

#[test]
fn every_page_is_whole_in_chinese() {
    let laboratory = filled();
    let browser = laboratory.signed_in("quan");
    assert_eq!(browser.post("/language", &[("language", "zh-CN")]).status, 303);
    for path in PAGES {
        let answer = browser.get(path);
        is_complete(path, &answer);
        answer.says("lang=\"zh-CN\"");
    }
    browser.get("/quality").says("质控品");
    browser.get("/quality/controls").says("在控");
}

const TARGET: [(&str, &str); 8] = [
    ("analyser", "e601"),
    ("test_code", "HBSAG"),
    ("material", "NC"),
    ("control_lot", "C7"),
    ("level", "1"),
    ("source", "kit"),
    ("way", "distribution"),
    ("mean", "0.10"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().chain(more).copied().collect()
}

#[test]
fn a_target_is_recorded_with_the_password_and_only_if_it_can_be_one() {
    let laboratory = Laboratory::new();
    let browser = laboratory.signed_in("quan");
    let post = |more: &[(&str, &str)]| {
        let all = with(&TARGET, more);
        browser.post("/quality/targets", &all)
    };
    for wrong in [
        &[("sd", "0.02")][..],
        &[("sd", "0.02"), ("password", "wrong password")],
        &[("sd", "0"), ("password", PASSWORD)],
        &[("sd", "-1"), ("password", PASSWORD)],
        &[("password", PASSWORD)],
        &[("sd", "0.02"), ("level", "0"), ("password", PASSWORD)],
        &[("sd", "0.02"), ("level", "10"), ("password", PASSWORD)],
        &[("way", "between"), ("low", "2"), ("high", "1"), ("password", PASSWORD)],
        &[("way", "reading"), ("reading", "a+"), ("password", PASSWORD)],
    ] {
        let answer = post(wrong);
        assert_eq!(answer.status, 422, "{wrong:?}: {}", answer.text);
    }
    assert_eq!(laboratory.records(), []);
    let answer = post(&[("sd", "0.02"), ("password", PASSWORD)]);
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(answer.location.as_deref(), Some("/quality/targets?done=target"));
    let records = laboratory.records();
    let [(by, Record::Target(target))] = &records[..] else { panic!("{records:?}") };
    let expected = Expected::Distribution("0.10".parse().unwrap(), "0.02".parse().unwrap());
    assert_eq!((by.as_str(), &target.expected), ("quan", &expected));
    let highest = post(&[("sd", "0.02"), ("level", "9"), ("password", PASSWORD)]);
    assert_eq!(highest.status, 303, "at the bound");
    let page = browser.get("/quality/targets?done=target");
    page.says("mean 0.10, SD 0.02");
    page.says("The target is recorded.");
    assert!(!browser.get("/quality/targets?done=%3Cb%3E").text.contains("<b>"));
}

#[test]
fn a_control_chart_says_each_state_by_shape_and_has_its_numbers_below() {
    let laboratory = filled();
    laboratory.send("qc 2", vec![control("QC<1>", "12.5")]);
    laboratory.send("qc 3", vec![control("QC<1>", "13.5")]);
    laboratory.send("other", vec![control("NC", "0.1")]);
    let browser = laboratory.signed_in("tina");
    let page = browser.get("/quality/controls/chart?analyser=e601&test_code=HBSAG");
    page.says("QC&lt;1&gt;");
    assert_eq!(page.text.matches("<svg").count(), 2, "one for each material");
    assert!(page.text.find("QC&lt;1&gt;") < page.text.find(">NC "), "by level");
    for shape in ["<circle class=\"mark\"", "<g class=\"mark\"", "<title id=", "<desc id="] {
        page.says(shape);
    }
    page.says("+2.50");
    page.says("1-2s 1-3s 2-2s");
    page.says("out of control");
    let missing = browser.get("/quality/controls/chart?analyser=e601&test_code=HIV");
    assert_eq!(missing.status, 404);
}

fn lot_fields<'a>(step: &'a str, seen: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("profile", "roche-cobas-e601"),
        ("test_code", "HBSAG"),
        ("lot", "L/7"),
        ("step", step),
        ("seen", seen),
        ("password", PASSWORD),
    ]
}

#[test]
fn fm_02_a_lot_is_released_in_two_steps_and_a_stale_page_changes_nothing() {
    let laboratory = Laboratory::new();
    let browser = laboratory.signed_in("quan");
    let one = "/quality/lots/one?profile=roche-cobas-e601&test_code=HBSAG&lot=L%2F7";
    let received = with(&lot_fields("receive", "0"), &[("expiry", "2031-01-31")]);
    assert_eq!(browser.post("/quality/lots", &lot_fields("", "")).status, 422, "no expiry");
    assert_eq!(browser.post("/quality/lots", &received).status, 303);
    assert_eq!(browser.post("/quality/lots", &received).status, 422, "it is on record");
    let seen = browser.get(one).field("seen").unwrap();
    let step = |id: &str, seen: &str| browser.post("/quality/lots/one", &lot_fields(id, seen));
    assert_eq!(step("accept", &seen).status, 422, "it is not released yet");
    assert_eq!(step("release", &seen).status, 303);
    assert_eq!(step("accept", &seen).status, 422, "the page is older than the last step");
    let seen = browser.get(one).field("seen").unwrap();
    assert_eq!(step("accept", &seen).status, 303);
    let standings: Vec<LotStanding> = laboratory
        .records()
        .into_iter()
        .filter_map(|(_, record)| match record {
            Record::Lot(lot) => Some(lot.standing),
            _ => None,
        })
        .collect();
    let steps = [LotStanding::NotReleased, LotStanding::DeliveryNotAccepted, LotStanding::Released];
    assert_eq!(standings, steps);
    let page = browser.get(one);
    is_complete(one, &page);
    page.says("2031-01-31");
    page.says("released");
}

#[test]
fn a_run_is_rejected_after_it_was_said_what_that_recalls() {
    let laboratory = filled();
    assert_eq!(laboratory.verdict(1), "releasable");
    let browser = laboratory.signed_in("quan");
    let path = "/quality/runs/one?analyser=e601&test_code=HBSAG&run=1";
    let page = browser.get(path);
    is_complete(path, &page);
    page.says(
        "2 results of 2 donations would be decided again. Releasable now, and recalled then: 1.",
    );
    let (from, to) = (page.field("from").unwrap(), page.field("to").unwrap());
    let fields = |to: &str, text: &str, password: &str| {
        [
            ("analyser", "e601"),
            ("test_code", "HBSAG"),
            ("run", "1"),
            ("from", &from),
            ("to", to),
            ("plate", ""),
            ("text", text),
            ("password", password),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let post = |path: &str, fields: [(String, String); 8]| {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(path, &fields)
    };
    let before = laboratory.records().len();
    assert_eq!(post("/quality/runs/reject", fields(&to, "", PASSWORD)).status, 422);
    assert_eq!(post("/quality/runs/reject", fields(&to, "warm", "wrong")).status, 422);
    assert_eq!(post("/quality/runs/reject", fields(&from, "warm", PASSWORD)).status, 422);
    assert_eq!(laboratory.records().len(), before);
    assert_eq!(post("/quality/runs/accept", fields(&to, "seen", PASSWORD)).status, 303);
    assert_eq!(laboratory.verdict(1), "releasable", "accepting changes nothing");
    assert_eq!(post("/quality/runs/reject", fields(&to, "warm", PASSWORD)).status, 303);
    assert_eq!(laboratory.verdict(1), "recalled");
    let records = laboratory.records();
    assert!(
        matches!(&records[before + 1..], [(_, Record::Run(run)), (_, Record::ControlFailure(_))]
            if !run.accepted && run.text == "warm"),
        "{records:?}"
    );
    browser.get(path).says("rejected");
}

#[test]
fn a_round_of_external_assessment_is_kept_from_opening_to_closing() {
    let laboratory = Laboratory::new();
    let browser = laboratory.signed_in("quan");
    let round = [("scheme", "NCCL"), ("round", "2026-1"), ("password", PASSWORD)];
    let post = |path: &str, more: &[(&str, &str)]| browser.post(path, &with(&round, more)).status;
    let opened = [("due", "2020-01-31"), ("assay-hbsag", "1"), ("assay-hiv", "1")];
    assert_eq!(post("/quality/eqa", &opened[..1]), 422, "no assay");
    assert_eq!(post("/quality/eqa", &opened), 303);
    assert_eq!(post("/quality/eqa", &opened), 422, "it is on record");
    browser.get("/quality").says("overdue");
    let sample = |assay| [("sample", "=2611"), ("assay", assay), ("result", "positive")];
    assert_eq!(post("/quality/eqa/report", &sample("tp")), 422, "not in this round");
    assert_eq!(post("/quality/eqa/report", &sample("hbsag")), 303);
    assert_eq!(post("/quality/eqa/report", &sample("hiv")), 303);
    let assessed = |assay| {
        let outcome = ("outcome", "unacceptable");
        [("sample", "=2611"), ("assay", assay), ("expected", "negative"), outcome]
    };
    assert_eq!(post("/quality/eqa/assess", &assessed("tp")), 422, "nothing was reported");
    assert_eq!(post("/quality/eqa/assess", &assessed("hiv")), 303);
    let path = "/quality/eqa/round?scheme=NCCL&round=2026-1";
    is_complete(path, &browser.get(path));
    browser.get(path).says("not as expected");
    assert_eq!(post("/quality/eqa/close", &[("text", "tubes were mixed up")]), 303);
    assert_eq!(post("/quality/eqa/report", &sample("hiv")), 422, "it is closed");
    let sheet = browser.get("/quality/eqa.csv");
    assert_eq!(sheet.header("content-type"), Some("text/csv; charset=utf-8"));
    sheet.says("NCCL,2026-1,2020-01-31,'=2611,HBsAg,positive,quan,");
    sheet.says("negative,unacceptable,tubes were mixed up");
}

/// Asks until the answer has something, within the patience of these tests.
fn until(browser: &Browser, path: &str, words: &str) -> Answer {
    let begun = clock::moment();
    loop {
        let answer = browser.get(path);
        if answer.text.contains(words) || since(begun) > PATIENCE {
            answer.says(words);
            return answer;
        }
    }
}

#[test]
fn statistics_are_counted_off_the_page_and_exported_without_formulas() {
    let laboratory = filled();
    let browser = laboratory.signed_in("audrey");
    let first = browser.get("/statistics");
    is_complete("/statistics", &first);
    first.says("Being counted");
    let page = until(&browser, "/statistics", "Counted at");
    let page = if page.text.contains("Being counted") {
        until(&browser, "/statistics", "<svg")
    } else {
        page
    };
    page.says("url(#statistics-hatch-1)");
    page.says("Initially reactive");
    let month = hemogate::store::Month::of(clock::utc()).to_string();
    let sheet = until(&browser, "/statistics.csv", &month);
    sheet.says(&format!("{month},'=east,,,Donations,2,"));
    sheet.says(&format!("{month},'=east,HBsAg,,Initially reactive,1,"));
    assert_eq!(browser.get("/statistics?from=2020-01&to=2026-01").status, 422, "too many");
    assert_eq!(browser.get("/statistics?from=2024-02&to=2026-01").status, 200, "at the bound");
    assert_eq!(browser.get("/statistics?from=2024-01&to=2026-01").status, 422, "one past");
    assert_eq!(browser.get("/statistics?from=x").status, 422);
    let rates = until(&browser, "/quality/rates", "12345");
    rates.says("<svg");
    is_complete("/quality/rates", &rates);
    is_complete("/quality/rates?by=week", &browser.get("/quality/rates?by=week"));
}
