//! Which change of an account who may make. There is always an administrator left, nobody changes
//! their own roles, and nobody closes their own account.

use thiserror::Error;

use super::account::Accounts;
use super::{Change, Duty, Event, Role, Standing, UserId};
use crate::limits;

/// Who wants to change an account.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'u> {
    /// Somebody who signed in.
    Person(&'u UserId),
    /// Whoever may read and write the database on the machine itself.
    Machine,
}

/// Why an account is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The name is taken, perhaps by a closed account: records are made by it for ever.
    #[error(
        "there is, or was, an account of this name: choose another, names are never used again"
    )]
    Taken,
    /// There is no such account.
    #[error("there is no account of this name")]
    Unknown,
    /// It is closed.
    #[error("the account is closed for ever: add another")]
    Closed,
    /// Not this person's business.
    #[error("only an administrator changes other people's accounts")]
    NotAdministrator,
    /// One's own roles, expiry or end.
    #[error("nobody changes the roles or the end of their own account: another administrator does")]
    Oneself,
    /// Nobody could add accounts any more.
    #[error("this is the last administrator: make another one first")]
    LastAdministrator,
    /// There are as many as there may be.
    #[error("there are {} accounts: no more are taken", limits::ACCOUNTS_MAX)]
    TooMany,
}

impl Refusal {
    /// Its word, by which a catalogue says it in another language.
    pub const fn id(self) -> &'static str {
        match self {
            Refusal::Taken => "taken",
            Refusal::Unknown => "unknown",
            Refusal::Closed => "closed",
            Refusal::NotAdministrator => "not-administrator",
            Refusal::Oneself => "oneself",
            Refusal::LastAdministrator => "last-administrator",
            Refusal::TooMany => "too-many",
        }
    }
}

impl Accounts {
    /// Whether this may be put on record.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn check(&self, event: &Event, by: Actor<'_>) -> Result<(), Refusal> {
        let account = self.find(&event.user);
        match (&event.change, account) {
            (Change::SignedIn | Change::Refused(_), _) => return Ok(()),
            (Change::Added(_), Some(_)) => return Err(Refusal::Taken),
            (Change::Added(_), None) if self.count() >= limits::ACCOUNTS_MAX => {
                return Err(Refusal::TooMany);
            }
            (Change::Added(_), None) => {}
            (_, None) => return Err(Refusal::Unknown),
            (_, Some(account)) if account.standing(event.at) == Standing::Closed => {
                return Err(Refusal::Closed);
            }
            (_, Some(_)) => {}
        }
        if let Actor::Person(person) = by {
            self.check_person(event, person)?;
        }
        self.check_last(event)
    }

    /// What somebody who signed in may do to whose account.
    fn check_person(&self, event: &Event, person: &UserId) -> Result<(), Refusal> {
        let own = *person == event.user;
        match &event.change {
            Change::Password { once: false, .. } if own => return Ok(()),
            Change::Language(_) if own => return Ok(()),
            Change::Added(_)
            | Change::Password { .. }
            | Change::Roles(_)
            | Change::Name(_)
            | Change::Language(_)
            | Change::Expires(_)
            | Change::Closed
            | Change::SignedIn
            | Change::Refused(_) => {}
        }
        let manages = |account: &super::Account| {
            account.may(Duty::Accounts) && account.standing(event.at) == Standing::Open
        };
        match self.find(person).is_some_and(manages) {
            false => Err(Refusal::NotAdministrator),
            true if own => Err(Refusal::Oneself),
            true => Ok(()),
        }
    }

    /// Nobody takes away the last administrator, not even on the machine.
    fn check_last(&self, event: &Event) -> Result<(), Refusal> {
        let takes = match &event.change {
            Change::Roles(roles) => !roles.has(Role::Administrator),
            Change::Closed | Change::Expires(Some(_)) => true,
            Change::Added(_)
            | Change::Password { .. }
            | Change::Name(_)
            | Change::Language(_)
            | Change::Expires(None)
            | Change::SignedIn
            | Change::Refused(_) => false,
        };
        let mut administrators = self.administrators(event.at);
        let is_one = self.find(&event.user).is_some_and(|a| a.roles().has(Role::Administrator));
        match takes && is_one && !administrators.any(|other| *other.user() != event.user) {
            true => Err(Refusal::LastAdministrator),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::{FullName, NewAccount, Roles, Sealed, fold};

    fn user(name: &str) -> UserId {
        UserId::read(name).unwrap()
    }

    fn event(name: &str, change: Change) -> Event {
        Event { user: user(name), change, at: "2026-03-01T08:00:00Z".parse().unwrap() }
    }

    fn added(name: &str, role: Role) -> Event {
        let new = NewAccount {
            name: FullName::read("Somebody").unwrap(),
            roles: roles(role),
            language: "en".to_owned(),
            expires: None,
            sealed: Sealed::kept("sealed"),
            once: false,
        };
        event(name, Change::Added(Box::new(new)))
    }

    fn roles(role: Role) -> Roles {
        Roles::of([role]).unwrap()
    }

    fn laboratory() -> Accounts {
        fold([
            added("root1", Role::Administrator),
            added("tech1", Role::Technician),
            added("audit1", Role::Auditor),
        ])
    }

    fn refused(accounts: &Accounts, event: &Event, by: &str) -> Option<Refusal> {
        accounts.check(event, Actor::Person(&user(by))).err()
    }

    fn password(once: bool) -> Change {
        Change::Password { sealed: Sealed::kept("other"), once }
    }

    #[test]
    fn only_an_administrator_changes_other_peoples_accounts() {
        let accounts = laboratory();
        for change in [
            Change::Roles(roles(Role::Reviewer)),
            Change::Closed,
            Change::Expires(None),
            password(true),
            password(false),
            Change::Language("en".to_owned()),
        ] {
            let event = event("tech1", change);
            assert_eq!(refused(&accounts, &event, "root1"), None, "{event:?}");
            assert_eq!(refused(&accounts, &event, "audit1"), Some(Refusal::NotAdministrator));
        }
        let new = added("new1", Role::Administrator);
        assert_eq!(refused(&accounts, &new, "tech1"), Some(Refusal::NotAdministrator));
        assert_eq!(refused(&accounts, &new, "root1"), None);
    }

    #[test]
    fn everybody_changes_their_own_password_and_language_and_nothing_else() {
        let accounts = laboratory();
        for own in [password(false), Change::Language("zh-CN".to_owned())] {
            assert_eq!(refused(&accounts, &event("tech1", own), "tech1"), None);
        }
        let roles = Change::Roles(roles(Role::Administrator));
        let event = |change| event("tech1", change);
        assert!(refused(&accounts, &event(roles), "tech1").is_some());
        assert!(refused(&accounts, &event(Change::Closed), "tech1").is_some());
    }

    #[test]
    fn an_administrator_changes_neither_their_own_roles_nor_their_own_end() {
        let mut accounts = laboratory();
        accounts.apply(&added("root2", Role::Administrator));
        for change in [
            Change::Roles(roles(Role::Reviewer)),
            Change::Closed,
            Change::Expires(None),
            password(true),
        ] {
            let event = event("root1", change);
            assert_eq!(refused(&accounts, &event, "root1"), Some(Refusal::Oneself), "{event:?}");
            assert_eq!(refused(&accounts, &event, "root2"), None, "{event:?}");
        }
    }

    #[test]
    fn the_last_administrator_stays_whoever_asks() {
        let mut accounts = laboratory();
        let soon = Change::Expires(Some(jiff::civil::Date::constant(2026, 3, 2)));
        let other = Change::Roles(roles(Role::Technician));
        for change in [Change::Closed, soon, other] {
            let event = event("root1", change);
            let refused = accounts.check(&event, Actor::Machine);
            assert_eq!(refused, Err(Refusal::LastAdministrator), "{event:?}");
        }
        accounts.apply(&added("root2", Role::Administrator));
        assert!(accounts.check(&event("root1", Change::Closed), Actor::Machine).is_ok());
        accounts.apply(&event("root2", Change::Closed));
        let closed = accounts.check(&event("root1", Change::Closed), Actor::Machine);
        assert_eq!(closed, Err(Refusal::LastAdministrator));
    }

    #[test]
    fn a_name_is_never_used_again() {
        let mut accounts = laboratory();
        accounts.apply(&event("tech1", Change::Closed));
        let again = added("tech1", Role::Technician);
        assert_eq!(refused(&accounts, &again, "root1"), Some(Refusal::Taken));
        let changed = event("tech1", password(true));
        assert_eq!(refused(&accounts, &changed, "root1"), Some(Refusal::Closed));
        let unknown = event("nobody", Change::Closed);
        assert_eq!(refused(&accounts, &unknown, "root1"), Some(Refusal::Unknown));
    }

    #[test]
    fn accounts_are_bounded() {
        let many = (1..=limits::ACCOUNTS_MAX).map(|n| added(&format!("user{n}"), Role::Auditor));
        let mut accounts = fold(many);
        let more = added("one.more", Role::Auditor);
        assert_eq!(accounts.check(&more, Actor::Machine), Err(Refusal::TooMany));
        accounts =
            fold((2..=limits::ACCOUNTS_MAX).map(|n| added(&format!("user{n}"), Role::Auditor)));
        assert_eq!(accounts.check(&more, Actor::Machine), Ok(()));
    }
}
