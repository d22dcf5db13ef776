//! Nothing is lost: whatever stands anywhere in a message changes what is read, is unaccounted,
//! is a fault, or is ignored by name.

use std::collections::BTreeSet;

use hemogate::analyser::{Analyser, Dialect, MessageReading, shipped_names};
use proptest::prelude::*;

use crate::bench::{analyser, messages_of_blocks, messages_of_mllp, profile, records_by_message};

fn messages(name: &str) -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/analysers/");
    let mut messages = Vec::new();
    for entry in std::fs::read_dir(format!("{folder}{name}")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("astm") => messages.extend(records_by_message(&bytes)),
            Some("mllp") => messages.extend(messages_of_mllp(&bytes)),
            Some("block") => messages.extend(messages_of_blocks(&profile(name), &bytes)),
            Some("txt" | "csv") => messages.push(bytes),
            _ => {}
        }
    }
    messages
}

/// Places whose content the profile dismisses, as record and field, e.g. `R.6`; whole records as
/// `P`. Components are left to the reader's own tests.
fn ignored(analyser: &Analyser, text: &str) -> BTreeSet<String> {
    let profile = analyser.profile();
    let of_results = profile.ignored().map(|(path, _)| path);
    match is_query(text) {
        false => of_results.collect(),
        true => {
            let of_header = of_results.filter(|path| path.starts_with(['H', 'M']));
            of_header.chain(profile.ignored_in_queries().map(|(path, _)| path)).collect()
        }
    }
}

fn is_query(text: &str) -> bool {
    ["\rQ|", "\rQPD|", "\rQRD|"].iter().any(|record| text.contains(record))
}

/// Fields that hold the structure together and have no meaning of their own.
fn is_structure(dialect: Dialect, record: &str, field: usize) -> bool {
    match dialect {
        Dialect::Blocks | Dialect::Text => false,
        Dialect::Lis02 => field == 2 || (record, field) == ("H", 3),
        Dialect::Hl7 => {
            record == "MSH" && [2, 18].contains(&field)
                || ["OBX", "OBR", "SPM", "PID", "NTE"].contains(&record) && field == 1
        }
    }
}

/// Every field of every record of every transcript is changed, one at a time: overwritten, and
/// given one component more than anybody reads.
#[test]
fn no_field_of_any_transcript_can_change_without_being_noticed() {
    let mut tried = 0;
    let has_delimiters =
        |name: &&str| matches!(profile(name).dialect(), Dialect::Lis02 | Dialect::Hl7);
    for name in shipped_names().filter(has_delimiters) {
        let mut bench = Bench { analyser: analyser(name), dismissed: BTreeSet::new() };
        for message in messages(name) {
            let Ok(text) = String::from_utf8(message) else { continue };
            // What is refused as a whole has no fields to account for; what a reply says is
            // fixed by the standard.
            let refused = ["|NMD^", "KLINGON", "|ORL^", "|ACK^", "|QRY^Q01|"];
            if refused.iter().any(|mark| text.contains(mark)) {
                continue;
            }
            bench.dismissed = ignored(&bench.analyser, &text);
            tried += bench.change_each(&text);
        }
    }
    assert!(tried > 5_000, "only {tried} places were tried");
}

struct Bench {
    analyser: Analyser,
    dismissed: BTreeSet<String>,
}

impl Bench {
    fn change_each(&self, text: &str) -> usize {
        let mut tried = 0;
        for (at, record) in text.split_terminator('\r').enumerate() {
            let places = record.matches('|').count() + 3;
            for index in (1..places).filter(|index| !self.is_exempt(record, *index)) {
                let deep = format!("{}ZQ9", "^".repeat(20));
                self.assert_noticed(text, at, index, |field| format!("{field}{deep}"));
                tried += 1;
                if !self.is_read_elsewhere(record, index) {
                    self.assert_noticed(text, at, index, |_| "ZQ9".to_owned());
                    tried += 1;
                }
            }
        }
        tried
    }

    fn assert_noticed(&self, text: &str, at: usize, index: usize, edit: impl Fn(&str) -> String) {
        let mut lines: Vec<String> = text.split_terminator('\r').map(str::to_owned).collect();
        let mut fields: Vec<String> = lines[at].split('|').map(str::to_owned).collect();
        fields.resize(fields.len().max(index + 1), String::new());
        fields[index] = edit(&fields[index]);
        lines[at] = fields.join("|");
        let before = self.analyser.read(text.as_bytes());
        let after = self.analyser.read((lines.join("\r") + "\r").as_bytes());
        let told = |reading: &MessageReading| -> Vec<String> {
            reading.faults.iter().map(|fault| fault.text.clone()).collect()
        };
        let noticed = before.observations != after.observations
            || before.query != after.query
            || told(&before) != told(&after);
        let name = self.analyser.profile().name();
        assert!(noticed, "{name}: a change of field {index} went unnoticed in\n{}", lines[at]);
    }

    fn path(&self, record: &str, index: usize) -> (String, usize, String) {
        let name = record.split('|').next().unwrap().to_owned();
        let (number, separator) = match self.analyser.profile().dialect() {
            Dialect::Lis02 | Dialect::Blocks | Dialect::Text => (index + 1, '.'),
            Dialect::Hl7 if name == "MSH" => (index + 1, '-'),
            Dialect::Hl7 => (index, '-'),
        };
        let path = format!("{name}{separator}{number}");
        (name, number, path)
    }

    /// Ignored by name as a whole, a dismissed row, or structure.
    fn is_exempt(&self, record: &str, index: usize) -> bool {
        let (name, number, path) = self.path(record, index);
        self.dismissed.contains(&name)
            || self.dismissed.contains(&path)
            || is_structure(self.analyser.profile().dialect(), &name, number)
            || is_dismissed_row(record)
    }

    /// The first component is ignored by name, is a raw measurement, or is only asked where no
    /// result came (what was ordered).
    fn is_read_elsewhere(&self, record: &str, index: usize) -> bool {
        let (_, _, path) = self.path(record, index);
        let is_raw = RAW.iter().any(|mark| record.contains(mark));
        let raw = is_raw && ["R.4", "R.5", "OBX-5", "OBX-6"].contains(&path.as_str());
        // The lot of what the result was made with is shown, and not the control's.
        let shadowed = record.contains("|CO|") && path == "M.9";
        let name = self.analyser.profile().name();
        let ordered = path == "OBR-4"
            && (name.starts_with("abbott-alinity") || name.starts_with("roche-cobas-"))
            || ORDERED.contains(&(name, &path));
        self.dismissed.contains(&format!("{path}.1")) || raw || shadowed || ordered
    }
}

/// Rows that are raw measurements, of which value and unit are dismissed, or are nothing known.
const RAW: [&str; 10] = [
    "^P|",
    "^G|",
    "|161.P^",
    "RLU^^",
    "ICResult^^",
    "LogBase10^^",
    " Cutoff^^",
    "KineticIndex^^",
    "^DOSE|",
    "^CONC|",
];

/// Where tests are ordered that a code of their own, in the first component, names.
const ORDERED: [(&str, &str); 8] = [
    ("ortho-vision", "O.5"),
    ("mindray-cl", "O.5"),
    ("ortho-vitros-3600", "O.5"),
    ("ortho-vitros-eciq", "O.5"),
    ("ortho-vitros-51fs", "O.5"),
    ("biorad-ih-com", "O.5"),
    ("immucor-neo", "O.5"),
    ("immucor-echo", "O.5"),
];

/// Rows that a profile dismisses by what stands in them.
fn is_dismissed_row(record: &str) -> bool {
    let marks = [
        "S_OTHER",
        "S_RAW",
        "|1/1|",
        "|1/2|",
        "AutoControl",
        "^RLU|",
        "FRMN",
        "+950+1.0|",
        "+951+1.0|",
        "+952+1.0|",
        "^^^AntiA^",
        "^^^AntiB^",
        "^^^AntiD^",
        "^^^CtrlAB^",
        "^^^cell",
        "^^^AbsI",
        "^^^Anti-",
        " Cells|",
        "_Cell 1|",
        "Screen 1|",
    ];
    marks.iter().any(|mark| record.contains(mark)) || record.starts_with("NTE|2|")
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for name in shipped_names() {
            analyser(name).read(&bytes);
        }
    }

    #[test]
    fn no_damage_to_a_transcript_panics(
        profile in 0..9_usize,
        message in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let name = shipped_names().nth(profile).unwrap();
        let messages = messages(name);
        let mut bytes = message.get(&messages).clone();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let reading = analyser(name).read(&bytes);
        for piece in reading.observations.iter().flat_map(|o| &o.unaccounted) {
            prop_assert!(piece.offset <= bytes.len());
        }
        for fault in &reading.faults {
            prop_assert!(fault.offset <= bytes.len());
        }
    }

    #[test]
    fn records_in_any_order_never_panic_and_never_lose_a_donation(
        profile in 0..9_usize,
        picks in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            1..20,
        ),
    ) {
        let name = shipped_names().nth(profile).unwrap();
        let messages = messages(name);
        let mut bytes = messages[0].split_inclusive(|b| *b == b'\r').next().unwrap().to_vec();
        for (message, record) in picks {
            let message = message.get(&messages);
            let records: Vec<&[u8]> = message.split_inclusive(|b| *b == b'\r').collect();
            bytes.extend_from_slice(records[record.index(records.len())]);
        }
        let reading = analyser(name).read(&bytes);
        for observation in &reading.observations {
            let Some(din) = &observation.din else { continue };
            if observation.kind == hemogate::domain::SpecimenKind::Donor {
                prop_assert!(reading.donations.contains(din));
            }
        }
    }
}
