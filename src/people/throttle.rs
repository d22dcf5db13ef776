//! Pauses after wrong passwords: what is typed wrongly now and then costs nothing, what is guessed
//! costs ever longer.
//!
//! ```text
//!  attempt 1..=FREE   at once                        right password
//!  attempt FREE+1     after PAUSE_FIRST        any ---------------------> attempt 1
//!  attempt FREE+n     after PAUSE_FIRST * 2^(n-1), at most PAUSE_MAX
//!                     quiet for FORGOTTEN_AFTER: attempt 1
//! ```
//!
//! Names that nobody has pause like others, so that a pause says nothing about names. An attempt
//! counts as wrong when it begins and is taken back when it was right: guesses at once gain
//! nothing.
//! Over all names together there are only so many wrong ones in a time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::limits;
use crate::link::Moment;

/// What a password is asked for. Wrong passwords at the door do not keep those inside from signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// To sign in.
    SignIn,
    /// To sign something, or to change the password.
    Sign,
}

/// How long nothing is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Until then no password is looked at.
    pub left: Duration,
}

/// Wrong attempts, by name and in all.
#[derive(Debug, Default)]
pub struct Throttle {
    wrong: BTreeMap<(String, Act), Wrong>,
    overall: Overall,
}

#[derive(Clone, Copy, Debug)]
struct Wrong {
    times: u32,
    last: Moment,
}

/// A bucket that wrong attempts fill and time empties.
#[derive(Debug, Default)]
struct Overall {
    filled: Duration,
    at: Moment,
}

impl Throttle {
    /// Begins an attempt, which counts as wrong until [`Throttle::right`] says otherwise.
    ///
    /// # Errors
    /// The pause that is left: no password may be looked at.
    pub fn begin(&mut self, name: &str, act: Act, now: Moment) -> Result<(), Pause> {
        let key = (shortened(name), act);
        let known = self.wrong.get(&key).copied().filter(|wrong| !wrong.is_forgotten(now));
        let left = known.map_or(Duration::ZERO, |wrong| wrong.left(now));
        let left = left.max(self.overall.left(now));
        if !left.is_zero() {
            return Err(Pause { left });
        }
        self.overall.fill();
        self.make_room(now);
        let times = known.map_or(0, |wrong| wrong.times).saturating_add(1);
        self.wrong.insert(key, Wrong { times, last: now });
        Ok(())
    }

    /// The attempt that was begun last was right.
    pub fn right(&mut self, name: &str, act: Act) {
        self.wrong.remove(&(shortened(name), act));
        self.overall.take_back();
    }

    /// Wrong attempts in a row.
    pub fn wrong_times(&self, name: &str, act: Act) -> u32 {
        self.wrong.get(&(shortened(name), act)).map_or(0, |wrong| wrong.times)
    }

    /// What was quiet long enough goes first, then what is oldest.
    fn make_room(&mut self, now: Moment) {
        if self.wrong.len() < limits::THROTTLED_NAMES_MAX {
            return;
        }
        self.wrong.retain(|_, wrong| !wrong.is_forgotten(now));
        while self.wrong.len() >= limits::THROTTLED_NAMES_MAX {
            let oldest = self.wrong.iter().min_by_key(|(_, wrong)| (wrong.times, wrong.last));
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            self.wrong.remove(&key);
        }
    }
}

impl Wrong {
    fn left(&self, now: Moment) -> Duration {
        let over = self.times.saturating_sub(limits::WRONG_PASSWORDS_FREE);
        if over == 0 {
            return Duration::ZERO;
        }
        let factor = 1_u32.checked_shl(over.saturating_sub(1)).unwrap_or(u32::MAX);
        let pause = limits::SIGN_IN_PAUSE_FIRST.saturating_mul(factor);
        let until = self.last.plus(pause.min(limits::SIGN_IN_PAUSE_MAX));
        until.since_start().saturating_sub(now.since_start())
    }

    fn is_forgotten(&self, now: Moment) -> bool {
        now >= self.last.plus(limits::WRONG_PASSWORDS_FORGOTTEN_AFTER)
    }
}

impl Overall {
    fn left(&mut self, now: Moment) -> Duration {
        let passed = now.since_start().saturating_sub(self.at.since_start());
        self.filled = self.filled.saturating_sub(passed);
        self.at = now;
        let full = limits::WRONG_PASSWORD_EVERY.saturating_mul(limits::WRONG_PASSWORDS_AT_ONCE);
        let next = self.filled.saturating_add(limits::WRONG_PASSWORD_EVERY);
        next.saturating_sub(full)
    }

    fn fill(&mut self) {
        self.filled = self.filled.saturating_add(limits::WRONG_PASSWORD_EVERY);
    }

    fn take_back(&mut self) {
        self.filled = self.filled.saturating_sub(limits::WRONG_PASSWORD_EVERY);
    }
}

/// A name is compared as a user name is read, and never kept longer than one.
fn shortened(name: &str) -> String {
    name.trim().chars().take(limits::ACCOUNT_NAME_MAX).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::after(Duration::from_secs(seconds))
    }

    fn wrong(throttle: &mut Throttle, times: u32, now: Moment) {
        for _ in 0..times {
            throttle.begin("li.na", Act::SignIn, now).unwrap();
        }
    }

    fn left(throttle: &mut Throttle, name: &str, now: Moment) -> Duration {
        throttle.begin(name, Act::SignIn, now).map_or_else(|pause| pause.left, |()| Duration::ZERO)
    }

    #[test]
    fn mistyping_costs_nothing_and_guessing_costs_ever_longer() {
        let mut throttle = Throttle::default();
        wrong(&mut throttle, limits::WRONG_PASSWORDS_FREE + 1, at(0));
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let pause = left(&mut throttle, "li.na", now);
            pauses.push(pause.as_secs());
            now = now.plus(pause);
            throttle.begin("li.na", Act::SignIn, now).unwrap();
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn the_right_password_is_not_looked_at_during_a_pause_and_ends_all_of_them() {
        let mut throttle = Throttle::default();
        wrong(&mut throttle, limits::WRONG_PASSWORDS_FREE + 1, at(0));
        assert_eq!(left(&mut throttle, " LI.NA", at(1)), Duration::from_secs(1));
        assert_eq!(left(&mut throttle, "li.na", at(2)), Duration::ZERO);
        throttle.right("Li.Na", Act::SignIn);
        wrong(&mut throttle, limits::WRONG_PASSWORDS_FREE, at(2));
        assert_eq!(throttle.wrong_times("li.na", Act::SignIn), limits::WRONG_PASSWORDS_FREE);
    }

    #[test]
    fn guesses_at_the_same_time_count_each() {
        let mut throttle = Throttle::default();
        let begun = (0..50).filter(|_| throttle.begin("li.na", Act::SignIn, at(0)).is_ok()).count();
        assert_eq!(begun, limits::WRONG_PASSWORDS_FREE as usize + 1);
    }

    #[test]
    fn who_guesses_at_the_door_keeps_nobody_inside_from_signing() {
        let mut throttle = Throttle::default();
        wrong(&mut throttle, limits::WRONG_PASSWORDS_FREE + 1, at(0));
        assert!(throttle.begin("li.na", Act::SignIn, at(0)).is_err());
        assert!(throttle.begin("li.na", Act::Sign, at(0)).is_ok());
    }

    #[test]
    fn wrong_passwords_are_forgotten_after_a_quiet_time() {
        let mut throttle = Throttle::default();
        wrong(&mut throttle, limits::WRONG_PASSWORDS_FREE + 1, at(0));
        let later = at(0).plus(limits::WRONG_PASSWORDS_FORGOTTEN_AFTER);
        wrong(&mut throttle, limits::WRONG_PASSWORDS_FREE, later);
        assert_eq!(throttle.wrong_times("li.na", Act::SignIn), limits::WRONG_PASSWORDS_FREE);
    }

    #[test]
    fn over_all_names_only_so_many_wrong_passwords_pass_in_a_time() {
        let mut throttle = Throttle::default();
        let most = limits::WRONG_PASSWORDS_AT_ONCE;
        for n in 0..most {
            assert_eq!(left(&mut throttle, &format!("guess{n}"), at(0)), Duration::ZERO, "{n}");
        }
        let pause = left(&mut throttle, "another", at(0));
        assert_eq!(pause, limits::WRONG_PASSWORD_EVERY);
        assert_eq!(left(&mut throttle, "another", at(0).plus(pause)), Duration::ZERO);
        throttle.right("another", Act::SignIn);
        assert_eq!(left(&mut throttle, "li.na", at(0).plus(pause)), Duration::ZERO);
    }

    #[test]
    fn names_that_are_kept_in_mind_are_bounded_and_the_guessed_one_is_not_forgotten_first() {
        let mut throttle = Throttle::default();
        wrong(&mut throttle, limits::WRONG_PASSWORDS_FREE + 1, at(0));
        let mut now = at(0);
        for n in 0..=limits::THROTTLED_NAMES_MAX {
            now = now.plus(Duration::from_millis(1));
            throttle.overall = Overall::default();
            throttle.begin(&format!("guess{n}"), Act::SignIn, now).unwrap();
        }
        assert_eq!(throttle.wrong.len(), limits::THROTTLED_NAMES_MAX);
        let kept = throttle.wrong_times("li.na", Act::SignIn);
        assert_eq!(kept, limits::WRONG_PASSWORDS_FREE + 1);
    }
}
