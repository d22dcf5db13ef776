//! What people agreed on, as far as it counts. A proposal counts from the moment on at which
//! somebody else agreed to it; everything that is taken as less bad than the tables say comes from
//! here, and nothing of it from one person.
//!
//! ```text
//!               Agreed, by another      in force: it counts, whatever is said of it later
//!              ┌──────────────────────►
//!   Proposed ──┤ Agreed, by the same     (changes nothing, another may still agree)
//!              └──────────────────────►
//!               TurnedDown              void for ever
//! ```
//!
//! Refuses: a proposal without grounds, one that its proposer agrees to (however the name is
//! written), an agreement before its proposal, to one that was turned down, to one of which
//! something is said afterwards that nobody had seen. Whatever else it can't tell, it leaves as bad
//! as it was.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::docket::Docket;
use super::{wording, words};
use crate::domain::{
    AmendedReason, Correction, DonorRecord, Facts, Grounds, Judgement, Lookback, Matter,
    MessageJudged, Proposal, Reason, ReasonCode, RecordedStatement, Statement, Supplemental,
    Verdict,
};

/// Who proposed something, who agreed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pact {
    /// Number of the record that proposed it.
    pub proposal: i64,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who agreed.
    pub agreed_by: String,
    /// Why.
    pub grounds: Grounds,
}

/// What two people agreed on about one donation.
#[derive(Debug, Default)]
pub(super) struct Accord<'f> {
    /// Amendments in force.
    pub(super) amendments: Vec<Amendment>,
    /// Corrections in force, in the order in which they were agreed to.
    pub(super) corrections: Vec<(Pact, &'f Correction)>,
    /// Messages that were judged: the hardest judgement of each.
    pub(super) messages: BTreeMap<i64, &'f MessageJudged>,
}

/// An amendment in force.
#[derive(Clone, Debug)]
pub(super) struct Amendment {
    pub(super) pact: Pact,
    reasons: Vec<AmendedReason>,
    /// What was put on record since it was proposed.
    later: Vec<Statement>,
}

impl<'f> Accord<'f> {
    /// What counts of what is on record.
    pub(super) fn of(facts: &'f Facts) -> Accord<'f> {
        let mut accord = Accord::default();
        for (place, said) in facts.statements.iter().enumerate() {
            match &said.statement {
                Statement::Agreed(number) => accord.agree(facts, place, *number, said),
                Statement::MessageJudged(judged) => accord.judge(judged),
                Statement::Details(_)
                | Statement::Deferred
                | Statement::DonorRecord(_)
                | Statement::EarlierOccasion(_)
                | Statement::Supplemental(..)
                | Statement::Signature(_)
                | Statement::SampleNotReceived
                | Statement::SampleReceived
                | Statement::NumberCheckFailed
                | Statement::Container(_)
                | Statement::Lookback(_)
                | Statement::ManualPath
                | Statement::Reevaluated(_)
                | Statement::Placed(_)
                | Statement::TakenOut(_)
                | Statement::RackInDoubt(_)
                | Statement::RackSettled(_)
                | Statement::Proposed(_)
                | Statement::TurnedDown(_) => {}
            }
        }
        accord
    }

    fn agree(&mut self, facts: &'f Facts, place: usize, number: i64, said: &'f RecordedStatement) {
        let before = facts.statements.get(..place).unwrap_or_default();
        let Some((proposed, proposal)) = proposal(before, number) else { return };
        let is_known = self.amendments.iter().any(|known| known.pact.proposal == number)
            || self.corrections.iter().any(|(known, _)| known.proposal == number);
        let is_blank = proposal.grounds.text.trim().is_empty();
        if is_known || is_blank || !are_two(&proposed.by, &said.by) || is_refused(before, number) {
            return;
        }
        let pact = Pact {
            proposal: number,
            proposed_by: proposed.by.clone(),
            agreed_by: said.by.clone(),
            grounds: proposal.grounds.clone(),
        };
        match &proposal.matter {
            Matter::Amendment(reasons) => {
                let later = facts.statements.iter().skip_while(|one| one.id != number);
                let later = later.map(|said| said.statement.clone()).collect();
                self.amendments.push(Amendment { pact, reasons: reasons.clone(), later });
            }
            Matter::Correction(correction) => self.corrections.push((pact, correction)),
        }
    }

    fn judge(&mut self, judged: &'f MessageJudged) {
        if !are_two(&judged.proposed_by, &judged.agreed_by) {
            return;
        }
        let known = self.messages.entry(judged.message).or_insert(judged);
        if judged.judgement > known.judgement {
            *known = judged;
        }
    }

    /// What became of a message, where two people judged it.
    pub(super) fn judgement(&self, message: i64) -> Option<Judgement> {
        self.messages.get(&message).map(|judged| judged.judgement)
    }

    /// Whether two people judged this message: then it keeps nothing back any more by itself.
    pub(super) fn is_judged(&self, message: i64) -> bool {
        self.messages.contains_key(&message)
    }

    /// Tells every correction and every message that was judged: what people changed stays visible.
    pub(super) fn tell(&self, facts: &Facts, docket: &mut Docket) {
        for (pact, correction) in self.corrections.iter().filter(|_| facts.registration.is_some()) {
            let text = format!("{}: {}", wording::correction(correction), said(pact));
            docket.remark(remark_of(
                ReasonCode::RegistrationCorrected,
                Vec::new(),
                Vec::new(),
                text,
            ));
        }
        for (message, judged) in &self.messages {
            let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
            let own = facts.observations.iter().chain(pooled);
            let own = own.filter(|seen| seen.message == *message).map(|seen| seen.id);
            let MessageJudged { judgement, proposed_by, agreed_by, .. } = judged;
            let [judgement, _] = words::judgement(*judgement);
            let text = format!(
                "message {message} could not be read completely: {judgement}; proposed by \
                 {proposed_by}, agreed by {agreed_by}"
            );
            let (code, own) = (ReasonCode::MessageJudged, own.collect());
            docket.remark(remark_of(code, own, vec![*message], text));
        }
    }

    /// The facts with what the registration should have said. That a donor is deferred is never
    /// corrected away; where nobody registered the donation there is nothing to correct.
    pub(super) fn corrected<'a>(&self, facts: &'a Facts) -> Cow<'a, Facts> {
        let registered = facts.registration.is_some();
        if self.corrections.is_empty() || !registered {
            return Cow::Borrowed(facts);
        }
        let mut facts = facts.clone();
        for (_, Correction { collected_at, site, donor }) in &self.corrections {
            let Some(known) = &mut facts.registration else { continue };
            known.collected_at = collected_at.unwrap_or(known.collected_at);
            site.iter().for_each(|site| known.site.clone_from(site));
            let deferred = known.donor.deferred;
            known.donor = donor.unwrap_or(known.donor);
            known.donor.deferred |= deferred;
        }
        Cow::Owned(facts)
    }
}

/// The facts as two people corrected them: what anybody must go by who concludes from them.
pub fn corrected(facts: &Facts) -> Cow<'_, Facts> {
    Accord::of(facts).corrected(facts)
}

impl Amendment {
    /// Whether it speaks of this reason as it was looked at: nothing more is behind it, and nothing
    /// that bears on it was said since.
    pub(super) fn lifts(&self, reason: &Reason) -> bool {
        let is_within = |numbers: &[i64], known: &[i64]| numbers.iter().all(|n| known.contains(n));
        let is_bare =
            |observations: &[i64], messages: &[i64]| observations.is_empty() && messages.is_empty();
        let speaks = self.reasons.iter().any(|known| {
            (known.code, known.assay, &known.subject)
                == (reason.code, reason.assay, &reason.subject)
                && is_within(&reason.observations, &known.observations)
                && is_within(&reason.messages, &known.messages)
                && (!is_bare(&reason.observations, &reason.messages)
                    || is_bare(&known.observations, &known.messages))
        });
        let is_news = |said: &Statement| is_about(said, reason);
        speaks && can_be_amended(reason.code, reason.verdict) && !self.later.iter().any(is_news)
    }
}

/// What a reason that was amended says from then on: everything that led to it, for ever.
pub(super) fn remark(pact: &Pact, reason: &Reason) -> Reason {
    let Reason { code, verdict, text, .. } = reason;
    let (code, verdict) = (code.id(), verdict.id());
    let said = said(pact);
    let text = format!("{code} ({verdict}) was amended: {said}. It said: {text}");
    Reason { code: ReasonCode::Amended, verdict: Verdict::Releasable, text, ..reason.clone() }
}

fn remark_of(code: ReasonCode, observations: Vec<i64>, messages: Vec<i64>, text: String) -> Reason {
    let (verdict, assay, subject, clause) = (Verdict::Releasable, None, None, None);
    Reason { code, verdict, assay, subject, clause, observations, messages, text }
}

/// Who agreed on it, and why.
fn said(pact: &Pact) -> String {
    let Pact { proposal, proposed_by, agreed_by, grounds } = pact;
    let [ground, _] = words::ground(grounds.ground);
    let why = grounds.text.trim();
    format!("proposed by {proposed_by} (record {proposal}), agreed by {agreed_by}; {ground}: {why}")
}

/// Whether two people may amend a reason: a finding that holds a donation back or rejects it. What
/// is waited for is done and not amended: a test, a registration, a signature, what a message
/// says, a rule for the case. What is recalled stays recalled.
pub const fn can_be_amended(code: ReasonCode, verdict: Verdict) -> bool {
    let is_awaited = matches!(
        code,
        ReasonCode::AllOk
            | ReasonCode::NotRegistered
            | ReasonCode::UnmatchedSample
            | ReasonCode::Missing
            | ReasonCode::Invalid
            | ReasonCode::Unaccounted
            | ReasonCode::UnprocessedMessage
            | ReasonCode::NotSigned
            | ReasonCode::DualReviewMissing
            | ReasonCode::RulesetChanged
            | ReasonCode::RuleGap
            | ReasonCode::ReleaseStopped
            | ReasonCode::Recalled
            | ReasonCode::CorrectedAfterRelease
    );
    matches!(verdict, Verdict::Hold | Verdict::Reject) && !is_awaited
}

/// Whether these are two people: compared without space around and without case, blank is nobody.
pub fn are_two(one: &str, other: &str) -> bool {
    let name = |text: &str| text.trim().to_lowercase();
    let (one, other) = (name(one), name(other));
    !one.is_empty() && !other.is_empty() && one != other
}

/// The proposal with this record number, where it is among these.
fn proposal(before: &[RecordedStatement], number: i64) -> Option<(&RecordedStatement, &Proposal)> {
    before.iter().filter(|said| said.id == number).find_map(|said| {
        let Statement::Proposed(proposal) = &said.statement else { return None };
        Some((said, proposal))
    })
}

fn is_refused(before: &[RecordedStatement], number: i64) -> bool {
    before.iter().any(|said| said.statement == Statement::TurnedDown(number))
}

/// Whether a statement makes a reason another one than it was: it is about the same assay, or about
/// the donation as a whole like a reason behind which no result stands.
fn is_about(statement: &Statement, reason: &Reason) -> bool {
    let is_whole = reason.observations.is_empty() && reason.messages.is_empty();
    match statement {
        Statement::EarlierOccasion(assay)
        | Statement::Supplemental(assay, Supplemental::Indeterminate | Supplemental::Positive) => {
            reason.assay == Some(*assay)
        }
        Statement::Deferred
        | Statement::DonorRecord(
            DonorRecord::Flagged | DonorRecord::PriorReactive | DonorRecord::Merged,
        )
        | Statement::SampleNotReceived
        | Statement::NumberCheckFailed
        | Statement::Lookback(Lookback::Open | Lookback::Overdue)
        | Statement::ManualPath => is_whole,
        Statement::Details(_)
        | Statement::DonorRecord(DonorRecord::Reinstated | DonorRecord::Requalified)
        | Statement::Supplemental(_, Supplemental::Negative)
        | Statement::Signature(_)
        | Statement::SampleReceived
        | Statement::Container(_)
        | Statement::Lookback(Lookback::Closed)
        | Statement::Reevaluated(_)
        | Statement::Placed(_)
        | Statement::TakenOut(_)
        | Statement::RackInDoubt(_)
        | Statement::RackSettled(_)
        | Statement::MessageJudged(_)
        | Statement::Proposed(_)
        | Statement::Agreed(_)
        | Statement::TurnedDown(_) => false,
    }
}
