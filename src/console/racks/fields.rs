//! A form as it came: names and values in their order.

use axum::Form;
use axum::extract::{FromRequest, Request};

use crate::console::page::Page;
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::Visitor;

/// The fields of a form that came from a page of this visitor.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a name; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The same without blanks around it.
    pub(super) fn trimmed(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// Every value of a name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a form; refused where it does not bring back what the page gave this visitor.
pub(super) async fn fields(
    state: &ConsoleState,
    visitor: &Visitor,
    request: Request,
) -> Result<Fields, Trouble> {
    let refused = |why: String| Trouble::Refused("racks-form", why);
    let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
    let Form(pairs) = form.map_err(|rejection| refused(rejection.to_string()))?;
    let fields = Fields(pairs);
    match fields.get("csrf") == Page::new(Some(visitor), "racks").csrf() {
        true => Ok(fields),
        false => Err(Trouble::NotSignedIn),
    }
}
