//! A dossier as a laboratory has it: four messages of three analysers, read with shipped profiles.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::document;
use hemogate::domain::{
    AmendedReason, Circumstances, Correction, DonationNumber, DonationNumberScheme, Donor,
    DonorKind, DonorRecord, Facts, Ground, Grounds, Judgement, Matter, MessageJudged, Placement,
    Proposal, RackDoubt, RackSettled, ReasonCode, Record, RecordedObservation, RecordedStatement,
    Registration, Statement,
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
    let mut dossier = Dossier {
        din: din(),
        rule_set: kept("cn", text),
        profiles: Vec::new(),
        messages: Vec::new(),
        facts,
        controls: Vec::new(),
        singles: Vec::new(),
        records: Vec::new(),
        verdicts: Vec::new(),
        ledger: chain(),
    };
    said(&mut dossier, "inventory", Statement::SampleReceived);
    dossier
}

/// Puts a record about the donation into a dossier, as the store would.
fn said(dossier: &mut Dossier, by: &str, statement: Statement) {
    let id = i64::try_from(dossier.records.len()).unwrap() + 1;
    let after_observation = dossier.facts.observations.last().map_or(0, |last| last.id);
    let (by, at) = (by.to_owned(), at());
    let record = Record::Donation(din(), statement.clone());
    let kept = KeptRecord { id, by: by.clone(), at, after_observation, after_verdict: 0, record };
    dossier.records.push(kept);
    let said = RecordedStatement { id, by, at, after_observation, statement };
    dossier.facts.statements.push(said);
}

/// A donation of which two people judged a message, settled a rack, amended and corrected.
pub fn agreed() -> Dossier {
    let number = messages::din(1);
    let mut dossier = empty();
    let names = |names: [&str; 4]| names.map(str::to_owned);
    let [loading, rack, serology, text] = names(["L1", "R7", "serology", "one place further on"]);
    let place = Placement { loading, rack, position: 3, analyser: Some(serology.clone()) };
    said(&mut dossier, "chen", Statement::Placed(place.clone()));
    let hbsag = messages::e601(&number, 515, 1, "9.90", "20260105115617");
    take(&mut dossier, &analyser("serology", "roche-cobas-e601"), hbsag.as_bytes());
    let Placement { loading, rack, .. } = place;
    let (analyser, message) = (serology, 11);
    let doubt = RackDoubt { loading, rack, analyser, message, text };
    said(&mut dossier, "hemogate", Statement::RackInDoubt(doubt.clone()));
    let RackDoubt { loading, analyser, .. } = doubt;
    let [proposed_by, agreed_by, ..] = names(["li", "wang", "", ""]);
    let judged = MessageJudged {
        message,
        judgement: Judgement::Accepted,
        proposed_by: proposed_by.clone(),
        agreed_by: agreed_by.clone(),
    };
    let settled = RackSettled { loading, analyser, proposed_by, agreed_by };
    said(&mut dossier, "hemogate", Statement::RackSettled(settled));
    said(&mut dossier, "hemogate", Statement::MessageJudged(judged));
    said(&mut dossier, "registry", Statement::DonorRecord(DonorRecord::Flagged));
    let code = ReasonCode::DonorFlagged;
    let (observations, messages) = (Vec::new(), Vec::new());
    let flagged = AmendedReason { code, assay: None, subject: None, observations, messages };
    let number = propose(&mut dossier, Matter::Amendment(vec![flagged]));
    said(&mut dossier, "wang", Statement::Agreed(number));
    let donor = Donor { kind: DonorKind::First, deferred: false, historic_group: None };
    let correction = Correction {
        collected_at: Some("2026-01-05T01:00:00Z".parse().unwrap()),
        site: Some("Hospital".to_owned()),
        donor: Some(donor),
    };
    let number = propose(&mut dossier, Matter::Correction(correction.clone()));
    said(&mut dossier, "wang", Statement::Agreed(number));
    let number = propose(&mut dossier, Matter::Correction(correction));
    said(&mut dossier, "wang", Statement::TurnedDown(number));
    concluded(dossier)
}

fn propose(dossier: &mut Dossier, matter: Matter) -> i64 {
    let grounds = Grounds { ground: Ground::IdentityVerified, text: "looked at twice".to_owned() };
    let proposal = Proposal { matter, grounds, version: 1 };
    said(dossier, "li", Statement::Proposed(proposal));
    dossier.records.last().unwrap().id
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
