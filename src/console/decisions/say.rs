//! What one person may put on record about a donation: nothing of it lets the donation go. A
//! donor's record becomes better by inventory alone, and a report is signed by different people.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::done;
use super::fields::Fields;
use super::sealing::Act;
use super::signing::{self, Hands};
use crate::console::donation::{case_file, number};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{
    Assay, Container, DonationNumber, DonorRecord, Lookback, ReviewStep, Statement, Supplemental,
};
use crate::rules::RuleSet;

/// Something that can be said, with the word of the form and whose it is.
pub(super) struct Sayable {
    pub(super) word: &'static str,
    pub(super) duty: Duty,
    statement: fn() -> Statement,
}

macro_rules! sayables {
    ($($word:literal, $duty:ident, $statement:expr;)+) => {
        [$(Sayable { word: $word, duty: Duty::$duty, statement: || $statement }),+]
    };
}

/// Everything that can be said and needs nothing more than its word.
pub(super) const SAYABLE: [Sayable; 15] = sayables! {
    "sample-missing", LoadRacks, Statement::SampleNotReceived;
    "sample-found", LoadRacks, Statement::SampleReceived;
    "number-failed", LoadRacks, Statement::NumberCheckFailed;
    "serum", LoadRacks, Statement::Container(Container::Serum);
    "edta", LoadRacks, Statement::Container(Container::Edta);
    "segment", LoadRacks, Statement::Container(Container::Segment);
    "plasma", LoadRacks, Statement::Container(Container::Plasma);
    "deferred", Review, Statement::Deferred;
    "flagged", Review, Statement::DonorRecord(DonorRecord::Flagged);
    "prior-reactive", Review, Statement::DonorRecord(DonorRecord::PriorReactive);
    "merged", Review, Statement::DonorRecord(DonorRecord::Merged);
    "lookback-open", Review, Statement::Lookback(Lookback::Open);
    "lookback-overdue", Review, Statement::Lookback(Lookback::Overdue);
    "lookback-closed", Review, Statement::Lookback(Lookback::Closed);
    "manual-path", Review, Statement::ManualPath;
};

/// A person looked again after the rule set changed.
pub(super) const LOOKED_AGAIN: &str = "looked-again";

/// `POST /donations/{din}/say`.
pub(super) async fn say(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let din = number(&state, &din);
    let said = match said(&visitor, &fields, &state.rules) {
        Ok(statement) => put(&state, &visitor, &din, &fields, statement).await,
        Err(trouble) => Err(trouble),
    };
    match said {
        Ok(()) => Ok(Redirect::to(&done(&din, "said")).into_response()),
        Err(trouble) => super::refused(&state, &visitor, din, trouble).await,
    }
}

fn said(visitor: &Visitor, fields: &Fields, rules: &RuleSet) -> Result<Statement, Trouble> {
    let word = fields.text("says");
    if word == LOOKED_AGAIN {
        visitor.must(Duty::Review)?;
        return Ok(Statement::Reevaluated(rules.identity().sha256.clone()));
    }
    let known = SAYABLE.iter().find(|sayable| sayable.word == word);
    let Some(known) = known else {
        return Err(Trouble::Refused("decision-nothing-said", word.to_owned()));
    };
    visitor.must(known.duty)?;
    Ok((known.statement)())
}

/// `POST /donations/{din}/supplemental`: what the reference laboratory found, or that a marker was
/// repeat reactive on an earlier occasion.
pub(super) async fn supplemental(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Review)?;
    let din = number(&state, &din);
    let said = match found(&fields) {
        Ok(statement) => put(&state, &visitor, &din, &fields, statement).await,
        Err(trouble) => Err(trouble),
    };
    match said {
        Ok(()) => Ok(Redirect::to(&done(&din, "said")).into_response()),
        Err(trouble) => super::refused(&state, &visitor, din, trouble).await,
    }
}

/// The word for a marker that was repeat reactive before.
pub(super) const EARLIER: &str = "earlier";

fn found(fields: &Fields) -> Result<Statement, Trouble> {
    let assay = fields.word("assay", Assay::from_id, "decision-no-assay")?;
    if fields.text("result") == EARLIER {
        return Ok(Statement::EarlierOccasion(assay));
    }
    let result = fields.word("result", Supplemental::from_id, "decision-no-result")?;
    Ok(Statement::Supplemental(assay, result))
}

/// `POST /donations/{din}/sign`: a step of the review.
pub(super) async fn sign(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let din = number(&state, &din);
    match signed(&state, &visitor, &din, &fields).await {
        Ok(()) => Ok(Redirect::to(&done(&din, "signed")).into_response()),
        Err(trouble) => super::refused(&state, &visitor, din, trouble).await,
    }
}

async fn signed(
    state: &ConsoleState,
    visitor: &Visitor,
    din: &DonationNumber,
    fields: &Fields,
) -> Result<(), Trouble> {
    let step = fields.word("step", ReviewStep::from_id, "decision-no-step")?;
    visitor.must(signing::duty(step))?;
    let record = case_file(state, din).await?.record;
    let latest = record.observations.iter().map(|found| found.id).max().unwrap_or_default();
    let hands = Hands::new(&record.statements, latest);
    if let Some(why) = hands.refused(step, &visitor.user) {
        return Err(Trouble::Refused(why, visitor.name.clone()));
    }
    put(state, visitor, din, fields, Statement::Signature(step)).await
}

async fn put(
    state: &ConsoleState,
    visitor: &Visitor,
    din: &DonationNumber,
    fields: &Fields,
    statement: Statement,
) -> Result<(), Trouble> {
    let (version, password) = (fields.number("version")?, fields.password());
    Act { visitor, din, version, password }.put(state, statement).await
}
