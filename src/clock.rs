//! The only place where time is read. UTC for the record, monotonic for timers; never a time zone.

use std::sync::OnceLock;
use std::time::Instant;

use jiff::Timestamp;

use crate::link::Moment;

pub use crate::link::At;

/// UTC now, for the record. Never used to order facts.
#[allow(clippy::disallowed_methods)] // the one place
pub fn utc() -> Timestamp {
    Timestamp::now()
}

/// Monotonic time since the process first asked, for timers.
#[allow(clippy::disallowed_methods)] // the one place
pub fn moment() -> Moment {
    static START: OnceLock<Instant> = OnceLock::new();
    Moment::after(Instant::now().saturating_duration_since(*START.get_or_init(Instant::now)))
}

/// Both clocks now.
pub fn now() -> At {
    At { moment: moment(), utc: utc() }
}
