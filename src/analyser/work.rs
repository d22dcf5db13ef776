//! From work to the messages that order it, in the analyser's dialect.

use std::time::Duration;

use jiff::Timestamp;

use super::Analyser;
use crate::domain::{Query, WorkOrder};

/// When and under which number messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// UTC.
    pub time: Timestamp,
    /// For message control ids: never given twice.
    pub serial: i64,
}

/// What is sent because of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderMessages {
    /// In place of the acknowledgement of the query (HL7: RSP^K11, QCK^Q02); `None`: the ordinary
    /// acknowledgement.
    pub reply: Option<Vec<u8>>,
    /// Messages of our own, in this order, after it.
    pub messages: Vec<OrderMessage>,
}

/// One message of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderMessage {
    /// The message, without frames or block.
    pub bytes: Vec<u8>,
    /// The orders in it.
    pub order_ids: Vec<String>,
}

impl Analyser {
    /// What is sent after a query: the work, or that there is none. `work` has one entry for each
    /// specimen asked about, in that order; for a range or for everything, one for each donation
    /// that has work.
    pub fn answer(&self, _query: &Query, _work: &[WorkOrder], _stamp: Stamp) -> OrderMessages {
        OrderMessages::default()
    }

    /// The messages that order work nobody asked for; none where the analyser takes none.
    pub fn announce(&self, _work: &[WorkOrder], _stamp: Stamp) -> Vec<OrderMessage> {
        Vec::new()
    }

    /// How long the analyser waits for the answer to its query; `None`: it does not say.
    pub fn answer_within(&self) -> Option<Duration> {
        None
    }
}
