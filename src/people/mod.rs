//! Who may sign in, and who may do what: accounts, roles, passwords, sessions.
//!
//! Accounts are never changed and never deleted: they are what follows from the events of the
//! store, folded. Nothing here reads a clock, a disk or a socket; a moment comes from outside, so
//! that every pause and every expiry can be tested with made-up time. Refuses: a password that is
//! short or holds the user's name, an administrator who also decides about blood, a session that
//! was idle or is old, and whoever guesses more often than a person mistypes. Passwords, tokens and
//! hashes are shown by nothing, not even by `Debug`.

mod account;
mod change;
mod guard;
mod password;
mod role;
mod sessions;
mod throttle;
mod token;
mod user_id;

pub use account::{Account, Accounts, Standing, fold};
pub use change::{Change, Event, NewAccount, Unreadable};
pub use guard::{Actor, Refusal};
pub use password::{Password, PasswordFault, Sealed};
pub use role::{Duty, MixedRoles, Role, Roles};
pub use sessions::{Ended, Lifetimes, NoRandom, Session, Sessions};
pub use throttle::{Act, Pause, Throttle};
pub use token::Token;
pub use user_id::{FullName, NameFault, UserId};
