//! FM-28: a reactive result was edited to negative, and the units were issued. Here a result cannot
//! be edited; a correction is one more result, and it never moves towards release.

use hemogate::domain::{Assay, Reading, ResultStatus, Verdict};

use crate::case::{Bench as _, Case, marker};
use crate::support::bench::Bench;
use crate::support::laboratory::{HBSAG, Laboratory, SEROLOGY, result, rules};
use crate::support::messages;

#[test]
fn fm_28_a_correction_to_negative_is_kept_beside_what_it_corrects() {
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.register(1);
    laboratory.send(SEROLOGY, &result(1, HBSAG, 1, 10, "L1"));
    let before = laboratory.verdict(1);
    let corrected = result(1, HBSAG, -1, 10, "L1").replace("||N||F||", "||N||C||");
    laboratory.send(SEROLOGY, &corrected);
    let donation = laboratory.donation(1);
    let readings: Vec<_> =
        donation.observations.iter().map(|one| one.observation.reading).collect();
    assert_eq!(readings, [Some(Reading::Reactive), Some(Reading::Nonreactive)]);
    assert_ne!(laboratory.verdict(1), "releasable");
    assert!(rank(&laboratory.verdict(1)) >= rank(&before));
}

fn rank(verdict: &str) -> Verdict {
    Verdict::from_id(verdict).unwrap()
}

#[test]
fn fm_28_no_correction_of_a_reactive_result_releases() {
    for assay in [Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Tp, Assay::Nat] {
        let reactive = Case::baseline().without(assay).with(marker(assay, Reading::Reactive));
        let before = reactive.decide().verdict;
        let edited = marker(assay, Reading::Nonreactive).status(ResultStatus::Corrected);
        let after = reactive.with(edited.clone()).with(edited).decide().verdict;
        assert!(after >= before && after != Verdict::Releasable, "{assay}: {before} -> {after}");
    }
}

/// There is no call that changes or takes back what is on record.
#[test]
fn fm_28_the_daemon_has_no_call_to_change_a_result() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    bench.astm("serology", &messages::e601(&din, 515, 1, "9.90", "20260105115617"));
    let before = bench.daemon.donation(&din);
    let base = format!("http://{}/api/v1", bench.daemon.address("http"));
    for path in [format!("/donations/{din}"), "/donations".to_owned(), "/verdicts".to_owned()] {
        for method in ["PUT", "PATCH", "DELETE"] {
            let status = status_of(method, &format!("{base}{path}"));
            assert!(status == 405 || status == 404, "{method} {path}: {status}");
        }
    }
    let other = serde_json::json!({ "verdict": "releasable", "observations": [] });
    let (status, _) = bench.daemon.post(&format!("/api/v1/donations/{din}"), &other);
    assert!(status == 405 || status == 404, "{status}");
    assert_eq!(bench.daemon.donation(&din), before);
}

fn status_of(method: &str, url: &str) -> u16 {
    let request = ureq::http::Request::builder().method(method).uri(url).body(()).unwrap();
    crate::support::process::agent().run(request).unwrap().status().as_u16()
}
