//! `hemogate rules`: what a laboratory director and a validator ask of a rule set.
//!
//! Opens no line; what opens a store says so.

mod check;
mod desk;
mod diff;
mod doc;
mod explain;
mod life;
mod mutate;
mod replay;
mod test;

use std::process::ExitCode;

use super::check::report;
use super::say::complain;
use super::{FOUND_WRONG, USED_WRONGLY};
use crate::config::find_rule_set_text;
use crate::rules::RuleSet;

/// Arguments of `hemogate rules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Prove a rule set: every fault, or what was shown over how many combinations of facts.
    Check(check::Args),
    /// Bring a rule set to a site: it is proved, and on record from then on.
    Draft(life::Draft),
    /// Approve a rule set of a site; two people must.
    Approve(life::Approve),
    /// Say from which day on an approved rule set decides.
    Activate(life::Activate),
    /// Take a rule set out of use.
    Retire(life::Approve),
    /// Every rule set of a site, with its state and its steps.
    List(life::Look),
    /// What the rule set in the shadow of a running daemon says otherwise, by donation.
    Shadow(life::Look),
    /// What another rule set would have said of the donations on record.
    Replay(replay::Args),
    /// The whole way of a donation's verdict: tables, rows, clauses, records, down to the bytes.
    Explain(explain::Args),
    /// Compare two rule sets: which inputs change verdict, counted and by example.
    Diff(diff::Args),
    /// Print a rule set as a document to compare with the printed rules and to sign.
    Doc(doc::Args),
    /// Run decision cases: a baseline, what is different, the verdict that must follow.
    Test(test::Args),
}

/// Runs `hemogate rules`.
pub fn run(args: &Args) -> ExitCode {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Draft(args) => life::draft(args),
        Command::Approve(args) => life::approve(args),
        Command::Activate(args) => life::activate(args),
        Command::Retire(args) => life::retire(args),
        Command::List(args) => life::list(args),
        Command::Shadow(args) => life::shadow(args),
        Command::Replay(args) => replay::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Doc(args) => doc::run(args),
        Command::Test(args) => test::run(args),
    }
}

/// The rule set that the command line names, with how faults name its file; or the exit status of a
/// run that has said what is wrong with it.
fn find(name: &str) -> Result<(String, RuleSet), ExitCode> {
    let (file, text) = find_rule_set_text(name).map_err(|words| {
        complain(&words);
        ExitCode::from(USED_WRONGLY)
    })?;
    match RuleSet::parse(&file, &text) {
        Ok(rules) => Ok((file, rules)),
        Err(faults) => {
            report(&faults);
            Err(ExitCode::from(FOUND_WRONG))
        }
    }
}
