//! The name a person signs in with, and the name they are called by.

use std::fmt;

use thiserror::Error;

use crate::limits;

/// What a person signs in with, and what their records are made by: small letters, digits, `.`,
/// `-` and `_`, beginning with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

/// What a person is called, in any script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName(String);

/// A name that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameFault {
    /// Not a user name.
    #[error(
        "a user name has {} to {} small letters, digits, '.', '-' or '_', and begins with a letter",
        limits::ACCOUNT_NAME_MIN,
        limits::ACCOUNT_NAME_MAX
    )]
    UserId,
    /// Not a full name.
    #[error("a full name has 1 to {} characters", limits::FULL_NAME_MAX)]
    FullName,
}

impl UserId {
    /// Reads a user name as typed: blanks around it are nothing, capitals are small letters.
    ///
    /// # Errors
    /// [`NameFault::UserId`].
    pub fn read(text: &str) -> Result<UserId, NameFault> {
        let id = text.trim().to_ascii_lowercase();
        let long_enough = (limits::ACCOUNT_NAME_MIN..=limits::ACCOUNT_NAME_MAX).contains(&id.len());
        let begins = id.starts_with(|c: char| c.is_ascii_lowercase());
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        match long_enough && begins && id.chars().all(known) {
            true => Ok(UserId(id)),
            false => Err(NameFault::UserId),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FullName {
    /// Reads a full name as typed; blanks around it and doubled ones are nothing.
    ///
    /// # Errors
    /// [`NameFault::FullName`].
    pub fn read(text: &str) -> Result<FullName, NameFault> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = name.chars().count();
        match (1..=limits::FULL_NAME_MAX).contains(&length) && !name.contains(char::is_control) {
            true => Ok(FullName(name)),
            false => Err(NameFault::FullName),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_is_plain_and_capitals_make_no_second_person() {
        assert_eq!(UserId::read(" Li.Na ").unwrap().as_str(), "li.na");
        for wrong in ["", "a", "1st", "li na", "李娜", "li/na", "-li", "li\0na"] {
            assert_eq!(UserId::read(wrong), Err(NameFault::UserId), "{wrong:?}");
        }
    }

    #[test]
    fn a_user_name_has_the_bound_and_not_one_more() {
        assert!(UserId::read(&"a".repeat(limits::ACCOUNT_NAME_MAX)).is_ok());
        assert!(UserId::read(&"a".repeat(limits::ACCOUNT_NAME_MAX + 1)).is_err());
        assert!(UserId::read(&"a".repeat(limits::ACCOUNT_NAME_MIN)).is_ok());
        assert!(UserId::read(&"a".repeat(limits::ACCOUNT_NAME_MIN - 1)).is_err());
    }

    #[test]
    fn a_full_name_is_of_any_script_and_bounded() {
        assert_eq!(FullName::read("  李  娜 ").unwrap().as_str(), "李 娜");
        assert!(FullName::read(&"娜".repeat(limits::FULL_NAME_MAX)).is_ok());
        assert!(FullName::read(&"娜".repeat(limits::FULL_NAME_MAX + 1)).is_err());
        assert!(FullName::read(" \u{7} ").is_err());
        assert!(FullName::read("  ").is_err());
    }
}
