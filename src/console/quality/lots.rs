//! Reagent lots: how each stands, how it came to, and the next step.
//!
//! ```text
//!  (not recorded) --receive--> not released --release--> not accepted --accept--> released
//!                                                           ^                       |
//!                                                           '------ delivery -------'
//!  any of them --recall--> recalled (nothing leads away from here)      any --expiry--> itself
//! ```

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use jiff::civil::Date;

use super::form::{Filled, address};
use super::words::{Shown, when};
use super::{Pairs, frame, recorded, sign, today};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{LotRecord, LotStanding, Record};
use crate::store::{KitEntry, LotEntry, LotUse};

/// A step of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Receive,
    Release,
    Accept,
    Delivery,
    Expiry,
    Recall,
}

impl Step {
    const ALL: [Step; 6] =
        [Step::Receive, Step::Release, Step::Accept, Step::Delivery, Step::Expiry, Step::Recall];

    const fn id(self) -> &'static str {
        match self {
            Step::Receive => "receive",
            Step::Release => "release",
            Step::Accept => "accept",
            Step::Delivery => "delivery",
            Step::Expiry => "expiry",
            Step::Recall => "recall",
        }
    }

    fn from_id(id: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.id() == id)
    }

    /// Where it leads from a standing; `None` where it is no step from there.
    const fn leads_from(self, standing: LotStanding) -> Option<LotStanding> {
        match (self, standing) {
            (Step::Receive, LotStanding::NotRecorded) => Some(LotStanding::NotReleased),
            (Step::Release, LotStanding::NotReleased) | (Step::Delivery, LotStanding::Released) => {
                Some(LotStanding::DeliveryNotAccepted)
            }
            (Step::Accept, LotStanding::DeliveryNotAccepted) => Some(LotStanding::Released),
            (
                Step::Recall,
                LotStanding::NotRecorded
                | LotStanding::NotReleased
                | LotStanding::DeliveryNotAccepted
                | LotStanding::Released,
            ) => Some(LotStanding::Recalled),
            (
                Step::Expiry,
                LotStanding::NotReleased
                | LotStanding::DeliveryNotAccepted
                | LotStanding::Released
                | LotStanding::Recalled,
            ) => Some(standing),
            (
                Step::Receive
                | Step::Release
                | Step::Accept
                | Step::Delivery
                | Step::Expiry
                | Step::Recall,
                LotStanding::NotRecorded
                | LotStanding::NotReleased
                | LotStanding::DeliveryNotAccepted
                | LotStanding::Released
                | LotStanding::Recalled,
            ) => None,
        }
    }

    /// Whether it says the last day.
    const fn says_expiry(self) -> bool {
        match self {
            Step::Receive | Step::Expiry => true,
            Step::Release | Step::Accept | Step::Delivery | Step::Recall => false,
        }
    }
}

#[derive(Template)]
#[template(path = "quality/lots.html")]
struct LotsPage {
    page: Page,
    may_change: bool,
    rows: Vec<LotRow>,
    soon: Vec<LotRow>,
    kits: Vec<KitRow>,
    profiles: Vec<String>,
}

#[derive(Clone)]
struct LotRow {
    profile: String,
    test_code: String,
    lot: String,
    standing: Shown,
    expiry: String,
    expires: Shown,
    first_use: String,
    last_use: String,
    address: String,
}

struct KitRow {
    profile: String,
    test_code: String,
    maker: String,
    name: String,
    controls: String,
    by: String,
    when: String,
}

#[derive(Template)]
#[template(path = "quality/lot.html")]
struct LotPage {
    page: Page,
    may_change: bool,
    row: LotRow,
    seen: i64,
    steps: Vec<StepForm>,
    history: Vec<StepRow>,
}

struct StepForm {
    id: &'static str,
    name: String,
    meaning: String,
    says_expiry: bool,
    is_dangerous: bool,
}

struct StepRow {
    standing: Shown,
    expiry: String,
    by: String,
    when: String,
    record: i64,
}

/// `GET /quality/lots`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let (lots, kits) =
        state.read(|store| Ok((store.lot_register()?, store.kit_register()?))).await?;
    let mut ordered: Vec<&LotEntry> = lots.iter().filter(|lot| is_expiring(lot)).collect();
    ordered.sort_by_key(|lot| lot.expiry());
    let mut profiles: Vec<String> =
        state.desks.values().map(|desk| desk.analyser.profile().name().to_owned()).collect();
    profiles.sort_unstable();
    profiles.dedup();
    shown(&LotsPage {
        may_change: visitor.may(Duty::Quality),
        soon: ordered.into_iter().map(|lot| lot_row(&page, lot)).collect(),
        rows: lots.iter().map(|lot| lot_row(&page, lot)).collect(),
        kits: kits.into_iter().filter_map(kit_row).collect(),
        profiles,
        page,
    })
}

/// Whether its last day is over or near, and it is not withdrawn anyway.
fn is_expiring(lot: &LotEntry) -> bool {
    use super::words::Expiry;
    let is_out = lot.standing() == LotStanding::Recalled;
    let expiry = Expiry::of(lot.expiry(), today());
    !is_out && matches!(expiry, Expiry::Over | Expiry::Soon)
}

fn lot_row(page: &Page, lot: &LotEntry) -> LotRow {
    let used = |found: &Option<LotUse>| found.as_ref().map(|used| when(used.at));
    LotRow {
        profile: lot.profile.clone(),
        test_code: lot.test_code.clone(),
        lot: lot.lot.clone(),
        standing: Shown::lot(page, lot.standing()),
        expiry: lot.expiry().map_or_else(String::new, |day| day.to_string()),
        expires: Shown::expiry(page, lot.expiry(), today()),
        first_use: used(&lot.first_use).unwrap_or_default(),
        last_use: used(&lot.last_use).unwrap_or_default(),
        address: lot_address(&lot.profile, &lot.test_code, &lot.lot),
    }
}

fn lot_address(profile: &str, test_code: &str, lot: &str) -> String {
    address("/quality/lots/one", &[("profile", profile), ("test_code", test_code), ("lot", lot)])
}

fn kit_row(kit: KitEntry) -> Option<KitRow> {
    let (mark, last) = kit.history.into_iter().next_back()?;
    Some(KitRow {
        profile: kit.profile,
        test_code: kit.test_code,
        maker: last.maker,
        name: last.name,
        controls: last.controls.join(", "),
        by: mark.by,
        when: when(mark.at),
    })
}

/// A lot as it is on record, or as one of which nothing is.
async fn found(
    state: &ConsoleState,
    [profile, test_code, lot]: [String; 3],
) -> Result<LotEntry, Trouble> {
    let lots = state.read(|store| store.lot_register()).await?;
    let is_it = |known: &LotEntry| {
        known.profile == profile && known.test_code == test_code && known.lot == lot
    };
    let known = lots.into_iter().find(is_it);
    Ok(known.unwrap_or(LotEntry {
        profile,
        test_code,
        lot,
        history: Vec::new(),
        first_use: None,
        last_use: None,
    }))
}

fn named(filled: &Filled) -> Result<[String; 3], Trouble> {
    Ok([filled.text("profile")?, filled.text("test_code")?, filled.text("lot")?])
}

/// `GET /quality/lots/one`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let asked = Filled::new(&visitor, asked);
    let page = frame(&visitor, "quality", asked.raw("done"));
    let lot = found(&state, named(&asked)?).await?;
    let steps = Step::ALL.into_iter().filter(|step| step.leads_from(lot.standing()).is_some());
    let form = |step: Step| StepForm {
        id: step.id(),
        name: page.word("quality-step", step.id()),
        meaning: page.word("quality-step-means", step.id()),
        says_expiry: step.says_expiry(),
        is_dangerous: step == Step::Recall,
    };
    let history = lot.history.iter().rev().map(|step| StepRow {
        standing: Shown::lot(&page, step.standing),
        expiry: step.expiry.map_or_else(String::new, |day| day.to_string()),
        by: step.mark.by.clone(),
        when: when(step.mark.at),
        record: step.mark.record,
    });
    shown(&LotPage {
        may_change: visitor.may(Duty::Quality),
        row: lot_row(&page, &lot),
        seen: seen(&lot),
        steps: steps.map(form).collect(),
        history: history.collect(),
        page,
    })
}

/// The last word on a lot; what a page showed must still be it.
fn seen(lot: &LotEntry) -> i64 {
    lot.history.last().map_or(0, |step| step.mark.record)
}

/// `POST /quality/lots`: a lot comes in.
pub(super) async fn add(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    let filled = Filled::new(&visitor, fields);
    take(&state, &visitor, &filled, Step::Receive, 0).await
}

/// `POST /quality/lots/one`: the next step of a lot.
pub(super) async fn step(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(fields): Form<Pairs>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Quality)?;
    let filled = Filled::new(&visitor, fields);
    let step = filled.word("step", Step::from_id)?;
    let seen = filled.whole("seen")?;
    take(&state, &visitor, &filled, step, seen).await
}

async fn take(
    state: &ConsoleState,
    visitor: &Visitor,
    filled: &Filled,
    step: Step,
    was_seen: i64,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Quality)?;
    let [profile, test_code, lot] = named(filled)?;
    let known = found(state, [profile.clone(), test_code.clone(), lot.clone()]).await?;
    if seen(&known) != was_seen {
        return Err(Trouble::Refused("quality-refused-stale", lot));
    }
    let Some(standing) = step.leads_from(known.standing()) else {
        return Err(Trouble::Refused("quality-refused-stale", lot));
    };
    let expiry: Option<Date> = match step.says_expiry() {
        true => Some(filled.day("expiry")?),
        false => known.expiry(),
    };
    let signed = sign::signed(state, visitor, filled).await?;
    let record = LotRecord {
        profile: profile.clone(),
        test_code: test_code.clone(),
        lot: lot.clone(),
        standing,
        expiry,
    };
    let outcome = state.put(signed.by(), vec![Record::Lot(record)]).await?;
    let asked = [("profile", profile.as_str()), ("test_code", &test_code), ("lot", &lot)];
    recorded(&outcome, "/quality/lots/one", &asked, "lot")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_goes_the_ways_that_are_drawn_and_no_others() {
        use LotStanding::{DeliveryNotAccepted, NotRecorded, NotReleased, Recalled, Released};
        let ways = |step: Step| {
            let from = LotStanding::ALL.into_iter();
            from.filter_map(|standing| Some((standing, step.leads_from(standing)?)))
                .collect::<Vec<_>>()
        };
        assert_eq!(ways(Step::Receive), [(NotRecorded, NotReleased)]);
        assert_eq!(ways(Step::Release), [(NotReleased, DeliveryNotAccepted)]);
        assert_eq!(ways(Step::Accept), [(DeliveryNotAccepted, Released)]);
        assert_eq!(ways(Step::Delivery), [(Released, DeliveryNotAccepted)]);
        assert!(ways(Step::Expiry).iter().all(|(from, to)| from == to));
        assert_eq!(ways(Step::Recall).len(), LotStanding::ALL.len() - 1);
        let left = Step::ALL.into_iter().filter_map(|step| step.leads_from(Recalled));
        assert!(left.into_iter().all(|to| to == Recalled), "nothing leads away");
        for step in Step::ALL {
            assert_eq!(Step::from_id(step.id()), Some(step));
        }
    }
}
