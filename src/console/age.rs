//! How long ago something was, in words short enough for a table.

use jiff::Timestamp;

use super::text::Text;

/// Seconds from then to now; a clock that was set back makes it none.
pub(super) fn seconds(since: Timestamp, now: Timestamp) -> u32 {
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// `3 min`, `2 h 05 min`, `4 d 3 h`; less than a minute is said so.
pub(super) fn told(text: &Text, seconds: u32) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if minutes == 0 {
        return text.say("age-now");
    }
    if hours == 0 {
        return text.with("age-minutes", "minutes", minutes);
    }
    if days == 0 {
        let minutes = format!("{:02}", minutes % 60);
        return text.with_all("age-hours", &[("hours", hours.to_string()), ("minutes", minutes)]);
    }
    let hours = (hours % 24).to_string();
    text.with_all("age-days", &[("days", days.to_string()), ("hours", hours)])
}

/// How long ago it was.
pub(super) fn ago(text: &Text, since: Timestamp, now: Timestamp) -> String {
    told(text, seconds(since, now))
}

/// The time itself, to the second.
pub(super) fn at(text: &Text, at: Timestamp) -> String {
    text.with("console-when", "time", at.strftime("%Y-%m-%d %H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::text::text;
    use crate::rules::words::Lang;

    #[test]
    fn an_age_is_told_in_two_units_at_most() {
        let told = |seconds| told(text(Lang::En), seconds);
        assert_eq!(told(59), "under 1 min");
        assert_eq!(told(60), "1 min");
        assert_eq!(told(2 * 3_600 + 5 * 60), "2 h 05 min");
        assert_eq!(told(86_399), "23 h 59 min");
        assert_eq!(told(4 * 86_400 + 3 * 3_600), "4 d 3 h");
    }

    #[test]
    fn what_is_in_the_future_has_no_age() {
        let now = Timestamp::from_second(1_000).unwrap();
        assert_eq!(seconds(Timestamp::from_second(2_000).unwrap(), now), 0);
    }
}
