//! FM-30: deferrals were lost between an old and a new system, and a donor came back under another
//! name. Here what is known of a donor's past is a fact beside the results: it bars release however
//! good they are, is shown with the verdict, and survives.

use hemogate::domain::{DonorRecord, Statement, Verdict};
use hemogate::store::prove;

use crate::case::Case;
use crate::support::laboratory::{HBSAG, Laboratory, SEROLOGY, open, result, rules};

#[test]
fn fm_30_an_earlier_reactive_donation_bars_release_however_good_today_is() {
    for (record, code) in [
        (DonorRecord::PriorReactive, "DONOR_PRIOR_REACTIVE"),
        (DonorRecord::Flagged, "DONOR_FLAGGED"),
        (DonorRecord::Merged, "DONOR_MERGE"),
    ] {
        let decision = Case::baseline().said("inventory", Statement::DonorRecord(record)).decide();
        assert!(decision.verdict >= Verdict::Hold, "{code}");
        let codes: Vec<_> = decision.reasons.iter().map(|reason| reason.code.id()).collect();
        assert!(codes.contains(&code), "{codes:?}");
    }
}

/// Whoever was merged with a deferred donor came under another name.
#[test]
fn fm_30_a_merge_is_not_undone_by_what_is_said_later() {
    let merged = Case::baseline().said("inventory", Statement::DonorRecord(DonorRecord::Merged));
    for later in [DonorRecord::Reinstated, DonorRecord::Requalified] {
        let case = merged.clone().said("inventory", Statement::DonorRecord(later));
        assert_ne!(case.decide().verdict, Verdict::Releasable, "{later:?}");
    }
}

#[test]
fn fm_30_the_past_is_shown_with_the_verdict_and_survives() {
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.register(1);
    laboratory.say(1, Statement::DonorRecord(DonorRecord::PriorReactive));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 10, "L1"));
    let donation = laboratory.donation(1);
    let said: Vec<_> = donation.statements.iter().map(|said| said.statement.clone()).collect();
    assert_eq!(said, [Statement::DonorRecord(DonorRecord::PriorReactive)]);
    let reasons = laboratory.reasons(1);
    assert!(reasons.iter().any(|one| one.starts_with("DONOR_PRIOR_REACTIVE")), "{reasons:?}");
    let path = laboratory.path();
    let folder = laboratory.close();
    let store = open(path.clone(), rules(&[]));
    let number = crate::support::laboratory::din(1);
    assert_eq!(store.donation(&number).unwrap().unwrap().statements, donation.statements);
    drop(store);
    assert!(prove(&path).unwrap().verdicts > 0);
    drop(folder);
}
