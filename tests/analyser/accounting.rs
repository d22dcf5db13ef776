//! Nothing is lost: whatever stands anywhere in a message changes what is read, is unaccounted,
//! is a fault, or is ignored by name.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hemogate::analyser::{Analyser, Became, Dialect, Explained, MessageReading, shipped_names};
use hemogate::domain::SpecimenKind;
use proptest::prelude::*;

use crate::bench::analyser;
use crate::transcripts::{messages_of, transcripts};

/// An analyser with every message of its transcripts.
struct Bench {
    analyser: Analyser,
    messages: Vec<Vec<u8>>,
}

/// Every shipped analyser, built once.
static BENCHES: LazyLock<Vec<Bench>> = LazyLock::new(|| {
    let bench = |name: &str| {
        let analyser = analyser(name);
        let files = transcripts(name);
        let messages = files.iter().flat_map(|file| messages_of(&analyser, file)).collect();
        Bench { analyser, messages }
    };
    shipped_names().map(bench).collect()
});

/// Reads every change of its messages, once, and explains those of which nothing came.
impl Bench {
    fn change_each(&self) -> Tried {
        let mut tried = Tried::default();
        if !matches!(self.analyser.profile().dialect(), Dialect::Lis02 | Dialect::Hl7) {
            return tried;
        }
        let mut known = BTreeSet::new();
        for message in &self.messages {
            let before = said(&self.analyser.read(message));
            for change in changes(message, &mut known) {
                tried.changes += 1;
                let after = self.analyser.read(&change.bytes);
                if before == said(&after) {
                    tried.lost.extend(self.loss(&change, &after));
                }
            }
        }
        tried
    }

    /// What was lost, if the place is not told to carry nothing.
    fn loss(&self, change: &Change, after: &MessageReading) -> Option<String> {
        let explained = self.analyser.explain(&change.bytes);
        let piece = explained.iter().find(|piece| piece.range.contains(&change.at))?;
        let name = self.analyser.profile().name();
        let is_borne = match &piece.became {
            Became::Structure(_) => true,
            Became::Ignored(why) => !why.is_empty(),
            // Known to be in doubt before: there is no more to notice.
            Became::Unaccounted(_) => is_in_doubt(after) || is_unread(name, "", piece),
            Became::Mapped { role, .. } => is_unread(name, role, piece),
        };
        (!is_borne).then(|| format!("{name}: {piece:?} in {}", change.bytes.escape_ascii()))
    }
}

/// How many changes were tried, and of which nothing came although the place is read.
#[derive(Default)]
struct Tried {
    changes: usize,
    lost: Vec<String>,
}

/// Roles that are only asked where others are silent: part of the profile's name, role, part of
/// the place, why nothing comes of a change.
const UNREAD: [(&str, &str, &str, &str); 7] = [
    ("", "ordered test", "", "asked only where no result came"),
    ("", "acknowledgement", "MSA", "the standard's, and so is what stands behind it"),
    ("", "control id of what it answers", "MSA", "the order's own id decides"),
    ("", "kind of message", "MSH", "the standard's, and so is what stands behind it"),
    ("", "error", "ERR", "told as it is sent, up to its bound"),
    ("", "order ", "ORC", "the standard's, and so is what stands behind it"),
    ("abbott-alinity-i-astm", "reagent lot", "M[", "of a control: the lot of the kit is shown"),
];

fn is_unread(name: &str, role: &str, piece: &Explained) -> bool {
    UNREAD.iter().any(|(whose, its, place, _)| {
        name.starts_with(whose) && role.starts_with(its) && piece.place.starts_with(place)
    })
}

fn is_in_doubt(reading: &MessageReading) -> bool {
    !reading.faults.is_empty() || reading.observations.iter().any(|one| !one.unaccounted.is_empty())
}

/// A message with one place changed.
struct Change {
    bytes: Vec<u8>,
    /// Where what was put there ends.
    at: usize,
}

/// What no analyser sends.
const MARK: &str = "ZQ9";

/// Every field of every record, overwritten and with one component too many, and two fields too
/// many. A record that is known, with the one behind it, is not tried again.
fn changes(message: &[u8], known: &mut BTreeSet<[Vec<u8>; 2]>) -> Vec<Change> {
    let mut changes = Vec::new();
    let records: Vec<&[u8]> = message.split_inclusive(|byte| *byte == b'\r').collect();
    let mut at = 0;
    for (number, record) in records.iter().enumerate() {
        let next = records.get(number + 1).copied().unwrap_or_default();
        if known.insert([record.to_vec(), next.to_vec()]) {
            let text = record.strip_suffix(b"\r").unwrap_or(record);
            changes.extend(changes_of(message, at, text));
        }
        at += record.len();
    }
    changes
}

fn changes_of(message: &[u8], at: usize, record: &[u8]) -> Vec<Change> {
    let deep = format!("{}{MARK}", "^".repeat(20));
    let mut changes = Vec::new();
    let mut start = at;
    for (index, field) in record.split(|byte| *byte == b'|').enumerate() {
        let end = start + field.len();
        if index > 0 {
            changes.push(put(message, end, end, &deep));
            changes.push(put(message, start, end, MARK));
        }
        start = end + 1;
    }
    let end = at + record.len();
    changes.extend((1..=2).map(|more| put(message, end, end, &format!("{:|>more$}{MARK}", ""))));
    changes
}

fn put(message: &[u8], start: usize, end: usize, text: &str) -> Change {
    let bytes = [&message[..start], text.as_bytes(), &message[end..]].concat();
    Change { bytes, at: start + text.len() - 1 }
}

/// What a reading says, but for where it says it.
fn said(reading: &MessageReading) -> impl PartialEq + use<> {
    let mut observations = reading.observations.clone();
    for piece in observations.iter_mut().flat_map(|one| &mut one.unaccounted) {
        piece.offset = 0;
    }
    let faults: Vec<String> = reading.faults.iter().map(|fault| fault.text.clone()).collect();
    let replies = reading.order_replies.clone();
    (observations, faults, reading.query.clone(), replies, reading.donations.clone())
}

/// Every field of every record of every transcript is changed, one at a time: overwritten, and
/// given one component more than anybody reads. Where nothing comes of it, the analyser's own
/// explanation of the byte says why: it is structure, or ignored for a reason.
#[test]
fn no_field_of_any_transcript_can_change_without_being_noticed() {
    let half = BENCHES.len() / 2;
    let tried: Vec<Tried> = std::thread::scope(|scope| {
        let first = scope
            .spawn(|| -> Vec<Tried> { BENCHES[..half].iter().map(Bench::change_each).collect() });
        let mut all: Vec<Tried> = BENCHES[half..].iter().map(Bench::change_each).collect();
        all.extend(first.join().unwrap());
        all
    });
    let lost: Vec<&str> = tried.iter().flat_map(|one| &one.lost).map(String::as_str).collect();
    assert!(lost.is_empty(), "{} changes went unnoticed:\n{}", lost.len(), lost.join("\n"));
    let changes: usize = tried.iter().map(|one| one.changes).sum();
    assert!(changes > 50_000, "only {changes} places were tried");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for bench in &*BENCHES {
            bench.analyser.read(&bytes);
        }
    }

    #[test]
    fn no_damage_to_a_transcript_panics(
        profile in any::<prop::sample::Index>(),
        message in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let bench = profile.get(&BENCHES);
        let mut bytes = message.get(&bench.messages).clone();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let reading = bench.analyser.read(&bytes);
        for piece in reading.observations.iter().flat_map(|o| &o.unaccounted) {
            prop_assert!(piece.offset <= bytes.len());
        }
        for fault in &reading.faults {
            prop_assert!(fault.offset <= bytes.len());
        }
    }

    #[test]
    fn records_in_any_order_never_panic_and_never_lose_a_donation(
        profile in any::<prop::sample::Index>(),
        picks in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            1..20,
        ),
    ) {
        let bench = profile.get(&BENCHES);
        let messages = &bench.messages;
        let mut bytes = messages[0].split_inclusive(|b| *b == b'\r').next().unwrap().to_vec();
        for (message, record) in picks {
            let message = message.get(messages);
            let records: Vec<&[u8]> = message.split_inclusive(|b| *b == b'\r').collect();
            bytes.extend_from_slice(records[record.index(records.len())]);
        }
        let reading = bench.analyser.read(&bytes);
        for observation in &reading.observations {
            let Some(din) = &observation.din else { continue };
            if observation.kind == SpecimenKind::Donor {
                prop_assert!(reading.donations.contains(din));
            }
        }
    }
}
