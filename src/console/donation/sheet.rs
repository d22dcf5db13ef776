//! The page of a donation, by importance: verdict, why, what is next; then what it all stands on.
//! The same for every reader, so that it is made once for all open pages.

use askama::Template;

use super::file::{CaseFile, encoded};
use super::history::{self, Signed, Stood};
use super::places::{self, InPool, InRack};
use super::results::{self, ResultRow};
use super::timeline::{self, Event};
use super::words;
use crate::console::decisions::proposals::{self, Outcome};
use crate::console::text::Text;
use crate::domain::{Facts, RecordedStatement, Registration};
use crate::rules::words as trade;
use crate::rules::{self, RuleSet};
use crate::shape::{CheckShape, DecisionShape, DonorEventShape, NextStepShape, ReasonShape};

/// Everything inside the live region.
#[derive(Template)]
#[template(path = "donation_sheet.html")]
pub(super) struct Sheet {
    text: &'static Text,
    path: String,
    verdict: String,
    word: String,
    shape: &'static str,
    version: i64,
    decided: Option<String>,
    rule_set: Option<String>,
    reasons: Vec<ReasonRow>,
    steps: Vec<StepRow>,
    waiting: Vec<String>,
    passed: Vec<Passed>,
    remarks: Vec<ReasonRow>,
    labels: Vec<String>,
    donor: Vec<Consequence>,
    registration: Vec<RegistrationRow>,
    results: Vec<ResultRow>,
    pools: Vec<InPool>,
    racks: Vec<InRack>,
    timeline: Vec<Event>,
    verdicts: Vec<Stood>,
    signatures: Vec<Signed>,
}

/// A reason or a remark.
pub(in crate::console) struct ReasonRow {
    pub(in crate::console) code: String,
    pub(in crate::console) verdict: String,
    pub(in crate::console) word: String,
    pub(in crate::console) shape: &'static str,
    pub(in crate::console) what: String,
    /// What the rules wrote, where it says more.
    pub(in crate::console) detail: Option<String>,
    pub(in crate::console) clause: Option<ClauseRow>,
    pub(in crate::console) observations: Vec<i64>,
    pub(in crate::console) messages: Vec<i64>,
}

/// The clause behind a reason.
pub(in crate::console) struct ClauseRow {
    pub(in crate::console) id: String,
    pub(in crate::console) text: Option<String>,
}

struct StepRow {
    what: String,
    count: u32,
}

struct Passed {
    name: String,
    observations: Vec<i64>,
}

struct Consequence {
    what: String,
    code: String,
}

/// A field of the registration.
pub(in crate::console) struct RegistrationRow {
    pub(in crate::console) name: String,
    pub(in crate::console) original: String,
    /// What two people say it should have been.
    pub(in crate::console) corrected: Option<String>,
}

impl Sheet {
    /// What is on record, in this language.
    pub(super) fn new(text: &'static Text, file: &CaseFile, rules: &RuleSet) -> Sheet {
        let CaseFile { record, dossier } = file;
        let (decision, statements) = (&record.decision, &record.statements);
        let last = dossier.verdicts.last();
        let reason = |reason: &ReasonShape| reason_row(text, reason, Some(rules));
        Sheet {
            text,
            path: encoded(record.din.as_str()),
            verdict: decision.verdict.clone(),
            word: words::verdict(text, &decision.verdict),
            shape: words::shape(&decision.verdict),
            version: record.version,
            decided: last.map(|last| words::time(text, last.decided_at)),
            rule_set: last.map(|last| format!("{} {}", last.rule_set.name, last.rule_set.version)),
            reasons: decision.reasons.iter().map(reason).collect(),
            steps: decision.next_steps.iter().map(|step| step_row(text, step)).collect(),
            waiting: waiting(text, statements),
            passed: passed(decision),
            remarks: decision.remarks.iter().map(reason).collect(),
            labels: decision.labels.iter().map(|label| words::label(text, label)).collect(),
            donor: consequences(text, decision),
            registration: registration_rows(text, &dossier.facts_now),
            results: results::rows(text, &dossier.facts_now),
            pools: places::pools(text, &dossier.facts_now),
            racks: places::racks(text, statements),
            timeline: timeline::events(text, file),
            verdicts: history::verdicts(text, file),
            signatures: history::signatures(text, file),
        }
    }
}

/// A reason with its clause, where the rule set that says so is at hand.
pub(in crate::console) fn reason_row(
    text: &Text,
    reason: &ReasonShape,
    rules: Option<&RuleSet>,
) -> ReasonRow {
    let what = words::reason(text, reason);
    let clause = reason.clause.as_ref().map(|id| {
        let known = rules.and_then(|rules| rules.clause(id));
        let told = known.map(|clause| {
            let confidence = text.lang().of(trade::confidence(clause.confidence));
            format!("{} [{}; {confidence}]", clause.text, clause.source)
        });
        ClauseRow { id: id.clone(), text: told }
    });
    ReasonRow {
        code: reason.code.clone(),
        verdict: reason.verdict.clone(),
        word: words::verdict(text, &reason.verdict),
        shape: words::shape(&reason.verdict),
        detail: (reason.text != what).then(|| reason.text.clone()),
        what,
        clause,
        observations: reason.observations.clone(),
        messages: reason.messages.clone(),
    }
}

fn step_row(text: &Text, step: &NextStepShape) -> StepRow {
    StepRow { what: words::step(text, step), count: step.count }
}

fn waiting(text: &Text, statements: &[RecordedStatement]) -> Vec<String> {
    let all = proposals::proposals(statements).into_iter();
    let open = all.filter(|proposed| proposed.outcome == Outcome::Open);
    let told = open.map(|proposed| {
        let matter = text.word("matter", proposals::matter(&proposed.proposal.matter));
        let values = [
            ("matter", matter),
            ("by", proposed.by.to_owned()),
            ("time", words::time(text, proposed.at)),
        ];
        text.with_all("donation-waits", &values)
    });
    told.collect()
}

fn passed(decision: &DecisionShape) -> Vec<Passed> {
    let checks = decision.passed.iter();
    let row = |check: &CheckShape| Passed {
        name: check.name.clone(),
        observations: check.observations.clone(),
    };
    checks.map(row).collect()
}

fn consequences(text: &Text, decision: &DecisionShape) -> Vec<Consequence> {
    let events = decision.donor.iter();
    let row = |event: &DonorEventShape| {
        let assay = event.assay.as_deref().map(|assay| words::assay(text, assay));
        let code = words::code(text, &event.code);
        Consequence {
            what: words::consequence(text, &event.consequence),
            code: assay.map_or_else(|| code.clone(), |assay| format!("{assay}: {code}")),
        }
    };
    events.map(row).collect()
}

/// The registration field by field, as it came and as it was corrected.
pub(in crate::console) fn registration_rows(text: &Text, facts: &Facts) -> Vec<RegistrationRow> {
    let Some(original) = &facts.registration else { return Vec::new() };
    let now = rules::corrected(facts);
    let now = now.registration.as_ref().unwrap_or(original);
    let row = |name: String, told: &dyn Fn(&Registration) -> String| {
        let (before, after) = (told(original), told(now));
        let corrected = (after != before).then_some(after);
        RegistrationRow { name, original: before, corrected }
    };
    vec![
        row(text.say("donation-collected"), &|known| words::time(text, known.collected_at)),
        row(text.say("donation-site"), &|known| known.site.clone()),
        row(text.say("donation-donor"), &|known| words::donor(text, &known.donor)),
    ]
}
