//! Who records something here says once more who they are, at that moment.

use super::form::Filled;
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};

/// The user id that a record is made by; refused where the visitor may not do it or did not give
/// their password again.
pub(super) async fn signed(
    _state: &ConsoleState,
    visitor: &Visitor,
    filled: &Filled,
) -> Result<String, Trouble> {
    visitor.must(Duty::Quality)?;
    match filled.raw("password") {
        "" => filled.refuse("quality-refused-blank", "password"),
        _ => Ok(visitor.user.clone()),
    }
}
