//! Proposals and what two people agreed on, as JSON.

use serde::{Deserialize, Serialize};

use crate::domain::{
    AboGroup, AmendedReason, Assay, Correction, Donor, DonorKind, Ground, Grounds, HistoricGroup,
    Judgement, Matter, MessageJudged, MessageRecord, MessageStep, Proposal, ReasonCode, RhdType,
};

use super::record_error::{RecordError, said, time, word};

/// Why somebody proposes something, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroundsShape {
    /// One of [`Ground::ALL`].
    pub ground: String,
    /// In words.
    pub text: String,
}

/// A proposal about a donation, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalShape {
    /// What is to count.
    pub matter: MatterShape,
    /// Why.
    pub grounds: GroundsShape,
    /// Version of the verdict that was looked at.
    pub version: i64,
}

/// What is to count, as JSON: exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MatterShape {
    /// Reasons that no longer keep the donation back.
    Amendment(Vec<AmendedReasonShape>),
    /// What the registration should have said.
    Correction(CorrectionShape),
}

/// A reason as it was looked at, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmendedReasonShape {
    /// Reason code.
    pub code: String,
    /// Assay id.
    #[serde(default)]
    pub assay: Option<String>,
    /// What of it.
    #[serde(default)]
    pub subject: Option<String>,
    /// Numbers of the observations behind it.
    #[serde(default)]
    pub observations: Vec<i64>,
    /// Numbers of the messages behind it.
    #[serde(default)]
    pub messages: Vec<i64>,
}

/// What a registration should have said, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionShape {
    /// RFC 3339.
    #[serde(default)]
    pub collected_at: Option<String>,
    /// The site.
    #[serde(default)]
    pub site: Option<String>,
    /// The donor.
    #[serde(default)]
    pub donor: Option<CorrectedDonorShape>,
}

/// A donor as a correction says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectedDonorShape {
    /// `first` or `repeat`.
    pub kind: String,
    /// Whether the donor is deferred.
    pub deferred: bool,
    /// `A`, `B`, `O` or `AB`.
    #[serde(default)]
    pub abo: Option<String>,
    /// `positive` or `negative`.
    #[serde(default)]
    pub rhd: Option<String>,
}

/// What two people made of a message, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageJudgedShape {
    /// Number of the message.
    pub message: i64,
    /// `accepted`, `rejected` or `read_again`.
    pub judgement: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who agreed.
    pub agreed_by: String,
}

/// A step towards what becomes of a message, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRecordShape {
    /// Number of the message.
    pub message: i64,
    /// What happened.
    pub step: MessageStepShape,
}

/// What happens to such a message, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MessageStepShape {
    /// Somebody proposes a judgement.
    Proposed {
        /// `accepted`, `rejected` or `read_again`.
        judgement: String,
        /// Why.
        grounds: GroundsShape,
    },
    /// Somebody else agrees to the proposal with this record number.
    Agreed(i64),
    /// The proposal with this record number is turned down.
    TurnedDown(i64),
}

impl From<&Grounds> for GroundsShape {
    fn from(grounds: &Grounds) -> Self {
        GroundsShape { ground: grounds.ground.id().to_owned(), text: grounds.text.clone() }
    }
}

impl GroundsShape {
    pub(super) fn restore(self) -> Result<Grounds, RecordError> {
        let ground = word("grounds.ground", &Ground::ALL, Ground::id, &self.ground)?;
        Ok(Grounds { ground, text: said("grounds.text", self.text)? })
    }
}

impl From<&Proposal> for ProposalShape {
    fn from(proposal: &Proposal) -> Self {
        let matter = match &proposal.matter {
            Matter::Amendment(reasons) => {
                MatterShape::Amendment(reasons.iter().map(AmendedReasonShape::from).collect())
            }
            Matter::Correction(correction) => {
                MatterShape::Correction(CorrectionShape::from(correction))
            }
        };
        let grounds = GroundsShape::from(&proposal.grounds);
        ProposalShape { matter, grounds, version: proposal.version }
    }
}

impl ProposalShape {
    pub(super) fn restore(self) -> Result<Proposal, RecordError> {
        let matter = match self.matter {
            MatterShape::Amendment(reasons) if reasons.is_empty() => {
                return Err(RecordError::new("amendment", "[]", "at least one reason"));
            }
            MatterShape::Amendment(reasons) => {
                let reasons = reasons.into_iter().map(AmendedReasonShape::restore);
                Matter::Amendment(reasons.collect::<Result<_, _>>()?)
            }
            MatterShape::Correction(correction) => Matter::Correction(correction.restore()?),
        };
        Ok(Proposal { matter, grounds: self.grounds.restore()?, version: self.version })
    }
}

impl From<&AmendedReason> for AmendedReasonShape {
    fn from(reason: &AmendedReason) -> Self {
        AmendedReasonShape {
            code: reason.code.id().to_owned(),
            assay: reason.assay.map(|assay| assay.id().to_owned()),
            subject: reason.subject.clone(),
            observations: reason.observations.clone(),
            messages: reason.messages.clone(),
        }
    }
}

impl AmendedReasonShape {
    fn restore(self) -> Result<AmendedReason, RecordError> {
        let assay = |text: String| word("amendment.assay", &Assay::ALL, Assay::id, &text);
        Ok(AmendedReason {
            code: word("amendment.code", &ReasonCode::ALL, ReasonCode::id, &self.code)?,
            assay: self.assay.map(assay).transpose()?,
            subject: self.subject,
            observations: self.observations,
            messages: self.messages,
        })
    }
}

impl From<&Correction> for CorrectionShape {
    fn from(correction: &Correction) -> Self {
        CorrectionShape {
            collected_at: correction.collected_at.map(|time| time.to_string()),
            site: correction.site.clone(),
            donor: correction.donor.as_ref().map(CorrectedDonorShape::from),
        }
    }
}

impl CorrectionShape {
    fn restore(self) -> Result<Correction, RecordError> {
        let collected_at = self.collected_at.map(|text| time("correction.collected_at", &text));
        let correction = Correction {
            collected_at: collected_at.transpose()?,
            site: self.site.map(|site| said("correction.site", site)).transpose()?,
            donor: self.donor.map(CorrectedDonorShape::restore).transpose()?,
        };
        if correction == Correction::default() {
            return Err(RecordError::new("correction", "{}", "at least one thing corrected"));
        }
        Ok(correction)
    }
}

impl From<&Donor> for CorrectedDonorShape {
    fn from(donor: &Donor) -> Self {
        let group = donor.historic_group;
        CorrectedDonorShape {
            kind: donor.kind.id().to_owned(),
            deferred: donor.deferred,
            abo: group.map(|group| group.abo.id().to_owned()),
            rhd: group.map(|group| group.rhd.id().to_owned()),
        }
    }
}

impl CorrectedDonorShape {
    fn restore(self) -> Result<Donor, RecordError> {
        const GROUP: &str = "correction.donor.group";
        let historic_group = match (self.abo.as_deref(), self.rhd.as_deref()) {
            (None, None) => None,
            (Some(abo), Some(rhd)) => match (AboGroup::from_id(abo), RhdType::from_id(rhd)) {
                (Some(abo), Some(rhd)) => Some(HistoricGroup { abo, rhd }),
                (None, _) => return Err(RecordError::new(GROUP, abo, "A, B, O or AB")),
                (_, None) => return Err(RecordError::new(GROUP, rhd, "positive or negative")),
            },
            (Some(one), None) | (None, Some(one)) => {
                return Err(RecordError::new(GROUP, one, "both of ABO and RhD, or neither"));
            }
        };
        let kinds = [DonorKind::First, DonorKind::Repeat];
        let kind = word("correction.donor.kind", &kinds, DonorKind::id, &self.kind)?;
        Ok(Donor { kind, deferred: self.deferred, historic_group })
    }
}

impl From<&MessageJudged> for MessageJudgedShape {
    fn from(judged: &MessageJudged) -> Self {
        MessageJudgedShape {
            message: judged.message,
            judgement: judged.judgement.id().to_owned(),
            proposed_by: judged.proposed_by.clone(),
            agreed_by: judged.agreed_by.clone(),
        }
    }
}

impl MessageJudgedShape {
    pub(super) fn restore(self) -> Result<MessageJudged, RecordError> {
        Ok(MessageJudged {
            message: self.message,
            judgement: judgement(&self.judgement)?,
            proposed_by: said("proposed_by", self.proposed_by)?,
            agreed_by: said("agreed_by", self.agreed_by)?,
        })
    }
}

impl From<&MessageRecord> for MessageRecordShape {
    fn from(record: &MessageRecord) -> Self {
        let step = match &record.step {
            MessageStep::Proposed(judgement, grounds) => MessageStepShape::Proposed {
                judgement: judgement.id().to_owned(),
                grounds: GroundsShape::from(grounds),
            },
            MessageStep::Agreed(proposal) => MessageStepShape::Agreed(*proposal),
            MessageStep::TurnedDown(proposal) => MessageStepShape::TurnedDown(*proposal),
        };
        MessageRecordShape { message: record.message, step }
    }
}

impl MessageRecordShape {
    pub(super) fn restore(self) -> Result<MessageRecord, RecordError> {
        let step = match self.step {
            MessageStepShape::Proposed { judgement: text, grounds } => {
                MessageStep::Proposed(judgement(&text)?, grounds.restore()?)
            }
            MessageStepShape::Agreed(proposal) => MessageStep::Agreed(proposal),
            MessageStepShape::TurnedDown(proposal) => MessageStep::TurnedDown(proposal),
        };
        Ok(MessageRecord { message: self.message, step })
    }
}

fn judgement(text: &str) -> Result<Judgement, RecordError> {
    word("judgement", &Judgement::ALL, Judgement::id, text)
}
