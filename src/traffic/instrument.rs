//! One instrument on two lines at once (FM-04): with serial and Ethernet both sending, streams
//! cross, and results are duplicated, lost, or come out under another donation.
//!
//! ```text
//!              a message here, and one on another line within TWO_LINES_WINDOW
//!   one line  ----------------------------------------------------------------->  two lines
//!             <-----------------------------------------------------------------
//!              no message on one of them for TWO_LINES_WINDOW
//! ```
//!
//! | state | event | next |
//! |---|---|---|
//! | one line | message here, other line's last one is within the window | two lines |
//! | one line | message here, every other line quiet for the window | one line |
//! | two lines | either line quiet for the window | one line |
//!
//! Two connections of one analyser count as two lines only while both are open: an analyser that
//! connects anew for each message is on one line.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{Connection, locked};
use crate::limits;
use crate::link::Moment;

/// When which line of one instrument delivered its last message.
#[derive(Debug, Default)]
pub(super) struct Instrument {
    lines: Mutex<BTreeMap<String, Heard>>,
}

#[derive(Debug, Default)]
struct Heard {
    last: Option<Moment>,
    /// The open connections that delivered something.
    open: BTreeMap<Connection, Moment>,
}

impl Instrument {
    pub(super) fn message(&self, analyser: &str, connection: Connection, now: Moment) {
        let mut lines = locked(&self.lines);
        let heard = lines.entry(analyser.to_owned()).or_default();
        heard.last = Some(now);
        if heard.open.len() < limits::CONNECTIONS_PER_ANALYSER {
            heard.open.insert(connection, now);
        }
    }

    pub(super) fn closed(&self, analyser: &str, connection: Connection) {
        if let Some(heard) = locked(&self.lines).get_mut(analyser) {
            heard.open.remove(&connection);
        }
    }

    /// The lines that deliver besides this analyser's; empty where there is one line.
    pub(super) fn others(&self, analyser: &str, now: Moment) -> Vec<String> {
        let lines = locked(&self.lines);
        let Some(own) = lines.get(analyser).filter(|heard| heard.is_heard(now)) else {
            return Vec::new();
        };
        let recent = own.open.values().filter(|last| is_recent(**last, now)).count();
        let itself = (recent > 1).then(|| format!("another connection of {analyser}"));
        let others =
            lines.iter().filter(|(other, heard)| *other != analyser && heard.is_heard(now));
        itself.into_iter().chain(others.map(|(other, _)| other.clone())).collect()
    }
}

impl Heard {
    fn is_heard(&self, now: Moment) -> bool {
        self.last.is_some_and(|last| is_recent(last, now))
    }
}

fn is_recent(last: Moment, now: Moment) -> bool {
    now < last.plus(limits::TWO_LINES_WINDOW)
}
