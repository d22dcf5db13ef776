//! Where a result's meaning was lost in the field, and must not be lost here.

use hemogate::domain::{Assay, Effect, Reading, ResultStatus, SpecimenKind};

use crate::bench::{analyser, analyser_with, one};

/// One result of the e 601: the O record's id, then the R record from field 4 on, and its alarm.
fn e601(id: &str, result: &str) -> String {
    format!(
        "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rP|1\r\
         O|1|{id}|0^5007^1^^S1^SC|^^^515^|R||||||N||||1|||||||20260105115400|||F\r\
         R|1|^^^515//not|{result}\rC|1|I|0|I\rL|1|N\r"
    )
}

const AFTER_FLAGS: &str = "||F||OPER01|20260105115617||E11";

#[test]
fn fm_15_two_codes_for_one_assay_are_refused() {
    let faults = crate::bench::try_analyser(
        "roche-cobas-e601",
        &[("515", Assay::Hbsag), ("900", Assay::Hbsag)],
    )
    .unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("515") && faults[0].contains("900"), "{faults:?}");
}

#[test]
fn fm_15_a_site_code_replaces_the_profiles_code_for_the_assay() {
    let analyser = analyser_with("roche-cobas-e601", &[("900", Assay::Hbsag)]);
    assert_eq!(analyser.tests().get("900"), Some(&Assay::Hbsag));
    assert_eq!(analyser.tests().get("515"), None);
    let reading =
        analyser.read(e601("G123498654321", "-1^0.4|COI||N||F||X|20260105115617").as_bytes());
    let observation = one(&reading);
    assert_eq!((observation.test_code.as_str(), observation.assay), ("515", None));
}

#[test]
fn fm_15_a_code_moved_to_another_assay_frees_the_first() {
    let analyser = analyser_with("roche-cobas-e601", &[("515", Assay::Hiv)]);
    assert_eq!(analyser.tests().get("515"), Some(&Assay::Hiv));
    assert_eq!(analyser.tests().get("111"), None);
    assert!(!analyser.tests().values().any(|assay| *assay == Assay::Hbsag));
}

#[test]
fn a_site_code_must_be_a_code_and_readable() {
    for (code, assay) in [("", Assay::Hbsag), (" 515", Assay::Hbsag), ("1", Assay::Abo)] {
        assert!(
            crate::bench::try_analyser("roche-cobas-e601", &[(code, assay)]).is_err(),
            "{code}"
        );
    }
}

#[test]
fn fm_16_every_repeat_of_the_flags_is_kept() {
    let sent = e601("G123498654321", &format!("-1^0.4|COI||N\\L\\ICT\\TURB{AFTER_FLAGS}"));
    let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
    let observation = one(&reading);
    assert_eq!(observation.flags, ["N", "L", "ICT", "TURB"]);
    let left: Vec<_> =
        observation.unaccounted.iter().map(|piece| (piece.path.as_str(), &*piece.text)).collect();
    assert_eq!(left, [("R[1].7[3].1", "ICT"), ("R[1].7[4].1", "TURB")]);
    for piece in &observation.unaccounted {
        assert!(sent[piece.offset..].starts_with(&piece.text), "offset of {piece:?}");
    }
}

#[test]
fn fm_16_an_extra_component_or_field_is_unaccounted() {
    let cases = [
        ("-1^0.4^7|COI||N||F||OPER01|20260105115617||E11", "R[1].4.3", "7"),
        ("-1^0.4\\1^9|COI||N||F||OPER01|20260105115617||E11", "R[1].4[2].1", "1"),
        ("-1^0.4|COI^x||N||F||OPER01|20260105115617||E11", "R[1].5.2", "x"),
        ("-1^0.4|COI||N||F||OPER01|20260105115617|20260105|E11", "R[1].13", "20260105"),
        ("-1^0.4|COI||N||F||OPER01|20260105115617||E11||||new", "R[1].18", "new"),
    ];
    for (result, path, text) in cases {
        let reading = analyser("roche-cobas-e601").read(e601("G123498654321", result).as_bytes());
        let observation = one(&reading);
        let found = observation.unaccounted.iter().any(|u| u.path == path && u.text == text);
        assert!(found, "{result}: {:?}", observation.unaccounted);
    }
}

#[test]
fn fm_17_an_unknown_flag_is_listed_and_unaccounted() {
    let sent = e601("G123498654321", &format!("-1^0.4|COI||S{AFTER_FLAGS}"));
    let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
    let observation = one(&reading);
    assert_eq!(observation.flags, ["S"]);
    assert_eq!(observation.unaccounted.len(), 1);
    assert_eq!(observation.unaccounted[0].text, "S");
}

#[test]
fn fm_17_preliminary_stays_preliminary() {
    let result = "-1^0.4|COI||N||P||OPER01|20260105115617||E11";
    let reading = analyser("roche-cobas-e601").read(e601("G123498654321", result).as_bytes());
    assert_eq!(one(&reading).status, Some(ResultStatus::Preliminary));
    // A preliminary order makes its final results preliminary too.
    let sent = e601("G123498654321", &format!("-1^0.4|COI||N{AFTER_FLAGS}"));
    let sent = sent.replace("|||F\r", "|||P\r");
    let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
    assert_eq!(one(&reading).status, Some(ResultStatus::Preliminary));
}

#[test]
fn fm_22_a_minimal_header_and_nil_fields_are_accepted() {
    let sent = "H|\\^&\rP|1\rO|1|G123498654321||||||||||||||||||||||||||\r\
                R|1|^^^515|-1^0.4|COI|||||||||||||\rC|1||0\rL|1\r";
    let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
    assert_eq!(reading.faults, []);
    let observation = one(&reading);
    assert_eq!(observation.kind, SpecimenKind::Donor);
    assert_eq!(observation.reading, Some(Reading::Nonreactive));
    assert_eq!(observation.status, None, "a status that was not sent is not made up");
    assert_eq!(observation.unaccounted, []);
}

#[test]
fn fm_22_other_delimiters_from_the_header_are_used() {
    let sent = "H!~@$\rP!1\rO!1!G123498654321\rR!1!@@@515!-1@0.4!COI!!N~L!!F\rC!1!!0\rL!1!N\r";
    let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
    assert_eq!(reading.faults, []);
    assert_eq!(one(&reading).flags, ["N", "L"]);
    assert_eq!(one(&reading).reading, Some(Reading::Nonreactive));
}

#[test]
fn sign_and_number_that_contradict_each_other_hold() {
    let cases = [
        ("-1^3820.035", true),
        ("-1^1.000", true),
        ("-1^0.999", false),
        ("1^0.999", true),
        ("1^1.000", false),
        ("0^0.95", false),
        ("-1^> 250.0", true),
        ("-1^<0.01", false),
    ];
    for (value, conflict) in cases {
        let sent = e601("G123498654321", &format!("{value}|COI||N{AFTER_FLAGS}"));
        let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
        let held = one(&reading)
            .concerns
            .iter()
            .any(|c| c.code == "VALUE_TEXT_CONFLICT" && c.effect == Effect::Holds);
        assert_eq!(held, conflict, "{value}: {:?}", one(&reading).concerns);
    }
}

#[test]
fn what_is_no_verdict_gives_no_reading() {
    for value in ["0.035", "", "       ", "^0.035", "-2^0.035", "No Result", "???^0.1", "-1-1^0.1"]
    {
        let sent = e601("G123498654321", &format!("{value}|COI||N{AFTER_FLAGS}"));
        let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
        assert_eq!(one(&reading).reading, None, "{value}");
    }
}

/// One HBsAg result of the Maglumi, which sends no verdict.
fn maglumi(value: &str) -> String {
    format!(
        "H|\\^&||PSWD|Maglumi User|||||Lis||P|E1394-97|20260105\rP|1\r\
         O|1|G123498654321||^^^HBsAg|R\rR|1|^^^HBsAg|{value}|IU/mL||||||||20260105120000\rL|1|N\r"
    )
}

/// One ALT result of the BS series.
fn alt(value: &str) -> String {
    format!(
        "MSH|^~\\&|Mindray|BS-480|||20260105141530||ORU^R01|1|P|2.3.1||||0||UNICODE UTF-8\r\
         OBR|1|G123498654321\rOBX|1|NM|13|ALT|{value}|U/L|0-40||||F\r"
    )
}

#[test]
fn a_value_that_says_nothing_that_can_be_judged_holds_and_is_not_forgotten() {
    let (by_threshold, by_number) = (analyser("snibe-maglumi"), analyser("mindray-bs"));
    for (analyser, message, holds) in [
        (&by_threshold, maglumi("0.01"), false),
        (&by_threshold, maglumi("<0.01"), false),
        (&by_threshold, maglumi(">250"), false),
        (&by_threshold, maglumi(""), false),
        (&by_threshold, maglumi("Reactive"), true),
        (&by_threshold, maglumi(">0.01"), true),
        (&by_number, alt("32.4"), false),
        (&by_number, alt("<3"), false),
        (&by_number, alt(""), false),
        (&by_number, alt(">1000"), true),
        (&by_number, alt("high"), true),
        (&by_number, alt("正常"), true),
    ] {
        let reading = analyser.read(message.as_bytes());
        let observation = one(&reading);
        let held = observation.concerns.iter().any(|concern| {
            concern.code == "VALUE_NOT_UNDERSTOOD" && concern.effect == Effect::Holds
        });
        assert_eq!(held, holds, "{observation:?}");
        assert!(!holds || (observation.reading.is_none() && observation.number.is_none()));
    }
}

#[test]
fn numbers_keep_every_digit_and_never_lose_a_sign() {
    let cases = [
        ("-1^0.188", Some("0.188")),
        ("-1^  0.1880 ", Some("0.1880")),
        ("-1^< 20", None),
        ("1^> 250.0", None),
        ("1^161,152", None),
        ("1^2598,88", None),
    ];
    for (value, number) in cases {
        let sent = e601("G123498654321", &format!("{value}|COI||N{AFTER_FLAGS}"));
        let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
        let observation = one(&reading);
        assert_eq!(observation.value.as_deref(), Some(value));
        assert_eq!(observation.number.map(|n| n.to_string()).as_deref(), number, "{value}");
    }
}

#[test]
fn specimen_ids_lose_padding_and_placeholders_only() {
    let cases = [
        ("         G123498654321", Some("G123498654321"), true),
        ("G123498654321         ", Some("G123498654321"), true),
        ("=G12349865432100", Some("=G12349865432100"), true),
        ("@12", None, false),
        ("                      ", None, false),
        ("", None, false),
        ("DB&E&23-33E22", Some("DB&23-33E22"), false),
    ];
    for (sent, id, is_donation) in cases {
        let text = e601(sent, &format!("-1^0.4|COI||N{AFTER_FLAGS}"));
        let reading = analyser("roche-cobas-e601").read(text.as_bytes());
        let observation = one(&reading);
        assert_eq!(observation.specimen_id.as_deref(), id, "{sent}");
        assert_eq!(
            observation.din.as_ref().map(|d| d.as_str()),
            is_donation.then_some("G123498654321")
        );
    }
}

#[test]
fn a_specimen_is_a_donors_only_where_nothing_says_otherwise() {
    let cases = [
        (("|P|1\rP|", "|Q|1\rP|"), SpecimenKind::Control),
        (("|P|1\rP|", "|T|1\rP|"), SpecimenKind::Other),
        (("|P|1\rP|", "|ZZ|1\rP|"), SpecimenKind::Other),
        (("^^S1^SC", "^^QC^SC"), SpecimenKind::Control),
        (("^^S1^SC", "^^S9^SC"), SpecimenKind::Other),
        (("||||||N|", "||||||Q|"), SpecimenKind::Control),
        (("||||||N|", "||||||B|"), SpecimenKind::Other),
    ];
    for ((from, to), kind) in cases {
        let sent = e601("G123498654321", &format!("-1^0.4|COI||N{AFTER_FLAGS}")).replace(from, to);
        let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
        let observation = one(&reading);
        assert_eq!(observation.kind, kind, "{to}");
        let unknown = ["ZZ", "S9", "B"].iter().any(|mark| to.contains(mark));
        assert_eq!(!observation.unaccounted.is_empty(), unknown, "{to}");
    }
}

#[test]
fn impossible_times_are_unaccounted() {
    let result = "-1^0.4|COI||N||F||OPER01|20260230115617||E11";
    let reading = analyser("roche-cobas-e601").read(e601("G123498654321", result).as_bytes());
    let observation = one(&reading);
    assert_eq!(observation.completed_at, None);
    assert_eq!(observation.unaccounted[0].text, "20260230115617");
}

#[test]
fn a_message_that_did_not_end_normally_is_a_fault() {
    for (code, normal) in [("N", true), ("F", true), ("", true), ("T", false), ("E", false)] {
        let sent = e601("G123498654321", &format!("-1^0.4|COI||N{AFTER_FLAGS}"));
        let sent = sent.replace("L|1|N", &format!("L|1|{code}"));
        let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
        assert_eq!(reading.faults.is_empty(), normal, "{code}");
    }
}

#[test]
fn records_in_impossible_places_are_faults() {
    let analyser = analyser("roche-cobas-e601");
    let orphan = "H|\\^&\rP|1\rR|1|^^^515|-1^0.4|COI\rL|1|N\r";
    assert!(analyser.read(orphan.as_bytes()).faults[0].text.contains("without an order"));
    let silent = "H|\\^&\rP|1\rO|1|G123498654321|||R||||||N|||||||||||||||F\rL|1|N\r";
    let reading = analyser.read(silent.as_bytes());
    assert!(reading.faults[0].text.contains("without a result"), "{:?}", reading.faults);
    assert_eq!(reading.donations[0].as_str(), "G123498654321");
    let unknown = "H|\\^&\rX|1|who knows\rL|1|N\r";
    assert!(!analyser.read(unknown.as_bytes()).faults.is_empty());
}

#[test]
fn what_stands_in_a_persons_record_is_never_repeated() {
    let sent = "MSH|^~\\&|X|Y|||20260105||ORU^R01|1|P|2.3.1||||0||ASCII\rNK1|1|WANG^XIAOMING\r\
                OBR|1|G123498654321|5\rOBX|1|NM|13|ALT|32|U/L||N|||F\r";
    let reading = analyser("mindray-bs").read(sent.as_bytes());
    let told = format!("{reading:?}").replace(&format!("{:?}", reading.body), "");
    assert!(!told.contains("WANG") && !told.contains("XIAOMING"), "{told}");
    assert!(!reading.faults.is_empty(), "but it is said that something stands there");
}

#[test]
fn a_header_and_an_end_alone_say_nothing() {
    let reading = analyser("ortho-vision").read(b"H|\\^&|||OCD^VISION\rL|1|N\r");
    assert_eq!((reading.faults.len(), reading.observations.len()), (0, 0));
}

#[test]
fn a_wrong_character_set_is_a_fault_and_not_a_question_mark() {
    let mut bytes = b"MSH|^~\\&|M|B|||20260105||ORU^R01|1|P|2.3.1||||0||UNICODE UTF-8\r".to_vec();
    bytes.extend_from_slice(
        b"PID|1|\xFF\xFE\rOBR|1|G123498654321|5\rOBX|1|NM|13|ALT|32|U/L||N|||F\r",
    );
    let reading = analyser("mindray-bs").read(&bytes);
    assert!(!reading.faults.is_empty());
    assert_eq!(reading.faults[0].offset, bytes.iter().position(|b| *b == 0xFF).unwrap());
    assert_eq!(reading.donations[0].as_str(), "G123498654321");
}

#[test]
fn bytes_without_structure_still_name_their_donations() {
    let analyser = analyser("roche-cobas-e601");
    let torn = b"23498654329|7^1|\x00 \xFF=G12349865432100|junk G123498654322\tXG123498654323";
    let reading = analyser.read(torn);
    let named: Vec<&str> = reading.donations.iter().map(|din| din.as_str()).collect();
    assert_eq!(named, ["G123498654321", "G123498654322"]);
    assert!(!reading.faults.is_empty());
}

#[test]
fn an_empty_delivery_is_a_fault() {
    for bytes in [&b""[..], b"\r", b"   ", b"\0\0"] {
        for name in ["roche-cobas-e601", "mindray-bs"] {
            assert!(!analyser(name).read(bytes).faults.is_empty(), "{bytes:?}");
        }
    }
}

#[test]
fn an_instruments_comment_is_quoted_up_to_its_bound() {
    for (length, quoted) in [(64, 64), (65, 64)] {
        let sent = e601("G123498654321", &format!("-1^0.4|COI||N{AFTER_FLAGS}"));
        let sent = sent.replace("C|1|I|0|I", &format!("C|1|I|{}|I", "x".repeat(length)));
        let reading = analyser("roche-cobas-e601").read(sent.as_bytes());
        let [concern] = &one(&reading).concerns[..] else { panic!("{reading:?}") };
        assert_eq!((&*concern.code, concern.effect), ("ALARM", Effect::Holds));
        assert_eq!(concern.text.matches('x').count(), quoted);
    }
}

#[test]
fn a_result_without_its_data_alarm_is_held() {
    let sent = e601("G123498654321", &format!("-1^0.4|COI||N{AFTER_FLAGS}"));
    let reading = analyser("roche-cobas-e601").read(sent.replace("C|1|I|0|I\r", "").as_bytes());
    assert_eq!(one(&reading).concerns.len(), 1);
    assert_eq!(one(&reading).concerns[0].effect, Effect::Holds);
}

#[test]
fn the_verdict_record_is_the_verdict_in_whatever_order_it_comes() {
    let record = |aspect: &str, code: &str, value: &str, unit: &str| {
        format!("R|1|^^^{code}^X^UNDILUTED^P^L1^S1^^{aspect}|{value}|{unit}||||F\r")
    };
    let head = "H|\\^&\rP|1\rO|1|G123498654321||^^^380^X^UNDILUTED^P|||||||||||||||||||||F\r";
    let sent = [
        head.to_owned(),
        record("I", "380", "Reactive", ""),
        record("F", "700", "0.2", "S/CO"),
        record("F", "380", "3.1", "S/CO"),
        record("I", "700", "Nonreactive", ""),
        record("F", "380", "0.1", "S/CO"),
        record("Z", "380", "Nonreactive", ""),
        record("I", "133", "Nonreactive", ""),
        "L|1\r".to_owned(),
    ];
    let analyser = analyser_with("abbott-architect", &[("700", Assay::Hbsag)]);
    let reading = analyser.read(sent.concat().as_bytes());
    let told: Vec<_> = reading
        .observations
        .iter()
        .map(|o| (o.test_code.as_str(), o.value.as_deref(), o.reading, o.unaccounted.len()))
        .collect();
    assert_eq!(
        told,
        [
            ("380", Some("3.1"), Some(Reading::Reactive), 0),
            ("700", Some("0.2"), Some(Reading::Nonreactive), 0),
            ("380", Some("0.1"), None, 0),
            ("380", None, None, 1),
            ("133", None, Some(Reading::Nonreactive), 0),
        ]
    );
    let incomplete = &reading.observations[4].concerns;
    assert_eq!((&*incomplete[0].code, incomplete[0].effect), ("INCOMPLETE", Effect::Holds));
}

/// A header, one order, and what follows it.
fn order(rest: &str) -> Vec<u8> {
    let head = "H|\\^&\rP|1\rO|1|G123498654321|0^5007^1^^S1^SC|^^^515^|R||||||N\r";
    format!("{head}{rest}L|1|N\r").into_bytes()
}

#[test]
fn results_are_read_up_to_the_bound() {
    let result = "R|1|^^^515//not|-1^0.4|COI||N||F\rC|1|I|0|I\r";
    for (sent, read, faults) in [(4_096, 4_096, 0), (4_097, 4_096, 1), (10_000, 4_096, 1)] {
        let reading = analyser("roche-cobas-e601").read(&order(&result.repeat(sent)));
        assert_eq!((reading.observations.len(), reading.faults.len()), (read, faults));
        assert_eq!(reading.donations[0].as_str(), "G123498654321");
    }
}

#[test]
fn unaccounted_pieces_are_listed_up_to_the_bound() {
    for (sent, listed) in [(63, 63), (64, 64), (65, 64), (5_000, 64)] {
        let extra = "^x".repeat(sent);
        let result = format!("R|1|^^^515//not|-1^0.4{extra}|COI||N||F\rC|1|I|0|I\r");
        let reading = analyser("roche-cobas-e601").read(&order(&result));
        assert_eq!(one(&reading).unaccounted.len(), listed, "{sent}");
    }
}

#[test]
fn flags_are_read_up_to_the_bound_and_the_rest_is_unaccounted() {
    // Verdict, status and data alarm are three codes more.
    for (flags, unaccounted) in [(253, 0), (254, 1)] {
        let sent = vec!["N"; flags].join("\\");
        let result = format!("R|1|^^^515|-1^0.4|COI||{sent}||F\rC|1|I|0|I\r");
        let reading = analyser("roche-cobas-e601").read(&order(&result));
        let left = one(&reading).unaccounted.len();
        assert_eq!(left >= 1, unaccounted >= 1, "{flags}: {left}");
    }
}

#[test]
fn specimen_ids_are_read_up_to_the_bound_and_the_rest_is_unaccounted() {
    for (sent, unaccounted) in [(16, 0), (17, 1)] {
        let ids: Vec<String> = (0..sent).map(|n| format!("G1234986543{n:02}")).collect();
        let text = String::from_utf8(order("R|1|^^^515|-1^0.4|COI||N||F\rC|1|I|0|I\r")).unwrap();
        let text = text.replace("G123498654321", &ids.join("\\"));
        let reading = analyser("roche-cobas-e601").read(text.as_bytes());
        assert_eq!(one(&reading).unaccounted.len(), unaccounted);
        assert_eq!(reading.donations.len(), sent, "all are named, as bytes if not as ids");
    }
}

#[test]
fn faults_are_listed_up_to_the_bound() {
    for (sent, listed) in [(999, 999), (1_000, 1_000), (1_001, 1_000)] {
        let text = format!("H|\\^&\rP|1\r{}L|1|N\r", "R|1|^^^515|-1^0.4\r".repeat(sent));
        let reading = analyser("roche-cobas-e601").read(text.as_bytes());
        assert_eq!(reading.faults.len(), listed, "{sent}");
    }
}

#[test]
fn a_marking_that_was_not_sent_is_not_a_donors() {
    let rest = "OBR|1|G123498654321|5\rOBX|1|NM|13|ALT|32|U/L||N|||F\r";
    for (marks, kind) in [
        ("P|2.3.1||||0||ASCII", SpecimenKind::Donor),
        ("P|2.3.1||||||ASCII", SpecimenKind::Other),
        ("|2.3.1||||0||ASCII", SpecimenKind::Other),
    ] {
        let sent = format!("MSH|^~\\&|X|Y|||20260105||ORU^R01|1|{marks}\r{rest}");
        let reading = analyser("mindray-bs").read(sent.as_bytes());
        let observation = one(&reading);
        assert_eq!(observation.kind, kind, "{marks}");
        assert_eq!(observation.unaccounted.is_empty(), kind == SpecimenKind::Donor, "{marks}");
    }
}

/// The beginning of a message of the cobas 6800: one specimen in its container.
const SPECIMEN: &str = "MSH|^~\\&|X800 DM||HOST||20260105131145+0800||OUL^R22^OUL_R22|1|P|2.5.1|||\
    NE|AL||UNICODE UTF-8|||LAB-29^IHE\r\
    SPM|1|G123498654321&ROCHE||PLAS^plasma^HL70487|||||||P^^HL70369\r\
    SAC|||G123498654321|||||||S01|1\r";

#[test]
fn a_specimen_without_a_result_is_a_fault_that_names_it() {
    let reading = analyser("roche-cobas-6800").read(SPECIMEN.as_bytes());
    assert!(reading.faults[0].text.contains("a specimen without a result"), "{reading:?}");
    assert_eq!(reading.donations[0].as_str(), "G123498654321");
}

#[test]
fn one_thing_that_is_said_twice_differently_is_unaccounted() {
    let result = "OBR||\"\"||74856-6^MPX^LN\rOBX|1|ST|HIV^HIV^99ROC|1|Non-Reactive|||NR^^99ROC|||F\
        |||||OPER01||c6800^Roche|20260105120000||6-504-260105-0001||||||||RSLT\r";
    for (second, left) in [("S01", 0), ("S02", 1)] {
        let again = format!("SAC|||G123498654321|||||||{second}|1\r");
        let sent = format!("{SPECIMEN}{again}{result}");
        let reading = analyser("roche-cobas-6800").read(sent.as_bytes());
        let unaccounted = &one(&reading).unaccounted;
        assert_eq!(unaccounted.len(), left, "{second}: {unaccounted:?}");
        assert!(unaccounted.iter().all(|piece| piece.text == second), "{unaccounted:?}");
    }
}

#[test]
fn a_record_that_the_profile_does_not_know_is_a_fault() {
    let lis02 = e601("G123498654321", &format!("-1^0.4|COI||N{AFTER_FLAGS}"));
    let hl7 = "MSH|^~\\&|X|Y|||20260105||ORU^R01|1|P|2.3.1||||0||ASCII\r\
               OBR|1|G123498654321|5\rOBX|1|NM|13|ALT|32|U/L||N|||F\r";
    for (profile, sent, record) in [
        ("roche-cobas-e601", lis02.replace("L|1|N", "S|1|new\rL|1|N"), "\"S\""),
        ("mindray-bs", format!("{hl7}ZZZ|1|new\r"), "\"ZZZ\""),
    ] {
        let reading = analyser(profile).read(sent.as_bytes());
        assert_eq!(reading.faults.len(), 1, "{reading:?}");
        assert!(reading.faults[0].text.contains(record), "{:?}", reading.faults);
        assert_eq!(reading.donations[0].as_str(), "G123498654321");
    }
}

#[test]
fn an_escape_that_nobody_knows_is_unaccounted() {
    for (unit, left) in [("U\\E\\L", 0), ("U\\Q\\L", 1)] {
        let sent = format!(
            "MSH|^~\\&|X|Y|||20260105||ORU^R01|1|P|2.3.1||||0||ASCII\r\
             OBR|1|G123498654321|5\rOBX|1|NM|13|ALT|32|{unit}||N|||F\r"
        );
        let reading = analyser("mindray-bs").read(sent.as_bytes());
        assert_eq!(one(&reading).unaccounted.len(), left, "{unit}: {reading:?}");
    }
}
