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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::clock;
    use crate::domain::RuleSetIdentity;
    use crate::rules::life::{Life, Step, Taken};
    use crate::store::Options;

    static FLIGHTS: AtomicUsize = AtomicUsize::new(0);

    /// Good the first two times.
    fn failing_later(_: &RuleSet, _: Timestamp) -> Flight {
        let is_good = FLIGHTS.fetch_add(1, Ordering::Relaxed) < 2;
        let released = if is_good { Vec::new() } else { vec!["a reactive one".to_owned()] };
        Flight { decided: 9, released, unsound: None }
    }

    fn panicking(_: &RuleSet, _: Timestamp) -> Flight {
        panic!("a canary")
    }

    fn rules() -> Arc<RuleSet> {
        Arc::new(RuleSet::parse("cn", crate::rules::shipped("cn").unwrap()).unwrap())
    }

    #[test]
    fn canaries_fly_at_start_and_each_hour_and_the_first_that_is_released_stops_release() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let store = Store::open(Options { path, rules: rules(), utc: clock::utc }).unwrap();
        let (telemetry, start) = (Telemetry::new(), clock::now());
        let (mut guard, stopped) = Guard::flying(&rules(), start, failing_later);
        assert_eq!(stopped, None);
        let mut look = |after: Duration| {
            let at = At { moment: start.moment.plus(after), utc: start.utc };
            guard.look(at, &store, &telemetry);
            (FLIGHTS.load(Ordering::Relaxed), store.release_stopped().is_some())
        };
        let hour = limits::CANARY_EVERY;
        assert_eq!(look(hour - Duration::from_millis(1)), (1, false));
        assert_eq!(look(hour), (2, false));
        assert_eq!(look(hour * 2 - Duration::from_millis(1)), (2, false));
        assert_eq!(look(hour * 2), (3, true));
    }

    #[test]
    fn a_canary_that_panics_stops_release() {
        let (_, stopped) = Guard::flying(&rules(), clock::now(), panicking);
        assert!(stopped.unwrap().contains("panicked"));
    }

    fn set(sha256: &str, from: Option<Date>) -> RuleSetRecord {
        let mut life = Life::default();
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let way = [Step::Draft, Step::Check, Step::Shadow, Step::Approve, Step::Approve];
        let way = way.into_iter().chain(from.map(Step::Activate));
        for (number, step) in way.enumerate() {
            let by = format!("person {number}");
            life.take(Taken { step, by, at, detail: String::new() }).unwrap();
        }
        let (name, version) = ("cn".to_owned(), sha256.to_owned());
        let identity = RuleSetIdentity { name, version, sha256: sha256.to_owned() };
        RuleSetRecord { identity, text: String::new(), life, decides: false }
    }

    #[test]
    fn a_rule_set_whose_day_has_come_later_than_that_of_the_deciding_one_is_told() {
        let day = |day| jiff::civil::date(2026, 2, day);
        let sets = [set("aa", Some(day(1))), set("bb", Some(day(10))), set("cc", None)];
        assert_eq!(overdue(&sets, "aa", day(9)), None);
        assert!(overdue(&sets, "aa", day(10)).unwrap().contains("cn bb"));
        assert_eq!(overdue(&sets, "bb", day(20)), None);
        assert!(overdue(&sets, "unknown", day(9)).unwrap().contains("cn aa"));
    }
}
