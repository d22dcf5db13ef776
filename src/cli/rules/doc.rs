//! `hemogate rules doc`: a rule set as a document that people read, compare and sign.

use std::path::PathBuf;
use std::process::ExitCode;

use super::super::FOUND_WRONG;
use super::super::say::{complain, say};
use crate::rules::doc::{self, Form};
use crate::rules::words::Lang;

/// Arguments of `hemogate rules doc`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule set that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(value_name = "NAME|FILE")]
    rules: String,
    /// The language of everything but the texts of the file itself
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = lang)]
    lang: Lang,
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
    let document = doc::document(&set, args.lang, form(args), &[]);
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
