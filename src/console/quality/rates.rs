//! How often first results are reactive, by day or week and reagent lot: a raised rate is the lot's
//! before it is the donors' (FM-31).

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Span;
use jiff::civil::Date;

use super::chart::{Heading, Series, Trend};
use super::form::{Filled, address};
use super::statistics::{Standings, standings};
use super::words::{assay, percent, share};
use super::{Pairs, frame};
use crate::clock;
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::Assay;
use crate::limits;
use crate::store::{LotDay, Month, Rate};

#[derive(Template)]
#[template(path = "quality/rates.html")]
struct RatesPage {
    page: Page,
    standings: Standings,
    tests: Vec<TestLink>,
    chosen: Option<Chosen>,
}

struct TestLink {
    name: String,
    address: String,
    is_here: bool,
}

/// The rates of one test.
struct Chosen {
    name: String,
    svg: String,
    by_day: String,
    by_week: String,
    is_weekly: bool,
    rows: Vec<RateRow>,
}

struct RateRow {
    time: String,
    lot: String,
    donations: u64,
    reactive: u64,
    percent: String,
}

/// Whose test code, which, and the assay.
type Test = (String, String, Assay);

/// By lot, then by time.
type Lots = BTreeMap<String, BTreeMap<Date, Rate>>;

/// `GET /quality/rates`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", "");
    let now = Month::of(clock::utc());
    let mut months = vec![now];
    while months.len() < limits::RATE_MONTHS_SHOWN {
        months.extend(months.last().map(|month| month.before()));
    }
    months.reverse();
    let (standings, counts) = standings(&page, &state, &months);
    let is_weekly = asked.raw("by") == "week";
    let mut tests: BTreeMap<Test, Lots> = BTreeMap::new();
    for (key, rate) in counts.iter().flat_map(|count| &count.rates) {
        add(&mut tests, key, rate, is_weekly);
    }
    let key = |(profile, test_code, of): &Test| format!("{profile}/{test_code}/{}", of.id());
    let wanted = asked.raw("test");
    let here = tests.iter().find(|(test, _)| key(test) == wanted).or(tests.iter().next());
    let is_here = |test: &Test| here.is_some_and(|(found, _)| found == test);
    let links = tests.keys().map(|test| TestLink {
        name: name(&page, test),
        address: address("/quality/rates", &[("test", &key(test)), ("by", by(is_weekly))]),
        is_here: is_here(test),
    });
    let tests_shown = links.collect();
    let chosen = here.map(|(test, lots)| chosen(&page, &key(test), test, lots, is_weekly));
    shown(&RatesPage { page, standings, tests: tests_shown, chosen })
}

const fn by(is_weekly: bool) -> &'static str {
    if is_weekly { "week" } else { "day" }
}

fn add(tests: &mut BTreeMap<Test, Lots>, key: &LotDay, rate: &Rate, is_weekly: bool) {
    let test = (key.profile.clone(), key.test_code.clone(), key.assay);
    let time = if is_weekly { monday(key.day) } else { key.day };
    let lots = tests.entry(test).or_default();
    let sum = lots.entry(key.lot.clone()).or_default().entry(time).or_default();
    sum.donations += rate.donations;
    sum.reactive += rate.reactive;
}

/// The Monday of a day's week.
fn monday(day: Date) -> Date {
    let back = Span::new().days(day.weekday().to_monday_zero_offset());
    day.checked_sub(back).unwrap_or(day)
}

fn name(page: &Page, (profile, test_code, of): &Test) -> String {
    format!("{} · {profile} {test_code}", assay(page, *of))
}

fn chosen(page: &Page, key: &str, test: &Test, lots: &Lots, is_weekly: bool) -> Chosen {
    let times: BTreeSet<Date> = lots.values().flat_map(BTreeMap::keys).copied().collect();
    let series = lots.iter().map(|(lot, rates)| Series {
        name: page.with("quality-reagent-lot-is", "lot", lot),
        values: times
            .iter()
            .map(|time| rates.get(time).map(|rate| share(rate.reactive, rate.donations)))
            .collect(),
    });
    let name = name(page, test);
    let trend = Trend {
        heading: Heading {
            id: "rates".to_owned(),
            title: name.clone(),
            description: page.say("quality-rates-description"),
        },
        times: times.iter().map(|time| time.strftime("%m-%d").to_string()).collect(),
        series: latest(series.collect()),
        unit: " %".to_owned(),
    };
    let link = |by: &str| address("/quality/rates", &[("test", key), ("by", by)]);
    Chosen {
        name,
        svg: trend.svg(),
        by_day: link("day"),
        by_week: link("week"),
        is_weekly,
        rows: rows(lots),
    }
}

/// The series that have the latest values, as many as can be told apart.
fn latest(mut series: Vec<Series>) -> Vec<Series> {
    let last = |series: &Series| series.values.iter().rposition(Option::is_some);
    series.sort_by_key(|series| std::cmp::Reverse(last(series)));
    series.truncate(Trend::SERIES_MAX);
    series
}

fn rows(lots: &Lots) -> Vec<RateRow> {
    let all = lots.iter().flat_map(|(lot, rates)| rates.iter().map(move |found| (lot, found)));
    let mut all: Vec<(&String, (&Date, &Rate))> = all.collect();
    all.sort_by(|one, other| other.1.0.cmp(one.1.0).then_with(|| one.0.cmp(other.0)));
    let row = |(lot, (time, rate)): (&String, (&Date, &Rate))| RateRow {
        time: time.to_string(),
        lot: lot.clone(),
        donations: rate.donations,
        reactive: rate.reactive,
        percent: percent(rate.reactive, rate.donations),
    };
    all.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_its_monday() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(monday(day("2026-11-23")), day("2026-11-23"));
        assert_eq!(monday(day("2026-11-29")), day("2026-11-23"));
        assert_eq!(monday(day("2026-12-01")), day("2026-11-30"));
    }

    #[test]
    fn only_the_series_with_the_latest_values_are_drawn() {
        let series = |name: &str, values: &[Option<f64>]| Series {
            name: name.to_owned(),
            values: values.to_vec(),
        };
        let mut all: Vec<Series> =
            (0..Trend::SERIES_MAX).map(|_| series("new", &[None, Some(1.0)])).collect();
        all.insert(0, series("old", &[Some(1.0), None]));
        let drawn = latest(all);
        assert_eq!(drawn.len(), Trend::SERIES_MAX);
        assert!(drawn.iter().all(|series| series.name == "new"));
    }
}
