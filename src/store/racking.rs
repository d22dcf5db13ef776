//! Racks: what people may put on record about them, and what follows when an analyser reports
//! another place than the manifest's.
//!
//! The last line of defence behind whoever asks: a tube stands at one place, a place holds one
//! tube, and a number that is a rack's is no tube's, whatever was looked at before. Refused with
//! where the tube stands and what to do.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::book::{Book, Cause, Touched};
use super::chain::Cell;
use super::errors::Trouble;
use super::judging::{is_same_person, is_undecided};
use super::putting::{PreparedRecord, PutOnRecord, refused};
use super::rack_history::RackHistory;
use super::rack_view::LoadingState;
use super::racks::{Doubted, InUse, Misplaced, Racks, is_at, is_same_rack};
use super::schema::Table;
use super::{Entry, rows};
use crate::domain::{
    Correction, DonationNumber, Facts, Matter, Observation, Placement, Proposal, RackDoubt,
    RackPlan, RackRecord, RackSettled, RackStep, Record, RecordedObservation, RecordedStatement,
    Statement,
};
use crate::limits;

impl Book {
    /// Takes a step of a loading.
    pub(super) fn put_rack(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        rack: &RackRecord,
    ) -> Result<PutOnRecord, Trouble> {
        let history = RackHistory::load(connection, &rack.loading)?;
        let by = prepared.by();
        let met = match (&rack.step, &history) {
            (RackStep::Opened(plan), None) => self.opening_met(connection, rack, plan)?,
            (RackStep::Opened(plan), Some(history)) => Some(opened_before(history, rack, plan, by)),
            (_, None) => Some(refused(0, format!("there is no loading {:?}", rack.loading))),
            (step, Some(history)) => step_met(history, rack, step, by),
        };
        if let Some(met) = met {
            return Ok(met);
        }
        let subject = [rack.loading.as_str(), step_word(&rack.step)];
        let record = self.append_record(connection, prepared, "", subject)?;
        if let (RackStep::Agreed(proposal), Some(history)) = (&rack.step, &history) {
            self.settle_rack(connection, rack, history, (*proposal, by), record)?;
        }
        self.racks_changed(connection, &rack.loading)?;
        Ok(PutOnRecord::New { record })
    }

    /// Why a rack may not be opened.
    fn opening_met(
        &self,
        connection: &Connection,
        rack: &RackRecord,
        plan: &RackPlan,
    ) -> Result<Option<PutOnRecord>, Trouble> {
        let met = |record: i64, why: String| Ok(Some(refused(record, why)));
        let name = rack.rack.trim();
        if name.is_empty() || rack.loading.trim().is_empty() {
            return met(0, "a rack and its loading must have a name: scan the rack".to_owned());
        }
        if !(1..=limits::RACK_POSITIONS_MAX).contains(&plan.positions) {
            let most = limits::RACK_POSITIONS_MAX;
            return met(0, format!("rack {name} must have 1 to {most} positions"));
        }
        if let Some((loading, in_use)) = self.racks.of_rack(name) {
            let why = format!(
                "rack {name} is in use by loading {loading}: end that one first, or scan the bar \
                 code of the rack again"
            );
            return met(in_use.opened, why);
        }
        let din = DonationNumber::restored(name.to_owned());
        let is_tube = self.racks.places(&din).next().is_some();
        if is_tube || rows::registration(connection, &din)?.is_some() {
            let why = format!(
                "{name} is the number of a donation and no rack: a tube was scanned in place of \
                 its rack; scan the rack"
            );
            return met(0, why);
        }
        Ok(None)
    }

    /// Why a tube may not be put where somebody says; with the record where it stands.
    pub(super) fn placing_met(
        &self,
        facts: &Facts,
        placement: &Placement,
        by: &str,
    ) -> Option<PutOnRecord> {
        let Some(in_use) = self.racks.get(&placement.loading) else {
            let loading = &placement.loading;
            return Some(refused(0, format!("loading {loading} is not in use: open it first")));
        };
        let (din, position) = (&facts.din, placement.position);
        if let Some(tube) = in_use.tubes.get(&position)
            && tube.din == *din
            && is_same_person(&tube.placed.by, by)
        {
            return Some(PutOnRecord::Same { record: tube.placed.record });
        }
        let of_rack = rack_met(in_use, placement);
        let met = of_rack.or_else(|| self.place_met(in_use, din, position));
        let met = met.or_else(|| self.tube_met(facts, in_use.plan.analyser.as_deref()));
        met.map(|(record, why)| refused(record, why))
    }

    fn place_met(
        &self,
        in_use: &InUse,
        din: &DonationNumber,
        position: u32,
    ) -> Option<(i64, String)> {
        if let Some(tube) = in_use.tubes.get(&position) {
            let why = format!(
                "position {position} of rack {} holds {}: take that tube out first, or use \
                 another position",
                in_use.rack, tube.din
            );
            return Some((tube.placed.record, why));
        }
        let (loading, other) = self.racks.of_rack(din.as_str())?;
        let why = format!(
            "{din} is the bar code of the rack of loading {loading}, and no tube: scan the tube \
             again"
        );
        Some((other.opened, why))
    }

    /// What stands against the tube itself.
    /// A donation has several tubes, in racks of several analysers; for one analyser it has one,
    /// and in a rack that is compared with none it may be any of them.
    fn tube_met(&self, facts: &Facts, analyser: Option<&str>) -> Option<(i64, String)> {
        let din = &facts.din;
        let is_alike = |other: &InUse| match (other.plan.analyser.as_deref(), analyser) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        };
        let stands = |loading: &str, other: &InUse, position: u32| {
            let record = other.tubes.get(&position).map_or(0, |tube| tube.placed.record);
            let why = format!(
                "{din} stands at position {position} of rack {} (loading {loading}): are there \
                 two tubes with this number? If not, take it out there or end that loading first",
                other.rack
            );
            (record, why)
        };
        let mut places = self.racks.places(din).filter(|(_, other, _)| is_alike(other));
        if let Some((loading, other, position)) = places.next() {
            return Some(stands(loading, other, position));
        }
        let Some(registration) = &facts.registration else {
            return Some((0, format!("{din} is not registered: put the tube aside and ask")));
        };
        let deferral = deferral(facts);
        if registration.donor.deferred || deferral.is_some() {
            let why = format!("the donor of {din} is deferred: put the tube aside, test nothing");
            return Some((deferral.unwrap_or_default(), why));
        }
        None
    }

    /// Why a tube may not be taken out.
    pub(super) fn taking_out_met(
        &self,
        din: &DonationNumber,
        loading: &str,
    ) -> Option<PutOnRecord> {
        let Some(in_use) = self.racks.get(loading) else {
            return Some(refused(0, format!("loading {loading} is not in use")));
        };
        if in_use.is_closed {
            let why = format!("loading {loading} is closed: its manifest is fixed");
            return Some(refused(in_use.opened, why));
        }
        let stands = in_use.tubes.values().any(|tube| tube.din == *din);
        let why = || format!("{din} does not stand in rack {} (loading {loading})", in_use.rack);
        (!stands).then(|| refused(in_use.opened, why()))
    }

    /// Notes where a tube was put.
    pub(super) fn append_tube(
        &mut self,
        connection: &Connection,
        record: i64,
        din: &DonationNumber,
        placement: &Placement,
    ) -> Result<(), Trouble> {
        let cells = [
            Cell::Integer(record),
            Cell::Text(&placement.loading),
            Cell::Text(&placement.rack),
            Cell::Integer(i64::from(placement.position)),
            Cell::Text(din.as_str()),
        ];
        self.append_always(connection, Table::RackTube, &cells).map(drop)
    }

    /// Reads again what is in memory of a loading.
    pub(super) fn racks_changed(
        &mut self,
        connection: &Connection,
        loading: &str,
    ) -> Result<(), Trouble> {
        Arc::make_mut(&mut self.racks).read_again(connection, loading)
    }

    /// Compares what a message reports of places with the manifests of the racks in use. Where they
    /// differ, every tube of such a rack is in doubt from this transaction on.
    pub(super) fn compare_places(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        if !self.racks.are_told_by(&entry.analyser) {
            return Ok(());
        }
        let racks = Arc::clone(&self.racks);
        let mut found: BTreeMap<String, Vec<(DonationNumber, Misplaced)>> = BTreeMap::new();
        for din in touched.donations() {
            let case = touched.case(&mut self.cases, connection, &din)?;
            let results = case.facts.observations.iter();
            for result in results.filter(|result| result.message == message) {
                for misplaced in racks.misplaced(&entry.analyser, &din, &result.observation) {
                    let goes_on = has_gone_on(&racks, &misplaced, &din, &case.facts, result);
                    let settled = is_settled(&racks, &misplaced, &case.facts, &result.observation);
                    if !goes_on && !settled {
                        let of_loading = found.entry(misplaced.loading.clone()).or_default();
                        of_loading.push((din.clone(), misplaced));
                    }
                }
            }
        }
        for (loading, misplaced) in found {
            let Some(in_use) = racks.get(&loading) else { continue };
            let Some((_, first)) = misplaced.first() else { continue };
            let doubt = RackDoubt {
                loading: loading.clone(),
                rack: in_use.rack.clone(),
                analyser: entry.analyser.clone(),
                message,
                text: first.text.clone(),
            };
            self.doubt(connection, in_use, &doubt, misplaced, touched)?;
            self.racks_changed(connection, &loading)?;
        }
        Ok(())
    }

    /// Tells every tube of a loading that its rack is in doubt, and those that are in it by the
    /// analyser's word alone; where it is in doubt already, only such a one that is new.
    fn doubt(
        &mut self,
        connection: &Connection,
        in_use: &InUse,
        doubt: &RackDoubt,
        misplaced: Vec<(DonationNumber, Misplaced)>,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let mut told: Vec<DonationNumber> = Vec::new();
        if in_use.doubt != Doubted::Now {
            told.extend(in_use.tubes.values().map(|tube| tube.din.clone()));
        }
        for (din, _) in misplaced.into_iter().filter(|(_, misplaced)| misplaced.is_extra) {
            let case = touched.case(&mut self.cases, connection, &din)?;
            if !told.contains(&din) && !is_doubted(&case.facts, doubt) {
                told.push(din);
            }
        }
        for din in told {
            let said = Statement::RackInDoubt(doubt.clone());
            self.say_because(connection, &din, said, &doubt.loading, touched)?;
        }
        Ok(())
    }

    /// Tells everybody that two people settled what an analyser reported of a loading.
    fn settle_rack(
        &mut self,
        connection: &Connection,
        rack: &RackRecord,
        history: &RackHistory,
        (proposal, by): (i64, &str),
        record: i64,
    ) -> Result<(), Trouble> {
        let proposed = history.proposals.iter().find(|one| one.record == proposal);
        let Some(proposed) = proposed else { return Ok(()) };
        let Some(doubt) = history.open_doubt(&proposed.analyser) else { return Ok(()) };
        let settled = RackSettled {
            loading: rack.loading.clone(),
            analyser: proposed.analyser.clone(),
            proposed_by: proposed.by.clone(),
            agreed_by: by.to_owned(),
        };
        let mut touched = Touched::default();
        for din in &doubt.donations {
            let said = Statement::RackSettled(settled.clone());
            self.say_because(connection, din, said, &rack.loading, &mut touched)?;
        }
        self.decide_touched(connection, touched, Cause::Record(record))
    }

    /// Says something about a donation in the name of the program, because of what is on record
    /// about a rack or a message. It is decided about by whoever asks.
    pub(super) fn say_because(
        &mut self,
        connection: &Connection,
        din: &DonationNumber,
        statement: Statement,
        subject: &str,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let by = concat!("hemogate ", env!("CARGO_PKG_VERSION")).to_owned();
        // Read before the row is written, so that it does not hold the new one already.
        touched.case(&mut self.cases, connection, din)?;
        let record = Record::Donation(din.clone(), statement.clone());
        let prepared = PreparedRecord::new(record, by)?;
        let marks = *self.journal.marks();
        let id = self.append_record(connection, &prepared, din.as_str(), [subject, ""])?;
        let said = RecordedStatement {
            id,
            by: prepared.by().to_owned(),
            at: self.now(),
            after_observation: marks.of(Table::Observation),
            statement,
        };
        touched.case(&mut self.cases, connection, din)?.hear(said, marks.of(Table::Verdict));
        Ok(())
    }
}

/// What a step is called in its row.
const fn step_word(step: &RackStep) -> &'static str {
    match step {
        RackStep::Opened(_) => "opened",
        RackStep::Closed => "closed",
        RackStep::Ended(_) => "ended",
        RackStep::Proposed { .. } => "proposed",
        RackStep::Agreed(_) => "agreed",
        RackStep::TurnedDown(_) => "turned_down",
    }
}

/// A loading of this name is on record.
fn opened_before(
    history: &RackHistory,
    rack: &RackRecord,
    plan: &RackPlan,
    by: &str,
) -> PutOnRecord {
    let record = history.opened.record;
    if history.plan == *plan && history.rack == rack.rack && history.opened.by == by {
        return PutOnRecord::Same { record };
    }
    let why = format!(
        "loading {:?} is on record, of rack {} by {}: give the new one another name",
        rack.loading, history.rack, history.opened.by
    );
    refused(record, why)
}

/// Why a step may not follow what is on record of a loading.
fn step_met(
    history: &RackHistory,
    rack: &RackRecord,
    step: &RackStep,
    by: &str,
) -> Option<PutOnRecord> {
    let met = |why: String| Some(refused(history.opened.record, why));
    let loading = &rack.loading;
    if history.rack != rack.rack {
        return met(format!("loading {loading} is of rack {}, not of {}", history.rack, rack.rack));
    }
    match (step, &history.state) {
        (RackStep::Opened(_), _) => met(format!("loading {loading} is on record")),
        (RackStep::Closed | RackStep::Ended(_), LoadingState::Ended { by, .. }) => {
            met(format!("loading {loading} was ended by {by}"))
        }
        (RackStep::Closed, LoadingState::Closed { by, .. }) => {
            met(format!("loading {loading} was closed by {by}"))
        }
        (RackStep::Ended(why), _) if why.trim().is_empty() => {
            met(format!("why loading {loading} is ended must be said"))
        }
        (RackStep::Closed | RackStep::Ended(_), _) => None,
        (RackStep::Proposed { analyser, grounds }, _) => {
            if history.open_doubt(analyser).is_none() {
                return met(format!(
                    "what {analyser} reported of loading {loading} is not in doubt"
                ));
            }
            let is_blank = grounds.text.trim().is_empty();
            if is_blank { met("the grounds must be said in words".to_owned()) } else { None }
        }
        (RackStep::Agreed(of), _) => agreement_met(history, *of, by),
        (RackStep::TurnedDown(of), _) => {
            let proposal = history.proposals.iter().find(|one| one.record == *of);
            is_undecided(*of, proposal.map(|one| (one.by.as_str(), one.decided.as_ref()))).err()
        }
    }
}

fn agreement_met(history: &RackHistory, of: i64, by: &str) -> Option<PutOnRecord> {
    let proposal = history.proposals.iter().find(|one| one.record == of);
    let undecided = is_undecided(of, proposal.map(|one| (one.by.as_str(), one.decided.as_ref())));
    if let Err(met) = undecided {
        return Some(met);
    }
    let proposal = proposal?;
    if is_same_person(&proposal.by, by) {
        return Some(refused(of, "who proposes does not agree: ask somebody else".to_owned()));
    }
    let again = match history.open_doubt(&proposal.analyser) {
        None => return Some(refused(of, "nothing is in doubt any more".to_owned())),
        Some(doubt) => doubt.noted.record > of,
    };
    let why = "the rack was reported wrongly once more since that was proposed: look again";
    again.then(|| refused(of, why.to_owned()))
}

/// What stands against putting anything into a rack there.
fn rack_met(in_use: &InUse, placement: &Placement) -> Option<(i64, String)> {
    let Placement { loading, rack, position, analyser } = placement;
    let positions = in_use.plan.positions;
    let why = if !is_same_rack(rack, &in_use.rack) || *analyser != in_use.plan.analyser {
        format!("loading {loading} is of rack {} for another analyser or rack", in_use.rack)
    } else if in_use.is_closed {
        format!("loading {loading} is closed: its manifest is fixed; end it and load again")
    } else if in_use.doubt == Doubted::Now {
        format!("rack {rack} is in doubt: end loading {loading}, and load another rack")
    } else if !(1..=positions).contains(position) {
        format!("rack {rack} has positions 1 to {positions}, and {position} is none of them")
    } else {
        return None;
    };
    Some((in_use.opened, why))
}

/// The record that defers the donor after registration.
fn deferral(facts: &Facts) -> Option<i64> {
    facts.statements.iter().find(|said| is_deferral(said, facts)).map(|said| said.id)
}

fn is_deferral(said: &RecordedStatement, facts: &Facts) -> bool {
    match &said.statement {
        Statement::Deferred => true,
        Statement::Proposed(Proposal {
            matter: Matter::Correction(Correction { donor: Some(donor), .. }),
            ..
        }) => {
            let agrees = |other: &RecordedStatement| other.statement == Statement::Agreed(said.id);
            donor.deferred && facts.statements.iter().any(agrees)
        }
        _ => false,
    }
}

/// Whether a tube that was confirmed at its place is reported in another rack: it was taken there
/// for a repeat. That says nothing of the places in this one.
fn has_gone_on(
    racks: &Racks,
    misplaced: &Misplaced,
    din: &DonationNumber,
    facts: &Facts,
    result: &RecordedObservation,
) -> bool {
    let Some(in_use) = racks.get(&misplaced.loading) else { return false };
    let place = in_use.tubes.iter().find(|(_, tube)| tube.din == *din);
    let (Some((position, tube)), Some(rack)) = (place, result.observation.rack.as_deref()) else {
        return false;
    };
    let planned = (in_use.rack.as_str(), *position);
    !is_same_rack(rack, &in_use.rack)
        && facts.observations.iter().any(|found| {
            let (rack, at) = (&found.observation.rack, &found.observation.position);
            found.id > tube.placed.after_observation
                && found.message < result.message
                && found.analyser == result.analyser
                && is_at(rack.as_deref(), at.as_deref(), planned) == Some(true)
        })
}

/// Whether two people settled that this analyser reports the donation at such a place.
fn is_settled(
    racks: &Racks,
    misplaced: &Misplaced,
    facts: &Facts,
    observation: &Observation,
) -> bool {
    let Some(InUse { doubt: Doubted::Settled(after), plan, .. }) = racks.get(&misplaced.loading)
    else {
        return false;
    };
    facts.observations.iter().any(|found| {
        found.id <= *after
            && Some(&found.analyser) == plan.analyser.as_ref()
            && found.observation.rack == observation.rack
            && found.observation.position == observation.position
    })
}

/// Whether a donation was told of a doubt about this loading and analyser that stands.
fn is_doubted(facts: &Facts, doubt: &RackDoubt) -> bool {
    let last = facts.statements.iter().rev().find_map(|said| match &said.statement {
        Statement::RackInDoubt(known) => {
            (known.loading == doubt.loading && known.analyser == doubt.analyser).then_some(true)
        }
        Statement::RackSettled(known) => {
            (known.loading == doubt.loading && known.analyser == doubt.analyser).then_some(false)
        }
        _ => None,
    });
    last.unwrap_or_default()
}
