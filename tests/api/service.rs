//! Health, readiness, metrics, and what is not there.

use hemogate::store::Health;

use crate::bench::{Bench, DIN, registration};

#[test]
fn a_running_daemon_with_a_writing_store_is_well_and_ready() {
    let bench = Bench::new();
    assert_eq!(bench.get("/healthz").status, 200);
    assert_eq!(bench.get("/readyz").status, 200);
}

#[test]
fn metrics_are_openmetrics_text() {
    let bench = Bench::new();
    let metrics = bench.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.kind.starts_with("application/openmetrics-text"), "{}", metrics.kind);
    assert!(metrics.text.ends_with("# EOF\n"), "{}", metrics.text);
}

#[test]
fn other_addresses_and_methods_are_problems_too() {
    let bench = Bench::new();
    bench.get("/api/v2/verdicts").problem(404);
    bench.get("/").problem(404);
    let wrong = bench.get("/api/v1/donations");
    wrong.problem(405);
    assert_eq!(wrong.allow.as_deref(), Some("POST"));
    bench.delete("/api/v1/verdicts").problem(405);
}

#[test]
fn a_store_that_takes_nothing_is_a_503_until_it_does_again() {
    let bench = Bench::new();
    let other = rusqlite::Connection::open(bench.folder.path().join("hemogate.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let problem = bench.register(&registration(DIN)).problem(503);
    assert!(!problem["detail"].as_str().unwrap().is_empty());
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    // Sending the same again is harmless, whether or not the first one was committed after all.
    let again = bench.register(&registration(DIN));
    assert!(matches!(again.status, 200 | 201), "{}", again.text);
    assert_eq!(bench.store.health(), Health::Writing);
    assert_eq!(bench.get("/readyz").status, 200);
}
