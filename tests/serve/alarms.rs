//! What people are told of a line without asking: in the interface, by `hemogate links`, in the
//! metrics.

use std::process::Command;

use crate::bench::{BS, Bench, E601, LISTEN};
use crate::wire::{ACK, ENQ};

const WATCHED: &str = "silence_alarm_s = 1\n";

/// `hemogate links`: its status and what it said on standard error.
fn links(bench: &Bench) -> (Option<i32>, String) {
    let http = bench.http_addr().to_string();
    let ran = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["links", "--http", &http])
        .output()
        .unwrap();
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

/// The kinds of the alarms of an analyser's line.
fn alarms(bench: &Bench, analyser: &str) -> Vec<String> {
    let (status, body) = bench.get("/api/v1/links");
    assert_eq!(status, 200, "{body}");
    let links = body["links"].as_array().unwrap();
    let link = links.iter().find(|link| link["analyser"] == analyser).unwrap();
    let alarms = link["alarms"].as_array().unwrap();
    alarms.iter().map(|alarm| alarm["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_analyser_that_falls_silent_is_an_alarm_until_its_next_byte() {
    let bench = Bench::new(&format!("{E601}{WATCHED}{LISTEN}{BS}{LISTEN}"));
    let raised = r#"hemogate_link_alarm{analyser="e601",kind="silence"}"#;
    let mut wire = bench.wire("e601");
    bench.until("the alarm", |bench| alarms(bench, "e601") == ["silence"]);
    assert_eq!(bench.metric(raised), 1);
    assert!(alarms(&bench, "bs").is_empty(), "nothing is expected of it");
    let (status, said) = links(&bench);
    assert_eq!(status, Some(1));
    assert!(said.contains("ALARM") && said.contains("analyser e601"), "{said}");
    assert_eq!(bench.get("/readyz").0, 200, "readiness is the store's alone");
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), ACK);
    let over = r#"hemogate_link_notes_total{analyser="e601",kind="silence-over"}"#;
    bench.until("it is over", |bench| bench.metric(over) == 1);
}
