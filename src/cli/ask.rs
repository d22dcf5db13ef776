//! Asking a running daemon over HTTP, with words for people where it does not answer.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ureq::http::Response;
use ureq::{Agent, Body};

/// Longest answer awaited, long poll included.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Why there is no answer, in words.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// Nobody answers there.
    Away(String),
    /// The daemon refuses: the question is wrong.
    Refused(Refusal),
}

/// Why the daemon refuses.
#[derive(Debug)]
pub(super) struct Refusal {
    /// In words.
    pub(super) words: String,
    /// One for each field that is wrong, where fields are.
    pub(super) errors: Vec<FieldFault>,
}

/// A field that is wrong.
#[derive(Debug, Deserialize)]
pub(super) struct FieldFault {
    /// As in the JSON that was sent.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) detail: String,
}

/// A daemon's interface. Blocks: call it on threads that may.
#[derive(Debug)]
pub(super) struct Daemon {
    agent: Agent,
    http: String,
}

/// An answer that is not good.
#[derive(Deserialize)]
struct Problem {
    detail: String,
    #[serde(default)]
    errors: Vec<FieldFault>,
}

impl Daemon {
    /// The one at `HOST:PORT`.
    pub(super) fn at(http: &str) -> Daemon {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_WAIT))
            .build()
            .new_agent();
        Daemon { agent, http: http.to_owned() }
    }

    /// What stands at a path.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Unanswered> {
        let url = format!("http://{}{path}", self.http);
        let response = self.agent.get(&url).call().map_err(|error| self.away(&error))?;
        self.answer(&url, response)
    }

    /// What is answered to a body at a path.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Unanswered> {
        let url = format!("http://{}{path}", self.http);
        let sent = self.agent.post(&url).send_json(body);
        self.answer(&url, sent.map_err(|error| self.away(&error))?)
    }

    fn answer<T: DeserializeOwned>(
        &self,
        url: &str,
        mut response: Response<Body>,
    ) -> Result<T, Unanswered> {
        let status = response.status();
        let body = response.body_mut();
        if status.is_success() {
            return body.read_json().map_err(|error| self.away(&error));
        }
        let (words, errors) = match body.read_json::<Problem>() {
            Ok(problem) => (problem.detail, problem.errors),
            Err(_) => {
                (format!("{url} answers {status}: is it a hemogate of this version?"), Vec::new())
            }
        };
        Err(if status.is_client_error() {
            Unanswered::Refused(Refusal { words, errors })
        } else {
            Unanswered::Away(words)
        })
    }

    fn away(&self, error: &ureq::Error) -> Unanswered {
        Unanswered::Away(format!(
            "no daemon answers at {}: {error}: is hemogate serve running, and is this its \
             http.listen (--http HOST:PORT)?",
            self.http
        ))
    }
}

impl Unanswered {
    /// The words.
    pub(super) fn words(&self) -> &str {
        match self {
            Unanswered::Away(words) | Unanswered::Refused(Refusal { words, .. }) => words,
        }
    }
}

/// A text as one piece of a path (RFC 3986 2.1).
pub(super) fn path_piece(text: &str) -> String {
    let piece = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_piece_of_a_path() {
        assert_eq!(path_piece("e601-2"), "e601-2");
        assert_eq!(path_piece("a/b c?化"), "a%2Fb%20c%3F%E5%8C%96");
    }
}
