//! What the profile language can say beyond codes at places: marks by pattern, prefixes, units.

use hemogate::domain::{Observation, Reading, SpecimenKind};

use crate::bench::{one, profiled};
use crate::profiles::{SOUND, analyser, message};

/// The sound profile with something put before its `[[ignore]]`, or at its root.
fn with(root: &str, tables: &str) -> String {
    SOUND.replacen("[link]", &format!("{root}\n[link]"), 1).replacen(
        "[[ignore]]",
        &format!("{tables}\n[[ignore]]"),
        1,
    )
}

fn read(text: &str, specimen: &str, result: &str) -> Observation {
    let sent = String::from_utf8(message(result)).unwrap().replace("D0000000001", specimen);
    one(&analyser(text).read(sent.as_bytes())).clone()
}

const BY_NUMBER: &str = r#"
[[kind]]
path = "O.3"
codes = { "C0000" = "donor", "" = "other" }
matches = { "C[0-9]{4}" = "control", "CAL.*" = "calibration", "C.*9" = "other" }
otherwise = "donor"
"#;

#[test]
fn a_control_is_told_by_the_pattern_of_its_number() {
    let text = with("", BY_NUMBER);
    let cases = [
        ("D0000000001", SpecimenKind::Donor),
        ("C1234", SpecimenKind::Control),
        ("CAL1", SpecimenKind::Calibration),
        // The whole text must match, and case counts.
        ("C12345", SpecimenKind::Donor),
        ("xC1234", SpecimenKind::Donor),
        ("c1234", SpecimenKind::Donor),
        // An exact code wins.
        ("C0000", SpecimenKind::Donor),
        ("", SpecimenKind::Other),
    ];
    for (id, kind) in cases {
        let observation = read(&text, id, "1|N|||||F");
        assert_eq!((observation.kind, observation.unaccounted), (kind, vec![]), "{id}");
    }
    let padded = read(&text, "  C1234 ", "1|N|||||F");
    assert_eq!(padded.kind, SpecimenKind::Control);
}

#[test]
fn patterns_that_disagree_and_numbers_that_were_not_sent_mark_no_donor() {
    let both = read(&with("", BY_NUMBER), "C1239", "1|N|||||F");
    assert_eq!((both.kind, both.unaccounted.len()), (SpecimenKind::Other, 1), "{both:?}");
    let unsaid = with("", BY_NUMBER).replace(", \"\" = \"other\"", "");
    let blank = read(&unsaid, "", "1|N|||||F");
    assert_eq!((blank.kind, blank.unaccounted.len()), (SpecimenKind::Other, 1), "{blank:?}");
    let closed = with("", BY_NUMBER).replace("otherwise = \"donor\"", "");
    let unknown = read(&closed, "D0000000001", "1|N|||||F");
    assert_eq!((unknown.kind, unknown.unaccounted.len()), (SpecimenKind::Other, 1));
}

#[test]
fn a_listed_prefix_is_taken_away_and_no_other() {
    let text = with("id_prefixes = [\"$\", \"==\", \"=\"]", "");
    for (sent, id, joins) in [
        ("$D0000000001", "D0000000001", true),
        ("==D0000000001", "D0000000001", true),
        ("= D0000000001", "D0000000001", true),
        ("D0000000001", "D0000000001", true),
        ("#D0000000001", "#D0000000001", false),
        ("$$D0000000001", "$D0000000001", false),
    ] {
        let observation = read(&text, sent, "1|N|||||F");
        assert_eq!(observation.specimen_id.as_deref(), Some(id), "{sent}");
        assert_eq!(observation.din.is_some(), joins, "{sent}");
    }
    assert_eq!(read(&text, "$", "1|N|||||F").specimen_id, None);
}

#[test]
fn a_number_behind_a_prefix_is_told_where_the_profile_says_which_prefixes_there_are() {
    let faults = |root: &str, id: &str| {
        let sent = String::from_utf8(message("1|N|||||F")).unwrap().replace("D0000000001", id);
        let reading = analyser(&with(root, "")).read(sent.as_bytes());
        assert_eq!(one(&reading).din, None, "{root} {id}");
        let named: Vec<_> = reading.donations.iter().map(|din| din.as_str().to_owned()).collect();
        assert_eq!(named.len(), reading.faults.len(), "{reading:?}");
        let offset = sent.find(id).unwrap();
        assert!(reading.faults.iter().all(|fault| fault.offset == offset), "{reading:?}");
        reading.faults.len()
    };
    assert_eq!(faults("id_prefixes = []", "#D0000000001"), 1);
    assert_eq!(faults("id_prefixes = [\"$\"]", "$$D0000000001"), 1);
    assert_eq!(faults("id_prefixes = [\"$\"]", "#D000000000"), 0, "no number stands there");
    assert_eq!(faults("id_prefixes = [\"$\"]", "XD0000000001"), 0, "the site's own pattern");
    assert_eq!(faults("", "#D0000000001"), 0, "a profile that says nothing reads as it did");
}

#[test]
fn an_isbt_number_is_looked_for_behind_as_many_letters_as_the_bound() {
    let small = format!("id_prefixes = []\n{}", crate::bench::SMALL);
    let analyser = profiled(&small);
    let faults = |prefix: &str| {
        let sent = format!("H|\\^&\rP|1\rO|1|{prefix}G123498654321\rR|1|^^^1|N|||||F\rL|1|N\r");
        analyser.read(sent.as_bytes()).faults.len()
    };
    let most = hemogate::limits::STRANGE_PREFIX_MAX;
    assert_eq!((faults(""), faults("x"), faults(&"x".repeat(most))), (0, 1, 1));
    assert_eq!(faults(&"x".repeat(most + 1)), 0);
}

#[test]
fn a_text_that_is_one_number_with_its_prefix_and_another_without_is_a_conflict() {
    let text = with("id_prefixes = [\"D\"]", "");
    let profile = hemogate::analyser::Profile::parse("small.toml", &text).unwrap();
    let scheme = hemogate::domain::DonationNumberScheme::site("D?[0-9]{10}").unwrap();
    let analyser = hemogate::analyser::Analyser::new(
        "a".to_owned(),
        profile.into(),
        &std::collections::BTreeMap::new(),
        scheme.into(),
    )
    .unwrap();
    let reading = analyser.read(&message("1|N|||||F"));
    assert_eq!(one(&reading).concerns[0].code, "SPECIMEN_ID_CONFLICT");
    assert_eq!(reading.donations.len(), 2, "both are named");
    assert_eq!(analyser.donation_number("D0000000001"), None);
}

#[test]
fn what_cannot_be_read_blocks_the_donation_behind_a_prefix_too() {
    let analyser = analyser(&with("id_prefixes = [\"S\"]", ""));
    let torn = analyser.read(b"|SD0000000002|");
    assert_eq!(torn.donations[0].as_str(), "D0000000002");
}

#[test]
fn a_query_is_about_the_number_without_its_prefix_and_is_answered_as_asked() {
    use hemogate::domain::{Ask, AskedId};
    let small = crate::bench::SMALL
        .replace("unread_id_prefixes = [\"@\"]", "id_prefixes = [\"$\"]")
        + "[query]\nanswer_within_s = 10\nspecimen_id = [\"Q.3.2\"]\ncodes = \"Q.5.4\"\n"
        + crate::bench::USUAL_ANSWER;
    let analyser = profiled(&small);
    let query = analyser.read(b"H|\\^&\rQ|1|^$G123498654321||^^^ALL\rL|1|N\r").query.unwrap();
    let Ask::Specimens(asked) = &query.ask else { panic!("{query:?}") };
    assert_eq!(asked[0].id, AskedId::Donation(crate::bench::din("G123498654321")));
    let work = crate::bench::work(&analyser, &query);
    let sent = analyser.answer(&query, &work, crate::bench::STAMP).messages;
    assert!(String::from_utf8_lossy(&sent[0].bytes).contains("|$G123498654321|"));
}

const COPIES: &str = r#"
[[conversion]]
unit = "10*-1.{copies}/mL"
to = "copies/mL"
factor = "0.1"
source = "HL7 Table 0396, UCUM"

[[conversion]]
unit = "ukat/L"
to = "U/L"
factor = 60.0
assays = ["alt"]

[[conversion]]
unit = "ukat/L"
to = "nkat/L"
factor = "1000"
"#;

#[test]
fn a_number_is_converted_exactly_and_its_value_stays_as_sent() {
    let text = with("", COPIES);
    let cases = [
        ("1|367|10*-1.{copies}/mL", "367", Some("36.7"), "copies/mL"),
        ("9|0.45|ukat/L", "0.45", Some("27"), "U/L"),
        ("1|0.45|ukat/L", "0.45", Some("450"), "nkat/L"),
        ("9|27|U/L", "27", Some("27"), "U/L"),
        ("9|27|mmol/L", "27", Some("27"), "mmol/L"),
        ("9|<0.5|ukat/L", "<0.5", None, "U/L"),
    ];
    for (sent, value, number, unit) in cases {
        let observation = read(&text, "D0000000001", &format!("{sent}||||F"));
        assert_eq!(observation.value.as_deref(), Some(value));
        assert_eq!(observation.number.map(|n| n.to_string()).as_deref(), number, "{sent}");
        assert_eq!(observation.unit.as_deref(), Some(unit), "{sent}");
    }
}

#[test]
fn a_product_with_more_digits_than_can_be_kept_is_no_number() {
    let text = with("", &COPIES.replace("\"0.1\"", "\"0.1234567890123456789\""));
    let sent = "1|0.1234567890123|10*-1.{copies}/mL||||F";
    let observation = read(&text, "D0000000001", sent);
    assert_eq!(
        (observation.number, observation.unit.as_deref()),
        (None, Some("10*-1.{copies}/mL"))
    );
    assert_eq!(observation.concerns[0].code, "VALUE_NOT_UNDERSTOOD");
}

#[test]
fn thresholds_are_compared_in_the_converted_unit() {
    let verdict =
        "[[verdict]]\npath = \"R.4.1\"\nmarker = { N = \"nonreactive\", R = \"reactive\" }";
    let limit = "[[threshold]]\nassays = [\"hbsag\"]\nunit = \"copies/mL\"\nreactive_from = 30\n\
                 since = 2025-01-01\nsource = \"leaflet\"\n";
    let text = with("", &format!("{COPIES}{limit}")).replace(verdict, "");
    for (value, reading) in [
        ("299", Some(Reading::Nonreactive)),
        ("300", Some(Reading::Reactive)),
        (">300", Some(Reading::Reactive)),
        ("<300", Some(Reading::Nonreactive)),
        ("<301", None),
    ] {
        let sent = format!("1|{value}|10*-1.{{copies}}/mL||||F");
        assert_eq!(read(&text, "D0000000001", &sent).reading, reading, "{value}");
    }
}

#[test]
fn a_component_is_split_at_a_text_of_several_characters() {
    let splits = "[[split]]\npath = \"O.4.1\"\nat = \"--\"\n[[split]]\npath = \"O.5.1\"\n\
                  at = \"12345678\"\n";
    let text = with("", splits).replacen("unit = \"R.5\"", "unit = \"R.5\"\nrack = \"O.4.1.2\"", 1);
    let analyser = analyser(&text);
    for (order, rack, left) in [("--7", Some("7"), 0), ("a-b--7", Some("7"), 1), ("-7", None, 1)] {
        let sent = String::from_utf8(message("1|N|||||F")).unwrap();
        let sent = sent.replace("O|1|D0000000001\r", &format!("O|1|D0000000001|{order}\r"));
        let reading = analyser.read(sent.as_bytes());
        let observation = one(&reading);
        assert_eq!(observation.rack.as_deref(), rack, "{order}");
        assert_eq!(observation.unaccounted.len(), left, "{order}: {observation:?}");
    }
}

/// The sound profile with reagents, and when a result was made.
fn with_reagents(required: bool) -> String {
    let fields = "unit = \"R.5\"\ncompleted_at = \"R.13\"\nreagent_lot = \"R.15\"\n\
                  reagent_expiry = \"R.16\"\noperator = \"R.11\"\nstarted_at = \"R.12\"\n\
                  control_lot = \"O.20\"";
    let required = if required { "[reagent]\nrequired = true\n" } else { "" };
    with("", required).replacen("unit = \"R.5\"", fields, 1)
}

fn concerns(text: &str, result: &str) -> Vec<String> {
    let observation = read(text, "D0000000001", result);
    let codes = observation.concerns.iter().map(|concern| concern.code.clone());
    codes.chain(observation.unaccounted.iter().map(|left| left.path.clone())).collect()
}

#[test]
fn operator_times_and_lots_are_kept() {
    let sent = "1|N|||||F||OP7|20260105115600|20260105115617||L12|202603";
    let observation = read(&with_reagents(false), "D0000000001", sent);
    assert_eq!(observation.operator.as_deref(), Some("OP7"));
    assert_eq!(observation.started_at.unwrap().civil.to_string(), "2026-01-05T11:56:00");
    assert_eq!(observation.reagent_expiry.unwrap().to_string(), "2026-03-31");
    assert_eq!(observation.control_lot, None);
    assert_eq!((observation.concerns, observation.unaccounted), (vec![], vec![]));
    let order = "O|1|D0000000001|||||||||||||||||".to_owned() + "QC9\r";
    let sent = String::from_utf8(message(sent)).unwrap();
    let sent = sent.replace("O|1|D0000000001\r", &order);
    let reading = analyser(&with_reagents(false)).read(sent.as_bytes());
    assert_eq!(one(&reading).control_lot.as_deref(), Some("QC9"), "{reading:?}");
}

#[test]
fn a_reagent_may_be_used_on_its_last_day_and_not_one_later() {
    for required in [false, true] {
        let text = with_reagents(required);
        let on =
            |day: &str, expiry: &str| concerns(&text, &format!("1|N|||||F||||{day}||L12|{expiry}"));
        assert_eq!(on("20260331235959", "20260331"), [""; 0]);
        assert_eq!(on("20260401000000", "20260331"), ["REAGENT_EXPIRED"]);
        assert_eq!(on("20260401000000", "202603"), ["REAGENT_EXPIRED"]);
        assert_eq!(on("20260331235959", "202603"), [""; 0]);
    }
}

#[test]
fn a_required_reagent_that_was_not_sent_holds_the_result_of_a_donor() {
    let (free, required) = (with_reagents(false), with_reagents(true));
    for sent in [
        "1|N|||||F||||20260105115617|||20260331",
        "1|N|||||F||||20260105115617||L12|",
        "1|N|||||F||||||L12|20260331",
    ] {
        assert_eq!(concerns(&free, sent), [""; 0], "{sent}");
        assert_eq!(concerns(&required, sent), ["REAGENT_UNKNOWN"], "{sent}");
    }
    let quantity = "9|20|U/L||||F||||20260105115617";
    assert_eq!(concerns(&required, quantity), [""; 0], "it has no cut-off");
    let control = String::from_utf8(message("1|N|||||F")).unwrap();
    let control = control.replace("O|1|D0000000001", "O|1|K|||||||||Q");
    let reading = analyser(&required).read(control.as_bytes());
    assert_eq!(one(&reading).concerns, []);
}

#[test]
fn an_expiry_that_is_no_day_is_unaccounted() {
    let sent = "1|N|||||F||||20260105115617||L12|31/03/2026";
    assert_eq!(concerns(&with_reagents(false), sent), ["R[1].16.1"]);
    assert_eq!(concerns(&with_reagents(true), sent), ["REAGENT_UNKNOWN", "R[1].16.1"]);
}

#[test]
fn a_separator_that_an_hl7_analyser_escapes_splits_its_value() {
    let text = crate::bench::SMALL
        .replace("dialect = \"lis02\"", "dialect = \"hl7\"")
        .replace("O.3", "OBR-2")
        .replace("R.3.4", "OBX-3")
        .replace("\"R.4\"", "\"OBX-5\"\nnumber = \"OBX-5.1.2\"")
        .replace("O.12", "OBR-4")
        .replace("R.9", "OBX-11")
        .replace("R.4.1", "OBX-5.1.1")
        .replace("\"H.5\", \"H.10\", \"H.12\", \"H.13\"", "\"MSH\"")
        + "[[split]]\npath = \"OBX-5.1\"\nat = '\\S\\'\n";
    let analyser = profiled(&text);
    let sent = |value: &str| {
        format!(
            "MSH|^~\\&|a|b|||20260101||ORU^R01|1|P|2.5\rOBR|1|G123498654321\r\
             OBX|1||1||{value}||||||F\r"
        )
    };
    let reading = analyser.read(sent("R\\S\\2.14").as_bytes());
    let observation = one(&reading);
    assert_eq!(observation.value.as_deref(), Some("R^2.14"), "{reading:?}");
    assert_eq!(observation.reading, Some(Reading::Reactive));
    assert_eq!(observation.number.unwrap().to_string(), "2.14");
    let unknown = analyser.read(sent("???\\S\\???").as_bytes());
    let observation = one(&unknown);
    assert_eq!((observation.reading, observation.number), (None, None));
    assert_eq!(observation.unaccounted.len(), 2, "word and number: {observation:?}");
}
