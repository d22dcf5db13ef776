//! Profiles that must be refused before they can hurt, and what the language can say.

use std::collections::BTreeMap;
use std::sync::Arc;

use hemogate::analyser::{Analyser, Confidence, Dialect, Profile};
use hemogate::domain::{DonationNumberScheme, Reading, ResultStatus, SpecimenKind};

use crate::bench::one;

/// A small sound profile; the tests break it in one place.
pub const SOUND: &str = r#"
name = "small"
version = "3"
date = 2026-01-15
title = "Small"
dialect = "lis02"
charset = "utf-8"
confidence = "low"
built_from = "nothing"
missing = ["everything"]

[link]
frame_text = 63993
records_per_frame = "many"

[tests]
"1" = "hbsag"
"9" = "alt"

[fields]
specimen_id = ["O.3"]
test_code = "R.3.4"
value = "R.4"
unit = "R.5"

[[kind]]
path = "O.12"
codes = { "" = "donor", Q = "control" }

[status]
path = "R.9"
codes = { F = "final" }

[[verdict]]
path = "R.4.1"
marker = { N = "nonreactive", R = "reactive" }

[[flags]]
path = "R.7"
accepted = { "A" = "fine" }

[[ignore]]
paths = ["R.14"]
why = "module"
"#;

fn refused(from: &str, to: &str) -> Vec<String> {
    assert!(SOUND.contains(from), "{from}");
    let faults = Profile::parse("small.toml", &SOUND.replacen(from, to, 1)).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_small_profile_is_sound() {
    let profile = Profile::parse("small.toml", SOUND).unwrap();
    assert_eq!((profile.name(), profile.version(), profile.title()), ("small", "3", "Small"));
    assert_eq!((profile.dialect(), profile.confidence()), (Dialect::Lis02, Confidence::Low));
    assert_eq!(profile.date().to_string(), "2026-01-15");
    assert_eq!((profile.link().frame_text_max, profile.link().packed), (63_993, true));
    assert_eq!(profile.missing(), ["everything"]);
}

/// What is replaced in the sound profile, by what, and the fault that must follow.
const DANGEROUS: &[(&str, &str, &str)] = &[
    ("name = \"small\"", "name = \"small\"\ncolour = 1", "colour: is not a known key"),
    ("\"9\" = \"alt\"", "\"9\" = \"alat\"", "\"alat\" is not an assay"),
    ("\"9\" = \"alt\"", "\"9\" = \"hbsag\"", "already has the code \"1\" (FM-15)"),
    ("\"9\" = \"alt\"", "\"9\" = \"abo\"", "gives a reading for abo"),
    ("\"9\" = \"alt\"", "\"\" = \"alt\"", "a test code cannot be empty"),
    (
        "path = \"O.12\"\ncodes = { \"\" = \"donor\", Q = \"control\" }",
        "path = \"O.12\"\ncodes = { \"\" = \"donor\" }",
        "would pass for a donor",
    ),
    ("Q = \"control\"", "Q = \"kontrol\"", "\"kontrol\" is not a kind"),
    ("F = \"final\"", "F = \"done\"", "\"done\" is not a status"),
    ("R = \"reactive\"", "R = \"A\"", "is not a reading of marker"),
    (", R = \"reactive\"", "", "no word that means reactive"),
    ("N = \"nonreactive\", ", "", "no word that means nonreactive"),
    ("unit = \"R.5\"", "unit = \"OBX-6\"", "is not a record that lis02 has"),
    ("unit = \"R.5\"", "unit = \"R.5.1.1\"", "LIS02 has no sub-components"),
    ("unit = \"R.5\"", "unit = \"R\"", "names a record but no field"),
    ("unit = \"R.5\"", "unit = \"R.0\"", "is not a path"),
    ("unit = \"R.5\"", "unit = \"R.14\"", "is read here and ignored elsewhere"),
    ("unit = \"R.5\"", "unit = \"R.9\"", "is already read for something else"),
    ("unit = \"R.5\"", "unit = \"O.5\"", "must stand in the result record"),
    ("paths = [\"R.14\"]", "paths = [\"R.14\", \"R.14.2\"]", "is ignored twice"),
    ("why = \"module\"", "why = \" \"", "say why it may be ignored"),
    (
        "accepted = { \"A\" = \"fine\" }",
        "accepted = { \"A\" = \"fine\" }\nholds = { \"A\" = \"not fine\" }",
        "already has another effect",
    ),
    (
        "accepted = { \"A\" = \"fine\" }",
        "accepted = { \"A\" = \"fine\", \"A\" = \"x\" }",
        "duplicate key",
    ),
    ("specimen_id = [\"O.3\"]", "specimen_id = []", "where is the tube's number"),
    ("test_code = \"R.3.4\"", "", "fields.test_code: is missing"),
    ("value = \"R.4\"", "", "fields.value: is missing"),
    ("dialect = \"lis02\"", "dialect = \"astm\"", "\"astm\" is not lis02, hl7 or blocks"),
    ("charset = \"utf-8\"", "charset = \"utf-9\"", "\"utf-9\" is not"),
    (
        "charset = \"utf-8\"",
        "charset = \"utf-8\"\ncharset_despite_ascii = true",
        "LIS02 messages declare no character set",
    ),
    ("confidence = \"low\"", "confidence = \"total\"", "\"total\" is not high"),
    ("frame_text = 63993", "frame_text = 63994", "is not between 1 and 63993"),
    ("records_per_frame = \"many\"", "records_per_frame = \"some\"", "\"one\" or \"many\""),
    ("date = 2026-01-15\n", "", "date is missing"),
    (
        "[[ignore]]",
        "[[threshold]]\nreactive_from = 1.0\nsince = 2026-01-01\nsource = \"x\"\n[[ignore]]",
        "unit: is missing",
    ),
    (
        "[[ignore]]",
        "[[threshold]]\nunit = \"COI\"\nreactive_from = 1.0\nsource = \"x\"\n[[ignore]]",
        "since is missing",
    ),
    (
        "[[ignore]]",
        "[[threshold]]\nunit = \"COI\"\nreactive_from = 1.0\ngrey_from = 1.0\n\
             since = 2026-01-01\nsource = \"x\"\n[[ignore]]",
        "must begin below reactive_from",
    ),
    (
        "[[ignore]]",
        "[[ignore_result]]\nwhen = []\nwhy = \"x\"\n[[ignore]]",
        "every result would be ignored",
    ),
    (
        "[[ignore]]",
        "[[ignore_result]]\nwhen = [\"O.3 = x\"]\nwhy = \"x\"\n[[ignore]]",
        "can only look at the result record",
    ),
    (
        "[[ignore]]",
        "[[nothing]]\nwhen = [\"R.3 = x\"]\nwhy = \"x\"\n[[ignore]]",
        "can only look at the header",
    ),
    (
        "[[ignore]]",
        "[[nothing]]\nwhen = []\nwhy = \"x\"\n[[ignore]]",
        "every message would be dismissed",
    ),
    (
        "[[ignore]]",
        "[aspect]\npath = \"R.3.11\"\ncodes = { F = \"value\" }\n[[ignore]]",
        "one for verdict",
    ),
    ("[status]\npath = \"R.9\"\ncodes = { F = \"final\" }", "", "[status] is missing"),
    (
        "[[verdict]]\npath = \"R.4.1\"\nmarker = { N = \"nonreactive\", R = \"reactive\" }",
        "",
        "gives a reading for hbsag",
    ),
    ("[[ignore]]", "[[split]]\npath = \"R.3.5\"\nat = \"\"\n[[ignore]]", "1 to 8 characters"),
    ("[[ignore]]", "[[split]]\npath = \"R.3.5\"\nat = \"123456789\"\n[[ignore]]", "1 to 8 char"),
    ("codes = { \"\" = \"donor\", Q = \"control\" }", "", "codes is missing"),
    (
        "Q = \"control\" }",
        "Q = \"control\" }\nmatches = { \"C[0-9\" = \"control\" }",
        "is not a regular expression",
    ),
    (
        "Q = \"control\" }",
        "Q = \"control\" }\nmatches = { \"C[0-9]\" = \"kontrol\" }",
        "\"kontrol\" is not a kind",
    ),
    ("Q = \"control\" }", "Q = \"control\" }\notherwise = \"donner\"", "\"donner\" is not a kind"),
    (
        "Q = \"control\" }",
        "}\nmatches = { \"C.*\" = \"donor\" }\notherwise = \"donor\"",
        "would pass for a donor",
    ),
    ("[link]", "id_prefixes = [\"\"]\n[link]", "an empty prefix"),
    ("[[ignore]]", "[[conversion]]\nto = \"b\"\nfactor = 2\n[[ignore]]", "unit: is missing"),
    ("[[ignore]]", "[[conversion]]\nunit = \"a\"\nfactor = 2\n[[ignore]]", "to: is missing"),
    ("[[ignore]]", "[[conversion]]\nunit = \"a\"\nto = \"b\"\n[[ignore]]", "factor: is missing"),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \" \"\nfactor = 2\n[[ignore]]",
        "a unit without a name",
    ),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \"a\"\nfactor = 2\n[[ignore]]",
        "is the unit itself",
    ),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \"b\"\nfactor = \"0.0\"\n[[ignore]]",
        "is not above zero",
    ),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \"b\"\nfactor = -1\n[[ignore]]",
        "is not above zero",
    ),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \"b\"\nfactor = \"ten\"\n[[ignore]]",
        "expected a decimal number",
    ),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \"b\"\nfactor = 2\nassays = [\"alt\"]\n\
             [[conversion]]\nunit = \"a\"\nto = \"c\"\nfactor = 3\nassays = [\"alt\", \
         \"hbsag\"]\n[[ignore]]",
        "already converted for alt",
    ),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \"b\"\nfactor = 2\n\
             [[conversion]]\nunit = \"a\"\nto = \"c\"\nfactor = 3\n[[ignore]]",
        "already converted for every assay",
    ),
    (
        "[[ignore]]",
        "[[flags]]\npath = \"R.7.1\"\nholds = { A = \"not fine\" }\n[[ignore]]",
        "flags[2].holds.A: \"A\" has another effect in the other",
    ),
    (
        "[[ignore]]",
        "[[flags]]\npath = \"R.7.1\"\nas = \"alarm\"\naccepted = { B = \"x\" }\n[[ignore]]",
        "flags[2].path: R.7.1 has its flags in another",
    ),
    (
        "[[ignore]]",
        "[[conversion]]\nunit = \"a\"\nto = \"b\"\nfactor = 2\n[[threshold]]\nunit = \"a\"\n\
             reactive_from = 1\nsince = 2026-01-01\nsource = \"x\"\n[[ignore]]",
        "threshold[1].unit: \"a\" is converted to \"b\"",
    ),
    ("\"9\" = \"alt\"", "\"9\" = \"\"", "tests.9: \"\" is not an assay"),
    ("[link]", "[transport]\nbaud = 9600\n[link]", "transport.kind: is missing"),
    ("[link]", "[transport]\nkind = \"usb\"\n[link]", "\"usb\" is not one of serial, tcp-listen"),
    (
        "[link]",
        "[transport]\nkind = \"tcp-listen\"\nbaud = 9600\n[link]",
        "transport.baud: baud means nothing where the line is tcp-listen",
    ),
    (
        "[link]",
        "[transport]\nkind = \"folder\"\nparity = \"none\"\n[link]",
        "parity means nothing where the line is folder",
    ),
    (
        "[link]",
        "[transport]\nkind = \"serial\"\nport = 4000\n[link]",
        "port means nothing where the line is serial",
    ),
    (
        "[link]",
        "[transport]\nkind = \"serial\"\nbaud = 299\n[link]",
        "299 is not between 300 and 921600",
    ),
    (
        "[link]",
        "[transport]\nkind = \"tcp-connect\"\nport = 65536\n[link]",
        "65536 is not between 1 and 65535",
    ),
    (
        "[link]",
        "[transport]\nkind = \"serial\"\nparity = \"mark\"\n[link]",
        "\"mark\" is not a parity",
    ),
    (
        "[link]",
        "[transport]\nkind = \"serial\"\ndata_bits = 7\n[link]",
        "7 data bits without a parity",
    ),
    ("[[kind]]", "[reagent]\nrequired = true\n[[kind]]", "reagent_lot is missing"),
    ("[[kind]]", "[reagent]\nrequired = true\n[[kind]]", "reagent_expiry is missing"),
];

#[test]
fn each_dangerous_profile_is_refused_with_its_line_and_reason() {
    for (from, to, expected) in DANGEROUS {
        let faults = refused(from, to);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{to}\n{faults:#?}");
        assert!(faults.iter().all(|fault| fault.starts_with("small.toml:")), "{faults:#?}");
    }
}

/// Where in the sound profile each dangerous thing stands, once it is there.
#[test]
fn what_is_dangerous_is_told_with_its_line() {
    let line = |text: &str| 1 + SOUND[..SOUND.find(text).unwrap()].matches('\n').count();
    let told = [
        ("\"9\" = \"alt\"", "\"9\" = \"hbsag\"", "FM-15"),
        ("\"9\" = \"alt\"", "\"9\" = \"\"", "is not an assay"),
        ("\"9\" = \"alt\"", "\"9\" = \"abo\"", "gives a reading for abo"),
        ("[[kind]]", "[[kind]]#", "would pass for a donor"),
        ("unit = \"R.5\"", "unit = \"R.5.1.1\"", "LIS02 has no sub-components"),
        ("unit = \"R.5\"", "unit = \"OBX-6\"", "is not a record that lis02 has"),
        ("accepted = {", "holds = { A = \"x\" }#", "another effect"),
    ];
    for (from, to, expected) in told {
        let text = match expected {
            "would pass for a donor" => SOUND.replacen(", Q = \"control\"", "", 1),
            "another effect" => SOUND.replacen(from, &format!("holds.A = \"x\"\n{from}"), 1),
            _ => SOUND.replacen(from, to, 1),
        };
        let faults = Profile::parse("small.toml", &text).unwrap_err();
        let fault = faults.iter().find(|fault| fault.message.contains(expected));
        let fault = fault.unwrap_or_else(|| panic!("{expected}: {faults:#?}"));
        assert!(fault.line.abs_diff(line(from)) <= 1 && fault.line > 1, "{fault}");
    }
}

#[test]
fn all_faults_come_at_once() {
    let text = SOUND
        .replacen("confidence = \"low\"", "confidence = \"total\"", 1)
        .replacen("\"9\" = \"alt\"", "\"9\" = \"alat\"", 1)
        .replacen("unit = \"R.5\"", "unit = \"Z.5\"", 1);
    let faults = Profile::parse("small.toml", &text).unwrap_err();
    assert_eq!(faults.len(), 3, "{faults:#?}");
    assert!(faults.is_sorted_by_key(|fault| fault.line));
}

pub fn analyser(text: &str) -> Analyser {
    let profile = Profile::parse("small.toml", text).unwrap_or_else(|faults| {
        panic!("{}", faults.iter().map(|f| format!("{f}\n")).collect::<String>())
    });
    let scheme = DonationNumberScheme::site("D[0-9]{10}").unwrap();
    Analyser::new("a".to_owned(), Arc::new(profile), &BTreeMap::new(), Arc::new(scheme)).unwrap()
}

pub fn message(result: &str) -> Vec<u8> {
    format!("H|\\^&\rP|1\rO|1|D0000000001\rR|1|^^^{result}\rL|1|N\r").into_bytes()
}

#[test]
fn a_site_pattern_finds_its_donations() {
    let analyser = analyser(SOUND);
    let reading = analyser.read(&message("1|N|||||F"));
    assert_eq!(one(&reading).din.as_ref().unwrap().as_str(), "D0000000001");
    let torn = analyser.read(b"|D0000000002|xD0000000003|D0000000004^");
    let named: Vec<&str> = torn.donations.iter().map(|din| din.as_str()).collect();
    assert_eq!(named, ["D0000000002", "D0000000004"]);
}

#[test]
fn thresholds_follow_their_dates() {
    let dated = |from: &str, since: &str| {
        format!(
            "[[threshold]]\nassays = [\"hbsag\"]\nunit = \"COI\"\nreactive_from = {from}\n\
             grey_from = 0.5\nsince = {since}\nsource = \"leaflet\"\n"
        )
    };
    let text = SOUND
        .replace(
            "[[verdict]]\npath = \"R.4.1\"\nmarker = { N = \"nonreactive\", R = \"reactive\" }",
            "",
        )
        .replace("unit = \"R.5\"", "unit = \"R.5\"\ncompleted_at = \"R.13\"")
        .replace(
            "[[ignore]]",
            &format!("{}{}[[ignore]]", dated("2.0", "2026-02-01"), dated("1.0", "2025-01-01")),
        );
    let analyser = analyser(&text);
    let cases = [
        ("0.4", "20260101", Some(Reading::Nonreactive)),
        ("0.5", "20260101", Some(Reading::GreyZone)),
        ("1.0", "20260131", Some(Reading::Reactive)),
        ("1.0", "20260201", Some(Reading::GreyZone)),
        ("2.0", "20260201", Some(Reading::Reactive)),
        ("1.0", "20241231", None),
        ("1.0", "", Some(Reading::GreyZone)),
        ("<0.5", "20260101", Some(Reading::Nonreactive)),
        ("<0.6", "20260101", None),
        (">0.9", "20260101", None),
        ("", "20260101", None),
    ];
    for (value, day, expected) in cases {
        let reading = analyser.read(&message(&format!("1|{value}|COI||||F||||{day}")));
        assert_eq!(one(&reading).reading, expected, "{value} on {day}");
    }
}

#[test]
fn commas_mean_what_the_profile_says() {
    let german =
        SOUND.replace("[fields]", "[number_format]\ndecimal = \",\"\nthousands = \".\"\n[fields]");
    let number = |text: &str, value: &str| {
        let reading = analyser(text).read(&message(&format!("9|{value}|U/L||||F")));
        one(&reading).number.map(|n| n.to_string())
    };
    assert_eq!(number(&german, "2.598,88").as_deref(), Some("2598.88"));
    assert_eq!(number(SOUND, "2598,88"), None);
}

const OTHERS: &str = r#"
[[nothing]]
when = ["H.5 = KEEPALIVE"]
why = "nothing"

[[variant]]
name = "controls"
when = ["H.5 = C"]
[variant.fields]
specimen_id = ["O.4"]
test_code = "R.3.4"
value = "R.4"
[[variant.kind]]
path = "H.5"
codes = { C = "control" }
[variant.status]
path = "R.9"
codes = { F = "final" }
[[variant.ignore]]
paths = ["O.3"]
why = "not used"
"#;

#[test]
fn messages_of_other_layouts_are_told_apart() {
    let text = format!("when = [\"H.5 = A\"]\n{SOUND}\n{OTHERS}").replacen(
        "[[ignore]]",
        "[[ignore]]\npaths = [\"H.5\"]\nwhy = \"used above\"\n[[ignore]]",
        1,
    );
    let analyser = analyser(&text);
    let from = |sender: &str| {
        let sent = format!("H|\\^&|||{sender}\rP|1\rO|1|D0000000001|K7\rR|1|^^^9|5|||||F\rL|1|N\r");
        analyser.read(sent.as_bytes())
    };
    assert_eq!(one(&from("A")).specimen_id.as_deref(), Some("D0000000001"));
    let control = from("C");
    assert_eq!(one(&control).specimen_id.as_deref(), Some("K7"));
    assert_eq!(one(&control).kind, SpecimenKind::Control);
    let nothing = from("KEEPALIVE");
    assert_eq!((nothing.observations.len(), nothing.faults.len()), (0, 0));
    let unknown = from("Z");
    assert!(unknown.faults[0].text.contains("not handled"));
    assert_eq!(unknown.donations[0].as_str(), "D0000000001", "it may concern the donation");
}

#[test]
fn an_order_that_is_not_finished_is_told_without_a_reading() {
    let text = SOUND.replace(
        "[[verdict]]",
        "[order_status]\npath = \"O.26\"\n\
         codes = { X = \"failed\", I = \"pending\", F = \"final\" }\n[[verdict]]",
    );
    let analyser = analyser(&text);
    let order = |code: &str| {
        let sent = format!("H|\\^&\rP|1\rO|1|D0000000001{}{code}\rL|1|N\r", "|".repeat(23));
        analyser.read(sent.as_bytes())
    };
    let failed = order("X");
    assert_eq!(one(&failed).reading, Some(Reading::Invalid));
    assert_eq!(one(&failed).status, Some(ResultStatus::Failed));
    let pending = order("I");
    assert_eq!((one(&pending).reading, one(&pending).status), (None, Some(ResultStatus::Pending)));
    assert_eq!(order("F").faults.len(), 1);
    assert!(order("Z").faults[0].text.contains("its status is \"Z\""));
}

#[test]
fn what_a_record_above_the_result_says_and_nobody_reads_is_unaccounted() {
    let analyser = analyser(SOUND);
    for (from, to, shown) in [
        ("P|1\r", "P|1|WANG\r", "(not shown)"),
        ("O|1|D0000000001\r", "O|1|D0000000001|new\r", "new"),
    ] {
        let sent = String::from_utf8(message("1|N|||||F")).unwrap();
        assert_eq!(one(&analyser.read(sent.as_bytes())).unaccounted, []);
        let reading = analyser.read(sent.replace(from, to).as_bytes());
        let told: Vec<_> = one(&reading).unaccounted.iter().map(|u| u.text.as_str()).collect();
        assert_eq!(told, [shown]);
    }
}

#[test]
fn a_part_before_one_that_is_read_is_unaccounted() {
    let split = "[[split]]\npath = \"O.4.1\"\nat = \"/\"\n\n[[ignore]]";
    let text = SOUND.replacen("[[ignore]]", split, 1);
    let text = text.replacen("unit = \"R.5\"", "unit = \"R.5\"\nrack = \"O.4.1.2\"", 1);
    let analyser = analyser(&text);
    for (sent, left) in [("/7", 0), ("new/7", 1), ("/7/new", 1)] {
        let order = format!("O|1|D0000000001|{sent}\r");
        let whole = String::from_utf8(message("1|N|||||F")).unwrap();
        let reading = analyser.read(whole.replace("O|1|D0000000001\r", &order).as_bytes());
        let observation = one(&reading);
        assert_eq!(observation.rack.as_deref(), Some("7"));
        assert_eq!(observation.unaccounted.len(), left, "{sent}: {observation:?}");
    }
}
