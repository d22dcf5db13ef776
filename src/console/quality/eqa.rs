//! Rounds of external quality assessment: open, report, assess, close, export.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;

use super::form::{Filled, address};
use super::sheet::Sheet;
use super::words::{Shown, assay, when};
use super::{Pairs, frame, recorded, sign, today};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{Assay, EqaOutcome, EqaRecord, EqaStep, Record};
use crate::store::{EqaResult, EqaRound};

#[derive(Template)]
#[template(path = "quality/eqa.html")]
struct RoundsPage {
    page: Page,
    may_change: bool,
    rows: Vec<RoundRow>,
    assays: Vec<Choice>,
}

struct RoundRow {
    scheme: String,
    round: String,
    state: Shown,
    due: String,
    assays: String,
    results: usize,
    address: String,
}

/// A choice of a form.
struct Choice {
    id: &'static str,
    name: &'static str,
}

#[derive(Template)]
#[template(path = "quality/round.html")]
struct RoundPage {
    page: Page,
    may_change: bool,
    row: RoundRow,
    is_open: bool,
    results: Vec<ResultRow>,
    assays: Vec<Choice>,
    outcomes: Vec<Outcome>,
    history: Vec<StepRow>,
    closed: String,
}

struct Outcome {
    id: &'static str,
    name: String,
}

struct ResultRow {
    sample: String,
    assay: &'static str,
    assay_id: &'static str,
    reported: String,
    reported_by: String,
    expected: String,
    outcome: Option<Shown>,
    can_be_assessed: bool,
}

struct StepRow {
    what: String,
    by: String,
    when: String,
}

/// `GET /quality/eqa`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let rounds = state.read(|store| store.eqa_rounds()).await?;
    let rows = rounds.iter().map(|round| round_row(&page, round)).collect();
    let assays = choices(&page, &Assay::ALL);
    shown(&RoundsPage { may_change: visitor.may(Duty::Quality), rows, assays, page })
}

fn choices(page: &Page, assays: &[Assay]) -> Vec<Choice> {
    assays.iter().map(|of| Choice { id: of.id(), name: assay(page, *of) }).collect()
}

fn round_row(page: &Page, round: &EqaRound) -> RoundRow {
    let assays: Vec<&str> = round.assays.iter().map(|of| assay(page, *of)).collect();
    RoundRow {
        scheme: round.scheme.clone(),
        round: round.round.clone(),
        state: round_state(page, round),
        due: round.due.map_or_else(String::new, |day| day.to_string()),
        assays: assays.join(", "),
        results: round.results.len(),
        address: round_address(&round.scheme, &round.round),
    }
}

fn round_state(page: &Page, round: &EqaRound) -> Shown {
    let is_bad = |result: &EqaResult| {
        let outcome = result.assessed.as_ref().map(|(.., outcome)| *outcome);
        outcome == Some(EqaOutcome::Unacceptable)
    };
    if round.closed.is_some() {
        Shown::of(page, "good", "✔", "quality-eqa-closed")
    } else if round.is_overdue(today()) {
        Shown::of(page, "bad", "✖", "quality-eqa-overdue")
    } else if round.results.iter().any(is_bad) {
        Shown::of(page, "bad", "⊠", "quality-eqa-failed")
    } else if round.is_assessed() {
        Shown::of(page, "warn", "▲", "quality-eqa-assessed")
    } else {
        Shown::of(page, "wait", "…", "quality-eqa-open")
    }
}

fn round_address(scheme: &str, round: &str) -> String {
    address("/quality/eqa/round", &[("scheme", scheme), ("round", round)])
}

async fn found(state: &ConsoleState, filled: &Filled) -> Result<EqaRound, Trouble> {
    let (scheme, name) = (filled.text("scheme")?, filled.text("round")?);
    let rounds = state.read(|store| store.eqa_rounds()).await?;
    let round = rounds.into_iter().find(|round| round.scheme == scheme && round.round == name);
    round.ok_or(Trouble::NotFound(name))
}

/// `GET /quality/eqa/round`.
pub(super) async fn round(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let round = found(&state, &asked).await?;
    let outcomes = EqaOutcome::ALL.map(|outcome| Outcome {
        id: outcome.id(),
        name: page.word("quality-outcome", outcome.id()),
    });
    let history = round.history.iter().rev().map(|(mark, step)| StepRow {
        what: step_words(&page, step),
        by: mark.by.clone(),
        when: when(mark.at),
    });
    shown(&RoundPage {
        may_change: visitor.may(Duty::Quality),
        row: round_row(&page, &round),
        is_open: round.closed.is_none(),
        results: round.results.iter().map(|result| result_row(&page, result)).collect(),
        assays: choices(&page, &round.assays),
        outcomes: outcomes.into(),
        history: history.collect(),
        closed: round.closed.as_ref().map_or_else(String::new, |(_, what)| what.clone()),
        page,
    })
}

fn result_row(page: &Page, result: &EqaResult) -> ResultRow {
    let reported = result.reported.as_ref();
    let assessed = result.assessed.as_ref();
    ResultRow {
        sample: result.sample.clone(),
        assay: assay(page, result.assay),
        assay_id: result.assay.id(),
        reported: reported.map_or_else(String::new, |(_, result)| result.clone()),
        reported_by: reported.map_or_else(String::new, |(mark, _)| mark.by.clone()),
        expected: assessed.map_or_else(String::new, |(_, expected, _)| expected.clone()),
        outcome: assessed.map(|(.., outcome)| outcome_shown(page, *outcome)),
        can_be_assessed: reported.is_some(),
    }
}

fn outcome_shown(page: &Page, outcome: EqaOutcome) -> Shown {
    let (kind, mark) = match outcome {
        EqaOutcome::Acceptable => ("good", "✔"),
        EqaOutcome::Questionable => ("warn", "▲"),
        EqaOutcome::Unacceptable => ("bad", "✖"),
    };
    Shown { kind, mark, word: page.word("quality-outcome", outcome.id()) }
}

fn step_words(page: &Page, step: &EqaStep) -> String {
    let say = page.text();
    match step {
        EqaStep::Opened { assays, due } => {
            let assays: Vec<&str> = assays.iter().map(|of| assay(page, *of)).collect();
            let put_in = [("assays", assays.join(", ")), ("due", due.to_string())];
            say.with_all("quality-eqa-did-open", &put_in)
        }
        EqaStep::Reported { sample, assay: of, result } => {
            let of = assay(page, *of).to_owned();
            let put_in = [("sample", sample.clone()), ("assay", of), ("result", result.clone())];
            say.with_all("quality-eqa-did-report", &put_in)
        }
        EqaStep::Assessed { sample, assay: of, expected, outcome } => {
            let put_in = [
                ("sample", sample.clone()),
                ("assay", assay(page, *of).to_owned()),
                ("expected", expected.clone()),
                ("outcome", page.word("quality-outcome", outcome.id())),
            ];
            say.with_all("quality-eqa-did-assess", &put_in)
        }
        EqaStep::Closed(what) => page.with("quality-eqa-did-close", "what", what),
    }
}

/// Puts a step on record, and goes back to the round.
async fn put(
    state: &ConsoleState,
    visitor: &Visitor,
    filled: &Filled,
    step: EqaStep,
) -> Result<Response, Trouble> {
    let (scheme, round) = (filled.text("scheme")?, filled.text("round")?);
    let signed = sign::signed(state, visitor, filled).await?;
    let record = EqaRecord { scheme: scheme.clone(), round: round.clone(), step };
    let outcome = state.put(signed.by(), vec![Record::Eqa(record)]).await?;
    let asked = [("scheme", scheme.as_str()), ("round", &round)];
    recorded(&outcome, "/quality/eqa/round", &asked, "eqa")
}

/// `POST /quality/eqa`: samples came.
pub(super) async fn open(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Quality)?;
    let filled = Filled::new(&visitor, fields);
    let assays: Vec<Assay> = filled.ticked("assay-").filter_map(Assay::from_id).collect();
    if assays.is_empty() {
        return filled.refuse("quality-refused-blank", "assays");
    }
    let (scheme, round) = (filled.text("scheme")?, filled.text("round")?);
    let rounds = state.read(|store| store.eqa_rounds()).await?;
    if rounds.iter().any(|known| known.scheme == scheme && known.round == round) {
        return Err(Trouble::Refused("quality-refused-round", round));
    }
    let due = filled.day("due")?;
    put(&state, &visitor, &filled, EqaStep::Opened { assays, due }).await
}

/// A round that is open; what is closed stays as it is.
async fn still_open(
    state: &ConsoleState,
    visitor: &Visitor,
    filled: &Filled,
) -> Result<EqaRound, Trouble> {
    visitor.must(Duty::Quality)?;
    let round = found(state, filled).await?;
    match round.closed {
        None => Ok(round),
        Some(_) => Err(Trouble::Refused("quality-refused-closed", round.round)),
    }
}

/// `POST /quality/eqa/report`: our result of a sample.
pub(super) async fn report(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    let filled = Filled::new(&visitor, fields);
    let round = still_open(&state, &visitor, &filled).await?;
    let of_round = |id: &str| Assay::from_id(id).filter(|assay| round.assays.contains(assay));
    let step = EqaStep::Reported {
        sample: filled.text("sample")?,
        assay: filled.word("assay", of_round)?,
        result: filled.text("result")?,
    };
    put(&state, &visitor, &filled, step).await
}

/// `POST /quality/eqa/assess`: what the scheme says of it.
pub(super) async fn assess(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    let filled = Filled::new(&visitor, fields);
    let round = still_open(&state, &visitor, &filled).await?;
    let (sample, assay) = (filled.text("sample")?, filled.word("assay", Assay::from_id)?);
    let is_it = |result: &&EqaResult| {
        result.sample == sample && result.assay == assay && result.reported.is_some()
    };
    if !round.results.iter().any(|result| is_it(&result)) {
        return filled.refuse("quality-refused-word", "sample");
    }
    let expected = filled.text("expected")?;
    let outcome = filled.word("outcome", EqaOutcome::from_id)?;
    put(&state, &visitor, &filled, EqaStep::Assessed { sample, assay, expected, outcome }).await
}

/// `POST /quality/eqa/close`.
pub(super) async fn close(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    let filled = Filled::new(&visitor, fields);
    still_open(&state, &visitor, &filled).await?;
    let what = filled.text("text")?;
    put(&state, &visitor, &filled, EqaStep::Closed(what)).await
}

/// `GET /quality/eqa.csv`: every result of every round.
pub(super) async fn export(
    State(state): State<ConsoleState>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = frame(&visitor, "quality", "");
    let rounds = state.read(|store| store.eqa_rounds()).await?;
    let mut sheet = Sheet::new(COLUMNS.map(|column| page.word("quality-column", column)));
    for round in &rounds {
        for result in &round.results {
            sheet.row(cells(&page, round, result));
        }
    }
    sheet.saved("hemogate-eqa.csv")
}

const COLUMNS: [&str; 11] = [
    "scheme", "round", "due", "sample", "assay", "reported", "by", "when", "expected", "outcome",
    "closed",
];

fn cells(page: &Page, round: &EqaRound, result: &EqaResult) -> [String; 11] {
    let reported = result.reported.as_ref();
    let assessed = result.assessed.as_ref();
    [
        round.scheme.clone(),
        round.round.clone(),
        round.due.map_or_else(String::new, |day| day.to_string()),
        result.sample.clone(),
        assay(page, result.assay).to_owned(),
        reported.map_or_else(String::new, |(_, result)| result.clone()),
        reported.map_or_else(String::new, |(mark, _)| mark.by.clone()),
        reported.map_or_else(String::new, |(mark, _)| when(mark.at)),
        assessed.map_or_else(String::new, |(_, expected, _)| expected.clone()),
        assessed
            .map_or_else(String::new, |(.., outcome)| page.word("quality-outcome", outcome.id())),
        round.closed.as_ref().map_or_else(String::new, |(_, what)| what.clone()),
    ]
}
