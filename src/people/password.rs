//! Passwords: what is taken for one, and the hash that is kept of it.
//!
//! Argon2id (RFC 9106) with the parameters of `limits`, a salt of its own for each, kept as a PHC
//! string. There is a least length and no rule about kinds of characters; what holds the user's own
//! name is refused. Asked about a name that nobody has, we work as long as for one that somebody
//! has.

use std::fmt;

use argon2::password_hash::Error;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use thiserror::Error as ThisError;

use super::UserId;
use super::token::random;
use crate::limits;

/// Nobody knows a password of it; its parameters are those of [`hasher`], so that it costs as much.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$aGVtb2dhdGUgZGVjb3kgc2FsdA\
    $0000000000000000000000000000000000000000000";

/// Letters and digits that are not mistaken for one another: 32 of them, 5 bits each.
const LEGIBLE: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";

/// Characters of a password that we make, in groups of four: 80 bits.
const MADE: usize = 16;

/// A password as typed. Nothing shows it but [`Password::reveal_once`].
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// What is kept of a password: a PHC string. Nothing shows it but [`Sealed::text`], for the store.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(String);

/// A password that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum PasswordFault {
    /// Too short.
    #[error("a password has at least {} characters", limits::PASSWORD_MIN)]
    Short,
    /// Too long.
    #[error("a password has at most {} characters", limits::PASSWORD_MAX)]
    Long,
    /// The user's name is in it.
    #[error("a password does not hold the user's own name")]
    HoldsName,
    /// The one that was to be replaced.
    #[error("the new password is the old one")]
    Same,
    /// The system gives no random numbers, or no memory.
    #[error("the password cannot be kept: the system gives no random numbers or no memory")]
    NotSealed,
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl Password {
    /// As typed, for comparing; nothing is asked of it.
    pub fn typed(text: impl Into<String>) -> Password {
        Password(text.into())
    }

    /// One that we make, for somebody's first sign-in.
    ///
    /// # Errors
    /// [`PasswordFault::NotSealed`].
    pub fn made() -> Result<Password, PasswordFault> {
        let bytes: [u8; MADE] = random().ok_or(PasswordFault::NotSealed)?;
        let mut text = String::with_capacity(MADE + MADE / 4);
        for (at, byte) in bytes.into_iter().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            let letter = LEGIBLE.get(usize::from(byte & 31)).copied().unwrap_or(b'a');
            text.push(char::from(letter));
        }
        Ok(Password(text))
    }

    /// The text of one that we made, to be handed over.
    pub fn reveal_once(&self) -> &str {
        &self.0
    }

    /// What is kept of it, where it may become this user's password. Takes some 50 ms and 19 MiB.
    ///
    /// # Errors
    /// [`PasswordFault`].
    pub fn seal(&self, user: &UserId) -> Result<Sealed, PasswordFault> {
        match self.0.chars().count() {
            length if length < limits::PASSWORD_MIN => return Err(PasswordFault::Short),
            length if length > limits::PASSWORD_MAX => return Err(PasswordFault::Long),
            _ => {}
        }
        if self.0.to_lowercase().contains(user.as_str()) {
            return Err(PasswordFault::HoldsName);
        }
        let salt: [u8; 16] = random().ok_or(PasswordFault::NotSealed)?;
        let made: Result<PasswordHash, Error> =
            hasher().and_then(|hasher| hasher.hash_password_with_salt(self.0.as_bytes(), &salt));
        made.map(|hash| Sealed(hash.to_string())).map_err(|_| PasswordFault::NotSealed)
    }

    /// Whether it is what was sealed; where there is nothing, as much work and no.
    pub fn opens(&self, sealed: Option<&Sealed>) -> bool {
        // Longer than any that was ever sealed, and not worth the work.
        if self.0.len() > limits::PASSWORD_MAX.saturating_mul(4) {
            return false;
        }
        let text = sealed.map_or(DECOY, |sealed| &sealed.0);
        let fits =
            hasher().and_then(|hasher| hasher.verify_password(self.0.as_bytes(), text)).is_ok();
        fits && sealed.is_some()
    }
}

impl Sealed {
    /// As the store has it.
    pub fn kept(text: impl Into<String>) -> Sealed {
        Sealed(text.into())
    }

    /// For the store, and for nothing else.
    pub fn text(&self) -> &str {
        &self.0
    }
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let (memory, passes) = (limits::ARGON2_MEMORY_KIB, limits::ARGON2_PASSES);
    let params = Params::new(memory, passes, limits::ARGON2_LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> UserId {
        UserId::read("li.na").unwrap()
    }

    fn sealed(text: &str) -> Result<Sealed, PasswordFault> {
        Password::typed(text).seal(&user())
    }

    #[test]
    fn a_password_opens_what_it_sealed_and_nothing_else_does() {
        let kept = sealed("correct horse").unwrap();
        let kept = Sealed::kept(kept.text());
        assert!(Password::typed("correct horse").opens(Some(&kept)));
        assert!(!Password::typed("Correct horse").opens(Some(&kept)));
        assert!(!Password::typed("").opens(Some(&kept)));
        assert!(!Password::typed("correct horse").opens(None));
        assert!(!Password::typed("correct horse").opens(Some(&Sealed::kept("nonsense"))));
    }

    #[test]
    fn the_same_password_is_never_kept_twice_alike() {
        assert_ne!(sealed("correct horse").unwrap(), sealed("correct horse").unwrap());
    }

    #[test]
    fn a_password_has_the_least_length_and_any_characters() {
        assert!(sealed(&"a".repeat(limits::PASSWORD_MIN)).is_ok());
        assert!(sealed(&"密".repeat(limits::PASSWORD_MIN)).is_ok());
        let short = "a".repeat(limits::PASSWORD_MIN - 1);
        assert_eq!(sealed(&short), Err(PasswordFault::Short));
        assert!(sealed(&"a".repeat(limits::PASSWORD_MAX)).is_ok());
        let long = "a".repeat(limits::PASSWORD_MAX + 1);
        assert_eq!(sealed(&long), Err(PasswordFault::Long));
    }

    #[test]
    fn the_users_own_name_is_no_password() {
        for holds in ["li.na-li.na-li.na", "my name is LI.NA!"] {
            assert_eq!(sealed(holds), Err(PasswordFault::HoldsName));
        }
    }

    /// Otherwise the time of an answer says whose names there are.
    #[test]
    fn a_name_that_nobody_has_costs_the_work_of_one_that_somebody_has() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        let kept = sealed("correct horse").unwrap();
        let real = PasswordHash::new(kept.text()).unwrap();
        assert_eq!((decoy.algorithm, decoy.version), (real.algorithm, real.version));
        assert_eq!(decoy.params, real.params);
        let length = |hash: &PasswordHash| hash.hash.as_ref().map(|hash| hash.as_bytes().len());
        assert_eq!(length(&decoy), length(&real));
        assert!(kept.text().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "OWASP's choice");
    }

    #[test]
    fn what_is_made_is_long_legible_and_never_the_same() {
        let (one, two) = (Password::made().unwrap(), Password::made().unwrap());
        assert_ne!(one, two);
        assert!(one.seal(&user()).is_ok());
        assert_eq!(one.reveal_once().len(), MADE + MADE / 4 - 1);
        assert!(!one.reveal_once().contains(['l', 'i', 'o', '0', '1']));
    }

    #[test]
    fn neither_a_password_nor_its_hash_is_shown() {
        let password = Password::typed("correct horse");
        let kept = password.seal(&user()).unwrap();
        let shown = format!("{password:?} {kept:?} {:?}", Some(&password));
        assert!(!shown.contains("horse") && !shown.contains("argon2"), "{shown}");
    }
}
