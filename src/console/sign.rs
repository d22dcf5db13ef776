//! The moment of signing: whoever signs proves once more who they are.
//!
//! A [`Signed`] is made nowhere else, so that what needs one cannot be done without a password
//! typed at this moment. Wrong ones pause as at the door; after some in a row the person is signed
//! out, because the one at the desk may be another.

use super::door::Denied;
use super::state::ConsoleState;
use super::trouble::Trouble;
use super::visitor::Visitor;
use crate::limits;
use crate::people::{Act, Password, UserId};

/// Somebody proved who they are, just now.
#[derive(Debug)]
pub(super) struct Signed {
    user: UserId,
}

impl Signed {
    /// The user id that the record is made by.
    pub(super) fn by(&self) -> &str {
        self.user.as_str()
    }
}

/// Asks for the visitor's password once more.
pub(super) async fn check(
    state: &ConsoleState,
    visitor: &Visitor,
    password: &str,
) -> Result<Signed, Trouble> {
    let (door, user) = (&state.door, visitor.id());
    let proved = door.prove(user.as_str(), Password::typed(password), Act::Sign).await?;
    match proved {
        Ok(user) => Ok(Signed { user }),
        Err(Denied::Pause(left)) => {
            Err(Trouble::Refused("people-sign-pause", seconds(left).to_string()))
        }
        Err(Denied::Wrong) if door.wrong_signatures(user) >= limits::WRONG_SIGNATURES_MAX => {
            door.end_all(user);
            Err(Trouble::NotSignedIn)
        }
        Err(Denied::Wrong) => Err(Trouble::Refused("people-sign-wrong", String::new())),
        Err(Denied::Standing(_)) => Err(Trouble::NotSignedIn),
    }
}

/// Whole seconds, never none while there is some time left.
pub(super) fn seconds(left: std::time::Duration) -> u64 {
    left.as_secs().saturating_add(u64::from(left.subsec_nanos() > 0))
}
