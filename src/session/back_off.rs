//! How long to wait before a lost line is opened again: doubling, bounded, jittered.
//!
//! Without the bound an analyser switched on again would wait for minutes; without the jitter all
//! lines of a laboratory whose switch was restarted would dial in the same instant.

use std::time::Duration;

use fastrand::Rng;

use crate::limits;

/// The pauses of one line. Each lies between half of its ceiling and the ceiling; ceilings double
/// from [`limits::REOPEN_FIRST`] to [`limits::REOPEN_MAX`].
#[derive(Debug)]
pub(super) struct BackOff {
    ceiling: Duration,
    jitter: Rng,
}

impl BackOff {
    pub(super) const fn new(jitter: Rng) -> BackOff {
        BackOff { ceiling: limits::REOPEN_FIRST, jitter }
    }

    /// The next pause.
    pub(super) fn pause(&mut self) -> Duration {
        let half = self.ceiling / 2;
        let pause = half + half.mul_f64(self.jitter.f64());
        self.ceiling = self.ceiling.saturating_mul(2).min(limits::REOPEN_MAX);
        pause
    }

    /// The line was good: the next pause is short again.
    pub(super) const fn reset(&mut self) {
        self.ceiling = limits::REOPEN_FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_bound_and_stay_there() {
        for seed in 0..1_000 {
            let mut back_off = BackOff::new(Rng::with_seed(seed));
            let mut ceiling = limits::REOPEN_FIRST;
            for step in 0..40 {
                let pause = back_off.pause();
                assert!(pause <= ceiling, "seed {seed} step {step}: {pause:?} over {ceiling:?}");
                assert!(pause >= ceiling / 2, "seed {seed} step {step}: {pause:?} too short");
                ceiling = (ceiling * 2).min(limits::REOPEN_MAX);
            }
            assert_eq!(back_off.ceiling, limits::REOPEN_MAX, "seed {seed}");
        }
    }

    #[test]
    fn a_good_line_starts_from_the_first_pause_again() {
        let mut back_off = BackOff::new(Rng::with_seed(1));
        for _ in 0..10 {
            back_off.pause();
        }
        back_off.reset();
        assert!(back_off.pause() <= limits::REOPEN_FIRST);
    }

    #[test]
    fn two_lines_lost_together_do_not_come_back_together() {
        let mut first = BackOff::new(Rng::with_seed(1));
        let mut second = BackOff::new(Rng::with_seed(2));
        let pauses = |line: &mut BackOff| (0..8).map(|_| line.pause()).collect::<Vec<_>>();
        assert_ne!(pauses(&mut first), pauses(&mut second));
    }
}
