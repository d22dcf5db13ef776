//! Analysers with texts in blocks, over real sockets.

use hemogate::codec::block::{Form, encode};

use crate::bench::{Bench, LISTEN};
use crate::wire::{ACK, NAK};

fn daemon() -> Bench {
    let analyser = |id: &str, profile: &str| {
        format!("[[analyser]]\nid = \"{id}\"\nprofile = \"{profile}\"\n{LISTEN}")
    };
    let analysers = [
        analyser("pk", "beckman-pk7300"),
        analyser("au", "beckman-au680"),
        analyser("hitachi", "hitachi-7180"),
    ];
    Bench::new(&analysers.concat())
}

fn text(text: &str) -> Vec<u8> {
    encode(text.as_bytes(), false, &Form::STX_ETX_BCC)
}

/// Group O, RhD positive.
fn pk_result(din: &str) -> (String, String) {
    let header = format!("D 15210120260115{din:>27}00010001  ");
    let signs = " - - + - + + + + -";
    let words = "ABO2 O       CE-2 CcEe    D-2  RH+     K-2  KELL -  RhC2 CONTR- M";
    (header, format!("     {signs:<46}{words}01741167400 755"))
}

#[test]
fn a_blood_group_over_two_blocks_is_acknowledged_when_it_can_be_asked_for() {
    let bench = daemon();
    bench.register("D0000000001");
    let mut wire = bench.wire("pk");
    for begin in ["SB15", "DB15"] {
        wire.say(&text(begin));
        assert_eq!(wire.hear(), ACK);
    }
    let (header, data) = pk_result("D0000000001");
    let (first, second) = data.split_at(90);
    wire.say(&encode(format!("{header}00{first}").as_bytes(), true, &Form::STX_ETX_BCC));
    assert_eq!(wire.hear(), ACK);
    assert!(bench.observations("D0000000001").is_empty(), "half a text is no result");
    wire.say(&text(&format!("{header}EE{second}")));
    assert_eq!(wire.hear(), ACK);
    let observations = bench.observations("D0000000001");
    let readings: Vec<&str> =
        observations.iter().map(|one| one["reading"].as_str().unwrap()).collect();
    assert_eq!(readings, ["O", "positive"]);
    assert!(bench.unread().is_empty());
}

#[test]
fn a_damaged_result_is_refused_and_its_repetition_stored_once() {
    let bench = daemon();
    bench.register("D0000000001");
    let mut wire = bench.wire("au");
    let result = format!("D 000101 0001{:>20}    E13   24.0  ", "D0000000001");
    let good = text(&result);
    let mut bad = good.clone();
    bad[45] ^= 4;
    wire.say(&bad);
    assert_eq!(wire.hear(), NAK);
    wire.say(&good);
    assert_eq!(wire.hear(), ACK);
    wire.say(&good);
    assert_eq!(wire.hear(), ACK, "its acknowledgement was lost");
    let observations = bench.observations("D0000000001");
    assert_eq!(observations.len(), 1, "{observations:?}");
    assert_eq!(observations[0]["value"], "  24.0");
}

#[test]
fn an_analyser_that_is_answered_with_texts_goes_on_when_its_result_is_stored() {
    let bench = daemon();
    bench.register("D0000000001");
    let mut wire = bench.wire("hitachi");
    let mut more = |said: &str| {
        wire.say(&text(said));
        let reply: Vec<u8> = (0..4).map(|_| wire.hear()).collect();
        assert_eq!(reply, text(">"), "{said}");
    };
    more(">");
    more(&format!(":N    11001{:<13}  1003  24.0 ", "D0000000001"));
    assert_eq!(bench.observations("D0000000001").len(), 1);
}

#[test]
fn a_text_cut_short_by_a_lost_line_blocks_its_donation() {
    let bench = daemon();
    bench.register("D0000000001");
    let mut wire = bench.wire("pk");
    let (header, data) = pk_result("D0000000001");
    wire.say(&encode(format!("{header}00{}", &data[..90]).as_bytes(), true, &Form::STX_ETX_BCC));
    assert_eq!(wire.hear(), ACK);
    drop(wire);
    bench.until("the transfer is kept", |bench| !bench.unread().is_empty());
    assert_eq!(bench.unread()[0]["donations"][0], "D0000000001", "{:?}", bench.unread());
}
