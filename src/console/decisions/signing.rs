//! The review of a report: who ran the tests, who reviewed, who signed. One person never does two
//! of these for the same results; the rules hold the donation where it happened all the same.

use std::collections::BTreeSet;

use crate::console::visitor::Duty;
use crate::domain::{RecordedStatement, ReviewStep, Statement};

/// Who did what since the last result; whoever ran tests, ran them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hands<'s> {
    tested: BTreeSet<&'s str>,
    reviewed: BTreeSet<&'s str>,
    signed: BTreeSet<&'s str>,
}

impl<'s> Hands<'s> {
    /// As the statements say; `latest` is the last result's number.
    pub(super) fn new(statements: &'s [RecordedStatement], latest: i64) -> Hands<'s> {
        let mut hands = Hands::default();
        for said in statements {
            let Statement::Signature(step) = said.statement else { continue };
            let holds = said.after_observation >= latest;
            match step {
                ReviewStep::Tested => drop(hands.tested.insert(&said.by)),
                ReviewStep::Reviewed if holds => drop(hands.reviewed.insert(&said.by)),
                ReviewStep::Signed if holds => drop(hands.signed.insert(&said.by)),
                ReviewStep::Reviewed | ReviewStep::Signed => {}
            }
        }
        hands
    }

    /// Why this person may not do this step now; `None` where they may.
    pub(super) fn refused(&self, step: ReviewStep, user: &str) -> Option<&'static str> {
        let has = |hands: &BTreeSet<&str>| hands.contains(user);
        match step {
            ReviewStep::Tested if has(&self.reviewed) || has(&self.signed) => {
                Some("decision-you-reviewed")
            }
            ReviewStep::Reviewed | ReviewStep::Signed if has(&self.tested) => {
                Some("decision-you-tested")
            }
            ReviewStep::Reviewed if has(&self.signed) => Some("decision-you-signed"),
            ReviewStep::Signed if has(&self.reviewed) => Some("decision-you-reviewed"),
            ReviewStep::Signed if self.reviewed.is_empty() => Some("decision-not-reviewed"),
            ReviewStep::Tested | ReviewStep::Reviewed | ReviewStep::Signed => None,
        }
    }
}

/// Whose a step is.
pub(super) const fn duty(step: ReviewStep) -> Duty {
    match step {
        ReviewStep::Tested => Duty::SignTested,
        ReviewStep::Reviewed | ReviewStep::Signed => Duty::Review,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn signed(by: &str, step: ReviewStep, after_observation: i64) -> RecordedStatement {
        let statement = Statement::Signature(step);
        let at = Timestamp::UNIX_EPOCH;
        RecordedStatement { id: 1, by: by.to_owned(), at, after_observation, statement }
    }

    #[test]
    fn nobody_does_two_steps_of_one_report() {
        use ReviewStep::{Reviewed, Signed, Tested};
        let all = [Tested, Reviewed, Signed];
        for done in all {
            let statements = [signed("li", done, 5), signed("wang", Reviewed, 5)];
            let hands = Hands::new(&statements, 5);
            for step in all.into_iter().filter(|step| *step != done) {
                assert!(hands.refused(step, "li").is_some(), "{done:?}, then {step:?}");
            }
        }
    }

    #[test]
    fn nobody_signs_what_nobody_reviewed_since_the_last_result() {
        let statements = [signed("li", ReviewStep::Reviewed, 5)];
        let now = |latest| Hands::new(&statements, latest).refused(ReviewStep::Signed, "wang");
        assert_eq!(now(5), None);
        assert_eq!(now(6), Some("decision-not-reviewed"));
    }
}
