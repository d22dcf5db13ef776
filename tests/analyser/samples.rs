//! The dialogues of the fixtures, queries and answers: what we write is what they say, byte for
//! byte, but for the differences that each test names.

use std::collections::BTreeMap;
use std::sync::Arc;

use hemogate::analyser::{Analyser, Stamp};
use hemogate::domain::{
    Ask, Assay, DonationNumberScheme, OrderReply, OrderStanding, OrderedTest, Query, WorkOrder,
};

use crate::bench::{lines, messages_of_mllp, messages_of_session, profile};

/// A dialogue as two streams: what the analyser sent, what the host sent.
fn dialogue(name: &str) -> (Vec<u8>, Vec<u8>) {
    let path = format!("{}/fixtures/analysers/{name}/sample-query.dlg", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let (mut analyser, mut host) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (who, said) = line.split_once(": ").unwrap();
        let said = said.split_once(") ").filter(|_| said.starts_with('(')).map_or(said, |(_, s)| s);
        let to = if who == "A" { &mut analyser } else { &mut host };
        to.extend(unescaped(said));
    }
    (analyser, host)
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let byte = match (character, rest.clone().next()) {
            ('\\', Some('x')) => {
                let digits: String = rest.by_ref().skip(1).take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
                continue;
            }
            ('\\', Some(letter)) => {
                rest.next();
                match letter {
                    'r' => '\r',
                    'n' => '\n',
                    other => other,
                }
            }
            (other, _) => other,
        };
        bytes.push(u8::try_from(byte).unwrap());
    }
    bytes
}

/// The one message that a side sent in a LIS01 session, link characters of its replies left out.
fn lis01(bytes: &[u8]) -> Vec<u8> {
    let session: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0x06).collect();
    let mut messages = messages_of_session(&session);
    assert_eq!(messages.len(), 1);
    messages.remove(0)
}

fn site(name: &str, numbers: &str, tests: &[(&str, Assay)]) -> Analyser {
    let tests: BTreeMap<String, Assay> =
        tests.iter().map(|(code, assay)| ((*code).to_owned(), *assay)).collect();
    let scheme = Arc::new(DonationNumberScheme::site(numbers).unwrap());
    Analyser::new("bench".to_owned(), profile(name), &tests, scheme).unwrap()
}

/// The query that the bytes ask, without anything wrong in it.
fn asked(analyser: &Analyser, bytes: &[u8]) -> Query {
    let reading = analyser.read(bytes);
    assert_eq!((reading.faults, reading.donations), (vec![], vec![]));
    reading.query.unwrap()
}

/// One determination of each assay for the only specimen asked about.
fn work(query: &Query, assays: &[Assay]) -> Vec<WorkOrder> {
    let Ask::Specimens(specimens) = &query.ask else { panic!("{query:?}") };
    let [specimen] = specimens.as_slice() else { panic!("{query:?}") };
    let test = |(number, assay): (usize, &Assay)| OrderedTest {
        assay: *assay,
        order_ids: vec![format!("AWOS-000{}", number + 1)],
    };
    let tests = assays.iter().enumerate().map(test).collect();
    vec![WorkOrder { specimen: specimen.clone(), tests }]
}

fn stamp(time: &str) -> Stamp {
    Stamp { time: time.parse().unwrap(), serial: 7 }
}

#[test]
fn the_e_411_is_answered_as_its_manual_says() {
    let (sent, answered) = dialogue("roche-cobas-e411");
    let tests = [("10", Assay::Hbsag), ("30", Assay::AntiHcv), ("40", Assay::Hiv)];
    let analyser = site("roche-cobas-e411", "[0-9]{6}", &tests);
    let query = asked(&analyser, &lis01(&sent));
    let work = work(&query, &[Assay::Hbsag, Assay::AntiHcv, Assay::Hiv]);
    let answer = analyser.answer(&query, &work, stamp("2026-01-01T12:00:00Z"));
    // The example has test 30 diluted by 2; a donation is never diluted to be screened.
    let expected = lines(&lis01(&answered)).replace("^^^30^2", "^^^30^");
    assert_eq!((answer.reply, answer.messages.len()), (None, 1));
    assert_eq!(lines(&answer.messages[0].bytes), expected);
    assert_eq!(answer.messages[0].order_ids, ["AWOS-0001", "AWOS-0002", "AWOS-0003"]);
}

#[test]
fn the_centaur_is_answered_as_its_manual_says() {
    let (sent, answered) = dialogue("siemens-advia-centaur");
    let analyser = site("siemens-advia-centaur", "D[0-9]{10}", &[]);
    let query = asked(&analyser, &lis01(&sent));
    assert_eq!(query.codes, ["HBs", "aHCV"]);
    // More is to be done than it asks for.
    let wanted = work(&query, &[Assay::Hbsag, Assay::AntiHcv, Assay::Hiv]);
    let answer = analyser.answer(&query, &wanted, stamp("2026-01-01T12:00:00Z"));
    assert_eq!(answer.messages.len(), 1);
    assert_eq!(lines(&answer.messages[0].bytes), lines(&lis01(&answered)));
    assert_eq!(answer.messages[0].order_ids, ["AWOS-0001", "AWOS-0002"]);
    let none = analyser.answer(&query, &work(&query, &[]), stamp("2026-01-01T12:00:00Z"));
    let expected = "H|\\^&|||LIS_ID|||||ADVCNT_LIS||P|1\nL|1|I\n";
    assert_eq!(lines(&none.messages[0].bytes), expected);
}

#[test]
fn the_mindray_cl_is_answered_as_its_excerpts_say() {
    let (sent, answered) = dialogue("mindray-cl");
    let analyser = site("mindray-cl", "D[0-9]{10}", &[]);
    let query = asked(&analyser, &lis01(&sent));
    let work = work(&query, &[Assay::Hbsag, Assay::AntiHcv]);
    let answer = analyser.answer(&query, &work, stamp("2026-01-01T10:00:01Z"));
    // The order is made now; the dialogue has one that was made an hour before.
    let expected = lines(&lis01(&answered)).replace("|20260101090000|", "|20260101100001|");
    assert_eq!(lines(&answer.messages[0].bytes), expected);
}

#[test]
fn a_query_of_the_liaison_has_its_id_plain() {
    let bytes = include_bytes!("../../fixtures/analysers/diasorin-liaison-xl/sample-query.bin");
    let analyser = site("diasorin-liaison-xl", "D[0-9]{10}", &[]);
    // This one ends each record by the frame alone, without CR.
    let text: Vec<u8> = bytes.split(|byte| *byte == 0x02).skip(1).fold(vec![], |mut all, frame| {
        let end = frame.iter().position(|byte| *byte == 0x03).unwrap();
        all.extend_from_slice(&frame[1..end]);
        all
    });
    let query = asked(&analyser, &text);
    let work = work(&query, &[Assay::Hbsag, Assay::Tp]);
    let answer = analyser.answer(&query, &work, stamp("2026-01-01T10:00:01Z"));
    let expected = "H|\\^&|||LABEDV|||||LIAISONXL||P|1\nP|1\n\
        O|1|D0000000001||^^^HBsAg^|N|20260101100001|||||||||||||||||||O\n\
        O|2|D0000000001||^^^Trepo^|N|20260101100001|||||||||||||||||||O\nL|1|N\n";
    assert_eq!(lines(&answer.messages[0].bytes), expected);
}

/// Messages of a LAW dialogue, in which names, ids and times of messages are the sample's own.
fn law(bytes: &[u8]) -> Vec<String> {
    messages_of_mllp(bytes).iter().map(|message| lines(message)).collect()
}

/// The sample's answers as ours are: our name stands in MSH-3 and the analyser's in MSH-5, where
/// it put it itself; our control ids; UTC. The time of collection (SPM-17) is not known here.
fn ours(sample: &str, control_id: &str) -> String {
    let (ids, time) = (["R-0001", "O-0001"], "20260101120000");
    let mut text = sample.replace("MSH|^~\\&|HOST|||ALINITY|", "MSH|^~\\&|HEMOGATE||ALINITY||");
    for id in ids {
        text = text.replace(&format!("|{id}|"), &format!("|{control_id}|"));
    }
    text.replace("20260101120001", time)
        .replace("20260101120000+0800", "20260101120000+0000")
        .replace("||||||20260101080000\n", "\n")
}

#[test]
fn a_law_query_is_answered_by_a_reply_and_an_order() {
    let (sent, answered) = dialogue("abbott-alinity-i");
    let (sent, answered) = (messages_of_mllp(&sent), law(&answered));
    let analyser = site("abbott-alinity-i", "D[0-9]{10}", &[]);
    let query = asked(&analyser, &sent[0]);
    let work = work(&query, &[Assay::AntiHcv, Assay::Hiv]);
    let answer = analyser.answer(&query, &work, stamp("2026-01-01T12:00:00Z"));
    assert_eq!(lines(&answer.reply.unwrap()), ours(&answered[0], "7"));
    assert_eq!(answer.messages.len(), 1);
    assert_eq!(lines(&answer.messages[0].bytes), ours(&answered[1], "7.1"));
    assert_eq!(answer.messages[0].order_ids, ["AWOS-0001", "AWOS-0002"]);
    let replies = analyser.read(&sent[1]);
    let reply = |number, standing, text: &str| OrderReply {
        order_id: Some(format!("AWOS-000{number}")),
        standing,
        text: text.to_owned(),
    };
    let expected = [
        reply(1, OrderStanding::Accepted, "ORC-1 OK"),
        reply(2, OrderStanding::Refused, "ORC-1 UA"),
    ];
    assert_eq!((replies.faults, replies.order_replies.as_slice()), (vec![], &expected[..]));
    let results = analyser.read(&sent[2]);
    assert_eq!((results.faults.len(), results.observations.len()), (0, 1));
}
