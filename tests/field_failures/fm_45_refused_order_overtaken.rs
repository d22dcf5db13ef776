//! FM-45: an order that was answered with NAK was given up, the next one was sent, and the first
//! was lost. Here nothing overtakes an order that was not taken: what was queued behind it is
//! withdrawn, people are told, and after a pause everything comes again.

use std::time::Instant;

use hemogate::limits;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::orders::{PROFILE, announced, result, take_orders};
use crate::support::wire::{Lis01, Mllp, Sent, block};

/// Takes the enquiry, and refuses the first frame until the daemon gives up.
fn refuse(line: &mut Lis01) -> (String, usize) {
    assert_eq!(line.reply().unwrap(), 0x05, "the daemon begins");
    line.write(&[0x06]).unwrap();
    let (mut text, mut transmissions) = (String::new(), 0);
    while line.reply().unwrap() == 0x02 {
        text = line.take_frame().unwrap();
        transmissions += 1;
        line.write(&[0x15]).unwrap();
    }
    (text, transmissions)
}

#[test]
fn fm_45_what_is_behind_a_refused_order_waits_and_both_come_again() {
    let analyser = announced("small", "tcp_listen = \"127.0.0.1:0\"");
    let bench = Bench::written(&analyser, &[("small.toml", PROFILE)]);
    let dins = [messages::din(1), messages::din(2)];
    dins.iter().for_each(|din| bench.daemon.register(&messages::registration(din)));
    let mut line = Lis01::dial(bench.daemon.address("small")).unwrap();
    let (_, transmissions) = refuse(&mut line);
    assert_eq!(transmissions, 6, "LIS01-A2 6.5.1.2");
    let refused_at = Instant::now();
    bench.until("the note", |bench| bench.kinds("small", "notes") == ["order-given-up"]);
    let withdrawn = r#"hemogate_order_messages_total{analyser="small",outcome="withdrawn"}"#;
    bench.until("it is withdrawn", |bench| bench.metric(withdrawn) == Some(1));
    let not_taken = r#"hemogate_order_messages_total{analyser="small",outcome="not_taken"}"#;
    assert_eq!(bench.metric(not_taken), Some(1));
    // Results go on meanwhile, on the same line.
    assert_eq!(line.send(&result(&messages::din(3))), Sent::Acknowledged);
    let mut told = take_orders(&mut line, 2);
    told.sort();
    assert_eq!(told, dins, "each donation comes again");
    assert!(refused_at.elapsed() >= limits::ANNOUNCE_PAUSE.mul_f32(0.9), "after the pause");
}

/// Answers an order message with this code.
fn answer(line: &mut Mllp, code: &str) -> String {
    let (message, control_id) = line.take().unwrap();
    let answer = format!(
        "MSH|^~\\&|A||||20260105120000||ORL^O34^ORL_O34|R{control_id}|P|2.5.1\r\
         MSA|{code}|{control_id}|OUYANG IS UNKNOWN\r"
    );
    line.write(&block(answer.as_bytes())).unwrap();
    let id = message.split('\r').find_map(|segment| segment.strip_prefix("SAC|||"));
    id.unwrap_or_else(|| panic!("no specimen in {message:?}")).to_owned()
}

#[test]
fn fm_45_an_order_that_is_rejected_is_not_overtaken_and_its_text_is_not_shown() {
    let profile = hemogate::analyser::shipped("abbott-alinity-i").unwrap();
    let analyser = announced("small", "tcp_listen = \"127.0.0.1:0\"");
    let mut bench = Bench::written(&analyser, &[("small.toml", profile)]);
    let dins = [messages::din(1), messages::din(2)];
    dins.iter().for_each(|din| bench.daemon.register(&messages::registration(din)));
    let mut line = Mllp::dial(bench.daemon.address("small")).unwrap();
    assert_eq!(answer(&mut line, "AR"), dins[0]);
    let rejected_at = Instant::now();
    bench.until("the note", |bench| bench.kinds("small", "notes") == ["order-given-up"]);
    let shown = bench.link("small").to_string();
    assert!(shown.contains("hemogate tap small") && !shown.contains("OUYANG"), "{shown}");
    let mut told = vec![answer(&mut line, "AA")];
    assert!(rejected_at.elapsed() >= limits::ANNOUNCE_PAUSE.mul_f32(0.9), "after the pause");
    told.push(answer(&mut line, "AA"));
    told.sort();
    assert_eq!(told, dins, "each donation comes again");
    let log = bench.daemon.terminate_and_read_log();
    assert!(log.contains("not taken") && !log.contains("OUYANG"), "{log}");
}
