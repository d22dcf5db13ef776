//! FM-47: a half-open TCP connection went unnoticed; keep-alive was off. Here keep-alive runs on
//! every connection, and a new connection is served while the old one still hangs.

use std::fs;
use std::net::SocketAddr;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::Lis01;

#[test]
fn fm_47_keep_alive_runs_on_every_connection() {
    let bench = Bench::start();
    let mut line = Lis01::dial(bench.daemon.address("serology")).unwrap();
    line.write(&[0x05]).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06, "the daemon has accepted the connection");
    let address = bench.daemon.address("serology");
    let client = line.stream().local_addr().unwrap();
    // The timer of an idle connection: 2 is keep-alive, 0 none (Linux, proc_net_tcp).
    assert_eq!(timer(address, client), Some(2));
}

#[test]
fn fm_47_an_analyser_that_comes_back_is_served_while_its_old_connection_hangs() {
    let bench = Bench::start();
    let mut hanging = Lis01::dial(bench.daemon.address("serology")).unwrap();
    hanging.write(&[0x05]).unwrap();
    assert_eq!(hanging.reply().unwrap(), 0x06);
    let din = messages::din(1);
    bench.astm("serology", &messages::e601_clean(&din));
    assert_eq!(bench.daemon.donation(&din)["observations"].as_array().unwrap().len(), 4);
}

/// The timer of the daemon's end, once nothing is in flight.
fn timer(daemon: SocketAddr, client: SocketAddr) -> Option<u32> {
    let ends = format!("{} {}", hex(daemon), hex(client));
    for _ in 0..10_000 {
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        let row = table.lines().find(|line| line.contains(&ends))?;
        let timer = row.split_whitespace().nth(5)?.split(':').next()?.parse().ok()?;
        if timer != 1 {
            return Some(timer);
        }
        std::thread::yield_now();
    }
    None
}

fn hex(address: SocketAddr) -> String {
    let SocketAddr::V4(v4) = address else { panic!("an IPv4 address") };
    format!("{:08X}:{:04X}", u32::from_le_bytes(v4.ip().octets()), v4.port())
}

#[test]
fn fm_47_the_connection_that_hangs_is_noted_for_people() {
    let mut bench = Bench::start();
    let mut hanging = Lis01::dial(bench.daemon.address("serology")).unwrap();
    hanging.write(&[0x05]).unwrap();
    assert_eq!(hanging.reply().unwrap(), 0x06);
    assert!(bench.kinds("serology", "notes").is_empty());
    let _second = Lis01::dial(bench.daemon.address("serology")).unwrap();
    bench.until("the note", |bench| bench.kinds("serology", "notes") == ["half-open"]);
    let noted = r#"hemogate_link_notes_total{analyser="serology",kind="half-open"}"#;
    assert_eq!(bench.metric(noted), Some(1));
    let log = bench.daemon.terminate_and_read_log();
    assert!(log.contains("counts as open since"), "{log}");
}
