//! `hemogate decode`: what an analyser's bytes mean, without a daemon and without a store.
//!
//! The bytes go the way they go in the daemon: through the same receiver, the same codec, the
//! same profile. Only the acknowledgements are thrown away. Refuses nothing silently: a byte that
//! was not understood makes the exit status 1.

mod printer;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use super::say::complain;
use super::{FOUND_WRONG, USED_WRONGLY, check, status};
use crate::analyser::Analyser;
use crate::config::{self, ProfileError};
use crate::domain::{Assay, DonationNumberScheme, UnknownAssay};
use crate::workshop::transcript;
use printer::Printer;

/// Arguments of `hemogate decode`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The input is a framed session (ENQ, STX ... ETX, EOT), MLLP blocks (VT ... FS CR) or bare records
or segments; which one is recognised from its bytes. Texts in blocks come as the profile says.
Standard output gets one JSON object for each result, for each query (kind \"query\") and for each
thing said about an order (kind \"order_reply\"); standard error every fault with its byte offset.

Exit status: 0 everything was understood, 1 a byte stayed unaccounted for or a frame was refused,
2 used wrongly: no such profile, no such file.")]
pub struct Args {
    /// A profile that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(long, value_name = "NAME|FILE")]
    profile: String,
    /// The site's own donation numbers, as a regular expression; ISBT 128 without it
    #[arg(long, value_name = "REGEX", value_parser = config::donation_numbers)]
    donation_number_pattern: Option<DonationNumberScheme>,
    /// A test code of this site and the assay it means; may be given many times
    #[arg(long, value_name = "CODE=ASSAY", value_parser = site_test)]
    tests: Vec<(String, Assay)>,
    /// The bytes; "-" or nothing is standard input
    #[arg(value_name = "INPUT")]
    input: Option<PathBuf>,
}

/// Why nothing was decoded; said already.
struct Refused {
    status: u8,
}

/// Runs `hemogate decode`.
pub fn run(args: &Args) -> ExitCode {
    let ready = analyser(args).and_then(|analyser| Ok((analyser, opened(args)?)));
    let (analyser, mut source) = match ready {
        Ok(ready) => ready,
        Err(refused) => return ExitCode::from(refused.status),
    };
    let profile = Arc::clone(analyser.profile());
    let mut printer = Printer::new(io::BufWriter::new(io::stdout().lock()), analyser);
    let all_understood = match transcript::hear(&mut source, &profile, &mut printer) {
        Ok(()) => printer.all_understood(),
        // Whoever read our output has seen enough.
        Err(transcript::Stop::Unwritable(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            printer.all_understood()
        }
        Err(transcript::Stop::Unwritable(error)) => failed("standard output", &error),
        Err(transcript::Stop::Unreadable(error)) => failed(&input_name(args), &error),
    };
    status(Ok(all_understood))
}

/// The analyser to read with.
fn analyser(args: &Args) -> Result<Analyser, Refused> {
    let profile = config::find_profile(&args.profile).map_err(|error| match error {
        ProfileError::NotFound(words) => refused(&words),
        ProfileError::Faulty(faults) => {
            check::report(&faults);
            Refused { status: FOUND_WRONG }
        }
    })?;
    let scheme = args.donation_number_pattern.clone();
    let scheme = Arc::new(scheme.unwrap_or(DonationNumberScheme::Isbt128));
    let tests: BTreeMap<_, _> = args.tests.iter().cloned().collect();
    Analyser::new("decode".to_owned(), Arc::new(profile), &tests, scheme)
        .map_err(|words| refused(&words.join("\n")))
}

/// The command line names something that is not there.
fn refused(words: &str) -> Refused {
    complain(words);
    Refused { status: USED_WRONGLY }
}

fn site_test(text: &str) -> Result<(String, Assay), String> {
    let (code, assay) = text.rsplit_once('=').ok_or("write CODE=ASSAY, e.g. 704=hbsag")?;
    let assay = assay.parse().map_err(|error: UnknownAssay| error.to_string())?;
    Ok((code.to_owned(), assay))
}

fn opened(args: &Args) -> Result<Box<dyn Read>, Refused> {
    match named_input(args) {
        Some(path) if path.is_dir() => Err(refused(&format!("{}: is a folder", path.display()))),
        Some(path) => match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(refused(&format!("{}: {error}", path.display()))),
        },
        None => Ok(Box::new(io::stdin().lock())),
    }
}

fn named_input(args: &Args) -> Option<&Path> {
    args.input.as_deref().filter(|path| *path != Path::new("-"))
}

fn input_name(args: &Args) -> String {
    named_input(args).map_or("standard input".to_owned(), |path| path.display().to_string())
}

/// Says what failed; not everything was understood then.
fn failed(what: &str, error: &io::Error) -> bool {
    complain(&format!("{what}: {error}"));
    false
}
