//! What is written to analysers: exactly the work, in their own words, for exactly the specimen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use hemogate::analyser::{Analyser, Dialect, OrderMessages, Stamp, shipped_names};
use hemogate::codec::{Message, hl7, lis02};
use hemogate::domain::{
    Ask, AskedId, AskedSpecimen, Assay, DonationNumberScheme, OrderedTest, Query, WorkOrder,
};
use proptest::prelude::*;

use crate::bench::{STAMP, analyser, din, inline, lines, transcript_texts, unplaced, work};

const A: &str = "G123498654321";

/// The query of a shipped analyser's transcript, asked about these ids.
fn asked(name: &str) -> (Analyser, Query) {
    let analyser = analyser(name);
    let query = analyser.read(transcript_texts(name, "query.")[0].as_bytes()).query.unwrap();
    (analyser, query)
}

fn ordered(assay: Assay, ids: &[&str]) -> OrderedTest {
    OrderedTest { assay, order_ids: ids.iter().map(|id| (*id).to_owned()).collect() }
}

fn wanted(query: &Query, tests: Vec<OrderedTest>) -> Vec<WorkOrder> {
    let Ask::Specimens(specimens) = &query.ask else { panic!("{query:?}") };
    let order =
        |specimen: &AskedSpecimen| WorkOrder { specimen: specimen.clone(), tests: tests.clone() };
    specimens.iter().map(order).collect()
}

fn one(answer: &OrderMessages) -> String {
    assert_eq!(answer.messages.len(), 1, "{answer:?}");
    lines(&answer.messages[0].bytes)
}

/// The only O record of an answer of the small analyser.
fn small(answer: &str, tests: Vec<OrderedTest>) -> (Vec<String>, Vec<String>) {
    let analyser = inline("specimen_id = [\"Q.3.2\"]", answer);
    let query = analyser.read(format!("H|\\^&\rQ|1|^{A}\rL|1|N\r").as_bytes()).query.unwrap();
    let answer = analyser.answer(&query, &wanted(&query, tests), STAMP);
    let text = one(&answer);
    let orders = text.lines().filter(|line| line.starts_with("O|")).map(str::to_owned);
    (orders.collect(), answer.messages[0].order_ids.clone())
}

#[test]
fn nothing_but_a_donation_gets_tests() {
    for name in shipped_names().filter(|name| analyser(name).answer_within().is_some()) {
        let (analyser, query) = asked(name);
        let Ask::Specimens(specimens) = &query.ask else { panic!("{query:?}") };
        let text = || A.to_owned();
        for id in [
            AskedId::Blank,
            AskedId::Unread(text()),
            AskedId::Unknown(text()),
            AskedId::Ambiguous(text()),
        ] {
            let specimen = AskedSpecimen { id, ..specimens[0].clone() };
            let query = Query { ask: Ask::Specimens(vec![specimen]), ..query.clone() };
            let work = work(&analyser, &query);
            assert!(!work[0].tests.is_empty());
            let answer = analyser.answer(&query, &work, STAMP);
            assert!(answer.messages.iter().all(|message| message.order_ids.is_empty()), "{name}");
            let all = Query { ask: Ask::All, ..query };
            let answer = analyser.answer(&all, &work, STAMP);
            assert!(answer.messages.iter().all(|message| message.order_ids.is_empty()), "{name}");
            assert!(analyser.announce(&work, STAMP).is_empty());
        }
    }
}

#[test]
fn work_for_another_specimen_or_place_is_not_written() {
    let (analyser, query) = asked("roche-cobas-e411");
    let right = wanted(&query, vec![ordered(Assay::Hiv, &["1"])]);
    assert_eq!(analyser.answer(&query, &right, STAMP).messages[0].order_ids, ["1"]);
    let mut other_donation = right.clone();
    other_donation[0].specimen.id = AskedId::Donation(din("G123498654322"));
    let mut other_place = right.clone();
    other_place[0].specimen.position = Some("6".to_owned());
    for wrong in [other_donation, other_place, vec![]] {
        let answer = analyser.answer(&query, &wrong, STAMP);
        assert!(answer.messages[0].order_ids.is_empty());
        assert!(one(&answer).contains("^^S1^SC||R|"), "{answer:?}");
    }
}

#[test]
fn an_assay_without_a_code_here_is_not_in_the_message() {
    let tests = vec![ordered(Assay::Hbsag, &["1"]), ordered(Assay::WnvRna, &["2"])];
    let (orders, ids) = small("", tests);
    assert_eq!((orders, ids), (vec![format!("O|1|{A}||^^^1")], vec!["1".to_owned()]));
}

#[test]
fn what_was_not_asked_for_is_not_written() {
    let analyser = inline("specimen_id = [\"Q.3.2\"]", "");
    let asks = |codes: &str| {
        let sent = format!("H|\\^&\rQ|1|^{A}||{codes}\rL|1|N\r");
        let query = analyser.read(sent.as_bytes()).query.unwrap();
        let tests = vec![ordered(Assay::Hbsag, &["1"]), ordered(Assay::Alt, &["2"])];
        analyser.answer(&query, &wanted(&query, tests), STAMP).messages[0].order_ids.clone()
    };
    assert_eq!(asks("^^^2"), ["2"]);
    assert_eq!(asks("^^^2\\^^^77"), ["2"]);
    assert_eq!(asks("ALL"), ["1", "2"]);
    assert!(asks("^^^77").is_empty());
}

const EACH_RECORD: &str = r#"
[answer]
header = ['H|\^&', 'P|1']
test = ['O|{n}|{id}||^^^{code}|{order_id}']
footer = ['L|1|N']
duplicates = "each"
"#;

const COUNTED: &str = r#"
[answer]
header = ['H|\^&', 'P|1']
specimen = ['O|{n}|{id}||{codes}']
footer = ['L|1|N']
code = '^^^{code}^{count}'
duplicates = "counted"
"#;

const SINGLE: &str = r#"
[answer]
header = ['H|\^&', 'P|1']
specimen = ['O|{n}|{id}||{codes}']
footer = ['L|1|N']
code = '^^^{code}'
duplicates = "single"
"#;

#[test]
fn several_determinations_are_ordered_as_the_analyser_takes_them() {
    let tests = || vec![ordered(Assay::Hbsag, &["1", "2"]), ordered(Assay::Alt, &["3"])];
    let told = |answer: &str| {
        let (orders, ids) = small(answer, tests());
        (orders.join(" "), ids.join(" "))
    };
    let all = || "1 2 3".to_owned();
    assert_eq!(told(""), (format!("O|1|{A}||^^^1\\^^^1\\^^^2"), all()));
    let records = format!("O|1|{A}||^^^1|1 O|2|{A}||^^^1|2 O|3|{A}||^^^2|3");
    assert_eq!(told(EACH_RECORD), (records, all()));
    assert_eq!(told(COUNTED), (format!("O|1|{A}||^^^1^2\\^^^2^1"), all()));
    // The second waits: it is not in this message.
    assert_eq!(told(SINGLE), (format!("O|1|{A}||^^^1\\^^^2"), "1 3".to_owned()));
}

#[test]
fn each_determination_has_its_own_awos() {
    let (analyser, query) = asked("abbott-alinity-i");
    let tests = vec![ordered(Assay::Hiv, &["X-1", "X-2"])];
    let answer = analyser.answer(&query, &wanted(&query, tests), STAMP);
    let text = one(&answer);
    let obrs: Vec<&str> = text.lines().filter(|line| line.starts_with("OBR|")).collect();
    let expected = ["OBR||X-1||396^HIV Ag/Ab^99ABT", "OBR||X-2||396^HIV Ag/Ab^99ABT"];
    assert_eq!(obrs, expected);
}

#[test]
fn assays_with_one_code_are_ordered_together() {
    let (analyser, query) = asked("roche-cobas-6800");
    let tests = vec![
        ordered(Assay::HivRna, &["1", "2"]),
        ordered(Assay::HcvRna, &["3"]),
        ordered(Assay::WnvRna, &["4"]),
    ];
    let answer = analyser.answer(&query, &wanted(&query, tests), STAMP);
    let text = one(&answer);
    let obrs: Vec<&str> = text.lines().filter(|line| line.starts_with("OBR|")).collect();
    let expected = ["OBR||1||74856-6^MPX^LN", "OBR||2||74856-6^MPX^LN", "OBR||4||74857-4^WNV^LN"];
    assert_eq!(obrs, expected);
    assert_eq!(answer.messages[0].order_ids, ["1", "3", "2", "4"]);
    let nat = vec![ordered(Assay::Nat, &["9"])];
    let answer = analyser.answer(&query, &wanted(&query, nat), STAMP);
    assert!(one(&answer).contains("OBR||9||74856-6^MPX^LN\n"));
}

#[test]
fn what_can_be_ordered_is_what_has_a_code() {
    let of = |name: &str| analyser(name).assays();
    let set = |assays: &[Assay]| assays.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(of("mindray-bs"), set(&[Assay::Alt]));
    assert_eq!(of("ortho-vision"), set(&[Assay::Abo, Assay::Rhd, Assay::AntibodyScreen]));
    let nucleic = [Assay::Nat, Assay::HbvDna, Assay::HcvRna, Assay::HivRna, Assay::WnvRna];
    assert_eq!(of("roche-cobas-6800"), set(&nucleic));
}

/// An answer without work, and one to a query in doubt.
fn idle(name: &str) -> [String; 2] {
    let (analyser, query) = asked(name);
    let told = |query: &Query| {
        let answer = analyser.answer(query, &[], STAMP);
        let all = answer.reply.into_iter().chain(answer.messages.into_iter().map(|m| m.bytes));
        all.map(|bytes| lines(&bytes)).collect::<Vec<_>>().concat()
    };
    let Ask::Specimens(specimens) = &query.ask else { panic!("{query:?}") };
    let id = AskedId::Ambiguous(A.to_owned());
    let doubted = vec![AskedSpecimen { id, ..specimens[0].clone() }];
    [told(&query), told(&Query { ask: Ask::Specimens(doubted), ..query.clone() })]
}

#[test]
fn no_work_is_told_as_each_analyser_wants_it() {
    let centaur = "H|\\^&|||LIS_ID|||||ADVCNT_LIS||P|1\n";
    let expected = [format!("{centaur}L|1|I\n"), format!("{centaur}L|1|Q\n")];
    assert_eq!(idle("siemens-advia-centaur"), expected);
    let e411 = "H|\\^&|||host^1|||||cobas-e411|TSDWN^REPLY|P|1\nP|1\n\
                O|1|G123498654321|40^0^5^^S1^SC||R||||||A||||1||||||||||O\nL|1|N\n";
    assert_eq!(idle("roche-cobas-e411"), [e411, e411]);
    let architect = idle("abbott-architect");
    assert!(architect[0].contains("\nQ|1|^G123498654321||^^^ALL||||||||X\nL|1|N\n"));
    let [none, _] = idle("mindray-bs");
    assert!(none.contains("QCK^Q02") && none.contains("QAK|SR|NF|") && !none.contains("DSR"));
    let [none, bad] = idle("abbott-alinity-i");
    let segments: Vec<&str> = none.lines().map(|line| &line[..3]).collect();
    let expected = ["MSH", "MSA", "QAK", "QPD", "MSH", "SPM", "SAC", "ORC"];
    assert_eq!(segments, expected);
    assert!(none.contains("\nORC|DC||||||||20260105120000\n") && none.contains("|NF|"));
    assert!(bad.contains("MSA|AE|Q-0001\n") && bad.contains("|AE|") && !bad.contains("OML"));
}

#[test]
fn a_specimen_without_work_does_not_end_the_answer_for_the_others() {
    let (analyser, _) = asked("siemens-advia-centaur");
    let text = &transcript_texts("siemens-advia-centaur", "query-several")[0];
    let query = analyser.read(text.as_bytes()).query.unwrap();
    let mut work = wanted(&query, vec![ordered(Assay::Hiv, &["1"])]);
    work[1].tests.clear();
    let text = one(&analyser.answer(&query, &work, STAMP));
    let expected = ["O|1|G123498654321|", "O|2|G123498654323|"];
    let orders = text.lines().filter(|line| line.starts_with("O|"));
    assert!(orders.zip(expected).all(|(order, expected)| order.starts_with(expected)), "{text}");
    assert!(text.ends_with("L|1|F\n") && !text.contains("G123498654322"));
}

#[test]
fn control_ids_are_never_the_same_and_times_are_utc() {
    let (analyser, query) = asked("abbott-alinity-i");
    let ids = |stamp: Stamp| -> Vec<String> {
        let answer = analyser.answer(&query, &work(&analyser, &query), stamp);
        let all = answer.reply.into_iter().chain(answer.messages.into_iter().map(|m| m.bytes));
        all.map(|bytes| lines(&bytes).split('|').nth(9).unwrap().to_owned()).collect()
    };
    assert_eq!(ids(STAMP), ["7", "7.1"]);
    assert_eq!(ids(Stamp { serial: 8, ..STAMP }), ["8", "8.1"]);
    let local = Stamp { time: "2026-01-01T00:30:00+08:00".parse().unwrap(), ..STAMP };
    let answer = analyser.answer(&query, &work(&analyser, &query), local);
    assert!(lines(&answer.reply.unwrap()).contains("|20251231163000+0000|"));
}

#[test]
fn an_id_comes_back_as_it_was_scanned_and_cannot_break_the_message() {
    let analyser = analyser("roche-cobas-e411");
    for (sent, back) in
        [("=G12349865432100", "=G12349865432100"), ("X&F&Y&S&1&E&F", "X&F&Y&S&1&E&F")]
    {
        let q = format!("Q|1|^^{sent}^4&F&0^7^5^^S1^SC||ALL||||||||O");
        let text = format!("H|\\^&|||cobas-e411^1|||||host|TSREQ^REAL|P|1\r{q}\rL|1|N\r");
        let query = analyser.read(text.as_bytes()).query.unwrap();
        let told = one(&analyser.answer(&query, &work(&analyser, &query), STAMP));
        assert!(told.contains(&format!("\nO|1|{back}|4&F&0^7^5^^S1^SC|")), "{told}");
    }
}

#[test]
fn what_is_echoed_whole_is_written_in_our_delimiters() {
    let analyser = analyser("abbott-alinity-i");
    let text = format!(
        "MSH|^~*&|ALINITY|||HOST|20260105120000||QBP^Q11|Q-1|P|2.5.1|||NE|AL||UNICODE UTF-8\r\
         QPD|WOS^a\\b*R*c^IHELAW|T*F*1|{A}\rRCP|I\r"
    );
    let reading = analyser.read(text.as_bytes());
    assert_eq!(reading.faults, []);
    let query = reading.query.unwrap();
    let reply = lines(&analyser.answer(&query, &[], STAMP).reply.unwrap());
    let expected = format!("QPD|WOS^a\\E\\b\\R\\c^IHELAW|T\\F\\1|{A}\n");
    assert!(reply.ends_with(&expected), "{reply}");
}

#[test]
fn what_the_character_set_cannot_hold_is_not_written() {
    let analyser = inline("specimen_id = [\"Q.3.2\"]", "");
    let specimen = |id: &str| AskedSpecimen {
        id: AskedId::Unknown(id.to_owned()),
        rack: None,
        position: None,
        echo: vec![(AskedSpecimen::ID.to_owned(), id.to_owned())],
    };
    let query = |id: &str| Query {
        ask: Ask::Specimens(vec![specimen(id)]),
        codes: Vec::new(),
        echo: Vec::new(),
    };
    let held = analyser.answer(&query("\u{E9}"), &[], STAMP);
    assert!(held.messages[0].bytes.contains(&0xE9), "in ISO 8859-1");
    assert!(analyser.answer(&query("\u{4E2D}"), &[], STAMP).messages.is_empty());
}

#[test]
fn an_hl7_answer_is_written_in_the_character_set_that_it_declares() {
    let id = "\u{4E2D}";
    let specimen = AskedSpecimen {
        id: AskedId::Unknown(id.to_owned()),
        rack: None,
        position: None,
        echo: vec![(AskedSpecimen::ID.to_owned(), id.to_owned())],
    };
    let answered = |name: &str| {
        let (analyser, query) = asked(name);
        let query = Query { ask: Ask::Specimens(vec![specimen.clone()]), ..query };
        let answer = analyser.answer(&query, &[], STAMP);
        answer.messages.into_iter().map(|message| lines(&message.bytes)).collect::<String>()
    };
    assert!(answered("abbott-alinity-i").contains(&format!("SAC|||{id}\n")));
    // One that declares ASCII cannot name this specimen, and does not try.
    let ascii = hemogate::analyser::shipped("abbott-alinity-i").unwrap();
    let ascii = crate::bench::profiled(&ascii.replace("UNICODE UTF-8", "ASCII"));
    let (_, query) = asked("abbott-alinity-i");
    let query = Query { ask: Ask::Specimens(vec![specimen.clone()]), ..query };
    let answer = ascii.answer(&query, &[], STAMP);
    assert!(answer.reply.is_some() && answer.messages.is_empty(), "{answer:?}");
}

const ORDER: &str = r#"
[order]
header = ['H|\^&', 'P|1']
specimen = ['O|{n}|{id}||{codes}']
footer = ['L|1|N']
code = '^^^{code}'
duplicates = "each"
"#;

#[test]
fn work_nobody_asked_for_is_written_where_the_analyser_takes_it() {
    let order = |number: &str, tests| WorkOrder { specimen: unplaced(number), tests };
    let work = [
        order(A, vec![ordered(Assay::Hbsag, &["1"])]),
        order("G123498654322", vec![]),
        order("G123498654323", vec![ordered(Assay::Alt, &["2"])]),
    ];
    let small = crate::bench::profiled(&format!("{}{ORDER}", crate::bench::SMALL));
    assert!(small.profile().takes_orders());
    let messages = small.announce(&work, STAMP);
    let told: Vec<_> = messages.iter().map(|message| lines(&message.bytes)).collect();
    let expected = |id: &str, code| format!("H|\\^&\nP|1\nO|1|{id}||^^^{code}\nL|1|N\n");
    assert_eq!(told, [expected(A, 1), expected("G123498654323", 2)]);
    assert_eq!(messages[1].order_ids, ["2"]);
    let asks = inline("specimen_id = [\"Q.3.2\"]", "");
    assert!(!asks.profile().takes_orders());
    assert!(asks.announce(&work, STAMP).is_empty());
}

#[test]
fn an_order_is_taken_back_by_its_id() {
    let order = |number, tests| WorkOrder { specimen: unplaced(number), tests };
    let work = [order(A, vec![ordered(Assay::Hiv, &["1", "2"])])];
    let messages = analyser("abbott-alinity-i").cancel(&work, STAMP);
    assert_eq!(messages.len(), 1);
    let expected = "SAC|||G123498654321\nORC|CA||||||||20260105120000\n\
        OBR||1||396^HIV Ag/Ab^99ABT\nORC|CA||||||||20260105120000\nOBR||2||396^HIV Ag/Ab^99ABT\n";
    assert!(lines(&messages[0].bytes).ends_with(expected), "{messages:?}");
    assert!(analyser("roche-cobas-e411").cancel(&work, STAMP).is_empty());
}

/// Every test in a message, as id and code, by what our own codec reads.
fn read_back(analyser: &Analyser, bytes: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(bytes).unwrap();
    let read = match analyser.profile().dialect() {
        Dialect::Lis02 => lis02::read(text),
        Dialect::Hl7 => hl7::read(text),
        Dialect::Blocks | Dialect::Text => panic!("nothing is written in blocks or files"),
    };
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    assert_eq!(read.messages.len(), 1);
    match analyser.profile().name() {
        _ if is_law(bytes) => from_law(&read.messages[0]),
        "mindray-bs" | "mindray-cl-hl7" => from_display_lines(&read.messages[0]),
        "mindray-cl" | "mindray-bs-astm" => from_orders(&read.messages[0], 4, 1),
        "ortho-vision" => from_orders(&read.messages[0], 3, 1),
        name if name.starts_with("ortho-vitros") => from_diluted(&read.messages[0]),
        _ => from_orders(&read.messages[0], 3, 4),
    }
}

/// An order by IHE LAW, where each determination has an id of its own.
fn is_law(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|window| window == b"OML^O33")
}

fn from_orders(message: &Message<'_>, id: usize, code: usize) -> Vec<(String, String)> {
    let delimiters = message.delimiters();
    let mut found = Vec::new();
    for order in message.records().filter(|record| record.name() == "O") {
        let id = order.field(id).unwrap().unescaped(delimiters).unwrap().into_owned();
        for repeat in order.field(5).unwrap().repeats(delimiters) {
            let code = repeat.components(delimiters).nth(code - 1);
            let code = code.map_or(String::new(), |c| c.unescaped(delimiters).unwrap().into());
            if !code.is_empty() {
                found.push((id.clone(), code));
            }
        }
    }
    found
}

/// `^^^1.0+A+1\B+1`: the dilution stands before the first only.
fn from_diluted(message: &Message<'_>) -> Vec<(String, String)> {
    let whole = |component| from_orders(message, 3, component).into_iter();
    let first = whole(4).map(|(id, text)| (id, text.strip_prefix("1.0+").unwrap().to_owned()));
    let plain = |(id, text): (String, String)| (id, text.split('+').next().unwrap().to_owned());
    first.chain(whole(1)).map(plain).collect()
}

fn from_law(message: &Message<'_>) -> Vec<(String, String)> {
    let delimiters = message.delimiters();
    let field = |name: &str, number: usize| {
        let records = message.records().filter(move |record| record.name() == name);
        let values = records.map(|record| {
            let piece = record.field(number).unwrap().component(delimiters, 1).unwrap();
            piece.unescaped(delimiters).unwrap().into_owned()
        });
        values.collect::<Vec<_>>()
    };
    let id = field("SAC", 3).remove(0);
    field("OBR", 4).into_iter().map(|code| (id.clone(), code)).collect()
}

fn from_display_lines(message: &Message<'_>) -> Vec<(String, String)> {
    let delimiters = message.delimiters();
    let lines: BTreeMap<usize, String> = message
        .records()
        .filter(|record| record.name() == "DSP")
        .map(|record| {
            let text = record.field(3).unwrap().component(delimiters, 1).unwrap();
            let text = text.unescaped(delimiters).unwrap().into_owned();
            (record.field(1).unwrap().text.parse().unwrap(), text)
        })
        .collect();
    lines.range(29..).map(|(_, code)| (lines[&21].clone(), code.clone())).collect()
}

/// What an assay is ordered by at a shipped analyser.
fn code(analyser: &Analyser, assay: Assay) -> String {
    let multiplex = ["roche-cobas-5800", "roche-cobas-6800", "roche-cobas-6800-v25"];
    let own = match (analyser.profile().name(), assay) {
        ("ortho-vision", Assay::Abo | Assay::Rhd) => Some("ABO/Rh"),
        ("immucor-neo" | "immucor-echo", Assay::Abo | Assay::Rhd) => Some("ABOD Full"),
        ("immucor-echo", Assay::AntibodyScreen) => Some("Screen"),
        (name, Assay::WnvRna) if multiplex.contains(&name) => Some("74857-4"),
        (name, _) if multiplex.contains(&name) => Some("74856-6"),
        _ => None,
    };
    let mut tests = analyser.tests().iter();
    let by_result = || tests.find(|(_, known)| **known == assay).unwrap().0.clone();
    own.map_or_else(by_result, str::to_owned)
}

/// An id as it may be scanned: mostly donations, with and without flags, and much else.
fn scanned() -> impl Strategy<Value = (String, Option<String>)> {
    prop_oneof![
        4 => (0..1_000_000_u32).prop_map(|n| {
            let din = format!("G123498{n:06}");
            (din.clone(), Some(din))
        }),
        2 => (0..1_000_000_u32).prop_map(|n| {
            let din = format!("G123498{n:06}");
            (format!("={din}00"), Some(din))
        }),
        1 => Just((String::new(), None)),
        1 => "@[0-9]{1,3}".prop_map(|text| (text, None)),
        2 => "[A-Z|^&\\\\~]{1,12}".prop_map(|text| (text, None)),
    ]
}

fn escaped(analyser: &Analyser, id: &str) -> String {
    match analyser.profile().dialect() {
        Dialect::Lis02 | Dialect::Blocks | Dialect::Text => lis02::USUAL.escape(id),
        Dialect::Hl7 => hl7::USUAL.escape(id),
    }
}

/// Every shipped analyser that asks, with a query of its own.
static ASKING: LazyLock<Vec<(Analyser, String)>> = LazyLock::new(|| {
    let all = shipped_names().map(|name| (analyser(name), transcript_texts(name, "query.")));
    let asking = all.filter(|(analyser, _)| analyser.answer_within().is_some());
    asking.map(|(analyser, mut texts)| (analyser, texts.remove(0))).collect()
});

proptest! {
    #[test]
    fn the_answer_holds_exactly_the_work_for_exactly_the_id(
        which in any::<prop::sample::Index>(),
        (id, donation) in scanned(),
        counts in prop::collection::vec(0..3_usize, 16),
    ) {
        let (analyser, text) = which.get(&ASKING);
        let sent = ["=G12349865432100", A].into_iter().find(|known| text.contains(known)).unwrap();
        let text = text.replace(sent, &escaped(analyser, &id));
        let query = analyser.read(text.as_bytes()).query.unwrap();
        let Ask::Specimens(specimens) = &query.ask else { panic!("{query:?}") };
        let donation_read = specimens[0].id.donation().map(|din| din.as_str().to_owned());
        prop_assert_eq!(&donation_read, &donation);
        let mut tests = Vec::new();
        let mut expected: BTreeMap<String, usize> = BTreeMap::new();
        for (assay, count) in analyser.assays().into_iter().zip(counts) {
            let order_ids = (0..count).map(|number| format!("{assay}-{number}")).collect();
            tests.push(OrderedTest { assay, order_ids });
            let code = code(analyser, assay);
            // Centaur's query asks for two tests only.
            if query.codes.is_empty() || query.codes.contains(&code) {
                let wanted = expected.entry(code).or_default();
                *wanted = (*wanted).max(count);
            }
        }
        let answer = analyser.answer(&query, &wanted(&query, tests), STAMP);
        let awos = answer.messages.iter().any(|message| is_law(&message.bytes));
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for message in &answer.messages {
            for (back, code) in read_back(analyser, &message.bytes) {
                prop_assert_eq!(&back, &id);
                *found.entry(code).or_default() += 1;
            }
        }
        if donation.is_none() {
            expected.clear();
        }
        expected.retain(|_, count| *count > 0);
        if !awos {
            expected.values_mut().for_each(|count| *count = 1);
        }
        prop_assert_eq!(found, expected);
    }
}

/// A place in a text, and what is put there in place of so many characters.
fn damage() -> impl Strategy<Value = (prop::sample::Index, usize, String)> {
    (any::<prop::sample::Index>(), 0..3_usize, "[GQOAL0-9=@|^&\\\\~\r ]{0,3}")
}

proptest! {
    /// Whatever a damaged query looks like: a test goes to a donation that stands in it, once.
    #[test]
    fn a_damaged_query_never_moves_a_test(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec(damage(), 1..4),
    ) {
        let (analyser, text) = which.get(&ASKING);
        let mut bytes = text.clone().into_bytes();
        for (at, removed, put) in edits {
            let at = at.index(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, put.bytes());
        }
        let reading = analyser.read(&bytes);
        let Some(query) = reading.query else { return Ok(()) };
        let answer = analyser.answer(&query, &work(analyser, &query), STAMP);
        let specimens = matches!(query.ask, Ask::Specimens(_));
        let mut named = BTreeSet::new();
        for message in answer.messages.iter().filter(|message| !message.order_ids.is_empty()) {
            let found = read_back(analyser, &message.bytes);
            let ids: BTreeSet<String> = found.into_iter().map(|(id, _)| id).collect();
            for id in ids {
                let number = DonationNumberScheme::Isbt128.parse(&id);
                prop_assert!(number.is_ok(), "{:?} got tests", id);
                let number = number.unwrap().din.as_str().to_owned();
                let sent = String::from_utf8_lossy(&bytes).contains(&number);
                prop_assert!(sent || !specimens, "{:?} was not asked about", id);
                prop_assert!(named.insert(number), "{:?} got tests at two places", id);
            }
        }
    }
}
