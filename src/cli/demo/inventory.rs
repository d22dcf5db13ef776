//! The inventory system's part and the laboratory's: registers donations, puts records on record
//! and follows the verdict feed, over HTTP and nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;

use crate::domain::{HistoricGroup, Record};
use crate::shape::RecordShape;
use crate::simulator::PlannedDonation;

/// A client of the daemon's interface. Blocks: call it on threads that may.
#[derive(Clone, Debug)]
pub(super) struct Inventory {
    agent: Agent,
    base: String,
}

/// What the feed said last about each donation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// By donation number.
    pub latest: BTreeMap<String, Decided>,
    /// Sequence number of the last entry.
    pub head: i64,
    /// Where the feed jumped, in words; must stay empty.
    pub gaps: Vec<String>,
}

/// A verdict and its reason codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decided {
    /// The verdict.
    pub verdict: String,
    /// Its reason codes, sorted, each once.
    pub codes: Vec<String>,
}

#[derive(Deserialize)]
struct Page {
    verdicts: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    seq: i64,
    din: String,
    verdict: String,
    reasons: Vec<Code>,
}

#[derive(Deserialize)]
struct Stands {
    verdict: String,
    reasons: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// Longest answer awaited, long poll included.
const ANSWER_WAIT: Duration = Duration::from_secs(30);
/// Seconds of one long poll.
const POLL_SECONDS: u32 = 1;

impl Inventory {
    pub fn new(http: SocketAddr) -> Inventory {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_WAIT))
            .build()
            .new_agent();
        Inventory { agent, base: format!("http://{http}/api/v1") }
    }

    /// Registers donations, one request each.
    pub fn register(&self, donations: &[PlannedDonation]) -> Result<(), String> {
        donations.iter().try_for_each(|donation| self.register_one(donation))
    }

    fn register_one(&self, donation: &PlannedDonation) -> Result<(), String> {
        let url = format!("{}/donations", self.base);
        let failed = |error: ureq::Error| format!("registering {}: {error}", donation.din);
        let mut answer = self.agent.post(&url).send_json(body(donation)).map_err(failed)?;
        if answer.status().is_success() {
            return Ok(());
        }
        let said = answer.body_mut().read_to_string().map_err(failed)?;
        Err(format!("registering {}: {} {said}", donation.din, answer.status()))
    }

    /// Puts records on record, all of them or none.
    pub fn put_on_record(&self, by: &str, records: &[Record]) -> Result<(), String> {
        let records: Vec<RecordShape> = records.iter().map(RecordShape::from).collect();
        let body = json!({ "by": by, "records": records });
        let failed = |error: ureq::Error| format!("records of {by}: {error}");
        let url = format!("{}/records", self.base);
        let mut answer = self.agent.post(&url).send_json(body).map_err(failed)?;
        if answer.status().is_success() {
            return Ok(());
        }
        let said = answer.body_mut().read_to_string().map_err(failed)?;
        Err(format!("records of {by}: {} {said}", answer.status()))
    }

    /// What stands now about a donation.
    pub fn decided(&self, din: &str) -> Result<Decided, String> {
        let url = format!("{}/donations/{din}", self.base);
        let failed = |error: ureq::Error| format!("asking for {din}: {error}");
        let mut answer = self.agent.get(&url).call().map_err(failed)?;
        if !answer.status().is_success() {
            return Err(format!("asking for {din}: {}", answer.status()));
        }
        let Stands { verdict, reasons } = answer.body_mut().read_json().map_err(failed)?;
        Ok(Decided { verdict, codes: codes(reasons) })
    }

    /// Follows the feed by long poll until `done` is set and nothing more comes; tells `watch`
    /// after each page.
    pub fn follow(&self, done: &AtomicBool, watch: impl Fn(&Ledger)) -> Result<Ledger, String> {
        let mut ledger = Ledger::default();
        loop {
            let last = done.load(Ordering::SeqCst);
            let page = self.page(ledger.head, if last { 0 } else { POLL_SECONDS })?;
            if last && page.verdicts.is_empty() {
                return Ok(ledger);
            }
            ledger.take(page);
            watch(&ledger);
        }
    }

    fn page(&self, after: i64, wait: u32) -> Result<Page, String> {
        let url = format!("{}/verdicts?after={after}&limit=1000&wait={wait}", self.base);
        let failed = |error: ureq::Error| format!("verdict feed after {after}: {error}");
        let mut answer = self.agent.get(&url).call().map_err(failed)?;
        if answer.status().is_success() {
            return answer.body_mut().read_json().map_err(failed);
        }
        Err(format!("verdict feed after {after}: {}", answer.status()))
    }
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.verdict, self.codes.join(" + "))
    }
}

impl Ledger {
    fn take(&mut self, page: Page) {
        for entry in page.verdicts {
            if entry.seq != self.head + 1 {
                self.gaps.push(format!("from {} to {}", self.head, entry.seq));
            }
            self.head = entry.seq;
            let codes = codes(entry.reasons);
            self.latest.insert(entry.din, Decided { verdict: entry.verdict, codes });
        }
    }
}

/// Each once, sorted.
fn codes(reasons: Vec<Code>) -> Vec<String> {
    let mut codes: Vec<String> = reasons.into_iter().map(|reason| reason.code).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// A registration as JSON.
fn body(donation: &PlannedDonation) -> Value {
    let donor = &donation.donor;
    json!({
        "din": donation.din,
        "collected_at": donation.collected_at.to_string(),
        "site": donation.site,
        "donor": {
            "kind": donor.kind.id(),
            "deferred": donor.deferred,
            "historic_group": donor.historic_group.map(group),
        },
    })
}

fn group(group: HistoricGroup) -> Value {
    json!({ "abo": group.abo.id(), "rhd": group.rhd.id() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_latest_entry_counts_and_a_jump_is_noted() {
        let mut ledger = Ledger::default();
        ledger.take(page(
            r#"{"verdicts":[
                {"seq":1,"din":"D1","verdict":"pending","reasons":[{"code":"MISSING"}]},
                {"seq":2,"din":"D1","verdict":"hold",
                 "reasons":[{"code":"B"},{"code":"A"},{"code":"B"}]}
            ]}"#,
        ));
        let codes = vec!["A".to_owned(), "B".to_owned()];
        assert_eq!(ledger.latest["D1"], Decided { verdict: "hold".to_owned(), codes });
        assert_eq!((ledger.head, ledger.gaps.len()), (2, 0));
        ledger.take(page(r#"{"verdicts":[{"seq":4,"din":"D1","verdict":"hold","reasons":[]}]}"#));
        assert_eq!(ledger.gaps, ["from 2 to 4"]);
    }
}
