//! Racks whose tubes an analyser reported at other places than their manifest (FM-05): whose result
//! is whose is in doubt for every tube of the loading, not only for those that were seen to move.
//!
//! ```text
//!   Placed in the loading ─► results of that analyser ─► Placed in another loading for it
//!                            └── blocked: what is adverse counts, what is good does not
//!   told as a hold, until a result from another loading counts, or two people identified the tubes
//! ```
//!
//! A donation has several tubes, and they stand in racks of several analysers at the same time:
//! only a loading for the same analyser, or one that is compared with none, takes a tube out of
//! this one.
//!
//! Refuses to be switched off by a rule set, to take a copy of a doubtful result for a new one, and
//! to let one person settle anything. A tube that was taken out and put nowhere else stays in
//! doubt.

use crate::domain::{
    Action, Assay, Facts, Placement, RackDoubt, RackSettled, Reason, ReasonCode,
    RecordedObservation, RecordedStatement, Statement, Verdict,
};

use super::accord::are_two;
use super::casefile::CaseFile;
use super::determination::{Determination, Standing};
use super::docket::Docket;
use super::wording;

/// A rack in doubt, as far as this donation's tube stood in it.
#[derive(Debug)]
pub(super) struct Doubt<'f> {
    said: &'f RackDoubt,
    /// The results that came while it stood there: after the first number, up to the second.
    stood: Vec<(i64, i64)>,
    /// The last result on record when it was put into another loading for good.
    left: Option<i64>,
    /// Other loadings it was put into: the last result on record then, and for which analyser.
    others: Vec<(i64, Option<&'f str>)>,
    settled: Option<&'f RackSettled>,
}

/// Every rack in doubt in which the tube stood: one for each loading and analyser.
pub(super) fn doubts(facts: &Facts) -> Vec<Doubt<'_>> {
    let mut found: Vec<Doubt<'_>> = Vec::new();
    for (place, said) in facts.statements.iter().enumerate() {
        let Statement::RackInDoubt(doubt) = &said.statement else { continue };
        let later = facts.statements.get(place..).unwrap_or_default();
        let settled = settled(doubt, later);
        let known = found.iter_mut().find(|known| {
            (&known.said.loading, &known.said.analyser) == (&doubt.loading, &doubt.analyser)
        });
        match known {
            // In doubt again after it was settled.
            Some(known) => (known.said, known.settled) = (doubt, settled),
            None => {
                let (stood, left) = stood(&facts.statements, place, doubt);
                let others = others(&facts.statements, &doubt.loading);
                found.push(Doubt { said: doubt, stood, left, others, settled });
            }
        }
    }
    found
}

/// What two people said of it afterwards.
fn settled<'f>(doubt: &RackDoubt, later: &'f [RecordedStatement]) -> Option<&'f RackSettled> {
    later.iter().find_map(|said| {
        let Statement::RackSettled(settled) = &said.statement else { return None };
        let is_meant = settled.loading == doubt.loading && settled.analyser == doubt.analyser;
        (is_meant && are_two(&settled.proposed_by, &settled.agreed_by)).then_some(settled)
    })
}

/// When the tube stood in a loading, and since when it stands in another one. A tube that nobody
/// put there (the analyser reported it in that rack) did until it was next put anywhere.
fn stood(
    statements: &[RecordedStatement],
    doubted_at: usize,
    doubt: &RackDoubt,
) -> (Vec<(i64, i64)>, Option<i64>) {
    let (mut stood, mut since, mut left) = (Vec::new(), None, None);
    let is_here = |into: &Placement| into.loading == doubt.loading;
    let was_placed = statements.iter().any(|said| placement(said).is_some_and(is_here));
    if !was_placed {
        since = Some(0);
    }
    for (place, said) in statements.iter().enumerate() {
        let Some(into) = placement(said) else { continue };
        let is_before = !was_placed && place < doubted_at;
        let is_for = |analyser: &String| *analyser == doubt.analyser;
        if is_here(into) {
            (since, left) = (since.or(Some(said.after_observation)), None);
        } else if !into.analyser.as_ref().is_none_or(is_for) {
            // Another tube of the donation, in a rack of another analyser.
        } else if let Some(from) = since.take_if(|_| !is_before) {
            stood.push((from, said.after_observation));
            left = Some(said.after_observation);
        }
    }
    stood.extend(since.map(|from| (from, i64::MAX)));
    (stood, left)
}

/// Every other loading that a tube of the donation was put into.
fn others<'f>(statements: &'f [RecordedStatement], loading: &str) -> Vec<(i64, Option<&'f str>)> {
    let placed = statements.iter().filter_map(|said| Some((said, placement(said)?)));
    let others = placed.filter(|(_, into)| into.loading != loading);
    others.map(|(said, into)| (said.after_observation, into.analyser.as_deref())).collect()
}

fn placement(said: &RecordedStatement) -> Option<&Placement> {
    let Statement::Placed(placement) = &said.statement else { return None };
    Some(placement)
}

impl Doubt<'_> {
    /// Whether this result is one of that analyser from that loading.
    fn is_of(&self, recorded: &RecordedObservation) -> bool {
        let id = recorded.id;
        recorded.analyser == self.said.analyser
            && self.stood.iter().any(|(from, to)| id > *from && id <= *to)
    }

    /// Whether this result is one from another loading: a tube had been put there for its analyser.
    fn is_of_another(&self, recorded: &RecordedObservation) -> bool {
        let is_for = |analyser: &str| analyser == recorded.analyser;
        !self.is_of(recorded)
            && self
                .others
                .iter()
                .any(|(after, analyser)| recorded.id > *after && analyser.is_none_or(is_for))
    }

    /// Whether nothing good of this result counts.
    pub(super) fn blocks(&self, recorded: &RecordedObservation) -> bool {
        self.settled.is_none() && self.is_of(recorded)
    }

    fn text(&self) -> String {
        let RackDoubt { loading, rack, analyser, message, text } = self.said;
        format!(
            "analyser {analyser} reported tubes of rack {rack} (loading {loading}) at other places \
             than its manifest: {text} (message {message})"
        )
    }
}

/// Tells every rack in doubt.
pub(super) fn judge(case: &CaseFile<'_>, docket: &mut Docket) {
    for doubt in &case.doubts {
        let assays = Assay::ALL.into_iter();
        let own = assays.map(|assay| (assay, of_assay(case, doubt, assay)));
        let own: Vec<(Assay, Vec<i64>)> = own.filter(|(_, ids)| !ids.is_empty()).collect();
        for (assay, ids) in &own {
            let is_over = has_another(case, doubt, *assay, ids);
            tell(doubt, Some(*assay), ids, is_over, docket);
        }
        if own.is_empty() {
            let is_over = doubt.left.is_some_and(|left| counts_after(case, left));
            tell(doubt, None, &[], is_over, docket);
        }
    }
}

/// The results of an assay that are in doubt.
fn of_assay(case: &CaseFile<'_>, doubt: &Doubt<'_>, assay: Assay) -> Vec<i64> {
    let own = case.results(assay).iter().filter(|result| doubt.is_of(result.recorded));
    own.map(Determination::id).collect()
}

/// Whether the test was done again from another loading, on whatever analyser: after each result in
/// doubt, and with the same kit where the check wants several.
fn has_another(case: &CaseFile<'_>, doubt: &Doubt<'_>, assay: Assay, ids: &[i64]) -> bool {
    let results = case.results(assay);
    let by_kit = case.rules.checks().iter().any(|check| {
        check.rounds > 1 && check.evidence.iter().flatten().any(|known| *known == assay)
    });
    let in_doubt = results.iter().filter(|result| ids.contains(&result.id()));
    in_doubt.into_iter().all(|old| {
        results.iter().any(|new| {
            let is_other = doubt.is_of_another(new.recorded);
            let is_new = new.id() > old.id() && is_other && says_something(new);
            is_new && (!by_kit || new.same_kit(old))
        })
    })
}

fn counts_after(case: &CaseFile<'_>, after: i64) -> bool {
    let mut results = Assay::ALL.into_iter().flat_map(|assay| case.results(assay));
    results.any(|new| new.id() > after && says_something(new))
}

fn says_something(result: &Determination<'_>) -> bool {
    let observation = result.observation();
    result.standing == Standing::Counts
        && !result.is_correction()
        && (observation.reading.is_some() || observation.number.is_some())
}

fn tell(doubt: &Doubt<'_>, assay: Option<Assay>, ids: &[i64], is_over: bool, docket: &mut Docket) {
    let about = assay.map_or(String::new(), |assay| format!("{}: ", wording::label(assay)));
    let found = match ids {
        [] => String::new(),
        ids => format!(" ({})", wording::observations(ids)),
    };
    let end = match (doubt.settled, is_over) {
        (Some(RackSettled { proposed_by, agreed_by, .. }), _) => {
            format!("; the tubes were identified: proposed by {proposed_by}, agreed by {agreed_by}")
        }
        (None, true) => "; tested again from another loading".to_owned(),
        (None, false) => String::new(),
    };
    let is_open = doubt.settled.is_none() && !is_over;
    let reason = Reason {
        code: ReasonCode::RackMismatch,
        verdict: if is_open { Verdict::Hold } else { Verdict::Releasable },
        assay,
        subject: Some(doubt.said.rack.clone()),
        clause: None,
        observations: ids.to_vec(),
        messages: vec![doubt.said.message],
        text: format!("{about}{}{found}{end}", doubt.text()),
    };
    if !is_open {
        docket.remark(reason);
    } else if docket.hold_back(reason) {
        docket.ask(Action::IdentifyTubes, assay, Some(&doubt.said.rack));
    }
}
