//! All that is on record about a donation as one list, in the order of the commits. What one commit
//! holds is told from cause to effect. Times are shown, and order nothing.

use super::file::CaseFile;
use super::history;
use super::words;
use crate::console::text::Text;
use crate::domain::{Record, RecordedObservation};
use crate::store::{Dossier, DossierMessage, DossierRecord, LedgerLink, OrderRecord};

/// Something that happened.
pub(super) struct Event {
    /// Number of the commit.
    pub(super) commit: i64,
    pub(super) kind: String,
    pub(super) mark: &'static str,
    pub(super) at: Option<String>,
    pub(super) what: String,
    pub(super) by: Option<String>,
    /// Where more of it stands.
    pub(super) link: Option<String>,
}

/// Everything, oldest first.
pub(super) fn events(text: &Text, file: &CaseFile) -> Vec<Event> {
    let dossier = &file.dossier;
    let mut events: Vec<(i64, usize, Event)> = Vec::new();
    for link in &dossier.ledger {
        for (table, number) in &link.holds {
            let found = event(text, dossier, link.n, table, *number);
            events.extend(found.map(|(rank, event)| (link.n, rank, event)));
        }
    }
    let orders = file.record.orders.iter();
    events.extend(orders.map(|order| {
        let commit = commit_of(&dossier.ledger, order);
        (commit, ORDER, ordered(text, commit, order))
    }));
    events.sort_by_key(|(commit, rank, _)| (*commit, *rank));
    events.into_iter().map(|(.., event)| event).collect()
}

/// What one commit holds, from cause to effect.
const REGISTRATION: usize = 0;
const MESSAGE: usize = 1;
const RESULT: usize = 2;
const RECORD: usize = 3;
const VERDICT: usize = 4;
const DONOR: usize = 5;
const ORDER: usize = 6;

fn event(
    text: &Text,
    dossier: &Dossier,
    commit: i64,
    table: &str,
    number: i64,
) -> Option<(usize, Event)> {
    let facts = &dossier.facts_now;
    match table {
        "registration" => Some((REGISTRATION, registered(text, commit))),
        "message" => {
            let message = dossier.messages.iter().find(|message| message.message == number)?;
            is_about(dossier, message).then(|| (MESSAGE, came(text, commit, message)))
        }
        "observation" => {
            let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
            let found = facts.observations.iter().chain(pooled).find(|found| found.id == number)?;
            Some((RESULT, result(text, commit, found)))
        }
        "record" => {
            let record = dossier.records.iter().find(|record| record.record == number)?;
            is_told(dossier, record).then(|| (RECORD, recorded(text, commit, record)))
        }
        "verdict" => {
            let verdict = dossier.verdicts.iter().find(|verdict| verdict.seq == number)?;
            Some((VERDICT, decided(text, commit, verdict)))
        }
        "donor_event" => {
            let entry = dossier.donor_events.iter().find(|entry| entry.number == number)?;
            Some((DONOR, followed(text, commit, entry)))
        }
        _ => None,
    }
}

/// Messages of controls and of other members of pools are no facts of the donation.
fn is_about(dossier: &Dossier, message: &DossierMessage) -> bool {
    let facts = &dossier.facts_now;
    let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
    let mut results = facts.observations.iter().chain(pooled);
    results.any(|found| found.message == message.message)
        || facts.unread.iter().any(|unread| unread.message == message.message)
        || facts.sightings.iter().any(|sighting| sighting.message == message.message)
        || message.made_good_by.is_some()
}

/// What is said of kits, lots and controls is told where a verdict came of it.
fn is_told(dossier: &Dossier, record: &DossierRecord) -> bool {
    let is_own = matches!(record.what, Record::Donation(..) | Record::Pool(_));
    let is_cause = |(what, number): &(String, i64)| what == "record" && *number == record.record;
    is_own || dossier.verdicts.iter().any(|verdict| is_cause(&verdict.cause))
}

fn registered(text: &Text, commit: i64) -> Event {
    let what = text.say("donation-event-registered");
    let kind = text.word("event", "registration");
    Event { commit, kind, mark: "✎", at: None, what, by: None, link: None }
}

fn came(text: &Text, commit: i64, message: &DossierMessage) -> Event {
    let unread = message.incomplete.is_some() || !message.faults.is_empty();
    let values =
        [("number", message.message.to_string()), ("bytes", message.bytes.len().to_string())];
    let key = if unread { "donation-event-unread" } else { "donation-event-message" };
    Event {
        commit,
        kind: text.word("event", "message"),
        mark: if unread { "▲" } else { "✉" },
        at: Some(words::time(text, message.received_at)),
        what: text.with_all(key, &values),
        by: Some(message.analyser.clone()),
        link: unread.then(|| format!("/unread/{}", message.message)),
    }
}

fn result(text: &Text, commit: i64, found: &RecordedObservation) -> Event {
    let seen = &found.observation;
    let assay = match seen.assay {
        Some(assay) => words::assay(text, assay.id()),
        None => seen.test_code.clone(),
    };
    let reading = seen.reading.map(|reading| words::reading(text, reading));
    let parts = [Some(assay), reading, seen.value.clone(), seen.unit.clone()];
    Event {
        commit,
        kind: text.word("event", "result"),
        mark: "●",
        at: found.circumstances.received_at.map(|at| words::time(text, at)),
        what: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
        by: Some(found.analyser.clone()),
        link: Some(format!("#r{}", found.id)),
    }
}

fn recorded(text: &Text, commit: i64, record: &DossierRecord) -> Event {
    Event {
        commit,
        kind: text.word("event", "record"),
        mark: "✍",
        at: Some(words::time(text, record.at)),
        what: history::record_words(text, record),
        by: Some(record.by.clone()),
        link: None,
    }
}

fn decided(text: &Text, commit: i64, verdict: &crate::store::DossierVerdict) -> Event {
    let word = words::verdict(text, &verdict.read.verdict);
    let values = [("verdict", word), ("version", verdict.version.to_string())];
    Event {
        commit,
        kind: text.word("event", "verdict"),
        mark: words::shape(&verdict.read.verdict),
        at: Some(words::time(text, verdict.decided_at)),
        what: text.with_all("donation-event-verdict", &values),
        by: None,
        link: Some(format!("#v{}", verdict.version)),
    }
}

fn followed(text: &Text, commit: i64, entry: &crate::store::DonorEventEntry) -> Event {
    Event {
        commit,
        kind: text.word("event", "donor"),
        mark: "☺",
        at: Some(words::time(text, entry.concluded_at)),
        what: words::consequence(text, &entry.event.consequence),
        by: None,
        link: None,
    }
}

/// The last commit before an order: orders stand in no row of the case file.
fn commit_of(ledger: &[LedgerLink], order: &OrderRecord) -> i64 {
    let messages = |link: &LedgerLink| {
        let counted = link.counts.iter().find(|(table, _)| *table == "message");
        counted.map_or(i64::MAX, |(_, last)| *last)
    };
    let before = ledger.iter().rev().find(|link| messages(link) <= order.message_to);
    before.map_or(0, |link| link.n)
}

fn ordered(text: &Text, commit: i64, order: &OrderRecord) -> Event {
    let standing = match order.standing {
        Some(standing) => text.word("order-standing", standing.id()),
        None => text.word("order-standing", "open"),
    };
    let assay = words::assay(text, order.assay.id());
    let values = [("assay", assay), ("standing", standing), ("order", order.order_id.clone())];
    Event {
        commit,
        kind: text.word("event", "order"),
        mark: "→",
        at: Some(words::time(text, order.issued_at)),
        what: text.with_all("donation-event-order", &values),
        by: Some(order.analyser.clone()),
        link: None,
    }
}
