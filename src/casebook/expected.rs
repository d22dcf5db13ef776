//! What a case expects of a decision, in the words of the tables: `REPEAT_REACTIVE:HBsAg`,
//! `ALL_OK (IR recorded)`, `WARN:SAME_OPERATOR`, `LABEL:RHD_POSITIVE`.

use crate::domain::{Action, Decision, DonorConsequence, Label, ReasonCode, Verdict};

/// What a case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) verdict: Verdict,
    pub(super) reasons: Vec<ExpectedReason>,
    pub(super) donor: Option<DonorConsequence>,
    pub(super) labels: Vec<Label>,
    pub(super) next: Vec<ExpectedStep>,
    /// Whether that is all: no other reason, no other remark, and where labels or next steps are
    /// told, no others; nothing for the donor unless told.
    pub(super) exactly: bool,
}

/// A reason that must be among those of the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedReason {
    /// As written.
    pub(super) written: String,
    pub(super) parts: Vec<Part>,
}

/// A reason that is looked for: of this assay, subject or group where one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sought {
    pub(super) code: ReasonCode,
    pub(super) about: Option<String>,
    /// The verdict that it alone would give, where it is not the one that was decided.
    pub(super) alone: Option<Verdict>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A reason.
    Reason(Sought),
    /// A remark: it stands against nothing.
    Remark(Sought),
    /// A label.
    Label(Label),
}

/// A next step that must be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedStep {
    pub(super) action: Action,
    pub(super) about: Option<String>,
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
    let (said, alone) = match written.split_once("->") {
        Some((said, alone)) => (said.trim(), Some(verdict(alone)?)),
        None => (written.as_str(), None),
    };
    let (head, remark) = match said.split_once('(') {
        Some((head, rest)) => (head.trim(), Some(rest.trim_end_matches(')').trim())),
        None => (said, None),
    };
    let (word, about) = parted(head);
    let mut parts = vec![match (word.to_uppercase().as_str(), about) {
        ("WARN", Some(remark)) => {
            let (word, about) = parted(remark);
            Part::Remark(sought(code(word)?, about, None))
        }
        ("LABEL", Some(wanted)) => Part::Label(label(wanted)?),
        (word, about) => Part::Reason(sought(code(word)?, about, alone)),
    }];
    if let Some(remark) = remark {
        parts.push(Part::Remark(sought(remark_code(remark)?, None, None)));
    }
    Ok(ExpectedReason { written, parts })
}

fn parted(text: &str) -> (&str, Option<&str>) {
    match text.split_once(':') {
        Some((word, about)) => (word.trim(), Some(about.trim())),
        None => (text, None),
    }
}

fn sought(code: ReasonCode, about: Option<&str>, alone: Option<Verdict>) -> Sought {
    Sought { code, about: about.map(str::to_owned), alone }
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

/// What follows for the donor: the worst of all.
pub(super) fn consequence(decision: &Decision) -> DonorConsequence {
    let all = decision.donor.iter().map(|event| event.consequence);
    all.max().unwrap_or(DonorConsequence::None)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "WARN:SAME_OPERATOR:HBsAg",
            "INVALID:HBsAg -> PENDING",
        ] {
            assert!(reason(text).is_ok(), "{text}");
        }
        let why = reason("REPEATED_REACTIVE").unwrap_err();
        assert!(why.contains("perhaps") && why.contains("REPEAT_REACTIVE"), "{why}");
        assert!(verdict("Recall").is_ok() && verdict("GOOD").is_err());
    }
}
