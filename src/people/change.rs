//! What happens to an account: one event each, added to the store and never taken back.
//!
//! An event travels as plain texts: its kind and a detail in JSON, so that the store knows nothing
//! of accounts. What cannot be read back is said, and never guessed at.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{FullName, Role, Roles, Sealed, UserId};

/// One event of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whose account.
    pub user: UserId,
    /// What happened.
    pub change: Change,
    /// When, UTC.
    pub at: Timestamp,
}

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was made.
    Added(Box<NewAccount>),
    /// It has another password; `once`: somebody else chose it, so that it must be changed.
    Password {
        /// What is kept of it.
        sealed: Sealed,
        /// Good for one sign-in.
        once: bool,
    },
    /// It has these roles from here on.
    Roles(Roles),
    /// The person is called otherwise.
    Name(FullName),
    /// The person reads this language (`en`, `zh-CN`).
    Language(String),
    /// Its last day, UTC; or none.
    Expires(Option<Date>),
    /// It is closed for ever.
    Closed,
    /// Somebody signed in.
    SignedIn,
    /// Somebody was not let in, at a sign-in or at the moment of signing.
    Refused(String),
}

/// An account as it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// What the person is called.
    pub name: FullName,
    /// What they may do.
    pub roles: Roles,
    /// The language they read.
    pub language: String,
    /// Its last day, UTC.
    pub expires: Option<Date>,
    /// What is kept of the first password.
    pub sealed: Sealed,
    /// Somebody else chose it: it must be changed at the first sign-in.
    pub once: bool,
}

/// An event that says nothing that we know.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the event {kind:?} of the account {user:?} cannot be read: {why}")]
pub struct Unreadable {
    /// Whose account it names.
    pub user: String,
    /// Its kind.
    pub kind: String,
    /// What is wrong. Never quotes the detail: there may be a hash in it.
    pub why: &'static str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedText {
    name: String,
    roles: Vec<String>,
    language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    password: String,
    once: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordText {
    password: String,
    once: bool,
}

impl Event {
    /// Reads an event from the texts of the store.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(user: &str, kind: &str, detail: &str, at: Timestamp) -> Result<Event, Unreadable> {
        let unreadable = |why| Unreadable { user: user.to_owned(), kind: kind.to_owned(), why };
        let change = Change::read(kind, detail).map_err(unreadable)?;
        let user = UserId::read(user).map_err(|_| unreadable("it names no account"))?;
        Ok(Event { user, change, at })
    }
}

impl Change {
    /// Its kind, as the store has it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Change::Added(_) => "added",
            Change::Password { .. } => "password",
            Change::Roles(_) => "roles",
            Change::Name(_) => "name",
            Change::Language(_) => "language",
            Change::Expires(_) => "expires",
            Change::Closed => "closed",
            Change::SignedIn => "signed_in",
            Change::Refused(_) => "refused",
        }
    }

    /// Its detail in JSON, as the store has it. Holds a hash where there is a password.
    pub fn detail(&self) -> String {
        match self {
            Change::Added(new) => json(&AddedText {
                name: new.name.as_str().to_owned(),
                roles: ids(&new.roles),
                language: new.language.clone(),
                expires: written(new.expires),
                password: new.sealed.text().to_owned(),
                once: new.once,
            }),
            Change::Password { sealed, once } => {
                json(&PasswordText { password: sealed.text().to_owned(), once: *once })
            }
            Change::Roles(roles) => json(&ids(roles)),
            Change::Name(name) => json(&name.as_str()),
            Change::Language(language) => json(language),
            Change::Expires(day) => json(&written(*day)),
            Change::Closed | Change::SignedIn => "null".to_owned(),
            Change::Refused(why) => json(why),
        }
    }

    fn read(kind: &str, detail: &str) -> Result<Change, &'static str> {
        match kind {
            "added" => added(parse(detail)?),
            "password" => {
                let PasswordText { password, once } = parse(detail)?;
                Ok(Change::Password { sealed: Sealed::kept(password), once })
            }
            "roles" => roles(&parse::<Vec<String>>(detail)?).map(Change::Roles),
            "name" => name(&parse::<String>(detail)?).map(Change::Name),
            "language" => parse(detail).map(Change::Language),
            "expires" => day(parse(detail)?).map(Change::Expires),
            "closed" => Ok(Change::Closed),
            "signed_in" => Ok(Change::SignedIn),
            "refused" => parse(detail).map(Change::Refused),
            _ => Err("a newer version wrote it, or it was damaged"),
        }
    }
}

fn added(text: AddedText) -> Result<Change, &'static str> {
    Ok(Change::Added(Box::new(NewAccount {
        name: name(&text.name)?,
        roles: roles(&text.roles)?,
        language: text.language,
        expires: day(text.expires)?,
        sealed: Sealed::kept(text.password),
        once: text.once,
    })))
}

fn name(text: &str) -> Result<FullName, &'static str> {
    FullName::read(text).map_err(|_| "it holds no name")
}

fn roles(ids: &[String]) -> Result<Roles, &'static str> {
    let wrong = "it holds roles that we do not know, or that do not go together";
    let roles: Option<Vec<Role>> = ids.iter().map(|id| Role::from_id(id)).collect();
    Roles::of(roles.ok_or(wrong)?).map_err(|_| wrong)
}

fn day(text: Option<String>) -> Result<Option<Date>, &'static str> {
    text.map(|text| text.parse().map_err(|_| "it holds no day")).transpose()
}

fn written(day: Option<Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

fn ids(roles: &Roles) -> Vec<String> {
    roles.iter().map(|role| role.id().to_owned()).collect()
}

fn parse<'d, T: Deserialize<'d>>(detail: &'d str) -> Result<T, &'static str> {
    serde_json::from_str(detail).map_err(|_| "its detail is of another form")
}

/// These forms are texts, lists and plain structures, which always can be written.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> Vec<Change> {
        let roles = Roles::of([Role::Technician, Role::Reviewer]).unwrap();
        vec![
            Change::Added(Box::new(NewAccount {
                name: FullName::read("李娜").unwrap(),
                roles: roles.clone(),
                language: "zh-CN".to_owned(),
                expires: Some(Date::constant(2027, 1, 31)),
                sealed: Sealed::kept("$argon2id$..."),
                once: true,
            })),
            Change::Password { sealed: Sealed::kept("$argon2id$..."), once: false },
            Change::Roles(roles),
            Change::Name(FullName::read("Li Na").unwrap()),
            Change::Language("en".to_owned()),
            Change::Expires(None),
            Change::Expires(Some(Date::constant(2026, 12, 31))),
            Change::Closed,
            Change::SignedIn,
            Change::Refused("password".to_owned()),
        ]
    }

    #[test]
    fn an_event_is_read_back_as_it_was_written() {
        for change in every_kind() {
            let read = Event::read("li.na", change.kind(), &change.detail(), Timestamp::UNIX_EPOCH);
            assert_eq!(read.unwrap().change, change);
        }
    }

    #[test]
    fn an_event_that_says_nothing_known_is_told_without_its_detail() {
        for (user, kind, detail) in [
            ("li.na", "promoted", "null"),
            ("li.na", "roles", "[\"root\"]"),
            ("li.na", "roles", "[\"administrator\",\"reviewer\"]"),
            ("li.na", "password", "\"$argon2id$secret\""),
            ("-", "closed", "null"),
        ] {
            let read = Event::read(user, kind, detail, Timestamp::UNIX_EPOCH);
            let told = read.unwrap_err().to_string();
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn a_hash_is_not_shown_with_its_event() {
        for change in every_kind() {
            assert!(!format!("{change:?}").contains("argon2"), "{change:?}");
        }
    }
}
