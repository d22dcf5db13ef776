//! A share of the log for each analyser, so that one noisy line neither fills the disk nor hides
//! the others. What goes beyond is still counted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::limits;
use crate::link::Moment;

const WINDOW: Duration = Duration::from_mins(1);

/// How many faults each analyser has written in its current minute.
#[derive(Default)]
pub(super) struct FaultLog {
    shares: Mutex<HashMap<String, Share>>,
}

#[derive(Clone, Copy)]
struct Share {
    ends: Moment,
    written: u32,
}

/// Whether a line may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permit {
    /// Yes.
    Write,
    /// Yes, and it is the last one of this minute.
    LastOne,
    /// No.
    CountOnly,
}

impl FaultLog {
    /// Takes one line from the analyser's share. Analysers come from the configuration, so there
    /// are at most [`limits::ANALYSERS_MAX`] shares.
    pub(super) fn permit(&self, analyser: &str, now: Moment) -> Permit {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Share { ends: now.plus(WINDOW), written: 0 };
        if !shares.contains_key(analyser) {
            shares.insert(analyser.to_owned(), fresh);
        }
        let Some(share) = shares.get_mut(analyser) else { return Permit::CountOnly };
        if share.ends <= now {
            *share = fresh;
        }
        share.written = share.written.saturating_add(1);
        match share.written.cmp(&limits::FAULT_LOG_PER_MINUTE) {
            std::cmp::Ordering::Less => Permit::Write,
            std::cmp::Ordering::Equal => Permit::LastOne,
            std::cmp::Ordering::Greater => Permit::CountOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noisy_analyser_uses_up_its_own_share_only_and_gets_a_new_one() {
        let log = FaultLog::default();
        let start = Moment::default();
        for _ in 1..limits::FAULT_LOG_PER_MINUTE {
            assert_eq!(log.permit("noisy", start), Permit::Write);
        }
        assert_eq!(log.permit("noisy", start), Permit::LastOne);
        assert_eq!(log.permit("noisy", start), Permit::CountOnly);
        assert_eq!(log.permit("quiet", start), Permit::Write);
        assert_eq!(log.permit("noisy", start.plus(WINDOW)), Permit::Write);
    }
}
