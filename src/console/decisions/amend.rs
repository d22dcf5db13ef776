//! An amendment: reasons that two people say no longer keep a donation back. The first page asks
//! for which, none chosen; the second names exactly what is lifted and what stays, and what the
//! verdict would be; only then somebody proposes it, and somebody else must agree.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::fields::Fields;
use super::sealing::Act;
use super::{done, would};
use crate::console::donation::{
    CaseFile, ReasonRow, case_file, encoded, number, reason_row, words,
};
use crate::console::page::{Page, shown};
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{
    AmendedReason, Assay, Ground, Grounds, Matter, Proposal, ReasonCode, Statement, Verdict,
};
use crate::rules::{self, RuleSet};
use crate::shape::{DecisionShape, ReasonShape};

/// Whether two people can lift it: what is missing is never amended, what is recalled stays so.
pub(super) fn is_amendable(reason: &ReasonShape) -> bool {
    let known = (ReasonCode::from_id(&reason.code), Verdict::from_id(&reason.verdict));
    let (Some(code), Some(verdict)) = known else { return false };
    rules::can_be_amended(code, verdict)
}

/// Reasons of a decision by their places, each once; refused where one is not there, cannot be
/// lifted, or none was chosen.
fn chosen<'d>(
    decision: &'d DecisionShape,
    fields: &Fields,
) -> Result<Vec<&'d ReasonShape>, Trouble> {
    let mut places: Vec<usize> = Vec::new();
    for text in fields.all("reason") {
        let refused = || Trouble::Refused("decision-no-such-reason", text.to_owned());
        let place: usize = text.parse().map_err(|_| refused())?;
        decision.reasons.get(place).filter(|reason| is_amendable(reason)).ok_or_else(refused)?;
        places.push(place);
    }
    places.sort_unstable();
    places.dedup();
    if places.is_empty() {
        return Err(Trouble::Refused("decision-no-reason", String::new()));
    }
    Ok(places.into_iter().filter_map(|place| decision.reasons.get(place)).collect())
}

fn amended(reason: &ReasonShape) -> Option<AmendedReason> {
    Some(AmendedReason {
        code: ReasonCode::from_id(&reason.code)?,
        assay: reason.assay.as_deref().and_then(Assay::from_id),
        subject: reason.subject.clone(),
        observations: reason.observations.clone(),
        messages: reason.messages.clone(),
    })
}

fn proposal(reasons: &[&ReasonShape], grounds: Grounds, version: i64) -> Statement {
    let amended = reasons.iter().filter_map(|reason| amended(reason)).collect();
    Statement::Proposed(Proposal { matter: Matter::Amendment(amended), grounds, version })
}

#[derive(Template)]
#[template(path = "amend.html")]
struct AmendPage {
    page: Page,
    din: String,
    path: String,
    version: i64,
    verdict: String,
    places: Vec<usize>,
    lifted: Vec<ReasonRow>,
    staying: Vec<ReasonRow>,
    would: Would,
    grounds: Vec<(&'static str, String)>,
}

/// What the verdict would be.
pub(super) struct Would {
    pub(super) verdict: String,
    pub(super) word: String,
    pub(super) shape: &'static str,
    pub(super) reasons: Vec<String>,
}

impl Would {
    pub(super) fn new(text: &crate::console::text::Text, decision: &DecisionShape) -> Would {
        Would {
            verdict: decision.verdict.clone(),
            word: words::verdict(text, &decision.verdict),
            shape: words::shape(&decision.verdict),
            reasons: decision.reasons.iter().map(|reason| words::reason(text, reason)).collect(),
        }
    }
}

/// `GET /donations/{din}/amend?version=&reason=`: what is lifted and what stays.
pub(super) async fn ask(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(din): Path<String>,
    Query(fields): Query<Fields>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Propose)?;
    let file = case_file(&state, &number(&state, &din)).await?;
    let page = Page::new(Some(&visitor), "decisions");
    match weighed(&state.rules, page, &file, &fields) {
        Ok(page) => shown(&page),
        Err(trouble) => super::refused(&state, &visitor, file.record.din, trouble).await,
    }
}

fn weighed(
    rules: &RuleSet,
    page: Page,
    file: &CaseFile,
    fields: &Fields,
) -> Result<AmendPage, Trouble> {
    let record = &file.record;
    if fields.number("version")? != record.version {
        return Err(Trouble::Stale(record.version));
    }
    let lifted = chosen(&record.decision, fields)?;
    let stays = |reason: &&ReasonShape| !lifted.iter().any(|lifted| std::ptr::eq(*lifted, *reason));
    let (text, all) = (page.text(), &record.decision.reasons);
    let row = |reason: &ReasonShape| reason_row(text, reason, Some(rules));
    let nobody = Grounds { ground: Ground::Other, text: "—".to_owned() };
    let proposed = proposal(&lifted, nobody, record.version);
    let decision = would::agreed(&file.dossier.facts_now, rules, proposed);
    let is_lifted = |(_, reason): &(usize, &ReasonShape)| !stays(reason);
    Ok(AmendPage {
        din: record.din.to_string(),
        path: encoded(record.din.as_str()),
        version: record.version,
        verdict: record.decision.verdict.clone(),
        places: all.iter().enumerate().filter(is_lifted).map(|(place, _)| place).collect(),
        staying: all.iter().filter(stays).map(row).collect(),
        would: Would::new(text, &decision),
        grounds: super::grounds(text, &Ground::ALL),
        lifted: lifted.into_iter().map(row).collect(),
        page,
    })
}

/// `POST /donations/{din}/amend`: proposes it.
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
    din: &crate::domain::DonationNumber,
    fields: &Fields,
) -> Result<(), Trouble> {
    let (version, password) = (fields.number("version")?, fields.password());
    let file = case_file(state, din).await?;
    // Places are those of the decision that was shown.
    if file.record.version != version {
        return Err(Trouble::Stale(file.record.version));
    }
    let reasons = chosen(&file.record.decision, fields)?;
    let statement = proposal(&reasons, fields.grounds()?, version);
    Act { visitor, din, version, password }.put(state, statement).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str, verdict: &str) -> ReasonShape {
        ReasonShape {
            code: code.to_owned(),
            verdict: verdict.to_owned(),
            assay: None,
            subject: None,
            clause: None,
            observations: vec![3],
            messages: Vec::new(),
            text: String::new(),
        }
    }

    fn decision() -> DecisionShape {
        DecisionShape {
            verdict: "reject".to_owned(),
            reasons: vec![
                reason("REPEAT_REACTIVE", "reject"),
                reason("RESULT_FLAGGED", "hold"),
                reason("MISSING", "pending"),
            ],
            passed: Vec::new(),
            next_steps: Vec::new(),
            remarks: Vec::new(),
            labels: Vec::new(),
            donor: Vec::new(),
        }
    }

    fn fields(places: &[&str]) -> Fields {
        let pairs: Vec<(&str, &str)> = places.iter().map(|place| ("reason", *place)).collect();
        serde_json::from_value(serde_json::json!(pairs)).unwrap()
    }

    #[test]
    fn fm_11_nothing_is_lifted_that_nobody_chose() {
        assert!(matches!(
            chosen(&decision(), &fields(&[])),
            Err(Trouble::Refused("decision-no-reason", _))
        ));
        let decision = decision();
        let one = chosen(&decision, &fields(&["1", "1"])).unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(one[0].code, "RESULT_FLAGGED");
    }

    #[test]
    fn what_is_missing_or_not_there_cannot_be_lifted() {
        for place in ["2", "3", "-1", "all"] {
            assert!(chosen(&decision(), &fields(&[place])).is_err(), "{place}");
        }
        assert!(!is_amendable(&reason("RECALLED", "recalled")));
    }
}
