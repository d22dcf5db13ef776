//! One message: what was understood of it beside its bytes, what was not, and what two people may
//! make of it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::outlook::{self, Outlook};
use crate::analyser::{Analyser, Explained};
use crate::console::decisions;
use crate::console::donation::{encoded, words};
use crate::console::explained::{self, Marked, PieceRow, Stretch};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{Ground, Judgement};
use crate::rules::are_two;
use crate::store::{MessageOnRecord, MessageProposal};

#[derive(Template)]
#[template(path = "unread_message.html")]
struct MessagePage {
    page: Page,
    message: i64,
    analyser: String,
    profile: String,
    at: String,
    length: usize,
    /// Whether something in it is not understood and nobody has judged it.
    is_open: bool,
    /// How it stands, in words.
    standing: (&'static str, &'static str, String),
    incomplete: Option<String>,
    faults: Vec<(usize, String)>,
    donations: Vec<(String, String)>,
    results: Vec<(i64, String)>,
    missing: Option<String>,
    stretches: Vec<Stretch>,
    rows: Vec<PieceRow>,
    open: Option<OpenProposal>,
    settled: Vec<String>,
    may_propose: bool,
    can_read_again: bool,
    judgements: Vec<(&'static str, String, String)>,
}

/// A proposal that waits, with what would come of it.
struct OpenProposal {
    record: i64,
    by: String,
    at: String,
    judgement: String,
    meaning: String,
    ground: String,
    text: String,
    outlook: Outlook,
    is_own: bool,
    may_agree: bool,
}

#[derive(Template)]
#[template(path = "unread_outlook.html")]
struct OutlookPage {
    page: Page,
    message: i64,
    judgement: &'static str,
    word: String,
    meaning: String,
    outlook: Outlook,
    grounds: Vec<(&'static str, String)>,
}

/// What was just done, or is asked.
#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
    judgement: Option<String>,
}

const DONE: [&str; 3] = ["proposed", "agreed", "turned-down"];

/// `GET /unread/{message}`.
pub(super) async fn show(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "unread");
    let page = match DONE.iter().find(|done| asked.done.as_deref() == Some(**done)) {
        Some(done) => {
            let told = page.word("unread-done", done);
            page.telling("good", told)
        }
        None => page,
    };
    page_of(&state, page, &visitor, number).await
}

/// The page of a message, with what happened last.
pub(super) async fn page_of(
    state: &ConsoleState,
    page: Page,
    visitor: &Visitor,
    number: i64,
) -> Result<Response, Trouble> {
    let message = message(state, number).await?;
    let waiting = message.proposals.iter().find(|proposal| proposal.decided.is_none());
    let open = match waiting {
        Some(waiting) => Some(open_proposal(state, page.text(), visitor, &message, waiting).await?),
        None => None,
    };
    shown(&laid_out(state, page, visitor, &message, open))
}

/// A message on record.
pub(super) async fn message(state: &ConsoleState, number: i64) -> Result<MessageOnRecord, Trouble> {
    let found = state.read(move |store| store.message(number)).await?;
    found.ok_or_else(|| Trouble::NotFound(number.to_string()))
}

async fn open_proposal(
    state: &ConsoleState,
    text: &'static Text,
    visitor: &Visitor,
    message: &MessageOnRecord,
    proposal: &MessageProposal,
) -> Result<OpenProposal, Trouble> {
    let is_own = !are_two(&visitor.user, &proposal.by);
    Ok(OpenProposal {
        record: proposal.record,
        by: proposal.by.clone(),
        at: words::time(text, proposal.at),
        judgement: text.word("judgement", proposal.judgement.id()),
        meaning: text.word("unread-meaning", proposal.judgement.id()),
        ground: text.word("ground", proposal.grounds.ground.id()),
        text: proposal.grounds.text.clone(),
        outlook: outlook::of(state, text, message, proposal.judgement).await?,
        is_own,
        may_agree: !is_own && visitor.may(Duty::Agree),
    })
}

fn laid_out(
    state: &ConsoleState,
    page: Page,
    visitor: &Visitor,
    message: &MessageOnRecord,
    open: Option<OpenProposal>,
) -> MessagePage {
    let text = page.text();
    let pieces = pieces(message);
    let shown = pieces.as_deref().unwrap_or_default();
    let is_open = is_open(message);
    let settled = message.proposals.iter().filter_map(|proposal| settled(text, proposal));
    MessagePage {
        message: message.message,
        analyser: message.analyser.clone(),
        profile: message.profile.clone(),
        at: words::time(text, message.received_at),
        length: message.bytes.len(),
        standing: standing(text, message),
        incomplete: message.incomplete.clone(),
        faults: message.faults.clone(),
        donations: donations(message),
        results: results(text, message),
        missing: pieces.is_none().then(|| text.say("bytes-no-profile")),
        stretches: explained::stretches(text, shown, mark),
        rows: explained::rows(text, shown, row_mark),
        may_propose: is_open && open.is_none() && visitor.may(Duty::Propose),
        can_read_again: message.incomplete.is_none() && state.desks.contains_key(&message.analyser),
        judgements: judgements(text),
        settled: settled.collect(),
        is_open,
        open,
        page,
    }
}

/// The message taken apart, as it was read then.
fn pieces(message: &MessageOnRecord) -> Option<Vec<Explained>> {
    let text = message.profile_text.as_ref()?;
    let analyser = Analyser::restored(&message.analyser, text).ok()?;
    Some(analyser.explain(&message.bytes))
}

/// What nobody understood is highlighted.
fn mark(piece: &Explained) -> Marked {
    if piece.is_accounted() { Marked::Plain } else { Marked::Here }
}

/// All of it is told, what was understood too.
fn row_mark(piece: &Explained) -> Marked {
    if piece.is_accounted() { Marked::Near } else { Marked::Here }
}

pub(super) fn is_open(message: &MessageOnRecord) -> bool {
    message.unread && message.made_good_by.is_none() && message.judged.is_none()
}

fn standing(text: &Text, message: &MessageOnRecord) -> (&'static str, &'static str, String) {
    if let Some(judged) = &message.judged {
        let values = [
            ("judgement", text.word("judgement", judged.judgement.id())),
            ("one", judged.proposed_by.clone()),
            ("other", judged.agreed_by.clone()),
        ];
        return ("wait", "✍", text.with_all("unread-judged", &values));
    }
    match message.made_good_by {
        Some(by) => ("good", "✔", text.with("unread-made-good", "message", by)),
        None if message.unread => ("warn", "▲", text.say("unread-open")),
        None => ("good", "✔", text.say("unread-read")),
    }
}

fn settled(text: &Text, proposal: &MessageProposal) -> Option<String> {
    let decided = proposal.decided.as_ref()?;
    let values = [
        ("judgement", text.word("judgement", proposal.judgement.id())),
        ("by", proposal.by.clone()),
        ("words", proposal.grounds.text.clone()),
        ("other", decided.by.clone()),
        ("time", words::time(text, decided.at)),
    ];
    let key = if decided.agreed { "unread-was-agreed" } else { "unread-was-turned-down" };
    Some(text.with_all(key, &values))
}

fn donations(message: &MessageOnRecord) -> Vec<(String, String)> {
    let named = message.donations.iter();
    named.map(|din| (din.to_string(), encoded(din.as_str()))).collect()
}

fn results(text: &Text, message: &MessageOnRecord) -> Vec<(i64, String)> {
    let told = message.observations.iter().map(|found| {
        let seen = &found.observation;
        let assay = match seen.assay {
            Some(assay) => words::assay(text, assay.id()),
            None => seen.test_code.clone(),
        };
        let reading = seen.reading.map(|reading| words::reading(text, reading));
        let parts =
            [seen.specimen_id.clone(), Some(assay), reading, seen.value.clone(), seen.unit.clone()];
        (found.id, parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    });
    told.collect()
}

/// What can be proposed without reading again: the word, and what it means.
fn judgements(text: &Text) -> Vec<(&'static str, String, String)> {
    let some = [Judgement::Accepted, Judgement::Rejected];
    let told = some.map(|one| {
        (one.id(), text.word("judgement", one.id()), text.word("unread-meaning", one.id()))
    });
    told.into()
}

/// `GET /unread/{message}/outlook?judgement=`: what each donation would become, and only then the
/// form that proposes it.
pub(super) async fn outlook(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Propose)?;
    let page = Page::new(Some(&visitor), "unread");
    let word = asked.judgement.unwrap_or_default();
    let Some(judgement) = Judgement::from_id(&word) else {
        let todo = page.say("unread-choose");
        return page_of(&state, page.telling("bad", todo), &visitor, number).await;
    };
    let message = message(&state, number).await?;
    if !is_open(&message) {
        return page_of(&state, page, &visitor, number).await;
    }
    let text = page.text();
    let page = OutlookPage {
        message: number,
        judgement: judgement.id(),
        word: text.word("judgement", judgement.id()),
        meaning: text.word("unread-meaning", judgement.id()),
        outlook: outlook::of(&state, text, &message, judgement).await?,
        grounds: decisions::grounds(text, &GROUNDS),
        page,
    };
    shown(&page)
}

const GROUNDS: [Ground; 4] =
    [Ground::WithoutMeaning, Ground::InstrumentFault, Ground::ProfileMended, Ground::Other];
