//! Queries, answers and lines in profiles: what must be refused, and what they say.

use std::time::Duration;

use hemogate::analyser::{Dialect, Framing, LinkHabits, Profile, shipped};
use hemogate::document::Fault;
use hemogate::limits;

use crate::bench::{SMALL, USUAL_ANSWER, analyser};

const QUERY: &str = r#"
[query]
answer_within_s = 10
specimen_id = ["Q.3.2"]
rack = "Q.3.3"
until = "Q.4.2"
codes = "Q.5.4"

[query.echo]
host = "H.10"

[query.specimen_echo]
sequence = "Q.3.4"

[[query.kind]]
path = "Q.13"
codes = { "" = "specimens", A = "cancel" }

[[query.ignore]]
paths = ["Q.6"]
why = "dates"
"#;

fn whole() -> String {
    format!("{SMALL}{QUERY}{USUAL_ANSWER}")
}

fn faults(text: &str) -> Vec<String> {
    match Profile::parse("small.toml", text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

/// What is replaced in the whole profile, by what, and the fault that must follow.
const WRONG: &[(&str, &str, &str)] = &[
    ("answer_within_s = 10\n", "", "answer_within_s is missing"),
    ("answer_within_s = 10", "answer_within_s = 0", "is not between 1 and 300"),
    ("specimen_id = [\"Q.3.2\"]", "", "specimen_id is missing: where is the tube's number?"),
    ("rack = \"Q.3.3\"", "rack = \"Q.3.2\"", "is already read for something else"),
    ("rack = \"Q.3.3\"", "rack = \"X.3\"", "is not a record that lis02 has"),
    ("rack = \"Q.3.3\"", "rack = \"Q\"", "names a record but no field"),
    ("rack = \"Q.3.3\"", "racks = \"Q.3.3\"", "is not a known key"),
    ("A = \"cancel\"", "A = \"stop\"", "is not a kind of query"),
    ("paths = [\"Q.6\"]", "paths = [\"Q.5\"]", "is read here and ignored elsewhere"),
    ("why = \"dates\"", "why = \" \"", "say why it may be ignored"),
    ("host = \"H.10\"", "id = \"H.10\"", "has a meaning of its own"),
    ("[query.echo]", "[query.echos]", "is not a known key"),
    ("'H|\\^&'", "'H|\\^&|||{hist}'", "{hist} is not a known placeholder"),
    ("'H|\\^&'", "'H|\\^&|||{host'", "a placeholder is not closed"),
    ("'H|\\^&', 'P|1'", "'P|1'", "must begin with a header"),
    ("'H|\\^&'", "'H|||&'", "must begin with a header"),
    ("header = ['H|\\^&', 'P|1']\n", "", "header is missing"),
    ("footer = ['L|1|N']", "footer = ['P|1']", "footer must end with an L record"),
    ("footer = ['L|1|N']", "footer = ['Y|1', 'L|1|N']", "is not a record that lis02 has"),
    ("O|{n}|{id}||", "O|{n}|||", "no line of specimen or test has a place for {id}"),
    ("||{codes}'", "||'", "write {codes} in a line of specimen"),
    ("||{codes}'", "||{code}'", "{code} has no value in this line"),
    ("'^^^{code}'", "'^^^1'", "with {code} in it"),
    ("'^^^{code}'", "'^^^{code}^{count}'", "goes with duplicates = \"counted\""),
    ("duplicates = \"each\"", "duplicates = \"counted\"", "goes with duplicates = \"counted\""),
    ("duplicates = \"each\"", "duplicates = \"all\"", "must be \"each\", \"counted\" or"),
    ("duplicates = \"each\"\n", "", "duplicates is missing"),
    ("duplicates = \"each\"", "duplicates = \"each\"\nspecimens_per_message = \"two\"", "must be"),
    ("'H|\\^&'", "'H|\\^&||{id}'", ""),
    (
        "duplicates = \"each\"",
        "duplicates = \"each\"\n[answer.none]\nreply = ['H|\\^&']",
        "reply must be given for every answer",
    ),
    (
        "duplicates = \"each\"",
        "duplicates = \"each\"\n[answer.none]\nheader = ['H|\\^&']\nfooter = ['L|1']\n\
         code = '{code}'",
        "there are no tests here",
    ),
];

#[test]
fn what_could_write_or_read_wrongly_is_refused() {
    assert_eq!(faults(&whole()), Vec::<String>::new());
    for (from, to, fault) in WRONG {
        let text = whole();
        assert!(text.contains(from), "{from}");
        let found = faults(&text.replacen(from, to, 1));
        match fault.is_empty() {
            true => assert!(found.is_empty(), "{to}: {found:?}"),
            false => assert!(found.iter().any(|f| f.contains(fault)), "{to}: {found:?}"),
        }
    }
}

#[test]
fn a_specimens_values_stand_outside_of_its_lines_only_where_it_is_alone() {
    let many = whole()
        .replace("'H|\\^&'", "'H|\\^&||{id}'")
        .replace("duplicates", "specimens_per_message = \"many\"\nduplicates");
    assert!(faults(&many)[0].contains("{id} has no value in this line"), "{:?}", faults(&many));
}

#[test]
fn a_fault_of_a_line_is_told_at_that_line() {
    let text = whole().replace("'P|1'", "'P|1|{who}'");
    let line = text.lines().position(|line| line.contains("{who}")).unwrap() + 1;
    assert!(faults(&text)[0].starts_with(&format!("small.toml:{line}:")), "{:?}", faults(&text));
}

#[test]
fn queries_and_answers_go_together() {
    let unanswered = faults(&format!("{SMALL}{QUERY}"));
    assert!(unanswered[0].contains("[answer] is missing"), "{unanswered:?}");
    let unasked = faults(&format!("{SMALL}{USUAL_ANSWER}"));
    assert!(unasked[0].contains("there is no [query] to answer"), "{unasked:?}");
    let order = USUAL_ANSWER.replace("[answer]", "[order]");
    assert!(faults(&format!("{SMALL}{order}")).is_empty());
    let echoing = order.replace("'H|\\^&'", "'H|\\^&|||||||{host}'");
    let found = faults(&format!("{}{echoing}", whole()));
    let unknown = |fault: &String| fault.contains("{host} is not a known placeholder");
    assert!(found.iter().any(unknown), "nobody asked: {found:?}");
    let replying = order.replace("header", "reply = ['H|\\^&']\nheader");
    assert!(faults(&format!("{SMALL}{replying}"))[0].contains("nobody asked"));
}

#[test]
fn only_codes_that_are_understood_can_be_ordered() {
    let with = |more: &str| faults(&format!("{}{more}", whole()));
    assert!(with("[order_codes]\nhbsag = \"1\"\n").is_empty());
    assert!(with("[panels]\nP = [\"hbsag\"]\n[order_codes]\nhbsag = \"P\"\n").is_empty());
    assert!(with("[order_codes]\nhbsag = \"X\"\n")[0].contains("neither a test code nor a panel"));
    assert!(with("[order_codes]\nhbsug = \"1\"\n")[0].contains("is not an assay"));
}

fn link(dialect: &str, keys: &str) -> Result<LinkHabits, Vec<String>> {
    let text = match dialect {
        "hl7" => shipped("mindray-bs").unwrap().to_owned(),
        _ => SMALL.to_owned(),
    };
    let text = format!("{text}\n[link]\n{keys}\n");
    let told = |faults: Vec<Fault>| faults.iter().map(ToString::to_string).collect();
    Profile::parse("small.toml", &text).map(|profile| profile.link()).map_err(told)
}

#[test]
fn every_habit_of_a_line_can_be_said() {
    let usual = link("lis02", "").unwrap();
    assert_eq!((usual.framing, usual.next_frame_wait), (Framing::Lis01, Duration::from_secs(30)));
    let habits = [usual.acknowledge_contention, usual.restart_on_enquiry];
    assert_eq!(habits, [false, false]);
    let said = link(
        "lis02",
        "framing = \"lis01\"\nframe_text = 1000\nrecords_per_frame = \"many\"\n\
         acknowledge_contention = true\nrestart_on_enquiry = true\nyields_to_interrupt = true\n\
         honours_interrupt = true\nnext_frame_wait_s = 15",
    )
    .unwrap();
    assert_eq!((said.frame_text_max, said.packed), (1000, true));
    assert!(said.acknowledge_contention && said.restart_on_enquiry);
    assert!(said.yields_to_interrupt && said.honours_interrupt);
    assert_eq!(said.next_frame_wait, Duration::from_secs(15));
    let framing = |dialect, word: &str| link(dialect, &format!("framing = \"{word}\""));
    assert_eq!(framing("lis02", "records").unwrap().framing, Framing::BareRecords);
    assert_eq!(framing("lis02", "stx-etx").unwrap().framing, Framing::StxEtx);
    assert_eq!(framing("hl7", "mllp").unwrap().framing, Framing::Mllp);
    assert_eq!(framing("hl7", "mllp-commit").unwrap().framing, Framing::MllpCommit);
    let wait = link("hl7", "acknowledgement_wait_s = 5").unwrap();
    assert_eq!(wait.acknowledgement_wait, Duration::from_secs(5));
}

#[test]
fn a_habit_that_the_line_cannot_have_is_refused() {
    let longest = limits::LINK_WAIT_MAX.as_secs();
    let wait = |seconds| link("lis02", &format!("next_frame_wait_s = {seconds}"));
    assert_eq!(wait(longest).unwrap().next_frame_wait, limits::LINK_WAIT_MAX);
    for (dialect, keys, fault) in [
        ("lis02", format!("next_frame_wait_s = {}", longest + 1), "is not between"),
        ("lis02", "framing = \"mllp\"".to_owned(), "does not carry lis02"),
        ("hl7", "framing = \"lis01\"".to_owned(), "one of mllp, mllp-commit"),
        ("hl7", "frame_text = 240".to_owned(), "frame_text means nothing"),
        ("hl7", "yields_to_interrupt = true".to_owned(), "means nothing"),
        ("lis02", "acknowledgement_wait_s = 5".to_owned(), "means nothing"),
        ("lis02", "framing = \"records\"\nframe_text = 240".to_owned(), "means nothing"),
        ("lis02", "framing = \"stx-etx\"\nhonours_interrupt = true".to_owned(), "means nothing"),
        ("lis02", "acknowledge_contention = 1".to_owned(), "expected true or false"),
    ] {
        let found = link(dialect, &keys).unwrap_err();
        assert!(found.iter().any(|f| f.contains(fault)), "{keys}: {found:?}");
    }
}

#[test]
fn a_wait_for_an_answer_has_a_bound() {
    let with = |seconds: u64| {
        faults(&whole().replace("answer_within_s = 10", &format!("answer_within_s = {seconds}")))
    };
    let longest = limits::ANSWER_WITHIN_MAX.as_secs();
    assert!(with(longest).is_empty());
    assert!(with(longest + 1)[0].contains("is not between"));
}

#[test]
fn every_analyser_says_how_long_it_waits() {
    for (name, seconds) in [
        ("roche-cobas-e411", 15),
        ("roche-cobas-e601", 25),
        ("roche-cobas-c501", 25),
        ("roche-modular", 25),
        ("ortho-vitros-3600", 10),
        ("ortho-vitros-eciq", 10),
        ("ortho-vitros-51fs", 10),
        ("ortho-vision", 10),
        ("mindray-cl", 4),
    ] {
        assert_eq!(analyser(name).answer_within(), Some(Duration::from_secs(seconds)), "{name}");
    }
}

#[test]
fn a_weak_line_is_told() {
    let told = |keys: &str| {
        let text = format!("{SMALL}[link]\n{keys}\n");
        Profile::parse("small.toml", &text).unwrap().remarks().join("; ")
    };
    assert_eq!(told(""), "");
    assert!(told("framing = \"records\"").contains("nothing protects the bytes"));
    assert!(told("framing = \"stx-etx\"").contains("without a checksum"));
    assert!(told("acknowledge_contention = true").contains("against LIS01-A2"));
    assert!(told("restart_on_enquiry = true").contains("a cut transfer"));
    for name in hemogate::analyser::shipped_names() {
        let profile = crate::bench::profile(name);
        // No file has a check sum.
        assert_eq!(profile.remarks().is_empty(), profile.dialect() != Dialect::Text, "{name}");
    }
}
