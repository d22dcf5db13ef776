//! Proposals about a donation and what became of each: read from its statements, in their order.
//! Whoever proposed never agrees to it here either; a later word about a proposal changes nothing.

use jiff::Timestamp;

use crate::domain::{Matter, Proposal, RecordedStatement, Statement};
use crate::rules::are_two;

/// A proposal about a donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Proposed<'s> {
    /// Number of its record.
    pub(in crate::console) record: i64,
    /// Who proposes it.
    pub(in crate::console) by: &'s str,
    /// When.
    pub(in crate::console) at: Timestamp,
    /// What.
    pub(in crate::console) proposal: &'s Proposal,
    /// What became of it.
    pub(in crate::console) outcome: Outcome<'s>,
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Outcome<'s> {
    /// It waits for somebody else.
    Open,
    /// Somebody else agreed: it counts.
    Agreed(&'s str, Timestamp),
    /// It was turned down.
    TurnedDown(&'s str, Timestamp),
}

/// Every proposal, oldest first.
pub(in crate::console) fn proposals(statements: &[RecordedStatement]) -> Vec<Proposed<'_>> {
    let mut found: Vec<Proposed<'_>> = Vec::new();
    for said in statements {
        if let Statement::Proposed(proposal) = &said.statement {
            let (record, by, at) = (said.id, said.by.as_str(), said.at);
            found.push(Proposed { record, by, at, proposal, outcome: Outcome::Open });
        }
        let Some((record, outcome)) = word_on(said) else { continue };
        let about = found.iter_mut().find(|proposed| proposed.record == record);
        let Some(proposed) = about else { continue };
        let by_another = !matches!(outcome, Outcome::Agreed(by, _) if !are_two(by, proposed.by));
        if proposed.outcome == Outcome::Open && by_another {
            proposed.outcome = outcome;
        }
    }
    found
}

/// What somebody says of a proposal, and of which.
fn word_on(said: &RecordedStatement) -> Option<(i64, Outcome<'_>)> {
    if let Statement::Agreed(record) = said.statement {
        return Some((record, Outcome::Agreed(&said.by, said.at)));
    }
    let Statement::TurnedDown(record) = said.statement else { return None };
    Some((record, Outcome::TurnedDown(&said.by, said.at)))
}

/// The one with this record number.
pub(in crate::console) fn proposal(
    statements: &[RecordedStatement],
    record: i64,
) -> Option<Proposed<'_>> {
    proposals(statements).into_iter().find(|proposed| proposed.record == record)
}

/// The word for what a proposal is about.
pub(in crate::console) const fn matter(matter: &Matter) -> &'static str {
    match matter {
        Matter::Amendment(_) => "amendment",
        Matter::Correction(_) => "correction",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Correction, Ground, Grounds};

    fn said(id: i64, by: &str, statement: Statement) -> RecordedStatement {
        let at = Timestamp::UNIX_EPOCH;
        RecordedStatement { id, by: by.to_owned(), at, after_observation: 0, statement }
    }

    fn proposed(id: i64, by: &str, site: &str) -> RecordedStatement {
        let grounds = Grounds { ground: Ground::WrongEntry, text: "typed wrongly".to_owned() };
        let correction = Correction { site: Some(site.to_owned()), ..Correction::default() };
        let matter = Matter::Correction(correction);
        said(id, by, Statement::Proposed(Proposal { matter, grounds, version: 1 }))
    }

    #[test]
    fn a_proposal_counts_once_somebody_else_agreed_and_not_before() {
        let mut statements = vec![proposed(7, "li", "Bus 4")];
        statements.push(said(8, "li", Statement::Agreed(7)));
        assert_eq!(proposals(&statements)[0].outcome, Outcome::Open);
        statements.push(said(9, "wang", Statement::Agreed(7)));
        assert!(matches!(proposals(&statements)[0].outcome, Outcome::Agreed("wang", _)));
    }

    #[test]
    fn what_was_turned_down_first_is_never_agreed_to() {
        let statements = [
            proposed(7, "li", "Bus 4"),
            said(8, "wang", Statement::TurnedDown(7)),
            said(9, "zhao", Statement::Agreed(7)),
        ];
        assert!(matches!(proposals(&statements)[0].outcome, Outcome::TurnedDown("wang", _)));
    }
}
