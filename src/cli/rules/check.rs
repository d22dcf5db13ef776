//! `hemogate rules check`: one rule set, judged whole.

use std::process::ExitCode;

use super::super::check::report;
use super::super::say::{complain, say};
use super::super::{FOUND_WRONG, USED_WRONGLY};
use crate::config::find_rule_set_text;
use crate::rules::RuleSet;

/// Arguments of `hemogate rules check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule set that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(value_name = "NAME|FILE")]
    rules: String,
}

/// Runs `hemogate rules check`.
pub fn run(args: &Args) -> ExitCode {
    let (file, text) = match find_rule_set_text(&args.rules) {
        Ok(found) => found,
        Err(words) => {
            complain(&words);
            return ExitCode::from(USED_WRONGLY);
        }
    };
    match RuleSet::parse(&file, &text) {
        Ok(rules) => {
            let identity = rules.identity();
            say(&format!("rule set {} {}", identity.name, identity.version));
            ExitCode::SUCCESS
        }
        Err(faults) => {
            report(&faults);
            ExitCode::from(FOUND_WRONG)
        }
    }
}
