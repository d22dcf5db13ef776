//! The floor itself: rows of the feed in, what is open out. No I/O and no clock.
//!
//! Every row has its number, and each is taken once, in order: a row that was taken before changes
//! nothing, and one behind a gap is not taken until the gap is closed. So it comes out the same
//! however the feed is cut into pages.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;

use crate::console::text::Text;
use crate::domain::{Action, Assay, DonationNumber, ReasonCode, Verdict};
use crate::limits;
use crate::rules::words;

/// One row of the feed, and what it left behind.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::console) struct Row {
    /// Gapless and rising, from 1.
    pub(super) seq: i64,
    pub(super) din: DonationNumber,
    pub(super) version: i64,
    pub(super) verdict: Verdict,
    /// The verdict of the version before; `None` at the first.
    pub(super) before: Option<Verdict>,
    pub(super) decided_at: Timestamp,
    pub(super) registered_at: Option<Timestamp>,
    pub(super) collected_at: Option<Timestamp>,
    pub(super) site: Option<String>,
    pub(super) reasons: Vec<Why>,
    pub(super) wants: Vec<Want>,
    /// Since when the donation has been open without a break.
    pub(super) open_since: Timestamp,
}

/// A reason, without its words: pages say them in their own language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Why {
    pub(in crate::console) code: ReasonCode,
    pub(in crate::console) assay: Option<Assay>,
    pub(in crate::console) subject: Option<String>,
}

impl Why {
    /// In words.
    pub(in crate::console) fn told(&self, text: &Text) -> String {
        let assay = self.assay.map(|assay| text.lang().of(words::assay(assay)));
        words::reason_text(self.code, text.lang(), self.subject.as_deref().or(assay))
    }
}

/// What is to be done next, as a row of the feed has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Want {
    pub(in crate::console) action: Action,
    pub(in crate::console) assay: Option<Assay>,
    /// What of it, e.g. a pool.
    pub(in crate::console) subject: Option<String>,
    /// The analyser of the result that is to be repeated.
    pub(in crate::console) analyser: Option<String>,
    /// Its kit.
    pub(in crate::console) kit: Option<String>,
    /// How many determinations.
    pub(in crate::console) count: u32,
}

impl Want {
    /// Whether an analyser does it.
    pub(in crate::console) const fn is_run(&self) -> bool {
        match self.action {
            Action::Test | Action::TestAgain | Action::RepeatInDuplicate | Action::TestSingly => {
                true
            }
            Action::Review
            | Action::Register
            | Action::RunControls
            | Action::PutOnRecord
            | Action::NewSpecimen
            | Action::Sign
            | Action::Confirm
            | Action::IdentifyTubes => false,
        }
    }
}

/// What is to be done next, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Step {
    pub(in crate::console) want: Want,
    pub(in crate::console) since: Timestamp,
}

/// A donation that is open: pending, or held.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::console) struct Open {
    pub(in crate::console) din: DonationNumber,
    pub(in crate::console) version: i64,
    pub(in crate::console) verdict: Verdict,
    /// Since when it has this verdict without a break.
    pub(in crate::console) since: Timestamp,
    pub(in crate::console) collected_at: Option<Timestamp>,
    pub(in crate::console) site: Option<String>,
    pub(in crate::console) reasons: Vec<Why>,
    pub(in crate::console) steps: Vec<Step>,
}

/// Everything that is open, and how many became what in the last hours.
#[derive(Debug)]
pub(in crate::console) struct Book {
    open: BTreeMap<DonationNumber, Open>,
    /// What those became that were decided last, and in what order.
    decided_last: HashMap<DonationNumber, Verdict>,
    decided_order: VecDeque<DonationNumber>,
    /// The last row that was taken.
    seq: i64,
    /// It is not complete yet.
    is_counting: bool,
    /// More is open than is kept.
    is_short: bool,
    /// Why it cannot be kept up just now.
    trouble: Option<String>,
    hours: VecDeque<Hour>,
    /// When a donation was decided, and how long that took, in seconds.
    decided: VecDeque<(Timestamp, u32)>,
    open_max: usize,
}

/// How many donations became what in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hour {
    /// Hours since 1970.
    number: i64,
    became: [u64; Verdict::ALL.len()],
}

/// How long it took until a donation was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct TimeToVerdict {
    /// Donations decided.
    pub(in crate::console) decided: usize,
    /// Half took no longer, in seconds.
    pub(in crate::console) median: u32,
    /// Nine of ten took no longer.
    pub(in crate::console) ninety: u32,
}

const fn is_open(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Pending | Verdict::Hold => true,
        Verdict::Releasable | Verdict::Reject | Verdict::Recalled => false,
    }
}

impl Book {
    pub(super) fn new() -> Book {
        Book::holding(limits::FLOOR_OPEN_MAX)
    }

    fn holding(open_max: usize) -> Book {
        Book {
            open: BTreeMap::new(),
            decided_last: HashMap::new(),
            decided_order: VecDeque::new(),
            seq: 0,
            is_counting: true,
            is_short: false,
            trouble: None,
            hours: VecDeque::new(),
            decided: VecDeque::new(),
            open_max,
        }
    }

    /// Begins anew behind this row: everything after it is still to come.
    pub(super) fn begin(&mut self, after: i64) {
        let open_max = self.open_max;
        *self = Book { seq: after, ..Book::holding(open_max) };
    }

    /// Donations that were open already where it begins; those that changed since are left to
    /// their rows.
    pub(super) fn stand(&mut self, rows: Vec<Row>) {
        for row in rows {
            if row.seq <= self.seq && is_open(row.verdict) {
                self.place(row);
            }
        }
    }

    /// Takes rows in any order, each once; whether none was behind a gap.
    pub(super) fn take(&mut self, mut rows: Vec<Row>) -> bool {
        rows.sort_by_key(|row| row.seq);
        for row in rows {
            if row.seq <= self.seq {
                continue;
            }
            if row.seq != self.seq + 1 {
                return false;
            }
            self.seq = row.seq;
            self.count(&row);
            if is_open(row.verdict) {
                self.place(row);
            } else {
                self.close(row);
            }
        }
        true
    }

    pub(super) fn is_complete(&mut self) {
        self.is_counting = false;
    }

    pub(super) fn troubled(&mut self, trouble: Option<String>) {
        self.trouble = trouble;
    }

    /// Whether it could hold again what it had no room for.
    pub(super) fn has_room_again(&self) -> bool {
        self.is_short && self.open.len() * 10 < self.open_max * 9
    }

    /// The last row of the feed that it knows.
    pub(super) const fn seq(&self) -> i64 {
        self.seq
    }

    fn place(&mut self, row: Row) {
        let known = self.open.remove(&row.din);
        if known.is_none() && self.open.len() >= self.open_max {
            self.is_short = true;
            return;
        }
        let open = opened(row, known);
        self.open.insert(open.din.clone(), open);
    }

    fn close(&mut self, row: Row) {
        self.open.remove(&row.din);
        if self.decided_last.insert(row.din.clone(), row.verdict).is_none() {
            self.decided_order.push_back(row.din);
        }
        if self.decided_order.len() > limits::FLOOR_DECIDED_MAX
            && let Some(oldest) = self.decided_order.pop_front()
        {
            self.decided_last.remove(&oldest);
        }
    }

    fn count(&mut self, row: &Row) {
        if row.before == Some(row.verdict) {
            return;
        }
        let number = row.decided_at.as_second().div_euclid(3_600);
        let hour = self.hour(number);
        if let Some(became) = hour.and_then(|hour| hour.became.get_mut(row.verdict as usize)) {
            *became += 1;
        }
        let was_open = row.before.is_none_or(is_open);
        let is_decided = matches!(row.verdict, Verdict::Releasable | Verdict::Reject);
        if let (true, true, Some(registered)) = (was_open, is_decided, row.registered_at) {
            if self.decided.len() >= limits::FLOOR_TIMES_MAX {
                self.decided.pop_front();
            }
            let took = row.decided_at.as_second().saturating_sub(registered.as_second());
            self.decided
                .push_back((row.decided_at, u32::try_from(took.max(0)).unwrap_or(u32::MAX)));
        }
    }

    /// The hour with this number; `None` where it is too old to be kept. A clock that was set back
    /// makes an earlier hour, not another order.
    fn hour(&mut self, number: i64) -> Option<&mut Hour> {
        let at = self.hours.partition_point(|hour| hour.number < number);
        if self.hours.get(at).is_none_or(|hour| hour.number != number) {
            self.hours.insert(at, Hour { number, became: [0; Verdict::ALL.len()] });
        }
        let too_many = self.hours.len().saturating_sub(limits::FLOOR_HOURS);
        self.hours.drain(..too_many);
        self.hours.get_mut(at.checked_sub(too_many)?)
    }
}

/// What the pages ask.
impl Book {
    /// Whether it is still being read.
    pub(in crate::console) const fn is_counting(&self) -> bool {
        self.is_counting
    }

    /// Whether more is open than is kept.
    pub(in crate::console) const fn is_short(&self) -> bool {
        self.is_short
    }

    /// Why it may be old.
    pub(in crate::console) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Everything that is open, by donation number.
    pub(in crate::console) fn open(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }

    /// The verdict of a donation that is open or was decided lately.
    pub(in crate::console) fn verdict(&self, din: &DonationNumber) -> Option<Verdict> {
        let open = self.open.get(din).map(|open| open.verdict);
        open.or_else(|| self.decided_last.get(din).copied())
    }

    /// How many are open with this verdict.
    pub(in crate::console) fn standing(&self, verdict: Verdict) -> usize {
        self.open.values().filter(|open| open.verdict == verdict).count()
    }

    /// How many donations became this in the last 24 hours, the running one included.
    pub(in crate::console) fn became(&self, verdict: Verdict, now: Timestamp) -> u64 {
        self.by_hour(verdict, now).iter().rev().take(24).sum()
    }

    /// The same for each of the last hours, the running one last.
    pub(in crate::console) fn by_hour(&self, verdict: Verdict, now: Timestamp) -> Vec<u64> {
        let last = now.as_second().div_euclid(3_600);
        let count = |hour: &Hour| hour.became.get(verdict as usize).copied().unwrap_or_default();
        let of =
            |number: i64| self.hours.iter().find(|hour| hour.number == number).map_or(0, count);
        let hours = i64::try_from(limits::FLOOR_HOURS).unwrap_or(i64::MAX);
        (last - hours + 1..=last).map(of).collect()
    }

    /// How long donations took that were decided in the last 24 hours.
    pub(in crate::console) fn time_to_verdict(&self, now: Timestamp) -> TimeToVerdict {
        let from = now.as_second().saturating_sub(24 * 3_600);
        let recent = self.decided.iter().filter(|(at, _)| at.as_second() > from);
        let mut took: Vec<u32> = recent.map(|(_, took)| *took).collect();
        let decided = took.len();
        let mut at = |percent: usize| {
            let rank = (decided * percent).div_ceil(100).saturating_sub(1);
            if decided == 0 { 0 } else { *took.select_nth_unstable(rank).1 }
        };
        TimeToVerdict { decided, median: at(50), ninety: at(90) }
    }
}

/// A donation as its row left it, with what was known of it before: what is wanted since when is
/// known only by who saw the row before.
fn opened(row: Row, known: Option<Open>) -> Open {
    let Row { din, version, verdict, before, decided_at, open_since, .. } = row;
    // Not seen before: it may have stood like this since it was opened, and is taken to have.
    let unknown = if before.is_some_and(is_open) { open_since } else { decided_at };
    let since = match &known {
        Some(known) if known.verdict == verdict => known.since,
        Some(_) => decided_at,
        None if before == Some(verdict) => open_since,
        None => decided_at,
    };
    let wanted_since = |want: &Want| match &known {
        Some(known) => known
            .steps
            .iter()
            .find(|step| is_same(&step.want, want))
            .map_or(decided_at, |step| step.since),
        None => unknown,
    };
    let steps = row.wants.into_iter().map(|want| Step { since: wanted_since(&want), want });
    let steps = steps.collect();
    let (collected_at, site, reasons) = (row.collected_at, row.site, row.reasons);
    Open { din, version, verdict, since, collected_at, site, reasons, steps }
}

/// Whether it is the same work, however much of it is left.
fn is_same(one: &Want, other: &Want) -> bool {
    (one.action, one.assay) == (other.action, other.assay)
}

#[cfg(test)]
mod tests;
