//! Our daemon keeps every clause that can be seen without waiting for a timer.

use crate::bench::Bench;

#[test]
fn our_daemon_keeps_the_clauses_of_lis01_and_lis02() {
    Bench::new().conform("lis01", &["--quick"]).all_passed(26);
}

#[test]
fn our_daemon_keeps_the_clauses_of_mllp_and_law() {
    Bench::new().conform("mllp", &["--quick"]).all_passed(20);
}
