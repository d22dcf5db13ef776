//! The facts of a case: what the bench was told, as the store would hand it to the rules. Nothing
//! here knows what a rule set would say of it.
//!
//! The donation is G1234 98 654321, drawn at 08:00 UTC. Results follow a day later, one minute
//! after the other in the order in which they came about, all times in UTC.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use crate::domain::{
    Concern, DonationNumber, DonationNumberScheme, Donor, DonorKind, Facts, InstrumentTime,
    Observation, OtherMember, PoolFacts, Reading, RecordedObservation, RecordedStatement,
    Registration, ReviewStep, Sighting, SpecimenKind, Statement, Unaccounted, UnreadMessage,
};

use super::accord;
use super::bench::{Bench, LastDay, PoolSheet, Review, Sheet, When};

/// The donation of every case.
const NUMBER: &str = "G123498654321";
/// Collected on this day unless told.
const DAY: Date = date(2026, 12, 1);
/// Hours from collection to the first result.
const FIRST_RESULT_HOURS: i64 = 24;
/// Hours that no leaflet would allow.
const LONG_HOURS: u32 = 1_000;

/// The facts of what was told.
pub(super) fn facts(bench: &Bench) -> Facts {
    let mut facts = Facts::new(number());
    facts.registration = bench.donation.registered.then(|| registration(bench));
    let mut pooled: Vec<(String, RecordedObservation)> = Vec::new();
    for (sheet, id) in bench.sheets.iter().zip(1..) {
        let recorded = recorded(bench, &with_leaflets(bench, sheet), id);
        match &sheet.pool {
            Some(pool) => pooled.push((pool.clone(), recorded)),
            None => facts.observations.push(recorded),
        }
    }
    facts.pools = bench.pools.iter().map(|pool| pool_facts(pool, &pooled)).collect();
    facts.statements = statements(bench);
    facts.unread = bench.unread.iter().zip(accord::FIRST_UNREAD..).map(unread).collect();
    let sighting = || Sighting { message: accord::SIGHTING, text: "two analysers".to_owned() };
    facts.sightings = bench.two_places.then(sighting).into_iter().collect();
    (facts.release, facts.rule_set) = (bench.release, bench.donation.rule_set);
    facts
}

/// The result with what is on record of its kit.
fn with_leaflets(bench: &Bench, sheet: &Sheet) -> Sheet {
    let mut sheet = sheet.clone();
    for (test, condition) in &bench.leaflets {
        let kit = test.kit.is_none_or(|kit| kit == sheet.kit);
        if kit && sheet.assay == Some(test.assay) {
            let _conditions_of_kits_always_can_be = sheet.suffer(condition);
        }
    }
    sheet
}

fn number() -> DonationNumber {
    DonationNumber::restored(NUMBER.to_owned())
}

fn registration(bench: &Bench) -> Registration {
    let donation = &bench.donation;
    let kind = if donation.first_time { DonorKind::First } else { DonorKind::Repeat };
    Registration {
        din: number(),
        collected_at: collected(bench),
        site: "site-1".to_owned(),
        donor: Donor { kind, deferred: donation.deferred, historic_group: donation.history },
    }
}

fn day(bench: &Bench) -> DateTime {
    bench.donation.collected.unwrap_or(DAY).at(8, 0, 0, 0)
}

fn collected(bench: &Bench) -> Timestamp {
    utc(day(bench))
}

fn utc(time: DateTime) -> Timestamp {
    TimeZone::UTC.to_timestamp(time).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn recorded(bench: &Bench, sheet: &Sheet, id: i64) -> RecordedObservation {
    let completed = completed(bench, sheet);
    let in_turn = after(day(bench), FIRST_RESULT_HOURS, i64::from(sheet.message));
    let mut circumstances = sheet.circumstances.clone();
    let received = completed.map_or(in_turn, |completed| after(completed, 0, 1));
    circumstances.received_at = Some(utc(received));
    circumstances.lot_expiry = last_day(sheet.expiry, completed.unwrap_or(in_turn).date());
    RecordedObservation {
        id,
        message: i64::from(sheet.message),
        analyser: format!("analyser-{}", sheet.kit),
        profile: profile(sheet),
        observation: observation(sheet, completed, circumstances.lot_expiry),
        circumstances,
    }
}

/// One profile for each kit: two results are of the same kit where profile and test code are.
fn profile(sheet: &Sheet) -> String {
    match sheet.assay {
        Some(assay) => format!("{assay}-kit-{}", sheet.kit),
        None => "unmapped".to_owned(),
    }
}

/// When the analyser says that it finished.
fn completed(bench: &Bench, sheet: &Sheet) -> Option<DateTime> {
    let (day, turn) = (day(bench), i64::from(sheet.moment));
    match sheet.when {
        When::InTurn => Some(after(day, FIRST_RESULT_HOURS, turn)),
        When::Hours(hours) => Some(after(day, i64::from(hours), 0)),
        When::TooLate => {
            let kit = sheet.circumstances.kit.as_ref();
            let allowed = kit.and_then(|kit| kit.stability_hours).unwrap_or(LONG_HOURS);
            Some(after(day, i64::from(allowed), 60))
        }
        When::Before => Some(after(day, -2, turn)),
        When::MonthsBefore(months) => {
            let months = Span::new().try_months(i64::from(months)).ok()?;
            day.checked_sub(months).ok().map(|day| after(day, 0, turn))
        }
        When::Unknown => None,
    }
}

fn after(time: DateTime, hours: i64, minutes: i64) -> DateTime {
    let span = Span::new().try_hours(hours).and_then(|span| span.try_minutes(minutes));
    span.and_then(|span| time.checked_add(span)).unwrap_or(time)
}

fn last_day(expiry: LastDay, run: Date) -> Option<Date> {
    let days = |days: i64| run.checked_add(Span::new().try_days(days).ok()?).ok();
    match expiry {
        LastDay::InDate => days(180),
        LastDay::On(date) => Some(date),
        LastDay::DayOfRun => Some(run),
        LastDay::DayBefore => days(-1),
        LastDay::NotRecorded => None,
    }
}

fn observation(sheet: &Sheet, completed: Option<DateTime>, expiry: Option<Date>) -> Observation {
    let (specimen, din) = specimen(sheet);
    let code = sheet.assay.map_or("", |assay| assay.id());
    Observation {
        kind: SpecimenKind::Donor,
        specimen_id: Some(specimen),
        din,
        rack: None,
        position: None,
        test_code: sheet.test_code.clone().unwrap_or_else(|| format!("{code}-{}", sheet.kit)),
        assay: sheet.assay,
        value: sheet.value.clone(),
        number: sheet.number,
        unit: sheet.unit.clone(),
        reading: sheet.reading,
        flags: sheet.concerns.iter().map(|(code, _)| code.clone()).collect(),
        status: sheet.status,
        completed_at: completed.map(|civil| InstrumentTime { civil, offset: Some(Offset::UTC) }),
        reagent_lot: Some(format!("LOT-{code}-{}", sheet.kit)),
        replicate: None,
        operator: sheet.operator.clone(),
        started_at: None,
        control_lot: None,
        reagent_expiry: expiry,
        unaccounted: sheet.not_understood.iter().map(|text| unaccounted(text)).collect(),
        concerns: sheet.concerns.iter().map(concern).collect(),
    }
}

/// What was scanned, and the donation it is: of a pool's tube, none.
fn specimen(sheet: &Sheet) -> (String, Option<DonationNumber>) {
    match (&sheet.pool, &sheet.tube) {
        (Some(pool), _) => (pool.clone(), None),
        (None, None) => (NUMBER.to_owned(), Some(number())),
        (None, Some(text)) => {
            let scanned = DonationNumberScheme::Isbt128.parse(text);
            (text.clone(), scanned.ok().map(|scanned| scanned.din))
        }
    }
}

fn unaccounted(text: &str) -> Unaccounted {
    let why = "not in the profile".to_owned();
    Unaccounted { offset: 0, path: "R[1].4".to_owned(), text: text.to_owned(), why }
}

fn concern((code, effect): &(String, crate::domain::Effect)) -> Concern {
    Concern { code: code.clone(), effect: *effect, text: format!("seen: {code}") }
}

fn pool_facts(pool: &PoolSheet, pooled: &[(String, RecordedObservation)]) -> PoolFacts {
    let own = pooled.iter().filter(|(id, _)| *id == pool.id);
    let others = pool.others.iter().zip(2_u32..).map(|(single, member)| {
        let single = single.filter(|reading| *reading != Reading::Invalid);
        OtherMember {
            din: DonationNumber::restored(format!("G12349865{member:04}")),
            single,
            assay: single.map(|_| pool.assay),
        }
    });
    PoolFacts {
        id: pool.id.clone(),
        members: pool.members,
        size: pool.size,
        observations: own.map(|(_, recorded)| recorded.clone()).collect(),
        others: others.collect(),
    }
}

fn unread((cut_short, message): (&bool, i64)) -> UnreadMessage {
    let why = if *cut_short { "the transfer was cut short" } else { "it could not be read" };
    UnreadMessage { message, why: why.to_owned(), cut_short: *cut_short }
}

/// What people put on record: of the donation and its donor before the first result, the review
/// after the last.
fn statements(bench: &Bench) -> Vec<RecordedStatement> {
    let last = i64::try_from(bench.sheets.len()).unwrap_or(i64::MAX);
    let early = of_the_donation(bench).into_iter().map(|s| ("registry-1".to_owned(), s, 0));
    let early: Vec<(String, Statement, i64)> = early.collect();
    let signed_after = if bench.review.before_last { last.saturating_sub(1) } else { last };
    let late = of_the_review(&bench.review).into_iter().map(|(by, s)| (by, s, signed_after));
    let first = i64::try_from(early.len()).unwrap_or(i64::MAX) + 1;
    let agreed = accord::statements(bench, first);
    let all = early.into_iter().chain(agreed).chain(late).zip(1..);
    all.map(|((by, statement, after_observation), id)| {
        let minutes = FIRST_RESULT_HOURS * 60 + after_observation * 60 + id;
        let at = utc(after(day(bench), 0, minutes));
        RecordedStatement { id, by, at, after_observation, statement }
    })
    .collect()
}

fn of_the_donation(bench: &Bench) -> Vec<Statement> {
    let donation = &bench.donation;
    let mut statements = vec![Statement::Details(donation.details.clone())];
    statements.extend(donation.deferred_later.then_some(Statement::Deferred));
    statements.extend(donation.records.iter().copied().map(Statement::DonorRecord));
    statements.extend(donation.occasions.iter().copied().map(Statement::EarlierOccasion));
    let found = donation.supplementals.iter();
    statements.extend(found.map(|(assay, found)| Statement::Supplemental(*assay, *found)));
    statements.extend(donation.number_fails.then_some(Statement::NumberCheckFailed));
    statements.extend(donation.sample.iter().map(|received| match received {
        true => Statement::SampleReceived,
        false => Statement::SampleNotReceived,
    }));
    statements.extend(donation.lookback.map(Statement::Lookback));
    statements.extend(donation.manual.then_some(Statement::ManualPath));
    statements.extend(donation.reevaluated.then(|| Statement::Reevaluated(String::new())));
    statements
}

fn of_the_review(review: &Review) -> Vec<(String, Statement)> {
    let steps = [
        (&review.tester, ReviewStep::Tested),
        (&review.reviewer, ReviewStep::Reviewed),
        (&review.signer, ReviewStep::Signed),
    ];
    let done = steps.into_iter();
    done.filter_map(|(who, step)| Some((who.clone()?, Statement::Signature(step)))).collect()
}
