//! Roche's analysers: what their messages say that others do not, and what the profile language
//! has for it. The transcripts show the usual; here stands what must never be taken for it.

use hemogate::analyser::{Analyser, MessageReading, Profile};
use hemogate::domain::{Assay, Effect, Observation, Reading, ResultStatus, SpecimenKind};

use crate::bench::{analyser, one, profiled, transcript_texts};

/// The only message of a transcript.
fn message(name: &str, transcript: &str) -> String {
    let mut texts = transcript_texts(name, &format!("{transcript}."));
    texts.retain(|text| text.starts_with("MSH") || text.starts_with('H'));
    assert!(!texts.is_empty(), "{name}/{transcript}");
    texts.remove(0)
}

fn read(name: &str, transcript: &str, edit: impl Fn(String) -> String) -> MessageReading {
    let text = edit(message(name, transcript));
    analyser(name).read(text.as_bytes())
}

fn readings(reading: &MessageReading) -> Vec<Option<Reading>> {
    reading.observations.iter().map(|one| one.reading).collect()
}

fn holds(observation: &Observation) -> bool {
    observation.concerns.iter().any(|concern| concern.effect == Effect::Holds)
}

/// One message for a run: as many specimens as a rack system can hold, and every one its own.
#[test]
fn a_run_of_512_results_in_one_message_is_read_whole() {
    let run = message("roche-cobas-4800", "run");
    let (header, groups) = run.split_once('\r').unwrap();
    let groups: Vec<&str> = groups.split("SPM|").filter(|group| !group.is_empty()).collect();
    let group = groups.iter().find(|group| group.contains("G123498654321")).unwrap();
    let mut text = format!("{header}\r");
    for number in 0..512 {
        let reactive = number % 100 == 99;
        let word = if reactive { "|Detected|" } else { "|Not Detected|" };
        let own = group.replace("G123498654321", &format!("G123498{number:06}"));
        text += &format!("SPM|{}", own.replace("|Not Detected|", word));
    }
    let reading = analyser("roche-cobas-4800").read(text.as_bytes());
    assert_eq!((reading.observations.len(), reading.faults.len()), (512, 0));
    assert_eq!(reading.donations.len(), 512);
    for (number, observation) in reading.observations.iter().enumerate() {
        let din = observation.din.as_ref().unwrap().as_str().to_owned();
        assert_eq!(din, format!("G123498{number:06}"));
        let expected = if number % 100 == 99 { Reading::Reactive } else { Reading::Nonreactive };
        assert_eq!(observation.reading, Some(expected), "{din}");
        assert!(observation.unaccounted.is_empty() && !holds(observation), "{observation:?}");
    }
}

#[test]
fn fm_15_the_quantitative_test_never_answers_for_the_qualitative_one() {
    let reading = read("roche-cobas-4800", "quantitative-is-not-mapped", |text| text);
    assert_eq!((one(&reading).assay, one(&reading).reading), (None, None));
    let text = hemogate::analyser::shipped("roche-cobas-4800").unwrap();
    let both = text.replacen("[tests]\n", "[tests]\n\"0BHIV1\" = \"hiv-rna\"\n", 1);
    let faults = Profile::parse("4800.toml", &both).unwrap_err();
    assert!(faults.iter().any(|fault| fault.to_string().contains("(FM-15)")), "{faults:#?}");
}

#[test]
fn a_control_among_donors_is_no_donor_wherever_it_is_marked() {
    let reading = read("roche-cobas-4800", "control-marked-as-donor", |text| text);
    assert_eq!(one(&reading).kind, SpecimenKind::Control);
    let reading = read("roche-cobas-4800", "control-without-id", |text| text);
    let kinds: Vec<_> = reading.observations.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [SpecimenKind::Control, SpecimenKind::Donor]);
    let reading = read("roche-cobas-6800", "control-by-its-number", |text| text);
    assert_eq!(one(&reading).kind, SpecimenKind::Control);
}

#[test]
fn below_the_titre_is_detected() {
    for (name, transcript) in [
        ("roche-cobas-6800", "below-titre"),
        ("roche-cobas-6800-v25", "wnv-below-titre"),
        ("roche-cobas-4800", "titre"),
    ] {
        let reading = read(name, transcript, |text| text);
        assert_eq!(reading.observations[0].reading, Some(Reading::Reactive), "{name}");
    }
}

#[test]
fn the_power_of_ten_in_the_unit_counts() {
    let number = |name, transcript, from: &str, to: &str| {
        let reading = read(name, transcript, |text| text.replace(from, to));
        let observation = one(&reading).clone();
        (observation.number.map(|n| n.normalize().to_string()), observation.unit)
    };
    let copies = Some("copies/mL".to_owned());
    let same = "OBX|1|NM";
    assert_eq!(
        number("roche-cobas-5800", "counted", same, same),
        (Some("36.7".into()), copies.clone())
    );
    assert_eq!(
        number("roche-cobas-6800-v25", "counted", same, same),
        (Some("76.3".into()), copies)
    );
    let (known, unit) = number("roche-cobas-5800", "counted", "10*-1.", "10*9.");
    assert_eq!(unit.as_deref(), Some("10*9.{copies}/mL"), "not converted: {known:?}");
}

#[test]
fn a_code_of_another_system_is_not_roches() {
    let reading = read("roche-cobas-6800", "code-of-another-system", |text| text);
    assert_eq!(one(&reading).unaccounted.len(), 2, "R of table 0078 is resistant");
    let nonreactive = |text: String| text.replace("|Reactive|||R^^HL70078|", "|||NR^^HL70078|");
    let reading = read("roche-cobas-6800", "code-of-another-system", nonreactive);
    assert!(!one(&reading).unaccounted.is_empty(), "{:?}", one(&reading));
}

#[test]
fn a_final_status_does_not_undo_an_error_text() {
    let reading = read("roche-cobas-6800", "final-with-failure-code", |text| text);
    assert_eq!(one(&reading).status, Some(ResultStatus::Final));
    let effects: Vec<_> = one(&reading).concerns.iter().map(|concern| concern.effect).collect();
    assert_eq!(effects, [Effect::Invalidates]);
    let reading = read("roche-cobas-pro", "final-with-alarms", |text| text);
    assert!(holds(one(&reading)));
}

#[test]
fn fm_21_one_expired_reagent_among_several_holds() {
    for (name, all) in [("roche-cobas-pro", 2), ("roche-cobas-6800", 3)] {
        let reading = read(name, "reagent-expired", |text| text);
        assert_eq!(reading.observations.len(), all);
        let expired = |one: &Observation| {
            one.concerns.iter().any(|c| c.code == "REAGENT_EXPIRED" && c.effect == Effect::Holds)
        };
        let held: Vec<_> = reading.observations.iter().map(expired).collect();
        assert_eq!(held.iter().filter(|held| **held).count(), 1, "{name}: {reading:?}");
        assert!(held[0], "those that were made with it, and no other");
    }
}

#[test]
fn the_overall_result_and_its_targets_must_agree() {
    let name = "roche-cobas-6800-v25";
    let mpx = |edit: fn(String) -> String| read(name, "mpx-reactive", edit);
    let (no, yes) = (Some(Reading::Nonreactive), Some(Reading::Reactive));
    let sound = mpx(|text| text);
    assert_eq!(readings(&sound), [no, yes, no]);
    assert!(!sound.observations.iter().any(holds), "{sound:?}");
    let denied = mpx(|text| {
        text.replace(
            "|ValueNotSet|||RR|||F|||||OPER01||C6800",
            "|ValueNotSet|||ND|||F|||||OPER01||C6800",
        )
        .replacen("|1/1|ValueNotSet|||ND|", "|1/1|ValueNotSet|||RR|", 1)
    });
    assert_eq!(readings(&denied), [no, no, no], "the target's code was damaged");
    assert!(denied.observations.iter().all(holds), "{denied:?}");
    let withdrawn = mpx(|text| {
        let (targets, overall) = text.split_once("|1/2|").unwrap();
        format!("{targets}|1/2|{}", overall.replacen("|||F|", "|||W|", 1))
    });
    let withdrawn: Vec<_> = withdrawn.observations.iter().map(|one| one.status).collect();
    assert_eq!(withdrawn, [Some(ResultStatus::Withdrawn); 3]);
}

#[test]
fn the_state_of_the_controls_holds_every_result_of_its_order_and_of_no_other() {
    let reading = read("roche-cobas-pro", "control-state", |text| text);
    let held: Vec<_> = reading.observations.iter().map(holds).collect();
    assert_eq!(held, [true, false]);
    let pending = |text: String| {
        text.replace("|1|1^^99ROC|||N^^HL70078|||F|", "|1|1^^99ROC|||N^^HL70078|||P|")
    };
    let reading = read("roche-cobas-pro", "control-state", pending);
    assert_eq!(reading.observations.len(), 3, "a row that is not final is not read as a state");
    assert_eq!(reading.observations[1].test_code, "QCSTATE");
}

#[test]
fn raw_counts_are_no_results_unless_they_are_not_final() {
    let reading = read("roche-cobas-pro", "control-state", |text| text);
    let codes: Vec<_> = reading.observations.iter().map(|one| one.test_code.as_str()).collect();
    assert_eq!(codes, ["91003", "91004"]);
}

#[test]
fn a_single_determination_is_never_counted_beside_the_final_result() {
    let reading = read("roche-citm", "single-determinations", |text| text);
    let held: Vec<_> = reading.observations.iter().map(holds).collect();
    assert_eq!(held, [true, true, true, false]);
    let replicates: Vec<_> =
        reading.observations.iter().map(|one| one.replicate.as_deref().unwrap()).collect();
    assert_eq!(replicates, ["!", "2", "3", "R"]);
}

#[test]
fn sign_and_ratio_are_parted_where_the_delimiter_is_escaped_and_nowhere_else() {
    let value = |sent: &str| {
        let edit = |text: String| text.replace(r"-1\S\0.188", sent);
        let reading = read("roche-citm", "test-mode", edit);
        let observation = one(&reading);
        (observation.reading, observation.number.map(|number| number.to_string()))
    };
    let nonreactive = Some(Reading::Nonreactive);
    assert_eq!(value(r"-1\S\0.188"), (nonreactive, Some("0.188".into())));
    assert_eq!(value("-1^0.188"), (nonreactive, None), "not as cITM sends it");
    assert_eq!(value(r"-1\T\0.188"), (None, None));
    assert_eq!(value(r"???\S\???"), (None, None));
    assert_eq!(value("34"), (None, Some("34".into())));
}

#[test]
fn a_competitive_assay_is_reactive_below_its_cut_off() {
    let reading = read("roche-citm", "sign-against-number", |text| text);
    assert!(reading.observations.iter().all(holds), "{reading:?}");
    let reading = read("roche-citm", "donor-nonreactive", |text| text);
    assert_eq!(reading.observations[0].assay, Some(Assay::AntiHbc));
    assert!(!reading.observations.iter().any(holds), "2.14 with -1 is as it should be");
}

const HL7: &str = r#"
name = "small"
version = "1"
date = 2026-01-15
title = "Small"
dialect = "hl7"
charset = "utf-8"
confidence = "low"
built_from = "nothing"
missing = ["everything"]

[tests]
A = "anti-hbc"
B = "hbsag"

[fields]
specimen_id = ["SPM-2.1"]
test_code = "OBX-3.1"
value = "OBX-5"
unit = "OBX-6.1"

[[kind]]
path = "NTE-2"
codes = { "" = "donor", Q = "control" }

[status]
path = "OBX-11"
codes = { F = "final" }

[[ignore]]
paths = ["MSH-9", "MSH-10", "MSH-11", "MSH-12"]
why = "header"
"#;

fn small(more: &str) -> Analyser {
    profiled(&format!("{HL7}{more}"))
}

fn sent(analyser: &Analyser, rows: &str) -> MessageReading {
    let head = "MSH|^~\\&|||||||OUL^R22|1|P|2.5.1\rSPM|1|G123498654321\rOBR|1\r";
    analyser.read(format!("{head}{rows}\r").as_bytes())
}

#[test]
fn a_number_up_to_a_limit_can_be_what_is_reactive() {
    let analyser = small(
        "[[threshold]]\nassays = [\"anti-hbc\"]\nunit = \"COI\"\nreactive_to = 1.0\n\
         since = 2026-01-01\nsource = \"leaflet\"\n[[threshold]]\nassays = [\"hbsag\"]\n\
         unit = \"COI\"\nreactive_from = 1.0\nsince = 2026-01-01\nsource = \"leaflet\"\n",
    );
    let cases = [
        ("1.001", Some(Reading::Nonreactive)),
        ("1.0", Some(Reading::Reactive)),
        ("0", Some(Reading::Reactive)),
        ("<0.5", Some(Reading::Reactive)),
        ("<1.0", Some(Reading::Reactive)),
        ("<1.1", None),
        (">1.0", Some(Reading::Nonreactive)),
        (">0.9", None),
    ];
    for (value, expected) in cases {
        let reading = sent(&analyser, &format!("OBX|1||A||{value}|COI|||||F"));
        assert_eq!(one(&reading).reading, expected, "{value}");
    }
}

/// What is added to the small profile, and the fault that must follow.
const WRONG: &[(&str, &str)] = &[
    (
        "[[threshold]]\nunit = \"COI\"\nreactive_to = 1.0\nreactive_from = 1.0\n\
         since = 2026-01-01\nsource = \"x\"\n",
        "not both",
    ),
    (
        "[[threshold]]\nunit = \"COI\"\nreactive_to = 1.0\ngrey_from = 0.5\n\
         since = 2026-01-01\nsource = \"x\"\n",
        "a grey zone goes with reactive_from only",
    ),
    ("[[order_flags]]\npath = \"OBX-5\"\nwhy = \"x\"\n", "every result would be ignored"),
    ("[[order_flags]]\nwhen = [\"OBX-4 = 1\"]\nwhy = \"x\"\n", "path: is missing"),
    ("[[order_flags]]\nwhen = [\"OBX-4 = 1\"]\npath = \"OBX-5\"\n", "why"),
    (
        "[[order_flags]]\nwhen = [\"OBX-4 = 1\"]\npath = \"NTE-3\"\nwhy = \"x\"\n",
        "must stand in the result record",
    ),
    (
        "[[overall]]\nwhen = [\"NTE-4 = 1\"]\npath = \"OBX-5\"\nwhy = \"x\"\n",
        "can only look at the result record",
    ),
    (
        "[[overall]]\nwhen = [\"OBX-4 = 1\"]\npath = \"OBX-5\"\nwhy = \"x\"\n\
         marker = { N = \"nonreactive\" }\n",
        "no word that means reactive",
    ),
    ("[[ignore_record]]\nwhen = []\nwhy = \"x\"\n", "every record would be ignored"),
    ("[[ignore_record]]\nwhen = [\"NTE-1 = 1\"]\n", "why"),
    (
        "[[ignore_record]]\nwhen = [\"OBX-1 = 1\"]\nwhy = \"x\"\n",
        "a record that is attached to another",
    ),
    (
        "[[ignore_record]]\nwhen = [\"NTE-1 = 1\", \"INV-1 = 1\"]\nwhy = \"x\"\n",
        "can only look at one record",
    ),
];

#[test]
fn rows_that_could_hide_something_are_refused() {
    for (more, expected) in WRONG {
        let faults = Profile::parse("small.toml", &format!("{HL7}{more}")).unwrap_err();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{more}\n{faults:#?}");
    }
}

const WORDS: &str = "[[verdict]]\npath = \"OBX-5\"\n\
    marker = { N = \"nonreactive\", R = \"reactive\" }\n";

#[test]
fn every_marking_counts_and_not_only_the_nearest() {
    let analyser = small(WORDS);
    let kind = |notes: &str| {
        let reading = sent(&analyser, &format!("OBX|1||B||N||||||F{notes}"));
        one(&reading).kind
    };
    assert_eq!(kind(""), SpecimenKind::Donor);
    assert_eq!(kind("\rNTE|1|Q"), SpecimenKind::Control);
    let reading = sent(&analyser, "NTE|1|Q\rOBX|1||B||N||||||F\rNTE|1||");
    assert_eq!(one(&reading).kind, SpecimenKind::Control, "of the order, not of the result");
    assert_eq!(kind("\rNTE|1|Z\rNTE|2|Q"), SpecimenKind::Other);
}

#[test]
fn a_field_of_delimiters_alone_says_nothing() {
    let analyser = small(WORDS);
    for (notes, left) in [("", 0), ("|||||^^~&", 0), ("|||||^^~&x", 1)] {
        let reading = sent(&analyser, &format!("OBX|1||B||N||||||F{notes}"));
        assert_eq!(one(&reading).unaccounted.len(), left, "{notes}");
    }
}

#[test]
fn an_attached_record_can_be_dismissed_for_what_it_is() {
    let analyser =
        small(&format!("{WORDS}[[ignore_record]]\nwhen = [\"NTE-1 = 2\"]\nwhy = \"cycles\"\n"));
    for (notes, left) in [("\rNTE|2||26.71", 0), ("\rNTE|1||26.71", 1), ("\rNTE|22||26.71", 1)] {
        let reading = sent(&analyser, &format!("OBX|1||B||N||||||F{notes}"));
        assert_eq!(one(&reading).unaccounted.len(), left, "{notes:?}");
    }
}
