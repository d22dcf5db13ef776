//! Time on the line: faster than on the wall, and its own in each process.

use std::time::Duration;

use hemogate::clock;
use hemogate::link::Moment;

/// Seconds on the line in one second on the wall. T4, 15 s, is then a tenth of a second: time
/// enough for three processes to take their turns.
pub const SPEED: u32 = 150;

/// How long the two ends have something to say.
pub const HOUR: Duration = Duration::from_secs(3_600);

pub fn now() -> Moment {
    Moment::after(clock::moment().since_start() * SPEED)
}

/// From now to then on the wall.
pub fn wait(until: Moment) -> Duration {
    until.since_start().saturating_sub(now().since_start()) / SPEED
}
