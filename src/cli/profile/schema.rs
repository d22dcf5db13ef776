//! `hemogate profile schema`: the JSON Schema of the profile language, for an editor.

use std::process::ExitCode;

use super::super::say::say;
use crate::workshop::schema;

/// Runs `hemogate profile schema`.
pub fn run() -> ExitCode {
    say(schema::PROFILE.trim_end());
    ExitCode::SUCCESS
}
