//! Looks after the rule set in force: known-bad donations are decided by it at start and every hour,
//! and where one comes out releasable, all release stops (FM-33). Says as well when the day of
//! another rule set has come and this one still decides.
//!
//! A panic while a canary is decided counts as one that came out releasable: whatever cannot say
//! *no* must not say *yes* either.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::At;
use crate::limits;
use crate::link::Moment;
use crate::rules::RuleSet;
use crate::rules::canary::{self, Flight};
use crate::rules::life::{State, day, told};
use crate::store::{RuleSetRecord, Store};
use crate::telemetry::Telemetry;

/// How canaries are decided.
type Fly = fn(&RuleSet, Timestamp) -> Flight;

/// The guard of one rule set.
pub(super) struct Guard {
    rules: Arc<RuleSet>,
    fly: Fly,
    due: Moment,
}

impl Guard {
    /// The first look, before anything is decided; why release must be stopped, where it must.
    pub(super) fn first(rules: &Arc<RuleSet>, at: At) -> (Guard, Option<String>) {
        Guard::flying(rules, at, canary::fly)
    }

    fn flying(rules: &Arc<RuleSet>, at: At, fly: Fly) -> (Guard, Option<String>) {
        let mut guard = Guard { rules: Arc::clone(rules), fly, due: at.moment };
        let flight = guard.flight(at);
        if let Some(why) = &flight.unsound {
            tracing::info!(
                "{} known-bad donations were decided, and none came out releasable; but neither \
                 would one in which nothing is wrong: {why}",
                flight.decided
            );
        }
        let alarm = flight.alarm();
        (guard, alarm)
    }

    /// Decides the canaries where their hour has come; an alarm stops all release.
    pub(super) fn look(&mut self, at: At, store: &Store, telemetry: &Telemetry) {
        if at.moment < self.due {
            return;
        }
        if let Some(why) = self.flight(at).alarm() {
            telemetry.release_stopped(&why);
            store.stop_release(why);
        }
        match store.rule_sets() {
            Ok(sets) => overdue(&sets, &self.rules.identity().sha256, day(at.utc))
                .iter()
                .for_each(|words| tracing::warn!("{words}")),
            Err(error) => tracing::warn!(%error, "the lives of rule sets could not be read"),
        }
    }

    fn flight(&mut self, at: At) -> Flight {
        self.due = at.moment.plus(limits::CANARY_EVERY);
        let (rules, fly) = (Arc::clone(&self.rules), self.fly);
        let flown = catch_unwind(AssertUnwindSafe(|| fly(&rules, at.utc)));
        flown.unwrap_or_else(|_| Flight {
            released: vec!["deciding about one panicked".to_owned()],
            ..Flight::default()
        })
    }
}

/// Another rule set whose day has come, later than that of the one that decides.
fn overdue(sets: &[RuleSetRecord], deciding: &str, today: Date) -> Option<String> {
    let since = |set: &RuleSetRecord| match set.life.state() {
        State::Active(from) if from <= today => Some(from),
        State::Active(_)
        | State::Unknown
        | State::Draft
        | State::Checked
        | State::Shadow
        | State::ApprovedOnce
        | State::Approved
        | State::Retired => None,
    };
    let own = sets.iter().find(|set| set.identity.sha256 == deciding).and_then(since);
    let others = sets.iter().filter(|set| set.identity.sha256 != deciding);
    let later = others.filter_map(|set| Some((since(set)?, set)));
    let (from, next) = later.filter(|(from, _)| Some(*from) > own).max_by_key(|(from, _)| *from)?;
    Some(format!(
        "the rule set {} is to decide since {from}, and another one still does: name it under \
         [rules] and start again, or give it another day (hemogate rules activate)",
        told(&next.identity)
    ))
}
