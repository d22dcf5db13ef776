//! The style sheet and the script, as they come with the program.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::trouble::Trouble;

const ASSETS: [(&str, &str, &str); 4] = [
    ("console.css", "text/css; charset=utf-8", include_str!("assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("assets/console.js")),
    ("rack.css", "text/css; charset=utf-8", include_str!("assets/rack.css")),
    ("scan.js", "text/javascript; charset=utf-8", include_str!("assets/scan.js")),
];

/// One of them. Kept by the browser until the next start of it: a new version has a new address.
pub(super) async fn one(Path(name): Path<String>) -> Result<Response, Trouble> {
    let found = ASSETS.iter().find(|(known, ..)| *known == name);
    let Some((_, kind, text)) = found else { return Err(Trouble::NotFound(name)) };
    Ok(([(CONTENT_TYPE, *kind), (CACHE_CONTROL, "max-age=3600")], *text).into_response())
}
