//! `hemogate profile new`: a first profile from what an analyser sent.
//!
//! Refuses to write over a file, and to guess what the bytes are: what is neither LIS02 nor HL7
//! is sent to a profile of the same kind instead.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::reading::refused;
use super::super::say::{complain, say};
use super::super::{FOUND_WRONG, USED_WRONGLY};
use crate::codec::charset::Charset;
use crate::config;
use crate::domain::DonationNumberScheme;
use crate::workshop::draft::{self, Draft, Source, Standard};
use crate::workshop::passage::Transcript;
use crate::workshop::transcript;

/// Arguments of `hemogate profile new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Standard output (or FILE) gets the profile, standard error what could not be placed and what is
left to do. No test code is given an assay, and what is not understood blocks release: a person
goes on from here. Then: hemogate profile check, hemogate profile coverage.

Exit status: 0 drafted, 1 the transcripts are not LIS02 or HL7, or hold no result, 2 used wrongly:
no such file, or FILE is there already.")]
pub struct Args {
    /// What the analyser sent: sessions, MLLP blocks, bare records or segments
    #[arg(long, value_name = "TRANSCRIPT", required = true, num_args = 1..)]
    from: Vec<PathBuf>,
    /// Where to write the profile; never over a file that is there
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The site's own donation numbers, as a regular expression; ISBT 128 without it
    #[arg(long, value_name = "REGEX", value_parser = config::donation_numbers)]
    donation_number_pattern: Option<DonationNumberScheme>,
    /// The character set where no message declares one; without it ASCII or UTF-8, as it reads
    #[arg(long, value_name = "NAME", value_parser = charset)]
    charset: Option<Charset>,
    /// How the analyser speaks; without it recognised from the first bytes
    #[arg(long, value_name = "lis02|hl7", value_parser = dialect)]
    dialect: Option<Standard>,
}

/// Runs `hemogate profile new`.
pub fn run(args: &Args) -> ExitCode {
    match drafted(args) {
        Ok(draft) => {
            tell(&draft);
            ExitCode::SUCCESS
        }
        Err(status) => status,
    }
}

fn drafted(args: &Args) -> Result<Draft, ExitCode> {
    let files = args.from.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let standard = standard(args, &files)?;
    let heard: Vec<Transcript> =
        files.iter().map(|bytes| Transcript::of_dialect(bytes, standard.dialect())).collect();
    for (path, transcript) in args.from.iter().zip(&heard) {
        faults(path, transcript).iter().for_each(|fault| complain(fault));
    }
    let messages: Vec<Vec<u8>> =
        heard.iter().flat_map(Transcript::messages).map(<[u8]>::to_vec).collect();
    let charset = args.charset.map_or_else(|| usual(&messages), Ok).map_err(wrong)?;
    let scheme = args.donation_number_pattern.as_ref().unwrap_or(&DonationNumberScheme::Isbt128);
    let transcripts: Vec<String> = args.from.iter().map(|path| name(path)).collect();
    let source = Source { standard, charset, scheme, transcripts: &transcripts };
    let draft = draft::draft(source, &messages).map_err(|none| wrong(none.to_string()))?;
    write(args.out.as_deref(), &draft.toml)?;
    Ok(draft)
}

fn wrong(words: String) -> ExitCode {
    complain(&words);
    ExitCode::from(FOUND_WRONG)
}

fn read(path: &Path) -> Result<Vec<u8>, ExitCode> {
    let bytes = File::open(path).and_then(|mut file| transcript::whole(&mut file));
    bytes.map_err(|error| refused(&format!("{}: {error}", path.display())))
}

/// A path would tell more of this machine than of the profile.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

const NOT_KNOWN: &str = "\
neither LIS02 records (ENQ, STX or a line that begins H|) nor HL7 (VT or a line that begins MSH|).
If it is one of them behind other bytes, say --dialect lis02 or --dialect hl7. A text file or texts
in blocks cannot be drafted: look for a profile of the same kind (hemogate profile list) and write
one that begins with extends = \"NAME\" (generic-delimited-text for rows with titles).";

/// The one that all files follow.
fn standard(args: &Args, files: &[Vec<u8>]) -> Result<Standard, ExitCode> {
    if let Some(standard) = args.dialect {
        return Ok(standard);
    }
    let mut found = None;
    for (path, bytes) in args.from.iter().zip(files) {
        let path = path.display();
        let own = Standard::recognise(bytes);
        let own = own.ok_or_else(|| wrong(format!("{path}: {NOT_KNOWN}")))?;
        if found.is_some_and(|found| found != own) {
            let own = own.id();
            return Err(wrong(format!(
                "{path}: this one is {own}, the one before it is not: one profile reads one of \
                 them; draft them apart"
            )));
        }
        found = Some(own);
    }
    found.ok_or_else(|| wrong(NOT_KNOWN.to_owned()))
}

/// What the bytes of all messages are, where that can be seen.
fn usual(messages: &[Vec<u8>]) -> Result<Charset, String> {
    if messages.iter().all(|bytes| bytes.is_ascii()) {
        return Ok(Charset::Ascii);
    }
    match messages.iter().all(|bytes| std::str::from_utf8(bytes).is_ok()) {
        true => Ok(Charset::Utf8),
        false => Err("the text is neither ASCII nor UTF-8: say which character set the analyser \
                      writes, e.g. --charset gbk or --charset iso-8859-1"
            .to_owned()),
    }
}

fn faults(path: &Path, transcript: &Transcript) -> Vec<String> {
    let path = path.display();
    let own = transcript.faults.iter().map(|fault| format!("{path}: {fault}"));
    let lost = transcript.lost().map(|(at, why)| format!("{path}: byte {at}: left out: {why}"));
    own.chain(lost).collect()
}

fn write(out: Option<&Path>, toml: &str) -> Result<(), ExitCode> {
    let Some(path) = out else {
        say(toml.trim_end());
        return Ok(());
    };
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(toml.as_bytes()));
    written.map_err(|error| {
        let path = path.display();
        let words = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("{path} is there already: nothing was written; name another file")
            }
            _ => format!("{path}: {error}"),
        };
        complain(&words);
        ExitCode::from(USED_WRONGLY)
    })
}

fn tell(draft: &Draft) {
    if !draft.unplaced.is_empty() {
        complain("not placed: give each a role, or ignore it by name with a reason");
    }
    let wide = draft.unplaced.iter().map(|place| place.path.len()).max().unwrap_or(0);
    for place in &draft.unplaced {
        let (path, seen, example) = (&place.path, place.seen, &place.example);
        let thought = place.thought.map_or(String::new(), |thought| format!("  {thought}"));
        complain(&format!("  {path:wide$}  {seen}x  {example:?}{thought}"));
    }
    complain("left to do:");
    draft.to_do.iter().for_each(|line| complain(&format!("  {line}")));
    complain("  title, name and date; then hemogate profile check and profile coverage");
}

fn charset(name: &str) -> Result<Charset, String> {
    Charset::from_name(name).ok_or_else(|| {
        "no such character set: ascii, utf-8, gb18030, gbk, big5, shift-jis, iso-8859-1 ...".into()
    })
}

fn dialect(name: &str) -> Result<Standard, String> {
    [Standard::Lis02, Standard::Hl7]
        .into_iter()
        .find(|standard| standard.id() == name)
        .ok_or_else(|| "lis02 or hl7: other dialects cannot be drafted".to_owned())
}
