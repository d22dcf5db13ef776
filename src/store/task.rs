//! What the writer is asked to do, and how it answers.

use super::accounts::UserEvent;
use super::donor_events::Acknowledged;
use super::order::{Slice, SliceDone};
use super::prepared::Prepared;
use super::putting::{PreparedRecord, PutOnRecord};
use super::read_again::{ReadAgain, ReadAgainOutcome};
use super::shadow::ShadowVerdict;
use super::shared::call;
use super::{Recorded, Registered, Reply, RuleStep, StepOutcome, StoreError};
use crate::domain::{DonationNumber, OrderStanding, Registration};

/// What the writer is asked to do.
pub(super) enum Task {
    /// Record a message.
    Record(Box<Prepared>, Reply<Recorded>),
    /// Register a donation.
    Register(Box<Registration>, Reply<Registered>),
    /// Keep a profile: name, SHA-256, text.
    KeepProfile([String; 3], Reply<()>),
    /// Issue the orders of a slice of a request.
    Order(Box<Slice>, Reply<SliceDone>),
    /// Record how orders stand.
    Settle(Vec<String>, OrderStanding, String, Reply<()>),
    /// Put records on record, by somebody who saw a donation under a version of its verdict or by
    /// anybody.
    PutOnRecord(Option<(DonationNumber, i64)>, Vec<PreparedRecord>, Reply<Vec<PutOnRecord>>),
    /// Note that something happened to an account.
    UserEvent(Box<UserEvent>, Reply<i64>),
    /// Try what a message says when it is read again, or agree to it.
    ReadAgain(Box<ReadAgain>, Reply<ReadAgainOutcome>),
    /// Note who took a donor event over.
    Acknowledge(i64, String, Reply<Acknowledged>),
    /// Take steps in the life of a rule set.
    RuleStep(Box<RuleStep>, Reply<StepOutcome>),
    /// Note that the next start decides about everything again.
    OweDecisions(Reply<()>),
    /// Put on record what a rule set in the shadow concluded.
    ShadowVerdict(Box<ShadowVerdict>, Reply<()>),
}

impl Task {
    /// What it carries of an analyser's bytes.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = match self {
            Task::Record(prepared, _) => prepared.bytes(),
            Task::Register(..) | Task::Order(..) | Task::Settle(..) => 0,
            Task::OweDecisions(_) | Task::ShadowVerdict(..) | Task::Acknowledge(..) => 0,
            Task::RuleStep(step, _) => step.bytes(),
            Task::KeepProfile([_, _, text], _) => text.len(),
            Task::UserEvent(event, _) => event.payload.len(),
            Task::ReadAgain(again, _) => again.bytes(),
            Task::PutOnRecord(_, records, _) => records.iter().map(PreparedRecord::bytes).sum(),
        };
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// What became of a task.
pub(super) enum Done {
    Recorded(Recorded),
    Registered(Registered),
    Kept,
    Ordered(SliceDone),
    RuleStep(StepOutcome),
    Settled,
    OnRecord(Vec<PutOnRecord>),
    UserEvent(i64),
    ReadAgain(ReadAgainOutcome),
    Acknowledged(Acknowledged),
}

/// Answers a task that was not done.
pub(super) fn refuse(task: Task, error: &StoreError) {
    reply(task, Err(error.clone()));
}

/// Answers a task.
pub(super) fn reply(task: Task, outcome: Result<Done, StoreError>) {
    match task {
        Task::Record(_, reply) => answer(reply, outcome, Done::recorded),
        Task::Register(_, reply) => answer(reply, outcome, Done::registered),
        Task::Order(_, reply) => answer(reply, outcome, Done::ordered),
        Task::PutOnRecord(_, _, reply) => answer(reply, outcome, Done::on_record),
        Task::UserEvent(_, reply) => answer(reply, outcome, Done::user_event),
        Task::ReadAgain(_, reply) => answer(reply, outcome, Done::read_again),
        Task::Acknowledge(_, _, reply) => answer(reply, outcome, Done::acknowledged),
        Task::RuleStep(_, reply) => answer(reply, outcome, Done::rule_step),
        Task::KeepProfile(_, reply)
        | Task::Settle(_, _, _, reply)
        | Task::OweDecisions(reply)
        | Task::ShadowVerdict(_, reply) => {
            call(|| reply(outcome.map(drop)));
        }
    }
}

fn answer<T>(
    reply: Reply<T>,
    outcome: Result<Done, StoreError>,
    own: impl FnOnce(Done) -> Option<T>,
) {
    let mixed = || StoreError::Failed("the writer mixed up its answers".to_owned());
    call(|| reply(outcome.and_then(|done| own(done).ok_or_else(mixed))));
}

macro_rules! is {
    ($name:ident, $variant:ident, $type:ty) => {
        fn $name(self) -> Option<$type> {
            if let Done::$variant(done) = self { Some(done) } else { None }
        }
    };
}

impl Done {
    is!(recorded, Recorded, Recorded);
    is!(registered, Registered, Registered);
    is!(ordered, Ordered, SliceDone);
    is!(rule_step, RuleStep, StepOutcome);
    is!(on_record, OnRecord, Vec<PutOnRecord>);
    is!(user_event, UserEvent, i64);
    is!(read_again, ReadAgain, ReadAgainOutcome);
    is!(acknowledged, Acknowledged, Acknowledged);
}
