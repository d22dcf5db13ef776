//! What the writer is asked to do, and how it answers.

use super::order::{Slice, SliceDone};
use super::prepared::Prepared;
use super::shadow::ShadowVerdict;
use super::shared::call;
use super::{Recorded, Registered, Reply, RuleStep, StepOutcome, StoreError};
use crate::domain::{OrderStanding, Registration};

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
            Task::OweDecisions(_) | Task::ShadowVerdict(..) => 0,
            Task::RuleStep(step, _) => step.bytes(),
            Task::KeepProfile([_, _, text], _) => text.len(),
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
}

/// Answers a task that was not done.
pub(super) fn refuse(task: Task, error: &StoreError) {
    reply(task, Err(error.clone()));
}

/// Answers a task.
pub(super) fn reply(task: Task, outcome: Result<Done, StoreError>) {
    let mixed = || StoreError::Failed("the writer mixed up its answers".to_owned());
    match task {
        Task::Record(_, reply) => call(|| {
            reply(outcome.and_then(|done| match done {
                Done::Recorded(recorded) => Ok(recorded),
                Done::Registered(_)
                | Done::Kept
                | Done::Ordered(_)
                | Done::RuleStep(_)
                | Done::Settled => Err(mixed()),
            }));
        }),
        Task::Register(_, reply) => call(|| {
            reply(outcome.and_then(|done| match done {
                Done::Registered(registered) => Ok(registered),
                Done::Recorded(_)
                | Done::Kept
                | Done::Ordered(_)
                | Done::RuleStep(_)
                | Done::Settled => Err(mixed()),
            }));
        }),
        Task::Order(_, reply) => call(|| {
            reply(outcome.and_then(|done| match done {
                Done::Ordered(slice) => Ok(slice),
                Done::Recorded(_)
                | Done::Registered(_)
                | Done::Kept
                | Done::RuleStep(_)
                | Done::Settled => Err(mixed()),
            }));
        }),
        Task::RuleStep(_, reply) => call(|| {
            reply(outcome.and_then(|done| match done {
                Done::RuleStep(outcome) => Ok(outcome),
                Done::Recorded(_)
                | Done::Registered(_)
                | Done::Kept
                | Done::Ordered(_)
                | Done::Settled => Err(mixed()),
            }));
        }),
        Task::KeepProfile(_, reply)
        | Task::Settle(_, _, _, reply)
        | Task::OweDecisions(reply)
        | Task::ShadowVerdict(_, reply) => {
            call(|| reply(outcome.map(drop)));
        }
    }
}
