//! `hemogate manifest`: what the file of a sorter or a pooling robot says, before anybody imports
//! it. Opens no line and no store.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::say::{complain, say};
use super::{FOUND_WRONG, USED_WRONGLY, check, status};
use crate::domain::{DonationNumber, DonationNumberScheme};
use crate::manifest::{self, Content, Layout, Manifest};
use crate::{config, document, limits};

/// Arguments of `hemogate manifest`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Read a file by a layout and print what would be imported, or every fault of it.
    Check(CheckArgs),
    /// List the layouts in the binary.
    List,
}

/// Arguments of `hemogate manifest check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Standard output gets a line for each rack and tube, or for each pool; standard error every fault,
with line and column. A file with any fault imports nothing. Whether its donations are registered
and may be tested is asked when it is imported.

Exit status: 0 good, 1 faults in the layout or the file, 2 used wrongly: no such layout or file.")]
struct CheckArgs {
    /// A layout that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(value_name = "LAYOUT|FILE")]
    layout: String,
    /// What the sorter or robot wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The site's own donation numbers, as a regular expression; ISBT 128 without it
    #[arg(long, value_name = "REGEX", value_parser = config::donation_numbers)]
    donation_number_pattern: Option<DonationNumberScheme>,
}

/// Runs `hemogate manifest`.
pub fn run(args: &Args) -> ExitCode {
    match &args.command {
        Command::Check(args) => checked(args),
        Command::List => status(list()),
    }
}

fn list() -> Result<bool, String> {
    for name in manifest::shipped_names() {
        let text = manifest::shipped(name).unwrap_or_default();
        let layout = Layout::parse(name, text).map_err(|faults| {
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            faults.join("\n")
        })?;
        let content = match layout.content {
            Content::Racks => "racks",
            Content::Pools => "pools",
        };
        say(&format!("{name} {} of {}: {} ({content})", layout.version, layout.date, layout.title));
        say(&format!("  built from: {}", layout.built_from));
        layout.missing.iter().for_each(|what| say(&format!("  missing: {what}")));
    }
    Ok(true)
}

fn checked(args: &CheckArgs) -> ExitCode {
    let layout = match layout(&args.layout) {
        Ok(layout) => layout,
        Err(status) => return status,
    };
    let bytes = match bytes(&args.file) {
        Ok(bytes) => bytes,
        Err(why) => return refused(&format!("{}: {why}", args.file.display())),
    };
    let scheme = args.donation_number_pattern.clone().unwrap_or(DonationNumberScheme::Isbt128);
    match layout.read(&bytes, &scheme) {
        Ok(manifest) => {
            lines(&manifest).iter().for_each(|line| say(line));
            ExitCode::SUCCESS
        }
        Err(faults) => {
            let file = args.file.display();
            faults.iter().for_each(|fault| complain(&format!("{file}: {fault}")));
            let noun = if faults.len() == 1 { "fault" } else { "faults" };
            complain(&format!("{} {noun} found: nothing of the file is imported", faults.len()));
            ExitCode::from(FOUND_WRONG)
        }
    }
}

fn layout(name: &str) -> Result<Layout, ExitCode> {
    let (file, text) = match manifest::shipped(name) {
        Some(text) => (format!("shipped layout {name}"), text.to_owned()),
        None if name.contains('/') || name.ends_with(".toml") => {
            let text = document::load(name, Path::new(name));
            (name.to_owned(), text.map_err(|fault| refused(&fault.to_string()))?)
        }
        None => {
            let known: Vec<_> = manifest::shipped_names().collect();
            let known = known.join(", ");
            return Err(refused(&format!("there is no layout {name:?}: there are {known}")));
        }
    };
    Layout::parse(&file, &text).map_err(|faults| {
        check::report(&faults);
        ExitCode::from(FOUND_WRONG)
    })
}

fn refused(words: &str) -> ExitCode {
    complain(words);
    ExitCode::from(USED_WRONGLY)
}

/// At most one byte more than a file may have.
fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut file = file.take(limits::MANIFEST_FILE_MAX as u64 + 1);
    file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn lines(manifest: &Manifest) -> Vec<String> {
    let mut lines = Vec::new();
    for rack in &manifest.racks {
        let container = rack.container.map_or("any container", |container| container.id());
        let (count, positions) = (rack.tubes.len(), rack.positions);
        lines.push(format!("rack {}: {count} tubes of {positions}, {container}", rack.rack));
        let mut tubes: Vec<_> = rack.tubes.iter().collect();
        tubes.sort_by_key(|tube| tube.position);
        lines.extend(tubes.iter().map(|tube| format!("  {:>4} {}", tube.position, tube.din)));
    }
    for pool in &manifest.pools {
        let members: Vec<_> = pool.members.iter().map(DonationNumber::as_str).collect();
        lines.push(format!("pool {}: {} of {}", pool.id, members.join(" "), members.len()));
    }
    lines.push(format!("{} records would be put on record", manifest.records()));
    lines
}
