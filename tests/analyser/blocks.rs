//! Texts cut by widths: what a profile may say of them, and that no character goes unnoticed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hemogate::analyser::{Analyser, Framing, MessageReading, Profile, shipped};
use hemogate::codec::block::{Form, Protocol, Tail};
use hemogate::domain::{DonationNumberScheme, Observation, Reading, SpecimenKind};

use crate::bench::{analyser, messages_of_blocks, profile};

const SOUND: &str = r#"
name = "small"
version = "1"
date = 2026-01-15
title = "Small"
dialect = "blocks"
charset = "ascii"
confidence = "low"
built_from = "nothing"
missing = ["everything"]

[blocks]
protocol = "beckman-au"
start = 2
end = 10
part_end = 23
tail = "none"
text_max = 4096
acknowledged = false
unit_digits = 2
headers = ["D  20"]
number_digits = 1
last_part = "E"
reply_after_ms = 700
reply_within_ms = 60000

[[record]]
name = "D"
scope = "order"
codes = ["D "]
fields = ["code 2", "specimen 13"]

[[record.group]]
name = "R"
scope = "result"
fields = ["test 2", "value 4", "mark 1"]

[tests]
"01" = "alt"
"02" = "hbsag"

[units]
alt = "U/L"

[fields]
specimen_id = ["D.2"]
test_code = "R.1"
value = "R.2"

[[kind]]
path = "D.1"
codes = { D = "donor", DQ = "control" }

[status]
path = "R.4"
codes = { "" = "final" }

[[verdict]]
path = "R.3"
marker = { "+" = "reactive", "-" = "nonreactive" }
"#;

fn small(text: &str) -> MessageReading {
    let profile = Arc::new(Profile::parse("small.toml", SOUND).unwrap());
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new("small".to_owned(), profile, &[].into(), scheme).unwrap().read(text.as_bytes())
}

#[test]
fn a_profile_says_how_the_analyser_is_set() {
    let profile = Profile::parse("small.toml", SOUND).unwrap();
    assert_eq!(profile.link().framing, Framing::Blocks);
    let set = profile.blocks().unwrap();
    assert_eq!(set.protocol, Protocol::BeckmanAu);
    assert_eq!(set.form, Form { start: 2, end: 10, part_end: Some(23), tail: Tail::Nothing });
    assert_eq!((set.text_max, set.acknowledged, set.unit_digits), (Some(4096), false, 2));
    assert_eq!(set.continuations.as_ref().unwrap()[0].header, 20);
    assert_eq!(set.numbering.as_ref().unwrap().last, b"E");
    assert_eq!(set.reply_after, Some(Duration::from_millis(700)));
    assert_eq!(set.reply_within, Some(Duration::from_secs(60)));
    for (name, protocol) in [
        ("beckman-pk7300", Protocol::BeckmanPk),
        ("beckman-au680", Protocol::BeckmanAu),
        ("hitachi-7180", Protocol::Hitachi),
    ] {
        let profile = self::profile(name);
        assert_eq!(profile.link().framing, Framing::Blocks);
        assert_eq!(profile.blocks().unwrap().protocol, protocol);
    }
    assert_eq!(self::profile("ortho-vision").blocks(), None);
}

#[test]
fn results_are_read_with_their_places() {
    let reading = small("D G12349865432101  24 02   -+");
    assert_eq!(reading.faults, []);
    let [alt, hbsag] = &reading.observations[..] else { panic!("{reading:?}") };
    assert_eq!((alt.unit.as_deref(), alt.number.unwrap().to_string()), (Some("U/L"), "24".into()));
    assert_eq!((hbsag.unit.as_deref(), hbsag.reading), (None, Some(Reading::Reactive)));
    assert!(alt.din.is_some() && alt.unaccounted.is_empty());
}

#[test]
fn a_text_that_no_record_describes_is_a_fault() {
    let reading = small("XXG12349865432101  24 ");
    assert!(reading.observations.is_empty());
    assert_eq!(
        reading.faults[0].text,
        "no record of the profile begins like \"XXG12349865432101  24 \""
    );
    assert_eq!(reading.donations.len(), 1, "it names a donation");
}

#[test]
fn the_body_says_whose_results_they_are() {
    let one = small("D G12349865432101  24 ");
    let other = small("D G12349865432201  24 ");
    assert_ne!((one.content_key, &one.body), (other.content_key, &other.body));
    let whole = small("D G12349865432101  24 02   -+");
    for cut in 2..28 {
        let part = small(&"D G12349865432101  24 02   -+"[..cut]);
        assert!(whole.body.starts_with(&part.body), "cut at {cut}");
        assert_ne!(whole.content_key, part.content_key);
    }
    let (cut, other) = (small("D G12349865432101  2"), small("D G12349865432101  9"));
    assert_ne!(cut.content_key, other.content_key, "what could not be cut counts as well");
}

/// What is replaced in the sound profile, by what, and the fault that must follow.
const DANGEROUS: &[(&str, &str, &str)] = &[
    ("charset = \"ascii\"", "charset = \"gb18030\"", "needs ascii or an iso-8859 charset"),
    ("protocol = \"beckman-au\"", "protocol = \"astm\"", "is not one of beckman-pk, beckman-au"),
    ("end = 10", "end = 2", "must all differ"),
    ("end = 10", "end = 6", "must all differ"),
    ("part_end = 23", "part_end = 10", "must all differ"),
    ("end = 10", "end = 32", "is not between 1 and 31"),
    ("tail = \"none\"", "tail = \"crc\"", "is not one of none, bcc"),
    ("text_max = 4096", "text_max = 4097", "is not between 1 and 4096"),
    ("unit_digits = 2", "unit_digits = 3", "is not between 0 and 2"),
    ("headers = [\"D  20\"]", "headers = [\"D\"]", "write \"CODE BYTES\""),
    ("headers = [\"D  20\"]", "headers = [\"D  1\"]", "write \"CODE BYTES\""),
    ("last_part = \"E\"", "last_part = \"9\"", "and be no number"),
    ("last_part = \"E\"", "last_part = \"EE\"", "must have number_digits characters"),
    ("reply_within_ms = 60000", "reply_within_ms = 60001", "is not between 0 and 60000"),
    ("name = \"D\"", "name = \"D \"", "one to three ASCII letters or digits"),
    ("name = \"R\"", "name = \"ROWS\"", "one to three ASCII letters or digits"),
    ("name = \"R\"", "name = \"D\"", "D already has another scope"),
    ("scope = \"order\"", "scope = \"tube\"", "\"tube\" is not message, order"),
    ("codes = [\"D \"]", "codes = []", "what does such a text begin with"),
    ("codes = [\"D \"]", "codes = [\"\"]", "what does such a text begin with"),
    ("\"code 2\", ", "\"code 0\", ", "write \"NAME WIDTH\""),
    ("\"code 2\", ", "\"code 4097\", ", "write \"NAME WIDTH\""),
    ("\"code 2\", ", "\"code\", ", "write \"NAME WIDTH\""),
    ("\"code 2\", ", "\"specimen 2\", ", "stands here twice"),
    ("\"specimen 13\"", "\"specimen *\"", "behind what goes on to the end"),
    ("\"value 4\"", "\"value *\"", "behind what goes on to the end"),
    ("[\"test 2\", \"value 4\", \"mark 1\"]", "[\"all *\"]", "needs times = 1"),
    ("[\"test 2\", \"value 4\", \"mark 1\"]", "[]", "fields must list 1 to 255 fields"),
    ("value = \"R.2\"", "value = \"X.2\"", "no [[record]] has the name X"),
    ("value = \"R.2\"", "value = \"R.2.1\"", "has no components"),
    ("value = \"R.2\"", "value = \"D.2\"", "already read for something else"),
    ("scope = \"result\"", "scope = \"attached\"", "no record carries results"),
    ("alt = \"U/L\"", "alt = \" \"", "is empty"),
    ("alt = \"U/L\"", "alat = \"U/L\"", "\"alat\" is not an assay"),
    (
        "[tests]",
        "[[record]]\nname = \"E\"\nscope = \"order\"\ncodes = [\"D\"]\n\
         fields = [\"code 2\"]\n[tests]",
        "the code \"D\" of record E is taken",
    ),
];

#[test]
fn each_dangerous_profile_is_refused() {
    for (from, to, expected) in DANGEROUS {
        assert!(SOUND.contains(from), "{from}");
        let faults = Profile::parse("small.toml", &SOUND.replacen(from, to, 1)).unwrap_err();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{to}\n{faults:#?}");
    }
    let without = SOUND.replace("[blocks]\nprotocol = \"beckman-au\"", "[other]\nx = 1");
    assert!(Profile::parse("small.toml", &without).is_err());
}

const BLOCKS: [&str; 3] = ["beckman-au680", "beckman-pk7300", "hitachi-7180"];

fn texts(name: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/fixtures/analysers/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file| messages_of_blocks(&profile(name), &std::fs::read(file).unwrap());
    files.into_iter().flat_map(read).collect()
}

/// Characters that the profile dismisses by name: fields of the first record, and what follows.
fn dismissed(name: &str, text: &[u8], at: usize) -> bool {
    match name {
        // Device and run; the optical data.
        "beckman-pk7300" => (2..8).contains(&at) || at >= 171,
        "beckman-au680" => (9..13).contains(&at),
        // Frame character, sample and count of each text.
        _ => {
            let start = text[..at].iter().rposition(|byte| *byte == b'\r').map_or(0, |cr| cr + 1);
            [0..1, 2..7, 24..27].iter().any(|range| range.contains(&(at - start)))
        }
    }
}

#[test]
fn no_character_of_any_text_can_change_without_being_noticed() {
    let mut tried = 0;
    for name in BLOCKS {
        let analyser = analyser(name);
        for text in texts(name) {
            let before = analyser.read(&text);
            if before.observations.is_empty() || !before.faults.is_empty() {
                continue; // refused or dismissed as a whole
            }
            for at in (0..text.len()).filter(|at| !dismissed(name, &text, *at)) {
                let mut changed = text.clone();
                changed[at] = b'Z';
                if changed == text || text[at] == b'\r' || is_dismissed_result(name, &text, at) {
                    continue;
                }
                let after = analyser.read(&changed);
                let noticed =
                    after.observations != before.observations || after.faults != before.faults;
                assert!(noticed, "{name}: byte {at} of {}", text.escape_ascii());
                tried += 1;
            }
        }
    }
    assert!(tried > 1_500, "only {tried} characters were tried");
}

/// Interpretations of the PK that are dismissed by name: their words.
fn is_dismissed_result(name: &str, text: &[u8], at: usize) -> bool {
    if name != "beckman-pk7300" || !(106..158).contains(&at) {
        return false;
    }
    let from = 106 + (at - 106) / 13 * 13;
    let test = &text[from..from + 5];
    at >= from + 5 && [&b"CE-2 "[..], b"K-2  "].contains(&test)
}

/// A result that would count for a donation.
fn is_clean(observation: &Observation) -> bool {
    observation.kind == SpecimenKind::Donor
        && observation.din.is_some()
        && observation.assay.is_some()
        && (observation.number.is_some() || observation.reading.is_some())
        && observation.unaccounted.is_empty()
        && observation.concerns.is_empty()
}

/// A site's analyser has other widths than the profile says: nothing wrong may come out clean.
#[test]
fn a_profile_with_a_wrong_width_never_gives_a_clean_wrong_result() {
    let mut tried = 0;
    for name in BLOCKS {
        let right = analyser(name);
        let truth: Vec<MessageReading> = texts(name).iter().map(|text| right.read(text)).collect();
        for wrong in wrong_widths(shipped(name).unwrap()) {
            let profile = Arc::new(Profile::parse("wrong.toml", &wrong).unwrap());
            let scheme = Arc::new(DonationNumberScheme::Isbt128);
            let wrong = Analyser::new("w".to_owned(), profile, &[].into(), scheme).unwrap();
            for (text, truth) in texts(name).iter().zip(&truth) {
                let reading = wrong.read(text);
                if !reading.faults.is_empty() {
                    continue; // unread: every donation that it names waits
                }
                for observation in reading.observations.iter().filter(|o| is_clean(o)) {
                    let same = truth.observations.iter().any(|known| {
                        (&known.din, known.assay, known.number, known.reading)
                            == (
                                &observation.din,
                                observation.assay,
                                observation.number,
                                observation.reading,
                            )
                            && is_clean(known)
                    });
                    assert!(same, "{name}: {observation:?}\nin {}", text.escape_ascii());
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "only {tried} readings had no fault");
}

/// The profile with each width one smaller and one larger.
fn wrong_widths(text: &str) -> BTreeSet<String> {
    let mut wrong = BTreeSet::new();
    for (at, _) in text.match_indices('"') {
        let Some((field, _)) = text[at + 1..].split_once('"') else { continue };
        let Some((name, width)) = field.rsplit_once(' ') else { continue };
        let (Ok(width), true) = (width.parse::<usize>(), !name.contains(' ')) else { continue };
        for other in [width - 1, width + 1].into_iter().filter(|other| *other > 0) {
            let (before, after) = (&text[..=at], &text[at + 1 + field.len()..]);
            wrong.insert(format!("{before}{name} {other}{after}"));
        }
    }
    wrong
}
