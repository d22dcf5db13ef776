//! The lines and their recent traffic as JSON: served over HTTP, read by `links` and `tap`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// All lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinksShape {
    /// By analyser id.
    pub links: Vec<LinkShape>,
}

/// One line as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkShape {
    /// Analyser id.
    pub analyser: String,
    /// Profile name.
    pub profile: String,
    /// The line in words.
    pub line: String,
    /// The instrument behind it, where the configuration names one.
    pub instrument: Option<String>,
    /// `waiting`, `connected` or `lost`.
    pub state: String,
    /// Since when.
    pub since: WhenShape,
    /// Why it is not open, where that is known.
    pub why: Option<String>,
    /// Open connections.
    pub peers: Vec<PeerShape>,
    /// Seconds of quiet after which that is an alarm.
    pub silence_after_s: Option<u64>,
    /// When the last byte came.
    pub last_received: Option<WhenShape>,
    /// When the last message came to its end.
    pub last_message: Option<WhenShape>,
    /// When the last byte was sent.
    pub last_sent: Option<WhenShape>,
    /// From the analyser.
    pub received: FlowShape,
    /// To the analyser.
    pub sent: FlowShape,
    /// Faults by kind, as in the metrics.
    pub faults: BTreeMap<String, u64>,
    /// Connections opened since start.
    pub connections: u64,
    /// Times the line was lost, or could not be opened, and was tried again.
    pub reconnects: u64,
    /// What is wrong now.
    pub alarms: Vec<AlarmShape>,
    /// The last notes, oldest first.
    pub notes: Vec<NoteShape>,
    /// Number of the last piece of traffic.
    pub traffic_head: u64,
    /// The files in its folder, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesShape>,
}

/// The files in a folder at the last look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesShape {
    /// Results that are not complete yet, or not taken yet.
    pub waiting: u64,
    /// Files that need a person: cut off, unreadable, or stored but not moved.
    pub stuck: u64,
    /// Entries that are no results by their name or kind: never touched.
    pub left_alone: u64,
}

/// When something was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhenShape {
    /// UTC.
    pub at: String,
    /// How long ago, by the monotonic clock.
    pub ago_ms: u64,
}

/// An open connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerShape {
    /// Its number.
    pub connection: u64,
    /// Address or device.
    pub peer: String,
    /// Since when.
    pub since: WhenShape,
}

/// What went one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowShape {
    /// Bytes.
    pub bytes: u64,
    /// Messages by what became of them.
    pub messages: BTreeMap<String, u64>,
}

/// Something that is wrong now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmShape {
    /// `silence`, `two-lines`, `folder` or `file`.
    pub kind: String,
    /// In words, and what to do.
    pub text: String,
    /// Since when.
    pub since: WhenShape,
}

/// Something people must see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteShape {
    /// A word for what it is.
    pub kind: String,
    /// In words.
    pub text: String,
    /// When.
    pub when: WhenShape,
}

/// Some recent traffic of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficShape {
    /// Analyser id.
    pub analyser: String,
    /// Since when `seq` counts, UTC: another time means another run of the daemon.
    pub running_since: String,
    /// The pieces in order.
    pub pieces: Vec<PieceShape>,
    /// Pieces after the number asked for that are no longer there.
    pub missed: u64,
    /// What to ask for as `after` next time.
    pub next: u64,
    /// Number of the last piece there is.
    pub head: u64,
}

/// One piece of traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceShape {
    /// Gapless and rising, from 1.
    pub seq: u64,
    /// UTC.
    pub at: String,
    /// Monotonic, in milliseconds since the daemon's start.
    pub monotonic_ms: u64,
    /// The connection; 0 where it concerns none.
    pub connection: u64,
    /// `received` and `sent` for bytes; `opened`, `closed`, `message`, `fault`, `note`.
    pub kind: String,
    /// How many bytes there were; more than those shown where the piece was cut.
    pub length: usize,
    /// The bytes in hexadecimal; empty where there are none.
    pub hex: String,
    /// The bytes with control characters named; or what happened, in words.
    pub text: String,
}

/// Bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(hexadecimal(b"\x00\x0f\xf0\xff"), "000ff0ff");
    }
}
