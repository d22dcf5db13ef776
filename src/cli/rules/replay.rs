//! `hemogate rules replay`: what another rule set would have said of the donations on record.
//!
//! Reads only, beside a daemon that may be running. With `--by` the comparison is put on record as
//! the step that comes before approvals.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;

use super::super::say::say;
use super::super::status;
use super::desk::{Desk, Signed, config};
use super::life::codes;
use crate::config::{Config, find_rule_set_of_site};
use crate::rules::RuleSet;
use crate::rules::life::{Step, told};
use crate::store::{Archive, Collected, WhatIf};

/// Arguments of `hemogate rules replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each donation's history is judged once more, verdict by verdict, as if the rule set had decided from
the beginning. Standard output gets the counts and examples of each kind of change.

Exit status: 0 nothing would have changed, 1 something would, 2 used wrongly.")]
pub struct Args {
    /// A rule set that we ship, or a file; the site's switches are added, unless it has its own
    #[arg(value_name = "NAME|FILE")]
    rules: String,
    /// Donations collected from this day on (UTC)
    #[arg(long, value_name = "DATE", default_value = "1970-01-01")]
    from: Date,
    /// Donations collected up to this day
    #[arg(long, value_name = "DATE", default_value = "9999-12-30")]
    to: Date,
    /// How many examples of each kind of change are named
    #[arg(long, value_name = "N", default_value_t = 3)]
    examples: usize,
    /// Put it on record as a step in the life of the rule set, by this person
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The configuration file; its store is read
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Runs `hemogate rules replay`.
pub fn run(args: &Args) -> ExitCode {
    status(config(&args.config).and_then(|config| {
        let rules = find_rule_set_of_site(&args.rules, &config.rule_sets.switches)?;
        let found = replayed(args, &config, &rules)?;
        found.lines(args.examples).iter().for_each(|line| say(line));
        if let Some(by) = &args.by {
            let detail = format!(
                "compared with what is on record, donations collected {} to {}: {}",
                args.from,
                args.to,
                found.summary()
            );
            let sha256 = rules.identity().sha256.clone();
            let signed = Signed { by, detail };
            let record = Desk::open(&config)?.step(&sha256, Step::Shadow, signed)?;
            say(&format!("on record: {} is {}", told(rules.identity()), record.state));
        }
        Ok(found.changed == 0)
    }))
}

fn replayed(args: &Args, config: &Config, rules: &RuleSet) -> Result<Found, String> {
    let told = |error: crate::store::StoreError| error.to_string();
    let archive = Archive::open(&config.store_path).map_err(|error| error.to_string())?;
    let bar = bar(archive.registrations().map_err(told)?);
    let mut range = Collected::between(args.from, args.to);
    let mut found = Found::default();
    while let Some((donations, looked_at)) = archive.next_collected(&mut range).map_err(told)? {
        for din in &donations {
            if let Some(what_if) = archive.what_if(din, rules).map_err(told)? {
                found.add(what_if, args.examples);
            }
        }
        bar.inc(looked_at);
    }
    bar.finish_and_clear();
    Ok(found)
}

fn bar(registrations: i64) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(registrations).unwrap_or_default());
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message("donations");
    bar
}

/// What would have changed.
#[derive(Default)]
struct Found {
    donations: u64,
    changed: u64,
    released_more: u64,
    released_less: u64,
    /// By verdict on record and verdict that would be.
    verdicts: BTreeMap<(String, String), Changes>,
    /// By code: where it is on record alone, and where it would be alone.
    reasons: BTreeMap<String, [u64; 2]>,
}

#[derive(Default)]
struct Changes {
    count: u64,
    examples: Vec<String>,
}

impl Found {
    fn add(&mut self, what_if: WhatIf, examples: usize) {
        self.donations += 1;
        match (what_if.was_releasable, what_if.would_have_been_releasable) {
            (false, true) => self.released_more += 1,
            (true, false) => self.released_less += 1,
            (true, true) | (false, false) => {}
        }
        if what_if.is_same {
            return;
        }
        self.changed += 1;
        self.count_reasons(&what_if);
        let key = (what_if.verdict.clone(), what_if.would_be.clone());
        let changes = self.verdicts.entry(key).or_default();
        changes.count += 1;
        if changes.examples.len() < examples {
            changes.examples.push(format!(
                "{}: {} -> {}",
                what_if.din.as_str(),
                codes(&what_if.reasons),
                codes(&what_if.would_be_reasons)
            ));
        }
    }

    fn count_reasons(&mut self, what_if: &WhatIf) {
        let codes = |reasons: &[crate::shape::ReasonShape]| -> std::collections::BTreeSet<String> {
            reasons.iter().map(|reason| reason.code.clone()).collect()
        };
        let (before, after) = (codes(&what_if.reasons), codes(&what_if.would_be_reasons));
        for (side, codes) in
            [before.difference(&after), after.difference(&before)].into_iter().enumerate()
        {
            for code in codes {
                let counts = self.reasons.entry(code.clone()).or_default();
                counts.iter_mut().skip(side).take(1).for_each(|count| *count += 1);
            }
        }
    }

    fn summary(&self) -> String {
        format!(
            "{} of {} donations would differ; {} would have been releasable that never were, {} \
             never that were",
            self.changed, self.donations, self.released_more, self.released_less
        )
    }

    fn lines(&self, examples: usize) -> Vec<String> {
        let mut lines = vec![self.summary()];
        for ((before, after), changes) in &self.verdicts {
            let word = if before == after { ", for other reasons" } else { "" };
            lines.push(format!("{before} -> {after}: {}{word}", changes.count));
            lines.extend(changes.examples.iter().map(|example| format!("  {example}")));
            let more = changes.count.saturating_sub(u64::try_from(examples).unwrap_or(u64::MAX));
            if more > 0 {
                lines.push(format!("  and {more} more"));
            }
        }
        lines.extend(self.reasons.iter().map(|(code, [gone, come])| {
            format!("{code}: gone in {gone} donations, new in {come}")
        }));
        lines
    }
}
