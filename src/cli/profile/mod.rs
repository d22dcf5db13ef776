//! `hemogate profile`: what the administrator asks about profiles before one goes on a line.
//!
//! Opens no line and no store.

mod check;
mod coverage;
mod list;
mod new;
mod schema;

use std::process::ExitCode;

/// Arguments of `hemogate profile`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check a profile: every fault with its line, then what to look at although it is good.
    Check(check::Args),
    /// List the profiles in the binary: dialect, direction, confidence, sources, gaps.
    List(list::Args),
    /// Draft a profile from transcripts of an analyser that has none, and say what is left to do.
    New(new::Args),
    /// Show, field by field, what a profile makes of transcripts: mapped, ignored, unaccounted.
    Coverage(coverage::Args),
    /// Print the JSON Schema of profiles: editors complete keys and mark faults with it.
    Schema,
}

/// Runs `hemogate profile`.
pub fn run(args: &Args) -> ExitCode {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::List(args) => list::run(args),
        Command::New(args) => new::run(args),
        Command::Coverage(args) => coverage::run(args),
        Command::Schema => schema::run(),
    }
}
