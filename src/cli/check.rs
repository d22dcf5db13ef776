//! `hemogate check`: what `serve` would read, read and judged whole. Opens no line and no store.

use std::path::PathBuf;
use std::process::ExitCode;

use super::FOUND_WRONG;
use super::say::{complain, say};
use crate::config::{AnalyserConfig, Config, ConsoleConfig};
use crate::document::Fault;
use crate::domain::DonationNumberScheme;
use crate::rules::Switch;

/// Arguments of `hemogate check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Runs `hemogate check`: the faults on standard error, one a line, or what the configuration
/// says on standard output.
pub fn run(args: &Args) -> ExitCode {
    match Config::load(&args.config) {
        Ok(config) => {
            say(&summary(&config));
            ExitCode::SUCCESS
        }
        Err(faults) => {
            report(&faults);
            ExitCode::from(FOUND_WRONG)
        }
    }
}

/// Prints faults on standard error, one a line, and how many there are.
pub(super) fn report(faults: &[Fault]) {
    for fault in faults {
        complain(&fault.to_string());
    }
    let noun = if faults.len() == 1 { "fault" } else { "faults" };
    complain(&format!("{} {noun} found", faults.len()));
}

fn summary(config: &Config) -> String {
    let rules = config.rules.identity();
    let numbers = match config.scheme.as_ref() {
        DonationNumberScheme::Isbt128 => "ISBT 128".to_owned(),
        DonationNumberScheme::Site(pattern) => format!("pattern {}", pattern.as_str()),
    };
    let mut lines = vec![
        format!("store: {}", config.store_path.display()),
        format!("http: {}", config.http_listen),
        format!("rule set: {} {} sha256 {}", rules.name, rules.version, rules.sha256),
    ];
    lines.extend(config.console.as_ref().map(console_line));
    lines.extend(config.rules.switches().iter().map(switch_line));
    lines.push(format!("approvals of rule sets: {}", config.rule_sets.approvals.id()));
    if let Some(shadow) = &config.rule_sets.shadow {
        let shadow = shadow.identity();
        let (name, version) = (&shadow.name, &shadow.version);
        lines.push(format!("in the shadow: {name} {version} sha256 {}", shadow.sha256));
    }
    lines.push(format!("donation numbers: {numbers}"));
    lines.extend(config.analysers.iter().map(analyser_line));
    lines.extend(config.remarks.iter().map(|remark| format!("remark: {remark}")));
    lines.push("the configuration is good".to_owned());
    lines.join("\n")
}

/// Where people sign in, and how their passwords come there.
fn console_line(console: &ConsoleConfig) -> String {
    let secured = match (&console.tls, console.behind_proxy) {
        (Some(_), _) => "with TLS",
        (None, true) => "behind a proxy",
        (None, false) => "without TLS, on this machine only",
    };
    format!("console: {}, {secured}", console.listen)
}

/// What is chosen, and whether the site did.
fn switch_line((name, switch): (&String, &Switch)) -> String {
    let chosen = &switch.value;
    let choices = switch.choices.join(", ");
    let by = if switch.value == switch.default { "as the file says" } else { "by this site" };
    format!("switch {name} = {chosen} ({by}; of {choices})")
}

fn analyser_line(line: &AnalyserConfig) -> String {
    let (analyser, profile) = (&line.analyser, line.analyser.profile());
    let tests: Vec<_> =
        analyser.tests().iter().map(|(code, assay)| format!("{code}={assay}")).collect();
    format!(
        "analyser {}: {} {} (confidence {}), {}, tests {}",
        analyser.id(),
        profile.name(),
        profile.version(),
        profile.confidence().id(),
        line.line(),
        if tests.is_empty() { "none".to_owned() } else { tests.join(" ") },
    )
}
