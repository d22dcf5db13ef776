//! Pools that the donation is in: what a pool says of it, and whether something else says it
//! instead. A pool that was run before the donation was on record in it says nothing.

use crate::domain::{
    Assay, PoolFacts, PoolMembers, Reading, ReasonCode, RecordedObservation, Verdict,
};

use super::casefile::{CaseFile, each_once};
use super::content::CheckRule;
use super::determination::{Determination, Standing, of_pool};
use super::docket::{About, Docket};
use super::marker::{is_adverse, is_proof, last_word, reads_adverse};
use super::place::{Place, place};
use super::question::Judges;
use super::table::Answers;
use super::{gates, wording};

/// What the pools of a donation contribute to a check.
#[derive(Debug)]
pub(super) struct Pools {
    /// Results of pools that prove the check.
    pub(super) evidence: Vec<i64>,
    /// Whether each of them lets pass.
    pub(super) passed: bool,
    /// Whether a reason says what is missing.
    pub(super) told: bool,
}

/// One pool, laid out.
struct Seen<'f> {
    pool: &'f PoolFacts,
    /// Results by assay of the check.
    results: Vec<(Assay, Vec<Determination<'f>>)>,
    /// Its last result; zero, where there is none.
    last: i64,
    answers: Answers,
}

/// Judges every pool of the donation by the table of the check.
pub(super) fn judge(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) -> Pools {
    let mut pools = Pools { evidence: Vec::new(), passed: true, told: false };
    if case.facts.pools.is_empty() {
        return pools;
    }
    let Some(table) = check.pool.as_deref() else {
        without_table(case, check, docket);
        return pools;
    };
    let seen = case.facts.pools.iter().map(|pool| see(case, check, pool));
    let seen: Vec<Seen<'_>> = seen.filter(|seen| seen.is_of(case, check)).collect();
    let alone = |seen: &Seen<'_>| {
        let answers = seen.answers.put(place!(Pool, "instead", "none"));
        table.verdict(&answers) == Some(Verdict::Releasable) && seen.is_nonreactive()
    };
    for pool in &seen {
        let later = |other: &Seen<'_>| {
            !std::ptr::eq(other.pool, pool.pool) && other.last > pool.last && alone(other)
        };
        let instead = if is_covered_singly(case, check, pool) || seen.iter().any(later) {
            place!(Pool, "instead", "covered")
        } else {
            place!(Pool, "instead", "none")
        };
        let before = docket.against();
        pool.tell(case, check, docket);
        let passed = pool.judge(table, instead, check, docket) && docket.against() == before;
        pools.passed &= passed;
        pools.told |= docket.against() > before;
        if passed && alone(pool) {
            pools.evidence.extend(pool.proof(check));
        }
    }
    pools
}

/// A pool for which no table says anything may not be passed over.
fn without_table(case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
    let assays: Vec<Assay> = check.evidence.iter().flatten().copied().collect();
    for pool in &case.facts.pools {
        let speaks = |assay: Option<Assay>| assay.is_some_and(|assay| assays.contains(&assay));
        let found = pool.observations.iter().filter(|seen| speaks(seen.observation.assay));
        let ids: Vec<i64> = found.map(|seen| seen.id).collect();
        if let (false, Some(assay)) = (ids.is_empty(), assays.first().copied()) {
            let found = wording::observations(&ids);
            let text = format!("pool {}: the rule set judges no pools ({found})", pool.id);
            let assay = Some(assay);
            if docket.reason(ReasonCode::RuleGap, Verdict::Hold, assay, ids, text) {
                docket.review(assay);
            }
        }
    }
}

fn see<'f>(case: &CaseFile<'f>, check: &CheckRule, pool: &'f PoolFacts) -> Seen<'f> {
    let mut results = Vec::new();
    for assay in each_once(check.evidence.iter().flatten().copied()) {
        let own = pool.observations.iter().filter(|seen| seen.observation.assay == Some(assay));
        let mut own = of_pool(own, case.accord, case.rules.without_status_counts());
        for result in &mut own {
            gates::judge(result, check, case.rules, case.collected_at());
        }
        if !own.is_empty() {
            results.push((assay, own));
        }
    }
    let last = results.iter().filter_map(|(_, own)| own.last()).map(Determination::id).max();
    let members = match pool.members {
        PoolMembers::Recorded => place!(Pool, "members", "recorded"),
        PoolMembers::Unknown => place!(Pool, "members", "unknown"),
        PoolMembers::AddedLater => place!(Pool, "members", "added_later"),
        PoolMembers::Duplicate => place!(Pool, "members", "duplicate"),
    };
    let answers = Answers::of(Judges::Pool).put(members).put(size(pool));
    let mut seen = Seen { pool, results, last: last.unwrap_or_default(), answers };
    let this_one = seen.this_one(case, check);
    seen.answers = answers.put(members).put(seen.result(check)).put(this_one).put(others(pool));
    seen
}

/// The size against every kit that the pool was run with.
fn size(pool: &PoolFacts) -> Place {
    let is_known = pool.members != PoolMembers::Unknown && !pool.observations.is_empty();
    let exceeds = |seen: &RecordedObservation| most_of(seen).is_some_and(|most| pool.size > most);
    if is_known && pool.observations.iter().any(exceeds) {
        return place!(Pool, "size", "exceeded");
    }
    if is_known && pool.observations.iter().all(|seen| most_of(seen).is_some()) {
        return place!(Pool, "size", "allowed");
    }
    place!(Pool, "size", "not_recorded")
}

fn most_of(seen: &RecordedObservation) -> Option<u32> {
    seen.circumstances.kit.as_ref()?.pool_max
}

/// What the single tests of the other members say.
fn others(pool: &PoolFacts) -> Place {
    let is_told =
        |single: Option<Reading>| matches!(single, Some(Reading::Reactive | Reading::Nonreactive));
    if pool.members == PoolMembers::Unknown || !pool.others.iter().all(|o| is_told(o.single)) {
        return place!(Pool, "others", "open");
    }
    if pool.others.iter().any(|other| other.single == Some(Reading::Reactive)) {
        return place!(Pool, "others", "explained");
    }
    place!(Pool, "others", "none_reactive")
}

impl Seen<'_> {
    /// Whether the pool has anything to say of this check: it was run for it, or it was not run
    /// yet and the donation needs the check. A pool run for other assays only is none of it.
    fn is_of(&self, case: &CaseFile<'_>, check: &CheckRule) -> bool {
        !self.results.is_empty() || (self.pool.observations.is_empty() && case.needs(check))
    }

    fn all(&self) -> impl Iterator<Item = &Determination<'_>> {
        self.results.iter().flat_map(|(_, own)| own)
    }

    /// What the results of the pool's tube say. Reactive once is reactive for ever; reactive once
    /// in a result that does not count is no nonreactive pool any more.
    fn result(&self, check: &CheckRule) -> Place {
        if self.all().any(is_adverse) {
            return place!(Pool, "result", "reactive");
        }
        if self.all().any(reads_adverse) {
            return place!(Pool, "result", "void");
        }
        let is_void = |own: &[Determination<'_>]| !last_word(own, 0).is_some_and(is_proof);
        if self.results.iter().any(|(_, own)| is_void(own)) {
            return place!(Pool, "result", "void");
        }
        if self.complete_set(check).is_some() {
            return place!(Pool, "result", "nonreactive");
        }
        place!(Pool, "result", "none")
    }

    fn is_nonreactive(&self) -> bool {
        self.answers.has(place!(Pool, "result", "nonreactive"))
    }

    fn is_reactive(&self) -> bool {
        self.answers.has(place!(Pool, "result", "reactive"))
    }

    /// A set of evidence of which every assay was run in the pool.
    fn complete_set<'c>(&self, check: &'c CheckRule) -> Option<&'c Vec<Assay>> {
        let has_run = |assay: &Assay| self.results.iter().any(|(of, _)| of == assay);
        check.evidence.iter().find(|set| set.iter().all(has_run))
    }

    /// The results that prove the check.
    fn proof(&self, check: &CheckRule) -> Vec<i64> {
        let set = self.complete_set(check).map_or(&[][..], Vec::as_slice);
        let own = self.results.iter().filter(|(assay, _)| set.contains(assay));
        own.filter_map(|(_, own)| last_word(own, 0)).map(Determination::id).collect()
    }

    /// The first result of the pool that is reactive.
    fn first_reactive(&self) -> Option<i64> {
        self.all().filter(|result| is_adverse(result)).map(Determination::id).min()
    }

    /// What the single tests of this donation say: of a reactive pool those after it, because a
    /// nonreactive result that came before is no answer to it.
    fn this_one(&self, case: &CaseFile<'_>, check: &CheckRule) -> Place {
        let assays = || each_once(check.evidence.iter().flatten().copied());
        if assays().any(|assay| case.results(assay).iter().any(is_adverse)) {
            return place!(Pool, "this_one", "reactive");
        }
        let after = self.first_reactive().unwrap_or_default();
        let last = |assay: Assay| last_word(case.results(assay), after);
        if assays().filter_map(last).any(|last| !is_proof(last)) {
            return place!(Pool, "this_one", "void");
        }
        let is_whole = |set: &Vec<Assay>| set.iter().all(|assay| last(*assay).is_some());
        if check.evidence.iter().any(is_whole) {
            return place!(Pool, "this_one", "nonreactive");
        }
        place!(Pool, "this_one", "none")
    }

    /// Tells the circumstances of the results that do not count.
    fn tell(&self, case: &CaseFile<'_>, check: &CheckRule, docket: &mut Docket) {
        for (assay, own) in &self.results {
            let unsettled =
                own.iter().rev().take_while(|result| result.standing != Standing::Counts);
            let told: Vec<&Determination<'_>> =
                unsettled.filter(|result| result.circumstances > Verdict::Releasable).collect();
            let remarked =
                own.iter().filter(|result| result.remarked && result.standing == Standing::Counts);
            gates::tell(case, check, *assay, told.into_iter().rev(), remarked, docket);
        }
    }

    fn judge(
        &self,
        table: &super::table::Table,
        instead: Place,
        check: &CheckRule,
        docket: &mut Docket,
    ) -> bool {
        let mut behind: Vec<i64> = self.all().map(Determination::id).collect();
        behind.sort_unstable();
        let subject = format!("pool {}", self.pool.id);
        let is_done = self.answers.has(place!(Pool, "this_one", "nonreactive"));
        let is_awaited = self.answers.has(place!(Pool, "result", "none"));
        let is_member = self.pool.members == PoolMembers::Recorded;
        let about = About {
            assay: check.evidence.iter().flatten().next().copied(),
            subject: Some(&subject),
            observations: &behind,
            not_here: (self.is_reactive() && is_done) || (is_awaited && is_member),
            ..About::default()
        };
        docket.judge(table, &self.answers.put(instead), &about)
    }
}

/// Whether single tests of the donation say all that the pool should have said: later than the
/// pool, or whenever it never spoke of the donation.
fn is_covered_singly(case: &CaseFile<'_>, check: &CheckRule, seen: &Seen<'_>) -> bool {
    let after = match seen.pool.members {
        PoolMembers::AddedLater => 0,
        PoolMembers::Recorded | PoolMembers::Unknown | PoolMembers::Duplicate => seen.last,
    };
    let proved = |assay: &Assay| last_word(case.results(*assay), after).is_some_and(is_proof);
    check.evidence.iter().any(|set| set.iter().all(proved))
}
