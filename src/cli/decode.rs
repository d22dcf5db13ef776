//! `hemogate decode`: what an analyser's bytes mean, without a daemon and without a store.
//!
//! The bytes go the way they go in the daemon: through the same receiver, the same codec, the
//! same profile. Only the acknowledgements are thrown away. Refuses nothing silently: a byte that
//! was not understood makes the exit status 1.

mod explanation;
mod printer;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use super::reading::{self, refused};
use super::say::complain;
use super::status;
use crate::analyser::Analyser;
use crate::workshop::transcript;
use printer::Printer;

/// Arguments of `hemogate decode`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The input is a framed session (ENQ, STX ... ETX, EOT), MLLP blocks (VT ... FS CR) or bare records
or segments; which one is recognised from its bytes. Texts in blocks come as the profile says.
Standard output gets one JSON object for each result, for each query (kind \"query\") and for each
thing said about an order (kind \"order_reply\"); standard error every fault with its byte offset.
With --explain it gets a line for each byte range instead: where it stands in the input and in the
message, its text, and what it became.

Exit status: 0 everything was understood, 1 a byte stayed unaccounted for or a frame was refused,
2 used wrongly: no such profile, no such file.")]
pub struct Args {
    /// A profile that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(long, value_name = "NAME|FILE")]
    profile: String,
    #[command(flatten)]
    reading: reading::Site,
    /// Print what each byte range became
    #[arg(long)]
    explain: bool,
    /// With --explain: one JSON object for each byte range
    #[arg(long, requires = "explain")]
    json: bool,
    /// The bytes; "-" or nothing is standard input
    #[arg(value_name = "INPUT")]
    input: Option<PathBuf>,
}

/// Runs `hemogate decode`.
pub fn run(args: &Args) -> ExitCode {
    let ready = args.reading.analyser(&args.profile);
    let ready = ready.and_then(|analyser| Ok((analyser, opened(args)?)));
    let (analyser, mut source) = match ready {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let all_understood = match args.explain {
        true => explained(args, &analyser, &mut source),
        false => decoded(args, analyser, &mut source),
    };
    status(Ok(all_understood))
}

fn decoded(args: &Args, analyser: Analyser, source: &mut dyn Read) -> bool {
    let profile = Arc::clone(analyser.profile());
    let mut printer = Printer::new(io::BufWriter::new(io::stdout().lock()), analyser);
    match transcript::hear(source, &profile, &mut printer) {
        Ok(()) => printer.all_understood(),
        // Whoever read our output has seen enough.
        Err(transcript::Stop::Unwritable(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            printer.all_understood()
        }
        Err(transcript::Stop::Unwritable(error)) => failed("standard output", &error),
        Err(transcript::Stop::Unreadable(error)) => failed(&input_name(args), &error),
    }
}

fn explained(args: &Args, analyser: &Analyser, source: &mut dyn Read) -> bool {
    let input = match transcript::whole(source) {
        Ok(input) => input,
        Err(error) => return failed(&input_name(args), &error),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match explanation::print(&mut out, analyser, &input, args.json) {
        Ok(all_understood) => all_understood,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => false,
        Err(error) => failed("standard output", &error),
    }
}

fn opened(args: &Args) -> Result<Box<dyn Read>, ExitCode> {
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
