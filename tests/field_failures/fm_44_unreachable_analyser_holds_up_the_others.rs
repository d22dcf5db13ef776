//! FM-44: one destination that could not be reached filled a queue that all shared, and messages
//! for the others waited behind it. Here nothing is queued for a line that is away: its work is
//! read from the store when the line can take it.

use std::net::{SocketAddr, TcpListener};

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::orders::{PROFILE, announced, result, take_orders};
use crate::support::wire::{Lis01, Sent};

/// An address where nobody listens yet.
fn unused() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Two analysers that nobody can reach, one with a line and one without, and a good one.
fn bench(away: SocketAddr) -> Bench {
    let away = announced("away", &format!("tcp_connect = \"{away}\""));
    let listening = "tcp_listen = \"127.0.0.1:0\"";
    let analysers = [away, announced("mute", listening), announced("good", listening)].concat();
    Bench::written(&analysers, &[("small.toml", PROFILE)])
}

fn register(bench: &Bench, number: u32) -> String {
    let din = messages::din(number);
    bench.daemon.register(&messages::registration(&din));
    din
}

#[test]
fn fm_44_orders_and_results_of_the_others_go_on_and_nothing_is_lost_over_a_restart() {
    let away = unused();
    let mut bench = bench(away);
    let mut mute = Lis01::dial(bench.daemon.address("mute")).unwrap();
    let mut good = Lis01::dial(bench.daemon.address("good")).unwrap();
    let dins: Vec<_> = (1..=3).map(|number| register(&bench, number)).collect();
    assert_eq!(mute.reply().unwrap(), 0x05, "it is offered an order, and says nothing to it");
    assert_eq!(take_orders(&mut good, 3), dins, "in the order of their registration");
    assert_eq!(good.send(&result(&dins[0])), Sent::Acknowledged);
    assert_eq!(bench.daemon.donation(&dins[0])["observations"].as_array().unwrap().len(), 1);
    let reconnects = r#"hemogate_reconnects_total{analyser="away"}"#;
    bench.until("it was dialled in vain", |bench| bench.metric(reconnects) >= Some(1));

    bench.restart();
    let fourth = register(&bench, 4);
    let still_to_do = [dins[1].clone(), dins[2].clone(), fourth];
    let listener = TcpListener::bind(away).unwrap();
    let mut back = Lis01::accept(&listener).unwrap();
    let mut speaking = Lis01::dial(bench.daemon.address("mute")).unwrap();
    for line in [&mut back, &mut speaking] {
        assert_eq!(take_orders(line, 3), still_to_do, "once and in order");
    }
    assert_eq!(back.send(&result(&dins[1])), Sent::Acknowledged);
}
