//! `hemogate profile check`: one profile, judged whole.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use super::super::say::{complain, say};
use super::super::{FOUND_WRONG, USED_WRONGLY, check::report};
use crate::analyser::{Analyser, Profile, Proof};
use crate::config::{self, ProfileError, find_rule_set};
use crate::domain::DonationNumberScheme;
use crate::rules::{self, RuleSet};
use crate::workshop;

/// Arguments of `hemogate profile check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Faults stand on standard error, one a line with file, line, column and key. What to look at although
the profile is good stands on standard output as \"warning:\". What the profile says in [upload] is
sent is written and read back: what is read otherwise than it was meant is \"warning: upload:\".

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
    let mut warnings = warnings(&profile, &rule_sets);
    let profile = Arc::new(profile);
    say(&summary(&profile));
    match proof(&profile) {
        Ok(proof) => {
            say(&proven(&proof));
            let told = proof.differences.iter().map(|text| format!("upload: {text}"));
            warnings.extend(told);
        }
        Err(why) => warnings.push(format!("upload: {why}")),
    }
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

/// What becomes of everything that the analyser can send.
fn proof(profile: &Arc<Profile>) -> Result<Proof, String> {
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let name = profile.name().to_owned();
    let analyser = Analyser::new(name, Arc::clone(profile), &BTreeMap::new(), scheme);
    let analyser = analyser.map_err(|faults| faults.join("; "))?;
    match analyser.sends() {
        true => Ok(analyser.prove()),
        false => Err("[upload] is missing: it can be neither proven nor played".to_owned()),
    }
}

fn proven(proof: &Proof) -> String {
    let Proof { results, assays, questions, differences } = proof;
    let questions = if *questions == 0 { "" } else { " and a question" };
    let found = match differences.len() {
        0 => "all read as meant".to_owned(),
        1 => "1 difference".to_owned(),
        count => format!("{count} differences"),
    };
    format!("proof: {results} results of {assays} assays{questions} written and read back: {found}")
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
