//! FM-45: an order that was answered with NAK was given up, the next one was sent, and the first
//! was lost. Here nothing overtakes an order that was not taken: what was queued behind it is
//! withdrawn, people are told, and after a pause everything comes again, in order.

use std::time::Instant;

use hemogate::limits;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::orders::{PROFILE, announced, result, take_orders};
use crate::support::wire::{Lis01, Sent};

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
fn fm_45_what_is_behind_a_refused_order_waits_and_both_come_again_in_order() {
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
    let told = take_orders(&mut line, 2);
    assert_eq!(told, dins, "the first one first");
    assert!(refused_at.elapsed() >= limits::ANNOUNCE_PAUSE.mul_f32(0.9), "after the pause");
}
