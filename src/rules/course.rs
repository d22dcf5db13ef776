//! The repeat-testing protocol of a marker, written down in advance: what became of the results of
//! one kit, or of all kits where one round of testing is enough.
//!
//! ```text
//!            nonreactive                     nonreactive, same kit
//!           ┌───────────► Passed            ┌──────────────────────► n of N ──► all N
//!   Nothing ┤                               │                          │
//!           └───────────► InitialAdverse ───┤ nonreactive, other kit   │ adverse, any kit
//!            reactive,    (never forgotten) ├────► does not count      ▼
//!            grey zone                      └─────────────────────► Adverse (for ever)
//! ```
//!
//! Refuses: testing into compliance (once a repeat was reactive nothing helps), a nonreactive
//! result that came before the reactive one as its repeat, the copy of a repeat as another, and a
//! correction that makes anything better. What follows from a course, a table says.

use crate::domain::{Reading, ReasonCode, Verdict};

use super::determination::{Determination, Standing, same_moment};
use super::docket::Open;
use super::place::{Place, place};
use super::question::Judges;
use super::table::Answers;

/// What repeats a check wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) repeats: u32,
    pub(super) same_kit: bool,
}

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

/// The results of one kit so far.
#[derive(Default)]
pub(super) struct Course<'d, 'f> {
    taken: Vec<(&'d Determination<'f>, Finding)>,
    /// Nonreactive while nothing adverse was known.
    nonreactive: Vec<i64>,
    initial: Option<Initial<'d, 'f>>,
    /// Nonreactive repeats that count.
    repeats: Vec<i64>,
    /// The repeats were complete once. Stays, whatever is taken away later: what they concluded
    /// against the donation is not undone.
    completed: bool,
    /// Nonreactive repeats with another kit.
    other_kit: Vec<i64>,
    /// A repeat with the right kit was tried.
    attempted: bool,
    adverse_repeats: Vec<(i64, Adverse)>,
    /// Adverse results that do not count, where a counting one would have been a repeat.
    doubtful: Vec<i64>,
    /// Corrections from nonreactive to reactive.
    corrected: Vec<i64>,
    /// Corrections from reactive to nonreactive.
    corrected_away: Vec<i64>,
    /// The latest result, where it does not count.
    open: Option<(&'d Determination<'f>, ReasonCode, &'static str)>,
}

/// The first adverse result.
struct Initial<'d, 'f> {
    determination: &'d Determination<'f>,
    adverse: Adverse,
    /// Whether the result itself counts.
    counts: bool,
}

/// The courses of one assay. With one round, all kits are one course. With more, each kit has its
/// own: the first result of another kit is another round and no wrong repeat. What is run again
/// with a kit whose round is done, while another kit's reactive result waits for its repeats, was
/// repeated with the wrong kit.
pub(super) fn courses<'d, 'f>(
    determinations: &'d [Determination<'f>],
    rounds: u32,
    terms: Terms,
) -> Vec<Course<'d, 'f>> {
    let mut courses: Vec<Course<'d, 'f>> = Vec::new();
    for determination in determinations {
        let own = if rounds > 1 {
            courses.iter().position(|course| course.is_of_kit(determination))
        } else {
            courses.len().checked_sub(1)
        };
        let waiting = courses.iter().position(|course| course.initial.is_some());
        let is_round = u32::try_from(courses.len()).is_ok_and(|seen| seen < rounds);
        match (own, waiting) {
            (Some(own), Some(waiting)) if own != waiting => {
                take_beside(&mut courses, own, determination, terms);
            }
            (Some(own), _) => take(&mut courses, own, determination, terms),
            (None, Some(waiting)) if !is_round => {
                take(&mut courses, waiting, determination, terms);
            }
            (None, Some(_) | None) => {
                courses.push(Course::default());
                let new = courses.len().saturating_sub(1);
                take(&mut courses, new, determination, terms);
            }
        }
    }
    courses
}

fn take<'d, 'f>(
    courses: &mut [Course<'d, 'f>],
    at: usize,
    determination: &'d Determination<'f>,
    terms: Terms,
) {
    if let Some(course) = courses.get_mut(at) {
        course.take(determination, terms);
    }
}

/// A result of a kit while another kit's reactive result is known.
fn take_beside<'d, 'f>(
    courses: &mut [Course<'d, 'f>],
    own: usize,
    determination: &'d Determination<'f>,
    terms: Terms,
) {
    let is_done = courses.get(own).is_some_and(Course::is_done);
    if is_done && !determination.is_correction() {
        for course in courses.iter_mut().filter(|course| course.initial.is_some()) {
            course.take_other(determination, terms);
        }
    }
    take(courses, own, determination, terms);
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
    fn take(&mut self, determination: &'d Determination<'f>, terms: Terms) {
        let finding = find(determination);
        if determination.is_correction() {
            self.correct(determination, finding, terms);
        } else {
            self.advance(determination, finding, terms);
        }
        self.taken.push((determination, finding));
    }

    /// A superfluous result of another kit: no help, but its adverse side counts.
    fn take_other(&mut self, determination: &'d Determination<'f>, terms: Terms) {
        match find(determination) {
            Finding::Nonreactive if !terms.same_kit => self.nonreactive(determination, terms),
            Finding::Nonreactive => self.other_kit.push(determination.id()),
            Finding::Adverse(adverse)
                if self.initial.as_ref().is_some_and(|first| first.counts) =>
            {
                self.adverse_repeats.push((determination.id(), adverse));
            }
            Finding::Adverse(_)
            | Finding::Blocked
            | Finding::VoidAdverse(..)
            | Finding::Void(_)
            | Finding::Empty => {}
        }
    }

    fn advance(&mut self, new: &'d Determination<'f>, finding: Finding, terms: Terms) {
        match finding {
            Finding::Nonreactive => self.nonreactive(new, terms),
            Finding::Blocked => self.attempted |= self.is_repeat(new, terms),
            Finding::Adverse(adverse) => self.adverse(new, adverse),
            Finding::VoidAdverse(adverse, why) => {
                self.void_adverse(new, adverse);
                self.void(new, ReasonCode::Invalid, why, terms);
            }
            Finding::Void(why) => self.void(new, ReasonCode::Invalid, why, terms),
            Finding::Empty => self.void(new, ReasonCode::Missing, "it has no reading", terms),
        }
    }

    fn nonreactive(&mut self, new: &Determination<'_>, terms: Terms) {
        self.open = None;
        if self.initial.is_none() {
            self.nonreactive.push(new.id());
        } else if self.is_repeat(new, terms) {
            self.attempted = true;
            self.repeats.push(new.id());
            self.completed |= self.repeats_complete(terms);
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

    fn void_adverse(&mut self, determination: &'d Determination<'f>, adverse: Adverse) {
        if self.initial.as_ref().is_some_and(|initial| initial.counts) {
            self.doubtful.push(determination.id());
        }
        if self.initial.is_none() {
            self.initial = Some(Initial { determination, adverse, counts: false });
        }
    }

    fn void(
        &mut self,
        new: &'d Determination<'f>,
        code: ReasonCode,
        why: &'static str,
        terms: Terms,
    ) {
        self.attempted |= self.is_repeat(new, terms);
        self.open = Some((new, code, why));
    }

    /// Whether this result, coming after the initial one, is a repeat of it.
    fn is_repeat(&self, new: &Determination<'_>, terms: Terms) -> bool {
        self.initial.as_ref().is_some_and(|initial| {
            initial.determination.id() != new.id()
                && (!terms.same_kit || initial.determination.same_kit(new))
        })
    }

    /// A correction is no new determination: it takes away, or makes worse, never adds.
    fn correct(&mut self, new: &'d Determination<'f>, finding: Finding, terms: Terms) {
        let originals: Vec<_> = self.taken.iter().filter(|(d, _)| d.same_kit(new)).collect();
        if originals.is_empty() {
            return self.correct_unknown(new, finding, terms);
        }
        let was_adverse = originals.iter().any(|(_, f)| matches!(f, Finding::Adverse(_)));
        let was_good =
            originals.iter().any(|(_, f)| matches!(f, Finding::Nonreactive | Finding::Blocked));
        let repeats_adverse = originals.iter().any(|(d, f)| {
            matches!(f, Finding::Adverse(_)) && same_moment(d.observation(), new.observation())
        });
        match finding {
            // Whoever edits a reactive result away has to answer for it; it helps nobody.
            Finding::Nonreactive | Finding::Blocked if was_adverse => {
                self.corrected_away.push(new.id());
            }
            Finding::Nonreactive | Finding::Blocked => {}
            Finding::Adverse(_) if repeats_adverse => {}
            Finding::Adverse(Adverse::Reactive) if was_good => {
                self.corrected.push(new.id());
                self.adverse(new, Adverse::Reactive);
            }
            Finding::Adverse(_) if was_adverse && !was_good => {}
            Finding::Adverse(adverse) => self.adverse(new, adverse),
            Finding::VoidAdverse(_, _) | Finding::Void(_) | Finding::Empty => {
                self.nonreactive.clear();
                self.repeats.clear();
                self.advance(new, finding, terms);
            }
        }
    }

    /// Nobody knows what the result said before: its good side does not count.
    fn correct_unknown(&mut self, new: &'d Determination<'f>, finding: Finding, terms: Terms) {
        let finding = match finding {
            Finding::Nonreactive => Finding::Void("the result it corrects is not on record"),
            Finding::Blocked
            | Finding::Adverse(_)
            | Finding::VoidAdverse(_, _)
            | Finding::Void(_)
            | Finding::Empty => finding,
        };
        self.advance(new, finding, terms);
    }

    fn repeats_complete(&self, terms: Terms) -> bool {
        u32::try_from(self.repeats.len()).is_ok_and(|count| count >= terms.repeats)
    }

    fn is_of_kit(&self, determination: &Determination<'_>) -> bool {
        self.taken.iter().any(|(taken, _)| taken.same_kit(determination))
    }

    /// Whether the kit has given its result, and that calls for no other.
    fn is_done(&self) -> bool {
        self.initial.is_none() && self.open.is_none() && !self.nonreactive.is_empty()
    }

    /// Whether any result counts, whatever it says.
    pub(super) fn has_result(&self) -> bool {
        let adverse = self.initial.as_ref().is_some_and(|initial| initial.counts);
        adverse || !self.evidence().is_empty()
    }

    /// The first result that counts.
    pub(super) fn first_that_counts(&self) -> Option<&'d Determination<'f>> {
        let counts =
            |finding: &Finding| matches!(finding, Finding::Nonreactive | Finding::Adverse(_));
        self.taken.iter().find(|(_, finding)| counts(finding)).map(|(found, _)| *found)
    }

    /// The results behind the answers.
    pub(super) fn evidence(&self) -> Vec<i64> {
        let Some(initial) = &self.initial else { return self.nonreactive.clone() };
        std::iter::once(initial.id()).chain(self.repeats.iter().copied()).collect()
    }

    /// The first adverse result, whether it counts or not.
    pub(super) fn initial_id(&self) -> Option<i64> {
        self.initial.as_ref().map(Initial::id)
    }

    /// The latest result.
    pub(super) fn last(&self) -> Option<i64> {
        self.taken.last().map(|(last, _)| last.id())
    }

    /// What is to be repeated, and how many repeats are still wanted.
    pub(super) fn wanted(&self, terms: Terms) -> Option<(i64, u32)> {
        let done = u32::try_from(self.repeats.len()).unwrap_or(u32::MAX);
        let wanted = terms.repeats.saturating_sub(done);
        self.initial_id().map(|first| (first, wanted)).filter(|_| wanted > 0)
    }

    /// Whether the course can prove anything as it stands: its latest result counts.
    pub(super) fn is_settled(&self, terms: Terms) -> bool {
        let is_blocked = self.taken.last().is_some_and(|(_, found)| *found == Finding::Blocked);
        let is_undone = self.completed && !self.repeats_complete(terms);
        self.open.is_none() && !is_blocked && !is_undone
    }

    /// What the latest result has to say where it does not count.
    pub(super) fn open(&self) -> Open {
        match self.open {
            Some((of, ..)) if of.circumstances > Verdict::Releasable => Open::Told,
            Some((of, code, why)) => Open::Void(of.id(), code, why),
            None => match self.taken.last() {
                Some((last, Finding::Blocked)) => match last.set_aside() {
                    Some(why) => Open::Void(last.id(), ReasonCode::Invalid, why),
                    None => Open::Told,
                },
                Some(_) | None => Open::No,
            },
        }
    }

    /// The results whose circumstances are to be told: those after the last one that counts.
    pub(super) fn unsettled(&self) -> impl Iterator<Item = &'d Determination<'f>> {
        let counts = |(of, finding): &(&'d Determination<'f>, Finding)| {
            of.standing == Standing::Counts
                && !of.is_correction()
                && matches!(finding, Finding::Nonreactive | Finding::Adverse(_))
        };
        let after = self.taken.iter().rposition(counts).map_or(0, |last| last + 1);
        let later = self.taken.iter().enumerate().filter(move |(index, (of, _))| {
            of.circumstances == Verdict::Reject
                || (*index >= after && of.circumstances > Verdict::Releasable)
        });
        later.map(|(_, (of, _))| *of)
    }

    /// The results whose circumstances are worth a remark.
    pub(super) fn remarked(&self) -> impl Iterator<Item = &'d Determination<'f>> {
        let counts = |of: &&Determination<'_>| of.remarked && of.standing == Standing::Counts;
        self.taken.iter().map(|(of, _)| *of).filter(counts)
    }

    /// What the results answer.
    pub(super) fn answers(&self, terms: Terms) -> Answers {
        let latest = if self.is_settled(terms) {
            place!(Marker, "latest", "counts")
        } else {
            place!(Marker, "latest", "void")
        };
        let corrected = match (self.corrected.is_empty(), self.corrected_away.is_empty()) {
            (false, _) => place!(Marker, "corrected", "to_reactive"),
            (true, false) => place!(Marker, "corrected", "to_nonreactive"),
            (true, true) => place!(Marker, "corrected", "no"),
        };
        let doubtful = if self.doubtful.is_empty() {
            place!(Marker, "doubtful", "no")
        } else {
            place!(Marker, "doubtful", "yes")
        };
        let answers = Answers::of(Judges::Marker).put(self.first()).put(self.repeated());
        answers.put(latest).put(corrected).put(doubtful)
    }

    fn first(&self) -> Place {
        match &self.initial {
            Some(initial) if !initial.counts => place!(Marker, "first", "void_reactive"),
            Some(Initial { adverse: Adverse::Reactive, .. }) => place!(Marker, "first", "reactive"),
            Some(Initial { adverse: Adverse::GreyZone, .. }) => {
                place!(Marker, "first", "grey_zone")
            }
            None if self.nonreactive.is_empty() => place!(Marker, "first", "void"),
            None => place!(Marker, "first", "nonreactive"),
        }
    }

    fn repeated(&self) -> Place {
        let adverse = |wanted| self.adverse_repeats.iter().any(|(_, found)| *found == wanted);
        if self.initial.is_none() {
            place!(Marker, "repeats", "not_begun")
        } else if adverse(Adverse::Reactive) {
            place!(Marker, "repeats", "reactive")
        } else if adverse(Adverse::GreyZone) {
            place!(Marker, "repeats", "grey_zone")
        } else if self.completed {
            place!(Marker, "repeats", "nonreactive")
        } else if self.attempted {
            place!(Marker, "repeats", "incomplete")
        } else if self.other_kit.is_empty() {
            place!(Marker, "repeats", "not_begun")
        } else {
            place!(Marker, "repeats", "other_kit")
        }
    }

    /// Every result that a reason may rest on: what is adverse, and what was tried after it.
    pub(super) fn behind(&self) -> Vec<i64> {
        let open = self.open.map(|(of, ..)| of.id());
        let Some(first) = self.initial_id() else {
            return open.map_or_else(|| self.nonreactive.clone(), |open| vec![open]);
        };
        let adverse = self.adverse_repeats.iter().map(|(id, _)| *id);
        let mut ids: Vec<i64> = self.repeats.iter().copied().chain(adverse).chain(open).collect();
        ids.extend(self.other_kit.iter().chain(&self.doubtful).chain(&self.corrected));
        ids.push(first);
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

impl Initial<'_, '_> {
    const fn id(&self) -> i64 {
        self.determination.id()
    }
}
