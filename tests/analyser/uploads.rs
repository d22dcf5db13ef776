//! `[upload]`: what must be refused, what is written, and that a profile reads what it says is
//! sent.

use hemogate::analyser::{
    Analyser, Meant, MeantOutcome, MeantQuestion, MeantResult, MeantSpecimen, Profile, Unsendable,
    shipped, shipped_names,
};
use hemogate::domain::{Assay, Reading, SpecimenKind};
use hemogate::limits;
use jiff::civil::datetime;

use crate::bench::{STAMP, analyser, lines, profiled};

/// A shipped profile with one thing changed: in its `[upload]`, or before it.
fn changed(name: &str, from: &str, to: &str) -> String {
    let text = shipped(name).unwrap();
    let (before, upload) = text.split_once("[upload]").unwrap();
    let upload = format!("[upload]{upload}");
    match upload.contains(from) {
        true => format!("{before}{}", upload.replacen(from, to, 1)),
        false => {
            assert!(before.contains(from), "{from:?} is not in {name}");
            format!("{}{upload}", before.replacen(from, to, 1))
        }
    }
}

fn faults(text: &str) -> Vec<String> {
    match Profile::parse("it.toml", text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

fn donor(results: Vec<MeantResult>) -> MeantSpecimen {
    MeantSpecimen {
        id: "G123498654321".to_owned(),
        kind: SpecimenKind::Donor,
        rack: Some("5007".to_owned()),
        position: Some("1".to_owned()),
        results,
    }
}

fn result(assay: Assay, outcome: MeantOutcome) -> MeantResult {
    MeantResult {
        assay,
        outcome,
        completed: datetime(2026, 1, 5, 11, 56, 17, 0),
        replicate: None,
        lot: None,
        operator: Some("OPER01".to_owned()),
        wording: 0,
    }
}

fn marker(assay: Assay, reading: Reading, number: &str) -> MeantResult {
    result(assay, MeantOutcome::Reading(reading, Some(number.parse().unwrap())))
}

fn quantity(number: &str) -> MeantResult {
    result(Assay::Alt, MeantOutcome::Quantity(number.parse().unwrap()))
}

fn sent(analyser: &Analyser, specimens: Vec<MeantSpecimen>) -> Vec<String> {
    let messages = analyser.upload(&Meant { specimens }, STAMP).unwrap();
    messages.iter().map(|message| lines(message)).collect()
}

fn refused(analyser: &Analyser, specimen: MeantSpecimen) -> Unsendable {
    analyser.upload(&Meant { specimens: vec![specimen] }, STAMP).unwrap_err()
}

#[test]
fn every_shipped_profile_reads_what_it_says_is_sent() {
    let mut told = Vec::new();
    for analyser in shipped_names().map(analyser).filter(Analyser::sends) {
        let name = analyser.profile().name();
        told.extend(analyser.proof().into_iter().map(|line| format!("{name}: {line}")));
    }
    assert_eq!(told, Vec::<String>::new());
}

/// A profile, what is replaced in it, and what the proof must say.
const UNPROVEN: &[(&str, &str, &str, &str)] = &[
    (
        "roche-cobas-e601",
        "rack = \"O.4.2\"",
        "rack = \"O.4.4\"",
        "rack: meant Some(\"1\"), read None",
    ),
    (
        "roche-cobas-e601",
        "\"-1\" = \"nonreactive\", \"0\" = \"grey_zone\"",
        "\"0\" = \"nonreactive\", \"-1\" = \"grey_zone\"",
        "nonreactive: reading: meant Some(Nonreactive), read Some(GreyZone)",
    ),
    ("roche-cobas-e601", "//not|{reading}", "//not|+{reading}", "is unaccounted"),
    ("snibe-maglumi", "||{unit}||||X", "|0.01|{unit}||||F", "failed: counts: meant false"),
    ("roche-cobas-e601", "^^QC^SC|{codes}|R||||||Q", "^^S1^SC|{codes}|R||||||N", "kind: meant"),
    ("roche-cobas-e601", "{completed}||E11", "{completed:.6}||E11", "completed: meant"),
    ("roche-cobas-e601", "|TSREQ^REAL", "|TSUP^REAL", "not read as one about specimens"),
    (
        "roche-cobas-e601",
        "rack = \"Q.3.5\"\nposition = \"Q.3.6\"",
        "rack = \"Q.3.6\"\nposition = \"Q.3.5\"",
        "a question: rack: meant Some(\"3\"), read Some(\"4\")",
    ),
    ("roche-cobas-e601", "unit = \"R.5\"\n", "", "unit: meant Some(\"COI\"), read None"),
    ("roche-cobas-e601", "{id:>22}|0^", "{id:>22}1|0^", "was not read"),
    (
        "ortho-vision",
        "A = \"A\", B = \"B\"",
        "A = \"B\", B = \"A\"",
        "reading: meant Some(Abo(A)), read Some(Abo(B))",
    ),
    ("mindray-bs", "|{number}|{unit}|0-40|N", "|1{number}|{unit}|0-40|N", "number: meant"),
    ("mindray-bs", "0-40|N|||F", "0-40|N|||P", "status: meant Some(Final)"),
    ("snibe-maglumi", "'L|1|N']\ncode", "'R|9|^^^HBsAg|1', 'L|1|N']\ncode", "nobody meant"),
    ("beckman-au680", "DQ{rack", "D {rack", "kind: meant"),
];

#[test]
fn what_is_read_otherwise_than_it_is_sent_is_told() {
    for (name, from, to, expected) in UNPROVEN {
        let text = changed(name, from, to);
        let told = match faults(&text).as_slice() {
            [] => profiled(&text).proof(),
            faults => faults.to_vec(),
        };
        assert!(told.iter().any(|line| line.contains(expected)), "{from} -> {to}: {told:#?}");
    }
}

/// A profile without one of these is not proven.
#[test]
fn what_a_profile_does_not_say_how_to_send_is_no_proof() {
    let cases = [
        ("[upload.failed]", "[upload.failed] is missing"),
        ("[upload.control]", "[upload.control] is missing"),
        ("[upload.question]", "[upload.question] is missing"),
    ];
    for (table, expected) in cases {
        let text = shipped("diasorin-liaison-xl").unwrap();
        let (before, rest) = text.split_once(table).unwrap();
        let after = rest.find("\n[").map_or("", |at| &rest[at..]);
        let told = profiled(&format!("{before}{after}")).proof();
        assert!(told.iter().any(|line| line.contains(expected)), "{table}: {told:#?}");
    }
    let text = shipped("diasorin-liaison-xl").unwrap();
    let (before, _) = text.split_once("[upload]").unwrap();
    let told = profiled(before).proof();
    assert_eq!(told, ["[upload] is missing: nothing can be proven"]);
}

/// What is replaced in a profile, by what, and the fault that must follow.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("roche-cobas-e601", "{reading}^", "{raeding}^", "{raeding} is not a known placeholder"),
    ("roche-cobas-e601", "{reading}^", "{reading^", "{reading^{number} is not a known"),
    ("roche-cobas-e601", "{id:>22}", "{id:22>}", "is not fitted as"),
    ("roche-cobas-e601", "{reading}^{number}", "^{number}", "{reading} of anti-hcv stands in no"),
    ("roche-cobas-e601", "{reading}^", "{reading.2}^", "has no word for {reading.2}"),
    ("roche-cobas-e601", "|P|1', 'P|1|||||||U", "|P|1{id}{code}', 'P|1|||||||U", "{code} has no"),
    ("roche-cobas-e601", "'L|1|N'", "'Z|1|N'", "\"Z\" is not a record that lis02 has"),
    ("roche-cobas-e601", "footer = ['L|1|N']", "footer = ['C|1']", "must end with an L record"),
    ("roche-cobas-e601", "footer = ['L|1|N']", "", "footer is missing"),
    ("roche-cobas-e601", "H|\\^&|||cobas", "H~~~~|||cobas", "declares its delimiters"),
    ("roche-cobas-e601", "{operator}|", "{order_id}|", "{order_id} has no value in this"),
    ("roche-cobas-e601", "^^{id:>22}^40", "^^^40", "a question has a place for {id}"),
    ("abbott-architect", "message = \"result\"", "message = \"rack\"", "must be \"result\","),
    ("abbott-architect", "grey_zone = \"Gray", "gray_zone = \"Gray", "is not a reading"),
    ("abbott-architect", "reactive = \"Nonreactive\"", "reactive = []", "has no word"),
    ("mindray-bs", "alt = \"U/L\"", "hbsag = \"U/L\"", "is not an assay of [tests]"),
    ("mindray-bs", "|{number}|{unit}|0-40|N", "||{unit}|0-40|N", "{number} of alt stands in no"),
    ("ortho-vision", "together = [\"abo\"", "together = [\"abc\"", "is not an assay of [tests]"),
    ("beckman-pk7300", "[upload.only.abo]", "[upload.only.alt]", "is not an assay of [tests]"),
    ("hitachi-7180", "{count:>3}", "{order_id:>3}", "{order_id} has no value in this line"),
];

#[test]
fn what_could_not_be_sent_is_refused_with_its_line_and_reason() {
    for (name, from, to, expected) in WRONG {
        let faults = faults(&changed(name, from, to));
        let told = faults.iter().any(|fault| fault.contains(expected));
        assert!(told, "{name}: {from} -> {to}: {faults:#?}");
        assert!(faults.iter().all(|fault| fault.starts_with("it.toml:")), "{faults:#?}");
    }
}

#[test]
fn a_tube_is_sent_as_the_transcripts_have_it() {
    let e601 = analyser("roche-cobas-e601");
    let results = vec![
        marker(Assay::AntiHcv, Reading::Nonreactive, "0.035"),
        marker(Assay::Hiv, Reading::Reactive, "3.25"),
        result(Assay::Hbsag, MeantOutcome::Failed),
    ];
    let order = "O|1|         G123498654321|0^5007^1^^S1^SC|^^^286^\\^^^111^\\^^^515^|R||||||N\
                 ||||1|||||||20260105120000|||F";
    let expected = "\
H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1
P|1|||||||U||||||^
ORDER
C|1|I|                              ^^^^|G
R|1|^^^286//not|-1^0.035|COI||N||F||OPER01|20260105115617||E11
C|1|I|0|I
R|2|^^^111//not|1^3.25|COI||N||F||OPER01|20260105115617||E11
C|1|I|0|I
R|3|^^^515//not|       |COI||||F||OPER01|20260105115617||E11
C|1|I|51|I
L|1|N
";
    assert_eq!(sent(&e601, vec![donor(results)]), [expected.replace("ORDER", order)]);
}

/// What is put in is no delimiter, and codes keep theirs.
#[test]
fn delimiters_in_what_is_told_are_escaped() {
    let liaison = analyser("diasorin-liaison-xl");
    let mut specimen = donor(vec![marker(Assay::Hiv, Reading::Nonreactive, "0.1")]);
    specimen.id = "A|1^2&".to_owned();
    let [message] = sent(&liaison, vec![specimen]).try_into().unwrap();
    assert!(message.contains("O|1|A&F&1&S&2&E&||^^^HIV|"), "{message}");
}

#[test]
fn a_message_holds_a_result_a_tube_or_a_rack() {
    let results = || {
        let clean = |assay| marker(assay, Reading::Nonreactive, "0.01");
        vec![clean(Assay::Hbsag), clean(Assay::Hiv)]
    };
    for (word, messages, orders) in [("result", 4, 4), ("specimen", 2, 2), ("load", 1, 2)] {
        let from = "[upload]\n";
        let to = format!("[upload]\nmessage = \"{word}\"\n");
        let analyser = profiled(&changed("diasorin-liaison-xl", from, &to));
        let sent = sent(&analyser, vec![donor(results()), donor(results())]);
        let count = sent.iter().flat_map(|message| message.lines()).filter(|l| l.starts_with("O|"));
        assert_eq!((sent.len(), count.count()), (messages, orders), "{word}: {sent:#?}");
        assert_eq!(analyser.proof(), Vec::<String>::new(), "{word}");
    }
}

/// A control's header differs: it does not stand under a donor's.
#[test]
fn tubes_under_different_headers_do_not_share_a_message() {
    let text = changed("mindray-cl", "[upload]\n", "[upload]\nmessage = \"load\"\n");
    let results = || vec![marker(Assay::Hbsag, Reading::Nonreactive, "0.01")];
    let control = || MeantSpecimen {
        id: "CTRL-1".to_owned(),
        kind: SpecimenKind::Control,
        ..donor(results())
    };
    let sent = sent(&profiled(&text), vec![donor(results()), control(), control()]);
    let kinds: Vec<_> = sent.iter().map(|text| text.split('|').nth(11).unwrap()).collect();
    assert_eq!(kinds, ["PR", "QR"]);
}

#[test]
fn what_is_only_sent_together_is_not_sent_alone() {
    let vision = analyser("ortho-vision");
    let abo = vision.outcomes(Assay::Abo)[0];
    let refusal = refused(&vision, donor(vec![result(Assay::Abo, abo)]));
    assert_eq!(refusal, Unsendable::Apart(Assay::Rhd));
    let rhd = vision.outcomes(Assay::Rhd)[0];
    let both = donor(vec![result(Assay::Rhd, rhd), result(Assay::Abo, abo)]);
    let [message] = sent(&vision, vec![both]).try_into().unwrap();
    let abo_first = message.find("R|1|ABO|").unwrap() < message.find("R|2|Rh|").unwrap();
    assert!(abo_first, "{message}");
}

/// A text cut by widths would be read as something else.
#[test]
fn nothing_bursts_its_place_in_a_text_cut_by_widths() {
    let au = analyser("beckman-au680");
    let [fits] = sent(&au, vec![donor(vec![quantity("1234.5")])]).try_into().unwrap();
    assert!(fits.ends_with("    E13 1234.5  "), "{fits:?}");
    let refusal = refused(&au, donor(vec![quantity("12345.5")]));
    assert_eq!(refusal, Unsendable::Bursts("12345.5".to_owned()));
    let long = MeantSpecimen { rack: Some("12345".to_owned()), ..donor(vec![quantity("20.0")]) };
    assert_eq!(refused(&au, long), Unsendable::Bursts("12345".to_owned()));
}

#[test]
fn what_the_profile_has_no_words_for_is_not_sent_as_something_else() {
    let cobas = analyser("roche-cobas-6800");
    let grey = result(Assay::WnvRna, MeantOutcome::Reading(Reading::GreyZone, None));
    let refusal = refused(&cobas, donor(vec![grey]));
    assert_eq!(refusal, Unsendable::NoWord(Assay::WnvRna, Reading::GreyZone));
    let e601 = analyser("roche-cobas-e601");
    let unknown = refused(&e601, donor(vec![quantity("20.0")]));
    assert_eq!(unknown, Unsendable::NoCode(Assay::Alt));
    let kind = SpecimenKind::Calibration;
    let calibrator = MeantSpecimen { kind, ..donor(vec![]) };
    assert_eq!(refused(&e601, calibrator), Unsendable::Kind(kind));
}

/// Lines for failed results and lines for controls: which of them a failed control has, only the
/// profile can say.
#[test]
fn a_failed_control_is_sent_only_in_lines_of_its_own() {
    let failed = || MeantSpecimen {
        id: "PCHBSG2".to_owned(),
        kind: SpecimenKind::Control,
        ..donor(vec![result(Assay::Hbsag, MeantOutcome::Failed)])
    };
    let refusal = refused(&analyser("roche-cobas-e601"), failed());
    assert_eq!(refusal, Unsendable::NoLines("[upload.control.failed] is missing"));
    let test = "['R|{n}|^^^{code}//not|       |||||X', 'C|1|I|9|I']";
    let own = format!("[upload.control.failed]\ntest = {test}\n\n");
    let text = changed("roche-cobas-e601", "[upload.question]", &format!("{own}[upload.question]"));
    let [message] = sent(&profiled(&text), vec![failed()]).try_into().unwrap();
    assert!(message.contains("^^QC^SC|"), "{message}");
    assert!(message.contains("R|1|^^^515//not|       |||||X"), "{message}");
}

/// Two runs that failed are two, also where the order alone says so.
#[test]
fn each_run_that_failed_is_told() {
    let centaur = analyser("siemens-advia-centaur");
    let failed = || result(Assay::Hbsag, MeantOutcome::Failed);
    let meant = Meant { specimens: vec![donor(vec![failed(), failed()])] };
    let messages = centaur.upload(&meant, STAMP).unwrap();
    let read: Vec<_> = messages.iter().map(|message| centaur.read(message)).collect();
    assert_eq!(read.iter().map(|reading| reading.observations.len()).sum::<usize>(), 2);
    assert_eq!(centaur.differences(&meant, &read), Vec::<String>::new());
}

/// Numbers are written as the profile says that they are read.
#[test]
fn numbers_are_sent_in_the_profiles_format() {
    let formats = [
        ("decimal = \",\"", "1234567,5"),
        ("thousands = \",\"", "1,234,567.5"),
        ("decimal = \",\"\nthousands = \".\"", "1.234.567,5"),
    ];
    for (format, written) in formats {
        let to = format!("[number_format]\n{format}\n\n[upload]\n");
        let analyser = profiled(&changed("mindray-bs", "[upload]\n", &to));
        let meant = Meant { specimens: vec![donor(vec![quantity("1234567.5")])] };
        let messages = analyser.upload(&meant, STAMP).unwrap();
        let [message] = messages.as_slice() else { panic!() };
        let text = lines(message);
        assert!(text.contains(&format!("|{written}|U/L|")), "{text}");
        let read: Vec<_> = messages.iter().map(|message| analyser.read(message)).collect();
        assert_eq!(analyser.differences(&meant, &read), Vec::<String>::new(), "{format}");
    }
}

#[test]
fn every_word_for_a_reading_is_sent_in_its_turn() {
    let architect = analyser("abbott-architect");
    let words = (0..4).map(|wording| {
        let clean = marker(Assay::Tp, Reading::Nonreactive, "0.1");
        let [message] = sent(&architect, vec![donor(vec![MeantResult { wording, ..clean }])])
            .try_into()
            .unwrap();
        let line = message.lines().find(|line| line.starts_with("R|2|")).unwrap();
        line.split('|').nth(3).unwrap().to_owned()
    });
    let words: Vec<String> = words.collect();
    assert_eq!(words, ["Nonreactive", "NONREACTIVE", "Negative", "Nonreactive"]);
}

#[test]
fn a_question_is_asked_as_the_transcripts_have_it() {
    let e601 = analyser("roche-cobas-e601");
    let asked = MeantQuestion {
        id: "G123498654321".to_owned(),
        rack: Some("5007".to_owned()),
        position: Some("5".to_owned()),
    };
    let question = e601.question(&asked, STAMP).unwrap().unwrap();
    let expected = "\
H|\\^&|||cobas6000^1|||||host|TSREQ^REAL|P|1
Q|1|^^         G123498654321^40^5007^5^^S1^SC||ALL||||||||O
L|1|N
";
    assert_eq!(lines(&question), expected);
    assert_eq!(analyser("beckman-pk7300").question(&asked, STAMP), Ok(None));
}

#[test]
fn a_place_has_a_bound() {
    let most = limits::HOLE_WIDTH_MAX;
    let wide = |width: usize| {
        faults(&changed("roche-cobas-e601", "{id:>22}|0", &format!("{{id:>{width}}}|0")))
    };
    assert_eq!(wide(most), Vec::<String>::new());
    assert!(wide(most + 1)[0].contains("is not fitted as"));
}
