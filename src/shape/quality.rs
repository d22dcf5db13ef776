//! What the quality department puts on record, as JSON.

use serde::{Deserialize, Serialize};

use crate::domain::{Assay, EqaOutcome, EqaRecord, EqaStep, RunRecord};

use super::record_error::{RecordError, day, said, time, word, words};

/// A run judged by a person, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunShape {
    /// Analyser id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// Plate or run as the analyser names it.
    #[serde(default)]
    pub plate: String,
    /// RFC 3339.
    pub from: String,
    /// RFC 3339.
    pub to: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Why.
    pub text: String,
}

/// A step of a round of external quality assessment, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EqaShape {
    /// Who runs the scheme.
    pub scheme: String,
    /// The round.
    pub round: String,
    /// What happened.
    pub step: EqaStepShape,
}

/// What happens in a round, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EqaStepShape {
    /// Samples came.
    Opened {
        /// Assay ids.
        assays: Vec<String>,
        /// ISO 8601.
        due: String,
    },
    /// What we reported.
    Reported {
        /// The sample.
        sample: String,
        /// Assay id.
        assay: String,
        /// Our result.
        result: String,
    },
    /// What the scheme says of it.
    Assessed {
        /// The sample.
        sample: String,
        /// Assay id.
        assay: String,
        /// What was expected.
        expected: String,
        /// `acceptable`, `questionable` or `unacceptable`.
        outcome: String,
    },
    /// The round is over; what was done about it.
    Closed(String),
}

impl From<&RunRecord> for RunShape {
    fn from(run: &RunRecord) -> Self {
        RunShape {
            analyser: run.analyser.clone(),
            test_code: run.test_code.clone(),
            plate: run.plate.clone(),
            from: run.from.to_string(),
            to: run.to.to_string(),
            accepted: run.accepted,
            text: run.text.clone(),
        }
    }
}

impl RunShape {
    pub(super) fn restore(self) -> Result<RunRecord, RecordError> {
        let (from, to) = (time("from", &self.from)?, time("to", &self.to)?);
        if from > to {
            return Err(RecordError::new("to", &self.to, "a time that is not before `from`"));
        }
        Ok(RunRecord {
            analyser: said("analyser", self.analyser)?,
            test_code: said("test_code", self.test_code)?,
            plate: self.plate,
            from,
            to,
            accepted: self.accepted,
            text: said("text", self.text)?,
        })
    }
}

impl From<&EqaRecord> for EqaShape {
    fn from(record: &EqaRecord) -> Self {
        let step = match &record.step {
            EqaStep::Opened { assays, due } => EqaStepShape::Opened {
                assays: assays.iter().map(|assay| assay.id().to_owned()).collect(),
                due: due.to_string(),
            },
            EqaStep::Reported { sample, assay, result } => EqaStepShape::Reported {
                sample: sample.clone(),
                assay: assay.id().to_owned(),
                result: result.clone(),
            },
            EqaStep::Assessed { sample, assay, expected, outcome } => EqaStepShape::Assessed {
                sample: sample.clone(),
                assay: assay.id().to_owned(),
                expected: expected.clone(),
                outcome: outcome.id().to_owned(),
            },
            EqaStep::Closed(what) => EqaStepShape::Closed(what.clone()),
        };
        EqaShape { scheme: record.scheme.clone(), round: record.round.clone(), step }
    }
}

impl EqaShape {
    pub(super) fn restore(self) -> Result<EqaRecord, RecordError> {
        let assay = |text: &str| word("assay", &Assay::ALL, Assay::id, text);
        let step = match self.step {
            EqaStepShape::Opened { assays, due } => EqaStep::Opened {
                assays: words("assays", &Assay::ALL, Assay::id, &assays)?,
                due: day("due", &due)?,
            },
            EqaStepShape::Reported { sample, assay: text, result } => EqaStep::Reported {
                sample: said("sample", sample)?,
                assay: assay(&text)?,
                result: said("result", result)?,
            },
            EqaStepShape::Assessed { sample, assay: text, expected, outcome } => {
                EqaStep::Assessed {
                    sample: said("sample", sample)?,
                    assay: assay(&text)?,
                    expected: said("expected", expected)?,
                    outcome: word("outcome", &EqaOutcome::ALL, EqaOutcome::id, &outcome)?,
                }
            }
            EqaStepShape::Closed(what) => EqaStep::Closed(said("closed", what)?),
        };
        let (scheme, round) = (said("scheme", self.scheme)?, said("round", self.round)?);
        Ok(EqaRecord { scheme, round, step })
    }
}
