//! `hemogate rules doc`: a rule set as a document that people read, compare and sign.

use std::path::PathBuf;
use std::process::ExitCode;

use super::super::check::report;
use super::super::say::{complain, say};
use super::super::{FOUND_WRONG, USED_WRONGLY};
use crate::casebook::{self, Casebook, Outcome};
use crate::domain::{ReasonCode, Verdict};
use crate::rules::RuleSet;
use crate::rules::doc::{self, CaseResult, Form};
use crate::rules::words::{self, Lang};

/// Arguments of `hemogate rules doc`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule set that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(value_name = "NAME|FILE")]
    rules: String,
    /// The language of everything but the texts of the file itself
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = lang)]
    lang: Lang,
    /// Case files whose results stand in the document; not there: those that we ship for the set
    #[arg(long, value_name = "CASES", num_args = 1..)]
    cases: Option<Vec<String>>,
    /// Where to write: HTML if the name ends in .html, otherwise Markdown; not there: Markdown on
    /// standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs `hemogate rules doc`.
pub fn run(args: &Args) -> ExitCode {
    let set = match super::find(&args.rules) {
        Ok((_, set)) => set,
        Err(status) => return status,
    };
    let books = match books(args, &set) {
        Ok(books) => books,
        Err(status) => return status,
    };
    let outcomes = books.iter().flat_map(|book| casebook::run(book, &set));
    let cases: Vec<CaseResult> = outcomes.map(|outcome| result(&outcome, args.lang)).collect();
    let document = doc::document(&set, args.lang, form(args), &cases);
    let Some(path) = &args.output else {
        say(document.trim_end());
        return ExitCode::SUCCESS;
    };
    if let Err(error) = std::fs::write(path, document) {
        complain(&format!("{}: {error}", path.display()));
        return ExitCode::from(FOUND_WRONG);
    }
    ExitCode::SUCCESS
}

/// The case files: those that were named, or those that we ship for a set of this name.
fn books(args: &Args, set: &RuleSet) -> Result<Vec<Casebook>, ExitCode> {
    let name = set.identity().name.as_str();
    let Some(files) = &args.cases else {
        let own = casebook::shipped_cases();
        let own = own.filter(|(known, _)| *known == name || *known == COMMON);
        let books = own.filter_map(|(known, text)| casebook::read(known, text).ok());
        return Ok(books.filter(|book| book.rules.iter().any(|of| of == name)).collect());
    };
    files.iter().map(|file| book(file)).collect()
}

/// Cases that hold under every rule set.
const COMMON: &str = "common";

fn book(file: &str) -> Result<Casebook, ExitCode> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        complain(&format!("{file}: {error}"));
        ExitCode::from(USED_WRONGLY)
    })?;
    casebook::read(file, &text).map_err(|faults| {
        report(&faults);
        ExitCode::from(FOUND_WRONG)
    })
}

fn result(outcome: &Outcome, lang: Lang) -> CaseResult {
    let decided = outcome.decided.as_ref().map(|(_, decision)| {
        let verdict = lang.of(words::verdict(decision.verdict));
        let worst = decision.reasons.iter().filter(|reason| {
            reason.verdict == decision.verdict || decision.verdict == Verdict::Recalled
        });
        let mut codes: Vec<&str> = worst.map(|reason| reason.code.id()).collect();
        codes.dedup();
        codes.retain(|code| *code != ReasonCode::AllOk.id());
        if codes.is_empty() {
            verdict.to_owned()
        } else {
            format!("{verdict} {}", codes.join(", "))
        }
    });
    CaseResult {
        id: outcome.id.clone(),
        given: outcome.given.clone(),
        decided: decided.unwrap_or_default(),
        complaints: outcome.complaints.clone(),
    }
}

fn form(args: &Args) -> Form {
    let extension = args.output.as_deref().and_then(|path| path.extension());
    match extension.is_some_and(|extension| extension.eq_ignore_ascii_case("html")) {
        true => Form::Html,
        false => Form::Markdown,
    }
}

fn lang(tag: &str) -> Result<Lang, String> {
    let known = || Lang::ALL.map(Lang::id).join(", ");
    Lang::from_id(tag).ok_or_else(|| format!("one of {}", known()))
}
