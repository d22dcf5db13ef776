//! One case: its clause, when it can be played, and what came of it.

use std::pin::Pin;
use std::time::Duration;

use super::Plan;
use super::probe::{Probe, Way};

/// What a standard says, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Document and clause, e.g. `LIS01-A2 6.5.1.2`.
    pub source: &'static str,
    /// What the peer must do, in one line.
    pub demand: &'static str,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub clause: Clause,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// Passed, failed or not played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The peer did as the clause says.
    Passed,
    /// It did not.
    Failed(Box<Failure>),
    /// The case was not played, and why.
    Skipped(&'static str),
}

/// Where the peer left the clause, with everything that was on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What had to come.
    pub expected: String,
    /// What came instead; empty: nothing.
    pub got: Vec<u8>,
    /// All bytes of the case, in order.
    pub transcript: Vec<(Way, Vec<u8>)>,
}

/// What a case comes to.
pub(super) type Played = Result<(), Failure>;

/// A case while it is played.
pub(super) type Playing<'p> = Pin<Box<dyn Future<Output = Played> + Send + 'p>>;

/// One case.
pub(super) struct Case {
    pub(super) clause: Clause,
    pub(super) needs: Needs,
    pub(super) play: for<'p> fn(&'p mut Probe, &'p Plan) -> Playing<'p>,
}

/// What a case needs to be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing.
    Nothing,
    /// Time: it waits for a timer of the standard.
    Time,
    /// A specimen for which there is work.
    Work,
    /// Both.
    WorkAndTime,
    /// An analyser that asks, and a test that it runs.
    Test,
    /// A line that carries frames longer than a serial one.
    LongFrames,
}

impl Case {
    /// Why it is not played, if it is not.
    pub(super) fn left_out(&self, plan: &Plan, is_serial: bool) -> Option<&'static str> {
        let (time, work) = match self.needs {
            Needs::Nothing => (false, false),
            Needs::Time => (true, false),
            Needs::Work => (false, true),
            Needs::WorkAndTime => (true, true),
            Needs::Test => {
                let missing = plan.test.is_none();
                return missing.then_some("the analyser must ask; name a test of it with --test");
            }
            Needs::LongFrames => {
                return is_serial.then_some("frames of a serial line have 240 characters");
            }
        };
        if work && plan.specimen.is_none() {
            return Some("name a specimen that has work with --specimen");
        }
        (time && plan.quick).then_some("waits for a timer, left out by --quick")
    }

    pub(super) fn finding(&self, outcome: Outcome, took: Duration) -> Finding {
        Finding { clause: self.clause, outcome, took }
    }
}

/// A case from its clause, its needs and its script.
macro_rules! case {
    ($source:literal, $demand:literal, $needs:ident, $play:path) => {
        $crate::conform::case::Case {
            clause: $crate::conform::case::Clause { source: $source, demand: $demand },
            needs: $crate::conform::case::Needs::$needs,
            play: |probe, plan| Box::pin($play(probe, plan)),
        }
    };
}

pub(super) use case;
