//! What analysers ask, in every form, and what must not be answered.

use hemogate::analyser::{Analyser, MessageReading, shipped_names};
use hemogate::domain::{Ask, AskedId, AskedSpecimen, Query};
use hemogate::limits;

use crate::bench::{STAMP, analyser, din, inline, lines, work};

const A: &str = "G123498654321";
const B: &str = "G123498654322";

/// A query of the e 411 with these Q records.
fn e411(queries: &[String]) -> String {
    let header = "H|\\^&|||cobas-e411^1|||||host|TSREQ^REAL|P|1";
    format!("{header}\r{}\rL|1|N\r", queries.join("\r"))
}

/// Its Q record: id, sequence, rack and position.
fn q(id: &str, place: &str) -> String {
    format!("Q|1|^^{id}^{place}^^S1^SC||ALL||||||||O")
}

fn centaur(queries: &[&str]) -> String {
    format!("H|\\^&|||ADVCNT_LIS|||||LIS_ID||P|1\r{}\rL|1|N\r", queries.join("\r"))
}

fn alinity(parameters: &str) -> String {
    let header = "MSH|^~\\&|ALINITY|||HOST|20260105120000+0800||QBP^Q11^QBP_Q11|Q-1|P|2.5.1\
                  |||NE|AL||UNICODE UTF-8|||LAB-27^IHE";
    format!("{header}\rQPD|{parameters}\rRCP|I||R^^HL70394\r")
}

fn read(name: &str, text: &str) -> MessageReading {
    analyser(name).read(text.as_bytes())
}

/// The specimens of a query in which nothing is wrong.
fn specimens(name: &str, text: &str) -> Vec<AskedSpecimen> {
    let reading = read(name, text);
    assert_eq!((reading.faults, reading.donations), (vec![], vec![]), "{text}");
    specimens_of(reading.query.unwrap())
}

fn specimens_of(query: Query) -> Vec<AskedSpecimen> {
    match query.ask {
        Ask::Specimens(specimens) => specimens,
        other => panic!("{other:?}"),
    }
}

fn ids(specimens: &[AskedSpecimen]) -> Vec<&AskedId> {
    specimens.iter().map(|specimen| &specimen.id).collect()
}

fn donation(number: &str) -> AskedId {
    AskedId::Donation(din(number))
}

/// Nothing is ordered for it, whatever is wanted.
fn assert_gets_no_tests(analyser: &Analyser, reading: &MessageReading) {
    let query = reading.query.as_ref().unwrap();
    let answer = analyser.answer(query, &work(analyser, query), STAMP);
    assert!(answer.messages.iter().all(|message| message.order_ids.is_empty()), "{answer:?}");
}

#[test]
fn a_plain_query_is_no_fault_and_blocks_nothing() {
    let mut seen = 0;
    for name in shipped_names() {
        for text in crate::bench::transcript_texts(name, "query") {
            let reading = read(name, &text);
            assert_eq!((reading.faults, reading.donations), (vec![], vec![]), "{name}\n{text}");
            assert!(reading.query.is_some() && reading.observations.is_empty(), "{name}");
            seen += 1;
        }
    }
    assert!(seen >= 16, "only {seen} queries");
}

#[test]
fn an_id_is_read_as_in_results() {
    let cases = [
        (A, donation(A)),
        ("         G123498654321", donation(A)),
        ("G123498654321         ", donation(A)),
        ("=G12349865432100", donation(A)),
        ("&X47&123498654321", donation(A)),
        ("                      ", AskedId::Blank),
        ("", AskedId::Blank),
        ("@41", AskedId::Unread("@41".to_owned())),
        ("G123498654321X", AskedId::Unknown("G123498654321X".to_owned())),
        ("CTRL&F&1", AskedId::Unknown("CTRL|1".to_owned())),
    ];
    for (sent, id) in cases {
        let asked = specimens("roche-cobas-e411", &e411(&[q(sent, "40^7^5")]));
        assert_eq!(ids(&asked), [&id], "{sent}");
        assert_eq!(
            (asked[0].rack.as_deref(), asked[0].position.as_deref()),
            (Some("7"), Some("5"))
        );
        assert_eq!(asked[0].echoed("sequence"), Some("40"));
    }
}

#[test]
fn several_records_and_repeats_are_specimens_each_at_its_own_place() {
    let repeated = format!("Q|1|^{A}\\^{B}||ALL||||||||O");
    let asked = specimens("siemens-advia-centaur", &centaur(&[&repeated]));
    assert_eq!(ids(&asked), [&donation(A), &donation(B)]);
    let two = [q(A, "40^7^5"), q(B, "41^7^6")];
    let asked = specimens("roche-cobas-e411", &e411(&two));
    assert_eq!(ids(&asked), [&donation(A), &donation(B)]);
    let places: Vec<_> = asked.iter().map(|one| one.position.as_deref().unwrap()).collect();
    assert_eq!(places, ["5", "6"]);
}

#[test]
fn fm_06_each_of_two_queries_is_answered_with_its_own_place() {
    let analyser = analyser("roche-cobas-e411");
    let place = |text: &[u8]| {
        let text = lines(text);
        let order = text.lines().find(|line| line.starts_with("O|")).unwrap().to_owned();
        let mut fields = order.split('|').skip(2).map(str::to_owned);
        (fields.next().unwrap(), fields.next().unwrap())
    };
    let expected =
        [(A.to_owned(), "40^7^5^^S1^SC".to_owned()), (B.to_owned(), "41^8^1^^S1^SC".to_owned())];
    // In one message.
    let reading = analyser.read(e411(&[q(A, "40^7^5"), q(B, "41^8^1")]).as_bytes());
    let query = reading.query.unwrap();
    let answer = analyser.answer(&query, &work(&analyser, &query), STAMP);
    let places: Vec<_> = answer.messages.iter().map(|message| place(&message.bytes)).collect();
    assert_eq!(places, expected);
    // Two messages of one delivery.
    let both = e411(&[q(A, "40^7^5")]) + &e411(&[q(B, "41^8^1")]);
    let query = analyser.read(both.as_bytes()).query.unwrap();
    let answer = analyser.answer(&query, &work(&analyser, &query), STAMP);
    let places: Vec<_> = answer.messages.iter().map(|message| place(&message.bytes)).collect();
    assert_eq!(places, expected);
    // One after the other, answered in the other order: nothing is remembered between them.
    let first = analyser.read(e411(&[q(A, "40^7^5")]).as_bytes()).query.unwrap();
    let second = analyser.read(e411(&[q(B, "41^8^1")]).as_bytes()).query.unwrap();
    for (query, expected) in [(second, &expected[1]), (first, &expected[0])] {
        let answer = analyser.answer(&query, &work(&analyser, &query), STAMP);
        assert_eq!(place(&answer.messages[0].bytes), *expected);
    }
}

#[test]
fn fm_03_one_id_at_two_places_gets_nothing_at_either() {
    let analyser = analyser("roche-cobas-e411");
    let flagged = format!("={A}00");
    let twice = [
        e411(&[q(A, "40^7^5"), q(B, "41^7^6"), q(A, "42^8^5")]),
        e411(&[q(A, "40^7^5"), q(B, "41^7^6"), q(&flagged, "42^8^5")]),
        e411(&[q(A, "40^7^5"), q(B, "41^7^6")]) + &e411(&[q(A, "42^8^5")]),
    ];
    for sent in twice {
        let reading = analyser.read(sent.as_bytes());
        assert_eq!(reading.donations, [din(A)], "{sent}");
        assert!(reading.faults.iter().any(|fault| fault.text.contains("two")), "{reading:?}");
        let query = reading.query.unwrap();
        let asked = specimens_of(query.clone());
        assert!(matches!(asked[0].id, AskedId::Ambiguous(_)), "{asked:?}");
        assert_eq!(asked[1].id, donation(B), "the others are not concerned");
        assert!(matches!(asked[2].id, AskedId::Ambiguous(_)), "{asked:?}");
        let answer = analyser.answer(&query, &work(&analyser, &query), STAMP);
        let ordered: Vec<_> = answer.messages.iter().filter(|m| !m.order_ids.is_empty()).collect();
        assert_eq!(ordered.len(), 1);
        assert!(lines(&ordered[0].bytes).contains(&format!("O|1|{B}|")));
    }
}

#[test]
fn fm_05_an_id_that_is_also_a_racks_gets_nothing() {
    let analyser = analyser("roche-cobas-e411");
    // At this site a rack may have such a number, too: only the id that is the same is in doubt.
    let site = crate::bench::at_site("roche-cobas-e411", "D[0-9]{4}");
    let sent = e411(&[q("D0001", "40^D0007^5"), q("D0002", "41^D0002^6")]);
    let reading = site.read(sent.as_bytes());
    let named: Vec<&str> = reading.donations.iter().map(|din| din.as_str()).collect();
    assert_eq!(named, ["D0002"]);
    assert!(reading.faults[0].text.contains("also a rack's"), "{reading:?}");
    let asked = specimens_of(reading.query.unwrap());
    assert_eq!(asked[0].id.donation().unwrap().as_str(), "D0001");
    assert_eq!(asked[1].id, AskedId::Ambiguous("D0002".to_owned()));
    // The last tube's number taken for the rack of all others, as it is or as a scanner gives it.
    for rack in [A.to_owned(), format!("={A}00")] {
        let shifted = [q(B, &format!("40^{rack}^1")), q(A, &format!("41^{rack}^2"))];
        let reading = analyser.read(e411(&shifted).as_bytes());
        assert_eq!(reading.donations, [din(A), din(B)]);
        assert_gets_no_tests(&analyser, &reading);
    }
}

#[test]
fn fm_05_a_specimen_in_a_rack_with_a_donations_number_gets_nothing() {
    let analyser = analyser("roche-cobas-e411");
    let reading = analyser.read(e411(&[q(B, &format!("40^{A}^1"))]).as_bytes());
    assert_eq!(reading.donations, [din(A), din(B)], "both were read at one place");
    assert!(reading.faults[0].text.contains("a rack with a donation's number"), "{reading:?}");
    assert_gets_no_tests(&analyser, &reading);
}

#[test]
fn fm_05_two_ids_that_differ_for_one_specimen_get_nothing() {
    let analyser = inline("specimen_id = [\"Q.3.2\", \"Q.3.3\"]", "");
    let same = analyser.read(centaur(&[&format!("Q|1|^{A}^={A}00||ALL")]).as_bytes());
    assert_eq!(ids(&specimens_of(same.query.unwrap())), [&donation(A)]);
    let reading = analyser.read(centaur(&[&format!("Q|1|^{A}^{B}||ALL")]).as_bytes());
    assert_eq!(reading.donations, [din(A), din(B)]);
    assert!(reading.faults[0].text.contains("two ids for one specimen"));
    let unread = analyser.read(centaur(&[&format!("Q|1|^{A}^@1||ALL")]).as_bytes());
    assert_eq!(unread.donations, [din(A)], "one place says that it could not be read");
    for reading in [reading, unread] {
        assert_gets_no_tests(&analyser, &reading);
        let asked = specimens_of(reading.query.unwrap());
        assert!(matches!(asked[0].id, AskedId::Ambiguous(_)));
    }
}

#[test]
fn everything_and_ranges_are_asked_for_by_their_own_words() {
    let name = "siemens-advia-centaur";
    for all in ["Q|1|ALL||ALL||||||||O", "Q|1|^ALL||ALL||||||||O"] {
        let query = read(name, &centaur(&[all])).query.unwrap();
        assert_eq!((query.ask, query.codes), (Ask::All, vec![]));
    }
    let range = |from: &str, to: &str| {
        read(name, &centaur(&[&format!("Q|1|^{from}|^{to}|ALL||||||||O")])).query.unwrap().ask
    };
    assert_eq!(range(A, B), Ask::Range { from: A.to_owned(), to: B.to_owned() });
    assert!(matches!(range(A, A), Ask::Specimens(_)), "from one to the same is one");
    let query = read("abbott-alinity-i", &alinity("WOS_ALL^All^IHELAW|T1")).query.unwrap();
    assert_eq!(query.ask, Ask::All);
}

#[test]
fn only_donations_of_a_range_get_tests() {
    let analyser = analyser("siemens-advia-centaur");
    let range = centaur(&[&format!("Q|1|^={A}00|^{B}|ALL||||||||O")]);
    let query = analyser.read(range.as_bytes()).query.unwrap();
    let wanted = |number: &str| {
        let mut work = work(&analyser, &Query { ask: Ask::All, ..query.clone() });
        work[0].specimen = crate::bench::unplaced(number);
        work
    };
    let messages = |number: &str| analyser.answer(&query, &wanted(number), STAMP).messages;
    for inside in [A, B] {
        assert!(lines(&messages(inside)[0].bytes).contains(&format!("O|1|{inside}|")));
    }
    for outside in ["G123498654320", "G123498654323"] {
        let messages = messages(outside);
        assert_eq!(lines(&messages[0].bytes).lines().count(), 2, "{messages:?}");
        assert!(messages[0].order_ids.is_empty());
    }
}

#[test]
fn what_mixes_everything_ranges_and_specimens_is_not_answered() {
    let one = format!("Q|1|^{A}||ALL||||||||O");
    let range = format!("Q|1|^{A}|^{B}|ALL||||||||O");
    let mixed = [
        centaur(&[&one, "Q|2|ALL||ALL||||||||O"]),
        centaur(&[&one, &range]),
        centaur(&[&one, &format!("Q|2|^{B}||^^^HBs||||||||O")]),
        centaur(&["Q|1|ALL||ALL||||||||O"]) + &centaur(&[&one]),
        centaur(&[&one]) + &centaur(&[&format!("Q|1|^{B}||^^^HBs||||||||O")]),
    ];
    let analyser = analyser("siemens-advia-centaur");
    for sent in mixed {
        let reading = analyser.read(sent.as_bytes());
        assert!(!reading.faults.is_empty(), "{sent}");
        assert_gets_no_tests(&analyser, &reading);
    }
}

#[test]
fn asked_codes_are_read_and_everything_is_none() {
    let query = |codes: &str| {
        let sent = centaur(&[&format!("Q|1|^{A}||{codes}||||||||O")]);
        let reading = read("siemens-advia-centaur", &sent);
        assert_eq!(reading.faults, [], "{sent}");
        reading.query.unwrap().codes
    };
    assert_eq!(query("^^^HBs\\^^^aHCV"), ["HBs", "aHCV"]);
    for everything in ["ALL", "^^^ALL", ""] {
        assert!(query(everything).is_empty(), "{everything}");
    }
}

#[test]
fn a_withdrawn_query_is_cancelled_even_where_it_ends_abnormally() {
    for end in ["N", "T"] {
        let sent =
            e411(&[q(A, "40^7^5").replace("|O", "|A")]).replace("L|1|N", &format!("L|1|{end}"));
        let reading = read("roche-cobas-e411", &sent);
        assert_eq!(reading.faults, []);
        let query = reading.query.unwrap();
        assert_eq!(query.ask, Ask::Cancel);
        let analyser = analyser("roche-cobas-e411");
        assert_eq!(analyser.answer(&query, &[], STAMP), Default::default());
    }
}

#[test]
fn a_query_that_is_not_understood_completely_gets_no_tests() {
    let whole = e411(&[q(A, "40^7^5")]);
    let cases = [
        ("an unknown status", whole.replace("||||O\r", "||||D\r")),
        ("an unknown kind of place", whole.replace("^S1^", "^S9^")),
        ("a field more", whole.replace("||ALL|", "||ALL|S|")),
        ("a component more", whole.replace("^SC|", "^SC^9|")),
        ("a training message", whole.replace("|P|1", "|T|1")),
        ("a cut message", whole.replace("L|1|N\r", "")),
        ("the sender gave up", whole.replace("L|1|N", "L|1|T")),
        ("a comment", whole.replace("L|1", "C|1|I|X\rL|1")),
        ("an unknown record", whole.replace("L|1|N", "Z|1\rL|1|N")),
        ("an unknown escape", whole.replace(A, &format!("{A}&Z9&"))),
    ];
    let analyser = analyser("roche-cobas-e411");
    for (why, sent) in cases {
        assert_ne!(sent, whole, "{why}");
        let reading = analyser.read(sent.as_bytes());
        assert!(!reading.faults.is_empty(), "{why}");
        assert_eq!(reading.donations, [], "{why}: a question says nothing of a donation");
        assert_gets_no_tests(&analyser, &reading);
    }
}

#[test]
fn characters_that_cannot_be_read_leave_no_query_to_answer() {
    let analyser = analyser("abbott-alinity-i");
    let mut bytes = alinity(&format!("WOS^x^IHELAW|T1|{A}")).into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'x').unwrap();
    bytes[at] = 0xFF;
    let reading = analyser.read(&bytes);
    assert!(!reading.faults.is_empty());
    assert_gets_no_tests(&analyser, &reading);
    let unknown = alinity(&format!("WOS|T1|{A}")).replace("UNICODE UTF-8", "KLINGON");
    assert_eq!(analyser.read(unknown.as_bytes()).query, None);
}

#[test]
fn a_header_that_asks_for_nothing_makes_no_query() {
    let sent = e411(&[q(A, "40^7^5")]).replace("TSREQ^REAL", "RSUPL^REAL");
    let reading = read("roche-cobas-e411", &sent);
    assert_eq!(reading.query, None);
    assert!(reading.faults[0].text.contains("by its header"), "{reading:?}");
    let sent = "H|\\^&|||Mindray^^|||||||PR|1394-97\rQ|1|^G123498654321||||||||||O\rL|1|N\r";
    assert_eq!(read("mindray-cl", sent).query, None);
}

#[test]
fn a_profile_that_does_not_ask_answers_nothing() {
    let analyser = inline("", "");
    let reading = analyser.read(centaur(&[&format!("Q|1|^{A}||ALL")]).as_bytes());
    assert_eq!((reading.query, reading.donations), (None, vec![]));
    assert!(reading.faults[0].text.contains("does not say how this analyser asks"));
    assert_eq!(analyser.answer_within(), None);
    assert!(analyser.assays().is_empty());
}

#[test]
fn a_result_among_questions_still_names_its_donation() {
    let result = format!("P|1\rO|1|{B}\rR|1|^^^900//not|-1^0.4|COI||N||F\rL|1|N");
    let sent = e411(&[q(A, "40^7^5")]).replace("L|1|N", &result);
    let reading = read("roche-cobas-e411", &sent);
    assert!(!reading.faults.is_empty());
    assert!(reading.donations.contains(&din(B)), "{reading:?}");
}

#[test]
fn a_law_query_names_a_rack_but_no_rack_is_a_specimen() {
    let name = "abbott-alinity-i";
    let asked = specimens(name, &alinity(&format!("WOS^Work^IHELAW|T1|{A}|R7|5")));
    assert_eq!(asked[0].id, donation(A));
    assert_eq!((asked[0].rack.as_deref(), asked[0].position.as_deref()), (Some("R7"), Some("5")));
    let by_rack = alinity("WOS_BY_RACK^Rack^IHELAW|T1||R7|5");
    assert_eq!(ids(&specimens(name, &by_rack)), [&AskedId::Blank]);
    let analyser = analyser(name);
    let query = analyser.read(by_rack.as_bytes()).query.unwrap();
    let answer = analyser.answer(&query, &work(&analyser, &query), STAMP);
    assert!(lines(&answer.reply.unwrap()).contains("QAK|T1|NF|"));
    assert!(answer.messages.is_empty(), "nothing can be said of a specimen without a name");
    let unknown = analyser.read(alinity(&format!("WOS_X^x^IHELAW|T1|{A}")).as_bytes());
    assert!(unknown.faults[0].text.contains("not a known kind of query"), "{unknown:?}");
    assert_gets_no_tests(&analyser, &unknown);
}

#[test]
fn another_event_of_a_query_is_a_matter_of_the_profile() {
    let text = hemogate::analyser::shipped("mindray-bs").unwrap();
    let text = text.replace("MSH-9.2 = Q02", "MSH-9.2 = Q01").replace("QCK^Q02", "QCK^Q01");
    let autobio = crate::bench::profiled(&text.replace("DSR^Q03", "DSR^Q01"));
    let sent = crate::bench::transcript_texts("mindray-bs", "query").remove(0);
    let refused = autobio.read(sent.as_bytes());
    assert_eq!(refused.query, None);
    let query = autobio.read(sent.replace("QRY^Q02", "QRY^Q01").as_bytes()).query.unwrap();
    let answer = autobio.answer(&query, &work(&autobio, &query), STAMP);
    assert!(lines(&answer.reply.unwrap()).contains("||QCK^Q01|7|"));
    assert!(lines(&answer.messages[0].bytes).contains("||DSR^Q01|7.1|"));
}

#[test]
fn the_makers_own_forms_of_a_law_query_are_known() {
    for form in ["INISEQ^^99ROC", "INIBAR^^99ROC"] {
        let sent = alinity(&format!("{form}|T1|{A}|R7|5|||||SC||R"));
        assert_eq!(ids(&specimens("roche-cobas-6800", &sent)), [&donation(A)], "{form}");
    }
}

#[test]
fn what_stands_in_a_controls_place_gets_no_tests() {
    let analyser = analyser("roche-cobas-e411");
    let control = |id: &str| q(id, "1001^3002^1").replace("^S1^", "^QC^");
    let plain = analyser.read(e411(&[control("PCHBSG2")]).as_bytes());
    assert_eq!((plain.faults.as_slice(), plain.donations.as_slice()), (&[][..], &[][..]));
    assert_gets_no_tests(&analyser, &plain);
    // A donation there is in doubt, and only it; repeats have their own places.
    let beside = format!("Q|1|^^{A}^1^3^1^^S1^SC\\^^{B}^2^3^2^^QC^SC||ALL||||||||O");
    for sent in [e411(&[q(A, "40^7^5"), control(B)]), e411(&[beside])] {
        let reading = analyser.read(sent.as_bytes());
        assert_eq!(reading.donations, [din(B)]);
        assert!(reading.faults[0].text.contains("no donor's specimen"), "{reading:?}");
        let asked = specimens_of(reading.query.unwrap());
        assert_eq!(ids(&asked), [&donation(A), &AskedId::Ambiguous(B.to_owned())]);
    }
}

#[test]
fn what_stands_in_a_persons_record_of_a_query_is_never_repeated() {
    let sent = e411(&[q(A, "40^7^5")]).replace("Q|1", "P|1||WANG||XIAOMING\rQ|1");
    let reading = read("roche-cobas-e411", &sent);
    assert!(reading.faults.len() >= 2, "but it is said that something stands there");
    let told = format!("{:?}{:?}", reading.faults, reading.query);
    assert!(!told.contains("WANG") && !told.contains("XIAOMING"), "{told}");
}

#[test]
fn more_specimens_than_the_bound_are_not_answered() {
    let many = |count: usize| {
        let ids = (0..count).map(|number| format!("^G123498{number:06}"));
        centaur(&[&format!("Q|1|{}||ALL||||||||O", ids.collect::<Vec<_>>().join("\\"))])
    };
    let name = "siemens-advia-centaur";
    let at = specimens(name, &many(limits::ASKED_SPECIMENS_MAX));
    assert_eq!(at.len(), limits::ASKED_SPECIMENS_MAX);
    let past = read(name, &many(limits::ASKED_SPECIMENS_MAX + 1));
    assert!(past.faults[0].text.contains("more than"), "{:?}", past.faults);
    assert_eq!(past.query.unwrap().ask, Ask::Specimens(Vec::new()));
}
