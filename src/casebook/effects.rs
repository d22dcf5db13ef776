//! What sentences about results on record, pools, the donation and its review change.

use crate::domain::{
    AboGroup, Assay, Bracket, Effect, ExternalControls, HistoricGroup, KitControls, PoolMembers,
    Reading, RhdType, RuleSetStanding,
};
use crate::limits;

use super::bench::{Bench, DonationSheet, LastDay, PoolSheet, Review, Sheet, When};
use super::sentence::{Answer, Condition, DonationSaying, Expiry, PoolSaying, ReviewSaying, Which};
use super::words::Saying;

/// Members of a pool whose size is not told.
const USUAL_POOL: u32 = 6;

impl Bench {
    /// Something about results that are on record.
    pub(super) fn on(&mut self, which: &Which, condition: &Condition) -> Result<(), String> {
        if let (Which::Of(test), true) = (which, condition.is_of_a_kit()) {
            self.leaflets.push((*test, condition.clone()));
            return Ok(());
        }
        self.meant(which)?.into_iter().try_for_each(|sheet| sheet.suffer(condition))
    }

    /// Something about a pool.
    pub(super) fn pool(&mut self, id: Option<&str>, saying: &PoolSaying) -> Result<(), String> {
        match saying {
            PoolSaying::Run(assay, size, answer) => self.run_pool(id, *assay, *size, answer),
            PoolSaying::Again(answer) => {
                let (id, assay) = self.known(id).map(|pool| (pool.id.clone(), pool.assay))?;
                self.append_pool(&id, assay, answer)
            }
            PoolSaying::NoResult => {
                let id = self.named(id, None);
                self.sheets.retain(|sheet| sheet.pool.as_ref() != Some(&id));
                Ok(())
            }
            PoolSaying::MembersUnknown => {
                let pool = self.known(id)?;
                (pool.members, pool.size) = (PoolMembers::Unknown, 0);
                pool.others.clear();
                Ok(())
            }
            PoolSaying::AddedLater => self.members(id, PoolMembers::AddedLater),
            PoolSaying::Duplicate => self.members(id, PoolMembers::Duplicate),
            PoolSaying::Member(1, saying) => {
                let assay = self.known(id)?.assay;
                self.this_one(assay, *saying)
            }
            PoolSaying::Member(member, saying) => self.member(id, *member, *saying),
            PoolSaying::Others(saying) => self.others(id, *saying),
            PoolSaying::Another(saying) => self.member(id, 2, *saying),
            PoolSaying::Everybody(saying) => {
                let assay = self.known(id)?.assay;
                self.this_one(assay, *saying)?;
                self.others(id, *saying)
            }
        }
    }

    fn run_pool(
        &mut self,
        id: Option<&str>,
        assay: Option<Assay>,
        size: Option<u32>,
        answer: &Answer,
    ) -> Result<(), String> {
        let size = size.map(|size| within(size, limits::CASE_POOL_MAX)).transpose()?;
        let id = self.named(id, assay);
        let pool = self.known(Some(&id))?;
        pool.assay = assay.unwrap_or(pool.assay);
        if let Some(size) = size {
            pool.size = size;
            pool.others.resize(usize::try_from(size.max(1) - 1).unwrap_or(0), None);
        }
        let assay = pool.assay;
        if !self.set_pool(&id, answer)? {
            self.append_pool(&id, assay, answer)?;
        }
        Ok(())
    }

    /// The pool that is named; the only one, or the last, where none is.
    fn known(&mut self, id: Option<&str>) -> Result<&mut PoolSheet, String> {
        let found = match id {
            Some(id) => self.pools.iter_mut().find(|pool| pool.id == id),
            None => self.pools.last_mut(),
        };
        found.ok_or_else(|| "there is no such pool on record".to_owned())
    }

    /// The name of the pool that is meant; one that nobody spoke of yet is made.
    fn named(&mut self, id: Option<&str>, assay: Option<Assay>) -> String {
        let meant = |pool: &&PoolSheet| match id {
            Some(id) => pool.id == id,
            None => assay.is_none_or(|assay| assay == pool.assay),
        };
        if let Some(pool) = self.pools.iter().rev().find(meant) {
            return pool.id.clone();
        }
        let id = id.map_or_else(|| format!("P{}", self.pools.len() + 1), str::to_owned);
        self.pools.push(PoolSheet {
            id: id.clone(),
            size: USUAL_POOL,
            members: PoolMembers::Recorded,
            assay: assay.unwrap_or(Assay::Nat),
            others: vec![None; USUAL_POOL as usize - 1],
        });
        id
    }

    fn members(&mut self, id: Option<&str>, members: PoolMembers) -> Result<(), String> {
        self.known(id)?.members = members;
        Ok(())
    }

    fn member(&mut self, id: Option<&str>, member: u32, saying: Saying) -> Result<(), String> {
        let pool = self.known(id)?;
        let (size, name) = (pool.size, pool.id.clone());
        let place = usize::try_from(member).unwrap_or(usize::MAX).checked_sub(2);
        let place = place.and_then(|place| pool.others.get_mut(place));
        let Some(place) = place else {
            return Err(format!("pool {name} has {size} members, no member {member}"));
        };
        *place = Some(saying.reading(Assay::Nat)?);
        Ok(())
    }

    fn others(&mut self, id: Option<&str>, saying: Saying) -> Result<(), String> {
        let reading = saying.reading(Assay::Nat)?;
        for other in &mut self.known(id)?.others {
            other.get_or_insert(reading);
        }
        Ok(())
    }

    fn this_one(&mut self, assay: Assay, saying: Saying) -> Result<(), String> {
        use super::sentence::Sentence;
        self.apply(&Sentence::Singly(Some(assay), Answer::of(saying)))
    }
}

/// A number within its bound, or what the bound is.
fn within(number: u32, most: u32) -> Result<u32, String> {
    let fits = (1..=most).contains(&number);
    fits.then_some(number).ok_or_else(|| format!("{number} is not between 1 and {most}"))
}

impl Condition {
    /// Whether it is said of the kit and not of one result.
    fn is_of_a_kit(&self) -> bool {
        matches!(
            self,
            Condition::KitUnknown
                | Condition::Maker(_)
                | Condition::ValidFor(_)
                | Condition::PoolMax(_)
                | Condition::Stability(_)
        )
    }
}

impl Sheet {
    /// Something is said of it.
    pub(super) fn suffer(&mut self, condition: &Condition) -> Result<(), String> {
        match condition {
            Condition::Flag(flag, effect) => self.concern(flag, *effect),
            Condition::NoValue => {
                (self.reading, self.value, self.number, self.unit) = (None, None, None, None);
            }
            Condition::Unit(unit) => self.unit.clone_from(unit),
            // Reactive in spite of it stays reactive.
            Condition::InternalControlFailed if self.reading == Some(Reading::Reactive) => {}
            Condition::InternalControlFailed => self.reading = Some(Reading::Invalid),
            Condition::UnknownCode(code) => {
                (self.reading, self.number) = (None, None);
                self.value = Some(code.clone());
                self.not_understood = Some(code.clone());
            }
            Condition::Contradicts(amount, saying) => {
                self.reading = self.assay.map(|assay| saying.reading(assay)).transpose()?;
                self.value = Some(amount.text.clone());
                self.number = Some(amount.number);
                self.concern("VALUE_TEXT_CONFLICT", Effect::Holds);
            }
            Condition::BeforeCollection => self.when = When::Before,
            Condition::Hours(hours) => {
                self.when = When::Hours(within(*hours, limits::CASE_HOURS_MAX)?);
            }
            Condition::TooOld => self.when = When::TooLate,
            Condition::AgeUnknown => self.when = When::Unknown,
            Condition::NotUnderstood => self.not_understood = Some("?".to_owned()),
            Condition::Status(status) => self.status = Some(*status),
            Condition::NoStatus => self.status = None,
            Condition::Tube(number) => self.tube = Some(number.clone()),
            Condition::Container(container) => self.circumstances.container = *container,
            Condition::Operator(operator) => self.operator.clone_from(operator),
            Condition::Lot(standing) => self.circumstances.lot = *standing,
            Condition::Expiry(expiry) => self.expiry = last_day(*expiry),
            Condition::KitUnknown
            | Condition::Maker(_)
            | Condition::ValidFor(_)
            | Condition::PoolMax(_)
            | Condition::Stability(_) => self.of_kit(condition),
            Condition::KitControls(_)
            | Condition::Violations(_)
            | Condition::ExternalWrong
            | Condition::ExternalFine
            | Condition::NoExternal
            | Condition::NoControls
            | Condition::NoControlAfter
            | Condition::FailedLater => self.of_controls(condition),
        }
        Ok(())
    }

    fn concern(&mut self, code: &str, effect: Effect) {
        self.concerns.push((code.to_owned(), effect));
    }

    /// Something is said of its kit; of a kit that is not on record there is nothing to say.
    fn of_kit(&mut self, condition: &Condition) {
        if *condition == Condition::KitUnknown {
            self.circumstances.kit = None;
        }
        let Some(kit) = &mut self.circumstances.kit else { return };
        match condition {
            Condition::Maker(Some(maker)) => kit.maker.clone_from(maker),
            Condition::ValidFor(containers) => kit.containers.clone_from(containers),
            Condition::PoolMax(most) => kit.pool_max = Some(*most),
            Condition::Stability(hours) => kit.stability_hours = Some(*hours),
            _ => {}
        }
    }

    fn of_controls(&mut self, condition: &Condition) {
        let controls = &mut self.circumstances.controls;
        let external = &mut controls.external;
        match condition {
            Condition::KitControls(standing) => controls.kit = *standing,
            Condition::Violations(rules) => {
                external.recorded = true;
                external.violations.extend(rules);
                external.violations.sort_unstable();
                external.violations.dedup();
            }
            Condition::ExternalWrong => (external.recorded, external.wrong_reading) = (true, true),
            Condition::ExternalFine => (external.recorded, external.wrong_reading) = (true, false),
            Condition::NoExternal => *external = ExternalControls::default(),
            Condition::NoControls => {
                *external = ExternalControls::default();
                controls.kit = KitControls::NotRecorded;
            }
            Condition::NoControlAfter => controls.bracket = Bracket::Open,
            Condition::FailedLater => controls.failed_later = true,
            _ => {}
        }
    }
}

const fn last_day(expiry: Expiry) -> LastDay {
    match expiry {
        Expiry::On(date) => LastDay::On(date),
        Expiry::DayOfRun => LastDay::DayOfRun,
        Expiry::DayBefore => LastDay::DayBefore,
        Expiry::NotRecorded => LastDay::NotRecorded,
    }
}

impl DonationSheet {
    /// Something is said of the donation or its donor.
    pub(super) fn apply(&mut self, saying: &DonationSaying) {
        match saying {
            DonationSaying::NotRegistered => self.registered = false,
            DonationSaying::CollectedOn(date) => self.collected = Some(*date),
            DonationSaying::FirstTime => (self.first_time, self.history) = (true, None),
            DonationSaying::Known => self.first_time = false,
            DonationSaying::Sex(sex) => self.details.sex = *sex,
            DonationSaying::History(history) => self.history = *history,
            DonationSaying::HistoryAbo(abo) => {
                let rhd = self.history.map_or(RhdType::Positive, |known| known.rhd);
                self.history = Some(HistoricGroup { abo: *abo, rhd });
            }
            DonationSaying::HistoryRhd(rhd) => {
                let abo = self.history.map_or(AboGroup::A, |known| known.abo);
                self.history = Some(HistoricGroup { abo, rhd: *rhd });
            }
            DonationSaying::Deferred(deferred) => self.deferred = *deferred,
            DonationSaying::DeferredLater => self.deferred_later = true,
            DonationSaying::Record(Some(record)) => self.records.push(*record),
            DonationSaying::Record(None) => self.records.clear(),
            DonationSaying::EarlierOccasion(assay) => self.occasions.push(*assay),
            DonationSaying::Kind(kind) => self.details.kind = *kind,
            DonationSaying::Autologous => self.details.autologous = true,
            DonationSaying::Extra(assay) => self.details.extras.push(*assay),
            DonationSaying::NumberFails => self.number_fails = true,
            DonationSaying::SampleNotReceived => self.sample.push(false),
            DonationSaying::SampleReceived => self.sample.push(true),
            DonationSaying::Lookback(standing) => self.lookback = Some(*standing),
            DonationSaying::ManualPath => self.manual = true,
            DonationSaying::RuleSetChanged => self.rule_set = RuleSetStanding::Changed,
            DonationSaying::Reevaluated => {
                (self.rule_set, self.reevaluated) = (RuleSetStanding::Unchanged, true);
            }
        }
    }
}

impl Review {
    /// Something is said of the review.
    pub(super) fn apply(&mut self, saying: &ReviewSaying) {
        if self.tester.is_none() {
            self.tester = Some("tester-1".to_owned());
        }
        match saying {
            ReviewSaying::Complete => {
                self.reviewer = Some("reviewer-1".to_owned());
                self.signer = Some("signer-1".to_owned());
            }
            ReviewSaying::NotReviewed => self.reviewer = None,
            ReviewSaying::NotSigned => self.signer = None,
            ReviewSaying::BeforeLast => self.before_last = true,
            ReviewSaying::OnePerson => {
                (self.reviewer, self.signer) = (self.tester.clone(), self.tester.clone());
            }
            ReviewSaying::ReviewerSigned => self.signer.clone_from(&self.reviewer),
            ReviewSaying::TesterReviewed => self.reviewer.clone_from(&self.tester),
            ReviewSaying::TesterSigned => self.signer.clone_from(&self.tester),
            ReviewSaying::TestedBy(who) => self.tester = Some(who.clone()),
            ReviewSaying::ReviewedBy(who) => self.reviewer = Some(who.clone()),
            ReviewSaying::SignedBy(who) => self.signer = Some(who.clone()),
        }
    }
}
