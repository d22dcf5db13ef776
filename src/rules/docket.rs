//! Where contributions to a verdict come together. It only ever gets worse: nothing is taken out
//! of a docket again, and it refuses to be releasable while anything stands in it.
//!
//! A reason that two people amended comes in as a remark, asks for nothing, and lets nothing pass:
//! what stood behind it in the same table, less bad, comes to light.

use std::collections::BTreeSet;

use crate::domain::{
    Action, Assay, Check, Decision, DonorConsequence, DonorEvent, Label, Measure, NextStep, Reason,
    ReasonCode, ReleaseHistory, Verdict,
};

use super::accord::{self, Amendment};
use super::table::{Answers, Row, Table};
use super::trace::Trace;
use super::wording;

/// The contributions to one verdict.
#[derive(Debug, Default)]
pub(super) struct Docket {
    reasons: Vec<Reason>,
    passed: Vec<Check>,
    steps: Vec<NextStep>,
    remarks: Vec<Reason>,
    labels: Vec<Label>,
    donor: Vec<DonorEvent>,
    /// What two people agreed not to hold against the donation.
    amendments: Vec<Amendment>,
    /// Reasons that were amended, as they were.
    lifted: Vec<Reason>,
    /// How many of the reasons are no finding: they keep a donation back, and withdraw none.
    waiting: usize,
    /// Notes of what tables were asked, where anybody wants them.
    pub(super) trace: Trace,
}

/// What a contribution is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About<'a> {
    pub(super) assay: Option<Assay>,
    pub(super) subject: Option<&'a str>,
    pub(super) observations: &'a [i64],
    /// What is to be repeated, how many times more.
    pub(super) repeat: Option<(i64, u32)>,
    /// What is to be run again with its own kit, because another kit's result is another round.
    pub(super) again: Option<i64>,
    /// What a result that does not count has to say for itself.
    pub(super) open: Open,
    /// Whether what is to be done is not to be done with this donation's tube.
    pub(super) not_here: bool,
    /// More about it, for people.
    pub(super) detail: &'a str,
}

/// The latest result, where it does not count.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Open {
    /// It counts, or there is none.
    #[default]
    No,
    /// Why it does not count is told elsewhere.
    Told,
    /// It does not count, and why.
    Void(i64, ReasonCode, &'static str),
}

impl Docket {
    /// One that takes in what is amended as a remark.
    pub(super) fn new(amendments: &[Amendment]) -> Docket {
        Docket { amendments: amendments.to_vec(), ..Docket::default() }
    }

    /// The same, and it notes what tables are asked.
    #[must_use]
    pub(super) fn noting(self) -> Docket {
        Docket { trace: Trace::noting(), ..self }
    }

    /// A contribution that no rule set can change; whether it stands against release.
    pub(super) fn reason(
        &mut self,
        code: ReasonCode,
        verdict: Verdict,
        assay: Option<Assay>,
        observations: Vec<i64>,
        text: String,
    ) -> bool {
        let messages = Vec::new();
        let (subject, clause) = (None, None);
        let reason = Reason { code, verdict, assay, subject, clause, observations, messages, text };
        self.hold_back(reason)
    }

    /// A contribution as a whole; whether it stands against release, or was amended.
    pub(super) fn hold_back(&mut self, reason: Reason) -> bool {
        let Some(amendment) = self.amendments.iter().find(|known| known.lifts(&reason)) else {
            self.reasons.push(reason);
            return true;
        };
        let remark = accord::remark(&amendment.pact, &reason);
        self.remarks.push(remark);
        self.lifted.push(reason);
        false
    }

    /// What stands against nothing and is said all the same.
    pub(super) fn remark(&mut self, remark: Reason) {
        self.remarks.push(remark);
    }

    /// What a table says of these answers; whether it lets pass. What it says nothing of is held.
    pub(super) fn judge(&mut self, table: &Table, answers: &Answers, about: &About<'_>) -> bool {
        self.trace.asked(table, answers, about);
        let Some((verdict, remarked)) = table.summary(answers) else {
            self.gap(table, answers, about);
            return false;
        };
        if verdict > Verdict::Releasable || remarked {
            self.tell(table, answers, |docket, row| docket.row(row, answers, about));
        }
        verdict == Verdict::Releasable
    }

    /// Lets the rows that decide be told. Where all that they say was amended, those that would
    /// have decided without them are told too; never those that let pass.
    pub(super) fn tell(
        &mut self,
        table: &Table,
        answers: &Answers,
        mut tell: impl FnMut(&mut Docket, &Row),
    ) {
        let mut worst = table.verdict(answers);
        while let Some(verdict) = worst {
            let (against, lifted) = (self.reasons.len(), self.lifted.len());
            table.of_verdict(answers, verdict).for_each(|row| tell(self, row));
            if self.lifted.len() == lifted || self.reasons.len() > against {
                return;
            }
            worst = table.verdict_below(answers, verdict);
        }
    }

    /// What one row says.
    pub(super) fn row(&mut self, row: &Row, answers: &Answers, about: &About<'_>) {
        self.labels.extend(row.then.label);
        let Some(code) = row.then.code else { return };
        let (code, text) = match (code, about.open) {
            (ReasonCode::Invalid, Open::Told) => return,
            (ReasonCode::Invalid, Open::Void(id, code, why)) => {
                let label = about.assay.map_or("a result", wording::label);
                let text = format!("{label}: a result does not count: {why} (observation {id})");
                (code, text)
            }
            (code, Open::No | Open::Told | Open::Void(..)) => {
                (code, wording::row(row, answers, about))
            }
        };
        let reason = Reason {
            code,
            verdict: row.then.verdict,
            assay: about.assay,
            subject: about.subject.map(str::to_owned),
            clause: Some(row.then.clause.clone()),
            observations: about.observations.to_vec(),
            messages: Vec::new(),
            text,
        };
        self.consequence(row.then.donor, code, about.assay);
        if reason.verdict == Verdict::Releasable {
            self.remarks.push(reason);
            return;
        }
        let asks = reason.verdict < Verdict::Reject || row.then.next.is_some();
        if !self.hold_back(reason) {
            return;
        }
        if asks {
            self.next(row.then.next, about);
        }
        self.waiting += usize::from(is_waiting(code));
    }

    /// A result that is wanted and not on record.
    pub(super) fn missing(
        &mut self,
        assay: Assay,
        subject: Option<String>,
        clause: &str,
        text: String,
    ) {
        self.hold_back(Reason {
            code: ReasonCode::Missing,
            verdict: Verdict::Pending,
            assay: Some(assay),
            subject,
            clause: Some(clause.to_owned()),
            observations: Vec::new(),
            messages: Vec::new(),
            text,
        });
    }

    fn consequence(
        &mut self,
        donor: Option<DonorConsequence>,
        code: ReasonCode,
        assay: Option<Assay>,
    ) {
        let Some(consequence) = donor.filter(|donor| *donor != DonorConsequence::None) else {
            return;
        };
        let event = DonorEvent { consequence, code, assay };
        if !self.donor.contains(&event) {
            self.donor.push(event);
        }
    }

    fn next(&mut self, next: Option<Action>, about: &About<'_>) {
        let action = next.unwrap_or(Action::Review);
        match (action, about.assay, about.repeat) {
            (Action::RepeatInDuplicate, Some(assay), Some((first, count))) => {
                let label = wording::label(assay);
                let text =
                    format!("{label}: repeat with the kit of the first result, {count} times");
                self.repeat(assay, first, count, text);
            }
            (Action::TestAgain, Some(assay), _) if about.again.is_some() => {
                let text = format!("{}: {}", wording::label(assay), wording::action(action));
                self.step_with(action, assay, about.again, 1, text);
            }
            (Action::Register, ..) => {
                self.step(action, None, 0, wording::action(action).to_owned());
            }
            (action, assay, _) => {
                self.ask(action, assay.filter(|_| !about.not_here), about.subject);
            }
        }
    }

    /// What to do, in the words of the action.
    pub(super) fn ask(&mut self, action: Action, assay: Option<Assay>, subject: Option<&str>) {
        let whom = subject.or(assay.map(wording::label)).unwrap_or("the donation");
        let count = u32::from(!matches!(action, Action::Review | Action::Sign));
        self.step(action, assay, count, format!("{whom}: {}", wording::action(action)));
    }

    /// The rule set says nothing of this case.
    pub(super) fn gap(&mut self, table: &Table, answers: &Answers, about: &About<'_>) {
        let what = wording::answers(answers);
        let text = format!("the rule set says nothing of this ([table.{}]): {what}", table.name);
        let observations = about.observations.to_vec();
        if self.reason(ReasonCode::RuleGap, Verdict::Hold, about.assay, observations, text) {
            self.review(about.assay);
        }
    }

    /// Messages that could not be read.
    pub(super) fn unread(&mut self, messages: Vec<i64>, text: String) {
        self.messages(ReasonCode::UnprocessedMessage, Verdict::Pending, messages, text);
    }

    /// Transfers that were cut short: the analysers were not told that anything arrived, and send
    /// them again. Blocks a release, but is no finding that recalls one.
    pub(super) fn await_resending(&mut self, messages: Vec<i64>, text: String) {
        self.unread(messages, text);
        self.waiting += 1;
    }

    /// The donation was asked for at two places at once.
    pub(super) fn two_places(&mut self, messages: Vec<i64>, text: String) {
        self.messages(ReasonCode::DuplicateTube, Verdict::Hold, messages, text);
    }

    fn messages(&mut self, code: ReasonCode, verdict: Verdict, messages: Vec<i64>, text: String) {
        let (assay, subject, clause, observations) = (None, None, None, Vec::new());
        let reason = Reason { code, verdict, assay, subject, clause, observations, messages, text };
        if self.hold_back(reason) {
            self.review(None);
        }
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

    /// Repeat a result with its own kit, so many times. That is a test again too.
    fn repeat(&mut self, assay: Assay, first: i64, count: u32, text: String) {
        self.steps.retain(|step| {
            (step.action, step.assay, step.repeats) != (Action::TestAgain, Some(assay), None)
        });
        self.step_with(Action::RepeatInDuplicate, assay, Some(first), count, text);
    }

    /// What to do with the kit of a result; once for each result.
    fn step_with(
        &mut self,
        action: Action,
        assay: Assay,
        repeats: Option<i64>,
        count: u32,
        text: String,
    ) {
        let assay = Some(assay);
        let is_known = |step: &&mut NextStep| {
            (step.action, step.assay, step.repeats) == (action, assay, repeats)
        };
        match self.steps.iter_mut().find(is_known) {
            Some(known) => known.count = known.count.max(count),
            None => self.steps.push(NextStep { action, assay, count, text, repeats }),
        }
    }

    /// A person must look.
    pub(super) fn review(&mut self, assay: Option<Assay>) {
        self.ask(Action::Review, assay, None);
    }

    /// Positive evidence.
    pub(super) fn pass(&mut self, name: &str, observations: Vec<i64>) {
        self.passed.push(Check { name: name.to_owned(), observations });
    }

    /// Whether this check has passed.
    pub(super) fn has_passed(&self, name: &str) -> bool {
        self.passed.iter().any(|check| check.name == name)
    }

    /// Reasons that were amended, as they were.
    pub(super) fn lifted(&self) -> &[Reason] {
        &self.lifted
    }

    /// Whether two people amended a reason that is about one of these assays.
    pub(super) fn was_amended(&self, assays: &[Assay]) -> bool {
        let is_of = |reason: &Reason| reason.assay.is_some_and(|assay| assays.contains(&assay));
        self.lifted.iter().any(is_of)
    }

    /// Whether nothing stands against release.
    pub(super) fn is_clear(&self) -> bool {
        self.reasons.is_empty()
    }

    /// How many contributions there are against release, those that were amended too.
    pub(super) fn against(&self) -> usize {
        self.reasons.len() + self.lifted.len()
    }

    /// Keeps what follows for the donor from what was concluded before something was corrected.
    pub(super) fn keep_donor_events(&mut self, before: Docket) {
        for event in before.donor {
            if !self.donor.contains(&event) {
                self.donor.push(event);
            }
        }
    }

    /// The worst contribution wins; what was released before and no longer may be is recalled.
    /// `corrections` are the numbers of results that correct others.
    pub(super) fn conclude(mut self, history: ReleaseHistory, corrections: &[i64]) -> Decision {
        self.recall(history, corrections);
        self.unlabel();
        sort(&mut self.reasons);
        sort(&mut self.remarks);
        self.steps.sort_by_key(|step| (step.action.id(), step.assay));
        self.labels.sort_unstable();
        self.labels.dedup();
        let verdict = match self.reasons.first() {
            Some(worst) => worst.verdict,
            None => self.release(),
        };
        Decision {
            verdict,
            reasons: self.reasons,
            passed: self.passed,
            next_steps: self.steps,
            remarks: self.remarks,
            labels: self.labels,
            donor: self.donor,
        }
    }

    fn release(&mut self) -> Verdict {
        let text = match self.lifted.is_empty() {
            true => "every required check passed",
            false => "every required check passed, but for what two people amended",
        };
        let text = text.to_owned();
        let all = self.passed.iter().flat_map(|check| &check.observations).copied();
        let mut observations: Vec<i64> = all.collect();
        observations.sort_unstable();
        self.reason(ReasonCode::AllOk, Verdict::Releasable, None, observations, text);
        Verdict::Releasable
    }

    /// No group is concluded from results of which any was amended: what the components must be
    /// labelled with is typed again.
    fn unlabel(&mut self) {
        let is_group = |reason: &Reason| {
            let measure = reason.assay.map(Assay::measure);
            matches!(measure, Some(Measure::Abo | Measure::Rhd))
        };
        let of_group = |label: Label| match label {
            Label::RhdPositive | Label::RhdNegative => true,
            Label::CmvNegative | Label::NotCmvNegative | Label::Biohazard => false,
        };
        if self.lifted.iter().any(is_group) {
            self.labels.retain(|label| !of_group(*label));
            self.remarks.retain(|remark| remark.code != ReasonCode::Label || !is_group(remark));
        }
    }

    fn recall(&mut self, history: ReleaseHistory, corrections: &[i64]) {
        let text = match history {
            ReleaseHistory::NeverReleased => return,
            ReleaseHistory::Released if self.reasons.len() == self.waiting => return,
            ReleaseHistory::Released => "was releasable before: withdraw the donation",
            ReleaseHistory::Recalled => "was recalled before: a recalled donation stays recalled",
        };
        let observations = named(&self.reasons, |reason| &reason.observations);
        let messages = named(&self.reasons, |reason| &reason.messages);
        let corrected: Vec<i64> =
            corrections.iter().copied().filter(|id| observations.contains(id)).collect();
        if !corrected.is_empty() {
            let found = wording::observations(&corrected);
            let text =
                format!("a result was corrected after the donation was releasable ({found})");
            let code = ReasonCode::CorrectedAfterRelease;
            self.reason(code, Verdict::Recalled, None, corrected, text);
        }
        let (code, verdict) = (ReasonCode::Recalled, Verdict::Recalled);
        let (assay, subject, clause, text) = (None, None, None, text.to_owned());
        let reason = Reason { code, verdict, assay, subject, clause, observations, messages, text };
        self.reasons.push(reason);
        self.review(None);
    }
}

/// Reasons that are no finding about the blood: somebody must look or sign again.
const fn is_waiting(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::RulesetChanged | ReasonCode::NotSigned)
}

fn sort(reasons: &mut [Reason]) {
    reasons.sort_by_key(|reason| {
        let first = reason.observations.first().copied();
        (std::cmp::Reverse(reason.verdict), reason.code, reason.assay, first)
    });
}

/// What stands behind any of the reasons: each number once, in order.
fn named(reasons: &[Reason], numbers: impl Fn(&Reason) -> &Vec<i64>) -> Vec<i64> {
    let all: BTreeSet<i64> = reasons.iter().flat_map(numbers).copied().collect();
    all.into_iter().collect()
}
