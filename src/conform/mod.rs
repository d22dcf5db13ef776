//! Conformance kit: plays an analyser or a host against any implementation and says, clause by
//! clause, what it does as the standards say.
//!
//! A [`Suite`] is a list of cases; each case cites its clause, plays a short script on the line
//! and passes, fails with the bytes that show it, or is skipped with the reason. The scripts speak
//! bytes, not our own link machines, so that a fault of ours is not tested with itself; only the
//! codec is shared. Messages sent to a host carry no result (header, comment, terminator), so that
//! a laboratory's system can be tested without leaving a trace in a donation.
//!
//! Refuses: to judge what a standard leaves open. Where field practice differs from the text, the
//! case accepts both and says so.

mod case;
mod lis01;
mod lis01_analyser;
mod lis01_host;
mod mllp;
mod mllp_analyser;
mod mllp_host;
mod probe;

use std::io;
use std::pin::Pin;
use std::time::Duration;

use crate::link::Moment;
use crate::simulator::Line;

pub use case::{Clause, Failure, Finding, Outcome};
pub use probe::Way;

use case::Case;
use probe::Probe;

/// What is tested: the peer's role and its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// The peer is a host that speaks LIS01 and LIS02; we play the analyser.
    Lis01Host,
    /// The peer is an analyser that speaks LIS01 and LIS02; we play the host.
    Lis01Analyser,
    /// The peer is a host that speaks HL7 over MLLP (IHE LAW); we play the analyser.
    MllpHost,
    /// The peer is an analyser that speaks HL7 over MLLP; we play the host.
    MllpAnalyser,
}

/// How a suite is played.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is tested.
    pub suite: Suite,
    /// A specimen that the peer has work for: needed by the cases in which the host must send.
    pub specimen: Option<String>,
    /// The query as this host expects it (LIS02: one Q record, HL7: one QPD segment), with
    /// `{specimen}` where the id stands; the standard's form where `None`.
    pub query: Option<String>,
    /// A test that the analyser runs, as it is to be ordered (LIS02: O.5, HL7: OBR-4): needed by
    /// the cases in which an analyser that asks must take orders.
    pub test: Option<String>,
    /// Plays only the cases whose clause or demand contains this text.
    pub only: Option<String>,
    /// Leaves out the cases that have to wait for a timer of the standard.
    pub quick: bool,
    /// How long to wait for what the standards give no time for.
    pub patience: Duration,
    /// The clock.
    pub now: fn() -> Moment,
}

impl Plan {
    fn wants(&self, clause: &Clause) -> bool {
        let named = |text: &String| clause.source.contains(text) || clause.demand.contains(text);
        self.only.as_ref().is_none_or(named)
    }
}

/// A line that is being opened.
pub type Opening<'o> = Pin<Box<dyn Future<Output = io::Result<Line>> + Send + 'o>>;

/// Opens the line to the peer.
pub trait Opener: Send {
    /// Opens it anew.
    fn open(&mut self) -> Opening<'_>;

    /// Whether one line serves all cases for as long as it lasts.
    fn keeps_line(&self) -> bool;

    /// Whether frames are bounded by the serial line's 240 characters.
    fn is_serial(&self) -> bool;
}

impl Suite {
    const fn cases(self) -> &'static [Case] {
        match self {
            Suite::Lis01Host => lis01_host::CASES,
            Suite::Lis01Analyser => lis01_analyser::CASES,
            Suite::MllpHost => mllp_host::CASES,
            Suite::MllpAnalyser => mllp_analyser::CASES,
        }
    }

    /// The clauses that the suite looks at, in order.
    pub fn clauses(self) -> impl Iterator<Item = Clause> {
        self.cases().iter().map(|case| case.clause)
    }
}

/// Plays every case of a suite; `tell` hears of each as it ends.
///
/// # Errors
/// The line could not be opened: nothing can be said of the cases left.
pub async fn run(
    plan: &Plan,
    opener: &mut dyn Opener,
    mut tell: impl FnMut(&Finding),
) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut bench = Bench { plan, opener, kept: None };
    for case in plan.suite.cases().iter().filter(|case| plan.wants(&case.clause)) {
        let finding = match case.left_out(plan, bench.opener.is_serial()) {
            Some(why) => case.finding(Outcome::Skipped(why), Duration::ZERO),
            None => bench.play(case).await?,
        };
        tell(&finding);
        findings.push(finding);
    }
    Ok(findings)
}

/// The line between two cases.
struct Bench<'b> {
    plan: &'b Plan,
    opener: &'b mut dyn Opener,
    kept: Option<Probe>,
}

impl Bench<'_> {
    async fn play(&mut self, case: &Case) -> io::Result<Finding> {
        let plan = self.plan;
        let began = (plan.now)();
        let took = || (plan.now)().since_start().saturating_sub(began.since_start());
        loop {
            let mut probe = self.probe().await?;
            match (case.play)(&mut probe, plan).await {
                Ok(()) => {
                    self.kept = self.opener.keeps_line().then(|| probe.for_the_next_case());
                    return Ok(case.finding(Outcome::Passed, took()));
                }
                // The peer had hung up after the case before: that says nothing about this one.
                Err(_) if probe.was_dead() && took() < plan.patience => {}
                Err(failure) => {
                    return Ok(case.finding(Outcome::Failed(Box::new(failure)), took()));
                }
            }
        }
    }

    async fn probe(&mut self) -> io::Result<Probe> {
        match self.kept.take() {
            Some(probe) => Ok(probe),
            None => {
                let line = self.opener.open().await?;
                Ok(Probe::new(line, self.plan.now, self.opener.is_serial()))
            }
        }
    }
}
