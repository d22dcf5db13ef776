//! `hemogate rules test`: decision cases run under the rule sets they are of.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use super::super::check::report;
use super::super::say::{complain, say};
use super::super::{FOUND_WRONG, USED_WRONGLY};
use crate::casebook::{self, Casebook, Outcome};
use crate::config::find_rule_set_text;
use crate::document::{self, Fault};
use crate::domain::{Decision, Reason};
use crate::rules::{RuleSet, shipped_names};
use crate::shape::DecisionShape;

/// Arguments of `hemogate rules test`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a rule set each case file is run under those that it names itself; without a case file the
rule sets are held against the cases that we ship. The language of cases: docs/manual/cases.md.

Exit status: 0 every case as expected, 1 some not or a file is faulty, 2 used wrongly.")]
pub struct Args {
    /// Rule sets (a shipped name, or a file) and case files, in any order
    #[arg(value_name = "RULES|CASES", required_unless_present = "words")]
    files: Vec<String>,
    /// Print one JSON object for each case instead
    #[arg(long, conflicts_with = "words")]
    json: bool,
    /// Write the outcome as JUnit XML to this file too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print every form of sentence that a case may be told in, and nothing else
    #[arg(long)]
    words: bool,
}

/// Why nothing could be run.
pub(super) enum Refused {
    /// Faults of files.
    Faults(Vec<Fault>),
    /// No such file.
    Used(String),
}

/// What was given on the command line, read.
#[derive(Default)]
struct Given {
    rules: Vec<RuleSet>,
    books: Vec<Casebook>,
}

/// The cases of one file under one rule set.
struct Run {
    file: String,
    rules: String,
    version: String,
    outcomes: Vec<Outcome>,
}

/// Runs `hemogate rules test`.
pub fn run(args: &Args) -> ExitCode {
    if args.words {
        casebook::manual().lines().for_each(say);
        return ExitCode::SUCCESS;
    }
    let runs = given(&args.files).and_then(|given| all(&given));
    let runs = match runs {
        Ok(runs) => runs,
        Err(Refused::Faults(faults)) => {
            report(&faults);
            return ExitCode::from(FOUND_WRONG);
        }
        Err(Refused::Used(words)) => {
            complain(&words);
            return ExitCode::from(USED_WRONGLY);
        }
    };
    for run in &runs {
        if args.json { print_json(run) } else { print(run) }
    }
    if let Some(path) = &args.junit
        && let Err(error) = std::fs::write(path, junit(&runs))
    {
        complain(&format!("{}: the outcome cannot be written: {error}", path.display()));
        return ExitCode::from(USED_WRONGLY);
    }
    let good = runs.iter().flat_map(|run| &run.outcomes).all(Outcome::passed);
    if good { ExitCode::SUCCESS } else { ExitCode::from(FOUND_WRONG) }
}

fn given(files: &[String]) -> Result<Given, Refused> {
    let mut given = Given::default();
    let mut faults = Vec::new();
    for file in files {
        match case_text(file)? {
            Some(text) => match casebook::read(file, &text) {
                Ok(book) => given.books.push(book),
                Err(mut found) => faults.append(&mut found),
            },
            None => match rule_set(file) {
                Ok(rules) => given.rules.push(rules),
                Err(Refused::Faults(mut found)) => faults.append(&mut found),
                Err(refused @ Refused::Used(_)) => return Err(refused),
            },
        }
    }
    if faults.is_empty() { Ok(given) } else { Err(Refused::Faults(faults)) }
}

/// The text of a case file; `None` where it is a rule set that is named.
pub(super) fn case_text(name: &str) -> Result<Option<String>, Refused> {
    let is_path = name.contains('/') || name.ends_with(".toml");
    if !is_path {
        let shipped = casebook::shipped_cases().find(|(known, _)| *known == name);
        let is_rule_set = shipped_names().any(|known| known == name);
        return Ok(shipped.filter(|_| !is_rule_set).map(|(_, text)| text.to_owned()));
    }
    let text =
        document::load(name, Path::new(name)).map_err(|fault| Refused::Faults(vec![fault]))?;
    let mut has_cases = false;
    let _faults_are_found_when_it_is_read = document::read(name, &text, |root| {
        has_cases = root.has("case");
        Some(())
    });
    Ok(has_cases.then_some(text))
}

fn rule_set(name: &str) -> Result<RuleSet, Refused> {
    let (file, text) = find_rule_set_text(name).map_err(Refused::Used)?;
    RuleSet::parse(&file, &text).map_err(Refused::Faults)
}

fn all(given: &Given) -> Result<Vec<Run>, Refused> {
    if given.books.is_empty() {
        let each = given.rules.iter().map(of_the_house).collect::<Result<Vec<_>, _>>()?;
        return Ok(each.into_iter().flatten().collect());
    }
    let mut runs = Vec::new();
    let mut read: BTreeMap<String, RuleSet> = BTreeMap::new();
    for book in &given.books {
        if !given.rules.is_empty() {
            runs.extend(given.rules.iter().map(|rules| one(book, rules)));
            continue;
        }
        for name in &book.rules {
            let name = beside(&book.file, name);
            if !read.contains_key(&name) {
                read.insert(name.clone(), rule_set(&name)?);
            }
            runs.extend(read.get(&name).map(|rules| one(book, rules)));
        }
    }
    Ok(runs)
}

/// A rule set under the cases that we ship for it and for all.
fn of_the_house(rules: &RuleSet) -> Result<Vec<Run>, Refused> {
    let mut runs = Vec::new();
    for (name, text) in casebook::shipped_cases() {
        let book = casebook::read(&format!("{name}.toml"), text).map_err(Refused::Faults)?;
        if book.rules.contains(&rules.identity().name) {
            runs.push(one(&book, rules));
        }
    }
    Ok(runs)
}

/// A path in a case file is relative to that file.
fn beside(book: &str, name: &str) -> String {
    let is_path = name.contains('/') || name.ends_with(".toml");
    match Path::new(book).parent().filter(|_| is_path) {
        Some(folder) => folder.join(name).display().to_string(),
        None => name.to_owned(),
    }
}

fn one(book: &Casebook, rules: &RuleSet) -> Run {
    let identity = rules.identity();
    Run {
        file: book.file.clone(),
        rules: identity.name.clone(),
        version: identity.version.clone(),
        outcomes: casebook::run(book, rules),
    }
}

fn print(run: &Run) {
    let (all, passed) = (run.outcomes.len(), run.outcomes.iter().filter(|o| o.passed()).count());
    let Run { file, rules, version, .. } = run;
    say(&format!("{file} under {rules} {version}: {passed} of {all} cases as expected"));
    for outcome in run.outcomes.iter().filter(|outcome| !outcome.passed()) {
        say(&format!("  {}:{}: case {}: {}", file, outcome.line, outcome.id, outcome.given));
        for complaint in &outcome.complaints {
            say(&format!("    {complaint}"));
        }
        if let Some((_, decision)) = &outcome.decided {
            decided(decision).iter().for_each(|line| say(&format!("    {line}")));
        }
    }
}

/// A decision in some lines.
fn decided(decision: &Decision) -> Vec<String> {
    let mut lines = vec![format!("decided {}", decision.verdict)];
    let reason =
        |reason: &Reason| format!("  {} {}: {}", code(reason), reason.verdict, reason.text);
    lines.extend(decision.reasons.iter().map(reason));
    lines.extend(decision.remarks.iter().map(|r| format!("  remark {}: {}", code(r), r.text)));
    lines.extend(decision.labels.iter().map(|label| format!("  label {}", label.id())));
    lines.extend(
        decision
            .donor
            .iter()
            .map(|event| format!("  donor {}: {}", event.consequence.id(), event.code.id())),
    );
    lines.extend(decision.next_steps.iter().map(|step| {
        let about = step.assay.map_or(String::new(), |assay| format!(":{assay}"));
        format!("  next {}{about}: {}", step.action.id(), step.text)
    }));
    lines
}

fn code(reason: &Reason) -> String {
    let assay = reason.assay.map(|assay| assay.id().to_owned());
    match reason.subject.clone().or(assay) {
        Some(about) => format!("{}:{about}", reason.code.id()),
        None => reason.code.id().to_owned(),
    }
}

/// A case as JSON.
#[derive(Debug, Serialize)]
struct CaseShape<'o> {
    case: &'o str,
    given: &'o str,
    file: &'o str,
    line: usize,
    rules: &'o str,
    version: &'o str,
    passed: bool,
    complaints: &'o [String],
    decision: Option<DecisionShape>,
}

fn print_json(run: &Run) {
    for outcome in &run.outcomes {
        let decided = outcome.decided.as_ref().map(|(_, decision)| decision.clone().into());
        let shape = CaseShape {
            case: &outcome.id,
            given: &outcome.given,
            file: &run.file,
            line: outcome.line,
            rules: &run.rules,
            version: &run.version,
            passed: outcome.passed(),
            complaints: &outcome.complaints,
            decision: decided,
        };
        if let Ok(line) = serde_json::to_string(&shape) {
            say(&line);
        }
    }
}

/// The outcome as JUnit XML: a suite for each file and rule set.
fn junit(runs: &[Run]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for run in runs {
        let failed = run.outcomes.iter().filter(|outcome| !outcome.passed()).count();
        let name = escaped(&format!("{} under {} {}", run.file, run.rules, run.version));
        let count = run.outcomes.len();
        let _infallible =
            writeln!(xml, "<testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failed}\">");
        run.outcomes.iter().for_each(|outcome| test_case(&mut xml, &run.rules, outcome));
        xml.push_str("</testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn test_case(xml: &mut String, rules: &str, outcome: &Outcome) {
    let (rules, id) = (escaped(rules), escaped(&outcome.id));
    let _infallible = write!(xml, "<testcase classname=\"{rules}\" name=\"{id}\"");
    if outcome.passed() {
        xml.push_str("/>\n");
        return;
    }
    let mut lines = outcome.complaints.clone();
    lines.extend(outcome.decided.iter().flat_map(|(_, decision)| decided(decision)));
    let message = escaped(&outcome.complaints.join("; "));
    let text = escaped(&lines.join("\n"));
    let _infallible = writeln!(xml, "><failure message=\"{message}\">{text}</failure></testcase>");
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}
