//! The second person's word about a proposal: agrees to it, or turns it down. Never the one who
//! proposed it, whatever roles they have; they can only withdraw it.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::done;
use super::fields::Fields;
use super::proposals::{self, Outcome};
use super::sealing::Act;
use crate::console::donation::{case_file, number};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{DonationNumber, Statement};
use crate::rules::are_two;

/// What the second person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Agrees,
    TurnsDown,
}

/// `POST /donations/{din}/agree`.
pub(super) async fn agree(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    answer(state, visitor, &din, &fields, Word::Agrees).await
}

/// `POST /donations/{din}/turn-down`.
pub(super) async fn turn_down(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    answer(state, visitor, &din, &fields, Word::TurnsDown).await
}

async fn answer(
    state: ConsoleState,
    visitor: Visitor,
    din: &str,
    fields: &Fields,
    word: Word,
) -> Result<Response, Trouble> {
    let din = number(&state, din);
    let told = match word {
        Word::Agrees => "agreed",
        Word::TurnsDown => "turned-down",
    };
    match answered(&state, &visitor, &din, fields, word).await {
        Ok(()) => Ok(Redirect::to(&done(&din, told)).into_response()),
        Err(trouble) => super::refused(&state, &visitor, din, trouble).await,
    }
}

async fn answered(
    state: &ConsoleState,
    visitor: &Visitor,
    din: &DonationNumber,
    fields: &Fields,
    word: Word,
) -> Result<(), Trouble> {
    let (version, password) = (fields.number("version")?, fields.password());
    let number = fields.number("proposal")?;
    let record = case_file(state, din).await?.record;
    let missing = || Trouble::Refused("decision-no-proposal", number.to_string());
    let proposed = proposals::proposal(&record.statements, number).ok_or_else(missing)?;
    if proposed.outcome != Outcome::Open {
        return Err(Trouble::Refused("decision-settled-already", number.to_string()));
    }
    may(visitor, proposed.by, word)?;
    let statement = match word {
        Word::Agrees => Statement::Agreed(number),
        Word::TurnsDown => Statement::TurnedDown(number),
    };
    Act { visitor, din, version, password }.put(state, statement).await
}

/// Whoever proposed it may withdraw it and nothing else.
fn may(visitor: &Visitor, proposer: &str, word: Word) -> Result<(), Trouble> {
    let is_own = !are_two(&visitor.user, proposer);
    match word {
        Word::Agrees if is_own => {
            Err(Trouble::Refused("decision-own-proposal", visitor.name.clone()))
        }
        Word::TurnsDown if is_own => visitor.must(Duty::Propose),
        Word::Agrees | Word::TurnsDown => visitor.must(Duty::Agree),
    }
}
