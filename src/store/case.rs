//! The case file of one donation: its facts and its last verdict, read from the tables or kept in
//! memory from the last time.

use std::collections::HashMap;
use std::mem;

use rusqlite::Connection;

use super::errors::Trouble;
use super::rows::Until;
use super::{DonationRecord, OrderRecord, order_rows, rows};
use crate::domain::{Decision, DonationNumber, Facts, ReleaseHistory, Verdict};
use crate::limits;
use crate::rules::{self, RuleSet};
use crate::shape::{DecisionShape, ReasonShape};

/// Everything a verdict depends on, and the verdict on record.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The facts.
    pub(super) facts: Facts,
    /// The verdict on record.
    pub(super) last: Option<Stand>,
    /// Whether any verdict on record was releasable.
    pub(super) ever_releasable: bool,
}

/// A verdict on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stand {
    /// Its version.
    pub(super) version: i64,
    /// Its verdict id.
    pub(super) verdict: String,
    /// Its reasons.
    pub(super) reasons: Vec<ReasonShape>,
}

impl Case {
    /// Reads a case file from the tables.
    pub(super) fn load(connection: &Connection, din: DonationNumber) -> Result<Case, Trouble> {
        Case::load_until(connection, din, Until::NOW)
    }

    /// Reads a case file as it stood at an earlier time.
    pub(super) fn load_until(
        connection: &Connection,
        din: DonationNumber,
        until: Until,
    ) -> Result<Case, Trouble> {
        let mut facts = Facts::new(din);
        facts.registration = rows::registration(connection, &facts.din)?;
        facts.observations = rows::observations(connection, &facts.din, until)?;
        facts.unread = rows::unread_of(connection, &facts.din, until)?;
        facts.sightings = order_rows::sightings(connection, &facts.din, until)?;
        let last = rows::stand(connection, &facts.din, until)?;
        let ever_releasable =
            last.is_some() && rows::ever_releasable(connection, &facts.din, until)?;
        Ok(Case { facts, last, ever_releasable })
    }

    /// Concludes from the facts.
    pub(super) fn decide(&mut self, rules: &RuleSet) -> Decision {
        self.facts.release = self.release();
        rules::decide(&self.facts, rules)
    }

    /// Whether a decision says something else than the verdict on record.
    pub(super) fn is_changed_by(&self, decision: &DecisionShape) -> bool {
        self.last
            .as_ref()
            .is_none_or(|last| last.verdict != decision.verdict || last.reasons != decision.reasons)
    }

    /// Version of the verdict on record; 0 where there is none.
    pub(super) fn version(&self) -> i64 {
        self.last.as_ref().map_or(0, |last| last.version)
    }

    /// Puts a verdict on record.
    pub(super) fn adopt(&mut self, decision: DecisionShape) {
        let version = self.version() + 1;
        self.ever_releasable |= decision.verdict == Verdict::Releasable.id();
        let (verdict, reasons) = (decision.verdict, decision.reasons);
        self.last = Some(Stand { version, verdict, reasons });
    }

    /// What inventory may see of it; `None` where nothing is on record.
    pub(super) fn into_record(
        mut self,
        rules: &RuleSet,
        orders: Vec<OrderRecord>,
    ) -> Option<DonationRecord> {
        let facts = &self.facts;
        let known = facts.registration.is_some() || !facts.observations.is_empty();
        if !known && facts.unread.is_empty() && facts.sightings.is_empty() {
            return None;
        }
        let mut decision = DecisionShape::from(self.decide(rules));
        let version = self.version();
        if let Some(last) = self.last {
            (decision.verdict, decision.reasons) = (last.verdict, last.reasons);
        }
        let Facts { din, registration, observations, .. } = self.facts;
        Some(DonationRecord { din, registration, observations, orders, decision, version })
    }

    fn release(&self) -> ReleaseHistory {
        let recalled = Verdict::Recalled.id();
        match &self.last {
            Some(last) if last.verdict == recalled => ReleaseHistory::Recalled,
            Some(_) if self.ever_releasable => ReleaseHistory::Released,
            Some(_) | None => ReleaseHistory::NeverReleased,
        }
    }

    fn weight(&self) -> usize {
        let facts = &self.facts;
        1 + facts.observations.len() + facts.unread.len() + facts.sightings.len()
    }
}

/// The case files decided last, in two generations: when the young one is full it becomes the old
/// one, and the old one is forgotten.
#[derive(Debug, Default)]
pub(super) struct Cases {
    young: HashMap<DonationNumber, Case>,
    old: HashMap<DonationNumber, Case>,
    young_weight: usize,
}

impl Cases {
    /// Takes a case file out; the caller keeps it again once it is decided.
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        din: &DonationNumber,
    ) -> Result<Case, Trouble> {
        if let Some(case) = self.young.remove(din) {
            self.young_weight = self.young_weight.saturating_sub(case.weight());
            return Ok(case);
        }
        match self.old.remove(din) {
            Some(case) => Ok(case),
            None => Case::load(connection, din.clone()),
        }
    }

    /// Keeps a case file that agrees with the tables.
    pub(super) fn keep(&mut self, case: Case) {
        let weight = case.weight();
        if weight > limits::STORE_CACHED_OBSERVATIONS {
            return;
        }
        if self.young_weight + weight > limits::STORE_CACHED_OBSERVATIONS {
            self.old = mem::take(&mut self.young);
            self.young_weight = 0;
        }
        self.young_weight += weight;
        self.young.insert(case.facts.din.clone(), case);
    }

    /// Forgets everything: what is in memory may not agree with the tables.
    pub(super) fn forget(&mut self) {
        *self = Cases::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    fn case(name: &str) -> Case {
        let facts = Facts::new(DonationNumber::restored(name.to_owned()));
        Case { facts, last: None, ever_releasable: false }
    }

    #[test]
    fn the_cache_holds_two_generations_and_no_more() {
        let mut cases = Cases::default();
        for number in 0..limits::STORE_CACHED_OBSERVATIONS {
            cases.keep(case(&number.to_string()));
        }
        assert_eq!(cases.young.len(), limits::STORE_CACHED_OBSERVATIONS);
        assert!(cases.old.is_empty());
        cases.keep(case("one past"));
        assert_eq!(cases.young.len(), 1);
        assert_eq!(cases.old.len(), limits::STORE_CACHED_OBSERVATIONS);
        for number in 0..limits::STORE_CACHED_OBSERVATIONS {
            cases.keep(case(&format!("more {number}")));
        }
        assert!(!cases.old.contains_key(&DonationNumber::restored("7".to_owned())));
    }

    #[test]
    fn a_case_taken_out_is_gone_until_it_is_kept_again() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, 0, schema::VERSION).unwrap();
        let mut cases = Cases::default();
        let mut known = case("a");
        known.ever_releasable = true;
        let din = known.facts.din.clone();
        cases.keep(known);
        assert!(cases.take(&connection, &din).unwrap().ever_releasable);
        assert!(!cases.take(&connection, &din).unwrap().ever_releasable);
        assert_eq!(cases.young_weight, 0);
    }

    #[test]
    fn a_release_is_remembered_until_it_is_recalled() {
        let mut case = case("a");
        let stand = |verdict: Verdict| DecisionShape {
            verdict: verdict.id().to_owned(),
            reasons: Vec::new(),
            passed: Vec::new(),
            next_steps: Vec::new(),
            remarks: Vec::new(),
            labels: Vec::new(),
            donor: Vec::new(),
        };
        assert_eq!(case.release(), ReleaseHistory::NeverReleased);
        case.adopt(stand(Verdict::Pending));
        assert_eq!(case.release(), ReleaseHistory::NeverReleased);
        case.adopt(stand(Verdict::Releasable));
        assert_eq!(case.release(), ReleaseHistory::Released);
        case.adopt(stand(Verdict::Hold));
        assert_eq!(case.release(), ReleaseHistory::Released);
        case.adopt(stand(Verdict::Recalled));
        assert_eq!(case.release(), ReleaseHistory::Recalled);
        assert_eq!(case.version(), 4);
    }
}
