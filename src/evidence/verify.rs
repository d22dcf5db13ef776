//! A bundle checked by whoever holds it: every step is done again, and what differs is said.

use serde_json::Value;

use super::decoded::{Decoded, donation_of, is_one_fact};
use super::form::{Content, FormError, ObservationForm};
use super::hashes::{self, sha256};
use super::seal::ALGORITHM;
use super::standing::Standing;
use super::{PublicKey, canonical, compare, past, pooled};
use crate::domain::{DonationNumber, Facts, Observation, RecordedObservation, SpecimenKind};
use crate::limits;
use crate::rules::{RuleSet, decide};
use crate::shape::DecisionShape;

/// What came of checking a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The donation it says it is about.
    pub din: String,
    /// Version of the program that made it.
    pub program: String,
    /// When it was made, as it says.
    pub made_at: String,
    /// The key that signed it; `None` where the signature is nobody's.
    pub signed_by: Option<PublicKey>,
    /// The verdict it says.
    pub verdict: String,
    /// The reasons of that verdict.
    pub reasons: Vec<String>,
    /// How many messages were read again.
    pub messages: usize,
    /// How many facts were found in them again.
    pub observations: usize,
    /// What differs; nothing: the bundle is confirmed.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether everything came out as the bundle says.
    pub fn is_confirmed(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Something that refutes a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: `signature`, `message 17`, `observation 42`, `verdict`, ...
    pub place: String,
    /// What differs there.
    pub what: String,
}

/// Findings as they come.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.0.push(Finding { place: place.into(), what: what.into() });
    }

    fn form(&mut self, error: FormError) {
        self.add(error.place, error.what);
    }
}

/// Checks a bundle. Its signature must be that of `key`, or, where nobody says whose it must be,
/// of the key that it names.
///
/// # Errors
/// Why it is no bundle at all.
pub fn verify(text: &str, key: Option<&PublicKey>) -> Result<Report, String> {
    Verifier::default().verify(text, key)
}

/// Checks bundles one after the other. Proving a rule set takes longer than all the rest, and many
/// bundles have the same: the last one is kept.
#[derive(Debug, Default)]
pub struct Verifier {
    last: Option<RuleSet>,
}

impl Verifier {
    /// Checks a bundle, as [`verify`] does.
    ///
    /// # Errors
    /// Why it is no bundle at all.
    pub fn verify(&mut self, text: &str, key: Option<&PublicKey>) -> Result<Report, String> {
        checked(text, key, self)
    }

    /// The rule set of a text, proved.
    fn rules(&mut self, name: &str, text: &str) -> Result<&RuleSet, String> {
        let known = self.last.take().filter(|known| known.text() == text);
        let rules = match known {
            Some(known) => known,
            None => RuleSet::parse(name, text).map_err(|faults| {
                let first = faults.first().map(ToString::to_string).unwrap_or_default();
                format!("this version refuses it: {first}")
            })?,
        };
        Ok(self.last.insert(rules))
    }
}

fn checked(text: &str, key: Option<&PublicKey>, verifier: &mut Verifier) -> Result<Report, String> {
    if text.len() > limits::EVIDENCE_MAX {
        return Err(format!("it is longer than {} bytes", limits::EVIDENCE_MAX));
    }
    let bundle: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let written = bundle.get("content").ok_or("it has no content")?;
    let content: Content = serde_json::from_value(written.clone())
        .map_err(|error| format!("its content is not of a known form: {error}"))?;
    if content.evidence != Content::VERSION {
        let (its, ours) = (content.evidence, Content::VERSION);
        return Err(format!("it is of form {its}; this program verifies form {ours}"));
    }
    let mut findings = Findings::default();
    form(text, &bundle, &content, &mut findings);
    let signed_by = signature(&bundle, key, &mut findings);
    check_hashes(&bundle, written, &content, &mut findings);
    let observations = substance(&content, verifier, &mut findings);
    Ok(report(content, signed_by, observations, findings))
}

fn report(
    content: Content,
    signed_by: Option<PublicKey>,
    observations: usize,
    findings: Findings,
) -> Report {
    let last = content.verdicts.last().map(|last| &last.decision);
    let reasons = last.map_or(&[][..], |last| last.reasons.as_slice());
    Report {
        signed_by,
        verdict: last.map(|last| last.verdict.clone()).unwrap_or_default(),
        reasons: reasons.iter().map(|reason| reason.code.clone()).collect(),
        messages: content.messages.len(),
        observations,
        din: content.din,
        program: content.program,
        made_at: content.made_at,
        findings: findings.0,
    }
}

/// There is one way to write a bundle.
fn form(text: &str, bundle: &Value, content: &Content, findings: &mut Findings) {
    let canonical = canonical::text(bundle) + "\n";
    if canonical != text || !canonical::is_whole(bundle) {
        findings.add("form", "it is not written in the one way in which bundles are written");
    }
    let again = serde_json::to_value(content).unwrap_or_default();
    if bundle.get("content") != Some(&again) {
        findings.add("form", "there is more in its content than is known");
    }
    let parts = bundle.as_object().map_or(0, serde_json::Map::len);
    if parts != 3 {
        findings.add("form", "it is not content, hashes and signature");
    }
}

fn signature(
    bundle: &Value,
    expected: Option<&PublicKey>,
    findings: &mut Findings,
) -> Option<PublicKey> {
    let field = |name: &str| bundle.get("signature")?.get(name)?.as_str();
    let count = bundle.get("signature").and_then(Value::as_object).map(serde_json::Map::len);
    let mut unsigned = bundle.as_object().cloned().unwrap_or_default();
    unsigned.remove("signature");
    let signed = canonical::text(&Value::Object(unsigned));
    if field("algorithm") != Some(ALGORITHM) || count != Some(3) {
        findings.add("signature", format!("it is not one of {ALGORITHM}"));
    }
    let key = field("key").and_then(|key| PublicKey::read(key).ok());
    let value = field("value").unwrap_or_default();
    let signer = key.filter(|key| key.signed(signed.as_bytes(), value));
    match (signer, expected) {
        (None, _) => findings.add(
            "signature",
            "it is not that of the key that the bundle names: something was changed after signing",
        ),
        (Some(signer), Some(expected)) if signer != *expected => findings.add(
            "signature",
            format!("the bundle is signed with the key {signer}, not with {expected}"),
        ),
        (Some(_), _) => {}
    }
    signer
}

fn check_hashes(bundle: &Value, written: &Value, content: &Content, findings: &mut Findings) {
    let hashes = hashes::of_fields(written);
    let on_record = bundle.get("hashes").and_then(Value::as_object);
    let on_record = on_record.cloned().unwrap_or_default();
    for (name, hash) in &hashes {
        if on_record.get(name).and_then(Value::as_str) != Some(hash) {
            findings.add(format!("content.{name}"), "it is not that of its SHA-256");
        }
    }
    if on_record.len() != hashes.len() {
        findings.add("hashes", "they are not those of the content's fields");
    }
    if sha256(content.rule_set.text.as_bytes()) != content.rule_set.sha256 {
        findings.add("rule set", "its text is not that of its SHA-256");
    }
    for (n, what) in hashes::breaks(&content.ledger) {
        findings.add(format!("ledger, commit {n}"), what);
    }
}

/// Everything done again; how many observations were found in their messages.
fn substance(content: &Content, verifier: &mut Verifier, findings: &mut Findings) -> usize {
    let din = DonationNumber::restored(content.din.clone());
    let decoded = Decoded::read(content, findings);
    let built = content.facts.restore(&din).and_then(|facts| {
        let controls = ObservationForm::restored(&content.controls)?;
        Ok((facts, controls, ObservationForm::restored(&content.singles)?))
    });
    let (mut facts, mut controls, mut singles) = match built {
        Ok(built) => built,
        Err(error) => {
            findings.form(error);
            return 0;
        }
    };
    let mut found = all_found(&mut facts.observations, &decoded, findings);
    for pool in &mut facts.pools {
        found += all_found(&mut pool.observations, &decoded, findings);
    }
    found += all_found(&mut controls, &decoded, findings);
    found += all_found(&mut singles, &decoded, findings);
    nothing_left_out(&din, &facts, &decoded, findings);
    blocked(&din, &facts, &decoded, findings);
    let controls = controls.into_iter().map(|control| (control.id, control.observation)).collect();
    match Standing::of(content, controls) {
        Ok(standing) => {
            came_about(&mut facts, &standing, &decoded, &singles, findings);
            history(content, &mut facts, &standing, findings);
        }
        Err(error) => findings.form(error),
    }
    concluded(content, &facts, verifier, findings);
    found
}

/// Each of these observations must be in its message, none of them twice; from here on, what is
/// read there counts. How many were found.
fn all_found(
    observations: &mut [RecordedObservation],
    decoded: &Decoded<'_>,
    findings: &mut Findings,
) -> usize {
    let mut taken = Vec::new();
    let mut found = 0;
    for recorded in observations {
        found += usize::from(find(recorded, decoded, &mut taken, findings));
    }
    found
}

fn find(
    recorded: &mut RecordedObservation,
    decoded: &Decoded<'_>,
    taken: &mut Vec<(i64, usize)>,
    findings: &mut Findings,
) -> bool {
    let place = format!("observation {}", recorded.id);
    let Some(message) = decoded.message(recorded.message) else {
        let what =
            format!("its message {} is not in the bundle or cannot be read", recorded.message);
        findings.add(place, what);
        return false;
    };
    if message.form.analyser != recorded.analyser {
        findings.add(&place, format!("message {} is of another analyser", recorded.message));
    }
    let read = || message.observations().iter().enumerate();
    let free = |at: usize| !taken.contains(&(recorded.message, at));
    let same = read().find(|(at, one)| free(*at) && **one == recorded.observation);
    if let Some((at, _)) = same {
        taken.push((recorded.message, at));
        return true;
    }
    let alike = |one: &Observation| {
        let theirs = &recorded.observation;
        (one.test_code == theirs.test_code) as u8 + (one.specimen_id == theirs.specimen_id) as u8
    };
    match read().filter(|(at, _)| free(*at)).max_by_key(|(_, one)| alike(one)) {
        Some((at, one)) => {
            taken.push((recorded.message, at));
            for what in compare::observations(&recorded.observation, one, message) {
                findings.add(&place, format!("{what} in message {}", recorded.message));
            }
            recorded.observation = one.clone();
        }
        None => findings.add(place, format!("message {} has no such result", recorded.message)),
    }
    false
}

/// What the messages say of the donation and of its pools must be among the facts.
fn nothing_left_out(
    din: &DonationNumber,
    facts: &Facts,
    decoded: &Decoded<'_>,
    findings: &mut Findings,
) {
    let pools = || facts.pools.iter();
    let of_pools: Vec<_> = pools().flat_map(|pool| &pool.observations).collect();
    let own: Vec<_> = facts.observations.iter().collect();
    for message in decoded.messages() {
        for read in message.observations() {
            let on_record = match donation_of(read) {
                Some(of) if of == din => &own,
                None if pools().any(|pool| is_of_tube(read, &pool.id)) => &of_pools,
                Some(_) | None => continue,
            };
            if !on_record.iter().any(|one| is_one_fact(&one.observation, read)) {
                let what = format!("a result of test {:?} is not among the facts", read.test_code);
                findings.add(format!("message {}", message.form.message), what);
            }
        }
    }
}

fn is_of_tube(read: &Observation, pool: &str) -> bool {
    read.kind == SpecimenKind::Donor && read.specimen_id.as_deref() == Some(pool)
}

/// How results came about, and who shares a pool, must follow from the records; from here on, what
/// follows from them counts.
fn came_about(
    facts: &mut Facts,
    standing: &Standing,
    decoded: &Decoded<'_>,
    singles: &[RecordedObservation],
    findings: &mut Findings,
) {
    let said: Vec<_> = standing.statements().into_iter().map(|(_, said)| said).collect();
    if facts.statements != said {
        findings.add("facts.statements", "they are not those of the records");
        facts.statements = said;
    }
    let pooled = facts.pools.iter_mut().flat_map(|pool| pool.observations.iter_mut());
    for result in facts.observations.iter_mut().chain(pooled) {
        let message = decoded.message(result.message);
        let received_at = message.and_then(|message| message.form.received_at.parse().ok());
        let built = standing.circumstances(result, &facts.statements, received_at);
        for what in compare::circumstances(&result.circumstances, &built) {
            findings.add(format!("observation {}", result.id), what);
        }
        result.circumstances = built;
    }
    let pools = pooled::rebuilt(facts, standing, singles);
    for what in compare::pools(&facts.pools, &pools) {
        findings.add("facts.pools", what);
    }
    facts.pools = pools;
}

/// What could not be read and names the donation must block it, until it was made good.
fn blocked(din: &DonationNumber, facts: &Facts, decoded: &Decoded<'_>, findings: &mut Findings) {
    for message in decoded.messages() {
        let number = message.form.message;
        let place = format!("message {number}");
        let on_record = facts.unread.iter().find(|unread| unread.message == number);
        let made_good = message.form.made_good_by.map(|by| decoded.message(by));
        match (message.blocks(din), on_record, made_good) {
            (true, None, None) => findings.add(place, "it is unread and does not block"),
            (true, None, Some(by)) => {
                let is_whole = by.is_some_and(|by| {
                    by.form.incomplete.is_none()
                        && by.reading.body.starts_with(&message.reading.body)
                });
                if message.form.incomplete.is_none() || !is_whole {
                    findings.add(place, "the message that makes it good does not begin with it");
                }
            }
            (true, Some(unread), None) => {
                if unread.cut_short != message.form.incomplete.is_some() {
                    findings.add(place, "whether it was cut short is not what its block says");
                }
            }
            (true, Some(_), Some(_)) => findings.add(place, "it was made good and still blocks"),
            (false, Some(_), _) => findings.add(place, "it was read and blocks all the same"),
            (false, None, _) => {}
        }
    }
    let sightings = facts.sightings.iter().map(|sighting| sighting.message);
    for number in facts.unread.iter().map(|unread| unread.message).chain(sightings) {
        if decoded.message(number).is_none() {
            findings.add(format!("message {number}"), "it blocks and is not in the bundle");
        }
    }
}

/// What the verdicts before the last one amount to must be what the facts say of them.
fn history(content: &Content, facts: &mut Facts, standing: &Standing, findings: &mut Findings) {
    let Some((last, earlier)) = content.verdicts.split_last() else {
        return findings.add("verdicts", "there is none");
    };
    let release = past::release(earlier);
    if facts.release != release {
        findings.add("facts.release", "it does not follow from the verdicts");
        facts.release = release;
    }
    let rule_set = past::rule_set(&last.rule_set, earlier, facts, &standing.statements());
    if facts.rule_set != rule_set {
        findings.add("facts.rule_set", "it does not follow from the verdicts");
        facts.rule_set = rule_set;
    }
    if last.rule_set != content.rule_set.sha256 {
        findings.add(format!("verdict {}", last.seq), "the rule set is not the one that decided");
    }
    for (place, what) in past::gaps(&content.verdicts) {
        findings.add(format!("verdict {place}"), what);
    }
}

/// The decision must follow from what was read again.
fn concluded(content: &Content, facts: &Facts, verifier: &mut Verifier, findings: &mut Findings) {
    let rules = match verifier.rules(&content.rule_set.name, &content.rule_set.text) {
        Ok(rules) => rules,
        Err(why) => return findings.add("rule set", why),
    };
    if rules.identity().name != content.rule_set.name {
        findings.add("rule set", "its name is another one than the bundle's");
    }
    let again = DecisionShape::from(decide(facts, rules));
    let on_record = content.verdicts.last().map(|last| &last.decision);
    for what in on_record.into_iter().flat_map(|last| compare::decisions(last, &again)) {
        findings.add("decision", what);
    }
}
