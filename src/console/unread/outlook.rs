//! What each donation would become if a message were judged: asked before anybody signs, written
//! nowhere. Reading again is tried by the store and taken back; the others the rules conclude.

use tokio::sync::oneshot;

use crate::console::decisions;
use crate::console::donation::{encoded, words};
use crate::console::putting::committed;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::domain::{DonationNumber, Judgement, MessageJudged, Statement};
use crate::intake::{Intake, OnReread, Reread};
use crate::limits;
use crate::shape::{DecisionShape, ReasonShape};
use crate::store::{MessageOnRecord, ReadingChange, Store};

/// A donation now and then.
pub(super) struct Change {
    pub(super) din: String,
    pub(super) path: String,
    pub(super) now: Stands,
    pub(super) then: Stands,
    pub(super) is_same: bool,
}

/// A verdict with its reasons.
pub(super) struct Stands {
    pub(super) verdict: String,
    pub(super) word: String,
    pub(super) shape: &'static str,
    pub(super) reasons: Vec<String>,
}

/// What would become of the donations that a message is about.
pub(super) struct Outlook {
    pub(super) changes: Vec<Change>,
    /// Donations that are not shown.
    pub(super) more: usize,
    /// Why nothing can come of it.
    pub(super) refused: Option<String>,
}

/// What a judgement would do.
pub(super) async fn of(
    state: &ConsoleState,
    text: &'static Text,
    message: &MessageOnRecord,
    judgement: Judgement,
) -> Result<Outlook, Trouble> {
    match judgement {
        Judgement::ReadAgain => read_again(state, text, message).await,
        Judgement::Accepted | Judgement::Rejected => judged(state, text, message, judgement).await,
    }
}

/// Asks the analyser's desk something about the message, which answers after the writer did; why
/// not, for people.
pub(super) async fn ask(
    state: &ConsoleState,
    message: &MessageOnRecord,
    ask: impl FnOnce(&Intake, OnReread) + Send + 'static,
) -> Result<Result<Reread, String>, Trouble> {
    let Some(desk) = state.desks.get(&message.analyser) else {
        return Err(Trouble::Refused("unread-analyser-gone", message.analyser.clone()));
    };
    let (intake, (tell, told)) = (desk.intake.clone(), oneshot::channel());
    let reply: OnReread = Box::new(move |outcome| {
        // Who does not wait any more has been told so.
        let _gone = tell.send(Ok(outcome));
    });
    let asked = move |_: &Store| {
        ask(&intake, reply);
        Ok(())
    };
    state.read(asked).await?;
    committed(told).await
}

async fn read_again(
    state: &ConsoleState,
    text: &'static Text,
    message: &MessageOnRecord,
) -> Result<Outlook, Trouble> {
    let refused = |why| Outlook { changes: Vec::new(), more: 0, refused: Some(why) };
    if !state.desks.contains_key(&message.analyser) {
        return Ok(refused(text.with("unread-not-again", "analyser", &message.analyser)));
    }
    let number = message.message;
    let asked = ask(state, message, move |intake, reply| intake.what_if_read_again(number, reply));
    Ok(match asked.await? {
        Err(why) => refused(why),
        Ok(Reread { changes, .. }) => {
            let shown = changes.iter().take(limits::CONSOLE_OUTLOOK_SHOWN);
            let more = changes.len().saturating_sub(limits::CONSOLE_OUTLOOK_SHOWN);
            let changes = shown.map(|change| of_reading(text, change)).collect();
            Outlook { changes, more, refused: None }
        }
    })
}

fn of_reading(text: &Text, change: &ReadingChange) -> Change {
    Change {
        din: change.din.to_string(),
        path: encoded(change.din.as_str()),
        now: stands(text, change.verdict.as_deref(), &change.reasons),
        then: stands(text, change.would_be.as_deref(), &change.would_be_reasons),
        is_same: change.is_same,
    }
}

fn stands(text: &Text, verdict: Option<&str>, reasons: &[ReasonShape]) -> Stands {
    let verdict = verdict.unwrap_or_default();
    Stands {
        verdict: verdict.to_owned(),
        word: match verdict {
            "" => text.say("unread-no-verdict"),
            known => words::verdict(text, known),
        },
        shape: words::shape(verdict),
        reasons: reasons.iter().map(|reason| words::reason(text, reason)).collect(),
    }
}

async fn judged(
    state: &ConsoleState,
    text: &'static Text,
    message: &MessageOnRecord,
    judgement: Judgement,
) -> Result<Outlook, Trouble> {
    let statement = Statement::MessageJudged(MessageJudged {
        message: message.message,
        judgement,
        proposed_by: "one person".to_owned(),
        agreed_by: "another person".to_owned(),
    });
    let shown = message.donations.iter().take(limits::CONSOLE_OUTLOOK_SHOWN);
    let asked: Vec<DonationNumber> = shown.cloned().collect();
    let rules = state.rules.clone();
    let conclude = move |store: &Store| {
        let one = |din: &DonationNumber| {
            let now = store.donation(din)?.map(|record| (record.version, record.decision));
            let facts = store.facts(din)?;
            let then = decisions::would_be(&facts, &rules, statement.clone());
            Ok((din.clone(), now, then))
        };
        asked.iter().map(one).collect::<Result<Vec<_>, _>>()
    };
    let found = state.read(conclude).await?;
    let changes = found.into_iter().map(|(din, now, then)| change(text, &din, now, &then));
    Ok(Outlook {
        changes: changes.collect(),
        more: message.donations.len().saturating_sub(limits::CONSOLE_OUTLOOK_SHOWN),
        refused: None,
    })
}

/// Of a donation that nobody registered there is no verdict, now or then.
fn change(
    text: &Text,
    din: &DonationNumber,
    now: Option<(i64, DecisionShape)>,
    then: &DecisionShape,
) -> Change {
    let now = now.filter(|(version, _)| *version > 0).map(|(_, decision)| decision);
    let is_same =
        now.as_ref().is_none_or(|now| now.verdict == then.verdict && now.reasons == then.reasons);
    let then = now.is_some().then_some(then);
    let told = |decision: Option<&DecisionShape>| {
        let reasons = decision.map_or(&[][..], |decision| &decision.reasons);
        stands(text, decision.map(|decision| decision.verdict.as_str()), reasons)
    };
    Change {
        din: din.to_string(),
        path: encoded(din.as_str()),
        now: told(now.as_ref()),
        then: told(then),
        is_same,
    }
}
