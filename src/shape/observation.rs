//! One observation as JSON: printed by `decode`, served over HTTP, kept in the store.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::{
    Assay, Concern, DonationNumber, Effect, InstrumentTime, Observation, Reading, ResultStatus,
    SpecimenKind, Unaccounted,
};

/// An observation as JSON. The fields are those of [`Observation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservationShape {
    /// `donor`, `control`, `calibration` or `other`.
    pub kind: String,
    /// Specimen id, padding removed.
    pub specimen_id: Option<String>,
    /// Donation number in canonical form.
    pub din: Option<String>,
    /// Rack as reported.
    pub rack: Option<String>,
    /// Position as reported.
    pub position: Option<String>,
    /// The analyser's test code.
    pub test_code: String,
    /// Assay id.
    pub assay: Option<String>,
    /// The value as sent.
    pub value: Option<String>,
    /// The number in the value, in `unit`; the text as sent stands in `value`.
    pub number: Option<f64>,
    /// Unit as sent, or the one that the profile converts it to.
    pub unit: Option<String>,
    /// `nonreactive`, `reactive`, `grey_zone`, `invalid`, a group, or null.
    pub reading: Option<String>,
    /// Flags as sent.
    pub flags: Vec<String>,
    /// `final`, `corrected`, `preliminary`, `failed`, `pending`, `partial`, `retransmitted`,
    /// `withdrawn` or `questionable`.
    pub status: Option<String>,
    /// ISO 8601, with an offset only where the analyser sent one.
    pub completed_at: Option<String>,
    /// Reagent lot.
    pub reagent_lot: Option<String>,
    /// Replicate or run number.
    pub replicate: Option<String>,
    /// Who worked at the analyser; left out where nobody is named, as are the three after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// ISO 8601, as `completed_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// Lot of a control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_lot: Option<String>,
    /// ISO 8601 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reagent_expiry: Option<String>,
    /// What was not understood, with byte offsets in the message.
    pub unaccounted: Vec<UnaccountedShape>,
    /// What the profile knows to be wrong with the result.
    pub concerns: Vec<ConcernShape>,
}

/// A piece that was not understood, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnaccountedShape {
    /// Byte offset in the message.
    pub offset: usize,
    /// Where in the record structure.
    pub path: String,
    /// What stands there.
    pub text: String,
    /// Why it could not be placed.
    pub why: String,
}

/// A concern as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcernShape {
    /// Stable code.
    pub code: String,
    /// `invalidates` or `holds`.
    pub effect: String,
    /// What was seen.
    pub text: String,
}

/// A stored observation that cannot be read back: the store is damaged or from a newer version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("stored observation: {field} is {value:?}, which this version does not know")]
pub struct ShapeError {
    /// The field.
    pub field: &'static str,
    /// What it held.
    pub value: String,
}

impl From<&Observation> for ObservationShape {
    fn from(o: &Observation) -> Self {
        ObservationShape {
            kind: o.kind.id().to_owned(),
            specimen_id: o.specimen_id.clone(),
            din: o.din.as_ref().map(|din| din.as_str().to_owned()),
            rack: o.rack.clone(),
            position: o.position.clone(),
            test_code: o.test_code.clone(),
            assay: o.assay.map(|assay| assay.id().to_owned()),
            value: o.value.clone(),
            number: o.number.and_then(|number| number.to_f64()),
            unit: o.unit.clone(),
            reading: o.reading.map(|reading| reading.id().to_owned()),
            flags: o.flags.clone(),
            status: o.status.map(|status| status.id().to_owned()),
            completed_at: o.completed_at.as_ref().map(completed_at_text),
            reagent_lot: o.reagent_lot.clone(),
            replicate: o.replicate.clone(),
            operator: o.operator.clone(),
            started_at: o.started_at.as_ref().map(completed_at_text),
            control_lot: o.control_lot.clone(),
            reagent_expiry: o.reagent_expiry.map(|day| day.to_string()),
            unaccounted: o.unaccounted.iter().map(UnaccountedShape::from).collect(),
            concerns: o.concerns.iter().map(ConcernShape::from).collect(),
        }
    }
}

impl From<&Unaccounted> for UnaccountedShape {
    fn from(u: &Unaccounted) -> Self {
        UnaccountedShape {
            offset: u.offset,
            path: u.path.clone(),
            text: u.text.clone(),
            why: u.why.clone(),
        }
    }
}

impl From<&Concern> for ConcernShape {
    fn from(c: &Concern) -> Self {
        ConcernShape {
            code: c.code.clone(),
            effect: c.effect.id().to_owned(),
            text: c.text.clone(),
        }
    }
}

/// An analyser's time as ISO 8601, with an offset only where one was sent.
pub fn completed_at_text(time: &InstrumentTime) -> String {
    match time.offset {
        Some(offset) => {
            let seconds = offset.seconds();
            let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
            format!("{}{sign}{:02}:{:02}", time.civil, minutes / 60, minutes % 60)
        }
        None => time.civil.to_string(),
    }
}

impl ObservationShape {
    /// The observation this was made from. `number` is kept beside the JSON, because JSON numbers
    /// are not exact.
    ///
    /// # Errors
    /// A word in it that this version does not know.
    pub fn restore(self, number: Option<Decimal>) -> Result<Observation, ShapeError> {
        Ok(Observation {
            kind: known("kind", SpecimenKind::from_id, self.kind)?,
            specimen_id: self.specimen_id,
            din: self.din.map(DonationNumber::restored),
            rack: self.rack,
            position: self.position,
            test_code: self.test_code,
            assay: known_or_none("assay", Assay::from_id, self.assay)?,
            value: self.value,
            number,
            unit: self.unit,
            reading: known_or_none("reading", Reading::from_id, self.reading)?,
            flags: self.flags,
            status: known_or_none("status", ResultStatus::from_id, self.status)?,
            completed_at: known_or_none("completed_at", parse_completed_at, self.completed_at)?,
            reagent_lot: self.reagent_lot,
            replicate: self.replicate,
            operator: self.operator,
            started_at: known_or_none("started_at", parse_completed_at, self.started_at)?,
            control_lot: self.control_lot,
            reagent_expiry: known_or_none("reagent_expiry", parse_day, self.reagent_expiry)?,
            unaccounted: self.unaccounted.into_iter().map(UnaccountedShape::restore).collect(),
            concerns: self
                .concerns
                .into_iter()
                .map(ConcernShape::restore)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl UnaccountedShape {
    fn restore(self) -> Unaccounted {
        Unaccounted { offset: self.offset, path: self.path, text: self.text, why: self.why }
    }
}

impl ConcernShape {
    fn restore(self) -> Result<Concern, ShapeError> {
        let effect = known("concerns.effect", Effect::from_id, self.effect)?;
        Ok(Concern { code: self.code, effect, text: self.text })
    }
}

fn known<T>(
    field: &'static str,
    read: impl Fn(&str) -> Option<T>,
    value: String,
) -> Result<T, ShapeError> {
    read(&value).ok_or(ShapeError { field, value })
}

fn known_or_none<T>(
    field: &'static str,
    read: impl Fn(&str) -> Option<T>,
    value: Option<String>,
) -> Result<Option<T>, ShapeError> {
    value.map(|value| known(field, read, value)).transpose()
}

fn parse_day(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn parse_completed_at(text: &str) -> Option<InstrumentTime> {
    let Some((civil, offset)) = text.split_at_checked(text.len().saturating_sub(6)) else {
        return civil_only(text);
    };
    let Some(offset) = parse_offset(offset) else { return civil_only(text) };
    Some(InstrumentTime { civil: civil.parse().ok()?, offset: Some(offset) })
}

fn civil_only(text: &str) -> Option<InstrumentTime> {
    Some(InstrumentTime { civil: text.parse::<DateTime>().ok()?, offset: None })
}

fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let minutes = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
    Offset::from_seconds(sign * minutes * 60).ok()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instrument_times_survive_the_round_trip() {
        for text in
            ["2026-01-01T12:00:00", "2026-01-01T12:00:00+08:00", "2026-01-01T00:00:05-03:30"]
        {
            assert_eq!(completed_at_text(&parse_completed_at(text).unwrap()), text);
        }
        assert_eq!(parse_completed_at("yesterday"), None);
    }

    fn text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of(".{0,12}")
    }

    fn any_observation() -> impl Strategy<Value = Observation> {
        let texts = proptest::array::uniform10(text());
        let number = proptest::option::of((any::<i64>(), 0_u32..=28));
        let time = proptest::option::of((0_i64..4_000_000_000, -1_439_i32..=1_439));
        let words = (0..Assay::ALL.len(), 0..ResultStatus::ALL.len(), vec(".{0,8}", 0..4));
        (texts, number, time, words).prop_map(|(texts, number, time, (assay, status, words))| {
            let [specimen_id, din, rack, position, value, unit, lots @ ..] = texts;
            let [reagent_lot, replicate, operator, control_lot] = lots;
            let time = time.map(|(seconds, minutes)| instrument_time(seconds, minutes));
            Observation {
                kind: SpecimenKind::Donor,
                specimen_id,
                din: din.map(DonationNumber::restored),
                rack,
                position,
                test_code: words.concat(),
                assay: Assay::ALL.get(assay).copied(),
                value,
                number: number.map(|(digits, scale)| Decimal::new(digits, scale)),
                unit,
                reading: Some(Reading::GreyZone),
                flags: words.clone(),
                status: ResultStatus::ALL.get(status).copied(),
                completed_at: time,
                reagent_lot,
                replicate,
                operator,
                started_at: time,
                control_lot,
                reagent_expiry: time.map(|time| time.civil.date()),
                unaccounted: words.iter().map(|word| unaccounted(word)).collect(),
                concerns: words.iter().map(|word| concern(word)).collect(),
            }
        })
    }

    fn instrument_time(seconds: i64, minutes: i32) -> InstrumentTime {
        let offset = Offset::from_seconds(minutes * 60).unwrap();
        let civil = offset.to_datetime(jiff::Timestamp::from_second(seconds).unwrap());
        InstrumentTime { civil, offset: (minutes % 3 != 0).then_some(offset) }
    }

    fn unaccounted(word: &str) -> Unaccounted {
        let path = "R[1].9".to_owned();
        Unaccounted { offset: word.len(), path, text: word.to_owned(), why: word.to_owned() }
    }

    fn concern(word: &str) -> Concern {
        Concern { code: word.to_owned(), effect: Effect::Holds, text: word.to_owned() }
    }

    #[test]
    fn what_an_older_version_wrote_is_read_and_written_as_it_was() {
        let texts = [
            "kind",
            "specimen_id",
            "din",
            "rack",
            "position",
            "test_code",
            "assay",
            "value",
            "number",
            "unit",
            "reading",
            "flags",
            "status",
            "completed_at",
            "reagent_lot",
            "replicate",
            "unaccounted",
            "concerns",
        ];
        let value = |key| match key {
            "kind" => "\"donor\"",
            "test_code" => "\"1\"",
            "flags" | "unaccounted" | "concerns" => "[]",
            _ => "null",
        };
        let entries: Vec<String> =
            texts.iter().map(|key| format!("\"{key}\":{}", value(*key))).collect();
        let old = format!("{{{}}}", entries.join(","));
        let shape: ObservationShape = serde_json::from_str(&old).unwrap();
        let observation = shape.restore(None).unwrap();
        assert_eq!(observation.reagent_expiry, None);
        let again = serde_json::to_string(&ObservationShape::from(&observation)).unwrap();
        assert_eq!(again, old);
    }

    proptest! {
        #[test]
        fn what_is_stored_is_read_back_exactly(observation in any_observation()) {
            let text = serde_json::to_string(&ObservationShape::from(&observation)).unwrap();
            let number = observation.number.map(|number| number.to_string().parse().unwrap());
            let shape: ObservationShape = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(shape.restore(number).unwrap(), observation);
        }
    }
}
