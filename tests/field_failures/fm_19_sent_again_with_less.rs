//! FM-19: a result was sent a second time over HL7 without the correction that the first one
//! carried, and the poorer copy replaced the richer one. Here a copy never takes anything away:
//! what was said once against a result stays on record, and stands.

use serde_json::Value;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::Sent;

const TIME: &str = "20260105115617";

fn bench(number: u32) -> (Bench, String) {
    let (bench, din) = (Bench::start(), messages::din(number));
    bench.daemon.register(&messages::registration(&din));
    (bench, din)
}

fn passed(donation: &Value, check: &str) -> bool {
    donation["passed"].as_array().unwrap().iter().any(|passed| passed["name"] == check)
}

/// Sends a result with something that speaks against it, then the same without; the donation.
fn with_and_without(number: u32, with: impl Fn(&str) -> String) -> Value {
    let (bench, din) = bench(number);
    let without = messages::e601(&din, 515, -1, "0.493", TIME);
    let with = with(&without);
    assert_ne!(with, without);
    bench.astm("serology", &with);
    let first = bench.daemon.donation(&din);
    assert!(!passed(&first, "hbsag"), "{first}");
    bench.astm("serology", &without);
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 2, "both are kept: {donation}");
    donation
}

#[test]
fn fm_19_an_alarm_that_is_lost_in_the_second_copy_still_holds() {
    let donation = with_and_without(1, |clean| clean.replacen("C|1|I|0|I", "C|1|I|27|I", 1));
    assert_eq!(donation["verdict"], "hold", "{donation}");
    assert!(!passed(&donation, "hbsag"), "{donation}");
}

#[test]
fn fm_19_a_flag_nobody_knows_that_is_lost_in_the_second_copy_still_blocks() {
    let donation =
        with_and_without(2, |clean| clean.replacen("|COI||N||F|", "|COI||N\\HEM||F|", 1));
    assert!(donation["reasons"].to_string().contains("UNACCOUNTED"), "{donation}");
    assert!(!passed(&donation, "hbsag"), "{donation}");
}

#[test]
fn fm_19_a_status_that_is_lost_in_the_second_copy_is_no_better_result() {
    // Questioned: the second is a copy. Failed: one determination with two outcomes.
    for (status, said) in [("W", "INVALID"), ("X", "DUPLICATE_ID_CONFLICT")] {
        let changed = format!("|COI||N||{status}|");
        let donation = with_and_without(3, |clean| clean.replacen("|COI||N||F|", &changed, 1));
        assert!(donation["reasons"].to_string().contains(said), "{status}: {donation}");
    }
}

#[test]
fn fm_19_a_time_that_is_lost_too_does_not_make_the_copy_a_new_result() {
    let (bench, din) = bench(4);
    let questioned = messages::e601(&din, 515, -1, "0.493", TIME).replacen("||N||F|", "||N||W|", 1);
    bench.astm("serology", &questioned);
    let poorer = messages::e601(&din, 515, -1, "0.493", TIME).replacen(
        &format!("|OPER01|{TIME}|"),
        "|OPER01||",
        1,
    );
    bench.astm("serology", &poorer);
    let donation = bench.daemon.donation(&din);
    assert!(!passed(&donation, "hbsag"), "{donation}");
}

#[test]
fn fm_19_a_correction_that_is_lost_in_a_second_sending_is_not_undone() {
    let (bench, din) = bench(5);
    bench.send_clean(&din);
    // Corrected to reactive, then the uncorrected result once more.
    let corrected = messages::e601(&din, 515, 1, "7.42", TIME).replacen("||N||F|", "||N||C|", 1);
    bench.astm("serology", &corrected);
    let before = bench.verdict(&din);
    bench.astm("serology", &messages::e601(&din, 515, -1, "0.493", TIME));
    assert_eq!(bench.verdict(&din), before);
    assert!(["reject", "hold", "recalled", "pending"].contains(&before.as_str()), "{before}");
    assert!(!passed(&bench.daemon.donation(&din), "hbsag"));
}

#[test]
fn fm_19_a_note_that_is_lost_in_the_second_hl7_message_still_blocks() {
    let (bench, din) = bench(6);
    let noted = messages::mindray_alt(&din, "22", "m1") + "NTE|1||diluted by hand\r";
    assert_eq!(bench.hl7("alt", &noted, "m1"), Sent::Refused, "AE: kept, and told");
    assert_eq!(
        bench.hl7("alt", &messages::mindray_alt(&din, "22", "m2"), "m2"),
        Sent::Acknowledged
    );
    let donation = bench.daemon.donation(&din);
    let reasons = donation["reasons"].to_string();
    let blocks = ["UNACCOUNTED", "UNPROCESSED_MESSAGE"];
    assert!(blocks.iter().any(|code| reasons.contains(code)), "{donation}");
    assert_ne!(donation["verdict"], "releasable");
}

#[test]
fn fm_19_a_result_run_again_later_without_the_alarm_of_the_first_counts() {
    let (bench, din) = bench(7);
    let failed = messages::e601(&din, 515, -1, "0.493", TIME).replacen("||N||F|", "||N||X|", 1);
    bench.astm("serology", &failed);
    bench.astm("serology", &messages::e601(&din, 515, -1, "0.51", "20260105130000"));
    assert!(passed(&bench.daemon.donation(&din), "hbsag"), "{}", bench.daemon.donation(&din));
}
