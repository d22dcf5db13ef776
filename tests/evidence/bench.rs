//! A dossier as a laboratory has it: four messages of three analysers, read with shipped profiles.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::document;
use hemogate::domain::{
    Circumstances, DonationNumber, DonationNumberScheme, Donor, DonorKind, Facts, Record,
    RecordedObservation, RecordedStatement, Registration, Statement,
};
use hemogate::evidence::{
    Commit, Dossier, KeptRecord, KeptText, KeptVerdict, PublicKey, RawMessage, SiteKey, seal,
};
use hemogate::rules::{self, RuleSet, decide};
use hemogate::shape::DecisionShape;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::support::messages;

pub static KEY: LazyLock<SiteKey> =
    LazyLock::new(|| SiteKey::read(&SiteKey::generate().unwrap()).unwrap());

pub fn public() -> PublicKey {
    KEY.public()
}

pub fn at() -> Timestamp {
    "2026-01-06T08:00:00Z".parse().unwrap()
}

fn din() -> DonationNumber {
    DonationNumber::restored(messages::din(1))
}

fn analyser(id: &str, profile: &str) -> Analyser {
    let profile = Arc::new(Profile::parse(profile, shipped(profile).unwrap()).unwrap());
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new(id.to_owned(), profile, &BTreeMap::new(), scheme).unwrap()
}

/// A donation whose HBsAg is reactive at first; some of its results are still to come.
pub fn dossier() -> Dossier {
    let number = messages::din(1);
    let hbsag = messages::e601(&number, 515, 1, "9.90", "20260105115617");
    let more = messages::e601_panel(&number, &[(286, -1, "0.035")], "20260105120017");
    let alt = messages::mindray_alt(&number, "22", "7");
    let nat = messages::mpx(&number, "Non-Reactive", "Non-Reactive", "Non-Reactive", "9");
    let mut dossier = empty();
    let serology = analyser("serology", "roche-cobas-e601");
    take(&mut dossier, &serology, hbsag.as_bytes());
    take(&mut dossier, &serology, more.as_bytes());
    take(&mut dossier, &analyser("alt", "mindray-bs"), alt.as_bytes());
    take(&mut dossier, &analyser("nat", "roche-cobas-6800"), nat.as_bytes());
    concluded(dossier)
}

fn empty() -> Dossier {
    let text = rules::shipped("cn").unwrap();
    let mut facts = Facts::new(din());
    facts.registration = Some(Registration {
        din: din(),
        collected_at: "2026-01-05T00:00:00Z".parse().unwrap(),
        site: "Centre".to_owned(),
        donor: Donor { kind: DonorKind::Repeat, deferred: false, historic_group: None },
    });
    let (by, statement) = ("inventory".to_owned(), Statement::SampleReceived);
    facts.statements.push(RecordedStatement {
        id: 1,
        by: by.clone(),
        at: at(),
        after_observation: 0,
        statement: statement.clone(),
    });
    let record = Record::Donation(din(), statement);
    let said = KeptRecord { id: 1, by, at: at(), after_observation: 0, after_verdict: 0, record };
    Dossier {
        din: din(),
        rule_set: kept("cn", text),
        profiles: Vec::new(),
        messages: Vec::new(),
        facts,
        controls: Vec::new(),
        singles: Vec::new(),
        records: vec![said],
        verdicts: Vec::new(),
        ledger: chain(),
    }
}

fn kept(name: &str, text: &str) -> KeptText {
    KeptText { name: name.to_owned(), sha256: document::sha256(text), text: text.to_owned() }
}

fn rules_of(text: &str) -> RuleSet {
    RuleSet::parse("cn", text).unwrap()
}

/// Puts a message into a dossier, as the store would.
pub fn take(dossier: &mut Dossier, analyser: &Analyser, bytes: &[u8]) {
    let reading = analyser.read(bytes);
    assert!(reading.faults.is_empty(), "{:?}", reading.faults);
    let profile = analyser.profile().name();
    let text = kept(profile, &analyser.kept().text);
    let message = i64::try_from(dossier.messages.len()).unwrap() + 11;
    for observation in reading.observations {
        dossier.facts.observations.push(RecordedObservation {
            id: i64::try_from(dossier.facts.observations.len()).unwrap() + 101,
            message,
            analyser: analyser.id().to_owned(),
            profile: profile.to_owned(),
            observation,
            circumstances: Circumstances { received_at: Some(at()), ..Circumstances::default() },
        });
    }
    dossier.messages.push(RawMessage {
        message,
        analyser: analyser.id().to_owned(),
        profile_sha256: text.sha256.clone(),
        received_at: at(),
        incomplete: None,
        made_good_by: None,
        bytes: bytes.to_vec(),
    });
    if !dossier.profiles.contains(&text) {
        dossier.profiles.push(text);
    }
}

/// The dossier with what follows from its facts.
pub fn concluded(mut dossier: Dossier) -> Dossier {
    let rules = rules_of(&dossier.rule_set.text);
    dossier.verdicts = vec![KeptVerdict {
        seq: 5,
        version: 1,
        decided_at: at(),
        rule_set: dossier.rule_set.sha256.clone(),
        message_to: dossier.messages.last().unwrap().message,
        decision: DecisionShape::from(decide(&dossier.facts, &rules)),
    }];
    dossier
}

/// Two commits, one behind the other.
fn chain() -> Vec<Commit> {
    let commit = |n: i64, before: [u8; 32]| {
        let hashed = [n.to_be_bytes().as_slice(), b"counts and digest"].concat();
        let hash = Sha256::digest([before.as_slice(), &hashed].concat()).into();
        Commit { n, before, hashed, hash, holds: vec![("message".to_owned(), n + 8)] }
    };
    let first = commit(3, [7; 32]);
    let second = commit(4, first.hash);
    vec![first, second]
}

pub fn bundle() -> String {
    seal(&dossier(), at(), &KEY).unwrap()
}

/// The bundle with its content changed, signed anew: by `key`, with new hashes or the old ones.
pub fn forged(bundle: &Value, change: impl Fn(&mut Value), key: &SiteKey, hashes: bool) -> String {
    let mut forged = bundle.clone();
    change(&mut forged["content"]);
    if hashes {
        let fields = forged["content"].as_object().unwrap().clone();
        forged["hashes"] = fields.iter().map(|(name, value)| (name.clone(), hash(value))).collect();
    }
    signed(forged, key)
}

/// A bundle signed anew.
pub fn signed(mut bundle: Value, key: &SiteKey) -> String {
    let mut unsigned = Map::new();
    for part in ["content", "hashes"] {
        unsigned.insert(part.to_owned(), bundle[part].clone());
    }
    let text = canonical(&Value::Object(unsigned));
    bundle["signature"]["key"] = key.public().to_string().into();
    bundle["signature"]["value"] = key.sign(text.as_bytes()).into();
    canonical(&bundle) + "\n"
}

pub fn hash(value: &Value) -> Value {
    document::sha256(&canonical(value)).into()
}

/// serde_json sorts the keys of its maps and writes no blanks: stated here a second time.
pub fn canonical(value: &Value) -> String {
    serde_json::to_string(value).unwrap()
}
