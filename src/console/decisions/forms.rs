//! What this visitor may decide about a donation, as forms on its page: outside of the live region,
//! so that nothing is taken from under somebody's hands. Nothing in them is chosen or filled in.

use askama::Template;

use super::amend::{Would, is_amendable};
use super::proposals::{self, Outcome, Proposed};
use super::say::{self, SAYABLE};
use super::signing::{self, Hands};
use super::would;
use crate::console::donation::{CaseFile, RegistrationRow, encoded, registration_rows, words};
use crate::console::page::Page;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::domain::{
    AmendedReason, Assay, Correction, Ground, Matter, ReviewStep, Statement, Supplemental,
};
use crate::rules::words as trade;
use crate::rules::{RuleSet, are_two};

#[derive(Template)]
#[template(path = "decision_forms.html")]
struct Forms {
    page: Page,
    path: String,
    version: i64,
    proposals: Vec<OpenProposal>,
    /// Reasons that could be lifted: their place, and what they say.
    amendable: Vec<(usize, String, &'static str, String)>,
    kept: Vec<String>,
    may_propose: bool,
    registration: Vec<RegistrationRow>,
    steps: Vec<Step>,
    sayable: Vec<(&'static str, String)>,
    may_confirm: bool,
    assays: Vec<(&'static str, &'static str)>,
    findings: Vec<(&'static str, String)>,
    correction_grounds: Vec<(&'static str, String)>,
}

/// A proposal that waits for the second person.
struct OpenProposal {
    record: i64,
    by: String,
    at: String,
    matter: String,
    ground: String,
    text: String,
    changes: Vec<String>,
    /// The verdict it was proposed at, where another one is in force.
    older: Option<i64>,
    would: Would,
    is_own: bool,
    may_agree: bool,
}

/// A step of the review.
struct Step {
    id: &'static str,
    name: String,
    meaning: String,
    /// Why this person may not.
    refused: Option<String>,
}

/// The forms for this visitor.
pub(in crate::console) fn forms(
    page: &Page,
    visitor: &Visitor,
    file: &CaseFile,
    rules: &RuleSet,
) -> Result<String, Trouble> {
    let text = page.text();
    let record = &file.record;
    let reasons = record.decision.reasons.iter();
    let (kept, amendable): (Vec<_>, Vec<_>) =
        reasons.enumerate().partition(|(_, reason)| !is_amendable(reason));
    let open = proposals::proposals(&record.statements).into_iter();
    let open = open.filter(|proposed| proposed.outcome == Outcome::Open);
    let forms = Forms {
        path: encoded(record.din.as_str()),
        version: record.version,
        proposals: open.map(|one| open_proposal(text, visitor, file, rules, &one)).collect(),
        amendable: amendable
            .into_iter()
            .map(|(place, reason)| {
                let shape = words::shape(&reason.verdict);
                (place, reason.verdict.clone(), shape, words::reason(text, reason))
            })
            .collect(),
        kept: kept.into_iter().map(|(_, reason)| words::reason(text, reason)).collect(),
        may_propose: visitor.may(Duty::Propose) && record.version > 0,
        registration: registration_rows(text, &file.dossier.facts_now),
        steps: steps(text, visitor, file),
        sayable: sayable(text, visitor),
        may_confirm: visitor.may(Duty::Review),
        assays: Assay::ALL
            .iter()
            .map(|one| (one.id(), text.lang().of(trade::assay(*one))))
            .collect(),
        findings: findings(text),
        correction_grounds: super::grounds(text, &CORRECTION_GROUNDS),
        page: page.clone(),
    };
    forms.render().map_err(|error| Trouble::Unmade(error.to_string()))
}

const CORRECTION_GROUNDS: [Ground; 3] =
    [Ground::IdentityVerified, Ground::WrongEntry, Ground::Other];

fn open_proposal(
    text: &'static Text,
    visitor: &Visitor,
    file: &CaseFile,
    rules: &RuleSet,
    proposed: &Proposed<'_>,
) -> OpenProposal {
    let proposal = proposed.proposal;
    let agreed = Statement::Agreed(proposed.record);
    let decision = would::would_be(&file.dossier.facts_now, rules, agreed);
    let is_own = !are_two(&visitor.user, proposed.by);
    let version = file.record.version;
    OpenProposal {
        record: proposed.record,
        by: proposed.by.to_owned(),
        at: words::time(text, proposed.at),
        matter: text.word("matter", proposals::matter(&proposal.matter)),
        ground: text.word("ground", proposal.grounds.ground.id()),
        text: proposal.grounds.text.clone(),
        changes: changes(text, &proposal.matter),
        older: (proposal.version != version).then_some(proposal.version),
        would: Would::new(text, &decision),
        is_own,
        may_agree: !is_own && visitor.may(Duty::Agree),
    }
}

/// What a proposal changes, line by line.
fn changes(text: &Text, matter: &Matter) -> Vec<String> {
    match matter {
        Matter::Amendment(reasons) => reasons.iter().map(|reason| lifted(text, reason)).collect(),
        Matter::Correction(correction) => corrected(text, correction),
    }
}

fn lifted(text: &Text, reason: &AmendedReason) -> String {
    let assay = reason.assay.map(|assay| words::assay(text, assay.id()));
    let subject = reason.subject.as_deref().or(assay.as_deref());
    let what = trade::reason_text(reason.code, text.lang(), subject);
    let numbers = |numbers: &[i64]| {
        let told: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        if told.is_empty() { "—".to_owned() } else { told.join(", ") }
    };
    let values = [
        ("what", what),
        ("results", numbers(&reason.observations)),
        ("messages", numbers(&reason.messages)),
    ];
    text.with_all("decision-lifts", &values)
}

fn corrected(text: &Text, correction: &Correction) -> Vec<String> {
    let said = |name: String, value: String| {
        text.with_all("decision-corrects", &[("name", name), ("value", value)])
    };
    let at = correction.collected_at.map(|at| words::time(text, at));
    let donor = correction.donor.as_ref().map(|donor| words::donor(text, donor));
    let parts = [
        at.map(|at| said(text.say("donation-collected"), at)),
        correction.site.clone().map(|site| said(text.say("donation-site"), site)),
        donor.map(|donor| said(text.say("donation-donor"), donor)),
    ];
    parts.into_iter().flatten().collect()
}

fn steps(text: &Text, visitor: &Visitor, file: &CaseFile) -> Vec<Step> {
    let latest = file.record.observations.iter().map(|found| found.id).max().unwrap_or_default();
    let hands = Hands::new(&file.record.statements, latest);
    let own = ReviewStep::ALL.into_iter().filter(|step| visitor.may(signing::duty(*step)));
    let step = |step: ReviewStep| Step {
        id: step.id(),
        name: text.word("signature", step.id()),
        meaning: text.word("meaning", step.id()),
        refused: hands
            .refused(step, &visitor.user)
            .map(|key| text.with(key, "what", &visitor.name)),
    };
    own.map(step).collect()
}

fn sayable(text: &Text, visitor: &Visitor) -> Vec<(&'static str, String)> {
    let own = SAYABLE.iter().filter(|sayable| visitor.may(sayable.duty));
    let looked = visitor.may(Duty::Review).then_some(say::LOOKED_AGAIN);
    let words = own.map(|sayable| sayable.word).chain(looked);
    words.map(|word| (word, text.word("sayable", word))).collect()
}

fn findings(text: &Text) -> Vec<(&'static str, String)> {
    let found = Supplemental::ALL.map(|found| (found.id(), text.word("supplemental", found.id())));
    let earlier = (say::EARLIER, text.word("supplemental", say::EARLIER));
    found.into_iter().chain([earlier]).collect()
}
