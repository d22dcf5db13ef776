//! How an analyser's time runs: as the world's, or so many times as fast, so that a rehearsal
//! need not wait out every timer of the standard.
//!
//! Refuses to read a clock: it is handed one.

use std::time::Duration;

use crate::link::Moment;

/// The time of one analyser.
#[derive(Clone, Copy, Debug)]
pub struct Tempo {
    now: fn() -> Moment,
    haste: u32,
}

impl Tempo {
    /// As the world's.
    pub const fn real(now: fn() -> Moment) -> Tempo {
        Tempo { now, haste: 1 }
    }

    /// So many times as fast; 0 counts as 1.
    pub const fn hasty(now: fn() -> Moment, haste: u32) -> Tempo {
        Tempo { now, haste: if haste == 0 { 1 } else { haste } }
    }

    /// What the analyser's clock says.
    pub fn now(self) -> Moment {
        Moment::after((self.now)().since_start().saturating_mul(self.haste))
    }

    /// How long the analyser has until then, in the world's time; nothing when it has passed.
    pub(super) fn until(self, then: Moment) -> Duration {
        then.since_start().saturating_sub(self.now().since_start()) / self.haste
    }

    /// Waits until the analyser's clock says so.
    pub(super) async fn sleep_until(self, then: Moment) {
        tokio::time::sleep(self.until(then)).await;
    }

    /// Waits so long by the analyser's clock.
    pub(super) async fn sleep(self, duration: Duration) {
        tokio::time::sleep(duration / self.haste).await;
    }
}
