//! Verdicts and their reasons as JSON.

use serde::{Deserialize, Serialize};

use crate::domain::{Check, Decision, DonorEvent, NextStep, Reason, RuleSetIdentity};

/// A decision as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionShape {
    /// `pending`, `releasable`, `hold`, `reject` or `recalled`.
    pub verdict: String,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// Checks that ran and passed.
    pub passed: Vec<CheckShape>,
    /// What to do next.
    pub next_steps: Vec<NextStepShape>,
    /// What is worth knowing and stands against nothing; left out where there is none, as are the
    /// two after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<ReasonShape>,
    /// What the components must be labelled with, e.g. `RHD_POSITIVE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What follows for the donor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub donor: Vec<DonorEventShape>,
}

/// A consequence for the donor as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DonorEventShape {
    /// `none`, `temporary` or `permanent`.
    pub consequence: String,
    /// The reason's code.
    pub code: String,
    /// Assay id, or null.
    pub assay: Option<String>,
}

/// A reason as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonShape {
    /// Stable code.
    pub code: String,
    /// What this reason alone would give.
    pub verdict: String,
    /// Assay id, or null.
    pub assay: Option<String>,
    /// What of it, e.g. `ABO#2`, `SAMPLE` or a pool's id; left out where the assay says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Id of the clause of the rule set behind it; left out where no rule set can say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Numbers of the observations behind it.
    pub observations: Vec<i64>,
    /// Numbers of the messages behind it.
    pub messages: Vec<i64>,
    /// For people.
    pub text: String,
}

/// A passed check as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckShape {
    /// Name of the check.
    pub name: String,
    /// Numbers of the observations that prove it.
    pub observations: Vec<i64>,
}

/// A next step as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStepShape {
    /// `test`, `test_again`, `repeat_in_duplicate`, `review` or `register`.
    pub action: String,
    /// Assay id, or null.
    pub assay: Option<String>,
    /// How many determinations are still wanted.
    pub count: u32,
    /// For people.
    pub text: String,
}

/// A rule set's identity as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSetShape {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}

impl From<Decision> for DecisionShape {
    fn from(decision: Decision) -> Self {
        DecisionShape {
            verdict: decision.verdict.id().to_owned(),
            reasons: decision.reasons.into_iter().map(ReasonShape::from).collect(),
            passed: decision.passed.into_iter().map(CheckShape::from).collect(),
            next_steps: decision.next_steps.into_iter().map(NextStepShape::from).collect(),
            remarks: decision.remarks.into_iter().map(ReasonShape::from).collect(),
            labels: decision.labels.iter().map(|label| label.id().to_owned()).collect(),
            donor: decision.donor.iter().map(DonorEventShape::from).collect(),
        }
    }
}

impl From<&DonorEvent> for DonorEventShape {
    fn from(event: &DonorEvent) -> Self {
        DonorEventShape {
            consequence: event.consequence.id().to_owned(),
            code: event.code.id().to_owned(),
            assay: event.assay.map(|assay| assay.id().to_owned()),
        }
    }
}

impl From<Reason> for ReasonShape {
    fn from(reason: Reason) -> Self {
        ReasonShape {
            code: reason.code.id().to_owned(),
            verdict: reason.verdict.id().to_owned(),
            assay: reason.assay.map(|assay| assay.id().to_owned()),
            subject: reason.subject,
            clause: reason.clause,
            observations: reason.observations,
            messages: reason.messages,
            text: reason.text,
        }
    }
}

impl From<Check> for CheckShape {
    fn from(check: Check) -> Self {
        CheckShape { name: check.name, observations: check.observations }
    }
}

impl From<NextStep> for NextStepShape {
    fn from(step: NextStep) -> Self {
        NextStepShape {
            action: step.action.id().to_owned(),
            assay: step.assay.map(|assay| assay.id().to_owned()),
            count: step.count,
            text: step.text,
        }
    }
}

impl From<&RuleSetIdentity> for RuleSetShape {
    fn from(identity: &RuleSetIdentity) -> Self {
        RuleSetShape {
            name: identity.name.clone(),
            version: identity.version.clone(),
            sha256: identity.sha256.clone(),
        }
    }
}
