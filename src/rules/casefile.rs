//! The facts of one donation, laid out once for everybody who judges: results by assay with their
//! copies dropped and their circumstances judged, and what people said.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{
    Assay, Details, Donor, DonorKind, Facts, Registration, Statement, Supplemental,
};

use super::accord::Accord;
use super::content::{CheckRule, Need};
use super::determination::{self, Determination, Standing};
use super::gates;
use super::rack::{self, Doubt};
use super::rule_set::RuleSet;

/// The facts of one donation, and the rule set that judges them.
pub(super) struct CaseFile<'f> {
    pub(super) facts: &'f Facts,
    pub(super) rules: &'f RuleSet,
    /// What inventory said of this donation; a registration of another one is none.
    pub(super) registration: Option<&'f Registration>,
    /// What was said of it beside that: the latest.
    pub(super) details: Option<&'f Details>,
    /// The number of the last result that is no copy, of the donation or of one of its pools.
    pub(super) last_result: Option<i64>,
    /// What two people agreed on.
    pub(super) accord: &'f Accord<'f>,
    /// Racks in doubt in which its tube stood.
    pub(super) doubts: Vec<Doubt<'f>>,
    /// Determinations by the place of their assay.
    results: Vec<Vec<Determination<'f>>>,
}

impl<'f> CaseFile<'f> {
    /// The facts must be those that the accord corrected.
    pub(super) fn new(
        facts: &'f Facts,
        rules: &'f RuleSet,
        accord: &'f Accord<'f>,
    ) -> CaseFile<'f> {
        let registration = facts.registration.as_ref().filter(|known| known.din == facts.din);
        let details = facts.statements.iter().rev().find_map(|said| {
            let Statement::Details(details) = &said.statement else { return None };
            Some(details)
        });
        let (results, last) = determination::by_assay(facts, accord, rules.without_status_counts());
        let pooled = facts.pools.iter().flat_map(|pool| &pool.observations).map(|seen| seen.id);
        let last_result = pooled.chain(last).max();
        let doubts = rack::doubts(facts);
        let mut file =
            CaseFile { facts, rules, registration, details, last_result, accord, doubts, results };
        file.judge_circumstances();
        file.doubt_racks();
        file
    }

    /// Each result by the tables of the check that judges its assay.
    fn judge_circumstances(&mut self) {
        let collected = self.collected_at();
        for check in self.rules.checks().iter().filter(|check| gates::has_any(check)) {
            for assay in each_once(check.evidence.iter().flatten().copied()).chain(check.confirms) {
                let Some(results) = self.results.get_mut(assay as usize) else { continue };
                for result in results {
                    gates::judge(result, check, self.rules, collected);
                }
            }
        }
    }

    /// What is good in the results of a rack in doubt does not count.
    fn doubt_racks(&mut self) {
        for doubt in &self.doubts {
            let blocked = |result: &&mut Determination<'_>| {
                result.standing == Standing::Counts && doubt.blocks(result.recorded)
            };
            for result in self.results.iter_mut().flatten().filter(blocked) {
                result.standing = Standing::Blocked;
            }
        }
    }

    /// The determinations of an assay, oldest commit first.
    pub(super) fn results(&self, assay: Assay) -> &[Determination<'f>] {
        self.results.get(assay as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether any result speaks of the donation.
    pub(super) fn has_results(&self) -> bool {
        self.facts.observations.iter().any(|seen| determination::speaks_for(self.facts, seen))
    }

    pub(super) fn donor(&self) -> Option<&'f Donor> {
        self.registration.map(|registration| &registration.donor)
    }

    pub(super) fn is_first_donation(&self) -> bool {
        self.donor()
            .is_none_or(|donor| donor.kind == DonorKind::First || donor.historic_group.is_none())
    }

    pub(super) fn collected_at(&self) -> Option<Timestamp> {
        self.registration.map(|registration| registration.collected_at)
    }

    /// The day of collection, UTC.
    pub(super) fn collected_on(&self) -> Option<Date> {
        self.collected_at().map(day)
    }

    /// Whether this donation needs the check. What is not known never spares it one.
    pub(super) fn needs(&self, check: &CheckRule) -> bool {
        let extras = self.details.map_or(&[][..], |details| &details.extras);
        if check.evidence.iter().flatten().any(|assay| extras.contains(assay)) {
            return true;
        }
        let kind = self.details.map_or_else(Default::default, |details| details.kind);
        match self.collected_on() {
            Some(collected) => check.is_needed(kind, collected),
            None => check.required == Need::Yes,
        }
    }

    pub(super) fn is_autologous(&self) -> bool {
        self.details.is_some_and(|details| details.autologous)
    }

    /// Whether the marker was repeat reactive on an earlier occasion.
    pub(super) fn is_later_occasion(&self, assay: Assay) -> bool {
        self.facts.statements.iter().any(|said| said.statement == Statement::EarlierOccasion(assay))
    }

    /// The worst that a reference laboratory found.
    pub(super) fn supplemental(&self, assay: Assay) -> Option<Supplemental> {
        let found = self.facts.statements.iter().filter_map(|said| {
            let Statement::Supplemental(of, found) = said.statement else { return None };
            (of == assay).then_some(found)
        });
        found.max_by_key(|found| match found {
            Supplemental::Negative => 0,
            Supplemental::Indeterminate => 1,
            Supplemental::Positive => 2,
        })
    }
}

/// The day of a moment, UTC.
pub(super) fn day(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

/// Each assay once, in order.
pub(super) fn each_once(assays: impl Iterator<Item = Assay>) -> impl Iterator<Item = Assay> {
    let mut seen = 0_u64;
    assays.filter(move |assay| {
        let bit = 1_u64 << (*assay as u32);
        let is_new = seen & bit == 0;
        seen |= bit;
        is_new
    })
}
