//! A correction of what a registration said, proposed by one person and agreed to by another. Every
//! field comes empty; what is left empty stays as it is. A deferral is never corrected away.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;

use super::done;
use super::fields::Fields;
use super::sealing::Act;
use crate::console::donation::{CaseFile, case_file, number};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{
    AboGroup, Correction, DonationNumber, Donor, DonorKind, HistoricGroup, Matter, Proposal,
    RhdType, Statement,
};
use crate::{limits, rules};

/// The word for "no group is on record".
const NO_GROUP: &str = "none";

/// `POST /donations/{din}/correct`: proposes it.
pub(super) async fn propose(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Propose)?;
    let din = number(&state, &din);
    match proposed(&state, &visitor, &din, &fields).await {
        Ok(()) => Ok(Redirect::to(&done(&din, "proposed")).into_response()),
        Err(trouble) => super::refused(&state, &visitor, din, trouble).await,
    }
}

async fn proposed(
    state: &ConsoleState,
    visitor: &Visitor,
    din: &DonationNumber,
    fields: &Fields,
) -> Result<(), Trouble> {
    let (version, password) = (fields.number("version")?, fields.password());
    let file = case_file(state, din).await?;
    let matter = Matter::Correction(correction(&file, fields)?);
    let proposal = Proposal { matter, grounds: fields.grounds()?, version };
    Act { visitor, din, version, password }.put(state, Statement::Proposed(proposal)).await
}

fn correction(file: &CaseFile, fields: &Fields) -> Result<Correction, Trouble> {
    let Some(known) = &file.record.registration else {
        return Err(Trouble::Refused("decision-not-registered", file.record.din.to_string()));
    };
    let now = rules::corrected(&file.dossier.facts_now);
    let now = now.registration.as_ref().unwrap_or(known);
    let correction = Correction {
        collected_at: collected(fields)?.filter(|at| *at != now.collected_at),
        site: site(fields)?.filter(|site| *site != now.site),
        donor: Some(donor(&now.donor, fields)?).filter(|donor| *donor != now.donor),
    };
    if correction == Correction::default() {
        return Err(Trouble::Refused("decision-nothing-corrected", String::new()));
    }
    Ok(correction)
}

fn collected(fields: &Fields) -> Result<Option<Timestamp>, Trouble> {
    let text = fields.text("collected_at");
    if text.is_empty() {
        return Ok(None);
    }
    let refused = |_| Trouble::Refused("decision-not-a-time", text.to_owned());
    text.parse().map(Some).map_err(refused)
}

fn site(fields: &Fields) -> Result<Option<String>, Trouble> {
    let text = fields.text("site");
    if text.chars().count() > limits::CONSOLE_GROUNDS_MAX {
        let most = limits::CONSOLE_GROUNDS_MAX.to_string();
        return Err(Trouble::Refused("decision-text-long", most));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What is left empty stays as it is.
fn donor(now: &Donor, fields: &Fields) -> Result<Donor, Trouble> {
    let kind = match fields.text("kind") {
        "" => now.kind,
        _ => fields.word("kind", DonorKind::from_id, "decision-no-such-word")?,
    };
    let historic_group = match (fields.text("abo"), fields.text("rhd")) {
        ("", "") => now.historic_group,
        (NO_GROUP, NO_GROUP) => None,
        _ => Some(HistoricGroup {
            abo: fields.word("abo", AboGroup::from_id, "decision-both-groups")?,
            rhd: fields.word("rhd", RhdType::from_id, "decision-both-groups")?,
        }),
    };
    let deferred = now.deferred || fields.text("deferred") == "yes";
    Ok(Donor { kind, deferred, historic_group })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        serde_json::from_value(serde_json::json!(pairs)).unwrap()
    }

    const NOW: Donor = Donor { kind: DonorKind::First, deferred: true, historic_group: None };

    #[test]
    fn what_is_left_empty_stays_and_a_deferral_stays_always() {
        assert_eq!(donor(&NOW, &fields(&[])).unwrap(), NOW);
        let other = donor(&NOW, &fields(&[("kind", "repeat"), ("deferred", "no")])).unwrap();
        assert_eq!(other, Donor { kind: DonorKind::Repeat, ..NOW });
    }

    #[test]
    fn a_group_is_both_or_neither() {
        let group = donor(&NOW, &fields(&[("abo", "AB"), ("rhd", "negative")])).unwrap();
        let group = group.historic_group.unwrap();
        assert_eq!((group.abo, group.rhd), (AboGroup::Ab, RhdType::Negative));
        for half in [[("abo", "A"), ("rhd", "")], [("abo", ""), ("rhd", "positive")]] {
            assert!(donor(&NOW, &fields(&half)).is_err());
        }
    }

    #[test]
    fn a_time_without_its_zone_is_no_time() {
        let time = |text| collected(&fields(&[("collected_at", text)]));
        assert!(time("2026-01-31 08:30").is_err());
        assert_eq!(time("2026-01-31T08:30:00+08:00").unwrap().unwrap().as_second(), 1_769_819_400);
        assert_eq!(time("").unwrap(), None);
    }
}
