//! What the store has on record of a donation, as a bundle wants it: what the last verdict was
//! concluded from, and nothing that came later.

use crate::domain::{DonationNumber, RecordedObservation};
use crate::evidence::{Commit, Dossier, KeptRecord, KeptText, KeptVerdict, RawMessage};
use crate::store;

/// The dossier of the last verdict; else why there is none.
pub(super) fn of(found: store::Dossier) -> Result<Dossier, String> {
    let Some(last) = found.verdicts.last() else {
        return Err(unjudged(&found.din));
    };
    let (message_to, record_to) = (last.message_to, last.record_to);
    let rule_set = rule_set(&found, &last.rule_set.sha256)?;
    let profiles = found.profiles.into_iter();
    let named = named_controls(&found.facts);
    let then = |one: &RecordedObservation| one.message <= message_to;
    let controls = found.controls.into_iter().filter(|one| named.contains(&one.id));
    let messages = found.messages.into_iter().filter(|one| one.message <= message_to);
    let records = found.records.into_iter().filter(|one| one.record <= record_to);
    Ok(Dossier {
        din: found.din,
        rule_set,
        profiles: profiles
            .map(|store::KeptProfile { name, sha256, text }| KeptText { name, sha256, text })
            .collect(),
        messages: messages.map(|message| raw(message, message_to)).collect(),
        facts: found.facts,
        controls: controls.collect(),
        singles: found.others.into_iter().filter(then).collect(),
        records: records.map(record).collect(),
        verdicts: found.verdicts.into_iter().map(verdict).collect(),
        ledger: found.ledger.into_iter().map(commit).collect(),
    })
}

fn unjudged(din: &DonationNumber) -> String {
    format!("donation {din} has no verdict yet: inventory has not registered it")
}

fn rule_set(found: &store::Dossier, sha256: &str) -> Result<KeptText, String> {
    let kept = found.rule_sets.iter().find(|kept| kept.identity.sha256 == sha256);
    let kept = kept.ok_or("the rule set of the verdict is not on record")?;
    let (name, text) = (kept.identity.name.clone(), kept.text.clone());
    Ok(KeptText { name, sha256: sha256.to_owned(), text })
}

/// Controls that speak for a result of these facts.
fn named_controls(facts: &crate::domain::Facts) -> Vec<i64> {
    let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
    let results = facts.observations.iter().chain(pooled);
    results.flat_map(|one| one.circumstances.controls.observations.iter().copied()).collect()
}

/// What made a cut transfer good later is not told: then, it blocked.
fn raw(message: store::DossierMessage, message_to: i64) -> RawMessage {
    RawMessage {
        message: message.message,
        analyser: message.analyser,
        profile_sha256: message.profile_sha256,
        received_at: message.received_at,
        incomplete: message.incomplete,
        made_good_by: message.made_good_by.filter(|by| *by <= message_to),
        bytes: message.bytes,
    }
}

fn record(kept: store::DossierRecord) -> KeptRecord {
    KeptRecord {
        id: kept.record,
        by: kept.by,
        at: kept.at,
        after_observation: kept.after_observation,
        after_verdict: kept.after_verdict,
        record: kept.what,
    }
}

fn verdict(kept: store::DossierVerdict) -> KeptVerdict {
    KeptVerdict {
        seq: kept.seq,
        version: kept.version,
        decided_at: kept.decided_at,
        rule_set: kept.rule_set.sha256,
        message_to: kept.message_to,
        decision: kept.read,
    }
}

fn commit(link: store::LedgerLink) -> Commit {
    let holds = link.holds.into_iter().map(|(table, number)| (table.to_owned(), number));
    Commit {
        n: link.n,
        before: link.previous,
        hashed: link.hashed,
        hash: link.hash,
        holds: holds.collect(),
    }
}
