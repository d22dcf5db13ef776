//! Where contributions to a verdict come together. It only ever gets worse: nothing is taken out
//! of a docket again, and it refuses to be releasable while anything stands in it.

use std::collections::BTreeSet;

use crate::domain::{
    Action, Assay, Check, Decision, NextStep, Reason, ReasonCode, ReleaseHistory, Verdict,
};

use super::wording;

/// The contributions to one verdict.
#[derive(Debug, Default)]
pub(super) struct Docket {
    reasons: Vec<Reason>,
    passed: Vec<Check>,
    steps: Vec<NextStep>,
    /// How many of the reasons only wait for an analyser to send again.
    awaiting_resending: usize,
}

impl Docket {
    /// A contribution about results of one assay (or of none in particular).
    pub(super) fn reason(
        &mut self,
        code: ReasonCode,
        verdict: Verdict,
        assay: Option<Assay>,
        observations: Vec<i64>,
        text: String,
    ) {
        let messages = Vec::new();
        self.reasons.push(Reason {
            code,
            verdict,
            assay,
            subject: None,
            clause: None,
            observations,
            messages,
            text,
        });
    }

    /// Messages that could not be read.
    pub(super) fn unread(&mut self, messages: Vec<i64>, text: String) {
        let (code, observations) = (ReasonCode::UnprocessedMessage, Vec::new());
        let (verdict, assay) = (Verdict::Pending, None);
        self.reasons.push(Reason {
            code,
            verdict,
            assay,
            subject: None,
            clause: None,
            observations,
            messages,
            text,
        });
        self.review(None);
    }

    /// Transfers that were cut short: the analysers were not told that anything arrived, and send
    /// them again. Blocks a release, but is no finding that recalls one.
    pub(super) fn await_resending(&mut self, messages: Vec<i64>, text: String) {
        self.unread(messages, text);
        self.awaiting_resending += 1;
    }

    /// What to do; once for each action and assay. A repeat in duplicate is a test again.
    pub(super) fn step(&mut self, action: Action, assay: Option<Assay>, count: u32, text: String) {
        let covers = |known: Action| {
            known == action || (known, action) == (Action::RepeatInDuplicate, Action::TestAgain)
        };
        if !self.steps.iter().any(|step| covers(step.action) && step.assay == assay) {
            self.steps.push(NextStep { action, assay, count, text, repeats: None });
        }
    }

    /// Repeat a result with its own kit, so many times.
    pub(super) fn repeat(&mut self, assay: Assay, first: i64, count: u32, text: String) {
        let (action, assay) = (Action::RepeatInDuplicate, Some(assay));
        self.step(action, assay, count, text);
        let known = self.steps.iter_mut().find(|step| step.action == action && step.assay == assay);
        if let Some(step) = known {
            step.repeats.get_or_insert(first);
        }
    }

    /// The donation was asked for at two places at once.
    pub(super) fn two_places(&mut self, messages: Vec<i64>, text: String) {
        let (code, observations) = (ReasonCode::DuplicateTube, Vec::new());
        let (verdict, assay) = (Verdict::Hold, None);
        self.reasons.push(Reason {
            code,
            verdict,
            assay,
            subject: None,
            clause: None,
            observations,
            messages,
            text,
        });
        self.review(None);
    }

    /// A result of this assay is on record but does not count; test again.
    pub(super) fn await_another(&mut self, code: ReasonCode, assay: Assay, id: i64, why: &str) {
        let label = wording::label(assay);
        let text = format!("{label}: a result does not count: {why} (observation {id})");
        self.reason(code, Verdict::Pending, Some(assay), vec![id], text);
        self.step(Action::TestAgain, Some(assay), 1, format!("{label}: test again"));
    }

    /// A person must look.
    pub(super) fn review(&mut self, assay: Option<Assay>) {
        let about = assay.map_or("the donation", wording::label);
        self.step(Action::Review, assay, 0, format!("{about}: a person must look"));
    }

    /// Positive evidence.
    pub(super) fn pass(&mut self, name: &str, observations: Vec<i64>) {
        self.passed.push(Check { name: name.to_owned(), observations });
    }

    /// Whether this check has passed.
    pub(super) fn has_passed(&self, name: &str) -> bool {
        self.passed.iter().any(|check| check.name == name)
    }

    /// Whether anything stands against release.
    pub(super) fn is_clear(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The worst contribution wins; what was released before and no longer may be is recalled.
    pub(super) fn conclude(mut self, history: ReleaseHistory) -> Decision {
        self.recall(history);
        self.reasons.sort_by_key(|reason| {
            let first = reason.observations.first().copied();
            (std::cmp::Reverse(reason.verdict), reason.code, reason.assay, first)
        });
        self.steps.sort_by_key(|step| (step.action.id(), step.assay));
        let verdict = match self.reasons.first() {
            Some(worst) => worst.verdict,
            None => self.release(),
        };
        let (reasons, passed) = (self.reasons, self.passed);
        Decision {
            verdict,
            reasons,
            passed,
            next_steps: self.steps,
            remarks: Vec::new(),
            labels: Vec::new(),
            donor: Vec::new(),
        }
    }

    fn release(&mut self) -> Verdict {
        let text = "every required check passed".to_owned();
        let all = self.passed.iter().flat_map(|check| &check.observations).copied();
        let mut observations: Vec<i64> = all.collect();
        observations.sort_unstable();
        self.reason(ReasonCode::AllOk, Verdict::Releasable, None, observations, text);
        Verdict::Releasable
    }

    fn recall(&mut self, history: ReleaseHistory) {
        let text = match history {
            ReleaseHistory::NeverReleased => return,
            ReleaseHistory::Released if self.reasons.len() == self.awaiting_resending => return,
            ReleaseHistory::Released => "was releasable before: withdraw the donation",
            ReleaseHistory::Recalled => "was recalled before: a recalled donation stays recalled",
        };
        let (code, verdict, assay) = (ReasonCode::Recalled, Verdict::Recalled, None);
        let observations = named(&self.reasons, |reason| &reason.observations);
        let messages = named(&self.reasons, |reason| &reason.messages);
        let text = text.to_owned();
        self.reasons.push(Reason {
            code,
            verdict,
            assay,
            subject: None,
            clause: None,
            observations,
            messages,
            text,
        });
        self.review(None);
    }
}

/// What stands behind any of the reasons: each number once, in order.
fn named(reasons: &[Reason], numbers: impl Fn(&Reason) -> &Vec<i64>) -> Vec<i64> {
    let all: BTreeSet<i64> = reasons.iter().flat_map(numbers).copied().collect();
    all.into_iter().collect()
}
