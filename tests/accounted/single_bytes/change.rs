//! What a change of one byte did to what is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use hemogate::analyser::{Analyser, Became, MessageReading, shipped_names};
use hemogate::domain::{DonationNumber, Observation, Query, Reading, SpecimenKind};
use hemogate::workshop::passage::Transcript;

use crate::bench::{analyser, fixtures, profile};

/// A difference that nobody notices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exception {
    /// The place of the byte, e.g. `OBX-5.1`.
    pub place: String,
    /// What the place is for.
    pub role: String,
    /// What differs.
    pub change: String,
    /// None of what may never come of a change.
    pub is_danger: bool,
    pub example: String,
}

/// A message as it was sent, and what every byte of it is for.
pub struct Before {
    message: Vec<u8>,
    reading: MessageReading,
    places: Vec<(String, String)>,
}

impl Before {
    pub fn of(analyser: &Analyser, message: &[u8]) -> Before {
        let mut places = Vec::new();
        for piece in analyser.explain(message) {
            let role = match &piece.became {
                Became::Structure(what) => (*what).to_owned(),
                Became::Mapped { role, .. } => role.clone(),
                Became::Ignored(_) => "ignored".to_owned(),
                Became::Unaccounted(_) => "unaccounted".to_owned(),
            };
            let place = plain(&piece.place);
            places.extend(piece.range.map(|_| (place.clone(), role.clone())));
        }
        let reading = analyser.read(message);
        Before { message: message.to_vec(), reading, places }
    }

    /// The differences that are not noticed when the message comes as `changed`.
    pub fn compare(
        &self,
        analyser: &Analyser,
        file: &str,
        changed: &[u8],
        at: usize,
    ) -> Vec<Exception> {
        let after = analyser.read(changed);
        if self.is_held(&after) {
            return Vec::new();
        }
        let mut changes = BTreeSet::new();
        self.observations(&after, &mut changes);
        if self.reading.query != after.query {
            changes.insert((asked(self.reading.query.as_ref(), after.query.as_ref()), false));
        }
        if self.reading.order_replies != after.order_replies {
            changes.insert(("how an order stands".to_owned(), false));
        }
        let (place, role) = self.places.get(at).cloned().unwrap_or_default();
        let (from, to) = (self.message[at].escape_ascii(), changed[at].escape_ascii());
        let example = format!("{file} byte {at}: {from} becomes {to}");
        let exception = |(change, is_danger)| Exception {
            place: place.clone(),
            role: role.clone(),
            change,
            is_danger,
            example: example.clone(),
        };
        changes.into_iter().map(exception).collect()
    }

    /// A fault of the message blocks every donation in it.
    fn is_held(&self, after: &MessageReading) -> bool {
        let known = |text: &str| self.reading.faults.iter().any(|fault| fault.text == text);
        after.faults.iter().any(|fault| !known(&fault.text))
    }

    fn observations(&self, after: &MessageReading, changes: &mut BTreeSet<(String, bool)>) {
        let before = &self.reading.observations;
        if before.len() != after.observations.len() {
            let (was, is) = (before.len(), after.observations.len());
            let told = |after: &Observation| before.iter().all(|before| is_held(before, after));
            if !after.observations.iter().any(told) {
                let change = if is < was { "a result is lost" } else { "a result more" };
                changes.insert((change.to_owned(), false));
            }
            return;
        }
        for (one, other) in before.iter().zip(&after.observations) {
            if one != other && !is_held(one, other) {
                differing(one, other, changes);
            }
        }
    }
}

/// The result says that something is wrong with it which was not wrong before.
fn is_held(before: &Observation, after: &Observation) -> bool {
    let whys = |one: &Observation| -> BTreeSet<String> {
        let unaccounted = one.unaccounted.iter().map(|piece| piece.path.clone() + &piece.why);
        let concerns = one.concerns.iter().map(|concern| concern.code.clone() + &concern.text);
        unaccounted.chain(concerns).collect()
    };
    !whys(after).is_subset(&whys(before))
}

fn differing(one: &Observation, other: &Observation, changes: &mut BTreeSet<(String, bool)>) {
    // What was held before it was changed is no reading that something else was made of.
    let was_good = one.unaccounted.is_empty() && one.concerns.is_empty();
    let mut add = |change: &str, is_danger: bool| {
        let mended = if is_danger && !was_good { ", held as sent" } else { "" };
        changes.insert((format!("{change}{mended}"), is_danger && was_good));
    };
    if one.kind != other.kind {
        // A donor's result without a donation is nobody's.
        let of = if other.din.is_some() { "" } else { ", of no donation" };
        let (was, is) = (one.kind.id(), other.kind.id());
        let is_danger = other.kind == SpecimenKind::Donor && other.din.is_some();
        add(&format!("{was} becomes {is}{of}"), is_danger);
    }
    if one.din != other.din {
        match &other.din {
            None => add("names no donation any more", false),
            Some(din) if registered().contains(din) => add("another registered donation", true),
            Some(_) => add("a donation that nobody registered", false),
        }
    } else if one.specimen_id != other.specimen_id {
        add("id of what is no donation", false);
    }
    if one.assay != other.assay {
        add(if other.assay.is_some() { "another test" } else { "no known test" }, false);
    } else if one.test_code != other.test_code {
        add("code of a test that is not known", false);
    }
    if one.reading != other.reading {
        reading(one, other, &mut add);
    }
    if one.number != other.number || one.value != other.value {
        add("value", false);
    }
    let same = [
        ("rack", one.rack == other.rack),
        ("position", one.position == other.position),
        ("unit", one.unit == other.unit),
        ("flags", one.flags == other.flags),
        ("time", one.completed_at == other.completed_at),
        ("reagent lot", one.reagent_lot == other.reagent_lot),
        ("replicate", one.replicate == other.replicate),
        ("operator", one.operator == other.operator),
        ("time of the start", one.started_at == other.started_at),
        ("control lot", one.control_lot == other.control_lot),
        ("reagent expiry", one.reagent_expiry == other.reagent_expiry),
    ];
    same.iter().filter(|(_, is_same)| !is_same).for_each(|(what, _)| add(what, false));
    if one.status != other.status {
        let word = |status: Option<hemogate::domain::ResultStatus>| {
            status.map_or("none", |status| status.id())
        };
        add(&format!("status {} becomes {}", word(one.status), word(other.status)), false);
    }
}

fn reading(one: &Observation, other: &Observation, add: &mut impl FnMut(&str, bool)) {
    let word = |reading: Option<Reading>| reading.map_or("none", Reading::id);
    let change = format!("{} becomes {}", word(one.reading), word(other.reading));
    let is_valid = |reading: Option<Reading>| !matches!(reading, None | Some(Reading::Invalid));
    let both = is_valid(one.reading) && is_valid(other.reading);
    let of_donor = one.kind == SpecimenKind::Donor || other.kind == SpecimenKind::Donor;
    add(&change, both && of_donor && one.assay == other.assay);
}

fn asked(one: Option<&Query>, other: Option<&Query>) -> String {
    match (one, other) {
        (Some(one), Some(other)) if one.ask != other.ask => "what is asked for".to_owned(),
        (Some(_), Some(_)) => "what the answer says again".to_owned(),
        (Some(_), None) => "no question any more".to_owned(),
        (None, _) => "a question".to_owned(),
    }
}

/// Every donation of every transcript: what one site has registered.
fn registered() -> &'static BTreeSet<DonationNumber> {
    static REGISTERED: OnceLock<BTreeSet<DonationNumber>> = OnceLock::new();
    REGISTERED.get_or_init(|| {
        let mut registered = BTreeSet::new();
        for fixture in fixtures(&["astm", "mllp", "block", "txt", "csv"]) {
            let transcript = Transcript::of(&fixture.bytes, &profile(fixture.profile));
            let analyser = analyser(fixture.profile);
            for message in transcript.messages() {
                registered.extend(analyser.read(message).donations);
            }
        }
        assert!(registered.len() > 5 && shipped_names().count() > 5);
        registered
    })
}

/// One of each, the first as its example.
pub fn distinct(exceptions: Vec<Exception>) -> Vec<Exception> {
    let mut distinct: BTreeMap<(String, String, String), Exception> = BTreeMap::new();
    for exception in exceptions {
        let key = (exception.place.clone(), exception.role.clone(), exception.change.clone());
        distinct.entry(key).or_insert(exception);
    }
    distinct.into_values().collect()
}

/// One line for each place and change, and after each kind of change why it is borne.
pub fn table(exceptions: &[Exception]) -> String {
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for one in exceptions {
        let danger = if one.is_danger { "DANGER " } else { "" };
        let (place, role, change) = (&one.place, &one.role, &one.change);
        lines.insert(format!("{place} ({role}): {danger}{change} [{}]", reason(change)));
    }
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

/// Why a change that nobody notices is borne.
fn reason(change: &str) -> &'static str {
    let begins = |words: &[&str]| words.iter().any(|word| change.starts_with(word));
    let says = |words: &[&str]| words.iter().any(|word| change.contains(word));
    match () {
        () if says(&["held as sent"]) => {
            "the transcript contradicts itself on purpose, and the change mends it"
        }
        () if begins(&["what is asked", "what the answer", "no question", "a question"]) => {
            "a query: at most a test too few or too many; no result is read from it"
        }
        () if begins(&["how an order stands"]) => "an order is given again: no result",
        () if begins(&["another registered"]) => "the id stands once on a line without checksum",
        () if begins(&["a donation that nobody", "names no donation", "id of what"]) => {
            "the result waits for its donation, the donation for its result"
        }
        () if begins(&["another test", "no known test", "code of a test"]) => {
            "the test it was of is lacking: pending"
        }
        () if begins(&["a result is lost"]) => "the test it was of is lacking: pending",
        () if begins(&["a result more"]) => "each of the two is judged by itself; the worst counts",
        () if begins(&["value"]) => "a number on a line without checksum; verdicts check markers",
        () if begins(&["status"]) => "not final: pending",
        () if says(&["becomes none", "becomes invalid"]) => "no reading: pending",
        () if says(&["becomes other", "becomes control", "becomes calibration"]) => {
            "no donor's result: pending"
        }
        () if begins(&["other becomes donor"]) => "listed by name: the mark stands once",
        () if begins(&["nonreactive becomes r", "reactive becomes n", "reactive becomes g"])
            || begins(&["grey_zone becomes"]) =>
        {
            "listed by name: the number or sign stands once"
        }
        () if begins(&["invalid becomes", "none becomes", "negative becomes"]) => {
            "what was no reading is one: borne only because the transport must protect it"
        }
        () if begins(&["AB becomes"]) => "listed by name: the group stands once",
        () if says(&["of no donation"]) => "a result without a donation releases nothing",
        () => "says where, when or how: no verdict rests on it",
    }
}

/// `R[2].7[3].1` as `R.7.1`.
fn plain(place: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for character in place.chars() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            _ => plain.push(character),
        }
    }
    plain
}
