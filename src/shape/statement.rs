//! What is said about one donation, as JSON.

use serde::{Deserialize, Serialize};

use crate::domain::{
    Assay, Container, Details, DonationKind, DonorRecord, Lookback, ReviewStep, Sex, Statement,
    Supplemental,
};

use super::accord::{MessageJudgedShape, ProposalShape};
use super::rack::{PlacementShape, RackDoubtShape, RackSettledShape};
use super::record_error::{RecordError, said, word, words};

/// What is said about a donation, as JSON. `says` says which it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case", deny_unknown_fields)]
pub enum StatementShape {
    /// More about the donation; the latest counts.
    Details {
        /// `whole_blood`, `platelets`, `plasma` or `source_plasma`.
        kind: String,
        /// For the donor alone.
        #[serde(default)]
        autologous: bool,
        /// `female` or `male`.
        #[serde(default)]
        sex: Option<String>,
        /// Assay ids needed beyond those of everybody.
        #[serde(default)]
        extras: Vec<String>,
    },
    /// The donor is deferred.
    Deferred {},
    /// What the donor's record says.
    DonorRecord {
        /// `flagged`, `prior_reactive`, `reinstated`, `requalified` or `merged`.
        standing: String,
    },
    /// A marker was repeat reactive on an earlier occasion.
    EarlierOccasion {
        /// Assay id.
        assay: String,
    },
    /// A test of the reference laboratory.
    Supplemental {
        /// Assay id.
        assay: String,
        /// `negative`, `indeterminate` or `positive`.
        result: String,
    },
    /// Somebody did a step of the review; who, is who puts it on record.
    Signature {
        /// `tested`, `reviewed` or `signed`.
        step: String,
    },
    /// The specimen was expected and not found.
    SampleNotReceived {},
    /// The specimen was found.
    SampleReceived {},
    /// The number was typed and its check character did not agree.
    NumberCheckFailed {},
    /// What the specimen was taken from; of results that are read from now on.
    Container {
        /// `serum`, `edta`, `segment` or `plasma`.
        container: String,
    },
    /// How a look-back stands.
    Lookback {
        /// `open`, `overdue` or `closed`.
        standing: String,
    },
    /// Release goes another way.
    ManualPath {},
    /// A person looked again after the rule set changed.
    Reevaluated {
        /// SHA-256 of the new rule set, lower-case hex.
        rule_set: String,
    },
    /// The tube was put at a place of a rack.
    Placed(PlacementShape),
    /// It was taken out again.
    TakenOut {
        /// The loading.
        loading: String,
    },
    /// Its rack was reported with other places than its manifest.
    RackInDoubt(RackDoubtShape),
    /// Two people settled that.
    RackSettled(RackSettledShape),
    /// Two people judged a message that names the donation.
    MessageJudged(MessageJudgedShape),
    /// Somebody proposes an amendment or a correction.
    Proposed(ProposalShape),
    /// Somebody agrees.
    Agreed {
        /// Record number of the proposal.
        proposal: i64,
    },
    /// It is turned down.
    TurnedDown {
        /// Record number of the proposal.
        proposal: i64,
    },
}

impl From<&Statement> for StatementShape {
    fn from(statement: &Statement) -> Self {
        let own = |word: &'static str| word.to_owned();
        match statement {
            Statement::Details(details) => StatementShape::Details {
                kind: own(details.kind.id()),
                autologous: details.autologous,
                sex: details.sex.map(|sex| own(sex.id())),
                extras: details.extras.iter().map(|assay| own(assay.id())).collect(),
            },
            Statement::Deferred => StatementShape::Deferred {},
            Statement::DonorRecord(record) => {
                StatementShape::DonorRecord { standing: own(record.id()) }
            }
            Statement::EarlierOccasion(assay) => {
                StatementShape::EarlierOccasion { assay: own(assay.id()) }
            }
            Statement::Supplemental(assay, result) => {
                StatementShape::Supplemental { assay: own(assay.id()), result: own(result.id()) }
            }
            Statement::Signature(step) => StatementShape::Signature { step: own(step.id()) },
            Statement::SampleNotReceived => StatementShape::SampleNotReceived {},
            Statement::SampleReceived => StatementShape::SampleReceived {},
            Statement::NumberCheckFailed => StatementShape::NumberCheckFailed {},
            Statement::Container(one) => StatementShape::Container { container: own(one.id()) },
            Statement::Lookback(stands) => StatementShape::Lookback { standing: own(stands.id()) },
            Statement::ManualPath => StatementShape::ManualPath {},
            Statement::Reevaluated(sha256) => {
                StatementShape::Reevaluated { rule_set: sha256.clone() }
            }
            Statement::Placed(place) => StatementShape::Placed(PlacementShape::from(place)),
            Statement::TakenOut(loading) => StatementShape::TakenOut { loading: loading.clone() },
            Statement::RackInDoubt(doubt) => {
                StatementShape::RackInDoubt(RackDoubtShape::from(doubt))
            }
            Statement::RackSettled(settled) => {
                StatementShape::RackSettled(RackSettledShape::from(settled))
            }
            Statement::MessageJudged(judged) => {
                StatementShape::MessageJudged(MessageJudgedShape::from(judged))
            }
            Statement::Proposed(proposal) => {
                StatementShape::Proposed(ProposalShape::from(proposal))
            }
            Statement::Agreed(proposal) => StatementShape::Agreed { proposal: *proposal },
            Statement::TurnedDown(proposal) => StatementShape::TurnedDown { proposal: *proposal },
        }
    }
}

impl StatementShape {
    pub(super) fn restore(self) -> Result<Statement, RecordError> {
        let assay = |text: &str| word("statement.assay", &Assay::ALL, Assay::id, text);
        Ok(match self {
            StatementShape::Details { kind, autologous, sex, extras } => {
                Statement::Details(details(&kind, autologous, sex.as_deref(), &extras)?)
            }
            StatementShape::Deferred {} => Statement::Deferred,
            StatementShape::DonorRecord { standing } => Statement::DonorRecord(word(
                "statement.standing",
                &DonorRecord::ALL,
                DonorRecord::id,
                &standing,
            )?),
            StatementShape::EarlierOccasion { assay: text } => {
                Statement::EarlierOccasion(assay(&text)?)
            }
            StatementShape::Supplemental { assay: text, result } => {
                let all = &Supplemental::ALL;
                let found = word("statement.result", all, Supplemental::id, &result)?;
                Statement::Supplemental(assay(&text)?, found)
            }
            StatementShape::Signature { step } => {
                let all = &ReviewStep::ALL;
                Statement::Signature(word("statement.step", all, ReviewStep::id, &step)?)
            }
            StatementShape::SampleNotReceived {} => Statement::SampleNotReceived,
            StatementShape::SampleReceived {} => Statement::SampleReceived,
            StatementShape::NumberCheckFailed {} => Statement::NumberCheckFailed,
            StatementShape::Container { container } => {
                let all = &Container::ALL;
                Statement::Container(word("statement.container", all, Container::id, &container)?)
            }
            StatementShape::Lookback { standing } => {
                let all = &Lookback::ALL;
                Statement::Lookback(word("statement.standing", all, Lookback::id, &standing)?)
            }
            StatementShape::ManualPath {} => Statement::ManualPath,
            StatementShape::Reevaluated { rule_set } => Statement::Reevaluated(sha256(rule_set)?),
            StatementShape::Placed(place) => Statement::Placed(place.restore()?),
            StatementShape::TakenOut { loading } => {
                Statement::TakenOut(said("statement.loading", loading)?)
            }
            StatementShape::RackInDoubt(doubt) => Statement::RackInDoubt(doubt.restore()?),
            StatementShape::RackSettled(settled) => Statement::RackSettled(settled.restore()?),
            StatementShape::MessageJudged(judged) => Statement::MessageJudged(judged.restore()?),
            StatementShape::Proposed(proposal) => Statement::Proposed(proposal.restore()?),
            StatementShape::Agreed { proposal } => Statement::Agreed(proposal),
            StatementShape::TurnedDown { proposal } => Statement::TurnedDown(proposal),
        })
    }
}

fn details(
    kind: &str,
    autologous: bool,
    sex: Option<&str>,
    extras: &[String],
) -> Result<Details, RecordError> {
    let sex = sex.map(|sex| word("statement.sex", &Sex::ALL, Sex::id, sex)).transpose()?;
    Ok(Details {
        kind: word("statement.kind", &DonationKind::ALL, DonationKind::id, kind)?,
        autologous,
        sex,
        extras: words("statement.extras", &Assay::ALL, Assay::id, extras)?,
    })
}

fn sha256(text: String) -> Result<String, RecordError> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 64 && text.bytes().all(is_digit) {
        return Ok(text);
    }
    Err(RecordError::new("statement.rule_set", &text, "a SHA-256: 64 lower-case hex digits"))
}
