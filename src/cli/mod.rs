//! The command line: `serve`, `check`, `decode`, `profile`, `rules`, `audit`, `evidence`, `verify`,
//! `links`, `tap`, `replay`, `simulate`, `conform`, `demo`.
//! The command line: `serve`, `check`, `decode`, `profile`, `rules`, `audit`, `links`, `tap`,
//! `replay`, `record`, `simulate`, `conform`, `demo`.
//!
//! Exit status: 0 good, 1 something was found wrong, 2 used wrongly.

mod ask;
mod audit;
mod check;
mod conform;
mod decode;
mod demo;
mod evidence;
mod links;
mod manifest;
mod orders;
mod profile;
mod reading;
mod record;
mod replay;
mod rules;
mod say;
mod serve;
mod simulate;
mod tap;
mod user;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::limits;
use say::complain;

/// Laboratory-instrument middleware for blood donation testing: analysers in, durable verdicts
/// out. Not a cleared medical device.
#[derive(Debug, Parser)]
#[command(
    name = "hemogate",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Exit status: 0 good, 1 something was found wrong, 2 used wrongly."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: listen to the analysers, decide, serve verdicts over HTTP.
    Serve(serve::Args),
    /// Check a configuration with every profile and rule set it names; print all faults.
    Check(check::Args),
    /// Print what an analyser's bytes mean, one JSON object a line.
    Decode(decode::Args),
    /// Ask about analyser profiles: list them, check one, draft one, see what it covers.
    Profile(profile::Args),
    /// Read what a sorter or a pooling robot wrote, before it is imported.
    Manifest(manifest::Args),
    /// Ask about rule sets: prove one, compare two.
    Rules(rules::Args),
    /// Prove that a database is whole and that every verdict in it follows from its facts.
    Audit(audit::Args),
    /// Write why a donation's verdict is what it is into one signed file; make the site's key.
    Evidence(evidence::Args),
    /// Check such a file without the database: read its bytes again, decide again.
    Verify(verify::Args),
    /// Show the lines of a running daemon: state, counters, alarms.
    Links(links::Args),
    /// Show what passes over an analyser's line, both ways.
    Tap(tap::Args),
    /// Feed a wire journal through link and decoder again and compare it with what is on record.
    Replay(replay::Args),
    /// Put kits, lots, control targets, pools and statements on record at a running daemon.
    Record(record::Args),
    /// Add, list and close accounts of the console; makes the first administrator.
    User(user::Args),
    /// Play an analyser towards a daemon.
    Simulate(simulate::Args),
    /// Test an analyser or a host of any maker, clause by clause.
    Conform(conform::Args),
    /// Watch a seeded day in a blood centre become verdicts.
    Demo(demo::Args),
}

/// Exit status for "something was found wrong".
const FOUND_WRONG: u8 = 1;
/// Exit status for "used wrongly"; clap has the same.
const USED_WRONGLY: u8 = 2;

/// Parses the command line and runs it.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Profile(args) => profile::run(&args),
        Command::Manifest(args) => manifest::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Evidence(args) => evidence::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Links(args) => links::run(&args),
        Command::Tap(args) => tap::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Record(args) => record::run(&args),
        Command::User(args) => user::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Conform(args) => conform::run(&args),
        Command::Demo(args) => demo::run(&args),
    }
}

/// The exit status of a run that was good or not, or that could not be done for this reason.
fn status(outcome: Result<bool, String>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FOUND_WRONG),
        Err(why) => {
            complain(&why);
            ExitCode::from(FOUND_WRONG)
        }
    }
}

/// How many donations the simulator is to plan.
fn donation_count(text: &str) -> Result<usize, String> {
    let most = limits::DEMO_DONATIONS_MAX;
    match text.parse() {
        Ok(count) if (1..=most).contains(&count) => Ok(count),
        Ok(_) | Err(_) => Err(format!("a number from 1 to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn donations_are_one_at_least_and_the_bound_at_most() {
        let most = limits::DEMO_DONATIONS_MAX;
        assert_eq!(donation_count("1"), Ok(1));
        assert_eq!(donation_count(&most.to_string()), Ok(most));
        for wrong in ["0", "-1", "many", &(most + 1).to_string()] {
            assert!(donation_count(wrong).is_err(), "{wrong}");
        }
    }
}
