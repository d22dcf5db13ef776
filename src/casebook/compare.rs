//! What was decided against what a case expects.

use crate::domain::{Assay, Decision, DonorConsequence, Label, Measure, NextStep, Reason, Verdict};

use super::bench::is_nucleic_acid;
use super::expected::{Expected, ExpectedStep, Part, Sought, consequence};
use super::words;

impl Expected {
    /// What of the decision is not as expected, in words; nothing where all is.
    pub(super) fn complaints(&self, decision: &Decision) -> Vec<String> {
        let mut complaints = Vec::new();
        if decision.verdict != self.verdict {
            let (expected, actual) = (self.verdict, decision.verdict);
            complaints.push(format!("expected {expected}, decided {actual}"));
        }
        self.complain_of_reasons(decision, &mut complaints);
        self.complain_of_labels(decision, &mut complaints);
        self.complain_of_steps(decision, &mut complaints);
        let donor = self.donor.or(self.exactly.then_some(DonorConsequence::None));
        let (expected, found) = (donor.map(DonorConsequence::id), consequence(decision).id());
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            complaints.push(format!("expected for the donor: {expected}, decided: {found}"));
        }
        complaints
    }

    /// Each expected reason must be there; where all are told, each that is there must be told, as
    /// often as it is there.
    fn complain_of_reasons(&self, decision: &Decision, complaints: &mut Vec<String>) {
        let mut reasons: Vec<&Reason> = decision.reasons.iter().collect();
        let mut remarks: Vec<&Reason> = decision.remarks.iter().collect();
        for expected in &self.reasons {
            let mut all = true;
            for part in &expected.parts {
                all &= match part {
                    Part::Reason(sought) => self.take(&mut reasons, sought, decision.verdict),
                    Part::Remark(sought) => self.take(&mut remarks, sought, Verdict::Releasable),
                    Part::Label(label) => decision.labels.contains(label),
                };
            }
            if !all {
                complaints.push(format!("expected the reason {}", expected.written));
            }
        }
        if self.exactly {
            let more = reasons.into_iter().map(|reason| ("reason", reason));
            let more = more.chain(remarks.into_iter().map(|remark| ("remark", remark)));
            complaints.extend(more.map(|(what, reason)| unexpected(what, reason)));
        }
    }

    /// Finds a reason that is sought; where all are told, it is not found again.
    fn take(&self, among: &mut Vec<&Reason>, sought: &Sought, decided: Verdict) -> bool {
        let found = among.iter().position(|reason| sought.is(reason, decided));
        if let Some(found) = found.filter(|_| self.exactly) {
            among.remove(found);
        }
        found.is_some()
    }

    fn complain_of_labels(&self, decision: &Decision, complaints: &mut Vec<String>) {
        for label in &self.labels {
            if !decision.labels.contains(label) {
                complaints.push(format!("expected the label {}", label.id()));
            }
        }
        let parts = || self.reasons.iter().flat_map(|reason| &reason.parts);
        let of_reasons = || {
            parts().filter_map(|part| match part {
                Part::Label(label) => Some(*label),
                Part::Reason(_) | Part::Remark(_) => None,
            })
        };
        let told: Vec<Label> = self.labels.iter().copied().chain(of_reasons()).collect();
        if self.exactly && !told.is_empty() {
            let more = decision.labels.iter().filter(|label| !told.contains(label));
            complaints.extend(more.map(|label| format!("unexpected label {}", label.id())));
        }
    }

    fn complain_of_steps(&self, decision: &Decision, complaints: &mut Vec<String>) {
        for expected in &self.next {
            if !decision.next_steps.iter().any(|step| expected.is(step)) {
                let about = expected.about.as_deref();
                let about = about.map_or(String::new(), |about| format!(":{about}"));
                complaints.push(format!("expected the next step {}{about}", expected.action.id()));
            }
        }
        if self.exactly && !self.next.is_empty() {
            let is_told = |step: &NextStep| self.next.iter().any(|expected| expected.is(step));
            let more = decision.next_steps.iter().filter(|step| !is_told(step));
            complaints.extend(more.map(|step| format!("unexpected next step: {}", step.text)));
        }
    }
}

fn unexpected(what: &str, reason: &Reason) -> String {
    let about = reason.assay.map_or(String::new(), |assay| format!(":{assay}"));
    format!("unexpected {what} {}{about} -> {}", reason.code.id(), reason.verdict)
}

impl Sought {
    /// Whether it is this reason. What stands behind a recall has the verdict that it alone would
    /// give.
    fn is(&self, reason: &Reason, decided: Verdict) -> bool {
        let gives = match self.alone {
            Some(alone) => reason.verdict == alone,
            None => reason.verdict == decided || decided == Verdict::Recalled,
        };
        let about = self.about.as_deref().is_none_or(|about| is_about(reason, about));
        reason.code == self.code && gives && about
    }
}

impl ExpectedStep {
    fn is(&self, step: &NextStep) -> bool {
        let is_of = |about: &str| step.assay.is_some_and(|assay| names(about, assay));
        step.action == self.action && self.about.as_deref().is_none_or(is_of)
    }
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
    use crate::domain::ReasonCode;

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
}
