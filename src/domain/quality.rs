//! What the quality department puts on record: whether a run was accepted, and how rounds of
//! external quality assessment went.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Assay;
use super::circumstances::words;

/// A person judged a run or plate. Rejecting one is a control failure besides, so that what it
/// released is recalled; accepting one changes nothing that the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The analyser's id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// Plate or run as the analyser names it; may be empty.
    pub plate: String,
    /// Results received from here on are meant.
    pub from: Timestamp,
    /// Up to here.
    pub to: Timestamp,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Why, in words.
    pub text: String,
}

/// A step of one round of external quality assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqaRecord {
    /// Who runs the scheme.
    pub scheme: String,
    /// The round, as the scheme names it.
    pub round: String,
    /// What happened.
    pub step: EqaStep,
}

/// What happens in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EqaStep {
    /// Samples came.
    Opened {
        /// What is assessed.
        assays: Vec<Assay>,
        /// The last day for results.
        due: Date,
    },
    /// What we reported of a sample.
    Reported {
        /// The sample, as the scheme names it.
        sample: String,
        /// The assay.
        assay: Assay,
        /// Our result.
        result: String,
    },
    /// What the scheme says of it.
    Assessed {
        /// The sample.
        sample: String,
        /// The assay.
        assay: Assay,
        /// What was expected.
        expected: String,
        /// How we did.
        outcome: EqaOutcome,
    },
    /// The round is over; what was done about it.
    Closed(String),
}

/// How a result was assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EqaOutcome {
    /// As expected.
    Acceptable,
    /// Within the warning limits.
    Questionable,
    /// Not as expected.
    Unacceptable,
}

words!(
    EqaOutcome,
    3,
    Acceptable = "acceptable",
    Questionable = "questionable",
    Unacceptable = "unacceptable",
);
