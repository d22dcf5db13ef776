//! One loading of one rack, folded from its records: the steps that people took, the tubes they put
//! in and took out, what was in doubt of it and what was settled.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use rusqlite::Connection;

use super::errors::Trouble;
use super::rack_view::{LoadingDoubt, LoadingState, ProposalDecided, RackProposal};
use super::record_rows::{self, RecordRow};
use crate::domain::{
    DonationNumber, Placement, RackDoubt, RackPlan, RackRecord, RackSettled, RackStep, Record,
    Statement,
};

/// What the records of a loading come to.
pub(super) struct RackHistory {
    pub(super) rack: String,
    pub(super) plan: RackPlan,
    /// The record that began it.
    pub(super) opened: Noted,
    pub(super) state: LoadingState,
    /// The last observation on record when it ended.
    pub(super) ended_after: Option<i64>,
    /// What stands in it now, by position.
    pub(super) tubes: BTreeMap<u32, Tube>,
    /// Every donation that ever stood in it.
    pub(super) ever: HashSet<DonationNumber>,
    pub(super) doubts: Vec<Doubt>,
    pub(super) proposals: Vec<RackProposal>,
}

/// Who put something on record, and when.
#[derive(Clone, Debug)]
pub(super) struct Noted {
    pub(super) record: i64,
    pub(super) by: String,
    pub(super) at: Timestamp,
    /// The last observation on record then.
    pub(super) after_observation: i64,
}

/// A tube at its place.
#[derive(Clone, Debug)]
pub(super) struct Tube {
    pub(super) din: DonationNumber,
    pub(super) placed: Noted,
}

/// A doubt, and whom it was told to.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    pub(super) what: LoadingDoubt,
    /// The first of its records.
    pub(super) noted: Noted,
    /// Donations whose results it blocks.
    pub(super) donations: Vec<DonationNumber>,
    /// The last observation on record when it was settled.
    pub(super) settled_after: Option<i64>,
}

impl RackHistory {
    /// Reads a loading; `None` where nobody opened it.
    pub(super) fn load(
        connection: &Connection,
        loading: &str,
    ) -> Result<Option<RackHistory>, Trouble> {
        let mut history: Option<RackHistory> = None;
        for row in record_rows::about_loading(connection, loading)? {
            let noted = Noted::of(&row);
            match (row.record, &mut history) {
                (Record::Rack(RackRecord { rack, step: RackStep::Opened(plan), .. }), none) => {
                    none.get_or_insert_with(|| RackHistory::opened(rack, plan, noted));
                }
                (Record::Rack(rack), Some(history)) => history.step(rack.step, noted),
                (Record::Donation(din, said), Some(history)) => history.said(din, said, noted),
                (
                    Record::Donation(..)
                    | Record::Kit(_)
                    | Record::Lot(_)
                    | Record::Target(_)
                    | Record::ControlFailure(_)
                    | Record::Pool(_)
                    | Record::Rack(_)
                    | Record::Message(_)
                    | Record::Run(_)
                    | Record::Eqa(_),
                    _,
                ) => {}
            }
        }
        Ok(history)
    }

    fn opened(rack: String, plan: RackPlan, opened: Noted) -> RackHistory {
        RackHistory {
            rack,
            plan,
            opened,
            state: LoadingState::Open,
            ended_after: None,
            tubes: BTreeMap::new(),
            ever: HashSet::new(),
            doubts: Vec::new(),
            proposals: Vec::new(),
        }
    }

    fn step(&mut self, step: RackStep, noted: Noted) {
        let Noted { record, by, at, after_observation } = noted;
        match step {
            RackStep::Opened(_) => {}
            RackStep::Closed => self.state = LoadingState::Closed { by, at },
            RackStep::Ended(why) => {
                self.ended_after = Some(after_observation);
                self.state = LoadingState::Ended { by, at, why };
            }
            RackStep::Proposed { analyser, grounds } => {
                let proposal = RackProposal { record, analyser, by, at, grounds, decided: None };
                self.proposals.push(proposal);
            }
            RackStep::Agreed(of) => {
                self.decide(of, ProposalDecided { record, agreed: true, by, at })
            }
            RackStep::TurnedDown(of) => {
                self.decide(of, ProposalDecided { record, agreed: false, by, at });
            }
        }
    }

    fn decide(&mut self, of: i64, decided: ProposalDecided) {
        if let Some(proposal) = self.proposals.iter_mut().find(|one| one.record == of) {
            proposal.decided.get_or_insert(decided);
        }
    }

    fn said(&mut self, din: DonationNumber, said: Statement, noted: Noted) {
        match said {
            Statement::Placed(Placement { position, .. }) => {
                self.ever.insert(din.clone());
                self.tubes.insert(position, Tube { din, placed: noted });
            }
            Statement::TakenOut(_) => self.tubes.retain(|_, tube| tube.din != din),
            Statement::RackInDoubt(doubt) => self.doubted(din, doubt, noted),
            Statement::RackSettled(settled) => self.settle(&settled, noted.after_observation),
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
            | Statement::MessageJudged(_)
            | Statement::Proposed(_)
            | Statement::Agreed(_)
            | Statement::TurnedDown(_) => {}
        }
    }

    /// Whom a doubt is told to one after the other is one doubt; an extra tube found later joins.
    fn doubted(&mut self, din: DonationNumber, doubt: RackDoubt, noted: Noted) {
        let open = self.doubts.iter_mut().find(|known| known.is_open_about(&doubt.analyser));
        match open {
            Some(known) => known.donations.push(din),
            None => self.doubts.push(Doubt {
                what: LoadingDoubt { doubt, at: noted.at, settled_by: None },
                noted,
                donations: vec![din],
                settled_after: None,
            }),
        }
    }

    fn settle(&mut self, settled: &RackSettled, after_observation: i64) {
        for doubt in self.doubts.iter_mut().filter(|one| one.is_open_about(&settled.analyser)) {
            let by = (settled.proposed_by.clone(), settled.agreed_by.clone());
            doubt.what.settled_by = Some(by);
            doubt.settled_after = Some(after_observation);
        }
    }

    /// The doubt about what an analyser reported that nobody settled.
    pub(super) fn open_doubt(&self, analyser: &str) -> Option<&Doubt> {
        self.doubts.iter().find(|doubt| doubt.is_open_about(analyser))
    }
}

impl Noted {
    fn of(row: &RecordRow) -> Noted {
        Noted {
            record: row.id,
            by: row.made_by.clone(),
            at: row.recorded_at,
            after_observation: row.after_observation,
        }
    }
}

impl Doubt {
    fn is_open_about(&self, analyser: &str) -> bool {
        self.what.settled_by.is_none() && self.what.doubt.analyser == analyser
    }
}
