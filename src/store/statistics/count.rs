//! What is counted of one month: donation after donation, in slices, from what is on record now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension};

use super::Month;
use crate::domain::{
    Assay, DonationNumber, Measure, Observation, Reading, ReasonCode, SpecimenKind, Verdict,
};
use crate::limits;
use crate::rules::life::day;
use crate::shape::{DecisionShape, ReasonShape};
use crate::store::controls::is_conclusive;
use crate::store::errors::Trouble;
use crate::store::rows::{self, Received, Until};

/// What was counted of one site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteCount {
    /// Donations registered.
    pub registered: u64,
    /// Those of which any result counts.
    pub tested: u64,
    /// Those that were ever on hold.
    pub held: u64,
    /// How they stand now, by verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// By assay.
    pub assays: BTreeMap<Assay, AssayCount>,
    /// Rejected or recalled donations by reason and assay; one with several reasons stands in each.
    pub rejects: BTreeMap<(ReasonCode, Option<Assay>), u64>,
    /// Seconds from registration to the first verdict that lets go or rejects, in order.
    pub seconds: Vec<u64>,
}

/// What was counted of one assay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AssayCount {
    /// Donations with a result that counts, of their own or of a pool.
    pub tested: u64,
    /// Those whose first own result was reactive or in the grey zone.
    pub initial_reactive: u64,
    /// Those whose verdict says reactive: repeatedly, or with no repeat foreseen.
    pub repeat_reactive: u64,
    /// Of a nucleic acid test: those of them whose serology of the same viruses is nonreactive.
    pub nat_yield: u64,
}

/// First results made with one lot on one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LotDay {
    /// The day on which they were received, UTC.
    pub day: Date,
    /// Profile whose test code it is.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// The assay.
    pub assay: Assay,
    /// The lot.
    pub lot: String,
}

/// First results, and how many of them were reactive or in the grey zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Donations.
    pub donations: u64,
    /// Those that were reactive.
    pub reactive: u64,
}

/// The next donations of a month. Days and numbers are compared one after the other: a pair of them
/// would be looked for from the beginning of the index each time.
const NEXT: &str = "SELECT din, site, registered_at, substr(collected_at, 1, 10), id \
                    FROM registration \
                    WHERE substr(collected_at, 1, 10) >= ?1 AND substr(collected_at, 1, 10) < ?3 \
                    AND (substr(collected_at, 1, 10) > ?1 OR id > ?2) \
                    ORDER BY substr(collected_at, 1, 10), id LIMIT ?4";

/// What is counted of one month, as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) sites: BTreeMap<String, SiteCount>,
    pub(super) rates: BTreeMap<LotDay, Rate>,
}

/// Where counting a month goes on: after the registration of this day with this number.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    day: String,
    id: i64,
    /// The first day after the month.
    ends: String,
}

impl Cursor {
    /// The beginning of a month.
    pub(super) fn begin(month: Month) -> Cursor {
        let day = |month: Month| month.first_day().to_string();
        Cursor { day: day(month), id: 0, ends: day(month.next()) }
    }
}

/// The months of the first and the last donation, by their collection.
pub(super) fn months(connection: &Connection) -> Result<Option<(Month, Month)>, Trouble> {
    let end = |order: &str| -> Result<Option<Month>, Trouble> {
        let sql = format!(
            "SELECT collected_at FROM registration ORDER BY substr(collected_at, 1, 10) {order} \
             LIMIT 1"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let found = statement.query_row([], |row| Ok(rows::read_time(row, 0))).optional()?;
        Ok(found.transpose()?.map(Month::of))
    };
    Ok(end("ASC")?.zip(end("DESC")?))
}

/// Months with a donation that got a verdict after one, and the last verdict that was looked at;
/// `None` at the end.
pub(super) fn changed_after(
    connection: &Connection,
    after: i64,
) -> Result<Option<(BTreeSet<Month>, i64)>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT v.seq, r.collected_at FROM verdict v JOIN registration r ON r.din = v.din \
         WHERE v.seq > ?1 AND v.seq <= ?2 ORDER BY v.seq",
    )?;
    let head: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM verdict")?
        .query_row([], |row| row.get(0))?;
    if after >= head {
        return Ok(None);
    }
    let to = head.min(after.saturating_add(limits::STATISTICS_SLICE));
    let mut rows = statement.query([after, to])?;
    let mut months = BTreeSet::new();
    while let Some(row) = rows.next()? {
        months.insert(Month::of(rows::read_time(row, 1)?));
    }
    Ok(Some((months, to)))
}

impl Count {
    /// Counts the next donations of a month; says where to go on, `None` at the end.
    pub(super) fn go_on(
        &mut self,
        connection: &Connection,
        cursor: Cursor,
    ) -> Result<Option<Cursor>, Trouble> {
        let mut statement = connection.prepare_cached(NEXT)?;
        let Cursor { day, id, ends } = &cursor;
        let mut rows = statement.query((day, id, ends, limits::STATISTICS_SLICE))?;
        let (mut next, mut seen) = (None, 0);
        while let Some(row) = rows.next()? {
            let din = DonationNumber::restored(row.get(0)?);
            let found = Seen::read(connection, &din, rows::read_time(row, 2)?)?;
            self.add(row.get(1)?, &found);
            next = Some(Cursor { day: row.get(3)?, id: row.get(4)?, ends: ends.clone() });
            seen += 1;
        }
        Ok(next.filter(|_| seen == limits::STATISTICS_SLICE))
    }

    fn add(&mut self, site: String, seen: &Seen) {
        self.sites.entry(site).or_default().add(seen);
        for ((profile, test_code, assay), (at, lot, is_reactive)) in seen.first_of_tests() {
            let (profile, test_code) = (profile.to_owned(), test_code.to_owned());
            let key = LotDay { day: day(at), profile, test_code, assay, lot: lot.to_owned() };
            let rate = self.rates.entry(key).or_default();
            rate.donations += 1;
            rate.reactive += u64::from(is_reactive);
        }
    }
}

/// What is on record of one donation, as far as it is counted.
struct Seen {
    registered_at: Timestamp,
    /// Its own results.
    own: Vec<Received>,
    /// Those of its pools.
    pooled: Vec<Received>,
    /// Every verdict, oldest first, with when.
    verdicts: Vec<(Verdict, Timestamp)>,
    /// The reasons of the last one.
    reasons: Vec<ReasonShape>,
}

/// A test of a donation: profile, test code, assay.
type Test<'a> = (&'a str, &'a str, Assay);

impl Seen {
    fn read(
        connection: &Connection,
        din: &DonationNumber,
        registered_at: Timestamp,
    ) -> Result<Seen, Trouble> {
        let own = rows::observations(connection, din, Until::NOW)?;
        let mut pools = connection
            .prepare_cached("SELECT DISTINCT pool FROM pool_member WHERE din = ?1 ORDER BY pool")?;
        let pools: Vec<String> =
            pools.query_map([din.as_str()], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut pooled = Vec::new();
        for pool in pools {
            pooled.extend(rows::of_specimen(connection, &pool, Until::NOW)?);
        }
        let verdicts = verdicts(connection, din)?;
        let reasons = rows::stand(connection, din, Until::NOW)?
            .map_or_else(Vec::new, |stand| reasons(stand.decision));
        Ok(Seen { registered_at, own, pooled, verdicts, reasons })
    }

    /// The first own result of each test that names a lot: when, the lot, whether it is reactive.
    fn first_of_tests(&self) -> BTreeMap<Test<'_>, (Timestamp, &str, bool)> {
        let mut firsts: BTreeMap<Test<'_>, Option<(Timestamp, &str, bool)>> = BTreeMap::new();
        for (found, at) in &self.own {
            let told = &found.observation;
            let (Some(assay), Some(is_reactive)) = (told.assay, is_reactive(told)) else {
                continue;
            };
            let lot = told.reagent_lot.as_deref().map(|lot| (*at, lot, is_reactive));
            firsts.entry((&found.profile, &told.test_code, assay)).or_insert(lot);
        }
        firsts.into_iter().filter_map(|(test, first)| Some((test, first?))).collect()
    }

    /// Assays of which any result counts.
    fn tested(&self) -> BTreeSet<Assay> {
        let all = self.own.iter().chain(&self.pooled).map(|(found, _)| &found.observation);
        all.filter(|told| counts(told)).filter_map(|told| told.assay).collect()
    }

    /// Whether the first own result of a marker is reactive; by assay.
    fn first_reactive(&self) -> BTreeMap<Assay, bool> {
        let mut firsts = BTreeMap::new();
        for (found, _) in &self.own {
            let told = &found.observation;
            if let (Some(assay), Some(is_reactive)) = (told.assay, is_reactive(told)) {
                firsts.entry(assay).or_insert(is_reactive);
            }
        }
        firsts
    }

    /// Assays of which the verdict says that they are reactive.
    fn repeat_reactive(&self) -> BTreeSet<Assay> {
        let says = self
            .reasons
            .iter()
            .filter(|reason| ReasonCode::from_id(&reason.code).is_some_and(says_reactive));
        says.filter_map(|reason| Assay::from_id(reason.assay.as_deref()?)).collect()
    }

    /// Whether every result of these is nonreactive, and there is one of each.
    fn is_nonreactive(&self, serology: &[Assay]) -> bool {
        let of = |assay: &Assay| {
            let results = self.own.iter().map(|(found, _)| &found.observation);
            let mut results =
                results.filter(|told| told.assay == Some(*assay)).filter_map(is_reactive);
            results.next() == Some(false) && results.all(|is_reactive| !is_reactive)
        };
        serology.iter().all(of)
    }
}

fn reasons(decision: DecisionShape) -> Vec<ReasonShape> {
    decision.reasons
}

/// Every verdict of a donation, oldest first.
fn verdicts(
    connection: &Connection,
    din: &DonationNumber,
) -> Result<Vec<(Verdict, Timestamp)>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT verdict, decided_at FROM verdict WHERE din = ?1 ORDER BY version",
    )?;
    let mut rows = statement.query([din.as_str()])?;
    let mut verdicts = Vec::new();
    while let Some(row) = rows.next()? {
        let verdict = Verdict::from_id(row.get_ref(0)?.as_str().unwrap_or_default());
        verdicts.extend(verdict.zip(Some(rows::read_time(row, 1)?)));
    }
    Ok(verdicts)
}

impl SiteCount {
    fn add(&mut self, seen: &Seen) {
        self.registered += 1;
        let tested = seen.tested();
        self.tested += u64::from(!tested.is_empty());
        for assay in tested {
            self.assays.entry(assay).or_default().tested += 1;
        }
        for (assay, is_reactive) in seen.first_reactive() {
            self.assays.entry(assay).or_default().initial_reactive += u64::from(is_reactive);
        }
        for assay in seen.repeat_reactive() {
            let count = self.assays.entry(assay).or_default();
            count.repeat_reactive += 1;
            let yields = serology(assay).is_some_and(|serology| seen.is_nonreactive(serology));
            count.nat_yield += u64::from(yields);
        }
        self.add_verdicts(seen);
    }

    fn add_verdicts(&mut self, seen: &Seen) {
        self.held += u64::from(seen.verdicts.iter().any(|(verdict, _)| *verdict == Verdict::Hold));
        let is_final = |verdict: Verdict| matches!(verdict, Verdict::Releasable | Verdict::Reject);
        let first = seen.verdicts.iter().find(|(verdict, _)| is_final(*verdict));
        self.seconds.extend(first.map(|(_, at)| {
            u64::try_from(at.duration_since(seen.registered_at).as_secs()).unwrap_or_default()
        }));
        let Some((last, _)) = seen.verdicts.last() else { return };
        *self.verdicts.entry(*last).or_default() += 1;
        if matches!(last, Verdict::Reject | Verdict::Recalled) {
            for reason in rejecting(&seen.reasons) {
                *self.rejects.entry(reason).or_default() += 1;
            }
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &SiteCount) {
        self.registered += other.registered;
        self.tested += other.tested;
        self.held += other.held;
        for (verdict, count) in &other.verdicts {
            *self.verdicts.entry(*verdict).or_default() += count;
        }
        for (assay, count) in &other.assays {
            self.assays.entry(*assay).or_default().merge(count);
        }
        for (reason, count) in &other.rejects {
            *self.rejects.entry(*reason).or_default() += count;
        }
        self.seconds.extend(&other.seconds);
        self.seconds.sort_unstable();
    }

    /// The time within which so many of a hundred got their first verdict that lets go or rejects,
    /// in seconds.
    pub fn seconds_of(&self, percent: usize) -> Option<u64> {
        let count = self.seconds.len();
        let place = (count * percent).div_ceil(100).clamp(1, count.max(1));
        self.seconds.get(place - 1).copied()
    }
}

impl AssayCount {
    fn merge(&mut self, other: &AssayCount) {
        self.tested += other.tested;
        self.initial_reactive += other.initial_reactive;
        self.repeat_reactive += other.repeat_reactive;
        self.nat_yield += other.nat_yield;
    }
}

/// The reasons that reject, each once; what is only recalled is so for no reason of its own.
fn rejecting(reasons: &[ReasonShape]) -> BTreeSet<(ReasonCode, Option<Assay>)> {
    let is_reject = |reason: &&ReasonShape| {
        let verdict = Verdict::from_id(&reason.verdict);
        matches!(verdict, Some(Verdict::Reject | Verdict::Recalled))
    };
    let of = |reason: &ReasonShape| {
        let code = ReasonCode::from_id(&reason.code)?;
        Some((code, reason.assay.as_deref().and_then(Assay::from_id)))
    };
    reasons.iter().filter(is_reject).filter_map(of).collect()
}

/// Whether a result counts as one.
fn counts(told: &Observation) -> bool {
    let Some(assay) = told.assay else { return false };
    let says = match assay.measure() {
        Measure::Marker | Measure::Abo | Measure::Rhd => told.reading.is_some(),
        Measure::Quantity => told.number.is_some(),
    };
    says && told.kind == SpecimenKind::Donor && is_conclusive(told)
}

/// What a result of a marker says; what is adverse counts also where something is wrong with it.
fn is_reactive(told: &Observation) -> Option<bool> {
    if told.kind != SpecimenKind::Donor {
        return None;
    }
    match told.reading? {
        Reading::Nonreactive => is_conclusive(told).then_some(false),
        Reading::Reactive | Reading::GreyZone => Some(true),
        Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => None,
    }
}

const fn says_reactive(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::RepeatReactive
            | ReasonCode::Reactive
            | ReasonCode::NatReactive
            | ReasonCode::NotDiscriminated
    )
}

/// The serology of the viruses that a nucleic acid test looks for; `None` for other assays.
const fn serology(assay: Assay) -> Option<&'static [Assay]> {
    match assay {
        Assay::Nat => Some(&[Assay::Hbsag, Assay::AntiHcv, Assay::Hiv]),
        Assay::HbvDna => Some(&[Assay::Hbsag]),
        Assay::HcvRna => Some(&[Assay::AntiHcv]),
        Assay::HivRna => Some(&[Assay::Hiv]),
        Assay::Alt
        | Assay::Hbsag
        | Assay::AntiHcv
        | Assay::Hiv
        | Assay::Tp
        | Assay::WnvRna
        | Assay::Htlv
        | Assay::AntiHbc
        | Assay::Abo
        | Assay::Rhd
        | Assay::AntibodyScreen
        | Assay::Hb
        | Assay::AboForward
        | Assay::AboReverse
        | Assay::WeakD
        | Assay::AntiHbs
        | Assay::AntiCmv
        | Assay::HevRna
        | Assay::TCruzi
        | Assay::Babesia
        | Assay::Malaria => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_donations_of_a_month_are_found_by_the_index_of_their_days() {
        let connection = Connection::open_in_memory().unwrap();
        crate::store::schema::migrate(&connection, 0, crate::store::schema::VERSION).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {NEXT}");
        let key = ("2026-11-01", 0, "2026-12-01", 1);
        let plan: String = connection.query_row(&sql, key, |row| row.get(3)).unwrap();
        assert!(plan.contains("registration_collected (<expr>>? AND <expr><?)"), "{plan}");
    }
}
