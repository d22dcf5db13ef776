//! The case file of one donation: its facts and its last verdict, read from the tables or kept in
//! memory from the last time.

use std::collections::HashMap;
use std::mem;

use rusqlite::Connection;

use super::errors::Trouble;
use super::rows::Until;
use super::view::View;
use super::{DonationRecord, OrderRecord, order_rows, pools, record_rows, rows};
use crate::domain::{
    Decision, DonationNumber, Facts, RecordedStatement, ReleaseHistory, RuleSetStanding, Statement,
    Verdict,
};
use crate::limits;
use crate::rules::{self, RuleSet};
use crate::shape::DecisionShape;

/// Everything a verdict depends on, and the verdict on record.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The facts.
    pub(super) facts: Facts,
    /// The verdict on record.
    pub(super) last: Option<Stand>,
    /// What the verdicts on record amount to.
    pub(super) past: Past,
    /// Rule sets after which a person looked again: SHA-256, and the last verdict before that.
    pub(super) looked_at: Vec<(String, i64)>,
}

/// What the verdicts on record of a donation amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// Whether any was releasable.
    pub(super) ever_releasable: bool,
    /// The last message that another rule set than the one in force judged by.
    pub(super) judged_elsewhere: i64,
    /// The last verdict by another rule set.
    pub(super) last_elsewhere: i64,
}

/// A verdict on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stand {
    /// Its version.
    pub(super) version: i64,
    /// What it says.
    pub(super) decision: DecisionShape,
}

impl Case {
    /// Reads a case file from the tables.
    pub(super) fn load(
        connection: &Connection,
        view: &mut View,
        din: DonationNumber,
    ) -> Result<Case, Trouble> {
        Case::load_until(connection, view, din, Until::NOW)
    }

    /// Reads a case file as it stood at an earlier time.
    pub(super) fn load_until(
        connection: &Connection,
        view: &mut View,
        din: DonationNumber,
        until: Until,
    ) -> Result<Case, Trouble> {
        let mut facts = Facts::new(din);
        facts.registration = rows::registration(connection, &facts.din)?;
        let mut looked_at = Vec::new();
        for said in record_rows::about_donation(connection, &facts.din, until.record)? {
            let after_verdict = said.after_verdict;
            facts.statements.extend(said.into_statement());
            looked_at.extend(looked_again(facts.statements.last(), after_verdict));
        }
        for (mut found, received_at) in rows::observations(connection, &facts.din, until)? {
            let said = &facts.statements;
            let about = view.circumstances(connection, until, said, &found, received_at)?;
            found.circumstances = about;
            facts.observations.push(found);
        }
        facts.unread = rows::unread_of(connection, &facts.din, until)?;
        facts.sightings = order_rows::sightings(connection, &facts.din, until)?;
        facts.pools = pools::of_donation(connection, view, &facts.din, &facts.statements, until)?;
        let last = rows::stand(connection, &facts.din, until)?;
        let past = match &last {
            Some(_) => rows::past(connection, &facts.din, &view.rules, until)?,
            None => Past::default(),
        };
        Ok(Case { facts, last, past, looked_at })
    }

    /// Adds what somebody says, after the verdict with number `after_verdict`.
    pub(super) fn hear(&mut self, said: RecordedStatement, after_verdict: i64) {
        self.looked_at.extend(looked_again(Some(&said), after_verdict));
        self.facts.statements.push(said);
    }

    /// Concludes from the facts.
    pub(super) fn decide(&mut self, rules: &RuleSet) -> Decision {
        self.stand_before(&rules.identity().sha256);
        rules::decide(&self.facts, rules)
    }

    /// Says in the facts what earlier verdicts amount to, for the rule set with this SHA-256.
    pub(super) fn stand_before(&mut self, rules: &str) {
        self.facts.release = self.release();
        self.facts.rule_set = self.rule_set_standing(rules);
    }

    /// Whether a decision says something else than the verdict on record.
    pub(super) fn is_changed_by(&self, decision: &DecisionShape) -> bool {
        self.last.as_ref().is_none_or(|last| {
            let last = &last.decision;
            last.verdict != decision.verdict
                || last.reasons != decision.reasons
                || last.remarks != decision.remarks
                || last.labels != decision.labels
                || last.donor != decision.donor
        })
    }

    /// Version of the verdict on record; 0 where there is none.
    pub(super) fn version(&self) -> i64 {
        self.last.as_ref().map_or(0, |last| last.version)
    }

    /// Puts a verdict on record.
    pub(super) fn adopt(&mut self, decision: DecisionShape) {
        let version = self.version() + 1;
        self.past.ever_releasable |= decision.verdict == Verdict::Releasable.id();
        self.last = Some(Stand { version, decision });
    }

    /// What inventory may see of it; `None` where nothing is on record.
    pub(super) fn into_record(
        mut self,
        rules: &RuleSet,
        orders: Vec<OrderRecord>,
    ) -> Option<DonationRecord> {
        let facts = &self.facts;
        let known = facts.registration.is_some() || !facts.observations.is_empty();
        let said = !facts.statements.is_empty() || !facts.pools.is_empty();
        if !known && !said && facts.unread.is_empty() && facts.sightings.is_empty() {
            return None;
        }
        let mut decision = DecisionShape::from(self.decide(rules));
        let version = self.version();
        if let Some(Stand { decision: last, .. }) = self.last {
            let (passed, next_steps) = (decision.passed, decision.next_steps);
            decision = DecisionShape { passed, next_steps, ..last };
        }
        let Facts { din, registration, observations, statements, pools, .. } = self.facts;
        Some(DonationRecord {
            din,
            registration,
            observations,
            statements,
            pools,
            orders,
            decision,
            version,
        })
    }

    fn release(&self) -> ReleaseHistory {
        let recalled = Verdict::Recalled.id();
        match &self.last {
            Some(last) if last.decision.verdict == recalled => ReleaseHistory::Recalled,
            Some(_) if self.past.ever_releasable => ReleaseHistory::Released,
            Some(_) | None => ReleaseHistory::NeverReleased,
        }
    }

    /// Another rule set judged results of this donation, and nobody looked again since. What one
    /// released is judged by the next as it is: a release stands until a finding withdraws it.
    fn rule_set_standing(&self, rules: &str) -> RuleSetStanding {
        let stands = |last: &Stand| last.decision.verdict == Verdict::Releasable.id();
        if self.last.as_ref().is_none_or(stands) {
            return RuleSetStanding::Unchanged;
        }
        let pooled = self.facts.pools.iter().flat_map(|pool| &pool.observations);
        let mut results = self.facts.observations.iter().chain(pooled);
        let judged = results.any(|found| found.message <= self.past.judged_elsewhere);
        let since =
            |looked: &(String, i64)| looked.0 == rules && looked.1 >= self.past.last_elsewhere;
        match judged && !self.looked_at.iter().any(since) {
            true => RuleSetStanding::Changed,
            false => RuleSetStanding::Unchanged,
        }
    }

    fn weight(&self) -> usize {
        let facts = &self.facts;
        let pooled: usize = facts.pools.iter().map(|pool| 1 + pool.observations.len()).sum();
        let heard = facts.unread.len() + facts.sightings.len() + facts.statements.len();
        1 + facts.observations.len() + heard + pooled
    }
}

/// Which rule set a person looked at a donation with again, and the last verdict before that.
fn looked_again(said: Option<&RecordedStatement>, after_verdict: i64) -> Option<(String, i64)> {
    let Statement::Reevaluated(sha256) = &said?.statement else { return None };
    Some((sha256.clone(), after_verdict))
}

/// The case files decided last, in two generations: when the young one is full it becomes the old
/// one, and the old one is forgotten.
#[derive(Debug, Default)]
pub(super) struct Cases {
    young: HashMap<DonationNumber, Case>,
    old: HashMap<DonationNumber, Case>,
    young_weight: usize,
    /// What they are read with.
    pub(super) view: View,
}

impl Cases {
    /// None yet; `rules` is the SHA-256 of the rule set that decides.
    pub(super) fn new(rules: &str) -> Cases {
        Cases { view: View::new(rules), ..Cases::default() }
    }

    /// Takes a case file out; the caller keeps it again once it is decided.
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        din: &DonationNumber,
    ) -> Result<Case, Trouble> {
        match self.take_kept(din) {
            Some(case) => Ok(case),
            None => Case::load(connection, &mut self.view, din.clone()),
        }
    }

    /// Reads a case file from the tables, whatever is kept of it.
    pub(super) fn read_again(
        &mut self,
        connection: &Connection,
        din: &DonationNumber,
    ) -> Result<Case, Trouble> {
        drop(self.take_kept(din));
        Case::load(connection, &mut self.view, din.clone())
    }

    fn take_kept(&mut self, din: &DonationNumber) -> Option<Case> {
        let Some(case) = self.young.remove(din) else { return self.old.remove(din) };
        self.young_weight = self.young_weight.saturating_sub(case.weight());
        Some(case)
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
        (self.young, self.old, self.young_weight) = (HashMap::new(), HashMap::new(), 0);
        self.view.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    fn case(name: &str) -> Case {
        let facts = Facts::new(DonationNumber::restored(name.to_owned()));
        Case { facts, last: None, past: Past::default(), looked_at: Vec::new() }
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
        known.past.ever_releasable = true;
        let din = known.facts.din.clone();
        cases.keep(known);
        assert!(cases.take(&connection, &din).unwrap().past.ever_releasable);
        assert!(!cases.take(&connection, &din).unwrap().past.ever_releasable);
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
