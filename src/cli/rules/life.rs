//! `hemogate rules draft`, `approve`, `activate`, `retire`, `list` and `shadow`: the life of the
//! rule sets of a site.
//!
//! Each step is put on record with a name and a time and never taken back. Who it is, nobody proves
//! here: whoever may run these commands is trusted to give their own name. Refuses what the table
//! in `rules::life` refuses, and says what comes first.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::civil::Date;

use super::super::ask::Daemon;
use super::super::say::say;
use super::super::status;
use super::desk::{Desk, Signed, config, named};
use crate::config::{Config, find_rule_set_of_site};
use crate::rules::RuleSet;
use crate::rules::life::Step;
use crate::shape::{ReasonShape, RuleLifeShape, ShadowDifferenceShape, ShadowShape};
use crate::store::rule_sets;

/// Which site.
#[derive(Debug, clap::Args)]
pub(super) struct Site {
    /// The configuration file: its store keeps the lives of rule sets
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Arguments of `hemogate rules draft`.
#[derive(Debug, clap::Args)]
pub struct Draft {
    /// A rule set that we ship, or a file; the site's switches are added. Without it, the rule set
    /// that the configuration names
    #[arg(value_name = "NAME|FILE", conflicts_with = "shadow")]
    rules: Option<String>,
    /// The one that the configuration names as its shadow
    #[arg(long)]
    shadow: bool,
    /// Who brings it
    #[arg(long, value_name = "NAME")]
    by: String,
    #[command(flatten)]
    site: Site,
}

/// Arguments of `hemogate rules approve`.
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// The beginning of the rule set's hash
    #[arg(value_name = "SHA")]
    sha256: String,
    /// Who approves it
    #[arg(long, value_name = "NAME")]
    by: String,
    /// What the approval rests on
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
    #[command(flatten)]
    site: Site,
}

/// Arguments of `hemogate rules activate`.
#[derive(Debug, clap::Args)]
pub struct Activate {
    /// The beginning of the rule set's hash
    #[arg(value_name = "SHA")]
    sha256: String,
    /// The first day on which it decides (UTC), e.g. 2026-12-01
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: String,
    #[command(flatten)]
    site: Site,
}

/// Arguments of `hemogate rules list` and `shadow`.
#[derive(Debug, clap::Args)]
pub struct Look {
    #[command(flatten)]
    site: Site,
}

/// Runs `hemogate rules draft`.
pub fn draft(args: &Draft) -> ExitCode {
    status(config(&args.site.config).and_then(|config| {
        let rules = brought(args, &config)?;
        let record = Desk::open(&config)?.draft(&rules, &args.by)?;
        told(&record);
        Ok(true)
    }))
}

fn brought(args: &Draft, config: &Config) -> Result<Arc<RuleSet>, String> {
    let sets = &config.rule_sets;
    match (&args.rules, args.shadow) {
        (Some(name), _) => find_rule_set_of_site(name, &sets.switches).map(Arc::new),
        (None, false) => Ok(Arc::clone(&sets.active)),
        (None, true) => sets.shadow.clone().ok_or_else(|| {
            "the configuration names no shadow: shadow = \"NAME|FILE\" under [rules]".to_owned()
        }),
    }
}

/// Runs `hemogate rules approve`.
pub fn approve(args: &Approve) -> ExitCode {
    let signed = Signed { by: &args.by, detail: args.why.clone() };
    stepped(&args.site, &args.sha256, Step::Approve, signed)
}

/// Runs `hemogate rules activate`.
pub fn activate(args: &Activate) -> ExitCode {
    let signed = Signed { by: &args.by, detail: String::new() };
    stepped(&args.site, &args.sha256, Step::Activate(args.from), signed)
}

/// Runs `hemogate rules retire`.
pub fn retire(args: &Approve) -> ExitCode {
    let signed = Signed { by: &args.by, detail: args.why.clone() };
    stepped(&args.site, &args.sha256, Step::Retire, signed)
}

fn stepped(site: &Site, sha256: &str, step: Step, signed: Signed<'_>) -> ExitCode {
    status(config(&site.config).and_then(|config| {
        let record = Desk::open(&config)?.step(sha256, step, signed)?;
        told(&record);
        Ok(true)
    }))
}

/// The state after a step, and what comes next.
fn told(record: &RuleLifeShape) {
    say(&format!("{} is {}", named(record), record.state));
    let next = match record.state.as_str() {
        "checked" => {
            "next: let it run beside the one in force (shadow under [rules]), or over what is on \
             record (hemogate rules replay --by NAME)"
        }
        "shadow" => "next: two people approve it (hemogate rules approve)",
        "approved once" => "next: another person approves it (hemogate rules approve)",
        "approved" => "next: its first day (hemogate rules activate --from DATE)",
        "retired" => "no daemon starts with it any more",
        _ => "from that day on a daemon may start with it: name it under [rules] then",
    };
    say(next);
}

/// Runs `hemogate rules list`: every rule set on record, with each step of its life.
pub fn list(args: &Look) -> ExitCode {
    status(config(&args.site.config).and_then(|config| {
        if !config.store_path.exists() {
            say("nothing is on record: the store is not there yet");
            return Ok(true);
        }
        let sets = rule_sets(&config.store_path).map_err(|error| error.to_string())?;
        if sets.is_empty() {
            say("no rule set is on record");
        }
        sets.iter().map(RuleLifeShape::from).for_each(|set| listed(&set));
        Ok(true)
    }))
}

fn listed(set: &RuleLifeShape) {
    let decides = if set.decides { ", decides" } else { "" };
    say(&format!("{}: {}{decides}", named(set), set.state));
    for step in &set.steps {
        let from = step.from.as_deref().map(|day| format!(" {day}")).unwrap_or_default();
        let detail = if step.detail.is_empty() { "" } else { ": " };
        say(&format!("  {}  {}{from} by {}{detail}{}", step.at, step.step, step.by, step.detail));
    }
}

/// Runs `hemogate rules shadow`: what the rule set in the shadow says otherwise, by donation.
pub fn shadow(args: &Look) -> ExitCode {
    status(config(&args.site.config).and_then(|config| {
        let daemon = Daemon::at(&config.http_listen.to_string());
        let page = |after: i64| {
            let path = format!("/api/v1/rules/shadow?after={after}");
            let answer = daemon.get::<ShadowShape>(&path);
            answer.map_err(|unanswered| unanswered.words().to_owned())
        };
        let mut shape = page(0)?;
        let Some(set) = &shape.shadow else {
            say("no rule set runs in the shadow: shadow = \"NAME|FILE\" under [rules]");
            return Ok(true);
        };
        say(&format!("{} {} runs beside {}", set.name, set.version, shape.rule_set.name));
        counted(&shape);
        let mut is_same = true;
        while !shape.differences.is_empty() {
            is_same = false;
            shape.differences.iter().for_each(differs);
            shape = page(shape.next)?;
        }
        Ok(is_same)
    }))
}

fn counted(shape: &ShadowShape) {
    say(&format!(
        "{} comparisons since the daemon started: {} would have said something else, {} failed, {} \
         donations left out, {} wait",
        shape.compared, shape.differing, shape.failed, shape.left_out, shape.waiting
    ));
}

fn differs(found: &ShadowDifferenceShape) {
    say(&format!(
        "{}: {} ({}), would be {} ({})",
        found.din,
        found.verdict,
        codes(&found.reasons),
        found.would_be,
        codes(&found.would_be_reasons)
    ));
}

/// Reasons as `CODE` or `CODE:what`.
pub(super) fn codes(reasons: &[ReasonShape]) -> String {
    reasons.iter().map(code).collect::<Vec<_>>().join(", ")
}

fn code(reason: &ReasonShape) -> String {
    match reason.subject.as_ref().or(reason.assay.as_ref()) {
        Some(what) => format!("{}:{what}", reason.code),
        None => reason.code.clone(),
    }
}
