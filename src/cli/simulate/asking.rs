//! An analyser that asks: progress and summary.

use std::io;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::report::{counted, injected};
use crate::cli::say::{complain, say};
use crate::document;
use crate::simulator::{
    Account, AnswerOutcome, Asker, Fault, Morning, Opened, Played, Script, Tally, Turn,
};

/// Runs every rack; returns what was not as it must be.
pub(super) async fn run<D: AsyncFnMut() -> io::Result<Opened>>(
    mut asker: Asker<D>,
    played: &Played,
    morning: &Morning,
) -> Vec<String> {
    let tubes = morning.donations.len();
    let racks = counted(morning.racks.len(), "rack");
    say(&format!("{}: asks about {} in {racks}", played.name(), counted(tubes, "tube")));
    for (code, assay) in played.site_tests() {
        say(&format!("  test code {code} is {assay}: the configuration must name it"));
    }
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {pos} questions {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let tally = asker.tally();
    asker.run(&mut |turn| show(&bar, &turn)).await;
    bar.finish_and_clear();
    let account = asker.hang_up().await;
    say(&account.line());
    let faults = injected(&tally.counts());
    if !faults.is_empty() {
        say(&format!("faults: {faults}"));
    }
    wrong(account, &tally)
}

/// Reads a script.
///
/// # Errors
/// Every fault of it, each on a line.
pub(super) fn script(file: &str, path: &Path, played: &Played) -> Result<Script, String> {
    let text = document::load(file, path).map_err(|fault| fault.to_string())?;
    Script::parse(file, &text, played).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        faults.join("\n")
    })
}

/// Follows a script; returns what was not as it must be.
pub(super) async fn follow<D: AsyncFnMut() -> io::Result<Opened>>(
    mut asker: Asker<D>,
    script: &Script,
) -> Vec<String> {
    let tally = asker.tally();
    let mut tell = |turn: Turn| {
        if let Turn::LineLost { why } = turn {
            complain(&format!("{why}; it is opened again"));
        }
    };
    let mut done = |step: usize, outcome: &Result<String, String>| match outcome {
        Ok(said) => say(&format!("step {step}: {said}")),
        Err(why) => complain(&format!("step {step}: {why}")),
    };
    asker.follow(script, &mut tell, &mut done).await;
    let account = asker.hang_up().await;
    say(&account.line());
    let faults = injected(&tally.counts());
    if !faults.is_empty() {
        say(&format!("faults: {faults}"));
    }
    account.host_faults.into_iter().chain(account.failures).collect()
}

fn show(bar: &ProgressBar, turn: &Turn) {
    let line = match turn {
        Turn::Asked { rack, position, outcome } => {
            bar.inc(1);
            format!("rack {rack}, position {position}: {}", told(outcome))
        }
        Turn::Reported { rack, results } => {
            format!("rack {rack}: {} reported", counted(*results, "result"))
        }
        Turn::LineLost { why } => {
            return bar.suspend(|| complain(&format!("{why}; it is opened again")));
        }
    };
    if bar.is_hidden() { say(&line) } else { bar.set_message(line) }
}

fn told(outcome: &AnswerOutcome) -> String {
    match outcome {
        AnswerOutcome::Work(tests) => format!("{} ordered", counted(*tests, "test")),
        AnswerOutcome::NoWork => "nothing to do".to_owned(),
        AnswerOutcome::Refused => "orders refused".to_owned(),
        AnswerOutcome::NotUnderstood(why) => format!("not understood: {why}"),
        AnswerOutcome::Unanswered => "no answer in time".to_owned(),
    }
}

/// Questions may stay unanswered where the analyser or its line was made to fail; nothing else
/// may be missing.
fn wrong(account: Account, tally: &Tally) -> Vec<String> {
    let line_faults = tally.counts().iter().any(|(fault, _)| fault.scene().is_line());
    let excused = line_faults || tally.of(Fault::Impatient) + tally.of(Fault::RefusedOrder) > 0;
    let mut wrong = account.host_faults;
    if account.unanswered > 0 && !excused {
        wrong.push(format!("{} questions were not answered in time", account.unanswered));
    }
    if account.run != account.ordered {
        wrong.push(format!("{} ordered, {} run", account.ordered, account.run));
    }
    wrong.extend(account.failures);
    wrong
}
