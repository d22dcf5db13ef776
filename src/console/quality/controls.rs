//! Controls: how each stands, its chart, what it must show.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;

use super::form::{Filled, address};
use super::words::{Shown, when};
use super::{Pairs, control_chart, frame, recorded, sign};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{ControlSource, ControlTarget, Expected, Reading, Record};
use crate::limits;
use crate::store::{ControlKey, ControlSeen, ControlSeries, SeriesPoint, TargetEntry};

#[derive(Template)]
#[template(path = "quality/controls.html")]
struct ControlsPage {
    page: Page,
    rows: Vec<ControlRow>,
}

struct ControlRow {
    key: ControlKey,
    state: Shown,
    rules: String,
    level: String,
    value: String,
    z: String,
    when: String,
    address: String,
}

#[derive(Template)]
#[template(path = "quality/chart.html")]
struct ChartPage {
    page: Page,
    analyser: String,
    test_code: String,
    sections: Vec<Section>,
    more: Option<String>,
}

/// One material with its chart and its table.
struct Section {
    material: String,
    id: String,
    svg: String,
    target: String,
    points: Vec<PointRow>,
}

struct PointRow {
    when: String,
    value: String,
    z: String,
    state: Shown,
    rules: String,
    run: u64,
    message: i64,
    control_lot: String,
    reagent_lot: String,
    target: String,
}

#[derive(Template)]
#[template(path = "quality/targets.html")]
struct TargetsPage {
    page: Page,
    may_change: bool,
    rows: Vec<TargetRow>,
    analysers: Vec<String>,
    controls: Vec<ControlKey>,
    readings: Vec<&'static str>,
}

struct TargetRow {
    target: ControlTarget,
    source: String,
    lot: String,
    expected: String,
    by: String,
    when: String,
    in_force: Shown,
}

/// What a qualitative control can have to read.
const READINGS: [Reading; 3] = [Reading::Reactive, Reading::Nonreactive, Reading::GreyZone];

/// `GET /quality/controls`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = frame(&visitor, "quality", "");
    let seen = state.read(|store| store.controls_seen()).await?;
    let rows = seen.into_iter().map(|seen| control_row(&page, seen)).collect();
    shown(&ControlsPage { page, rows })
}

fn control_row(page: &Page, seen: ControlSeen) -> ControlRow {
    let ControlSeen { key, last } = seen;
    let asked = [("analyser", key.analyser.as_str()), ("test_code", &key.test_code)];
    ControlRow {
        state: Shown::control(page, last.state),
        rules: control_chart::rules(&last),
        level: last.target.as_ref().map_or_else(String::new, |target| target.level.to_string()),
        value: value(page, &last),
        z: distance(&last),
        when: when(last.received_at),
        address: address("/quality/controls/chart", &asked),
        key,
    }
}

/// `GET /quality/controls/chart`: every material of one test, by level.
pub(super) async fn chart(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", "");
    let (analyser, test_code) = (asked.text("analyser")?, asked.text("test_code")?);
    let is_long = asked.raw("points") == "all";
    let limit = if is_long { limits::CONTROL_SERIES_POINTS_MAX } else { POINTS_SHOWN };
    let of = (analyser.clone(), test_code.clone());
    let mut all = state.read(move |store| store.control_charts(&of.0, &of.1, limit)).await?;
    if all.is_empty() {
        return Err(Trouble::NotFound(format!("{analyser} {test_code}")));
    }
    all.sort_by_key(|series| (level(series), series.key.material.clone()));
    let has_older = all.iter().any(|series| series.has_older);
    let more = (has_older && !is_long).then(|| {
        let asked = [("analyser", analyser.as_str()), ("test_code", &test_code), ("points", "all")];
        address("/quality/controls/chart", &asked)
    });
    let sections = (0_usize..).zip(&all).map(|(at, series)| section(&page, at, series)).collect();
    shown(&ChartPage { page, analyser, test_code, sections, more })
}

/// Points that a chart shows at first.
const POINTS_SHOWN: usize = 40;

fn level(series: &ControlSeries) -> u32 {
    let last = series.points.iter().rev().find_map(|point| point.target.as_ref());
    last.map_or(u32::MAX, |target| target.level)
}

fn section(page: &Page, at: usize, series: &ControlSeries) -> Section {
    let key = &series.key;
    let id = format!("chart-{at}");
    let last = series.points.iter().rev().find_map(|point| point.target.as_ref());
    let target = last.map(|target| target_words(page, target));
    let title = format!("{} · {} · {}", key.analyser, key.test_code, key.material);
    Section {
        material: key.material.clone(),
        svg: control_chart::chart(page, &id, &title, series).svg(),
        id,
        target: target.unwrap_or_else(|| page.say("quality-no-target")),
        points: series.points.iter().rev().map(|point| point_row(page, point)).collect(),
    }
}

fn point_row(page: &Page, point: &SeriesPoint) -> PointRow {
    let target = point.target.as_ref().map(|target| expected_words(page, &target.expected));
    PointRow {
        when: when(point.received_at),
        value: value(page, point),
        z: distance(point),
        state: Shown::control(page, point.state),
        rules: point.violations.iter().map(|rule| rule.id()).collect::<Vec<_>>().join(" "),
        run: point.run,
        message: point.message,
        control_lot: point.control_lot.clone().unwrap_or_default(),
        reagent_lot: point.reagent_lot.clone().unwrap_or_default(),
        target: target.unwrap_or_default(),
    }
}

fn value(page: &Page, point: &SeriesPoint) -> String {
    let number = point.number.map(|number| number.to_string());
    let value = number.or_else(|| point.value.clone());
    let reading = point.reading.map(|reading| reading_words(page, reading));
    [value, point.unit.clone(), reading].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn distance(point: &SeriesPoint) -> String {
    point.z.map_or_else(String::new, |z| format!("{z:+.2}"))
}

/// `GET /quality/targets`.
pub(super) async fn targets(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let (targets, controls) =
        state.read(|store| Ok((store.control_targets()?, store.controls_seen()?))).await?;
    shown(&TargetsPage {
        may_change: visitor.may(Duty::Quality),
        rows: targets.into_iter().map(|entry| target_row(&page, entry)).collect(),
        analysers: state.desks.keys().cloned().collect(),
        controls: controls.into_iter().map(|seen| seen.key).collect(),
        readings: READINGS.map(Reading::id).to_vec(),
        page,
    })
}

fn target_row(page: &Page, entry: TargetEntry) -> TargetRow {
    let TargetEntry { mark, target, is_in_force } = entry;
    let in_force = match is_in_force {
        true => Shown::of(page, "good", "✔", "quality-in-force"),
        false => Shown::of(page, "wait", "…", "quality-replaced"),
    };
    TargetRow {
        source: page.word("quality-source", target.source.id()),
        lot: target.control_lot.clone().unwrap_or_else(|| page.say("quality-any-lot")),
        expected: expected_words(page, &target.expected),
        by: mark.by,
        when: when(mark.at),
        in_force,
        target,
    }
}

fn target_words(page: &Page, target: &ControlTarget) -> String {
    let level = page.with("quality-level-is", "level", target.level);
    format!("{level} · {}", expected_words(page, &target.expected))
}

fn expected_words(page: &Page, expected: &Expected) -> String {
    match expected {
        Expected::Reading(reading) => reading_words(page, *reading),
        Expected::Between(low, high) => format!("{low} – {high}"),
        Expected::Distribution(mean, sd) => page
            .text()
            .with_all("quality-mean-sd", &[("mean", mean.to_string()), ("sd", sd.to_string())]),
    }
}

fn reading_words(page: &Page, reading: Reading) -> String {
    match reading {
        Reading::Reactive | Reading::Nonreactive | Reading::GreyZone | Reading::Invalid => {
            page.word("quality-reading", reading.id())
        }
        Reading::Abo(_) | Reading::Rhd(_) => reading.id().to_owned(),
    }
}

/// `POST /quality/targets`.
pub(super) async fn add_target(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Quality)?;
    let filled = Filled::new(&visitor, fields);
    let target = ControlTarget {
        analyser: filled.text("analyser")?,
        test_code: filled.text("test_code")?,
        material: filled.text("material")?,
        control_lot: filled.optional("control_lot")?,
        level: filled.whole("level")?,
        source: filled.word("source", ControlSource::from_id)?,
        expected: expected(&filled)?,
    };
    if target.level == 0 || target.level > limits::CONTROL_LEVEL_MAX {
        return filled.refuse("quality-refused-number", "level");
    }
    let signed = sign::signed(&state, &visitor, &filled).await?;
    let outcome = state.put(signed.by(), vec![Record::Target(target)]).await?;
    recorded(&outcome, "/quality/targets", &[], "target")
}

/// What it must show: one of three ways, and of that way everything.
fn expected(filled: &Filled) -> Result<Expected, Trouble> {
    let known = |way: &str| ["reading", "between", "distribution"].into_iter().find(|w| *w == way);
    match filled.word("way", known)? {
        "reading" => {
            let known = |id: &str| READINGS.into_iter().find(|reading| reading.id() == id);
            Ok(Expected::Reading(filled.word("reading", known)?))
        }
        "between" => {
            let (low, high) = (filled.decimal("low")?, filled.decimal("high")?);
            if low > high {
                return filled.refuse("quality-refused-order", "low");
            }
            Ok(Expected::Between(low, high))
        }
        _ => {
            let (mean, sd) = (filled.decimal("mean")?, filled.decimal("sd")?);
            if sd <= rust_decimal::Decimal::ZERO {
                return filled.refuse("quality-refused-above-zero", "sd");
            }
            Ok(Expected::Distribution(mean, sd))
        }
    }
}
