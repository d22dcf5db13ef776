//! The stop of all release, once a known-bad donation came out releasable (FM-33): whatever the
//! rule set says then, no donation becomes releasable until a start at which none does.
//!
//! A verdict that would be releasable is *hold* with the reason `RELEASE_STOPPED`. The verdict
//! itself carries that reason, so it can be concluded again: what the facts and the rule set give
//! must be releasable, and the stop makes of it what is on record. A debt is noted in `rule_use`,
//! so that the next start decides about every donation again.

use std::sync::{Mutex, PoisonError};

use crate::domain::{Action, ReasonCode, Verdict};
use crate::shape::{DecisionShape, NextStepShape, ReasonShape};

/// Whether release is stopped, and why. Never taken back while the process runs.
#[derive(Debug, Default)]
pub(super) struct ReleaseStop {
    why: Mutex<Option<String>>,
}

impl ReleaseStop {
    /// Stops it; whether it was not stopped before.
    pub(super) fn stop(&self, why: String) -> bool {
        let mut known = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = known.is_none();
        known.get_or_insert(why);
        is_new
    }

    /// Why it is stopped.
    pub(super) fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a decision becomes beside the verdict on record.
    pub(super) fn applied(
        &self,
        decision: DecisionShape,
        on_record: Option<&str>,
    ) -> DecisionShape {
        let is_releasable_already = on_record == Some(Verdict::Releasable.id());
        if is_releasable_already || self.why().is_none() {
            return decision;
        }
        withheld(decision)
    }
}

/// Whether a decision on record was withheld.
pub(super) fn is_withheld(decision: &DecisionShape) -> bool {
    decision.reasons.iter().any(|reason| reason.code == ReasonCode::ReleaseStopped.id())
}

/// A decision while release is stopped: the same, unless it is releasable. Says nothing that is
/// not the same at every time, so that it can be concluded again.
pub(super) fn withheld(mut decision: DecisionShape) -> DecisionShape {
    if decision.verdict != Verdict::Releasable.id() {
        return decision;
    }
    let hold = Verdict::Hold.id().to_owned();
    decision.verdict.clone_from(&hold);
    decision.reasons = vec![ReasonShape {
        code: ReasonCode::ReleaseStopped.id().to_owned(),
        verdict: hold,
        assay: None,
        subject: None,
        clause: None,
        observations: Vec::new(),
        messages: Vec::new(),
        text: "every check passed, but release is stopped: a known-bad donation came out \
               releasable by this rule set"
            .to_owned(),
    }];
    decision.next_steps = vec![NextStepShape {
        action: Action::Review.id().to_owned(),
        assay: None,
        count: 0,
        text: "have the rule set looked at (/healthz says why), then start the program again"
            .to_owned(),
    }];
    decision
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DonationNumber, Facts};
    use crate::rules::{self, RuleSet};

    fn decision(verdict: Verdict) -> DecisionShape {
        let rules = RuleSet::parse("cn", rules::shipped("cn").unwrap()).unwrap();
        let facts = Facts::new(DonationNumber::restored("D1".to_owned()));
        let mut decision = DecisionShape::from(rules::decide(&facts, &rules));
        decision.verdict = verdict.id().to_owned();
        decision
    }

    #[test]
    fn while_it_is_stopped_nothing_becomes_releasable_and_all_else_is_as_it_was() {
        let stop = ReleaseStop::default();
        let releasable = decision(Verdict::Releasable);
        assert_eq!(stop.applied(releasable.clone(), None), releasable);
        assert!(stop.stop("a canary".to_owned()) && !stop.stop("another".to_owned()));
        assert_eq!(stop.why().as_deref(), Some("a canary"));
        for before in [None, Some("pending"), Some("hold"), Some("recalled")] {
            let held = stop.applied(releasable.clone(), before);
            assert_eq!((held.verdict.as_str(), is_withheld(&held)), ("hold", true));
        }
        for verdict in [Verdict::Pending, Verdict::Hold, Verdict::Reject, Verdict::Recalled] {
            assert_eq!(stop.applied(decision(verdict), None), decision(verdict));
        }
        let goes_on = stop.applied(releasable.clone(), Some("releasable"));
        assert_eq!(goes_on, releasable, "what is releasable already is not withdrawn by this");
    }
}
