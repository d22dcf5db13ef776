//! Accounts as the events say they are.
//!
//! ```text
//!  (none) --added--> open --closed--> closed
//!                     |  ^              (nothing leads away from here)
//!          day passes |  | expires(later or never)
//!                     v  |
//!                   expired
//! ```

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Change, Duty, Event, FullName, NewAccount, Password, Role, Roles, Sealed, UserId};
use crate::limits;

/// One person's account.
#[derive(Clone, Debug)]
pub struct Account {
    user: UserId,
    name: FullName,
    roles: Roles,
    language: String,
    expires: Option<Date>,
    closed_at: Option<Timestamp>,
    added_at: Timestamp,
    signed_in_at: Option<Timestamp>,
    sealed: Sealed,
    /// Since when a password that somebody else chose waits to be changed.
    once_since: Option<Timestamp>,
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Open,
    /// Its last day has passed.
    Expired,
    /// It was closed.
    Closed,
    /// Its first password was not changed in time.
    Stale,
}

/// Every account, by user name.
#[derive(Clone, Debug, Default)]
pub struct Accounts(BTreeMap<UserId, Account>);

/// The accounts that follow from these events, in their order.
pub fn fold(events: impl IntoIterator<Item = Event>) -> Accounts {
    let mut accounts = Accounts::default();
    for event in events {
        accounts.apply(&event);
    }
    accounts
}

impl Accounts {
    /// What follows from one more event. A second `added` of one name, and whatever speaks of an
    /// account that is not there or is closed, changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match (&event.change, self.0.get_mut(&event.user)) {
            (Change::Added(new), None) => {
                let account = Account::new(event.user.clone(), new, event.at);
                self.0.insert(event.user.clone(), account);
            }
            (change, Some(account)) if account.closed_at.is_none() => {
                account.apply(change, event.at);
            }
            (_, Some(_) | None) => {}
        }
    }

    /// The account of this name.
    pub fn find(&self, user: &UserId) -> Option<&Account> {
        self.0.get(user)
    }

    /// Every one, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.0.values()
    }

    /// How many there are, closed ones among them.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Administrators that may sign in now.
    pub fn administrators(&self, utc: Timestamp) -> impl Iterator<Item = &Account> {
        self.iter().filter(move |account| {
            account.roles.has(Role::Administrator) && account.standing(utc) == Standing::Open
        })
    }
}

impl Account {
    fn new(user: UserId, new: &NewAccount, at: Timestamp) -> Account {
        Account {
            user,
            name: new.name.clone(),
            roles: new.roles.clone(),
            language: new.language.clone(),
            expires: new.expires,
            closed_at: None,
            added_at: at,
            signed_in_at: None,
            sealed: new.sealed.clone(),
            once_since: new.once.then_some(at),
        }
    }

    fn apply(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Password { sealed, once } => {
                self.sealed = sealed.clone();
                self.once_since = once.then_some(at);
            }
            Change::Roles(roles) => self.roles = roles.clone(),
            Change::Name(name) => self.name = name.clone(),
            Change::Language(language) => self.language.clone_from(language),
            Change::Expires(day) => self.expires = *day,
            Change::Closed => self.closed_at = Some(at),
            Change::SignedIn => self.signed_in_at = Some(at),
            Change::Added(_) | Change::Refused(_) => {}
        }
    }

    /// Whether it may be used at this time.
    pub fn standing(&self, utc: Timestamp) -> Standing {
        let today = utc.to_zoned(TimeZone::UTC).date();
        let first = jiff::SignedDuration::try_from(limits::FIRST_PASSWORD_LIFE);
        let is_stale = |since: Timestamp| first.is_ok_and(|life| utc.duration_since(since) > life);
        if self.closed_at.is_some() {
            Standing::Closed
        } else if self.expires.is_some_and(|last| today > last) {
            Standing::Expired
        } else if self.once_since.is_some_and(is_stale) {
            Standing::Stale
        } else {
            Standing::Open
        }
    }

    /// Whether the password is this account's; as much work for no account at all.
    pub fn opens(account: Option<&Account>, password: &Password) -> bool {
        password.opens(account.map(|account| &account.sealed))
    }

    /// Whether it may do this, by its roles.
    pub fn may(&self, duty: Duty) -> bool {
        self.roles.may(duty)
    }

    /// What it is signed in with.
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// What the person is called.
    pub const fn name(&self) -> &FullName {
        &self.name
    }

    /// Its roles.
    pub const fn roles(&self) -> &Roles {
        &self.roles
    }

    /// The language that the person reads.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Its last day, UTC.
    pub const fn expires(&self) -> Option<Date> {
        self.expires
    }

    /// When it was made.
    pub const fn added_at(&self) -> Timestamp {
        self.added_at
    }

    /// When it was closed.
    pub const fn closed_at(&self) -> Option<Timestamp> {
        self.closed_at
    }

    /// When somebody last signed in with it.
    pub const fn signed_in_at(&self) -> Option<Timestamp> {
        self.signed_in_at
    }

    /// Whether its password must be changed before anything else is done.
    pub const fn must_change(&self) -> bool {
        self.once_since.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn event(user: &str, change: Change) -> Event {
        at(user, change, "2026-03-01T08:00:00Z")
    }

    fn at(user: &str, change: Change, at: &str) -> Event {
        Event { user: UserId::read(user).unwrap(), change, at: at.parse().unwrap() }
    }

    fn added(user: &str, role: Role, once: bool) -> Event {
        event(
            user,
            Change::Added(Box::new(NewAccount {
                name: FullName::read("Li Na").unwrap(),
                roles: Roles::of([role]).unwrap(),
                language: "en".to_owned(),
                expires: None,
                sealed: Sealed::kept("first"),
                once,
            })),
        )
    }

    fn utc(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_account_is_what_its_events_say() {
        let accounts = fold([
            added("li.na", Role::Technician, false),
            event("li.na", Change::Roles(Roles::of([Role::Reviewer]).unwrap())),
            event("li.na", Change::Language("zh-CN".to_owned())),
            event("li.na", Change::Name(FullName::read("李娜").unwrap())),
            at("li.na", Change::SignedIn, "2026-03-02T08:00:00Z"),
            event("nobody", Change::Closed),
        ]);
        let account = accounts.find(&UserId::read("li.na").unwrap()).unwrap();
        assert!(account.may(Duty::Review) && !account.may(Duty::Accounts));
        assert_eq!((account.language(), account.name().as_str()), ("zh-CN", "李娜"));
        assert_eq!(account.signed_in_at(), Some(utc("2026-03-02T08:00:00Z")));
        assert_eq!(accounts.count(), 1);
    }

    #[test]
    fn an_account_ends_with_the_last_of_its_days_and_may_be_prolonged() {
        let last = Change::Expires(Some(Date::constant(2026, 3, 31)));
        let mut accounts = fold([added("li.na", Role::Technician, false), event("li.na", last)]);
        let user = UserId::read("li.na").unwrap();
        let standing = |accounts: &Accounts, at| accounts.find(&user).unwrap().standing(utc(at));
        assert_eq!(standing(&accounts, "2026-03-31T23:59:59Z"), Standing::Open);
        assert_eq!(standing(&accounts, "2026-04-01T00:00:00Z"), Standing::Expired);
        accounts.apply(&event("li.na", Change::Expires(None)));
        assert_eq!(standing(&accounts, "2026-04-01T00:00:00Z"), Standing::Open);
    }

    #[test]
    fn a_closed_account_stays_as_it_was_whatever_is_said_of_it_later() {
        let accounts = fold([
            added("li.na", Role::Technician, false),
            event("li.na", Change::Closed),
            event("li.na", Change::Roles(Roles::of([Role::Administrator]).unwrap())),
            event("li.na", Change::Password { sealed: Sealed::kept("second"), once: false }),
            added("li.na", Role::Administrator, false),
        ]);
        let account = accounts.find(&UserId::read("li.na").unwrap()).unwrap();
        assert_eq!(account.standing(utc("2026-03-02T00:00:00Z")), Standing::Closed);
        assert!(account.roles().has(Role::Technician));
        assert_eq!(account.sealed, Sealed::kept("first"));
    }

    #[test]
    fn a_first_password_must_be_changed_and_is_good_for_its_days_only() {
        let mut accounts = fold([added("li.na", Role::Technician, true)]);
        let user = UserId::read("li.na").unwrap();
        let made = utc("2026-03-01T08:00:00Z");
        let late = made + limits::FIRST_PASSWORD_LIFE;
        let account = accounts.find(&user).unwrap();
        assert!(account.must_change());
        assert_eq!(account.standing(late), Standing::Open);
        assert_eq!(account.standing(late + Duration::from_secs(1)), Standing::Stale);
        let own = Change::Password { sealed: Sealed::kept("own"), once: false };
        accounts.apply(&event("li.na", own));
        let account = accounts.find(&user).unwrap();
        assert!(!account.must_change());
        assert_eq!(account.standing(late + Duration::from_secs(1)), Standing::Open);
    }
}
