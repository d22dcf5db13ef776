//! When two messages are the same message, and two observations the same fact.
//!
//! A message is the same when its content is the same *and* it was read the same way: a copy over
//! a second line changes nothing, while the same bytes read with another profile or another map of
//! test codes say something else and are stored again. A fact is the same when everything it means
//! is the same, whoever sent it; a copy of it is not counted twice.

use sha2::{Digest, Sha256};

use super::Entry;
use crate::domain::{Observation, ResultStatus, SpecimenKind};
use crate::shape::completed_at_text;

/// A SHA-256.
pub(super) type Key = [u8; 32];

/// The key of a complete message, given the keys of its observations in order.
pub(super) fn message_key<'k>(entry: &Entry, observations: impl Iterator<Item = &'k Key>) -> Key {
    let mut hasher = Sha256::new();
    hasher.update(b"message\x01");
    hasher.update(entry.content_key);
    hasher.update(entry.faults.len().to_be_bytes());
    for key in observations {
        hasher.update(key);
    }
    // The same query from the same place is the same message, whoever asked elsewhere meanwhile;
    // but what holds another donation is not on record yet.
    for (din, text) in &entry.sightings {
        for part in [din.as_str(), text] {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
    }
    hasher.finalize().into()
}

/// The key of an observation in a message with this content key. What a control showed at no known
/// time is a fact of its message: that it shows the same again is another fact, and which of two
/// came last decides whether results count. A specimen that is no donation may be a control, too.
pub(super) fn fact_key(o: &Observation, content_key: &[u8]) -> Key {
    let key = observation_key(o);
    let may_be_control = match o.kind {
        SpecimenKind::Control => true,
        SpecimenKind::Donor => o.din.is_none(),
        SpecimenKind::Calibration | SpecimenKind::Other => false,
    };
    if !may_be_control || o.completed_at.is_some() {
        return key;
    }
    let mut hasher = Sha256::new();
    hasher.update(b"control\x01");
    hasher.update(key);
    hasher.update(content_key);
    hasher.finalize().into()
}

/// The key of a fact that was read once more from the bytes of this message: a fact of its own, so
/// that it counts where the first reading of them does not.
pub(super) fn key_of_reading_again(key: &Key, message: i64) -> Key {
    let mut hasher = Sha256::new();
    hasher.update(b"read again\x01");
    hasher.update(key);
    hasher.update(message.to_be_bytes());
    hasher.finalize().into()
}

/// The key of an observation: its meaning, without the analyser's id, byte offsets, or whether it
/// was sent before.
pub(super) fn observation_key(o: &Observation) -> Key {
    let mut meaning = Meaning(Sha256::new());
    meaning.text(Some("observation\x01"));
    meaning.text(Some(o.kind.id()));
    meaning.text(o.specimen_id.as_deref());
    meaning.text(o.din.as_ref().map(|din| din.as_str()));
    meaning.text(Some(&o.test_code));
    meaning.text(o.assay.map(|assay| assay.id()));
    meaning.text(o.value.as_deref());
    meaning.text(o.number.map(|number| number.to_string()).as_deref());
    meaning.text(o.unit.as_deref());
    meaning.text(o.reading.map(|reading| reading.id()));
    meaning.texts(&o.flags);
    meaning.text(o.status.map(status_word));
    meaning.text(o.completed_at.as_ref().map(completed_at_text).as_deref());
    meaning.text(o.replicate.as_deref());
    meaning.text(o.rack.as_deref());
    meaning.text(o.position.as_deref());
    meaning.text(o.reagent_lot.as_deref());
    meaning.count(o.unaccounted.len());
    for piece in &o.unaccounted {
        meaning.text(Some(&piece.text));
        meaning.text(Some(&piece.why));
    }
    meaning.count(o.concerns.len());
    for concern in &o.concerns {
        meaning.text(Some(&concern.code));
        meaning.text(Some(concern.effect.id()));
        meaning.text(Some(&concern.text));
    }
    also(&mut meaning, o);
    meaning.0.finalize().into()
}

/// What came to observations later: nothing where nothing is said, so that older keys stay.
fn also(meaning: &mut Meaning, o: &Observation) {
    let started_at = o.started_at.as_ref().map(completed_at_text);
    let expiry = o.reagent_expiry.map(|day| day.to_string());
    let later = [
        ("operator", o.operator.as_deref()),
        ("started_at", started_at.as_deref()),
        ("control_lot", o.control_lot.as_deref()),
        ("reagent_expiry", expiry.as_deref()),
    ];
    for (name, text) in later.into_iter().filter(|(_, text)| text.is_some()) {
        meaning.text(Some(name));
        meaning.text(text);
    }
}

/// A result sent again means what it meant; every other status is a meaning of its own.
const fn status_word(status: ResultStatus) -> &'static str {
    match status {
        ResultStatus::Final | ResultStatus::Retransmitted => "final",
        ResultStatus::Corrected
        | ResultStatus::Preliminary
        | ResultStatus::Failed
        | ResultStatus::Pending
        | ResultStatus::Partial
        | ResultStatus::Withdrawn
        | ResultStatus::Questionable => status.id(),
    }
}

/// Hashes fields so that no two different rows of fields give the same bytes.
struct Meaning(Sha256);

impl Meaning {
    fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.0.update([1]);
                self.count(text.len());
                self.0.update(text);
            }
            None => self.0.update([0]),
        }
    }

    fn texts(&mut self, texts: &[String]) {
        self.count(texts.len());
        for text in texts {
            self.text(Some(text));
        }
    }

    fn count(&mut self, count: usize) {
        self.0.update(u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Assay, Concern, Effect, Reading, Unaccounted};

    fn observation() -> Observation {
        Observation {
            kind: SpecimenKind::Donor,
            specimen_id: Some("A99992612345600".to_owned()),
            din: None,
            rack: Some("1".to_owned()),
            position: Some("2".to_owned()),
            test_code: "400".to_owned(),
            assay: Some(Assay::Hbsag),
            value: Some("0.42".to_owned()),
            number: Some("0.42".parse().unwrap()),
            unit: Some("COI".to_owned()),
            reading: Some(Reading::Nonreactive),
            flags: vec!["a".to_owned(), "b".to_owned()],
            status: Some(ResultStatus::Final),
            completed_at: None,
            reagent_lot: None,
            replicate: None,
            operator: None,
            started_at: None,
            control_lot: None,
            reagent_expiry: None,
            unaccounted: Vec::new(),
            concerns: Vec::new(),
        }
    }

    #[test]
    fn a_result_sent_again_is_the_same_fact() {
        let mut again = observation();
        again.status = Some(ResultStatus::Retransmitted);
        assert_eq!(observation_key(&again), observation_key(&observation()));
        again.status = Some(ResultStatus::Corrected);
        assert_ne!(observation_key(&again), observation_key(&observation()));
    }

    #[test]
    fn the_same_control_without_a_time_is_a_fact_of_each_message() {
        let (one, other) = ([1; 32], [2; 32]);
        let mut control = observation();
        control.din = Some(crate::domain::DonationNumber::restored("A9999".to_owned()));
        assert_eq!(fact_key(&control, &one), fact_key(&control, &other), "a donor's is one fact");
        control.kind = SpecimenKind::Control;
        assert_ne!(fact_key(&control, &one), fact_key(&control, &other));
        assert_eq!(fact_key(&control, &one), fact_key(&control, &one));
        control.completed_at = Some(started_at());
        assert_eq!(fact_key(&control, &one), fact_key(&control, &other), "sent again");
    }

    #[test]
    fn every_field_that_means_something_makes_another_fact() {
        let changes: [fn(&mut Observation); 19] = [
            |o| o.kind = SpecimenKind::Control,
            |o| o.specimen_id = None,
            |o| o.rack = None,
            |o| o.position = Some("3".to_owned()),
            |o| o.test_code = "401".to_owned(),
            |o| o.assay = None,
            |o| o.value = Some("0.43".to_owned()),
            |o| o.unit = None,
            |o| o.reading = Some(Reading::Reactive),
            |o| o.flags = vec!["ab".to_owned()],
            |o| o.status = None,
            |o| o.reagent_lot = Some("7".to_owned()),
            |o| o.replicate = Some("2".to_owned()),
            |o| o.operator = Some("7".to_owned()),
            |o| o.control_lot = Some("7".to_owned()),
            |o| o.started_at = Some(started_at()),
            |o| o.reagent_expiry = Some(jiff::civil::date(2026, 1, 7)),
            |o| o.unaccounted = vec![unaccounted(7)],
            |o| {
                let (code, text) = ("FLAG".to_owned(), "x".to_owned());
                o.concerns = vec![Concern { code, effect: Effect::Holds, text }];
            },
        ];
        let mut keys = vec![observation_key(&observation())];
        for change in changes {
            let mut changed = observation();
            change(&mut changed);
            keys.push(observation_key(&changed));
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn where_the_unaccounted_piece_stood_does_not_matter() {
        let (mut here, mut there) = (observation(), observation());
        here.unaccounted = vec![unaccounted(7)];
        there.unaccounted = vec![unaccounted(70)];
        assert_eq!(observation_key(&here), observation_key(&there));
    }

    fn started_at() -> crate::domain::InstrumentTime {
        let civil = jiff::civil::date(2026, 1, 5).at(8, 0, 0, 0);
        crate::domain::InstrumentTime { civil, offset: None }
    }

    fn unaccounted(offset: usize) -> Unaccounted {
        Unaccounted { offset, path: "R.9".to_owned(), text: "?".to_owned(), why: "new".to_owned() }
    }
}
