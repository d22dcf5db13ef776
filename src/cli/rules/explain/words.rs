//! The words of an explanation.

use crate::domain::{Facts, KitControls, PoolFacts, PoolMembers, RecordedObservation, Verdict};
use crate::rules::words::{self, Lang};
use crate::rules::{Answers, Derivation, PactFound, PactStanding, RuleSet, Ruling};
use crate::store::{Dossier, DossierRecord, DossierVerdict};

use super::super::life::codes;

/// The verdict and why.
pub(super) fn verdict(
    dossier: &Dossier,
    verdict: &DossierVerdict,
    rules: &RuleSet,
    lang: Lang,
) -> Vec<String> {
    let set = crate::rules::life::told(rules.identity());
    let word = Verdict::from_id(&verdict.read.verdict)
        .map_or(verdict.read.verdict.as_str(), |known| lang.of(words::verdict(known)));
    let (cause, number) = &verdict.cause;
    let mut lines = vec![format!(
        "{}: {word} [{}], verdict {} (version {}) of {}, because of {cause} {number}, by the \
         rule set {set}",
        dossier.din.as_str(),
        verdict.read.verdict,
        verdict.seq,
        verdict.version,
        verdict.decided_at
    )];
    for reason in &verdict.read.reasons {
        let code = codes(std::slice::from_ref(reason));
        lines.push(format!("  {code} -> {}: {}", reason.verdict, reason.text));
    }
    let remarks = verdict.read.remarks.iter();
    lines.extend(remarks.map(|remark| format!("  remark {}: {}", remark.code, remark.text)));
    lines
}

/// Every table that was asked, check by check.
pub(super) fn derivation(derivation: &Derivation, rules: &RuleSet, lang: Lang) -> Vec<String> {
    let mut lines = vec!["the donation as a whole".to_owned()];
    let of = |check: Option<&str>| {
        let own = derivation.rulings.iter().filter(move |ruling| ruling.check.as_deref() == check);
        own.flat_map(|ruling| ruling_lines(ruling, rules, lang)).collect::<Vec<_>>()
    };
    lines.extend(of(None));
    for (check, needed) in &derivation.checks {
        let passed = derivation.decision.passed.iter().find(|passed| passed.name == *check);
        let needed = if *needed { "needed" } else { "where it was run" };
        let stands = match passed {
            Some(passed) => format!("passed{}", results(&passed.observations)),
            None => "not passed".to_owned(),
        };
        lines.push(format!("check {check} ({needed}): {stands}"));
        lines.extend(of(Some(check)));
    }
    lines.extend(derivation.pacts.iter().flat_map(|pact| proposal(pact, lang)));
    lines
}

/// What somebody proposed, whether it counts, and what it lifted.
fn proposal(found: &PactFound, lang: Lang) -> Vec<String> {
    let PactFound { proposal, proposed_by, standing, lifted } = found;
    let stands = match standing {
        PactStanding::InForce(pact) => {
            let (ground, why) = (lang.of(words::ground(pact.grounds.ground)), &pact.grounds.text);
            format!("in force, agreed by {}; {ground}: {why}", pact.agreed_by)
        }
        PactStanding::Open => "does not count: nobody else has agreed".to_owned(),
        PactStanding::TurnedDown => "does not count: turned down".to_owned(),
    };
    let mut lines = vec![format!("proposal {proposal} by {proposed_by}: {stands}")];
    lines.extend(lifted.iter().map(|reason| {
        let (code, verdict) = (reason.code.id(), lang.of(words::verdict(reason.verdict)));
        format!("    amended {code} ({verdict}): {}", reason.text)
    }));
    lines
}

fn ruling_lines(ruling: &Ruling, rules: &RuleSet, lang: Lang) -> Vec<String> {
    let about = match (&ruling.subject, ruling.assay) {
        (Some(subject), _) => format!(" about {subject}"),
        (None, Some(assay)) => format!(" about {}", lang.of(words::assay(assay))),
        (None, None) => String::new(),
    };
    let follows = match ruling.verdict {
        Some(Verdict::Releasable) => "lets pass".to_owned(),
        Some(verdict) => lang.of(words::verdict(verdict)).to_owned(),
        None => "says nothing of this: hold".to_owned(),
    };
    let (table, found) = (&ruling.table, results(&ruling.observations));
    let mut lines = vec![
        format!("  table {table}{about}{found}: {follows}"),
        format!("    {}", answers(&ruling.answers, lang)),
    ];
    for row in &ruling.rows {
        let code = row.code.map(|code| format!(" {}", code.id())).unwrap_or_default();
        let clause = rules.clause(&row.clause).map_or_else(String::new, |clause| {
            format!(": {} [{}, {}]", clause.text, clause.source, clause.confidence.id())
        });
        lines.push(format!("    line {}{code}, clause {}{clause}", row.line, row.clause));
    }
    lines
}

/// What facts answered, in words.
fn answers(answers: &Answers, lang: Lang) -> String {
    let questions = answers.judges().questions().iter().enumerate();
    let said = questions.filter_map(|(at, question)| {
        let answer = question.answers.get(answers.get(at))?;
        Some(format!("{}: {}", lang.of(question.words), lang.of(answer.words)))
    });
    said.collect::<Vec<_>>().join("; ")
}

fn results(ids: &[i64]) -> String {
    match ids {
        [] => String::new(),
        [one] => format!(" (result {one})"),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            format!(" (results {})", ids.join(", "))
        }
    }
}

/// What inventory said.
pub(super) fn registration(facts: &Facts) -> Vec<String> {
    let Some(known) = &facts.registration else {
        return vec!["not registered".to_owned()];
    };
    let donor = &known.donor;
    let group = donor.historic_group.map_or("no group on record".to_owned(), |group| {
        format!("group {} {} on record", group.abo.id(), group.rhd.id())
    });
    let deferred = if donor.deferred { ", DEFERRED" } else { "" };
    let (kind, at) = (donor.kind.id(), known.collected_at);
    vec![format!("registration: collected {at}, {kind} donor{deferred}, {group}")]
}

/// A result: what it says, where it came from, how it came about.
pub(super) fn result(
    dossier: &Dossier,
    result: &RecordedObservation,
    what: &str,
    lang: Lang,
) -> Vec<String> {
    let seen = &result.observation;
    let assay = seen.assay.map_or("no assay", |assay| lang.of(words::assay(assay)));
    let reading = seen.reading.map_or("", |reading| reading.id());
    let value = [seen.value.as_deref(), seen.unit.as_deref()];
    let value: Vec<&str> = value.into_iter().flatten().collect();
    let message = dossier.messages.iter().find(|message| message.message == result.message);
    let (at, length) =
        message.map_or((String::new(), 0), |m| (m.received_at.to_string(), m.bytes.len()));
    let about = &result.circumstances;
    let kit = about
        .kit
        .as_ref()
        .map_or("kit not on record".to_owned(), |kit| format!("kit {} of {}", kit.name, kit.maker));
    let lot = seen.reagent_lot.as_deref().unwrap_or("none named");
    let controls = &about.controls;
    let kit_controls = match controls.kit {
        KitControls::NotRecorded => "not on record",
        KitControls::Passed => "passed",
        KitControls::Failed => "FAILED",
    };
    vec![
        format!(
            "{what} {}: {assay} {reading} {} (test {}), {} ({}), message {} of {length} bytes, \
             received {at}",
            result.id,
            value.join(" "),
            seen.test_code,
            result.analyser,
            result.profile,
            result.message
        ),
        format!(
            "    {kit}; lot {lot} {}; controls of the kit {kit_controls}{}",
            about.lot.id(),
            results(&controls.observations)
        ),
    ]
}

/// A pool and its members.
pub(super) fn pool(pool: &PoolFacts) -> Vec<String> {
    let members = match pool.members {
        PoolMembers::Recorded => "on record before it ran",
        PoolMembers::Unknown => "unknown",
        PoolMembers::AddedLater => "of this donation said after it ran",
        PoolMembers::Duplicate => "twice",
    };
    let mut lines = vec![format!("pool {}: {} members, membership {members}", pool.id, pool.size)];
    lines.extend(pool.others.iter().map(|other| {
        let single = other.single.map_or("not tested singly", |reading| reading.id());
        format!("    member {}: {single}", other.din.as_str())
    }));
    lines
}

/// Something on record.
pub(super) fn record(record: &DossierRecord) -> String {
    let what = crate::shape::RecordShape::from(&record.what);
    let what = serde_json::to_string(&what).unwrap_or_default();
    format!("record {} by {} at {}: {what}", record.record, record.by, record.at)
}

/// What could not be read, and where the donation was asked for twice.
pub(super) fn unread(facts: &Facts) -> Vec<String> {
    let unread = facts.unread.iter();
    let unread =
        unread.map(|one| format!("message {} could not be read: {}", one.message, one.why));
    let twice = facts.sightings.iter();
    let twice =
        twice.map(|one| format!("message {} asked for it elsewhere: {}", one.message, one.text));
    unread.chain(twice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Ground, Grounds, Reason, ReasonCode};
    use crate::rules::Pact;

    fn found(standing: PactStanding, lifted: Vec<Reason>) -> PactFound {
        PactFound { proposal: 7, proposed_by: "li".to_owned(), standing, lifted }
    }

    #[test]
    fn a_proposal_says_who_agreed_and_what_it_lifted_or_that_it_does_not_count() {
        let grounds = Grounds { ground: Ground::WrongEntry, text: "typed twice".to_owned() };
        let [proposed_by, agreed_by] = ["li", "wang"].map(str::to_owned);
        let pact = Pact { proposal: 7, proposed_by, agreed_by, grounds };
        let reason = Reason {
            code: ReasonCode::AltHigh,
            verdict: Verdict::Reject,
            assay: None,
            subject: None,
            clause: None,
            observations: Vec::new(),
            messages: Vec::new(),
            text: "ALT: above".to_owned(),
        };
        let lines = proposal(&found(PactStanding::InForce(pact), vec![reason]), Lang::ZhCn);
        assert_eq!(
            lines,
            [
                "proposal 7 by li: in force, agreed by wang; 录入错误: typed twice",
                "    amended ALT_HIGH (不合格): ALT: above",
            ]
        );
        for standing in [PactStanding::Open, PactStanding::TurnedDown] {
            let lines = proposal(&found(standing, Vec::new()), Lang::En);
            assert!(lines.len() == 1 && lines[0].contains("does not count"), "{lines:?}");
        }
    }
}
