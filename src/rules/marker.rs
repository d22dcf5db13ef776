//! The repeat-testing algorithm of a marker: a closed protocol, written down in advance.
//!
//! ```text
//!            nonreactive                     nonreactive, same kit
//!           ┌───────────► Passed            ┌──────────────────────► n of N ──► all N: policy
//!   Nothing ┤                               │                          │
//!           └───────────► InitialAdverse ───┤ nonreactive, other kit   │ adverse, any kit
//!            reactive,    (never forgotten) ├────► does not count      ▼
//!            grey zone                      └─────────────────────► Rejected (for ever)
//! ```
//!
//! Refuses: testing into compliance (once a repeat was reactive nothing helps), a nonreactive
//! result that came before the reactive one as its repeat, the copy of a repeat as another, and a
//! correction that makes anything better.

use crate::domain::{Assay, Reading, ReasonCode, Verdict};

use super::determination::{Determination, Standing, same_moment};
use super::docket::Docket;
use super::ruleset::{
    CorrectionPolicy, GreyRepeatPolicy, InitialReactivePolicy, MarkerPolicy,
    NonreactiveRepeatsPolicy,
};
use super::wording;

/// What one result says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    Nonreactive,
    /// Nonreactive, but something else about it blocks the donation.
    Blocked,
    Adverse(Adverse),
    /// Adverse, but the result does not count. Not forgotten.
    VoidAdverse(Adverse, &'static str),
    Void(&'static str),
    /// No reading at all.
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Adverse {
    Reactive,
    GreyZone,
}

/// The course of one assay so far.
#[derive(Default)]
struct Course<'d, 'f> {
    taken: Vec<(&'d Determination<'f>, Finding)>,
    /// Nonreactive while nothing adverse was known.
    nonreactive: Vec<i64>,
    initial: Option<Initial<'d, 'f>>,
    /// Nonreactive repeats that count.
    repeats: Vec<i64>,
    /// The results that completed the repeats for the first time. Stays, whatever is taken away
    /// later: what they concluded against the donation is not undone.
    completed: Option<Vec<i64>>,
    /// Nonreactive repeats with another kit.
    other_kit: Vec<i64>,
    /// A repeat with the right kit was tried.
    attempted: bool,
    adverse_repeats: Vec<(i64, Adverse)>,
    /// Adverse results that do not count, where a counting one would have rejected.
    doubtful: Vec<i64>,
    /// Corrections from nonreactive to adverse.
    corrected: Vec<i64>,
    /// The latest result, where it does not count.
    open: Option<(i64, ReasonCode, &'static str)>,
}

/// The first adverse result.
struct Initial<'d, 'f> {
    determination: &'d Determination<'f>,
    adverse: Adverse,
    /// Whether the result itself counts.
    counts: bool,
}

/// Judges the results of one marker; the observations that prove it, where it passed.
pub(super) fn judge(
    assay: Assay,
    determinations: &[Determination<'_>],
    policy: &MarkerPolicy,
    docket: &mut Docket,
) -> Option<Vec<i64>> {
    let mut course = Course::default();
    for determination in determinations {
        course.take(determination, policy);
    }
    course.conclude(assay, policy, docket)
}

fn find(determination: &Determination<'_>) -> Finding {
    let adverse = |adverse| match determination.standing {
        Standing::Void(why) => Finding::VoidAdverse(adverse, why),
        Standing::Counts | Standing::Blocked => Finding::Adverse(adverse),
    };
    let otherwise = |finding| match determination.standing {
        Standing::Counts => finding,
        Standing::Void(why) => Finding::Void(why),
        Standing::Blocked if finding == Finding::Nonreactive => Finding::Blocked,
        Standing::Blocked => finding,
    };
    match determination.observation().reading {
        Some(Reading::Reactive) => adverse(Adverse::Reactive),
        Some(Reading::GreyZone) => adverse(Adverse::GreyZone),
        Some(Reading::Nonreactive) => otherwise(Finding::Nonreactive),
        Some(Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_)) => {
            otherwise(Finding::Void("it is not a reading of a marker"))
        }
        None => otherwise(Finding::Empty),
    }
}

impl<'d, 'f> Course<'d, 'f> {
    fn take(&mut self, determination: &'d Determination<'f>, policy: &MarkerPolicy) {
        let finding = find(determination);
        if determination.is_correction() {
            self.correct(determination, finding, policy);
        } else {
            self.advance(determination, finding, policy);
        }
        self.taken.push((determination, finding));
    }

    fn advance(&mut self, new: &'d Determination<'f>, finding: Finding, policy: &MarkerPolicy) {
        match finding {
            Finding::Nonreactive => self.nonreactive(new, policy),
            Finding::Blocked => self.attempted |= self.is_repeat(new, policy),
            Finding::Adverse(adverse) => self.adverse(new, adverse),
            Finding::VoidAdverse(adverse, why) => {
                self.void_adverse(new, adverse, policy);
                self.void(new, ReasonCode::Invalid, why, policy);
            }
            Finding::Void(why) => self.void(new, ReasonCode::Invalid, why, policy),
            Finding::Empty => self.void(new, ReasonCode::Missing, "it has no reading", policy),
        }
    }

    fn nonreactive(&mut self, new: &Determination<'_>, policy: &MarkerPolicy) {
        self.open = None;
        if self.initial.is_none() {
            self.nonreactive.push(new.id());
        } else if self.is_repeat(new, policy) {
            self.attempted = true;
            self.repeats.push(new.id());
            if self.completed.is_none() && self.repeats_complete(policy) {
                self.completed = Some(self.evidence());
            }
        } else {
            self.other_kit.push(new.id());
        }
    }

    fn adverse(&mut self, determination: &'d Determination<'f>, adverse: Adverse) {
        self.open = None;
        if self.initial.as_ref().is_some_and(|initial| initial.counts) {
            self.adverse_repeats.push((determination.id(), adverse));
            return;
        }
        self.initial = Some(Initial { determination, adverse, counts: true });
        self.attempted = false;
        self.repeats.clear();
        self.other_kit.clear();
    }

    fn void_adverse(
        &mut self,
        determination: &'d Determination<'f>,
        adverse: Adverse,
        policy: &MarkerPolicy,
    ) {
        let at_once = adverse.policy(policy) == InitialReactivePolicy::RejectAtOnce;
        if at_once || self.initial.as_ref().is_some_and(|initial| initial.counts) {
            self.doubtful.push(determination.id());
        }
        if self.initial.is_none() {
            self.initial = Some(Initial { determination, adverse, counts: false });
        }
    }

    fn void(
        &mut self,
        new: &Determination<'_>,
        code: ReasonCode,
        why: &'static str,
        policy: &MarkerPolicy,
    ) {
        self.attempted |= self.is_repeat(new, policy);
        self.open = Some((new.id(), code, why));
    }

    /// Whether this result, coming after the initial one, is a repeat of it.
    fn is_repeat(&self, new: &Determination<'_>, policy: &MarkerPolicy) -> bool {
        self.initial.as_ref().is_some_and(|initial| {
            initial.determination.id() != new.id()
                && (!policy.same_kit || initial.determination.same_kit(new))
        })
    }

    /// A correction is no new determination: it takes away, or makes worse, never adds.
    fn correct(&mut self, new: &'d Determination<'f>, finding: Finding, policy: &MarkerPolicy) {
        let originals: Vec<_> = self.taken.iter().filter(|(d, _)| d.same_kit(new)).collect();
        if originals.is_empty() {
            return self.correct_unknown(new, finding, policy);
        }
        let was_adverse = originals.iter().any(|(_, f)| matches!(f, Finding::Adverse(_)));
        let was_good =
            originals.iter().any(|(_, f)| matches!(f, Finding::Nonreactive | Finding::Blocked));
        let repeats_adverse = originals.iter().any(|(d, f)| {
            matches!(f, Finding::Adverse(_)) && same_moment(d.observation(), new.observation())
        });
        match finding {
            Finding::Nonreactive | Finding::Blocked => {}
            Finding::Adverse(_) if repeats_adverse => {}
            Finding::Adverse(Adverse::Reactive) if was_good => {
                self.correct_to_reactive(new, policy)
            }
            Finding::Adverse(_) if was_adverse && !was_good => {}
            Finding::Adverse(adverse) => self.adverse(new, adverse),
            Finding::VoidAdverse(_, _) | Finding::Void(_) | Finding::Empty => {
                self.nonreactive.clear();
                self.repeats.clear();
                self.advance(new, finding, policy);
            }
        }
    }

    fn correct_to_reactive(&mut self, new: &'d Determination<'f>, policy: &MarkerPolicy) {
        match policy.corrected_to_reactive {
            CorrectionPolicy::Rejects => {
                self.corrected.push(new.id());
                self.adverse(new, Adverse::Reactive);
            }
            CorrectionPolicy::Duplicate => self.adverse(new, Adverse::Reactive),
        }
    }

    /// Nobody knows what the result said before: its good side does not count.
    fn correct_unknown(
        &mut self,
        new: &'d Determination<'f>,
        finding: Finding,
        policy: &MarkerPolicy,
    ) {
        let finding = match finding {
            Finding::Nonreactive => Finding::Void("the result it corrects is not on record"),
            Finding::Blocked
            | Finding::Adverse(_)
            | Finding::VoidAdverse(_, _)
            | Finding::Void(_)
            | Finding::Empty => finding,
        };
        self.advance(new, finding, policy);
    }

    fn conclude(
        &self,
        assay: Assay,
        policy: &MarkerPolicy,
        docket: &mut Docket,
    ) -> Option<Vec<i64>> {
        let blocked = self.taken.last().is_some_and(|(_, finding)| *finding == Finding::Blocked);
        let rejected = self.reject(assay, policy, docket);
        let doubted = self.doubt(assay, policy, docket);
        let repeated = rejected || self.repeat(assay, policy, docket);
        let open = self.open.filter(|(id, ..)| !rejected && (repeated || self.is_initial(*id)));
        if let Some((id, code, why)) = open {
            docket.await_another(code, assay, id, why);
        }
        let passed = repeated && !rejected && !doubted && open.is_none() && !blocked;
        let evidence = self.evidence();
        (passed && !evidence.is_empty()).then_some(evidence)
    }

    fn is_initial(&self, id: i64) -> bool {
        self.initial.as_ref().is_some_and(|initial| initial.id() == id)
    }

    fn evidence(&self) -> Vec<i64> {
        let Some(initial) = &self.initial else { return self.nonreactive.clone() };
        std::iter::once(initial.determination.id()).chain(self.repeats.iter().copied()).collect()
    }

    /// What rejects, for ever.
    fn reject(&self, assay: Assay, policy: &MarkerPolicy, docket: &mut Docket) -> bool {
        let label = wording::label(assay);
        let Some(initial) = self.initial.as_ref().filter(|initial| initial.counts) else {
            return false;
        };
        let first = initial.determination.id();
        let repeats: Vec<i64> = self.adverse_repeats.iter().map(|(id, _)| *id).collect();
        let (ids, what) = if !self.corrected.is_empty() {
            (self.corrected.clone(), "corrected from nonreactive to reactive".to_owned())
        } else if self.any_repeat_rejects(policy) {
            let ids = std::iter::once(first).chain(repeats).collect();
            (ids, format!("repeat reactive, first result was observation {first}"))
        } else if initial.adverse.policy(policy) == InitialReactivePolicy::RejectAtOnce {
            (vec![first], format!("first result {}, rejected at once", initial.adverse.word()))
        } else if policy.repeats_nonreactive == NonreactiveRepeatsPolicy::Rejects {
            let Some(ids) = self.completed.clone() else { return false };
            (ids, "reactive once; nonreactive repeats do not help here".to_owned())
        } else {
            return false;
        };
        let text = format!("{label}: {what} ({})", wording::observations(&ids));
        docket.reason(ReasonCode::RepeatReactive, Verdict::Reject, Some(assay), ids, text);
        true
    }

    fn any_repeat_rejects(&self, policy: &MarkerPolicy) -> bool {
        let grey_rejects = policy.grey_repeat == GreyRepeatPolicy::Rejects;
        self.adverse_repeats
            .iter()
            .any(|(_, adverse)| *adverse == Adverse::Reactive || grey_rejects)
    }

    fn repeats_complete(&self, policy: &MarkerPolicy) -> bool {
        u32::try_from(self.repeats.len()).is_ok_and(|count| count >= policy.repeats)
    }

    /// What a person must look at.
    fn doubt(&self, assay: Assay, policy: &MarkerPolicy, docket: &mut Docket) -> bool {
        let mut doubted = self.doubt_repeats(assay, policy, docket);
        if !self.doubtful.is_empty() {
            let what = "reactive again, or at once to be rejected, in a result that does not count";
            hold(ReasonCode::ResultFlagged, assay, self.doubtful.clone(), what, docket);
            doubted = true;
        }
        let grey: Vec<i64> = self.adverse_repeats.iter().map(|(id, _)| *id).collect();
        if !grey.is_empty() && !self.any_repeat_rejects(policy) {
            hold(ReasonCode::GreyZone, assay, grey, "a repeat is in the grey zone", docket);
            doubted = true;
        }
        doubted
    }

    fn doubt_repeats(&self, assay: Assay, policy: &MarkerPolicy, docket: &mut Docket) -> bool {
        let Some(initial) = &self.initial else { return false };
        let Some(completed) = &self.completed else { return false };
        let what = match policy.repeats_nonreactive {
            NonreactiveRepeatsPolicy::Holds => "reactive once, all repeats nonreactive",
            NonreactiveRepeatsPolicy::Rejects if !initial.counts => {
                "reactive once in a result that does not count, all repeats nonreactive"
            }
            NonreactiveRepeatsPolicy::Rejects | NonreactiveRepeatsPolicy::Passes => return false,
        };
        hold(initial.adverse.code(), assay, completed.clone(), what, docket);
        true
    }

    /// Asks for the repeats that are still wanted; whether none are.
    fn repeat(&self, assay: Assay, policy: &MarkerPolicy, docket: &mut Docket) -> bool {
        let Some(initial) = &self.initial else { return true };
        if self.repeats_complete(policy) {
            return true;
        }
        let label = wording::label(assay);
        let done = u32::try_from(self.repeats.len()).unwrap_or(u32::MAX);
        let wanted = policy.repeats.saturating_sub(done);
        let what =
            format!("first result {} (observation {})", initial.adverse.word(), initial.id());
        if self.attempted {
            let text = format!("{label}: {what}; {done} of {} repeats count", policy.repeats);
            let void = self.open.map(|(id, ..)| id).filter(|id| !self.is_initial(*id));
            let ids = self.evidence().into_iter().chain(void).collect();
            docket.reason(ReasonCode::RetestIncomplete, Verdict::Pending, Some(assay), ids, text);
        } else if self.other_kit.is_empty() {
            let text = format!("{label}: {what}; repeat in duplicate with the same kit");
            let code = initial.adverse.code();
            docket.reason(code, Verdict::Pending, Some(assay), vec![initial.id()], text);
        }
        if !self.other_kit.is_empty() {
            let others = wording::observations(&self.other_kit);
            let text = format!("{label}: {what}; repeated with another kit ({others})");
            let ids = std::iter::once(initial.id()).chain(self.other_kit.iter().copied()).collect();
            docket.reason(ReasonCode::RetestWrongAssay, Verdict::Pending, Some(assay), ids, text);
        }
        let text = format!("{label}: repeat with the kit of the first result, {wanted} times");
        docket.repeat(assay, initial.id(), wanted, text);
        false
    }
}

impl Initial<'_, '_> {
    const fn id(&self) -> i64 {
        self.determination.id()
    }
}

impl Adverse {
    const fn policy(self, policy: &MarkerPolicy) -> InitialReactivePolicy {
        match self {
            Adverse::Reactive => policy.initial_reactive,
            Adverse::GreyZone => policy.grey_zone,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Adverse::Reactive => "reactive",
            Adverse::GreyZone => "in the grey zone",
        }
    }

    const fn code(self) -> ReasonCode {
        match self {
            Adverse::Reactive => ReasonCode::InitialReactive,
            Adverse::GreyZone => ReasonCode::GreyZone,
        }
    }
}

fn hold(code: ReasonCode, assay: Assay, ids: Vec<i64>, what: &str, docket: &mut Docket) {
    let text = format!("{}: {what} ({})", wording::label(assay), wording::observations(&ids));
    docket.reason(code, Verdict::Hold, Some(assay), ids, text);
    docket.review(Some(assay));
}
