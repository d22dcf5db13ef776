//! Two people of the demonstration, so that a visitor can look at the console and decide something
//! with somebody else. Their passwords are made at random and shown once.

use std::path::Path;

use crate::cli::user;
use crate::people::{FullName, NewAccount, Password, Role, Roles, UserId};
use crate::rules::words::Lang;

/// Somebody who may sign in.
pub(super) struct Person {
    pub user: UserId,
    /// What they may do, for people.
    pub roles: String,
    pub password: Password,
}

/// User name, full name, roles, language.
const PEOPLE: [(&str, &str, &[Role], Lang); 2] = [
    ("li.na", "李娜", &[Role::Technician, Role::Reviewer], Lang::ZhCn),
    ("wang.wei", "王伟", &[Role::Reviewer, Role::Quality], Lang::En),
];

/// Adds them to a store that no daemon has open yet.
pub(super) fn add(store: &Path) -> Result<Vec<Person>, String> {
    PEOPLE.iter().map(|person| add_one(store, person)).collect()
}

fn add_one(
    store: &Path,
    (user, name, roles, language): &(&str, &str, &[Role], Lang),
) -> Result<Person, String> {
    let words = |fault: &dyn std::fmt::Display| format!("no account for {user}: {fault}");
    let user = UserId::read(user).map_err(|fault| words(&fault))?;
    let roles = Roles::of(roles.iter().copied()).map_err(|fault| words(&fault))?;
    let password = Password::made().map_err(|fault| words(&fault))?;
    let told = roles.to_string();
    let new = NewAccount {
        name: FullName::read(name).map_err(|fault| words(&fault))?,
        roles,
        language: language.id().to_owned(),
        expires: None,
        sealed: password.seal(&user).map_err(|fault| words(&fault))?,
        once: false,
    };
    user::add_account(store, &user, new)?;
    Ok(Person { user, roles: told, password })
}
