//! Progress: a bar where standard error is a terminal, lines where it is not; and the summary.

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::say::{complain, say};
use crate::simulator::{Fault, Mishap, Morning, Played, Progress, Session, Tally};

/// What a run has to tell.
pub(super) struct Report {
    bar: ProgressBar,
    total: usize,
    tally: Tally,
    /// What a host does with a message: acknowledges it, or takes it.
    done: &'static str,
}

impl Report {
    /// Of files in a folder, which are taken.
    pub fn of_files(played: &Played, morning: &Morning, tally: Tally) -> Report {
        Report { done: "taken", ..Report::new(played, morning, tally) }
    }

    pub fn new(played: &Played, morning: &Morning, tally: Tally) -> Report {
        let total = morning.sessions().map(|session| session.messages.len()).sum();
        say(&format!(
            "{}: {} in {}, {}",
            played.name(),
            counted(morning.donations.len(), "donation"),
            counted(morning.racks.len(), "rack"),
            counted(total, "message"),
        ));
        for (code, assay) in played.site_tests() {
            say(&format!("  test code {code} is {assay}: the configuration must name it"));
        }
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("[{bar:40}] {pos} of {len} acknowledged {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Report { bar, total, tally, done: "acknowledged" }
    }

    pub fn progress(&self, session: &Session, progress: Progress) {
        let rack = session.load.rack;
        match progress {
            Progress::Acknowledged(_) => self.bar.inc(1),
            Progress::SentAgain { message, attempt, why } => {
                let message = message + 1;
                self.complain(&format!("rack {rack}, message {message}, attempt {attempt}: {why}"));
            }
            Progress::Ordered(tests) => {
                self.complain(&format!(
                    "rack {rack}: the host ordered {}; results come as planned, ordered or not",
                    counted(tests, "test")
                ));
            }
            Progress::LineLost { why } => {
                self.complain(&format!("rack {rack}: {why}; the line is opened again"));
            }
        }
        self.bar.set_message(injected(&self.tally.counts()));
    }

    fn complain(&self, line: &str) {
        self.bar.suspend(|| complain(line));
    }

    pub fn session(&self, session: &Session, failed: usize) {
        if !self.bar.is_hidden() {
            return;
        }
        let again = if session.sent_before { " (sent before)" } else { "" };
        let messages = session.messages.len();
        say(&format!(
            "rack {}: {}, {} of {} {}{again}",
            session.load.rack,
            counted(session.load.tubes.len(), "tube"),
            messages.saturating_sub(failed),
            counted(messages, "message"),
            self.done,
        ));
    }

    pub fn end(&self, failed: usize, mishaps: &[Mishap]) {
        self.bar.finish_and_clear();
        let acknowledged = self.total.saturating_sub(failed);
        let (total, done) = (counted(self.total, "message"), self.done);
        say(&format!("{acknowledged} of {total} {done}"));
        let injected = injected(&self.tally.counts());
        if !injected.is_empty() {
            say(&format!("faults: {injected}"));
        }
        mishaps.iter().map(told).for_each(|line| say(&line));
    }
}

/// What happened on the bench, and what follows for whom.
fn told(mishap: &Mishap) -> String {
    let Mishap { fault, rack, concerned, never_releasable } = mishap;
    let mut line = format!("  rack {rack}: {fault}");
    if !concerned.is_empty() {
        line = format!("{line}: {}", concerned.join(", "));
    }
    if !never_releasable.is_empty() {
        line = format!("{line}; must not become releasable: {}", never_releasable.join(", "));
    }
    line
}

/// How often each fault happened.
pub(super) fn injected(counts: &[(Fault, u64)]) -> String {
    let counts: Vec<String> =
        counts.iter().map(|(fault, count)| format!("{fault} {count}")).collect();
    counts.join(", ")
}

/// A number of things, in the singular or the plural.
pub(super) fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "rack")), ["0 racks", "1 rack", "2 racks"]);
    }
}
