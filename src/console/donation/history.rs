//! What was concluded so far, what caused it, and who signed.

use super::file::CaseFile;
use super::words;
use crate::console::text::Text;
use crate::domain::{Record, ReviewStep, Statement};
use crate::store::{Dossier, DossierRecord, DossierVerdict};

/// A verdict on record.
pub(super) struct Stood {
    pub(super) version: i64,
    pub(super) seq: i64,
    pub(super) verdict: String,
    pub(super) word: String,
    pub(super) shape: &'static str,
    pub(super) at: String,
    pub(super) cause: String,
    pub(super) rule_set: String,
    pub(super) reasons: Vec<String>,
}

/// A signature.
pub(super) struct Signed {
    pub(super) step: String,
    pub(super) by: String,
    pub(super) at: String,
    /// Whether a result came after it.
    pub(super) is_outdated: bool,
}

/// Its verdicts, latest first.
pub(super) fn verdicts(text: &Text, file: &CaseFile) -> Vec<Stood> {
    let verdicts = file.dossier.verdicts.iter().rev();
    verdicts.map(|verdict| stood(text, &file.dossier, verdict)).collect()
}

fn stood(text: &Text, dossier: &Dossier, verdict: &DossierVerdict) -> Stood {
    let set = &verdict.rule_set;
    let reasons = verdict.read.reasons.iter();
    Stood {
        version: verdict.version,
        seq: verdict.seq,
        verdict: verdict.read.verdict.clone(),
        word: words::verdict(text, &verdict.read.verdict),
        shape: words::shape(&verdict.read.verdict),
        at: words::time(text, verdict.decided_at),
        cause: cause(text, dossier, &verdict.cause),
        rule_set: format!("{} {}", set.name, set.version),
        reasons: reasons.map(|reason| words::reason(text, reason)).collect(),
    }
}

/// Who or what made a verdict necessary.
fn cause(text: &Text, dossier: &Dossier, (what, number): &(String, i64)) -> String {
    match what.as_str() {
        "message" => {
            let message = dossier.messages.iter().find(|message| message.message == *number);
            let analyser = message.map_or("—", |message| message.analyser.as_str());
            let values = [("number", number.to_string()), ("analyser", analyser.to_owned())];
            text.with_all("donation-cause-message", &values)
        }
        "record" => match dossier.records.iter().find(|record| record.record == *number) {
            Some(record) => {
                let what = record_words(text, record);
                let values = [("by", record.by.clone()), ("what", what)];
                text.with_all("donation-cause-record", &values)
            }
            None => text.with("donation-cause-other", "number", number),
        },
        "registration" => text.say("donation-cause-registration"),
        "rule_use" => text.say("donation-cause-rules"),
        other => format!("{other} {number}"),
    }
}

/// What somebody put on record.
pub(super) fn record_words(text: &Text, record: &DossierRecord) -> String {
    match &record.what {
        Record::Donation(_, statement) => words::statement(text, statement),
        Record::Pool(pool) => {
            let values = [("pool", pool.id.clone()), ("size", pool.members.len().to_string())];
            text.with_all("donation-record-pool", &values)
        }
        Record::Lot(lot) => {
            let standing = text.word("lot-standing", lot.standing.id());
            let values = [("lot", lot.lot.clone()), ("standing", standing)];
            text.with_all("donation-record-lot", &values)
        }
        Record::Kit(kit) => text.with("donation-record-kit", "kit", &kit.kit.name),
        Record::Target(target) => text.with("donation-record-target", "material", &target.material),
        Record::ControlFailure(_) => text.say("donation-record-failure"),
        Record::Rack(rack) => rack.loading.clone(),
        Record::Message(about) => about.message.to_string(),
        Record::Run(run) => run.text.clone(),
        Record::Eqa(round) => round.round.clone(),
    }
}

/// Who signed what, oldest first.
pub(super) fn signatures(text: &Text, file: &CaseFile) -> Vec<Signed> {
    let latest = file.record.observations.iter().map(|found| found.id).max().unwrap_or_default();
    let signed = file.record.statements.iter().filter_map(|said| {
        let Statement::Signature(step) = said.statement else { return None };
        Some(Signed {
            step: text.word("signature", step.id()),
            by: said.by.clone(),
            at: words::time(text, said.at),
            is_outdated: step != ReviewStep::Tested && said.after_observation < latest,
        })
    });
    signed.collect()
}
