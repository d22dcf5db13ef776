//! The timers of LIS01-A2, each waited for on a real line.

use crate::bench::Bench;

#[track_caller]
fn keeps(timer: &str) {
    Bench::new().conform("lis01", &["--only", timer]).all_passed(1);
}

#[test]
fn t1_without_a_reply_to_enq_the_daemon_gives_up_after_15_s() {
    keeps("T1:");
}

#[test]
fn t2_after_nak_the_daemon_waits_10_s() {
    keeps("T2:");
}

#[test]
fn t3_after_contention_the_daemon_waits_20_s() {
    keeps("T3:");
}

#[test]
fn t4_without_a_reply_to_a_frame_the_daemon_gives_up_after_15_s() {
    keeps("T4:");
}

#[test]
fn t5_after_30_s_of_silence_the_daemon_is_neutral() {
    keeps("T5:");
}
