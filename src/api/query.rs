//! Parameters of an address: each known, each once, each a whole number where one is due.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::http::Uri;

use super::problem::{FieldFault, Problem};

/// The parameters of one address. Collects what is wrong; [`Parameters::finish`] tells it.
pub(super) struct Parameters {
    given: BTreeMap<String, String>,
    faults: Vec<FieldFault>,
}

impl Parameters {
    pub(super) fn of(uri: &Uri) -> Result<Parameters, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|_| {
            Problem::parameters(vec![FieldFault::new("query", "is not of the form name=value")])
        })?;
        let mut parameters = Parameters { given: BTreeMap::new(), faults: Vec::new() };
        for (name, value) in pairs.0 {
            if parameters.given.insert(name.clone(), value).is_some() {
                parameters.faults.push(FieldFault::new(&name, "is given twice"));
            }
        }
        Ok(parameters)
    }

    /// A text, marked as known.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.given.remove(name)
    }

    /// A whole number of at least `least`, or the usual one. Never above `i64::MAX`.
    pub(super) fn number(&mut self, name: &str, least: u64, usual: u64) -> u64 {
        let Some(text) = self.given.remove(name) else { return usual };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok());
        match number.filter(|number| digits && *number >= least) {
            Some(number) => number,
            None => {
                let wrong = format!("{text:?} is not a whole number from {least} on");
                self.fault(name, wrong);
                usual
            }
        }
    }

    /// Reports a parameter.
    pub(super) fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(FieldFault::new(name, detail));
    }

    /// Tells everything that is wrong, unknown parameters included.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        let unknown = std::mem::take(&mut self.given).into_keys();
        self.faults.extend(unknown.map(|name| FieldFault::new(&name, "is not a known parameter")));
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::parameters(self.faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(query: &str) -> Parameters {
        Parameters::of(&format!("/x?{query}").parse().unwrap()).unwrap()
    }

    #[test]
    fn numbers_are_whole_and_within_their_bounds() {
        let mut given = parameters("a=0&b=9223372036854775807&c=1");
        assert_eq!(given.number("a", 0, 5), 0);
        assert_eq!(given.number("b", 0, 5), i64::MAX as u64);
        assert_eq!(given.number("c", 1, 5), 1);
        assert_eq!(given.number("absent", 1, 5), 5);
        assert!(given.finish().is_ok());
        for wrong in ["a=-1", "a=9223372036854775808", "a=", "a=1.5", "a=%2B1", "a=x", "a=1&a=2"] {
            let mut given = parameters(wrong);
            given.number("a", 0, 5);
            assert!(given.finish().is_err(), "{wrong}");
        }
        let mut given = parameters("a=0");
        given.number("a", 1, 5);
        assert!(given.finish().is_err());
    }

    #[test]
    fn a_parameter_nobody_knows_is_refused() {
        assert!(parameters("afer=3").finish().is_err());
    }
}
