//! Who records something here says once more who they are, at that moment.

use super::form::Filled;
use crate::console::sign::{self, Signed};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};

/// Refused where the visitor may not record it, or did not give their password again.
pub(super) async fn signed(
    state: &ConsoleState,
    visitor: &Visitor,
    filled: &Filled,
) -> Result<Signed, Trouble> {
    visitor.must(Duty::Quality)?;
    match filled.as_typed("password") {
        "" => filled.refuse("quality-refused-blank", "password"),
        password => sign::check(state, visitor, password).await,
    }
}
