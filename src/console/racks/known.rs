//! What the store knows that a tube is judged by.

use super::judge::{Known, Stands};
use crate::console::state::Desk;
use crate::domain::{DonationNumber, Kit, Placement, RackPlan, RecordedStatement, Statement};
use crate::limits;
use crate::store::{LoadingState, Store, StoreError};

/// What is on record about a donation; `here` is the loading that it is to be put into.
pub(super) fn about(store: &Store, din: &DonationNumber, here: &str) -> Result<Known, StoreError> {
    let Some(record) = store.donation(din)? else { return Ok(Known::default()) };
    let deferred = record.registration.as_ref().is_some_and(|known| known.donor.deferred);
    let mut known =
        Known { registered: record.registration.is_some(), deferred, ..Known::default() };
    for said in &record.statements {
        known.deferred |= said.statement == Statement::Deferred;
        if let Statement::Container(container) = said.statement {
            known.container = Some(container);
        }
    }
    let standing = placed(&record.statements).filter(|(_, placed)| placed.loading != here);
    if let Some((said, placed)) = standing
        && let Some(loading) = store.loading(&placed.loading)?
        && !matches!(loading.state, LoadingState::Ended { .. })
    {
        let (rack, by) = (placed.rack.clone(), said.by.clone());
        known.stands = Some(Stands { rack, position: placed.position, by });
    }
    Ok(known)
}

/// Where the tube was put last, unless it was taken out again.
fn placed(statements: &[RecordedStatement]) -> Option<(&RecordedStatement, &Placement)> {
    let mut standing = None;
    for said in statements {
        if let Statement::Placed(placement) = &said.statement {
            standing = Some((said, placement));
        }
        if let Statement::TakenOut(loading) = &said.statement {
            standing = standing.filter(|(_, placed)| placed.loading != *loading);
        }
    }
    standing
}

/// The codes of every rack in use, this one included.
pub(super) fn racks(store: &Store, this: &str) -> Result<Vec<String>, StoreError> {
    let open = store.loadings(true, limits::LOADINGS_PAGE_MAX)?;
    let mut racks: Vec<String> = open.into_iter().map(|loading| loading.rack).collect();
    racks.push(this.to_owned());
    Ok(racks)
}

/// The kits on record of the tests that a rack is loaded for.
pub(super) fn kits(
    store: &Store,
    desk: Option<&Desk>,
    plan: &RackPlan,
) -> Result<Vec<Kit>, StoreError> {
    let Some(analyser) = desk.map(|desk| &desk.analyser) else { return Ok(Vec::new()) };
    let wanted = |assay| plan.assays.contains(assay);
    let codes = analyser.tests().iter().filter(|(_, assay)| wanted(assay)).map(|(code, _)| code);
    let mut kits = Vec::new();
    for code in codes {
        kits.extend(store.kit(analyser.id(), analyser.profile().name(), code)?);
    }
    Ok(kits)
}
