//! Runs: whether their controls speak for them, and what a person says.
//!
//! Who accepts a run changes nothing that the rules say. Who rejects one puts two records on record
//! at once, that it was rejected and that its controls failed: what it released is recalled. The
//! page says before how many that are.

use std::collections::BTreeSet;

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
use crate::domain::{Bracket, ControlFailure, KitControls, Record, RunRecord};
use crate::store::{ControlState, RunEntry, RunJudged, RunReach};

#[derive(Template)]
#[template(path = "quality/runs.html")]
struct RunsPage {
    page: Page,
    tests: Vec<TestLink>,
    chosen: String,
    rows: Vec<RunRow>,
}

struct TestLink {
    name: String,
    address: String,
    is_here: bool,
}

struct RunRow {
    run: u64,
    from: String,
    to: String,
    state: Shown,
    results: String,
    said: Vec<Said>,
    address: String,
}

/// What somebody said of a run.
struct Said {
    state: Shown,
    by: String,
    when: String,
    plate: String,
    text: String,
}

#[derive(Template)]
#[template(path = "quality/run.html")]
struct RunPage {
    page: Page,
    may_change: bool,
    analyser: String,
    test_code: String,
    row: RunRow,
    /// The window exactly, as the form brings it back.
    from: String,
    to: String,
    controls: Vec<ControlLine>,
    spoken: Vec<String>,
    reach: RunReach,
    reach_words: String,
}

struct ControlLine {
    material: String,
    value: String,
    state: Shown,
    rules: String,
    when: String,
}

/// `GET /quality/runs`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let seen = state.read(|store| store.controls_seen()).await?;
    let tests: BTreeSet<(String, String)> =
        seen.into_iter().map(|seen| (seen.key.analyser, seen.key.test_code)).collect();
    let wanted = (asked.raw("analyser").to_owned(), asked.raw("test_code").to_owned());
    let here = tests.get(&wanted).or(tests.first()).cloned();
    let link = |test: &(String, String)| TestLink {
        name: format!("{} · {}", test.0, test.1),
        address: runs_address("/quality/runs", &test.0, &test.1, &[]),
        is_here: Some(test) == here.as_ref(),
    };
    let links = tests.iter().map(link).collect();
    let Some((analyser, test_code)) = here else {
        let (chosen, rows) = (String::new(), Vec::new());
        return shown(&RunsPage { page, tests: links, chosen, rows });
    };
    let chosen = format!("{analyser} · {test_code}");
    let runs = state.read(move |store| store.control_runs(&analyser, &test_code)).await?;
    let rows = runs.iter().map(|run| run_row(&page, run)).collect();
    shown(&RunsPage { page, tests: links, chosen, rows })
}

fn runs_address(path: &str, analyser: &str, test_code: &str, more: &[(&str, &str)]) -> String {
    let of = [("analyser", analyser), ("test_code", test_code)];
    address(path, &of.iter().chain(more).copied().collect::<Vec<_>>())
}

fn run_row(page: &Page, run: &RunEntry) -> RunRow {
    let results = page.with("quality-results", "count", run.results);
    let number = run.run.to_string();
    RunRow {
        run: run.run,
        from: when(run.from),
        to: when(run.to),
        state: run_state(page, run),
        results: if run.has_more { format!("> {results}") } else { results },
        said: run.judged.iter().map(|judged| said(page, judged)).collect(),
        address: runs_address(
            "/quality/runs/one",
            &run.analyser,
            &run.test_code,
            &[("run", &number)],
        ),
    }
}

/// The worst of its controls; where none speaks, that.
fn run_state(page: &Page, run: &RunEntry) -> Shown {
    let has = |state| run.controls.iter().any(|(_, point)| point.state == state);
    if has(ControlState::Rejected) {
        Shown::of(page, "bad", "⊠", "quality-run-failed")
    } else if has(ControlState::Warning) {
        Shown::of(page, "warn", "▲", "quality-run-warning")
    } else if has(ControlState::InControl) {
        Shown::of(page, "good", "●", "quality-run-spoken")
    } else {
        Shown::of(page, "warn", "◇", "quality-run-silent")
    }
}

fn said(page: &Page, judged: &RunJudged) -> Said {
    let (state, mark, plate, text) = match judged {
        RunJudged::Judged(mark, run) if run.accepted => {
            let state = Shown::of(page, "good", "✔", "quality-run-accepted");
            (state, mark, run.plate.clone(), run.text.clone())
        }
        RunJudged::Judged(mark, run) => {
            let state = Shown::of(page, "bad", "✖", "quality-run-rejected");
            (state, mark, run.plate.clone(), run.text.clone())
        }
        RunJudged::Failed(mark, failure) => {
            let state = Shown::of(page, "bad", "⟲", "quality-run-voided");
            let window = format!("{} – {}", when(failure.from), when(failure.to));
            (state, mark, String::new(), window)
        }
    };
    Said { state, by: mark.by.clone(), when: when(mark.at), plate, text }
}

/// A run as it is now.
async fn found(state: &ConsoleState, filled: &Filled) -> Result<RunEntry, Trouble> {
    let (analyser, test_code) = (filled.text("analyser")?, filled.text("test_code")?);
    let number: u64 = filled.whole("run")?;
    let runs = state.read(move |store| store.control_runs(&analyser, &test_code)).await?;
    let run = runs.into_iter().find(|run| run.run == number);
    run.ok_or_else(|| Trouble::Refused("quality-refused-run", number.to_string()))
}

/// `GET /quality/runs/one`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let run = found(&state, &asked).await?;
    let window = record(&run, String::new(), String::new(), false);
    let reach = state.read(move |store| store.run_reach(&window)).await?;
    let controls = run.controls.iter().map(|(material, point)| ControlLine {
        material: material.clone(),
        value: point.value.clone().unwrap_or_default(),
        state: Shown::control(&page, point.state),
        rules: control_chart::rules(point),
        when: when(point.received_at),
    });
    shown(&RunPage {
        may_change: visitor.may(Duty::Quality),
        row: run_row(&page, &run),
        from: run.from.to_string(),
        to: run.to.to_string(),
        controls: controls.collect(),
        spoken: spoken(&page, &run),
        reach_words: reach_words(&page, reach),
        reach,
        analyser: run.analyser,
        test_code: run.test_code,
        page,
    })
}

/// What its controls say of its last result, in words.
fn spoken(page: &Page, run: &RunEntry) -> Vec<String> {
    let Some(controls) = &run.spoken else { return vec![page.say("quality-run-empty")] };
    let kit = match controls.kit {
        KitControls::Passed => "quality-kit-passed",
        KitControls::Failed => "quality-kit-failed",
        KitControls::NotRecorded => "quality-kit-missing",
    };
    let external = match (controls.external.recorded, controls.external.wrong_reading) {
        (false, _) => "quality-external-missing",
        (true, true) => "quality-external-wrong",
        (true, false) => "quality-external-there",
    };
    let bracket = match controls.bracket {
        Bracket::Closed => "quality-bracket-closed",
        Bracket::Open => "quality-bracket-open",
    };
    let mut spoken = [kit, external, bracket].map(|key| page.say(key)).to_vec();
    if !controls.external.violations.is_empty() {
        let rules: Vec<&str> = controls.external.violations.iter().map(|rule| rule.id()).collect();
        spoken.push(page.with("quality-rules-broken", "rules", rules.join(" ")));
    }
    if controls.failed_later {
        spoken.push(page.say("quality-run-voided"));
    }
    spoken
}

fn reach_words(page: &Page, reach: RunReach) -> String {
    let key = if reach.has_more { "quality-reach-more" } else { "quality-reach" };
    page.text().with_all(
        key,
        &[
            ("results", reach.results.to_string()),
            ("donations", reach.donations.to_string()),
            ("releasable", reach.releasable.to_string()),
        ],
    )
}

fn record(run: &RunEntry, plate: String, text: String, accepted: bool) -> RunRecord {
    RunRecord {
        analyser: run.analyser.clone(),
        test_code: run.test_code.clone(),
        plate,
        from: run.from,
        to: run.to,
        accepted,
        text,
    }
}

/// `POST /quality/runs/accept`.
pub(super) async fn accept(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    judge(&state, &visitor, fields, true).await
}

/// `POST /quality/runs/reject`.
pub(super) async fn reject(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    judge(&state, &visitor, fields, false).await
}

async fn judge(
    state: &ConsoleState,
    visitor: &Visitor,
    fields: Pairs,
    accepted: bool,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Quality)?;
    let filled = Filled::new(visitor, fields);
    let run = found(state, &filled).await?;
    let (text, plate) = (filled.text("text")?, filled.optional("plate")?.unwrap_or_default());
    // The run goes on while results come: who judges it has seen all of it, or looks again.
    if [run.from.to_string(), run.to.to_string()] != [filled.raw("from"), filled.raw("to")] {
        return Err(Trouble::Refused("quality-refused-stale", run.run.to_string()));
    }
    let signed = sign::signed(state, visitor, &filled).await?;
    let mut records = vec![Record::Run(record(&run, plate, text, accepted))];
    if !accepted {
        records.push(Record::ControlFailure(ControlFailure {
            analyser: run.analyser.clone(),
            test_code: run.test_code.clone(),
            from: run.from,
            to: run.to,
        }));
    }
    let outcome = state.put(signed.by(), records).await?;
    let number = run.run.to_string();
    let asked =
        [("analyser", run.analyser.as_str()), ("test_code", &run.test_code), ("run", &number)];
    let done = if accepted { "run-accepted" } else { "run-rejected" };
    recorded(&outcome, "/quality/runs/one", &asked, done)
}
