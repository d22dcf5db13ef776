//! `hemogate profile list`: every profile in the binary, and how far each can be trusted.

use std::process::ExitCode;

use super::super::FOUND_WRONG;
use super::super::check::report;
use super::super::say::say;
use crate::analyser::{Profile, shipped, shipped_names};
use crate::document::Fault;

/// Arguments of `hemogate profile list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As the table of the manual
    #[arg(long)]
    markdown: bool,
}

/// Runs `hemogate profile list`.
pub fn run(args: &Args) -> ExitCode {
    match profiles() {
        Ok(profiles) if args.markdown => say(&table(&profiles)),
        Ok(profiles) => say(&lines(&profiles)),
        Err(faults) => {
            report(&faults);
            return ExitCode::from(FOUND_WRONG);
        }
    }
    ExitCode::SUCCESS
}

fn profiles() -> Result<Vec<Profile>, Vec<Fault>> {
    shipped_names().map(|name| Profile::parse(name, shipped(name).unwrap_or_default())).collect()
}

/// What passes between it and us, in the order in which it matters to a technician.
fn directions(profile: &Profile) -> String {
    let mut directions = vec!["results"];
    if profile.asks_us() {
        directions.push("queries");
    }
    if profile.takes_orders() {
        directions.push("orders");
    }
    directions.join(", ")
}

fn lines(profiles: &[Profile]) -> String {
    let name_width = profiles.iter().map(|profile| profile.name().len()).max().unwrap_or(0);
    let line = |profile: &Profile| {
        let (name, dialect) = (profile.name(), profile.dialect().id());
        let (confidence, title) = (profile.confidence().id(), profile.title());
        let directions = directions(profile);
        format!("{name:name_width$}  {dialect:6}  {confidence:6}  {directions:24}  {title}")
    };
    profiles.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn table(profiles: &[Profile]) -> String {
    let mut rows = vec![
        "| profile | analyser | dialect | direction | confidence | built from | missing |"
            .to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    rows.extend(profiles.iter().map(row));
    rows.join("\n")
}

fn row(profile: &Profile) -> String {
    let cells = [
        format!("`{}`", profile.name()),
        cell(profile.title()),
        profile.dialect().id().to_owned(),
        directions(profile),
        profile.confidence().id().to_owned(),
        cell(profile.built_from()),
        cell(&profile.missing().join("; ")),
    ];
    format!("| {} |", cells.join(" | "))
}

/// Text that does not end a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
