//! What is said between an analyser that asks and its host.

use crate::domain::Assay;

/// A question about one tube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The id as scanned; empty where nothing could be read.
    pub id: String,
    /// Number of the question, from 1.
    pub sequence: u32,
    /// The rack, from 1.
    pub rack: u32,
    /// The position in it, from 1.
    pub position: u32,
}

/// What a message of the host says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostSays {
    /// What these specimens are to be tested for.
    Work(Vec<Order>),
    /// There is nothing to do for what was asked about.
    NoWork,
    /// The question can't be answered.
    Unanswerable(String),
    /// Anything else: no word on work.
    Nothing,
}

/// What one specimen is to be tested for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id as the host wrote it, padding removed.
    pub id: String,
    /// Sequence, rack and position as the host repeated them, where this dialect has that.
    pub place: Option<[String; 3]>,
    /// The tests, each as often as it was ordered; empty: none.
    pub tests: Vec<Ordered>,
}

/// One determination that was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// The test as the host wrote it.
    pub code: String,
    /// What it is at this analyser; nothing where it has no such test.
    pub assays: Vec<Assay>,
    /// The host's number of this order, where the dialect has one.
    pub order_id: Option<String>,
}

/// What an analyser makes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It will be run.
    Accepted,
    /// It will not (IHE LAW: UA).
    Refused,
    /// The specimen is not here (IHE LAW: AR).
    UnknownSpecimen,
}
