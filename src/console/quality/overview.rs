//! What quality control wants looked at now, and the way to everything else.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;

use super::form::{Filled, address};
use super::words::{Expiry, Shown, when};
use super::{Pairs, frame, today};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::LotStanding;
use crate::store::{ControlSeen, ControlState, EqaRound, LotEntry};

#[derive(Template)]
#[template(path = "quality/overview.html")]
struct OverviewPage {
    page: Page,
    cards: Vec<Card>,
    attention: Vec<Attention>,
}

/// A way to a part.
struct Card {
    address: &'static str,
    name: &'static str,
    hint: &'static str,
}

/// Something that wants to be looked at.
struct Attention {
    state: Shown,
    what: String,
    detail: String,
    address: String,
}

const CARDS: [Card; 6] = [
    Card { address: "/quality/controls", name: "quality-controls", hint: "quality-hint-controls" },
    Card { address: "/quality/targets", name: "quality-targets", hint: "quality-hint-targets" },
    Card { address: "/quality/lots", name: "quality-lots", hint: "quality-hint-lots" },
    Card { address: "/quality/rates", name: "quality-rates", hint: "quality-hint-rates" },
    Card { address: "/quality/runs", name: "quality-runs", hint: "quality-hint-runs" },
    Card { address: "/quality/eqa", name: "quality-eqa", hint: "quality-hint-eqa" },
];

/// `GET /quality`.
pub(super) async fn page(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let (controls, lots, rounds) = state
        .read(|store| Ok((store.controls_seen()?, store.lot_register()?, store.eqa_rounds()?)))
        .await?;
    let mut attention: Vec<Attention> =
        controls.iter().filter_map(|seen| of_control(&page, seen)).collect();
    attention.extend(lots.iter().filter_map(|lot| of_lot(&page, lot)));
    attention.extend(rounds.iter().filter_map(|round| of_round(&page, round)));
    shown(&OverviewPage { page, cards: CARDS.into(), attention })
}

fn of_control(page: &Page, seen: &ControlSeen) -> Option<Attention> {
    match seen.last.state {
        ControlState::InControl => return None,
        ControlState::Warning | ControlState::Rejected | ControlState::NotJudged => {}
    }
    let key = &seen.key;
    Some(Attention {
        state: Shown::control(page, seen.last.state),
        what: format!("{} · {} · {}", key.analyser, key.test_code, key.material),
        detail: page.with("console-when", "time", when(seen.last.received_at)),
        address: address(
            "/quality/controls/chart",
            &[("analyser", &key.analyser), ("test_code", &key.test_code)],
        ),
    })
}

/// A lot that is in use and must not be, or that will soon be over.
fn of_lot(page: &Page, lot: &LotEntry) -> Option<Attention> {
    let standing = lot.standing();
    let state = match (standing, Expiry::of(lot.expiry(), today())) {
        (LotStanding::Recalled, _) => return None,
        (_, Expiry::Over | Expiry::Soon) => Shown::expiry(page, lot.expiry(), today()),
        (LotStanding::Released, Expiry::Unknown | Expiry::Far) => return None,
        (LotStanding::NotReleased, Expiry::Unknown | Expiry::Far) if lot.last_use.is_none() => {
            return None;
        }
        (
            LotStanding::NotRecorded | LotStanding::NotReleased | LotStanding::DeliveryNotAccepted,
            Expiry::Unknown | Expiry::Far,
        ) => Shown::lot(page, standing),
    };
    let detail = lot.expiry().map(|day| page.with("quality-expires-on", "day", day));
    Some(Attention {
        state,
        what: format!("{} · {} · {}", lot.profile, lot.test_code, lot.lot),
        detail: detail.unwrap_or_default(),
        address: address(
            "/quality/lots/one",
            &[("profile", &lot.profile), ("test_code", &lot.test_code), ("lot", &lot.lot)],
        ),
    })
}

fn of_round(page: &Page, round: &EqaRound) -> Option<Attention> {
    round.is_overdue(today()).then(|| Attention {
        state: Shown::of(page, "bad", "✖", "quality-eqa-overdue"),
        what: format!("{} · {}", round.scheme, round.round),
        detail: round.due.map(|day| page.with("quality-due-on", "day", day)).unwrap_or_default(),
        address: address(
            "/quality/eqa/round",
            &[("scheme", &round.scheme), ("round", &round.round)],
        ),
    })
}
