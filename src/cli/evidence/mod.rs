//! `hemogate evidence`: why a donation's verdict is what it is, as one signed file for others.

mod dossier;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::say::{complain, say};
use super::{FOUND_WRONG, USED_WRONGLY, check};
use crate::clock;
use crate::config::Config;
use crate::evidence::{self, SiteKey};
use crate::limits;
use crate::store::Archive;

/// Arguments of `hemogate evidence`.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
The bundle holds the raw messages behind a donation's verdict, the profiles they were read with,
the facts, the rule set, the verdicts and the hashes of the ledger, signed with the site's key. Raw
messages may name other donations of the same run, and whatever else the analyser sends: hand it
over as you would the analyser's printout. `hemogate verify` checks it anywhere.

Exit status: 0 the bundle is written, 1 it could not be made (nothing is on record of the donation,
the store, or the key), 2 used wrongly: the file is there already, the number is none."
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    bundle: Option<Bundle>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make the site's key pair: FILE, which nobody else can read, and FILE.pub to hand out
    Keygen(Keygen),
}

#[derive(Debug, clap::Args)]
struct Keygen {
    /// Where the secret key goes (PKCS#8); never over another file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Bundle {
    /// The donation number
    #[arg(value_name = "DIN")]
    din: String,
    /// Where the bundle goes; never over another file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The configuration of the daemon, for its store and key
    #[arg(long, value_name = "FILE", default_value = "hemogate.toml")]
    config: PathBuf,
    /// The secret key, if not that of [evidence] in the configuration
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Runs `hemogate evidence`.
pub fn run(args: &Args) -> ExitCode {
    let done = match (&args.command, &args.bundle) {
        (Some(Command::Keygen(keygen)), _) => make_key(&keygen.output),
        (None, Some(bundle)) => make_bundle(bundle),
        (None, None) => Err(Failure::wrongly("name a donation, or say keygen")),
    };
    match done {
        Ok(words) => {
            say(&words);
            ExitCode::SUCCESS
        }
        Err(Failure { words, status }) => {
            complain(&words);
            ExitCode::from(status)
        }
    }
}

/// Why it was not done, and the exit status.
struct Failure {
    words: String,
    status: u8,
}

impl Failure {
    fn wrongly(words: impl Into<String>) -> Failure {
        Failure { words: words.into(), status: USED_WRONGLY }
    }

    fn wrong(words: impl Into<String>) -> Failure {
        Failure { words: words.into(), status: FOUND_WRONG }
    }
}

/// Both files are new, or none is made: a key is never written over.
fn make_key(path: &Path) -> Result<String, Failure> {
    let mut public_path = path.as_os_str().to_owned();
    public_path.push(".pub");
    let public_path = PathBuf::from(public_path);
    if fs::symlink_metadata(&public_path).is_ok() {
        return Err(taken(&public_path));
    }
    let pkcs8 = SiteKey::generate().map_err(|error| Failure::wrong(error.to_string()))?;
    let key = SiteKey::read(&pkcs8).map_err(|error| Failure::wrong(error.to_string()))?;
    write_new(path, &pkcs8, SECRET)?;
    write_new(&public_path, format!("{}\n", key.public()).as_bytes(), PUBLIC)?;
    Ok(format!(
        "{}: the secret key; keep a copy of it where nobody else can read it\n{}: the public key, \
         for whoever verifies: {}",
        path.display(),
        public_path.display(),
        key.public()
    ))
}

/// For keys, and for bundles: raw messages are not for everybody on the machine.
const SECRET: u32 = 0o600;
const PUBLIC: u32 = 0o644;

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let made = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = made.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        _ => Failure::wrong(format!("{} cannot be written: {error}", path.display())),
    })
}

fn taken(path: &Path) -> Failure {
    let path = path.display();
    Failure::wrongly(format!("{path} is there already and is not written over: name another file"))
}

/// Reads the secret key; not one that others can read.
fn read_key(path: &Path) -> Result<SiteKey, Failure> {
    let refused = |error: io::Error| Failure::wrong(format!("key {}: {error}", path.display()));
    let file = File::open(path).map_err(refused)?;
    let mode = file.metadata().map_err(refused)?.permissions().mode();
    if mode & 0o077 != 0 {
        let path = path.display();
        let words = format!("key {path}: others can read it (mode {:o}): chmod 600", mode & 0o777);
        return Err(Failure::wrong(words));
    }
    let mut bytes = Vec::new();
    file.take(limits::KEY_FILE_MAX).read_to_end(&mut bytes).map_err(refused)?;
    SiteKey::read(&bytes).map_err(|error| Failure::wrong(format!("{} {error}", path.display())))
}

fn make_bundle(args: &Bundle) -> Result<String, Failure> {
    let config = Config::load(&args.config).map_err(|faults| {
        check::report(&faults);
        Failure::wrong("the configuration is refused: no bundle was made")
    })?;
    let number = config.scheme.parse(&args.din);
    let din = number.map_err(|error| Failure::wrongly(format!("{}: {error}", args.din)))?.din;
    let path = args.key.clone().or(config.evidence_key).ok_or_else(|| {
        Failure::wrong(
            "no key: name it with --key or as [evidence] key in the configuration; \
             `hemogate evidence keygen -o site.key` makes one",
        )
    })?;
    let key = read_key(&path)?;
    let archive =
        Archive::open(&config.store_path).map_err(|why| Failure::wrong(why.to_string()))?;
    let found = archive.dossier(&din).map_err(|why| Failure::wrong(why.to_string()))?;
    let found = found.ok_or_else(|| {
        Failure::wrong(format!("nothing is on record of donation {din}: no bundle was made"))
    })?;
    let dossier = dossier::of(found).map_err(Failure::wrong)?;
    let text = evidence::seal(&dossier, clock::utc(), &key);
    let text = text.map_err(|error| Failure::wrong(error.to_string()))?;
    write_new(&args.output, text.as_bytes(), SECRET)?;
    let (path, key) = (args.output.display(), key.public());
    Ok(format!("{path}: the evidence of donation {din}, signed with {key}"))
}
