//! Peers that are rude, broken or too many; and who is not disturbed by them.

use std::io::{Read, Write};
use std::net::TcpStream;

use hemogate::limits;

use crate::bench::{Bench, E601, LISTEN};
use crate::wire::{ACK, ENQ, EOT, NAK, Wire, acknowledgement_code, bs_alt, e601_panel, frames};

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

#[test]
fn a_frame_of_ten_megabytes_is_refused_and_the_line_goes_on() {
    let bench = Bench::listening();
    let mut wire = bench.wire("e601");
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), ACK);
    wire.say(b"\x021");
    wire.say(&vec![b'A'; TEN_MEGABYTES]);
    wire.say(b"\x0300\r\n");
    assert_eq!(wire.hear(), NAK);
    wire.say(&[0x04]);
    wire.send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(bench.observations("D0000000001").len(), 4);
    assert!(bench.metric(r#"hemogate_link_faults_total{analyser="e601",kind="too_long"}"#) > 0);
}

#[test]
fn a_block_of_ten_megabytes_is_not_accepted_and_the_line_goes_on() {
    let bench = Bench::listening();
    let mut wire = bench.wire("bs");
    wire.say(b"\x0bMSH|^~\\&|Mindray|BS-480|||20260101||ORU^R01|1|P|2.3.1\rOBX|1|ST|");
    wire.say(&vec![b'A'; TEN_MEGABYTES]);
    wire.say(b"\x1c\x0d");
    wire.say(&crate::wire::block(&bs_alt("2", "D0000000001", "20")));
    let mut reply = wire.hear_block();
    if crate::wire::acknowledged_id(&reply) == "1" {
        assert_eq!(acknowledgement_code(&reply), "AR");
        reply = wire.hear_block();
    }
    assert_eq!(acknowledgement_code(&reply), "AA");
    assert_eq!(bench.observations("D0000000001").len(), 1);
}

#[test]
fn clients_that_say_nothing_cost_nobody_anything() {
    let bench = Bench::listening();
    let silent: Vec<_> = (0..50).map(|_| bench.wire("e601")).collect();
    let mut half_said = bench.wire("e601");
    half_said.say(&[ENQ]);
    assert_eq!(half_said.hear(), ACK);
    half_said.say(b"\x021H|\\^&");
    bench.wire("e601").send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(bench.observations("D0000000001").len(), 4);
    drop(silent);
}

#[test]
fn two_hundred_connections_at_once_are_all_served() {
    let bench = Bench::listening();
    let mut wires: Vec<_> = (0..200).map(|_| bench.wire("bs")).collect();
    for (number, wire) in wires.iter_mut().enumerate() {
        wire.say(&crate::wire::block(&bs_alt(
            &number.to_string(),
            &format!("D{number:010}"),
            "20",
        )));
    }
    for (number, wire) in wires.iter_mut().enumerate() {
        let reply = wire.hear_block();
        assert_eq!(acknowledgement_code(&reply), "AA");
        assert_eq!(crate::wire::acknowledged_id(&reply), number.to_string());
    }
    for number in 0..200 {
        assert_eq!(bench.observations(&format!("D{number:010}")).len(), 1, "{number}");
    }
}

#[test]
fn connections_up_to_the_bound_are_served_and_one_more_is_turned_away() {
    let bench = Bench::listening();
    let bound = limits::CONNECTIONS_PER_ANALYSER;
    let mut wires: Vec<_> = (0..bound).map(|_| bench.wire("e601")).collect();
    for wire in &mut wires {
        wire.say(&[ENQ]);
        assert_eq!(wire.hear(), ACK);
    }
    assert!(bench.wire("e601").is_ended());
    assert_eq!(bench.metric(r#"hemogate_turned_away_total{analyser="e601"}"#), 1);
    // The other analyser has its own bound.
    assert_eq!(bench.wire("bs").send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    // A place that is free again is given again.
    drop(wires.pop());
    let open = r#"hemogate_connections_open{analyser="e601"}"#;
    bench.until("a place is free", |bench| bench.metric(open) < bound as u64);
    bench.wire("e601").send_session(&frames(1, &e601_panel("D0000000001")));
}

#[test]
fn one_that_misbehaves_does_not_disturb_the_others() {
    let bench = Bench::listening();
    let address = bench.addr("e601");
    let mut good = bench.wire("e601");
    let panel = frames(1, &e601_panel("D0000000001"));
    good.say(&[ENQ]);
    assert_eq!(good.hear(), ACK);
    let (first, rest) = panel.split_first().unwrap();
    good.say(first);
    assert_eq!(good.hear(), ACK);

    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let rude = std::thread::spawn(move || scribble(address, seed));
    for frame in rest {
        good.say(frame);
        assert_eq!(good.hear(), ACK, "seed {seed}");
    }
    rude.join().unwrap();
    good.say(&[0x04]);
    assert_eq!(bench.observations("D0000000001").len(), 4, "seed {seed}");
    good.send_session(&frames(1, &e601_panel("D0000000002")));
    assert_eq!(bench.observations("D0000000002").len(), 4, "seed {seed}");
}

/// Control characters and rubbish on many connections, which end in the middle of anything.
fn scribble(address: std::net::SocketAddr, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..30 {
        let mut stream = TcpStream::connect(address).unwrap();
        let rubbish: Vec<u8> = (0..random.usize(1..5_000))
            .map(|_| match random.u8(..) {
                0..64 => random.choice([0x02, 0x03, 0x04, 0x05, 0x0a, 0x0d, 0x15, 0x17]).unwrap(),
                64..128 => random.u8(b'0'..=b'9'),
                byte => byte,
            })
            .collect();
        // The daemon may have hung up already.
        let _said = stream.write_all(&rubbish);
    }
}

#[test]
fn a_peer_that_never_reads_our_replies_loses_its_line() {
    let bench = Bench::listening();
    let stream = TcpStream::connect(bench.addr("e601")).unwrap();
    stream.set_write_timeout(Some(crate::bench::PATIENCE)).unwrap();
    let mut wire = Wire(stream);
    // Each bad frame is answered; nothing is read, until the daemon no longer reads either.
    wire.0.write_all(&[ENQ]).unwrap();
    let bad = b"\x021\x0300\r\n".repeat(4_096);
    let ended = (0..).find(|_| wire.0.write_all(&bad).is_err());
    assert!(ended.is_some());
    let open = r#"hemogate_connections_open{analyser="e601"}"#;
    bench.until("the line is given up", |bench| bench.metric(open) == 0);
    let mut rest = Vec::new();
    let _reset = wire.0.read_to_end(&mut rest);
    bench.wire("e601").send_session(&frames(1, &e601_panel("D0000000001")));
}

/// A small analyser of the site's own that is told its work without asking.
const TOLD: &str = r#"
[[analyser]]
id = "told"
profile = "./told.toml"
announce_orders = true
"#;

#[test]
fn a_peer_that_takes_no_order_is_kept_one_load_of_them_however_much_there_is_to_do() {
    let mut bench = Bench::stopped();
    std::fs::write(bench.path("told.toml"), include_str!("../support/told.toml")).unwrap();
    bench.start(&format!("{TOLD}{LISTEN}{E601}{LISTEN}")).unwrap();
    let mut wire = bench.wire("told");
    bench.register("D0000000001");
    assert_eq!(wire.hear(), ENQ, "the first order is under way");
    let dins: Vec<_> = (2..40).map(|number| format!("D{number:010}")).collect();
    dins.iter().for_each(|din| bench.register(din));
    // The others are not held up meanwhile.
    bench.wire("e601").send_session(&frames(1, &e601_panel("D0000000041")));
    wire.say(&[ACK]);
    for _ in 0..6 {
        while wire.hear() != b'\n' {}
        wire.say(&[NAK]);
    }
    assert_eq!(wire.hear(), EOT);
    let counted = |outcome| {
        format!(r#"hemogate_order_messages_total{{analyser="told",outcome="{outcome}"}}"#)
    };
    bench.until("it is given up", |bench| bench.metric(&counted("not_taken")) == 1);
    assert_eq!(bench.metric(&counted("withdrawn")), 0, "nothing waited behind it");
}
