//! Orders that nobody asked for, and analysers without a link layer.

use std::io::Read;
use std::net::TcpStream;

use crate::bench::{Bench, LISTEN};
use crate::law::{LAW, control_id, order_ids, query, reply};
use crate::orders::{ARC, query_in, result};
use crate::wire::{ENQ, NAK, Wire};

const A: &str = "D0000000001";
const B: &str = "D0000000002";

const ORDER: &str = r#"
[order]
header = ['H|\^&', 'P|1']
specimen = ['O|1|{id}||{codes}']
footer = ['L|1|N']
code = '^^^{code}'
duplicates = "single"

# O|1|ID|"#;

fn profiled(changes: &[(&str, &str)], habits: &str) -> Bench {
    let mut bench = Bench::stopped();
    let profile = bench.profile("abbott-architect", changes);
    let analyser = ARC.replace("abbott-architect", &profile);
    bench.start(&format!("{analyser}{habits}{LISTEN}")).unwrap();
    bench
}

fn announcing() -> Bench {
    profiled(&[("# O|1|ID|", ORDER)], "announce_orders = true\n")
}

fn framed(framing: &str) -> Bench {
    let habit = format!("framing = \"{framing}\"\n");
    profiled(&[("frame_text = 240\nrecords_per_frame = \"one\"\n", &habit)], "")
}

#[test]
fn what_is_registered_is_ordered_once_without_being_asked_for() {
    let bench = announcing();
    let mut wire = bench.wire("arc");
    for din in [A, B] {
        bench.register(din);
        let heard = String::from_utf8(wire.hear_session()).unwrap();
        assert!(heard.contains(&format!("O|1|{din}||^^^1\\^^^2\\^^^3\\^^^380")), "{heard}");
        bench.until_orders(din, 4, "delivered");
    }
    // The end of it: nothing more is said until there is news.
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), crate::wire::ACK);
    assert_eq!((bench.orders(A).len(), bench.orders(B).len()), (4, 4));
}

#[test]
fn fm_45_a_message_that_was_not_taken_is_told_again_and_keeps_no_other_from_being_told() {
    let bench = announcing();
    bench.register(A);
    bench.register(B);
    let mut wire = bench.wire("arc");
    assert_eq!(wire.hear(), ENQ);
    wire.say(&[crate::wire::ACK]);
    let first = wire.hear_frame();
    for _ in 1..6 {
        wire.say(&[NAK]);
        assert_eq!(wire.hear_frame(), first);
    }
    wire.say(&[NAK]);
    assert_eq!(wire.hear(), crate::wire::EOT);
    bench.until_orders(A, 4, "undelivered");
    bench.until_orders(B, 4, "undelivered");
    assert_eq!((bench.sent("arc", "not_taken"), bench.sent("arc", "withdrawn")), (1, 1));
    let heard = [wire.hear_session(), wire.hear_session()].concat();
    let heard = String::from_utf8(heard).unwrap();
    let place = |din: &str| heard.find(din).unwrap();
    assert!(place(B) < place(A), "one that is never taken must not stand first for ever: {heard}");
}

#[test]
fn what_an_analyser_refuses_is_not_told_again_at_once_nor_with_the_next_news() {
    let mut bench = Bench::stopped();
    bench.start(&format!("{LAW}announce_orders = true\n{LISTEN}")).unwrap();
    bench.register(A);
    let mut wire = bench.wire("law");
    let refused = |wire: &mut Wire<TcpStream>, din: &str| {
        let orders = wire.hear_block();
        assert!(orders.contains(&format!("SAC|||{din}\r")), "{orders}");
        let each: String = order_ids(&orders).iter().map(|id| format!("ORC|UA|{id}\r")).collect();
        wire.say(&reply(&control_id(&orders), "AA", &format!("SAC|||{din}\r{each}")));
    };
    refused(&mut wire, A);
    bench.until_orders(A, 4, "refused");
    bench.register(B);
    // The next word is about the other donation, and there is none after it.
    refused(&mut wire, B);
    bench.until_orders(B, 4, "refused");
    assert_eq!(wire.send_block(&query("Q-1", "D0000000003")), "AA");
    assert_eq!((bench.orders(A).len(), bench.orders(B).len()), (4, 4));
}

fn hear_records(wire: &mut Wire<TcpStream>, end: &[u8]) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(end) {
        heard.push(wire.hear());
    }
    String::from_utf8(heard).unwrap()
}

const ANSWER: &str = "H|\\^&|||HEMOGATE|||||ARCHITECT||P|1\rP|1\r\
                      O|1|D0000000001||^^^1\\^^^2\\^^^3\\^^^380|R||||||N||||||||||||||Q\rL|1|N\r";

#[test]
fn records_without_a_link_layer_are_read_and_answered() {
    let bench = framed("records");
    bench.register(A);
    let mut wire = bench.wire("arc");
    wire.say(query_in(A, "O").as_bytes());
    assert_eq!(hear_records(&mut wire, b"L|1|N\r"), ANSWER);
    bench.until_orders(A, 4, "delivered");
    wire.say(result(A, "1", "0.08", "Nonreactive").as_bytes());
    bench.until("stored", |bench| bench.observations(A).len() == 1);
}

#[test]
fn records_between_stx_and_etx_are_read_and_answered() {
    let bench = framed("stx-etx");
    bench.register(A);
    let mut wire = bench.wire("arc");
    wire.say(&[b"\x02", query_in(A, "O").as_bytes(), b"\x03"].concat());
    assert_eq!(hear_records(&mut wire, b"\x03"), format!("\x02{ANSWER}\x03"));
    bench.until_orders(A, 4, "delivered");
}

#[test]
fn what_is_refused_without_a_link_layer_closes_the_line() {
    let bench = framed("records");
    bench.register(A);
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut wire = bench.wire("arc");
    wire.say(query_in(A, "O").as_bytes());
    assert_eq!(wire.0.read(&mut [0]).unwrap_or(0), 0, "nothing is said, the line closes");
    other.execute_batch("ROLLBACK").unwrap();
    bench.until("ready", |bench| bench.get("/readyz").0 == 200);
    let mut wire = bench.wire("arc");
    wire.say(query_in(A, "O").as_bytes());
    assert_eq!(hear_records(&mut wire, b"L|1|N\r"), ANSWER);
}
