//! `hemogate audit`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::FOUND_WRONG;
use super::say::{complain, say};
use crate::store::{Proof, prove};

/// Arguments of `hemogate audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The database: that of a daemon, which may be running, or a copy of it, in a folder that
    /// can be written (SQLite keeps its lock there)
    #[arg(value_name = "DATABASE")]
    database: PathBuf,
}

/// Runs `hemogate audit`: proves every row of every commit and concludes every verdict again.
/// Reads only.
pub fn run(args: &Args) -> ExitCode {
    match prove(&args.database) {
        Ok(proof) => {
            tell(args, &proof);
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(FOUND_WRONG)
        }
    }
}

fn tell(args: &Args, proof: &Proof) {
    let Proof { commits, verdicts, not_concluded_again } = proof;
    let older: i64 = not_concluded_again.iter().map(|older| older.verdicts).sum();
    let again = verdicts - older;
    let database = args.database.display();
    say(&format!(
        "{database} is whole: {commits} commits, each row as it was written; {again} verdicts, \
         each the same when it is concluded again"
    ));
    for older in not_concluded_again {
        let rule_set = &older.rule_set;
        say(&format!(
            "{} verdicts by rule set {} {} (SHA-256 {}) stand as they were written and were not \
             concluded again: {}",
            older.verdicts, rule_set.name, rule_set.version, rule_set.sha256, older.why
        ));
    }
}
