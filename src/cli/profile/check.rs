//! `hemogate profile check`: one profile, judged whole.

use std::process::ExitCode;

use super::super::say::{complain, say};
use super::super::{FOUND_WRONG, USED_WRONGLY, check::report};
use crate::analyser::Profile;
use crate::config::{self, ProfileError, find_rule_set};
use crate::rules::{self, RuleSet};
use crate::workshop;

/// Arguments of `hemogate profile check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Faults stand on standard error, one a line with file, line, column and key. What to look at although
the profile is good stands on standard output as \"warning:\".

Exit status: 0 good, 1 faults (with --strict also warnings), 2 used wrongly: no such file.")]
pub struct Args {
    /// A profile that we ship, or a file (a path contains \"/\" or ends in \".toml\")
    #[arg(value_name = "NAME|FILE")]
    profile: String,
    /// A rule set to hold it against; may be given many times. All that we ship without it
    #[arg(long, value_name = "NAME|FILE")]
    rules: Vec<String>,
    /// Warnings count as faults
    #[arg(long)]
    strict: bool,
}

/// Runs `hemogate profile check`.
pub fn run(args: &Args) -> ExitCode {
    let profile = match config::find_profile(&args.profile) {
        Ok(profile) => profile,
        Err(ProfileError::NotFound(words)) => return refused(&words),
        Err(ProfileError::Faulty(faults)) => {
            report(&faults);
            return ExitCode::from(FOUND_WRONG);
        }
    };
    let rule_sets = match rule_sets(&args.rules) {
        Ok(rule_sets) => rule_sets,
        Err(words) => return refused(&words),
    };
    let warnings = warnings(&profile, &rule_sets);
    say(&summary(&profile));
    for warning in &warnings {
        say(&format!("warning: {warning}"));
    }
    say("the profile is good");
    match args.strict && !warnings.is_empty() {
        true => ExitCode::from(FOUND_WRONG),
        false => ExitCode::SUCCESS,
    }
}

fn refused(words: &str) -> ExitCode {
    complain(words);
    ExitCode::from(USED_WRONGLY)
}

fn rule_sets(names: &[String]) -> Result<Vec<RuleSet>, String> {
    match names {
        [] => rules::shipped_names().map(find_rule_set).collect(),
        names => names.iter().map(|name| find_rule_set(name)).collect(),
    }
}

fn warnings(profile: &Profile, rule_sets: &[RuleSet]) -> Vec<String> {
    let unused = workshop::unused(profile, rule_sets).into_iter().map(|found| found.to_string());
    let weak = profile.remarks().into_iter().map(str::to_owned);
    unused.chain(weak).collect()
}

fn summary(profile: &Profile) -> String {
    let tests: Vec<String> =
        profile.tests().iter().map(|(code, assay)| format!("{code}={assay}")).collect();
    let mut lines = vec![
        format!("profile {} {} of {}", profile.name(), profile.version(), profile.date()),
        format!("sha256 {}", profile.sha256()),
        format!("analyser: {}", profile.title()),
        format!("dialect: {}", profile.dialect().id()),
        format!("tests: {}", if tests.is_empty() { "none".to_owned() } else { tests.join(" ") }),
        format!(
            "confidence: {}, not validated at your site; built from {}",
            profile.confidence().id(),
            profile.built_from().split_whitespace().collect::<Vec<_>>().join(" ")
        ),
    ];
    lines.extend(profile.missing().iter().map(|missing| format!("missing: {missing}")));
    lines.extend(profile.ignored().map(|(path, why)| format!("ignored: {path}: {why}")));
    lines.join("\n")
}
