//! Which answers facts can give under a rule set: what its checks do not ask for is never answered.

use super::super::content::{CheckRule, Content};
use super::super::question::Judges;
use super::super::table::{Answers, Table};

/// What no check that asks a table can be answered.
#[derive(Debug)]
pub(super) struct Unreachable(Vec<(&'static str, &'static [&'static str])>);

impl Unreachable {
    /// Of the table of this name.
    pub(super) fn of(content: &Content, table: &Table) -> Unreachable {
        let asking: Vec<&CheckRule> =
            content.checks.iter().filter(|check| check.table.name == table.name).collect();
        let none = |asks: fn(&CheckRule) -> bool| !asking.iter().any(|check| asks(check));
        let mut found: Vec<(&'static str, &'static [&'static str])> = Vec::new();
        match table.judges {
            Judges::Quantity => {
                if none(|check| check.limits.iter().any(|limit| limit.above.is_some())) {
                    found.push(("value", &["above"]));
                }
                if none(|check| check.limits.iter().any(|limit| limit.below.is_some())) {
                    found.push(("value", &["below"]));
                }
            }
            Judges::Abo | Judges::Rhd => {
                let more = |check: &CheckRule| {
                    check.determinations.first > 1 || check.determinations.repeat > 1
                };
                if none(more) {
                    found.push(("determinations", &["too_few"]));
                }
                if none(|check| check.history) {
                    found.push(("history", &["agrees", "differs"]));
                }
                if table.judges == Judges::Rhd && none(|check| check.confirms.is_some()) {
                    found.push(("confirmation", &["void", "positive", "negative"]));
                }
            }
            Judges::Marker => {
                if none(|check| !check.discriminatory.is_empty()) {
                    found.push(("discrimination", &["nonreactive", "void", "reactive"]));
                }
            }
            Judges::Registration
            | Judges::Donor
            | Judges::Signature
            | Judges::Process
            | Judges::Reagent
            | Judges::Run
            | Judges::Specimen
            | Judges::Rounds
            | Judges::Pool
            | Judges::Label => {}
        }
        Unreachable(found)
    }

    /// Whether facts cannot give these answers.
    pub(super) fn forbids(&self, answers: &Answers) -> bool {
        self.0.iter().any(|(question, never)| {
            answers.answer(question).is_some_and(|answer| never.contains(&answer))
        })
    }
}
