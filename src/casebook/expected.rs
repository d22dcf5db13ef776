//! What a case expects of a decision, in the words of the tables: `REPEAT_REACTIVE:HBsAg`,
//! `ALL_OK (IR recorded)`, `WARN:SAME_OPERATOR`, `LABEL:RHD_POSITIVE`.

use crate::domain::{
    Action, Assay, Decision, DonorConsequence, Label, Measure, Reason, ReasonCode, Verdict,
};

use super::bench::is_nucleic_acid;
use super::words;

/// What a case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) verdict: Verdict,
    pub(super) reasons: Vec<ExpectedReason>,
    pub(super) donor: Option<DonorConsequence>,
    pub(super) labels: Vec<Label>,
    pub(super) next: Vec<ExpectedStep>,
}

/// A reason that must be among those of the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedReason {
    /// As written.
    written: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// A reason for the verdict, of this assay, subject or group where one is named.
    Reason(ReasonCode, Option<String>),
    /// A remark: it stands against nothing.
    Remark(ReasonCode, Option<String>),
    /// A label.
    Label(Label),
}

/// A next step that must be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedStep {
    action: Action,
    about: Option<String>,
}

/// Reads a verdict: the word in either case, `RECALL` too.
pub(super) fn verdict(text: &str) -> Result<Verdict, String> {
    let word = text.trim().to_lowercase();
    let known = if word == "recall" { Some(Verdict::Recalled) } else { Verdict::from_id(&word) };
    known.ok_or_else(|| {
        format!("{text:?} is no verdict: RELEASABLE, PENDING, HOLD, REJECT or RECALL")
    })
}

/// Reads a reason.
pub(super) fn reason(text: &str) -> Result<ExpectedReason, String> {
    let written = text.trim().to_owned();
    let (head, remark) = match written.split_once('(') {
        Some((head, rest)) => (head.trim(), Some(rest.trim_end_matches(')').trim())),
        None => (written.as_str(), None),
    };
    let (word, about) = match head.split_once(':') {
        Some((word, about)) => (word.trim(), Some(about.trim())),
        None => (head, None),
    };
    let mut parts = vec![match (word.to_uppercase().as_str(), about) {
        ("WARN", Some(remark)) => Part::Remark(code(remark)?, None),
        ("LABEL", Some(wanted)) => Part::Label(label(wanted)?),
        (word, about) => Part::Reason(code(word)?, about.map(str::to_owned)),
    }];
    if let Some(remark) = remark {
        parts.push(Part::Remark(remark_code(remark)?, None));
    }
    Ok(ExpectedReason { written, parts })
}

fn remark_code(text: &str) -> Result<ReasonCode, String> {
    match text.to_lowercase().as_str() {
        "ir recorded" | "ir" => Ok(ReasonCode::InitialReactiveRecorded),
        _ => code(text),
    }
}

fn code(text: &str) -> Result<ReasonCode, String> {
    let plain = text.trim().to_uppercase().replace([' ', '-'], "_");
    ReasonCode::from_id(&plain).ok_or_else(|| {
        let near = near(&plain);
        format!("{text:?} is no reason code{near}")
    })
}

/// Codes that share a word with one that there is not.
fn near(plain: &str) -> String {
    let shares = |code: &ReasonCode| {
        let mut words = code.id().split('_');
        words.any(|word| word.len() > 2 && plain.split('_').any(|other| other == word))
    };
    let codes: Vec<&str> =
        ReasonCode::ALL.iter().filter(|code| shares(code)).map(|code| code.id()).collect();
    if codes.is_empty() { String::new() } else { format!(": perhaps {}", codes.join(", ")) }
}

/// Reads a label.
pub(super) fn label(text: &str) -> Result<Label, String> {
    let plain = text.trim().to_uppercase().replace([' ', '-'], "_");
    Label::from_id(&plain).ok_or_else(|| {
        let known = Label::ALL.map(Label::id).join(", ");
        format!("{text:?} is no label: one of {known}")
    })
}

/// Reads what follows for the donor.
pub(super) fn donor(text: &str) -> Result<DonorConsequence, String> {
    DonorConsequence::from_id(&text.trim().to_lowercase())
        .ok_or_else(|| format!("{text:?} is neither none, temporary nor permanent"))
}

/// Reads a next step: `repeat_in_duplicate`, or `test:HBsAg`.
pub(super) fn step(text: &str) -> Result<ExpectedStep, String> {
    let (word, about) = match text.split_once(':') {
        Some((word, about)) => (word, Some(about.trim().to_owned())),
        None => (text, None),
    };
    let plain = word.trim().to_lowercase().replace([' ', '-'], "_");
    let action = Action::from_id(&plain).ok_or_else(|| {
        let known = Action::ALL.map(Action::id).join(", ");
        format!("{word:?} is no next step: one of {known}")
    })?;
    Ok(ExpectedStep { action, about })
}

impl Expected {
    /// What of the decision is not as expected, in words; nothing where all is.
    pub(super) fn complaints(&self, decision: &Decision) -> Vec<String> {
        let mut complaints = Vec::new();
        if decision.verdict != self.verdict {
            let (expected, actual) = (self.verdict, decision.verdict);
            complaints.push(format!("expected {expected}, decided {actual}"));
        }
        for reason in &self.reasons {
            if !reason.parts.iter().all(|part| part.is_in(decision)) {
                complaints.push(format!("expected the reason {}", reason.written));
            }
        }
        for label in &self.labels {
            if !decision.labels.contains(label) {
                complaints.push(format!("expected the label {}", label.id()));
            }
        }
        for step in &self.next {
            if !step.is_in(decision) {
                let about =
                    step.about.as_deref().map_or(String::new(), |about| format!(":{about}"));
                complaints.push(format!("expected the next step {}{about}", step.action.id()));
            }
        }
        complaints.extend(self.donor.and_then(|expected| {
            let actual = consequence(decision);
            let (expected, found) = (expected.id(), actual.id());
            let text = || format!("expected for the donor: {expected}, decided: {found}");
            (actual.id() != expected).then(text)
        }));
        complaints
    }
}

/// What follows for the donor: the worst of all.
pub(super) fn consequence(decision: &Decision) -> DonorConsequence {
    let all = decision.donor.iter().map(|event| event.consequence);
    all.max().unwrap_or(DonorConsequence::None)
}

impl Part {
    fn is_in(&self, decision: &Decision) -> bool {
        match self {
            Part::Reason(code, about) => decision.reasons.iter().any(|reason| {
                // What stands behind a recall has the verdict that it alone would give.
                let decides =
                    reason.verdict == decision.verdict || decision.verdict == Verdict::Recalled;
                decides && fits(reason, *code, about.as_deref())
            }),
            Part::Remark(code, about) => {
                decision.remarks.iter().any(|remark| fits(remark, *code, about.as_deref()))
            }
            Part::Label(label) => decision.labels.contains(label),
        }
    }
}

impl ExpectedStep {
    fn is_in(&self, decision: &Decision) -> bool {
        decision.next_steps.iter().any(|step| {
            let about = self
                .about
                .as_deref()
                .is_none_or(|about| step.assay.is_some_and(|assay| names(about, assay)));
            step.action == self.action && about
        })
    }
}

fn fits(reason: &Reason, code: ReasonCode, about: Option<&str>) -> bool {
    reason.code == code && about.is_none_or(|about| is_about(reason, about))
}

/// Whether a reason is about what is named: its subject, its assay in any spelling, or the group
/// that its assay is one of. `ABO#2` names the second determination.
fn is_about(reason: &Reason, about: &str) -> bool {
    let same = |subject: &String| subject.eq_ignore_ascii_case(about);
    if reason.subject.as_ref().is_some_and(same) {
        return true;
    }
    let Some((name, place)) = about.split_once('#') else {
        return reason.assay.is_some_and(|assay| names(about, assay));
    };
    let of_place = |subject: &String| subject.split_once('#').is_some_and(|(_, at)| at == place);
    reason.assay.is_some_and(|assay| names(name, assay))
        && reason.subject.as_ref().is_some_and(of_place)
}

fn names(name: &str, assay: Assay) -> bool {
    match words::assay(name) {
        Some(Assay::Nat) => is_nucleic_acid(assay),
        Some(Assay::Abo) => assay.measure() == Measure::Abo,
        Some(Assay::Rhd) => assay.measure() == Measure::Rhd,
        named => named == Some(assay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: ReasonCode, assay: Option<Assay>, subject: Option<&str>) -> Reason {
        Reason {
            code,
            verdict: Verdict::Pending,
            assay,
            subject: subject.map(str::to_owned),
            clause: None,
            observations: Vec::new(),
            messages: Vec::new(),
            text: String::new(),
        }
    }

    #[test]
    fn a_reason_is_about_an_assay_a_subject_or_a_group() {
        let missing = found(ReasonCode::Missing, Some(Assay::HcvRna), None);
        for about in ["NAT", "HCV RNA", "hcv-rna"] {
            assert!(is_about(&missing, about), "{about}");
        }
        assert!(!is_about(&missing, "HBV DNA") && !is_about(&missing, "HBsAg"));
        let second = found(ReasonCode::Missing, Some(Assay::Abo), Some("ABO#2"));
        assert!(is_about(&second, "ABO#2") && is_about(&second, "abo"));
        assert!(!is_about(&second, "ABO#3"));
        let sample = found(ReasonCode::Missing, None, Some("SAMPLE"));
        assert!(is_about(&sample, "SAMPLE") && !is_about(&sample, "HIV"));
    }

    #[test]
    fn reasons_are_read_in_the_words_of_the_tables() {
        for text in [
            "ALL_OK",
            "ALL_OK (IR recorded)",
            "ALL_OK (POOL_RESOLVED)",
            "WARN:SAME_OPERATOR",
            "LABEL:RHD_POSITIVE",
            "MISSING:ABO#2",
            "reactive:syphilis",
        ] {
            assert!(reason(text).is_ok(), "{text}");
        }
        let why = reason("REPEATED_REACTIVE").unwrap_err();
        assert!(why.contains("perhaps") && why.contains("REPEAT_REACTIVE"), "{why}");
        assert!(verdict("Recall").is_ok() && verdict("GOOD").is_err());
    }
}
