//! What became of the day, beside what the seed planned.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::inventory::{Decided, Ledger};
use crate::cli::say::say;
use crate::domain::{ReasonCode, Verdict};
use crate::simulator::{Day, DayDonation, Intent};

/// The comparison.
pub(super) struct Summary {
    rows: BTreeMap<Row, Count>,
    differences: Vec<String>,
    /// Donations planned.
    planned: usize,
    /// Donations with a verdict.
    decided: usize,
    entries: i64,
    /// A donation worth looking at: not releasable, if there is one.
    pub remarkable: String,
}

/// A verdict with its reasons; best verdicts first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    rank: usize,
    verdict: String,
    reasons: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    planned: usize,
    decided: usize,
}

/// Differences printed; the rest are counted.
const DIFFERENCES_SHOWN: usize = 20;

impl Summary {
    /// `differences` are those that were seen while the day ran.
    pub fn new(day: &Day, ledger: Ledger, mut differences: Vec<String>) -> Summary {
        let mut rows: BTreeMap<Row, Count> = BTreeMap::new();
        differences.extend(ledger.gaps.iter().map(|gap| format!("the feed jumped {gap}")));
        for donation in &day.donations {
            let planned = planned(donation.finally);
            let decided = ledger.latest.get(&donation.planned.din).map(decided);
            if decided.as_ref() != Some(&planned) {
                differences.push(difference(donation, &planned, decided.as_ref()));
            }
            rows.entry(planned).or_default().planned += 1;
            if let Some(decided) = decided {
                rows.entry(decided).or_default().decided += 1;
            }
        }
        differences.extend(strangers(day, &ledger));
        Summary {
            rows,
            differences,
            planned: day.donations.len(),
            decided: ledger.latest.len(),
            entries: ledger.head,
            remarkable: remarkable(day),
        }
    }

    /// Every donation has the planned verdict and reason, every message was acknowledged, and the
    /// feed has no gap.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    /// Prints the table and the differences.
    pub fn print(&self) {
        say("\nEach donation counts once, under its latest verdict. \"planned\" is what the seed");
        say("meant to happen, \"decided\" is what the inventory system was told over HTTP.");
        say("releasable: may be handed out. pending: something is missing or still open. hold: a");
        say("person must look. reject: not to be used.\n");
        say(&format!("  {:<12} {:<24} {:>8} {:>8}", "verdict", "reason", "planned", "decided"));
        for (row, count) in &self.rows {
            let mark = if count.planned == count.decided { "" } else { "  <- differs" };
            say(&format!(
                "  {:<12} {:<24} {:>8} {:>8}{mark}",
                row.verdict, row.reasons, count.planned, count.decided
            ));
        }
        say(&format!("  {:<12} {:<24} {:>8} {:>8}\n", "total", "", self.planned, self.decided));
        self.print_differences();
    }

    fn print_differences(&self) {
        if self.is_equal() {
            say(&format!(
                "equal: every donation has the planned verdict and reason; every message was\n\
                 acknowledged; the feed has {} entries and no gap.",
                self.entries
            ));
            return;
        }
        say(&format!("NOT equal, {} differences:", self.differences.len()));
        for difference in self.differences.iter().take(DIFFERENCES_SHOWN) {
            say(&format!("  {difference}"));
        }
        if self.differences.len() > DIFFERENCES_SHOWN {
            say(&format!("  and {} more", self.differences.len() - DIFFERENCES_SHOWN));
        }
    }
}

impl Row {
    fn new(verdict: &str, reasons: String) -> Row {
        let rank = Verdict::ALL.iter().position(|known| known.id() == verdict);
        Row { rank: rank.unwrap_or(Verdict::ALL.len()), verdict: verdict.to_owned(), reasons }
    }
}

fn planned(intent: Intent) -> Row {
    Row::new(intent.verdict.id(), intent.code.id().to_owned())
}

/// That it was released before is what `recalled` says; the reason is why it came back.
fn decided(decided: &Decided) -> Row {
    let codes = || decided.codes.iter().map(String::as_str);
    let why = codes().filter(|code| *code != ReasonCode::Recalled.id());
    let why: Vec<&str> = why.collect();
    let codes = if why.is_empty() { codes().collect() } else { why };
    Row::new(&decided.verdict, codes.join(" + "))
}

/// Whether it became what was planned.
pub(super) fn is_planned(intent: Intent, became: &Decided) -> bool {
    planned(intent) == decided(became)
}

/// What became of some donations: one line for each verdict with its reasons, best first.
pub(super) fn became(some: &[Decided]) -> Vec<String> {
    let mut counts: BTreeMap<Row, usize> = BTreeMap::new();
    some.iter().for_each(|one| *counts.entry(decided(one)).or_default() += 1);
    counts.into_iter().map(|(row, count)| format!("{count} {row}")).collect()
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verdict, self.reasons)
    }
}

fn difference(donation: &DayDonation, planned: &Row, decided: Option<&Row>) -> String {
    let decided = decided.map_or("no verdict".to_owned(), Row::to_string);
    let DayDonation { planned: donation, .. } = donation;
    let (din, scenario) = (&donation.din, donation.scenario);
    format!("{din} ({scenario:?}): planned {planned}, decided {decided}")
}

/// Verdicts on donations that nobody planned.
fn strangers(day: &Day, ledger: &Ledger) -> Vec<String> {
    let known: BTreeSet<&String> = day.donations.iter().map(|d| &d.planned.din).collect();
    let unknown = ledger.latest.keys().filter(|din| !known.contains(din));
    unknown.map(|din| format!("{din}: a verdict on a donation that nobody planned")).collect()
}

fn remarkable(day: &Day) -> String {
    let refused = |donation: &&DayDonation| donation.finally.verdict != Verdict::Releasable;
    let chosen = day.donations.iter().find(refused).or(day.donations.first());
    chosen.map_or(String::new(), |donation| donation.planned.din.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Day {
        Day::plan(4, 12)
    }

    /// What the feed says when everything goes as planned.
    fn ledger(day: &Day) -> Ledger {
        let entry = |donation: &DayDonation| {
            let Intent { verdict, code } = donation.finally;
            let codes = vec![code.id().to_owned()];
            (donation.planned.din.clone(), Decided { verdict: verdict.id().to_owned(), codes })
        };
        let latest = day.donations.iter().map(entry).collect();
        Ledger { latest, head: 12, gaps: Vec::new() }
    }

    fn is_equal(change: impl FnOnce(&mut Ledger, &Day)) -> bool {
        let day = day();
        let mut ledger = ledger(&day);
        change(&mut ledger, &day);
        Summary::new(&day, ledger, Vec::new()).is_equal()
    }

    #[test]
    fn equal_means_every_verdict_every_reason_no_stranger_and_no_gap() {
        let of = |ledger: &mut Ledger, day: &Day, change: fn(&mut Decided)| {
            change(ledger.latest.get_mut(&day.donations[3].planned.din).unwrap());
        };
        assert!(is_equal(|_, _| {}));
        assert!(!is_equal(|l, d| of(l, d, |decided| decided.verdict = "recalled".to_owned())));
        assert!(!is_equal(|l, d| of(l, d, |decided| decided.codes.push("INVALID".to_owned()))));
        assert!(!is_equal(|l, d| drop(l.latest.remove(&d.donations[0].planned.din))));
        assert!(!is_equal(|l, _| l.gaps.push("from 4 to 6".to_owned())));
        assert!(!is_equal(|l, d| {
            let decided = l.latest[&d.donations[0].planned.din].clone();
            l.latest.insert("A999926999999".to_owned(), decided);
        }));
    }

    #[test]
    fn what_was_seen_while_the_day_ran_is_a_difference() {
        let day = day();
        let lost = vec!["mindray-bs: rack 1, message 2: the line was lost".to_owned()];
        assert!(!Summary::new(&day, ledger(&day), lost).is_equal());
    }

    #[test]
    fn what_became_of_a_batch_is_told_by_verdict_best_first() {
        let decided = |verdict: &str, codes: &[&str]| {
            let codes = codes.iter().map(|code| (*code).to_owned()).collect();
            Decided { verdict: verdict.to_owned(), codes }
        };
        let (hold, released) =
            (decided("hold", &["QC_FAIL_EXTERNAL"]), decided("releasable", &["ALL_OK"]));
        let told = became(&[hold.clone(), released, hold]);
        assert_eq!(told, ["1 releasable ALL_OK", "2 hold QC_FAIL_EXTERNAL"]);
    }
}
