//! `hemogate user`: accounts of the console on the machine itself. The first administrator is made
//! here, by whoever may write the database; there is no default account and no default password.
//!
//! Opens the store itself, so no daemon may run meanwhile: while one runs, accounts are kept on the
//! console's page.

mod typed;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::civil::Date;

use super::say::{complain, say};
use super::{FOUND_WRONG, USED_WRONGLY, check};
use crate::clock;
use crate::config::Config;
use crate::people::{
    Account, Accounts, Actor, Change, Event, FullName, NewAccount, Role, Roles, Sealed, Standing,
    UserId, fold,
};
use crate::rules::words::Lang;
use crate::store::{OpenError, UserDesk, UserEvent, user_events};

/// What made an event that was made here: no user name has a blank.
const MADE_BY: &str = "hemogate user";

/// Arguments of `hemogate user`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Roles: technician, reviewer, quality (any of them together); administrator and auditor stand alone.
An administrator keeps accounts and decides nothing about blood. Accounts are closed, never deleted.

Exit status: 0 done, 1 refused (the account, the last administrator, a daemon has the store), 2 used
wrongly.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Add an account; its password is asked on the terminal
    Add(Add),
    /// List the accounts; a daemon may run meanwhile
    List(Site),
    /// Give an account another password; it is asked on the terminal
    Password(Repassword),
    /// Give an account other roles
    Roles(Reroles),
    /// Close an account for ever
    Close(One),
}

#[derive(Debug, clap::Args)]
struct Site {
    /// The configuration of the daemon, for its store
    #[arg(long, value_name = "FILE", default_value = "hemogate.toml")]
    config: PathBuf,
}

#[derive(Debug, clap::Args)]
struct One {
    /// The user name: small letters, digits, '.', '-' or '_'
    #[arg(value_name = "NAME", value_parser = user)]
    user: UserId,
    #[command(flatten)]
    site: Site,
}

#[derive(Debug, clap::Args)]
struct Add {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    roles: RoleList,
    /// What the person is called, in any script; the user name if not said
    #[arg(long, value_name = "TEXT", value_parser = full_name)]
    name: Option<FullName>,
    /// The language the person reads
    #[arg(long, value_name = "TAG", default_value = "zh-CN", value_parser = language)]
    language: Lang,
    /// The account's last day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    expires: Option<Date>,
    #[command(flatten)]
    secret: Secret,
}

#[derive(Debug, clap::Args)]
struct Repassword {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    secret: Secret,
}

#[derive(Debug, clap::Args)]
struct Reroles {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    roles: RoleList,
}

#[derive(Debug, clap::Args)]
struct RoleList {
    /// A role; several times, or with commas
    #[arg(long = "role", value_name = "ROLE", required = true, value_delimiter = ',')]
    #[arg(value_parser = role)]
    roles: Vec<Role>,
}

#[derive(Debug, clap::Args)]
struct Secret {
    /// Read the password from standard input, one line, instead of asking for it
    #[arg(long)]
    password_stdin: bool,
    /// The person must choose their own at the first sign-in
    #[arg(long)]
    once: bool,
}

fn user(text: &str) -> Result<UserId, String> {
    UserId::read(text).map_err(|fault| fault.to_string())
}

fn full_name(text: &str) -> Result<FullName, String> {
    FullName::read(text).map_err(|fault| fault.to_string())
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::id).join(", ");
    Role::from_id(text).ok_or_else(|| format!("there is no such role; there are {}", known()))
}

fn language(text: &str) -> Result<Lang, String> {
    Lang::from_id(text).ok_or_else(|| "the languages are en and zh-CN".to_owned())
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a day is written like 2027-01-31".to_owned())
}

/// Why it was not done, and the exit status.
struct Failure {
    words: String,
    status: u8,
}

fn wrongly(words: impl ToString) -> Failure {
    Failure { words: words.to_string(), status: USED_WRONGLY }
}

fn refused(words: impl ToString) -> Failure {
    Failure { words: words.to_string(), status: FOUND_WRONG }
}

/// Runs `hemogate user`.
pub fn run(args: &Args) -> ExitCode {
    let done = match &args.command {
        Command::Add(add) => added(add),
        Command::List(site) => list(site),
        Command::Password(again) => repassword(again),
        Command::Roles(other) => reroles(other),
        Command::Close(one) => change(one, Change::Closed).map(|()| closed(one)),
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

fn added(add: &Add) -> Result<String, Failure> {
    let user = &add.one.user;
    let roles = Roles::of(add.roles.roles.iter().copied()).map_err(wrongly)?;
    let name = match &add.name {
        Some(name) => name.clone(),
        None => FullName::read(user.as_str()).map_err(wrongly)?,
    };
    // Looked at before anybody types a password for nothing.
    let mut site = Opened::new(&add.one.site.config)?;
    if site.accounts.find(user).is_some() {
        return Err(refused(crate::people::Refusal::Taken));
    }
    let sealed = password(user, &add.secret)?;
    let told = format!("{user} is added: {roles}");
    let new = NewAccount {
        name,
        roles,
        language: add.language.id().to_owned(),
        expires: add.expires,
        sealed,
        once: add.secret.once,
    };
    site.put(user, Change::Added(Box::new(new)))?;
    Ok(told)
}

/// Adds an account to a store that nobody else has open.
pub(super) fn add_account(store: &Path, user: &UserId, new: NewAccount) -> Result<(), String> {
    let added =
        Opened::store(store).and_then(|mut site| site.put(user, Change::Added(Box::new(new))));
    added.map_err(|failure| failure.words)
}

fn repassword(again: &Repassword) -> Result<String, Failure> {
    let user = &again.one.user;
    let mut site = Opened::new(&again.one.site.config)?;
    if site.accounts.find(user).is_none() {
        return Err(refused(crate::people::Refusal::Unknown));
    }
    let sealed = password(user, &again.secret)?;
    site.put(user, Change::Password { sealed, once: again.secret.once })?;
    Ok(format!("{user} has another password"))
}

fn reroles(other: &Reroles) -> Result<String, Failure> {
    let roles = Roles::of(other.roles.roles.iter().copied()).map_err(wrongly)?;
    let told = format!("{} has other roles: {roles}", other.one.user);
    change(&other.one, Change::Roles(roles)).map(|()| told)
}

fn closed(one: &One) -> String {
    format!("{} is closed for ever; what it did stays on record", one.user)
}

fn change(one: &One, change: Change) -> Result<(), Failure> {
    Opened::new(&one.site.config)?.put(&one.user, change)
}

fn password(user: &UserId, secret: &Secret) -> Result<Sealed, Failure> {
    let typed = match secret.password_stdin {
        true => typed::from_stdin(),
        false => typed::on_terminal(user),
    };
    typed.map_err(wrongly)?.seal(user).map_err(wrongly)
}

fn list(site: &Site) -> Result<String, Failure> {
    let config = load(&site.config)?;
    let events = match config.store_path.exists() {
        true => user_events(&config.store_path).map_err(refused)?,
        // A daemon has never run here.
        false => Vec::new(),
    };
    let accounts = folded(&events);
    let utc = clock::utc();
    let rows: Vec<_> = accounts.iter().map(|account| row(account, utc)).collect();
    match rows.is_empty() {
        true => Ok(format!(
            "there is no account: hemogate user add NAME --role administrator --config {}",
            site.config.display()
        )),
        false => Ok(rows.join("\n")),
    }
}

fn row(account: &Account, utc: jiff::Timestamp) -> String {
    let standing = match account.standing(utc) {
        Standing::Open if account.must_change() => "open, first password not changed yet",
        Standing::Open => "open",
        Standing::Expired => "expired",
        Standing::Closed => "closed",
        Standing::Stale => "first password not changed in time",
    };
    let last = account.expires().map(|day| format!(", last day {day}")).unwrap_or_default();
    let (user, name, roles) = (account.user(), account.name(), account.roles());
    format!("{user}\t{name}\t{roles}\t{standing}{last}")
}

/// A store that nobody else has open, and the accounts in it.
struct Opened {
    desk: UserDesk,
    accounts: Accounts,
}

impl Opened {
    fn new(config: &Path) -> Result<Opened, Failure> {
        Opened::store(&load(config)?.store_path)
    }

    fn store(path: &Path) -> Result<Opened, Failure> {
        let desk = UserDesk::open(path).map_err(|error| match error {
            OpenError::InUse { path } => refused(format!(
                "a daemon has the store {path} open: change accounts on the console's page Users, \
                 or end the daemon first"
            )),
            other => refused(other),
        })?;
        let accounts = folded(&desk.user_events().map_err(refused)?);
        Ok(Opened { desk, accounts })
    }

    fn put(&mut self, user: &UserId, change: Change) -> Result<(), Failure> {
        let event = Event { user: user.clone(), change, at: clock::utc() };
        self.accounts.check(&event, Actor::Machine).map_err(refused)?;
        let kept = UserEvent {
            id: 0,
            name: user.as_str().to_owned(),
            kind: event.change.kind().to_owned(),
            payload: event.change.detail(),
            made_by: MADE_BY.to_owned(),
            made_at: event.at,
        };
        self.desk.put(&kept).map(|_number| ()).map_err(refused)
    }
}

/// The accounts; refusals of names that nobody has are no account's.
fn folded(events: &[UserEvent]) -> Accounts {
    fold(events.iter().filter_map(|event| {
        Event::read(&event.name, &event.kind, &event.payload, event.made_at).ok()
    }))
}

fn load(path: &Path) -> Result<Config, Failure> {
    Config::load(path).map_err(|faults| {
        check::report(&faults);
        wrongly(format!("{} has faults", path.display()))
    })
}
