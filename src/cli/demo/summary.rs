//! What became of the morning, beside what the seed planned.

use std::collections::BTreeMap;

use super::inventory::{Decided, Ledger};
use crate::cli::say::say;
use crate::domain::Verdict;
use crate::simulator::{Morning, PlannedDonation};

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
    pub fn new(morning: &Morning, ledger: Ledger, unacknowledged: Vec<String>) -> Summary {
        let mut rows: BTreeMap<Row, Count> = BTreeMap::new();
        let mut differences = unacknowledged;
        differences.extend(ledger.gaps.iter().map(|gap| format!("the feed jumped {gap}")));
        for donation in &morning.donations {
            let planned = planned(donation);
            let decided = ledger.latest.get(&donation.din).map(decided);
            if decided.as_ref() != Some(&planned) {
                differences.push(difference(donation, &planned, decided.as_ref()));
            }
            rows.entry(planned).or_default().planned += 1;
            if let Some(decided) = decided {
                rows.entry(decided).or_default().decided += 1;
            }
        }
        differences.extend(strangers(morning, &ledger));
        Summary {
            rows,
            differences,
            planned: morning.donations.len(),
            decided: ledger.latest.len(),
            entries: ledger.head,
            remarkable: remarkable(morning),
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

fn planned(donation: &PlannedDonation) -> Row {
    let intent = donation.scenario.intent();
    Row::new(intent.verdict.id(), intent.code.id().to_owned())
}

fn decided(decided: &Decided) -> Row {
    Row::new(&decided.verdict, decided.codes.join(" + "))
}

fn difference(donation: &PlannedDonation, planned: &Row, decided: Option<&Row>) -> String {
    let decided =
        decided.map_or("no verdict".to_owned(), |row| format!("{} {}", row.verdict, row.reasons));
    format!(
        "{} ({:?}): planned {} {}, decided {decided}",
        donation.din, donation.scenario, planned.verdict, planned.reasons
    )
}

/// Verdicts on donations that nobody planned.
fn strangers(morning: &Morning, ledger: &Ledger) -> Vec<String> {
    let known = |din: &String| morning.donations.iter().any(|donation| donation.din == *din);
    let unknown = ledger.latest.keys().filter(|din| !known(din));
    unknown.map(|din| format!("{din}: a verdict on a donation that nobody planned")).collect()
}

fn remarkable(morning: &Morning) -> String {
    let refused =
        |donation: &&PlannedDonation| donation.scenario.intent().verdict != Verdict::Releasable;
    let donations = &morning.donations;
    let chosen = donations.iter().find(refused).or(donations.first());
    chosen.map_or(String::new(), |donation| donation.din.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn morning() -> Morning {
        Morning::plan(4, 12)
    }

    /// What the feed says when everything goes as planned.
    fn ledger(morning: &Morning) -> Ledger {
        let entry = |donation: &PlannedDonation| {
            let intent = donation.scenario.intent();
            let codes = vec![intent.code.id().to_owned()];
            (donation.din.clone(), Decided { verdict: intent.verdict.id().to_owned(), codes })
        };
        let latest = morning.donations.iter().map(entry).collect();
        Ledger { latest, head: 12, gaps: Vec::new() }
    }

    fn is_equal(change: impl FnOnce(&mut Ledger, &Morning)) -> bool {
        let morning = morning();
        let mut ledger = ledger(&morning);
        change(&mut ledger, &morning);
        Summary::new(&morning, ledger, Vec::new()).is_equal()
    }

    #[test]
    fn equal_means_every_verdict_every_reason_no_stranger_and_no_gap() {
        let of = |ledger: &mut Ledger, morning: &Morning, change: fn(&mut Decided)| {
            change(ledger.latest.get_mut(&morning.donations[3].din).unwrap());
        };
        assert!(is_equal(|_, _| {}));
        assert!(!is_equal(|l, m| of(l, m, |decided| decided.verdict = "recalled".to_owned())));
        assert!(!is_equal(|l, m| of(l, m, |decided| decided.codes.push("INVALID".to_owned()))));
        assert!(!is_equal(|l, m| drop(l.latest.remove(&m.donations[0].din))));
        assert!(!is_equal(|l, _| l.gaps.push("from 4 to 6".to_owned())));
        assert!(!is_equal(|l, m| {
            let decided = l.latest[&m.donations[0].din].clone();
            l.latest.insert("A999926999999".to_owned(), decided);
        }));
    }

    #[test]
    fn an_unacknowledged_message_is_a_difference() {
        let morning = morning();
        let lost = vec!["mindray-bs: rack 1, message 2: the line was lost".to_owned()];
        assert!(!Summary::new(&morning, ledger(&morning), lost).is_equal());
    }
}
