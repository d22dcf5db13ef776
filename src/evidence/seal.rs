//! A dossier made into a bundle: content, a hash of each of its fields, and a signature over both.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::form::Content;
use super::{Dossier, SiteKey, canonical, hashes};
use crate::limits;

/// Why no bundle was made.
#[derive(Debug, Error)]
pub enum Unsealable {
    /// Something has no JSON.
    #[error("the bundle cannot be written: {0}")]
    Unwritable(#[from] serde_json::Error),
    /// It would be longer than what is read.
    #[error(
        "the bundle would be {0} bytes long; no more than {max} are verified",
        max = limits::EVIDENCE_MAX
    )]
    TooLong(usize),
}

/// The bundle of a dossier, as text.
///
/// # Errors
/// See [`Unsealable`].
pub fn seal(dossier: &Dossier, made_at: Timestamp, key: &SiteKey) -> Result<String, Unsealable> {
    let content = Content::of(dossier, &made_at.to_string());
    let text = sealed(serde_json::to_value(content)?, key);
    match text.len() {
        length if length > limits::EVIDENCE_MAX => Err(Unsealable::TooLong(length)),
        _ => Ok(text),
    }
}

fn sealed(content: Value, key: &SiteKey) -> String {
    let hashes = hashes::of_fields(&content);
    let mut bundle = Map::new();
    bundle.insert("content".to_owned(), content);
    bundle.insert("hashes".to_owned(), json!(hashes));
    let signed = canonical::text(&Value::Object(bundle.clone()));
    let signature = json!({
        "algorithm": ALGORITHM,
        "key": key.public().to_string(),
        "value": key.sign(signed.as_bytes()),
    });
    bundle.insert("signature".to_owned(), signature);
    canonical::text(&Value::Object(bundle)) + "\n"
}

/// The one algorithm there is.
pub(super) const ALGORITHM: &str = "Ed25519";
