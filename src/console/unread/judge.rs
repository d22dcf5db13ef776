//! Two people judge a message: one proposes, another agrees or turns it down, each with the
//! password.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::{detail, outlook};
use crate::console::decisions::Fields;
use crate::console::page::Page;
use crate::console::sign;
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{Judgement, MessageRecord, MessageStep, Record};
use crate::rules::are_two;
use crate::store::{MessageOnRecord, MessageProposal, PutOnRecord};

/// `POST /unread/{message}/propose`.
pub(super) async fn propose(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Propose)?;
    let proposed = proposed(&state, &visitor, number, &fields).await;
    answered(&state, &visitor, number, "proposed", proposed).await
}

async fn proposed(
    state: &ConsoleState,
    visitor: &Visitor,
    number: i64,
    fields: &Fields,
) -> Result<(), Trouble> {
    let judgement = fields.word("judgement", Judgement::from_id, "unread-choose-judgement")?;
    let grounds = fields.grounds()?;
    let message = detail::message(state, number).await?;
    if message.proposals.iter().any(|proposal| proposal.decided.is_none()) {
        return Err(Trouble::Refused("unread-proposed-already", number.to_string()));
    }
    put(state, visitor, fields, number, MessageStep::Proposed(judgement, grounds)).await
}

/// `POST /unread/{message}/agree`.
pub(super) async fn agree(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Agree)?;
    let agreed = agreed(&state, &visitor, number, &fields).await;
    answered(&state, &visitor, number, "agreed", agreed).await
}

async fn agreed(
    state: &ConsoleState,
    visitor: &Visitor,
    number: i64,
    fields: &Fields,
) -> Result<(), Trouble> {
    let message = detail::message(state, number).await?;
    let proposal = waiting(&message, fields)?;
    if !are_two(&visitor.user, &proposal.by) {
        return Err(Trouble::Refused("decision-own-proposal", visitor.name.clone()));
    }
    let record = proposal.record;
    match proposal.judgement {
        Judgement::Accepted | Judgement::Rejected => {
            put(state, visitor, fields, number, MessageStep::Agreed(record)).await
        }
        Judgement::ReadAgain => read_again(state, visitor, fields, &message, record).await,
    }
}

/// `POST /unread/{message}/turn-down`; whoever proposed it withdraws it so.
pub(super) async fn turn_down(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let turned = turned_down(&state, &visitor, number, &fields).await;
    answered(&state, &visitor, number, "turned-down", turned).await
}

async fn turned_down(
    state: &ConsoleState,
    visitor: &Visitor,
    number: i64,
    fields: &Fields,
) -> Result<(), Trouble> {
    let message = detail::message(state, number).await?;
    let proposal = waiting(&message, fields)?;
    let is_own = !are_two(&visitor.user, &proposal.by);
    visitor.must(if is_own { Duty::Propose } else { Duty::Agree })?;
    put(state, visitor, fields, number, MessageStep::TurnedDown(proposal.record)).await
}

/// The proposal that a form answers, while nobody has.
fn waiting<'m>(
    message: &'m MessageOnRecord,
    fields: &Fields,
) -> Result<&'m MessageProposal, Trouble> {
    let record = fields.number("proposal")?;
    let found = message.proposals.iter().find(|proposal| proposal.record == record);
    let open = found.filter(|proposal| proposal.decided.is_none());
    open.ok_or_else(|| Trouble::Refused("decision-settled-already", record.to_string()))
}

async fn put(
    state: &ConsoleState,
    visitor: &Visitor,
    fields: &Fields,
    message: i64,
    step: MessageStep,
) -> Result<(), Trouble> {
    let signed = sign::check(state, visitor, fields.password()).await?;
    let record = Record::Message(MessageRecord { message, step });
    let outcomes = state.put(signed.by(), vec![record]).await?;
    outcomes.into_iter().try_for_each(|outcome| match outcome {
        PutOnRecord::New { .. } | PutOnRecord::Same { .. } => Ok(()),
        PutOnRecord::Conflict { why, .. } => Err(Trouble::Refused("decision-conflict", why)),
        PutOnRecord::Stale { version } => Err(Trouble::Stale(version)),
    })
}

async fn read_again(
    state: &ConsoleState,
    visitor: &Visitor,
    fields: &Fields,
    message: &MessageOnRecord,
    proposal: i64,
) -> Result<(), Trouble> {
    let signed = sign::check(state, visitor, fields.password()).await?;
    let (number, by) = (message.message, signed.by().to_owned());
    let asked = outlook::ask(state, message, move |intake, reply| {
        intake.read_again(number, proposal, &by, reply);
    });
    let refused = |why| Trouble::Refused("decision-conflict", why);
    asked.await?.map(drop).map_err(refused)
}

/// Back to the message, with what was done or why not.
async fn answered(
    state: &ConsoleState,
    visitor: &Visitor,
    number: i64,
    done: &str,
    outcome: Result<(), Trouble>,
) -> Result<Response, Trouble> {
    let trouble = match outcome {
        Ok(()) => {
            return Ok(Redirect::to(&format!("/unread/{number}?done={done}")).into_response());
        }
        Err(Trouble::NotSignedIn) => return Err(Trouble::NotSignedIn),
        Err(trouble) => trouble,
    };
    let page = Page::new(Some(visitor), "unread");
    let [what, todo] = trouble.told(page.lang());
    let page = page.telling("bad", format!("{what} {todo}"));
    match detail::page_of(state, page, visitor, number).await {
        Ok(shown) => Ok((trouble.status(), shown).into_response()),
        Err(_) => Err(trouble),
    }
}
