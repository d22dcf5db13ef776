//! Records as JSON from outside: taken apart strictly, every fault of every record named at once.
//!
//! What a field may be called and whether it is a text, a number or a list stands here; what the
//! words in it may be, `shape` knows. Refuses: who does not say who they are, more than
//! [`limits::RECORDS_PER_REQUEST_MAX`] records, a donation number that is none of this site, and
//! everything that needs people who signed in at the console.

use serde_json::{Map, Value};

use super::problem::{FieldFault, Problem};
use super::registration::unreadable;
use crate::domain::{DonationNumber, DonationNumberScheme, Record};
use crate::limits;
use crate::shape::{RecordShape, console_only};

/// What somebody puts on record.
#[derive(Debug)]
pub(super) struct Given {
    /// Their user id.
    pub(super) by: String,
    /// In the order given.
    pub(super) records: Vec<Record>,
}

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Text,
    Texts,
    Number,
    Flag,
    /// What a control must show.
    Expected,
    /// What is said about a donation.
    Statement,
}

/// A field, what it holds, and whether it may be left out or null.
type Field = (&'static str, Holds, bool);

const OPTIONAL: bool = true;
const REQUIRED: bool = false;

/// The fields of each kind of record, beside `record` itself.
const RECORDS: [(&str, &[Field]); 6] = [
    ("donation", &[("din", Holds::Text, REQUIRED), ("statement", Holds::Statement, REQUIRED)]),
    (
        "kit",
        &[
            ("profile", Holds::Text, REQUIRED),
            ("test_code", Holds::Text, REQUIRED),
            ("maker", Holds::Text, REQUIRED),
            ("name", Holds::Text, REQUIRED),
            ("containers", Holds::Texts, OPTIONAL),
            ("stability_hours", Holds::Number, OPTIONAL),
            ("pool_max", Holds::Number, OPTIONAL),
            ("controls", Holds::Texts, OPTIONAL),
        ],
    ),
    (
        "lot",
        &[
            ("profile", Holds::Text, REQUIRED),
            ("test_code", Holds::Text, REQUIRED),
            ("lot", Holds::Text, REQUIRED),
            ("standing", Holds::Text, REQUIRED),
            ("expiry", Holds::Text, OPTIONAL),
        ],
    ),
    (
        "control_target",
        &[
            ("analyser", Holds::Text, REQUIRED),
            ("test_code", Holds::Text, REQUIRED),
            ("material", Holds::Text, REQUIRED),
            ("control_lot", Holds::Text, OPTIONAL),
            ("level", Holds::Number, REQUIRED),
            ("source", Holds::Text, REQUIRED),
            ("expected", Holds::Expected, REQUIRED),
        ],
    ),
    (
        "control_failure",
        &[
            ("analyser", Holds::Text, REQUIRED),
            ("test_code", Holds::Text, REQUIRED),
            ("from", Holds::Text, REQUIRED),
            ("to", Holds::Text, REQUIRED),
        ],
    ),
    (
        "pool",
        &[
            ("id", Holds::Text, REQUIRED),
            ("members", Holds::Texts, OPTIONAL),
            ("made_by", Holds::Text, OPTIONAL),
        ],
    ),
];

/// The fields of each kind of statement, beside `says` itself.
const STATEMENTS: [(&str, &[Field]); 13] = [
    (
        "details",
        &[
            ("kind", Holds::Text, REQUIRED),
            ("autologous", Holds::Flag, OPTIONAL),
            ("sex", Holds::Text, OPTIONAL),
            ("extras", Holds::Texts, OPTIONAL),
        ],
    ),
    ("deferred", &[]),
    ("donor_record", &[("standing", Holds::Text, REQUIRED)]),
    ("earlier_occasion", &[("assay", Holds::Text, REQUIRED)]),
    ("supplemental", &[("assay", Holds::Text, REQUIRED), ("result", Holds::Text, REQUIRED)]),
    ("signature", &[("step", Holds::Text, REQUIRED)]),
    ("sample_not_received", &[]),
    ("sample_received", &[]),
    ("number_check_failed", &[]),
    ("container", &[("container", Holds::Text, REQUIRED)]),
    ("lookback", &[("standing", Holds::Text, REQUIRED)]),
    ("manual_path", &[]),
    ("reevaluated", &[("rule_set", Holds::Text, REQUIRED)]),
];

/// The three ways to say what a control must show; exactly one is given.
const EXPECTED: [Field; 3] = [
    ("reading", Holds::Text, OPTIONAL),
    ("between", Holds::Texts, OPTIONAL),
    ("distribution", Holds::Texts, OPTIONAL),
];

/// Reads a request.
pub(super) fn read(bytes: &[u8], scheme: &DonationNumberScheme) -> Result<Given, Problem> {
    let body: Value = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
    let mut faults = Faults::default();
    let given = faults.given(&body, scheme);
    given.filter(|_| faults.0.is_empty()).ok_or(Problem::fields(faults.0))
}

/// A user id: what a person is called in the records, and nothing that would hide in a log.
pub(super) fn user(text: &str) -> Option<&str> {
    let length = text.chars().count();
    let is_id = text.trim() == text && !text.chars().any(char::is_control);
    (is_id && (1..=limits::USER_ID_MAX).contains(&length)).then_some(text)
}

/// What a user id is, for people.
pub(super) fn user_wanted() -> String {
    format!("is the user id of who says it: 1 to {} characters", limits::USER_ID_MAX)
}

/// Collects what is wrong.
#[derive(Default)]
struct Faults(Vec<FieldFault>);

impl Faults {
    fn add<T>(&mut self, field: &str, detail: impl Into<String>) -> Option<T> {
        self.0.push(FieldFault::new(field, detail));
        None
    }

    fn given(&mut self, body: &Value, scheme: &DonationNumberScheme) -> Option<Given> {
        let known = ["by", "records"];
        let Value::Object(body) = body else {
            return self.add("body", "is not an object with by, records");
        };
        for name in body.keys().filter(|name| !known.contains(&name.as_str())) {
            self.add::<()>(name, "is not a known field; known are by, records");
        }
        let by = match body.get("by").and_then(Value::as_str).and_then(user) {
            Some(by) => Some(by.to_owned()),
            None => self.add("by", user_wanted()),
        };
        let records = match body.get("records") {
            Some(one @ Value::Object(_)) => {
                self.record("records", one, scheme).map(|record| vec![record])
            }
            Some(Value::Array(list)) => self.records(list, scheme),
            Some(_) | None => self.add("records", "is a record, or a list of records"),
        };
        Some(Given { by: by?, records: records? })
    }

    fn records(&mut self, list: &[Value], scheme: &DonationNumberScheme) -> Option<Vec<Record>> {
        let most = limits::RECORDS_PER_REQUEST_MAX;
        if list.is_empty() || list.len() > most {
            return self.add("records", format!("is 1 to {most} records, not {}", list.len()));
        }
        let read = |(place, one)| self.record(&format!("records[{place}]"), one, scheme);
        // Every record is looked at, so that every fault is told.
        let records: Vec<Option<Record>> = list.iter().enumerate().map(read).collect();
        records.into_iter().collect()
    }

    fn record(
        &mut self,
        place: &str,
        value: &Value,
        scheme: &DonationNumberScheme,
    ) -> Option<Record> {
        let before = self.0.len();
        self.kind(place, value, "record", &RECORDS);
        if self.0.len() > before {
            return None;
        }
        let shape: RecordShape = match serde_json::from_value(value.clone()) {
            Ok(shape) => shape,
            Err(error) => return self.add(place, error.to_string()),
        };
        let number = |text: &str| number(text, scheme);
        match shape.restore(number) {
            Ok(record) => Some(record),
            Err(error) => {
                let detail = format!("is {:?}: {}", error.value, error.may);
                self.add(&format!("{place}.{}", error.field), detail)
            }
        }
    }

    /// An object whose kind stands in its field `tag`.
    fn kind(&mut self, place: &str, value: &Value, tag: &str, kinds: &[(&str, &[Field])]) {
        let Value::Object(object) = value else {
            return self.fault(place, format!("is not an object with {tag} and its fields"));
        };
        let said = object.get(tag).and_then(Value::as_str);
        let Some((_, fields)) = kinds.iter().find(|(word, _)| Some(*word) == said) else {
            if let Some(why) = said.and_then(console_only) {
                return self.fault(&format!("{place}.{tag}"), why);
            }
            let words: Vec<&str> = kinds.iter().map(|(word, _)| *word).collect();
            return self
                .fault(&format!("{place}.{tag}"), format!("is one of {}", words.join(", ")));
        };
        self.unknown(place, object, tag, fields);
        for (name, holds, optional) in *fields {
            let place = format!("{place}.{name}");
            match object.get(*name) {
                None | Some(Value::Null) if *optional => {}
                None => self.fault(&place, "is missing"),
                Some(value) => self.holds(&place, value, *holds),
            }
        }
    }

    fn unknown(&mut self, place: &str, object: &Map<String, Value>, tag: &str, fields: &[Field]) {
        let is_known = |name: &str| name == tag || fields.iter().any(|(known, ..)| *known == name);
        for name in object.keys().filter(|name| !is_known(name)) {
            let known: Vec<&str> =
                [tag].into_iter().chain(fields.iter().map(|(known, ..)| *known)).collect();
            let known = known.join(", ");
            self.fault(&format!("{place}.{name}"), format!("is not a known field; known: {known}"));
        }
    }

    fn holds(&mut self, place: &str, value: &Value, holds: Holds) {
        let wrong = match holds {
            Holds::Text => (!value.is_string()).then_some("is not a text"),
            Holds::Flag => (!value.is_boolean()).then_some("is true or false"),
            Holds::Number => {
                let fits = value.as_u64().is_some_and(|number| u32::try_from(number).is_ok());
                (!fits).then_some("is not a whole number from 0 on")
            }
            Holds::Texts => {
                let texts = value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
                (!texts).then_some("is not a list of texts")
            }
            Holds::Expected => return self.expected(place, value),
            Holds::Statement => return self.kind(place, value, "says", &STATEMENTS),
        };
        if let Some(wrong) = wrong {
            self.fault(place, wrong);
        }
    }

    fn expected(&mut self, place: &str, value: &Value) {
        let wanted = "is one of {\"reading\": \"...\"}, {\"between\": [low, high]}, \
                      {\"distribution\": [mean, deviation]}, numbers as texts";
        let only = value.as_object().filter(|object| object.len() == 1);
        let Some((name, inner)) = only.and_then(|object| object.iter().next()) else {
            return self.fault(place, wanted);
        };
        let Some((_, holds, _)) = EXPECTED.iter().find(|(known, ..)| known == name) else {
            return self.fault(place, wanted);
        };
        let place = format!("{place}.{name}");
        self.holds(&place, inner, *holds);
        let two = inner.as_array().is_none_or(|list| list.len() == 2);
        if !two {
            self.fault(&place, "is not two numbers");
        }
    }

    fn fault(&mut self, field: &str, detail: impl Into<String>) {
        self.0.push(FieldFault::new(field, detail));
    }
}

fn number(text: &str, scheme: &DonationNumberScheme) -> Option<DonationNumber> {
    scheme.parse(text).ok().map(|scanned| scanned.din)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_id_is_at_the_bound_taken_and_one_past_refused() {
        let most = "\u{674e}".repeat(limits::USER_ID_MAX);
        assert_eq!(user(&most), Some(most.as_str()));
        for wrong in [&format!("{most}x"), "", " li", "li\n"] {
            assert_eq!(user(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn as_many_records_as_the_bound_says_and_no_more() {
        let deferred = json!({
            "record": "donation", "din": "G123498654321", "statement": { "says": "deferred" },
        });
        let read = |count: usize| {
            let body = json!({ "by": "li", "records": vec![deferred.clone(); count] });
            super::read(body.to_string().as_bytes(), &DonationNumberScheme::Isbt128)
        };
        let most = limits::RECORDS_PER_REQUEST_MAX;
        assert_eq!(read(most).unwrap().records.len(), most);
        assert!(read(most + 1).is_err());
        assert!(read(0).is_err());
    }
}
