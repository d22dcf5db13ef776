//! Blood-safety statistics by month, site and assay, as they were counted in the background.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;

use super::chart::{Bars, Group, Heading};
use super::form::{Filled, address};
use super::sheet::Sheet;
use super::words::{assay, percent, share, when};
use super::{Pairs, frame};
use crate::clock;
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{Assay, Measure, ReasonCode, Verdict};
use crate::limits;
use crate::rules::words;
use crate::store::{AssayCount, Month, MonthCount, SiteCount};

#[derive(Template)]
#[template(path = "quality/statistics.html")]
struct StatisticsPage {
    page: Page,
    standings: Standings,
    from: String,
    to: String,
    site: String,
    sites: Vec<String>,
    chosen: &'static str,
    assays: Vec<(&'static str, &'static str)>,
    svg: String,
    months: Vec<MonthRow>,
    tests: Vec<AssayRow>,
    rejects: Vec<RejectRow>,
    export: String,
}

/// How far the counting is.
pub(super) struct Standings {
    /// The oldest count that is shown.
    pub(super) counted_at: Option<String>,
    /// Months that are not counted yet.
    pub(super) missing: Vec<String>,
    /// Whether any of them is being counted now.
    pub(super) is_counting: bool,
    /// Why something could not be counted.
    pub(super) failed: Option<String>,
}

struct MonthRow {
    month: String,
    registered: u64,
    tested: u64,
    releasable: u64,
    pending: u64,
    hold: u64,
    reject: u64,
    recalled: u64,
    held: u64,
    median: String,
    most: String,
}

struct AssayRow {
    name: &'static str,
    tested: u64,
    initial: u64,
    initial_percent: String,
    repeat: u64,
    repeat_percent: String,
    nat_yield: String,
}

struct RejectRow {
    code: &'static str,
    reason: &'static str,
    assay: &'static str,
    count: u64,
}

/// What the page is asked for.
struct Wanted {
    months: Vec<Month>,
    site: String,
}

impl Wanted {
    /// From and to; the last twelve months where nothing is said.
    fn of(asked: &Filled) -> Result<Wanted, Trouble> {
        let now = Month::of(clock::utc());
        let month = |field: &str| match asked.raw(field) {
            "" => Ok(None),
            _ => asked.word(field, |text| text.parse::<Month>().ok()).map(Some),
        };
        let (from, to) = (month("from")?, month("to")?.unwrap_or(now));
        let most = if from.is_some() { limits::STATISTICS_MONTHS_SHOWN } else { 12 };
        let mut months = vec![to];
        while months.len() < most {
            let Some(earliest) = months.last().copied() else { break };
            if from.is_some_and(|from| earliest <= from) {
                break;
            }
            months.push(earliest.before());
        }
        if from.is_some_and(|from| months.last().is_some_and(|earliest| *earliest > from)) {
            return asked.refuse("quality-refused-months", "from");
        }
        months.reverse();
        Ok(Wanted { months, site: asked.raw("site").to_owned() })
    }
}

/// What was counted of these months; what is not is being counted from now on.
pub(super) fn standings(
    page: &Page,
    state: &ConsoleState,
    months: &[Month],
) -> (Standings, Vec<Arc<MonthCount>>) {
    let mut found =
        Standings { counted_at: None, missing: Vec::new(), is_counting: false, failed: None };
    let mut counts = Vec::new();
    let mut oldest: Option<Timestamp> = None;
    for month in months {
        let standing = state.statistics.month(*month);
        found.failed = found.failed.take().or(standing.failed);
        match standing.count {
            Some(count) => {
                oldest = Some(oldest.map_or(count.counted_at, |at| at.min(count.counted_at)));
                counts.push(count);
            }
            None => {
                found.is_counting |= standing.is_counting;
                found.missing.push(month.to_string());
            }
        }
    }
    found.counted_at = oldest.map(|at| page.with("console-when", "time", when(at)));
    (found, counts)
}

/// The counts of a month, of one site or of all.
fn of_site(count: &MonthCount, site: &str) -> SiteCount {
    let mut sum = SiteCount::default();
    let is_meant = |name: &&String| site.is_empty() || *name == site;
    for (_, found) in count.sites.iter().filter(|(name, _)| is_meant(name)) {
        sum.merge(found);
    }
    sum
}

/// `GET /statistics`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "statistics", "");
    let Wanted { months, site } = Wanted::of(&asked)?;
    let (standings, counts) = standings(&page, &state, &months);
    let sites: BTreeSet<String> =
        counts.iter().flat_map(|count| count.sites.keys()).cloned().collect();
    let of_months: Vec<(Month, SiteCount)> =
        counts.iter().map(|count| (count.month, of_site(count, &site))).collect();
    let mut sum = SiteCount::default();
    of_months.iter().for_each(|(_, count)| sum.merge(count));
    let markers: Vec<Assay> =
        sum.assays.keys().copied().filter(|of| of.measure() == Measure::Marker).collect();
    let wanted = Assay::from_id(asked.raw("assay")).filter(|of| markers.contains(of));
    let of = wanted.or(markers.first().copied());
    let ends = |month: Option<&Month>| month.map_or_else(String::new, ToString::to_string);
    let (from, to) = (ends(months.first()), ends(months.last()));
    let export = address("/statistics.csv", &[("from", &from), ("to", &to), ("site", &site)]);
    shown(&StatisticsPage {
        chosen: of.map_or("", Assay::id),
        assays: markers.iter().map(|of| (of.id(), assay(&page, *of))).collect(),
        svg: of.map_or_else(String::new, |of| chart(&page, of, &of_months)),
        months: of_months.iter().map(|(month, count)| month_row(&page, *month, count)).collect(),
        tests: sum.assays.iter().map(|(of, count)| assay_row(&page, *of, count)).collect(),
        rejects: reject_rows(&page, &sum.rejects),
        sites: sites.into_iter().collect(),
        standings,
        from,
        to,
        site,
        export,
        page,
    })
}

fn chart(page: &Page, of: Assay, months: &[(Month, SiteCount)]) -> String {
    let group = |(month, count): &(Month, SiteCount)| {
        let count = count.assays.get(&of).copied().unwrap_or_default();
        Group {
            name: month.to_string(),
            values: vec![
                share(count.initial_reactive, count.tested),
                share(count.repeat_reactive, count.tested),
            ],
        }
    };
    let bars = Bars {
        heading: Heading {
            id: "statistics".to_owned(),
            title: page.with("quality-bars-title", "assay", assay(page, of)),
            description: page.say("quality-bars-description"),
        },
        series: vec![page.say("quality-initial-reactive"), page.say("quality-repeat-reactive")],
        groups: months.iter().map(group).collect(),
        unit: " %".to_owned(),
    };
    bars.svg()
}

fn month_row(page: &Page, month: Month, count: &SiteCount) -> MonthRow {
    let verdict = |of: Verdict| count.verdicts.get(&of).copied().unwrap_or_default();
    let time = |percent: usize| {
        let minutes = count.seconds_of(percent).map(|seconds| seconds.div_ceil(60));
        minutes.map_or_else(|| "—".to_owned(), |count| page.with("quality-minutes", "count", count))
    };
    MonthRow {
        month: month.to_string(),
        registered: count.registered,
        tested: count.tested,
        releasable: verdict(Verdict::Releasable),
        pending: verdict(Verdict::Pending),
        hold: verdict(Verdict::Hold),
        reject: verdict(Verdict::Reject),
        recalled: verdict(Verdict::Recalled),
        held: count.held,
        median: time(50),
        most: time(90),
    }
}

fn assay_row(page: &Page, of: Assay, count: &AssayCount) -> AssayRow {
    let is_marker = of.measure() == Measure::Marker;
    let share_of = |part: u64| match is_marker {
        true => percent(part, count.tested),
        false => "—".to_owned(),
    };
    let is_nat = matches!(of, Assay::Nat | Assay::HbvDna | Assay::HcvRna | Assay::HivRna);
    AssayRow {
        name: assay(page, of),
        tested: count.tested,
        initial: count.initial_reactive,
        initial_percent: share_of(count.initial_reactive),
        repeat: count.repeat_reactive,
        repeat_percent: share_of(count.repeat_reactive),
        nat_yield: if is_nat { count.nat_yield.to_string() } else { "—".to_owned() },
    }
}

fn reject_rows(
    page: &Page,
    rejects: &BTreeMap<(ReasonCode, Option<Assay>), u64>,
) -> Vec<RejectRow> {
    let row = |((code, of), count): (&(ReasonCode, Option<Assay>), &u64)| RejectRow {
        code: code.id(),
        reason: page.lang().of(words::reason(*code)),
        assay: of.map_or("", |of| assay(page, of)),
        count: *count,
    };
    let mut rows: Vec<RejectRow> = rejects.iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count));
    rows
}

/// `GET /statistics.csv`: one row for each number, so that a pivot table can take it apart.
pub(super) async fn export(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "statistics", "");
    let Wanted { months, site } = Wanted::of(&asked)?;
    let (standings, counts) = standings(&page, &state, &months);
    if !standings.missing.is_empty() {
        return Err(Trouble::Refused("quality-refused-counting", standings.missing.join(", ")));
    }
    let mut sheet = Sheet::new(COLUMNS.map(|column| page.word("quality-column", column)));
    for count in &counts {
        let sites = count.sites.iter().filter(|(name, _)| site.is_empty() || **name == site);
        for (name, found) in sites {
            add_rows(&page, &mut sheet, count, name, found);
        }
    }
    sheet.saved("hemogate-statistics.csv")
}

const COLUMNS: [&str; 7] = ["month", "site", "assay", "reason", "measure", "count", "counted"];

fn add_rows(page: &Page, sheet: &mut Sheet, month: &MonthCount, site: &str, found: &SiteCount) {
    let (of, at) = (month.month.to_string(), when(month.counted_at));
    let mut row = |about: [&str; 2], measure: &str, count: u64| {
        let [assay, reason] = about;
        let measure = page.word("quality-measure", measure);
        sheet.row([of.as_str(), site, assay, reason, &measure, &count.to_string(), &at]);
    };
    row(["", ""], "registered", found.registered);
    row(["", ""], "tested", found.tested);
    row(["", ""], "held", found.held);
    for (verdict, count) in &found.verdicts {
        row(["", ""], verdict.id(), *count);
    }
    for (of, percent) in [("median-seconds", 50), ("most-seconds", 90)] {
        found.seconds_of(percent).into_iter().for_each(|seconds| row(["", ""], of, seconds));
    }
    for (of, count) in &found.assays {
        let name = assay(page, *of);
        row([name, ""], "tested", count.tested);
        row([name, ""], "initial-reactive", count.initial_reactive);
        row([name, ""], "repeat-reactive", count.repeat_reactive);
        row([name, ""], "nat-yield", count.nat_yield);
    }
    for ((code, of), count) in &found.rejects {
        let name = of.map_or("", |of| assay(page, of));
        row([name, code.id()], "rejects", *count);
    }
}
