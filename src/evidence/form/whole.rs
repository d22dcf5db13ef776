//! A bundle whole, as JSON.

use serde::{Deserialize, Serialize};

use super::super::dossier::{Commit, Dossier, KeptRecord, KeptText, KeptVerdict, RawMessage};
use super::super::hashes::sha256;
use super::facts::{FactsForm, ObservationForm};
use crate::shape::{DecisionShape, RecordShape, hexadecimal};

/// What is signed, without the hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Content {
    /// Version of this form.
    pub(in super::super) evidence: u32,
    /// Version of the program that made it.
    pub(in super::super) program: String,
    pub(in super::super) made_at: String,
    pub(in super::super) din: String,
    pub(in super::super) rule_set: TextForm,
    pub(in super::super) profiles: Vec<TextForm>,
    pub(in super::super) messages: Vec<MessageForm>,
    pub(in super::super) facts: FactsForm,
    pub(in super::super) controls: Vec<ObservationForm>,
    pub(in super::super) singles: Vec<ObservationForm>,
    pub(in super::super) records: Vec<RecordForm>,
    pub(in super::super) verdicts: Vec<VerdictForm>,
    pub(in super::super) ledger: Vec<CommitForm>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct TextForm {
    pub(in super::super) name: String,
    pub(in super::super) sha256: String,
    pub(in super::super) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct MessageForm {
    pub(in super::super) message: i64,
    pub(in super::super) analyser: String,
    pub(in super::super) profile_sha256: String,
    pub(in super::super) received_at: String,
    pub(in super::super) incomplete: Option<String>,
    pub(in super::super) made_good_by: Option<i64>,
    pub(in super::super) sha256: String,
    /// In hexadecimal.
    pub(in super::super) bytes: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct RecordForm {
    pub(in super::super) id: i64,
    pub(in super::super) by: String,
    pub(in super::super) at: String,
    pub(in super::super) after_observation: i64,
    pub(in super::super) after_verdict: i64,
    pub(in super::super) record: RecordShape,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct VerdictForm {
    pub(in super::super) seq: i64,
    pub(in super::super) version: i64,
    pub(in super::super) decided_at: String,
    pub(in super::super) rule_set: String,
    pub(in super::super) message_to: i64,
    pub(in super::super) decision: DecisionShape,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct CommitForm {
    pub(in super::super) n: i64,
    pub(in super::super) before: String,
    pub(in super::super) hashed: String,
    pub(in super::super) hash: String,
    pub(in super::super) holds: Vec<(String, i64)>,
}

impl Content {
    /// Version of the form that this program writes and reads.
    pub(in super::super) const VERSION: u32 = 1;

    pub(in super::super) fn of(dossier: &Dossier, made_at: &str) -> Content {
        Content {
            evidence: Content::VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: made_at.to_owned(),
            din: dossier.din.as_str().to_owned(),
            rule_set: TextForm::from(&dossier.rule_set),
            profiles: dossier.profiles.iter().map(TextForm::from).collect(),
            messages: dossier.messages.iter().map(MessageForm::from).collect(),
            facts: FactsForm::from(&dossier.facts),
            controls: dossier.controls.iter().map(ObservationForm::from).collect(),
            singles: dossier.singles.iter().map(ObservationForm::from).collect(),
            records: dossier.records.iter().map(RecordForm::from).collect(),
            verdicts: dossier.verdicts.iter().map(VerdictForm::from).collect(),
            ledger: dossier.ledger.iter().map(CommitForm::from).collect(),
        }
    }
}

impl From<&KeptText> for TextForm {
    fn from(kept: &KeptText) -> Self {
        let KeptText { name, sha256, text } = kept.clone();
        TextForm { name, sha256, text }
    }
}

impl From<&RawMessage> for MessageForm {
    fn from(message: &RawMessage) -> Self {
        MessageForm {
            message: message.message,
            analyser: message.analyser.clone(),
            profile_sha256: message.profile_sha256.clone(),
            received_at: message.received_at.to_string(),
            incomplete: message.incomplete.clone(),
            made_good_by: message.made_good_by,
            sha256: sha256(&message.bytes),
            bytes: hexadecimal(&message.bytes),
        }
    }
}

impl From<&KeptRecord> for RecordForm {
    fn from(kept: &KeptRecord) -> Self {
        RecordForm {
            id: kept.id,
            by: kept.by.clone(),
            at: kept.at.to_string(),
            after_observation: kept.after_observation,
            after_verdict: kept.after_verdict,
            record: RecordShape::from(&kept.record),
        }
    }
}

impl From<&KeptVerdict> for VerdictForm {
    fn from(kept: &KeptVerdict) -> Self {
        VerdictForm {
            seq: kept.seq,
            version: kept.version,
            decided_at: kept.decided_at.to_string(),
            rule_set: kept.rule_set.clone(),
            message_to: kept.message_to,
            decision: kept.decision.clone(),
        }
    }
}

impl From<&Commit> for CommitForm {
    fn from(commit: &Commit) -> Self {
        CommitForm {
            n: commit.n,
            before: hexadecimal(&commit.before),
            hashed: hexadecimal(&commit.hashed),
            hash: hexadecimal(&commit.hash),
            holds: commit.holds.clone(),
        }
    }
}
