//! What analysers say about orders that they were sent.

use hemogate::domain::{OrderReply, OrderStanding};

use crate::bench::analyser;

fn message(kind: &str, segments: &[&str]) -> String {
    let header = format!("MSH|^~\\&|ALINITY|||HOST|20260105120001||{kind}|A-1|P|2.5.1");
    format!("{header}\r{}\r", segments.join("\r"))
}

fn replies(kind: &str, segments: &[&str]) -> Vec<(Option<String>, OrderStanding)> {
    let reading = analyser("abbott-alinity-i").read(message(kind, segments).as_bytes());
    assert_eq!((reading.faults.as_slice(), reading.donations.as_slice()), (&[][..], &[][..]));
    assert_eq!((reading.query, reading.observations.len()), (None, 0));
    let told = |reply: OrderReply| (reply.order_id, reply.standing);
    reading.order_replies.into_iter().map(told).collect()
}

const ORL: &str = "ORL^O34^ORL_O42";

#[test]
fn each_order_stands_as_its_analyser_says() {
    let some = |id: &str| Some(id.to_owned());
    let said = replies(
        ORL,
        &[
            "MSA|AA|7.1",
            "SPM|1",
            "SAC|||G123498654321",
            "ORC|OK|1",
            "ORC|UA|2",
            "ORC|CR|3",
            "ORC|UC|4",
            "ORC|OK",
            "OBR||5",
            "ORC|UA|\"\"",
            "OBR||6||161",
        ],
    );
    let expected = [
        (some("1"), OrderStanding::Accepted),
        (some("2"), OrderStanding::Refused),
        (some("3"), OrderStanding::Refused),
        (some("4"), OrderStanding::Accepted),
        (some("5"), OrderStanding::Accepted),
        (some("6"), OrderStanding::Refused),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_reply_to_no_work_is_no_fault() {
    assert_eq!(replies(ORL, &["MSA|AA|7.1"]), [(None, OrderStanding::Delivered)]);
    let with_dc = replies(ORL, &["MSA|AA|7.1", "SPM|1", "SAC|||G123498654321", "ORC|DC"]);
    assert_eq!(with_dc, [(None, OrderStanding::Delivered)]);
}

#[test]
fn a_refused_message_says_so_of_all_its_orders() {
    let unknown = replies(ORL, &["MSA|AR|7.1", "ERR|||204^Unknown key^HL70357|E"]);
    assert_eq!(unknown, [(None, OrderStanding::UnknownSpecimen)]);
    let refused = replies(ORL, &["MSA|AE|7.1"]);
    assert_eq!(refused, [(None, OrderStanding::Refused)]);
    for (code, standing) in [
        ("AA", OrderStanding::Delivered),
        ("CA", OrderStanding::Delivered),
        ("AR", OrderStanding::Refused),
        ("CE", OrderStanding::Refused),
    ] {
        let msa = format!("MSA|{code}|7.1");
        assert_eq!(replies("ACK^Q03", &[&msa]), [(None, standing)], "{code}");
    }
}

#[test]
fn the_words_carry_codes_and_no_text_of_a_person() {
    let sent = message(ORL, &["MSA|AR|7.1|WANG", "ERR|||204^Unknown key^HL70357|E|||WANG"]);
    let reading = analyser("abbott-alinity-i").read(sent.as_bytes());
    assert_eq!(reading.order_replies[0].text, "MSA-1 AR, ERR-3 204");
}

#[test]
fn what_a_reply_does_not_say_is_not_made_up() {
    let cases: [(&[&str], &str); 5] = [
        (&["ORC|OK|1"], "without MSA"),
        (&["MSA|ZZ|7.1", "ORC|OK|1"], "no acknowledgement"),
        (&["MSA||7.1"], "no acknowledgement"),
        (&["MSA|AA|7.1", "ORC|ZZ|1"], "says nothing about the order"),
        (&["MSA|AA|7.1", "OBX|1|NM|161||0.4"], "a result in a reply"),
    ];
    for (segments, fault) in cases {
        let reading = analyser("abbott-alinity-i").read(message(ORL, segments).as_bytes());
        assert!(reading.faults.iter().any(|f| f.text.contains(fault)), "{reading:?}");
        let accepts = |reply: &OrderReply| reply.standing == OrderStanding::Accepted;
        assert!(!reading.order_replies.iter().any(accepts), "{reading:?}");
    }
    let result = ["MSA|AA|7.1", "SAC|||G123498654321", "OBX|1|NM|161||0.4"];
    let reading = analyser("abbott-alinity-i").read(message(ORL, &result).as_bytes());
    assert_eq!(reading.donations.len(), 1, "a result that was not read blocks its donation");
}

#[test]
fn every_analyser_that_speaks_hl7_is_understood() {
    for name in ["mindray-bs", "roche-cobas-6800", "abbott-alinity-i"] {
        let reading = analyser(name).read(message("ACK^Q03", &["MSA|AA|7.1"]).as_bytes());
        assert_eq!((reading.faults.len(), reading.order_replies.len()), (0, 1), "{name}");
    }
}
