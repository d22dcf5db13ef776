//! `hemogate verify`: an evidence bundle checked without the database.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::say::{complain, say};
use super::{FOUND_WRONG, USED_WRONGLY};
use crate::evidence::{self, PublicKey, Report};
use crate::limits;

/// Arguments of `hemogate verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Needs no database and no configuration: the bundle brings its profiles and its rule set. Its bytes
are read again, its facts built again, its verdict concluded again, and each is compared with what
it says. Without --key the signature is checked with the key that the bundle names: compare that key
with the one the site gave you by another way.

Exit status: 0 confirmed, 1 refuted (standard error says what differs, one thing a line) or no
bundle, 2 used wrongly: no such file, no such key.")]
pub struct Args {
    /// The bundle
    #[arg(value_name = "FILE")]
    bundle: PathBuf,
    /// The site's public key: its file, or its 64 digits
    #[arg(long, value_name = "PUB")]
    key: Option<String>,
}

/// Runs `hemogate verify`.
pub fn run(args: &Args) -> ExitCode {
    let key = match args.key.as_deref().map(public_key).transpose() {
        Ok(key) => key,
        Err(why) => return wrongly(&why),
    };
    let text = match read(&args.bundle) {
        Ok(text) => text,
        Err(why) => return wrongly(&why),
    };
    match evidence::verify(&text, key.as_ref()) {
        Ok(report) => tell(&args.bundle, &report, key.is_some()),
        Err(why) => {
            complain(&format!("{} is no evidence bundle: {why}", args.bundle.display()));
            ExitCode::from(FOUND_WRONG)
        }
    }
}

fn wrongly(why: &str) -> ExitCode {
    complain(why);
    ExitCode::from(USED_WRONGLY)
}

/// A key on the command line: its digits, or the file that has them.
fn public_key(text: &str) -> Result<PublicKey, String> {
    if let Ok(key) = PublicKey::read(text) {
        return Ok(key);
    }
    let file = std::fs::read_to_string(text).map_err(|error| format!("{text}: {error}"))?;
    PublicKey::read(&file).map_err(|error| format!("{text} {error}"))
}

/// Reads no more than is ever verified, and one byte.
fn read(path: &Path) -> Result<String, String> {
    let refused = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refused)?;
    file.take(limits::EVIDENCE_MAX as u64 + 1).read_to_end(&mut bytes).map_err(refused)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn tell(path: &Path, report: &Report, key_was_given: bool) -> ExitCode {
    for finding in &report.findings {
        complain(&format!("{}: {}", finding.place, finding.what));
    }
    let (din, bundle) = (&report.din, path.display());
    if !report.is_confirmed() {
        let noun = if report.findings.len() == 1 { "thing differs" } else { "things differ" };
        complain(&format!("{bundle} is REFUTED for {din}: {} {noun}", report.findings.len()));
        return ExitCode::from(FOUND_WRONG);
    }
    let signer = report.signed_by.map(|key| key.to_string()).unwrap_or_default();
    let whose = match key_was_given {
        true => "the key that you named",
        false => "which nobody vouched for here: compare it with the site's, or use --key",
    };
    say(&format!(
        "{bundle} is CONFIRMED: donation {din} is {} ({}); {} messages read again, {} facts found \
         in them again, the verdict concluded again\nmade {} by hemogate {}\nsigned with {signer}, \
         {whose}",
        report.verdict,
        report.reasons.join(", "),
        report.messages,
        report.observations,
        report.made_at,
        report.program,
    ));
    ExitCode::SUCCESS
}
