//! A rack in doubt, settled by two people: one identified the tubes and proposes that what was
//! reported belongs to them all the same, another agrees or turns it down.
//!
//! Nothing is filled in before (FM-11), each types their password at that moment, and the one who
//! proposed never agrees.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::begin::Choice;
use super::fields::{Fields, fields};
use super::{grid, list, loaded, steps, told};
use crate::console::page::{Page, shown};
use crate::console::sign;
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{Ground, Grounds, RackStep};
use crate::store::{Loading, RackProposal};

/// What a doubt about tubes can come down to.
const GROUNDS: [Ground; 4] =
    [Ground::IdentityVerified, Ground::WrongEntry, Ground::InstrumentFault, Ground::Other];

#[derive(Template)]
#[template(path = "rack_settle.html")]
struct SettlePage {
    page: Page,
    loading: String,
    rack: String,
    version: String,
    differences: Vec<String>,
    doubts: Vec<Doubt>,
    grounds: Vec<Choice>,
    may_propose: bool,
    may_agree: bool,
}

/// What is in doubt by the word of one analyser.
struct Doubt {
    analyser: String,
    settled_by: Option<(String, String)>,
    proposals: Vec<Proposed>,
    is_proposed: bool,
}

/// What somebody proposes.
struct Proposed {
    record: i64,
    by: String,
    at: String,
    ground: String,
    text: String,
    is_own: bool,
    is_open: bool,
    agreed: bool,
    decided_by: String,
}

impl Proposed {
    fn of(page: &Page, known: &RackProposal) -> Proposed {
        let user = page.visitor().map_or("", |visitor| visitor.user.as_str());
        let decided = known.decided.as_ref();
        Proposed {
            record: known.record,
            by: known.by.clone(),
            at: list::moment(known.at),
            ground: page.word("rack-ground", known.grounds.ground.id()),
            text: known.grounds.text.clone(),
            is_own: known.by == user,
            is_open: decided.is_none(),
            agreed: decided.is_some_and(|decided| decided.agreed),
            decided_by: decided.map(|decided| decided.by.clone()).unwrap_or_default(),
        }
    }
}

/// `GET /racks/{loading}/settle`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let page = Page::new(Some(&visitor), "racks");
    let loading = loaded(&state, &name).await?;
    let words = |one: Ground| Choice { id: one.id(), words: page.word("rack-ground", one.id()) };
    let grounds = GROUNDS.into_iter().map(words).collect();
    shown(&SettlePage {
        rack: loading.rack.clone(),
        version: told::version(&loading),
        differences: grid::differences(&loading, page.text()),
        doubts: doubts(&page, &loading),
        grounds,
        may_propose: page.may(Duty::Propose),
        may_agree: page.may(Duty::Agree),
        loading: name,
        page,
    })
}

/// One for each analyser.
fn doubts(page: &Page, loading: &Loading) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = Vec::new();
    for known in &loading.doubts {
        let analyser = known.doubt.analyser.clone();
        if doubts.iter().any(|doubt| doubt.analyser == analyser) {
            continue;
        }
        let proposals = loading.proposals.iter().filter(|one| one.analyser == analyser);
        let proposals: Vec<_> = proposals.map(|one| Proposed::of(page, one)).collect();
        let is_proposed = proposals.iter().any(|one| one.is_open);
        let settled_by = known.settled_by.clone();
        doubts.push(Doubt { analyser, settled_by, proposals, is_proposed });
    }
    doubts
}

/// `POST /racks/{loading}/settle`.
pub(super) async fn take(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    let form = fields(&state, request).await?;
    visitor.must(duty(&form)?)?;
    let bench = state.racks.bench(&name);
    let _turn = bench.lock().await;
    let loading = steps::seen(&state, &name, form.trimmed("version")).await?;
    let step = step(&loading, &visitor, &form)?;
    let signed = sign::check(&state, &visitor, form.get("password")).await?;
    steps::put(&state, signed.by(), &name, vec![steps::step(&loading, step)]).await
}

fn duty(form: &Fields) -> Result<Duty, Trouble> {
    match form.trimmed("act") {
        "propose" => Ok(Duty::Propose),
        "agree" | "turn-down" => Ok(Duty::Agree),
        other => Err(Trouble::Refused("racks-form", other.to_owned())),
    }
}

fn step(loading: &Loading, visitor: &Visitor, form: &Fields) -> Result<RackStep, Trouble> {
    if form.trimmed("act") == "propose" {
        return proposed(loading, form);
    }
    let number = form.trimmed("proposal");
    let known = loading.proposals.iter().find(|known| known.record.to_string() == number);
    let known = known.filter(|known| known.decided.is_none());
    let Some(known) = known else { return Err(Trouble::NotFound(number.to_owned())) };
    match form.trimmed("act") {
        "agree" if known.by == visitor.user => {
            Err(Trouble::Refused("rack-own-proposal", known.by.clone()))
        }
        "agree" => Ok(RackStep::Agreed(known.record)),
        _ => Ok(RackStep::TurnedDown(known.record)),
    }
}

fn proposed(loading: &Loading, form: &Fields) -> Result<RackStep, Trouble> {
    let analyser = form.trimmed("analyser").to_owned();
    let in_doubt = |doubt: &crate::store::LoadingDoubt| {
        doubt.settled_by.is_none() && doubt.doubt.analyser == analyser
    };
    if !loading.doubts.iter().any(in_doubt) {
        return Err(Trouble::Refused("rack-no-doubt", analyser));
    }
    let is_open = |known: &RackProposal| known.analyser == analyser && known.decided.is_none();
    if loading.proposals.iter().any(is_open) {
        return Err(Trouble::Refused("rack-proposed-already", analyser));
    }
    let ground = Ground::from_id(form.trimmed("ground")).filter(|one| GROUNDS.contains(one));
    let Some(ground) = ground else {
        return Err(Trouble::Refused("rack-no-ground", String::new()));
    };
    let text = steps::words(form.trimmed("text"))?;
    Ok(RackStep::Proposed { analyser, grounds: Grounds { ground, text } })
}
