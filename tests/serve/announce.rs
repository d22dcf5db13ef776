//! Work that is told to an analyser that did not ask: when its line opens, as donations are
//! registered, and after a result that must be repeated; once, until it refuses.

use std::io::{Read, Write};

use hemogate::clock;
use serde_json::Value;

use crate::bench::{Bench, E601, LISTEN, PATIENCE};
use crate::wire::{ACK, ENQ, EOT, Wire, block, e601_panel, frames};

const ALINITY: &str = r#"
[[analyser]]
id = "alinity"
profile = "abbott-alinity-i"
"#;

fn announcing(analyser: &str) -> String {
    format!("{analyser}{LISTEN}announce_orders = true\n")
}

fn din(number: u32) -> String {
    format!("D{number:010}")
}

/// The next message of the daemon in a LIS01 session, every frame of it acknowledged.
fn hear_session<S: Read + Write>(wire: &mut Wire<S>) -> String {
    assert_eq!(wire.hear(), ENQ);
    wire.say(&[ACK]);
    let mut text = Vec::new();
    loop {
        match wire.hear() {
            EOT => return String::from_utf8(text).unwrap(),
            0x02 => {}
            other => panic!("{other:#04x} between frames"),
        }
        wire.hear();
        loop {
            match wire.hear() {
                0x03 | 0x17 => break,
                byte => text.push(byte),
            }
        }
        let trailer = [wire.hear(), wire.hear(), wire.hear(), wire.hear()];
        assert_eq!(trailer[2..], *b"\r\n");
        wire.say(&[ACK]);
    }
}

/// Specimen and codes of the only O record.
fn ordered(text: &str) -> (String, Vec<String>) {
    assert!(text.contains("|TSDWN^BATCH|"), "{text}");
    let orders: Vec<_> = text.split('\r').filter(|record| record.starts_with("O|")).collect();
    let [order] = orders.as_slice() else { panic!("{text}") };
    let fields: Vec<_> = order.split('|').collect();
    let mut codes: Vec<_> =
        fields[4].split('\\').map(|code| code.trim_matches('^').to_owned()).collect();
    codes.sort();
    (fields[2].to_owned(), codes)
}

/// The store is closed by its own thread, a moment after the daemon that was stopped.
fn start_again(bench: &mut Bench, analysers: &str) {
    let deadline = clock::moment().plus(PATIENCE);
    while let Err(error) = bench.start(analysers) {
        assert!(clock::moment() < deadline, "{error}");
    }
}

fn panel() -> Vec<String> {
    ["111", "149", "286", "515"].map(str::to_owned).into()
}

#[test]
fn what_is_registered_is_ordered_once_when_the_line_opens_and_as_it_comes() {
    let mut bench = Bench::new(&announcing(E601));
    bench.register(&din(1));
    let mut wire = bench.wire("e601");
    assert_eq!(ordered(&hear_session(&mut wire)), (din(1), panel()), "the line opened");
    bench.register(&din(2));
    assert_eq!(ordered(&hear_session(&mut wire)), (din(2), panel()), "it was registered");

    // A bid of the daemon would stand in the place of an acknowledgement.
    wire.send_session(&frames(1, &e601_panel(&din(1))));
    bench.until("the results are in", |bench| bench.messages(&din(1)).len() == 1);
    bench.register(&din(3));
    assert_eq!(ordered(&hear_session(&mut wire)), (din(3), panel()), "nothing more for the others");

    drop(wire);
    bench.stop();
    start_again(&mut bench, &announcing(E601));
    bench.register(&din(4));
    let mut wire = bench.wire("e601");
    assert_eq!(ordered(&hear_session(&mut wire)), (din(4), panel()), "not again after a restart");
}

#[test]
fn a_reactive_result_brings_the_order_of_its_repeats() {
    let bench = Bench::new(&announcing(E601));
    bench.register(&din(1));
    let mut wire = bench.wire("e601");
    assert_eq!(ordered(&hear_session(&mut wire)), (din(1), panel()));
    let reactive = e601_panel(&din(1)).replace("-1^0.493", "1^8.410");
    wire.send_session(&frames(1, &reactive));
    // Two determinations of the site's HIV, each an order of its own.
    for _ in 0..2 {
        assert_eq!(ordered(&hear_session(&mut wire)), (din(1), vec!["515".to_owned()]));
    }
    bench.register(&din(2));
    assert_eq!(ordered(&hear_session(&mut wire)), (din(2), panel()), "two, and no third");
}

#[test]
fn an_analyser_that_asks_is_told_nothing_unasked_unless_the_site_wants_it() {
    let bench = Bench::new(&format!("{E601}{LISTEN}"));
    bench.register(&din(1));
    let mut wire = bench.wire("e601");
    wire.send_session(&frames(1, &e601_panel(&din(2))));
    bench.register(&din(3));
    wire.send_session(&frames(1, &e601_panel(&din(3))));
    bench.until("the results are in", |bench| bench.messages(&din(3)).len() == 1);
    assert_eq!(bench.metric("hemogate_order_messages_total"), 0);
}

/// MSH-10, and test code with order id of each OBR.
fn law_orders(message: &str) -> (String, Vec<(String, String)>) {
    assert!(message.contains("|OML^O33^OML_O33|"), "{message}");
    let field = |segment: &str, at: usize| segment.split('|').nth(at).unwrap().to_owned();
    let control_id = field(message.split('\r').next().unwrap(), 9);
    let orders = message.split('\r').filter(|segment| segment.starts_with("OBR|"));
    let code = |obr: &str| field(obr, 4).split('^').next().unwrap().to_owned();
    (control_id, orders.map(|obr| (code(obr), field(obr, 2))).collect())
}

/// ORL^O34 to a message: what is said of each order.
fn law_reply(control_id: &str, said: &[(&str, &str)]) -> Vec<u8> {
    let orders: String = said.iter().map(|(code, id)| format!("ORC|{code}|{id}\r")).collect();
    block(&format!(
        "MSH|^~\\&|ALINITY|||HEMOGATE|20260105120001+0800||ORL^O34^ORL_O42|R{control_id}|P|2.5.1\
         ||||||UNICODE UTF-8|||LAB-28^IHE\rMSA|AA|{control_id}\r\
         SPM|1|||\"\"|||||||P^Patient specimen^HL70369\rSAC|||{}\r{orders}",
        din(1)
    ))
}

fn notes(bench: &Bench) -> Vec<Value> {
    let (status, link) = bench.get("/api/v1/links/alinity");
    assert_eq!(status, 200, "{link}");
    link["notes"].as_array().unwrap().iter().map(|note| note["kind"].clone()).collect()
}

#[test]
fn what_is_refused_rests_and_what_is_accepted_is_never_told_again() {
    let bench = Bench::new(&announcing(ALINITY));
    bench.register(&din(1));
    let mut wire = bench.wire("alinity");
    let (control_id, first) = law_orders(&wire.hear_block());
    let codes: Vec<_> = first.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes.len(), 2, "{first:?}");
    assert!(codes.contains(&"161") && codes.contains(&"396"), "{first:?}");
    let (accepted, refused) = (&first[0], &first[1]);
    wire.say(&law_reply(&control_id, &[("OK", &accepted.1), ("UA", &refused.1)]));

    for number in [2, 3] {
        bench.register(&din(number));
        let message = wire.hear_block();
        let (control_id, orders) = law_orders(&message);
        assert!(message.contains(&din(number)), "nothing is told again: {message}");
        assert_eq!(orders.len(), 2);
        assert!(orders.iter().all(|(_, id)| first.iter().all(|(_, told)| told != id)));
        let said: Vec<_> = orders.iter().map(|(_, id)| ("OK", id.as_str())).collect();
        wire.say(&law_reply(&control_id, &said));
    }
    assert_eq!(notes(&bench), ["orders-refused"]);
}
