//! What an MLLP connection must be told.

use std::hash::{Hash, Hasher};
use std::ptr;
use std::time::Duration;

use crate::codec::hl7::{AckCode, AckHeader, Acknowledgement, Charsets, Wanted};

/// Settings of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// MSH-7 of acknowledgements (`YYYYMMDDHHMMSS`). Two settings with the same source of time
    /// are equal whatever the time is.
    pub time_text: fn() -> String,
    /// How long the peer may take for each acknowledgement and for each commit.
    pub acknowledgement_wait: Duration,
    /// MLLP release 2: every block is committed by a block of one byte, in both directions.
    pub commit: bool,
    /// The character sets of this analyser's messages.
    pub charsets: Charsets,
}

impl Settings {
    /// MLLP release 1, character sets as declared.
    pub fn new(time_text: fn() -> String, acknowledgement_wait: Duration) -> Settings {
        let charsets = Charsets::default();
        Settings { time_text, acknowledgement_wait, commit: false, charsets }
    }

    /// What the message with this header asks for.
    pub(super) fn wanted(&self, header: &[u8]) -> Wanted {
        AckHeader::read(header, self.charsets).map_or(Wanted::Original, |read| read.wanted)
    }

    /// An acknowledgement of the message with this header.
    pub(super) fn acknowledge(
        &self,
        header: &[u8],
        code: AckCode,
        text: &str,
        control_id: Option<&str>,
    ) -> Vec<u8> {
        let time = (self.time_text)();
        let charsets = self.charsets;
        Acknowledgement { code, text, time: &time, control_id, charsets }.of(header)
    }
}

impl PartialEq for Settings {
    fn eq(&self, other: &Settings) -> bool {
        let Settings { time_text, acknowledgement_wait, commit, charsets } = *self;
        ptr::fn_addr_eq(time_text, other.time_text)
            && acknowledgement_wait == other.acknowledgement_wait
            && commit == other.commit
            && charsets == other.charsets
    }
}

impl Eq for Settings {}

impl Hash for Settings {
    /// Leaves the source of time out: the address of a function changes from build to build.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Settings { time_text: _, acknowledgement_wait, commit, charsets } = *self;
        (acknowledgement_wait, commit, charsets).hash(state);
    }
}
