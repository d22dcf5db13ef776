//! What people decide about donations: two different people for whatever lets one go, each proving
//! at that moment who it is, about the verdict they looked at and no other.
//!
//! ```text
//!  choose reasons ─► what is lifted, what stays, what it would be ─► ground, words, password
//!                                                                          │ proposed
//!  somebody else: the same, once more ─► password ─► agreed: the rules conclude anew
//!                                      └► turned down
//! ```

mod accord;
mod amend;
mod correct;
mod fields;
mod forms;
pub(super) mod proposals;
mod say;
mod sealing;
mod signing;
mod waiting;
mod would;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::donation::{self, case_file, encoded, words};
use super::live;
use super::page::{Page, shown};
use super::state::ConsoleState;
use super::text::Text;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::domain::{Action, DonationNumber, Ground};
use crate::limits;

pub(super) use fields::Fields;
pub(super) use forms::forms;
pub(super) use waiting::Waiting;
use waiting::{About, Known, Settled, Waits};
pub(super) use would::would_be;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/decisions", get(list))
        .route("/donations/{din}/amend", get(amend::ask).post(amend::propose))
        .route("/donations/{din}/correct", post(correct::propose))
        .route("/donations/{din}/sign", post(say::sign))
        .route("/donations/{din}/say", post(say::say))
        .route("/donations/{din}/supplemental", post(say::supplemental))
        .route("/donations/{din}/agree", post(accord::agree))
        .route("/donations/{din}/turn-down", post(accord::turn_down))
}

/// Its regions.
pub(super) async fn region(state: &ConsoleState, text: &'static Text, id: &str) -> Option<String> {
    if id != "decisions-waiting" {
        return None;
    }
    let known = known(state).await.ok()?;
    Lists::new(state, text, &known).render().ok()
}

/// What waits for a second person, what waits for a signature, what was settled.
#[derive(Template)]
#[template(path = "decisions_lists.html")]
struct Lists {
    text: &'static Text,
    is_whole: bool,
    open: Vec<OpenRow>,
    unsigned: Vec<(String, String)>,
    settled: Vec<SettledRow>,
}

struct OpenRow {
    what: String,
    link: String,
    name: String,
    by: String,
    at: String,
    ground: String,
    words: String,
}

struct SettledRow {
    row: OpenRow,
    agreed: bool,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "decisions.html")]
struct DecisionsPage {
    page: Page,
    hash: String,
    lists: String,
}

async fn list(State(state): State<ConsoleState>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "decisions");
    let known = known(&state).await?;
    let lists = Lists::new(&state, page.text(), &known).render();
    let lists = lists.map_err(|error| Trouble::Unmade(error.to_string()))?;
    shown(&DecisionsPage { page, hash: live::hash(&lists), lists })
}

async fn known(state: &ConsoleState) -> Result<Known, Trouble> {
    let waiting = state.waiting.clone();
    state.read(move |store| waiting.catch_up(store)).await
}

impl Lists {
    fn new(state: &ConsoleState, text: &'static Text, known: &Known) -> Lists {
        Lists {
            text,
            is_whole: known.is_whole,
            open: known.open.iter().map(|waits| open_row(text, waits)).collect(),
            unsigned: unsigned(state),
            settled: known.settled.iter().map(|settled| settled_row(text, settled)).collect(),
        }
    }
}

/// Open donations of which nothing is wanted but a signature.
fn unsigned(state: &ConsoleState) -> Vec<(String, String)> {
    let signs = |open: &&super::floor::Open| {
        !open.steps.is_empty() && open.steps.iter().all(|step| step.want.action == Action::Sign)
    };
    state.floor.look(|book| {
        let open = book.open().filter(signs).take(limits::CONSOLE_SETTLED_SHOWN);
        open.map(|open| (open.din.to_string(), encoded(open.din.as_str()))).collect()
    })
}

fn open_row(text: &Text, waits: &Waits) -> OpenRow {
    let (what, link, name) = match &waits.about {
        About::Donation(din, matter) => (
            text.word("matter", matter),
            format!("/donations/{}#decide", encoded(din)),
            din.clone(),
        ),
        About::Message(message, judgement) => {
            let what = text.word("judgement", judgement.id());
            (what, format!("/unread/{message}"), text.with("decision-message", "number", message))
        }
        About::Rack(loading, _) => {
            let what = text.word("matter", "rack");
            (what, format!("/racks/{}", encoded(loading)), loading.clone())
        }
    };
    OpenRow {
        what,
        link,
        name,
        by: waits.by.clone(),
        at: words::time(text, waits.at),
        ground: text.word("ground", waits.ground.id()),
        words: waits.text.clone(),
    }
}

fn settled_row(text: &Text, settled: &Settled) -> SettledRow {
    SettledRow {
        row: open_row(text, &settled.proposal),
        agreed: settled.agreed,
        by: settled.by.clone(),
        at: words::time(text, settled.at),
    }
}

/// Grounds to choose from, in words.
pub(super) fn grounds(text: &Text, grounds: &[Ground]) -> Vec<(&'static str, String)> {
    grounds.iter().map(|ground| (ground.id(), text.word("ground", ground.id()))).collect()
}

/// The address of a donation's page that says what was just done.
fn done(din: &DonationNumber, what: &str) -> String {
    format!("/donations/{}?done={what}", encoded(din.as_str()))
}

/// The donation's page as it is now, with why nothing was put on record.
async fn refused(
    state: &ConsoleState,
    visitor: &Visitor,
    din: DonationNumber,
    trouble: Trouble,
) -> Result<Response, Trouble> {
    if matches!(trouble, Trouble::NotSignedIn) {
        return Err(trouble);
    }
    let Ok(file) = case_file(state, &din).await else { return Err(trouble) };
    let page = Page::new(Some(visitor), "donation");
    let [what, todo] = trouble.told(page.lang());
    let page = page.telling("bad", format!("{what} {todo}"));
    let shown = donation::page_of(&state.rules, page, visitor, &file)?;
    Ok((trouble.status(), shown).into_response())
}
