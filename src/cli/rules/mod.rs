//! `hemogate rules`: what a laboratory director and a validator ask of a rule set.
//!
//! Opens no line; what opens a store says so.

mod check;
mod diff;
mod mutate;
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
    /// Compare two rule sets: which inputs change verdict, counted and by example.
    Diff(diff::Args),
    /// Run decision cases: a baseline, what is different, the verdict that must follow.
    Test(test::Args),
}

/// Runs `hemogate rules`.
pub fn run(args: &Args) -> ExitCode {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Diff(args) => diff::run(args),
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
