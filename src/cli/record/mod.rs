//! `hemogate record`: a file of records in words, sent to the daemon whole or not at all.

mod file;

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::json;

use super::ask::{Daemon, Refusal, Unanswered};
use super::check::report;
use super::say::{complain, say};
use super::{FOUND_WRONG, status};
use crate::config::HTTP_LISTEN;
use crate::document::{self, Fault};
use crate::shape::RecordShape;
use file::Records;

/// Arguments of `hemogate record`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A file is refused whole, with every fault by line, and nothing of any file is sent then. Standard
output gets what became of each record; a file that is sent again changes nothing.

Exit status: 0 all on record, 1 refused or no daemon there, 2 used wrongly.")]
pub struct Args {
    /// Files of records (TOML)
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Who puts it on record; goes before what the files say
    #[arg(long, value_name = "USER")]
    by: Option<String>,
    /// Where the daemon's HTTP listens
    #[arg(long, value_name = "HOST:PORT", default_value_t = HTTP_LISTEN.to_string())]
    http: String,
}

/// What became of the records of a request.
#[derive(Deserialize)]
struct Became {
    records: Vec<BecameOne>,
}

#[derive(Deserialize)]
struct BecameOne {
    number: i64,
    outcome: String,
}

/// Runs `hemogate record`.
pub fn run(args: &Args) -> ExitCode {
    match read(args) {
        Ok(files) => status(send(args, &files)),
        Err(faults) => {
            report(&faults);
            ExitCode::from(FOUND_WRONG)
        }
    }
}

/// Every file, or every fault of every file.
fn read(args: &Args) -> Result<Vec<(String, Records)>, Vec<Fault>> {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for path in &args.files {
        let name = path.display().to_string();
        let text = document::load(&name, path).map_err(|fault| vec![fault]);
        match text.and_then(|text| file::read(&name, &text, args.by.as_deref())) {
            Ok(records) => files.push((name, records)),
            Err(mut found) => faults.append(&mut found),
        }
    }
    if faults.is_empty() { Ok(files) } else { Err(faults) }
}

fn send(args: &Args, files: &[(String, Records)]) -> Result<bool, String> {
    let daemon = Daemon::at(&args.http);
    for (name, records) in files {
        let shapes: Vec<&RecordShape> =
            records.records.iter().map(|record| &record.shape).collect();
        let body = json!({ "by": records.by, "records": shapes });
        match daemon.post::<Became>("/api/v1/records", &body) {
            Ok(became) => tell(name, records, &became),
            Err(Unanswered::Refused(refusal)) => {
                refused(records, &refusal);
                return Ok(false);
            }
            Err(away) => return Err(away.words().to_owned()),
        }
    }
    Ok(true)
}

fn tell(name: &str, records: &Records, became: &Became) {
    for (record, one) in records.records.iter().zip(&became.records) {
        let BecameOne { number, outcome } = one;
        say(&format!("{name}:{}: {}: {outcome} ({number})", record.line, record.words()));
    }
}

fn refused(records: &Records, refusal: &Refusal) {
    if refusal.errors.is_empty() {
        return complain(&refusal.words);
    }
    let fault = |error: &super::ask::FieldFault| records.fault(&error.field, &error.detail);
    let faults: Vec<Fault> = refusal.errors.iter().map(fault).collect();
    report(&faults);
}
