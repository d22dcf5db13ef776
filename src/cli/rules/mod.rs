//! `hemogate rules`: what a laboratory director and a validator ask of a rule set.
//!
//! Opens no line; what opens a store says so.

mod check;
mod test;

use std::process::ExitCode;

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
    /// Run decision cases: a baseline, what is different, the verdict that must follow.
    Test(test::Args),
}

/// Runs `hemogate rules`.
pub fn run(args: &Args) -> ExitCode {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Test(args) => test::run(args),
    }
}
