//! A form as it came: names and values in their order.

use axum::Form;
use axum::extract::{FromRequest, Request};

use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;

/// The fields of a form.
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

/// Reads a form. That it came from a page of the visitor's session is looked at before.
pub(super) async fn fields(state: &ConsoleState, request: Request) -> Result<Fields, Trouble> {
    let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
    form.map(|Form(pairs)| Fields(pairs))
        .map_err(|rejection| Trouble::Refused("racks-form", rejection.to_string()))
}
