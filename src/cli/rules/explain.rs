//! `hemogate rules explain`: the whole way of a verdict, from bytes to the row that decided.
//!
//! The verdict is concluded once more from the facts of its time by the rule set of its time, with
//! notes of every table that was asked; the messages behind the facts are read once more as they
//! were read then. Reads only, beside a daemon that may be running. Refuses to show what stands in
//! records about people, and says so where the verdict comes out differently.

mod bytes;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use super::super::say::{complain, say};
use super::super::status;
use super::desk::config;
use crate::domain::{DonationNumber, RecordedObservation};
use crate::rules::words::Lang;
use crate::rules::{self, Derivation, RuleSet};
use crate::shape::DecisionShape;
use crate::store::{Archive, Dossier, DossierVerdict};

/// Arguments of `hemogate rules explain`.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("record").required(true)),
    after_help = "Exit status: 0 explained, 1 it comes out differently or nothing is on record, \
                  2 used wrongly."
)]
pub struct Args {
    /// The donation
    #[arg(value_name = "DIN")]
    din: String,
    /// The language of words that are not the rule set's own: en or zh-CN
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = lang)]
    lang: Lang,
    /// The configuration file; its store is read
    #[arg(long, value_name = "FILE", group = "record")]
    config: Option<PathBuf>,
    /// The database
    #[arg(long, value_name = "DB", group = "record")]
    store: Option<PathBuf>,
}

fn lang(tag: &str) -> Result<Lang, String> {
    Lang::from_id(tag).ok_or_else(|| format!("{tag:?} is not a language here: en or zh-CN"))
}

/// Runs `hemogate rules explain`.
pub fn run(args: &Args) -> ExitCode {
    status(dossier(args).and_then(|dossier| explained(&dossier, args.lang)))
}

fn dossier(args: &Args) -> Result<Dossier, String> {
    let path = match (&args.store, &args.config) {
        (Some(store), _) => store.clone(),
        (None, Some(path)) => config(path)?.store_path,
        (None, None) => return Err("name the store: --config FILE or --store DB".to_owned()),
    };
    let archive = Archive::open(&path).map_err(|error| error.to_string())?;
    let din = DonationNumber::restored(args.din.trim().to_owned());
    let found = archive.dossier(&din).map_err(|error| error.to_string())?;
    found.ok_or_else(|| format!("nothing is on record about the donation {}", din.as_str()))
}

fn explained(dossier: &Dossier, lang: Lang) -> Result<bool, String> {
    let Some(verdict) = dossier.verdicts.last() else {
        say(&format!("{}: no verdict yet, it is not registered", dossier.din.as_str()));
        facts(dossier, lang);
        return Ok(true);
    };
    let rules = rules_of(dossier, verdict)?;
    let derivation = rules::derive(&dossier.facts, &rules);
    words::verdict(dossier, verdict, &rules, lang).iter().for_each(|line| say(line));
    words::derivation(&derivation, &rules, lang).iter().for_each(|line| say(line));
    facts(dossier, lang);
    Ok(agrees(verdict, &derivation))
}

/// The rule set that concluded a verdict, as it was.
fn rules_of(dossier: &Dossier, verdict: &DossierVerdict) -> Result<RuleSet, String> {
    let kept = dossier.rule_sets.iter().find(|kept| kept.identity == verdict.rule_set);
    let kept = kept.ok_or("the text of the rule set that decided is not on record")?;
    RuleSet::parse(&kept.identity.name, &kept.text).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        format!("this version cannot read the rule set that decided: {first}")
    })
}

/// Whether the verdict comes out as it stands; while release is stopped it is held instead.
fn agrees(verdict: &DossierVerdict, derivation: &Derivation) -> bool {
    let again = DecisionShape::from(derivation.decision.clone());
    let is_withheld = verdict
        .read
        .reasons
        .iter()
        .any(|reason| reason.code == crate::domain::ReasonCode::ReleaseStopped.id());
    let releasable = crate::domain::Verdict::Releasable.id();
    if again == verdict.read || is_withheld && again.verdict == releasable {
        return true;
    }
    complain(&format!(
        "it comes out differently: {} today, {} on record (hemogate audit says more)",
        again.verdict, verdict.read.verdict
    ));
    false
}

/// What everything rests on: results with their bytes, records, pools, what could not be read.
fn facts(dossier: &Dossier, lang: Lang) {
    let facts = &dossier.facts_now;
    words::registration(facts).iter().for_each(|line| say(line));
    facts.observations.iter().for_each(|result| self::result(dossier, result, "result", lang));
    for pool in &facts.pools {
        words::pool(pool).iter().for_each(|line| say(line));
        for result in &pool.observations {
            self::result(dossier, result, &format!("result of pool {}", pool.id), lang);
        }
    }
    dossier.controls.iter().for_each(|control| self::result(dossier, control, "control", lang));
    dossier.records.iter().for_each(|record| say(&words::record(record)));
    words::unread(facts).iter().for_each(|line| say(line));
}

fn result(dossier: &Dossier, result: &RecordedObservation, what: &str, lang: Lang) {
    words::result(dossier, result, what, lang).iter().for_each(|line| say(line));
    bytes::behind(dossier, result).iter().for_each(|line| say(line));
}
