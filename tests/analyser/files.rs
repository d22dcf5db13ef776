//! Files of rows and of plates: what a profile may say of them, that no cell goes unnoticed, and
//! that no damage makes a good result of a bad one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hemogate::analyser::{
    Analyser, Dialect, Framing, Meant, MeantOutcome, MeantResult, MeantSpecimen, MessageReading,
    Profile, shipped_names,
};
use hemogate::codec::table::{Body, Separator};
use hemogate::domain::{
    Assay, DonationNumber, DonationNumberScheme, Measure, Observation, Reading, SpecimenKind,
};
use jiff::civil::datetime;

use crate::bench::{STAMP, analyser, one, profile};

const SOUND: &str = r#"
name = "small"
version = "1"
date = 2026-01-15
title = "Small"
dialect = "text"
charset = "utf-8"
confidence = "low"
built_from = "nothing"
missing = ["everything"]

[text]
form = "rows"
separator = "semicolon"
quote = '"'
titles = true
end = "[end]"

[text.head]
1 = "Assay"

[text.fields]
1 = "Sample"
2 = "Type"
3 = "Ratio"
4 = "Result"
5 = "Time"
6 = "Both"

[tests]
HBSAG = "hbsag"

[time]
format = "DMY"

[fields]
specimen_id = ["R.1"]
test_code = "H.1"
value = "R.3"
completed_at = "R.5"
replicate = "R.6.1.2"

[[split]]
path = "R.6"
at = "/"

[[kind]]
path = "R.2"
codes = { S = "donor", QC = "control" }

[status]
codes = { "" = "final" }

[[verdict]]
path = "R.4"
marker = { POS = "reactive", NEG = "nonreactive" }

[[ignore]]
paths = ["R.6.1.1"]
why = "how many"
"#;

const PLATE: &str = r#"form = "plate"
separator = "comma"
rows = 2
columns = 3
positions = 2
filled = ["Sample"]
"#;

fn parsed(text: &str) -> Result<Profile, Vec<String>> {
    let told = |faults: Vec<_>| faults.iter().map(ToString::to_string).collect();
    Profile::parse("small.toml", text).map_err(told)
}

fn with(profile: Profile, scheme: DonationNumberScheme) -> Analyser {
    Analyser::new("small".to_owned(), Arc::new(profile), &[].into(), Arc::new(scheme)).unwrap()
}

fn small(text: &str) -> MessageReading {
    with(parsed(SOUND).unwrap(), DonationNumberScheme::Isbt128).read(text.as_bytes())
}

const FILE: &str = "Assay: HBSAG\nSample;Type;Ratio;Result;Time;Both\n\
                    G123498654321;S;0.28;NEG;02/01/2026 10:00;2/1\n[end]\n";

#[test]
fn a_profile_says_how_its_files_are_cut() {
    let profile = parsed(SOUND).unwrap();
    assert_eq!((profile.dialect(), profile.link().framing), (Dialect::Text, Framing::Files));
    let form = profile.table().unwrap();
    assert_eq!((form.separator, form.quote), (Separator::Semicolon, Some(b'"')));
    assert_eq!((&form.head[..], form.end.as_deref()), (&["Assay".to_owned()][..], Some("[end]")));
    let Body::Rows { columns, titled: true } = &form.body else { panic!("{form:?}") };
    assert_eq!(columns[..2], ["Sample", "Type"]);
    let plate = self::profile("davinci-quattro");
    let Body::Plate { rows: 8, columns: 12, positions: Some(2), filled, .. } =
        &plate.table().unwrap().body
    else {
        panic!("{plate:?}")
    };
    assert_eq!(filled[..], [1, 7]);
    assert_eq!(self::profile("ortho-vision").table(), None);
}

#[test]
fn what_is_weak_in_files_is_said() {
    let remarks = |text: &str| parsed(text).unwrap().remarks().len();
    assert_eq!(remarks(SOUND), 1, "no check sum");
    assert_eq!(remarks(&SOUND.replace("end = \"[end]\"", "")), 2, "and no end");
}

#[test]
fn a_cell_is_read_by_its_number_and_parts_of_it_by_theirs() {
    let reading = small(FILE);
    assert_eq!(reading.faults, []);
    let found = one(&reading);
    assert_eq!((found.assay, found.reading), (Some(Assay::Hbsag), Some(Reading::Nonreactive)));
    assert_eq!(found.completed_at.unwrap().civil.to_string(), "2026-01-02T10:00:00");
    assert_eq!(found.replicate.as_deref(), Some("1"));
    assert!(found.unaccounted.is_empty() && found.concerns.is_empty());
    let more = small(&FILE.replace("2/1", "2/1/7"));
    assert_eq!(one(&more).unaccounted[0].path, "R[1].6.3");
}

/// What is replaced in the sound profile, by what, and the fault that must follow.
const DANGEROUS: &[(&str, &str, &str)] = &[
    ("\"semicolon\"", "\"colon\"", "\"colon\" is not one of tab, comma, semicolon, bar, blanks"),
    ("quote = '\"'", "quote = ';'", "must be a punctuation character that separates nothing"),
    ("quote = '\"'", "quote = 'x'", "must be a punctuation character"),
    ("quote = '\"'", "quote = '\"\"'", "must be one ASCII character"),
    ("form = \"rows\"", "form = \"grid\"", "\"grid\" is not rows or plate"),
    ("form = \"rows\"", "form = \"rows\"\nfilled = [\"Sample\"]", "filled means nothing"),
    ("end = \"[end]\"", "end = \" \"", "must be the text of a line"),
    ("1 = \"Assay\"", "2 = \"Assay\"", "must be numbered from 1, without gaps"),
    ("2 = \"Type\"", "12 = \"Type\"", "must be numbered from 1, without gaps"),
    ("2 = \"Type\"", "b = \"Type\"", "is not a number from 1 to 255"),
    ("2 = \"Type\"", "256 = \"Type\"", "is not a number from 1 to 255"),
    ("2 = \"Type\"", "02 = \"Sample\"", "\"Sample\" stands here twice"),
    ("2 = \"Type\"", "2 = \" Type\"", "must be a title, without blanks around it"),
    ("[time]\nformat = \"DMY\"", "", "in which order do day, month and year stand"),
    ("\"DMY\"", "\"DYM\"", "must be standard, MDY, DMY or YMD"),
    ("value = \"R.3\"", "value = \"R.7\"", "R.7 is read or ignored, but [text.fields] has 6"),
    ("paths = [\"R.6.1.1\"]", "paths = [\"R.6.1.1\", \"H.2\"]", "but [text.head] has 1"),
    ("value = \"R.3\"", "value = \"R.3.2\"", "a cell has no components"),
    ("value = \"R.3\"", "value = \"R.3.1.2\"", "a cell has no parts"),
    ("value = \"R.3\"", "value = \"H.1\"", "must stand in the result record, R"),
    ("value = \"R.3\"", "value = \"O.3\"", "is not a record that text has"),
    ("codes = { \"\" = \"final\" }", "codes = { F = \"final\" }", "status.path: is missing"),
    ("[text.head]", "[file]\nnames = [\"*.txt\"]\n[text.head]", "must name the same line"),
    ("[text.head]", "[link]\nframe_text = 240\n[text.head]", "means nothing where the framing is"),
];

#[test]
fn dangerous_profiles_of_files_are_refused() {
    for (from, to, expected) in DANGEROUS {
        assert!(SOUND.contains(from), "{from}");
        let faults = parsed(&SOUND.replacen(from, to, 1)).unwrap_err();
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{to}: {faults:#?}");
    }
}

fn plate(lines: &str) -> Result<Profile, Vec<String>> {
    let rows = SOUND.find("form = \"rows\"").unwrap()..SOUND.find("[text.head]").unwrap();
    let mut text = SOUND.to_owned();
    text.replace_range(rows, lines);
    parsed(&text)
}

#[test]
fn dangerous_profiles_of_plates_are_refused() {
    assert!(plate(PLATE).is_ok());
    for (from, to, expected) in [
        ("rows = 2\n", "", "rows is missing"),
        ("rows = 2", "rows = 33", "is not between 1 and 32"),
        ("columns = 3", "columns = 49", "is not between 1 and 48"),
        ("positions = 2", "positions = 7", "is not between 1 and 6"),
        ("filled = [\"Sample\"]", "", "filled is missing"),
        ("filled = [\"Sample\"]", "filled = [\"Id\"]", "\"Id\" is no block of [text.fields]"),
        ("rows = 2", "rows = 2\ntitles = true", "titles means nothing where form is plate"),
        ("\"comma\"", "\"blanks\"", "a plate needs a separator that can stand by an empty cell"),
    ] {
        let faults = plate(&PLATE.replacen(from, to, 1)).unwrap_err();
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{to}: {faults:#?}");
    }
    assert!(plate(&PLATE.replace("rows = 2", "rows = 32")).is_ok(), "at the bound");
    assert!(plate(&PLATE.replace("columns = 3", "columns = 48")).is_ok(), "at the bound");
}

#[test]
fn a_file_that_is_refused_blocks_the_sites_own_numbers_too() {
    let scheme = DonationNumberScheme::site("D[0-9]{10}").unwrap();
    let analyser = with(parsed(SOUND).unwrap(), scheme);
    let cut = FILE.replace("G123498654321", "\"D0000000007\"").replace("[end]\n", "");
    let reading = analyser.read(cut.as_bytes());
    assert!(reading.observations.is_empty());
    assert_eq!(reading.faults[0].text, "the file was cut off: no line says \"[end]\"");
    let told: Vec<&str> = reading.donations.iter().map(DonationNumber::as_str).collect();
    assert_eq!(told, ["D0000000007"]);
}

#[test]
fn a_file_that_comes_again_is_the_same_message_and_a_result_in_another_file_the_same_result() {
    assert_eq!(small(FILE).content_key, small(FILE).content_key);
    let row = FILE.lines().nth(2).unwrap();
    let more = FILE.replace(row, &format!("{}\n{row}", row.replace("654321", "654322")));
    assert_ne!(small(&more).content_key, small(FILE).content_key);
    assert_eq!(small(&more).observations[1], small(FILE).observations[0]);
    let cut = FILE.replace("[end]\n", "");
    assert!(small(FILE).body.starts_with(&small(&cut).body), "the beginning of the whole one");
}

#[test]
fn a_donors_result_without_a_number_is_a_fault_of_the_file_and_a_controls_is_none() {
    let reading = small(&FILE.replace("G123498654321;S", ";S"));
    assert_eq!(reading.faults[0].text, "a result without the number of its specimen");
    let reading = small(&FILE.replace("G123498654321;S", ";QC"));
    assert_eq!(reading.faults, []);
}

/// One tube with one result, as the profile says that it is written, and read again.
fn sent(analyser: &Analyser, kind: SpecimenKind, result: MeantResult) -> (String, Observation) {
    let id = if kind == SpecimenKind::Donor { "G123498654321" } else { "QC;7\"a\", b" };
    let (rack, position) = (Some("412".to_owned()), Some("B7".to_owned()));
    let results = vec![result];
    let specimen = MeantSpecimen { id: id.to_owned(), kind, rack, position, results };
    let messages = analyser.upload(&Meant { specimens: vec![specimen] }, STAMP).unwrap();
    let [message] = &messages[..] else { panic!("{messages:?}") };
    let reading = analyser.read(message);
    let text = String::from_utf8(message.clone()).unwrap();
    assert_eq!(reading.faults, [], "{text}");
    let found = one(&reading).clone();
    assert_eq!(found.kind, kind, "{text}");
    assert_eq!(found.unaccounted, [], "{text}");
    (text, found)
}

fn result(assay: Assay, outcome: MeantOutcome) -> MeantResult {
    MeantResult {
        assay,
        outcome,
        completed: datetime(2026, 1, 5, 14, 10, 9, 0),
        replicate: None,
        lot: Some("6B0123".to_owned()),
        operator: None,
        wording: 0,
    }
}

#[test]
fn every_profile_of_files_reads_what_it_says_is_written() {
    let mut tried = 0;
    for name in shipped_names().filter(|name| profile(name).dialect() == Dialect::Text) {
        let analyser = analyser(name);
        assert_eq!(analyser.proof(), Vec::<String>::new(), "{name}");
        for assay in analyser.reports() {
            let outcomes = match assay.measure() {
                Measure::Quantity => vec![MeantOutcome::Quantity("24.5".parse().unwrap())],
                _ => vec![
                    MeantOutcome::Reading(Reading::Reactive, Some("12.4".parse().unwrap())),
                    MeantOutcome::Reading(Reading::Nonreactive, Some("0.12".parse().unwrap())),
                ],
            };
            for outcome in outcomes {
                let (text, found) = sent(&analyser, SpecimenKind::Donor, result(assay, outcome));
                assert_eq!(found.assay, Some(assay), "{text}");
                assert!(found.din.is_some() && found.concerns.is_empty(), "{text}");
                match outcome {
                    MeantOutcome::Reading(reading, _) => assert_eq!(found.reading, Some(reading)),
                    _ => assert_eq!(found.number.unwrap().to_string(), "24.5"),
                }
                let time = found.completed_at.map(|time| time.civil);
                assert!(time.is_none_or(|time| time == datetime(2026, 1, 5, 14, 10, 9, 0)));
                tried += 1;
            }
            let (text, found) =
                sent(&analyser, SpecimenKind::Donor, result(assay, MeantOutcome::Failed));
            assert!(matches!(found.reading, Some(Reading::Invalid) | None), "{text}");
            assert_eq!(found.number, None, "{text}");
        }
    }
    assert!(tried > 40, "only {tried} results were sent");
}

#[test]
fn a_cell_that_would_be_taken_for_more_is_written_in_quotes() {
    for name in ["biorad-evolis", "davinci-quattro", "generic-delimited-text"] {
        let assay = Assay::Hbsag;
        let outcome = MeantOutcome::Reading(Reading::Nonreactive, Some("0.12".parse().unwrap()));
        let (text, found) = sent(&analyser(name), SpecimenKind::Control, result(assay, outcome));
        assert_eq!(found.specimen_id.as_deref(), Some("QC;7\"a\", b"), "{text}");
    }
}

#[test]
fn a_plate_is_written_whole_with_every_well_named() {
    let outcome = MeantOutcome::Reading(Reading::Nonreactive, Some("0.12".parse().unwrap()));
    let davinci = analyser("davinci-quattro");
    let (text, found) = sent(&davinci, SpecimenKind::Donor, result(Assay::Hbsag, outcome));
    assert_eq!(found.position.as_deref(), Some("A1"));
    assert_eq!(text.lines().count(), 1 + 7 * 9);
    assert!(text.starts_with("Assay: HBSAG\r\nSample ID\r\nG123498654321,,,,,,,,,,,\r\n"));
    assert!(text.contains("\r\nH1,H2,H3,H4,H5,H6,H7,H8,H9,H10,H11,H12\r\nWell Label\r\n"));
}

fn files() -> Vec<(&'static str, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/analysers");
    let names = shipped_names().filter(|name| profile(name).dialect() == Dialect::Text);
    let files = names.flat_map(|name| {
        let entries = std::fs::read_dir(folder.join(name)).unwrap();
        entries.map(move |entry| (name, entry.unwrap().path()))
    });
    files.collect()
}

/// What is said of a file: its results, its faults.
fn told(reading: &MessageReading) -> (Vec<Observation>, Vec<String>) {
    let faults = reading.faults.iter().map(|fault| fault.text.clone()).collect();
    (reading.observations.clone(), faults)
}

/// Every cell of every file is overwritten, one at a time: a result, a fault, or a column ignored
/// by name. What stands in an empty well of a plate is dismissed with it.
#[test]
fn no_cell_of_any_file_can_change_without_being_noticed() {
    let mut tried = 0;
    for (name, path) in files() {
        let analyser = analyser(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let separator = analyser.profile().table().unwrap().separator.written();
        let before = analyser.read(text.as_bytes());
        if before.observations.is_empty() || !before.faults.is_empty() {
            continue;
        }
        for (start, end) in cells(&text, separator) {
            let changed = format!("{}ZQ9{}", &text[..start], &text[end..]);
            let after = analyser.read(changed.as_bytes());
            let noticed = told(&before) != told(&after);
            assert!(noticed || is_ignored(&analyser, &text, start), "{path:?}, byte {start}");
            tried += 1;
        }
    }
    assert!(tried > 500, "only {tried} cells were tried");
}

/// Cells that are neither blank nor at the end of a file.
fn cells(text: &str, separator: char) -> Vec<(usize, usize)> {
    let end = text.find("[end]").or_else(|| text.find("[End")).unwrap_or(text.len());
    let mut start = 0;
    let mut cells = Vec::new();
    for cell in text[..end].split([separator, '\r', '\n']) {
        if !cell.trim().is_empty() {
            cells.push((start, start + cell.len()));
        }
        start += cell.len() + 1;
    }
    cells
}

/// Whether the profile dismisses the column or the block of a cell.
fn is_ignored(analyser: &Analyser, text: &str, at: usize) -> bool {
    let form = analyser.profile().table().unwrap();
    let before = &text[..at];
    let line = &before[before.rfind(['\r', '\n']).map_or(0, |end| end + 1)..];
    let place = line.matches(form.separator.written()).count();
    let number = match &form.body {
        Body::Rows { columns, titled: true } => {
            let titles = text.trim_start_matches('\u{feff}').lines().next().unwrap();
            let title = titles.split(form.separator.written()).nth(place).unwrap();
            columns.iter().position(|column| *column == title.trim_matches('"')).unwrap() + 1
        }
        Body::Rows { titled: false, .. } => place + 1,
        Body::Plate { blocks, .. } => {
            let said = before
                .lines()
                .rev()
                .find_map(|line| blocks.iter().position(|block| block == line.trim()));
            said.unwrap() + 1
        }
    };
    let path = format!("R.{number}");
    analyser.profile().ignored().any(|(ignored, _)| ignored == path)
}

type Good = BTreeSet<(DonationNumber, Assay)>;

/// What a file says is good beyond doubt.
fn good(reading: &MessageReading) -> Good {
    let sound = |o: &&Observation| {
        o.reading == Some(Reading::Nonreactive)
            && o.concerns.is_empty()
            && o.unaccounted.is_empty()
            && reading.faults.is_empty()
    };
    let named = |o: &Observation| Some((o.din.clone()?, o.assay?));
    reading.observations.iter().filter(sound).filter_map(named).collect()
}

/// No file has a check sum. Still no one byte makes a good result of one that was reactive, grey or
/// invalid; but of a donation's number, of a test code, and where a number alone is at fault.
#[test]
fn no_changed_byte_makes_a_good_result_of_a_bad_one() {
    let mut tried = 0;
    for (name, path) in files() {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if !["reactive", "grey", "invalid", "failed"].contains(&stem) {
            continue;
        }
        let analyser = analyser(name);
        let bytes = std::fs::read(&path).unwrap();
        let before = analyser.read(&bytes);
        let known: BTreeSet<_> = before.observations.iter().map(|o| (&o.din, o.assay)).collect();
        for at in 0..bytes.len() {
            for byte in *b"0;" {
                let mut changed = bytes.clone();
                changed[at] = byte;
                let after = good(&analyser.read(&changed));
                let news = after.difference(&good(&before)).cloned().collect::<Vec<_>>();
                for (din, assay) in news {
                    let is_other = !known.contains(&(&Some(din), Some(assay)));
                    assert!(is_other, "{path:?}, byte {at} is {byte:02x}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 5_000, "only {tried} changes were tried");
}
