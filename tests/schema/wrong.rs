//! Faults that people make, and where an editor with the schema shows them.

use hemogate::analyser::Profile;

use crate::bench::{invalid, json};

const SMALL: &str = r#"
name = "small"
version = "1"
date = 2026-01-01
title = "Small analyser"
dialect = "lis02"
charset = "ascii"
confidence = "low"
built_from = "a test"

[tests]
HB = "hb"
HBsAg = "hbsag"

[fields]
specimen_id = ["O.3"]
test_code = "R.3.4"
value = "R.4"

[[kind]]
path = "O.12"
codes = { "" = "donor", Q = "control" }

[status]
path = "R.9"
codes = { F = "final" }

[[verdict]]
path = "R.4"
marker = { NEG = "nonreactive", POS = "reactive" }
"#;

/// What is written in place of what, and where the fault is shown.
const WRONG: [(&str, &str, &str); 34] = [
    ("version", "verison", ""),
    ("date = 2026-01-01\n", "", ""),
    ("2026-01-01", "\"soon\"", "/date"),
    ("title = \"Small analyser\"", "title = \" \"", "/title"),
    ("\"lis02\"", "\"astm\"", "/dialect"),
    ("\"ascii\"", "\"latin1\"", "/charset"),
    ("\"low\"", "\"sure\"", "/confidence"),
    ("[tests]\nHB = \"hb\"", "[tests]\nHB = \"haemoglobin\"", "/tests/HB"),
    ("[tests]\n", "[test]\n", ""),
    ("[\"O.3\"]", "\"O.3\"", "/fields/specimen_id"),
    ("[\"O.3\"]", "[]", "/fields/specimen_id"),
    ("[\"O.3\"]", "[\"O\"]", "/fields/specimen_id/0"),
    ("test_code = \"R.3.4\"\n", "", "/fields"),
    ("test_code = \"R.3.4\"", "test_code = \"R.3.4.5.6\"", "/fields/test_code"),
    ("test_code = ", "test_code_parts = \"R.3\"\ntest_code = ", "/fields"),
    ("value = \"R.4\"", "value = 4", "/fields/value"),
    ("[[kind]]", "[kind]", "/kind"),
    ("path = \"O.12\"\n", "", "/kind/0"),
    ("\"control\"", "\"qc\"", "/kind/0/codes/Q"),
    ("codes = { \"\" = \"donor\", Q = \"control\" }", "otherwise = \"other\"", "/kind/0"),
    ("[status]", "[[status]]", "/status"),
    ("path = \"R.9\"\n", "", "/status"),
    ("\"final\"", "\"done\"", "/status/codes/F"),
    ("marker = {", "markers = {", "/verdict/0"),
    ("\"reactive\" }", "\"positive\" }", "/verdict/0/marker/POS"),
    ("\"reactive\" }", "\"reactive\" }\nnumber = \"nonreactive\"", "/verdict/0/number"),
    ("[[verdict]]", "[[ignore]]\npaths = [\"R.10\"]\n[[verdict]]", "/ignore/0"),
    ("[[verdict]]", "[[ignore]]\npaths = [\"R.\"]\nwhy = \"x\"\n[[verdict]]", "/ignore/0/paths/0"),
    ("[[verdict]]", "[[nothing]]\nwhen = [\"H.5\"]\nwhy = \"x\"\n[[verdict]]", "/nothing/0/when/0"),
    (
        "[[verdict]]",
        "[[threshold]]\nunit = \"S/CO\"\nsince = 2026-01-01\nsource = \"x\"\n[[verdict]]",
        "/threshold/0",
    ),
    ("[[verdict]]", "[link]\nframing = \"mllp\"\n[[verdict]]", "/link/framing"),
    ("[[verdict]]", "[link]\nnext_frame_wait_s = 0\n[[verdict]]", "/link/next_frame_wait_s"),
    ("[[verdict]]", "[transport]\nkind = \"serial\"\nport = 5001\n[[verdict]]", "/transport/port"),
    ("[[verdict]]", "[blocks]\nprotocol = \"hitachi\"\n[[verdict]]", "/blocks"),
];

#[test]
fn the_small_profile_is_good() {
    assert!(Profile::parse("p.toml", SMALL).is_ok());
    assert_eq!(invalid(&json(SMALL)), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_shown_where_it_stands() {
    for (right, wrong, place) in WRONG {
        assert!(SMALL.contains(right), "{right:?}");
        let text = SMALL.replacen(right, wrong, 1);
        let shown = invalid(&json(&text));
        let at_place = |error: &String| error.split(' ').next() == Some(place);
        assert!(shown.iter().any(at_place), "{wrong:?}: {shown:#?}");
        assert!(Profile::parse("p.toml", &text).is_err(), "the parser takes {wrong:?}");
    }
}

#[test]
fn a_member_may_replace_and_nobody_else() {
    let text = format!("replaces = [\"tests\"]\n{SMALL}");
    assert!(!invalid(&json(&text)).is_empty());
    assert!(Profile::parse("p.toml", &text).is_err());
    let text = format!("extends = \"generic-astm\"\n{text}");
    assert_eq!(invalid(&json(&text)), Vec::<String>::new());
}

/// The one thing that JSON cannot tell apart: it has no dates.
#[test]
fn a_date_in_quotes_is_for_the_checker_to_find() {
    let text = SMALL.replace("2026-01-01", "\"2026-01-01\"");
    assert_eq!(invalid(&json(&text)), Vec::<String>::new());
    let faults = Profile::parse("p.toml", &text).unwrap_err();
    assert!(faults[0].message.contains("a date like 2026-01-31"), "{faults:?}");
}
