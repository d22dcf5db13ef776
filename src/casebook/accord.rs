//! What sentences about racks, unread messages and two people's agreements change, and the records
//! that they become, as the store would have them.
//!
//! An amendment names every result of its assay that is on record when it is proposed: what the
//! rules make of that, they alone know.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{
    AmendedReason, Correction, Donor, DonorKind, Ground, Grounds, Judgement, Matter, MessageJudged,
    Placement, Proposal, RackDoubt, RackSettled, Statement,
};

use super::bench::{Bench, Role, names};
use super::sentence::{AccordSaying, Answer, Corrected, Test, Which};

/// The message that asked for the donation at a second place.
pub(super) const SIGHTING: i64 = 9_000;
/// The first message that could not be read; others follow.
pub(super) const FIRST_UNREAD: i64 = 9_001;
/// The message that reported other places.
const MISPLACED: i64 = 9_500;

/// Something that people, or the program itself, put on record.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// By somebody.
    By(String, Statement),
    /// By somebody, of the last proposal.
    Agreed(String),
    /// By somebody, of the last proposal.
    TurnedDown(String),
}

impl Bench {
    /// Something about racks, messages, proposals.
    pub(super) fn accord(&mut self, saying: &AccordSaying) -> Result<(), String> {
        let said = match saying {
            AccordSaying::Amend(who, code, assay) => {
                let reason = AmendedReason {
                    code: *code,
                    assay: *assay,
                    subject: None,
                    observations: assay.map_or_else(Vec::new, |assay| self.numbers(assay)),
                    messages: Vec::new(),
                };
                Said::By(who.clone(), proposed(Matter::Amendment(vec![reason])))
            }
            AccordSaying::Correct(who, corrected) => {
                let correction = self.correction(*corrected);
                Said::By(who.clone(), proposed(Matter::Correction(correction)))
            }
            AccordSaying::Agreed(who) => Said::Agreed(who.clone()),
            AccordSaying::TurnedDown(who) => Said::TurnedDown(who.clone()),
            AccordSaying::Stands(loading, early) => {
                let after = if *early { 0 } else { self.sheets.len() };
                self.accords.push((after, by_program(placed(loading))));
                return Ok(());
            }
            AccordSaying::InDoubt(loading, kit) => by_program(in_doubt(loading, *kit)),
            AccordSaying::Identified(loading, kit, [proposed_by, agreed_by]) => {
                by_program(Statement::RackSettled(RackSettled {
                    loading: loading.clone(),
                    analyser: analyser(*kit),
                    proposed_by: proposed_by.clone(),
                    agreed_by: agreed_by.clone(),
                }))
            }
            AccordSaying::AllAgain(kit) => return self.all_again(*kit),
            AccordSaying::Judged(which, judgement, people) => {
                return self.judged(which.as_ref(), *judgement, people);
            }
            AccordSaying::SecondReading(test, answer) => {
                return self.second_reading(*test, answer);
            }
        };
        self.accords.push((self.sheets.len(), said));
        Ok(())
    }

    /// The numbers of the results of an assay, as they will be.
    fn numbers(&self, assay: crate::domain::Assay) -> Vec<i64> {
        let all = self.sheets.iter().zip(1_i64..);
        let own = all.filter(|(sheet, _)| sheet.assay.is_some_and(|own| names(assay, own)));
        own.map(|(_, number)| number).collect()
    }

    fn correction(&self, corrected: Corrected) -> Correction {
        let sheet = &self.donation;
        let kind = if sheet.first_time { DonorKind::First } else { DonorKind::Repeat };
        let donor = Donor { kind, deferred: sheet.deferred, historic_group: sheet.history };
        match corrected {
            Corrected::CollectedOn(date) => {
                Correction { collected_at: morning(date), ..Correction::default() }
            }
            Corrected::History(group) => {
                let donor = Some(Donor { historic_group: Some(group), ..donor });
                Correction { donor, ..Correction::default() }
            }
            Corrected::Deferred(deferred) => {
                Correction { donor: Some(Donor { deferred, ..donor }), ..Correction::default() }
            }
        }
    }

    /// Each first result of a kit comes once more, in a message of its own.
    fn all_again(&mut self, kit: char) -> Result<(), String> {
        let of_kit = self
            .sheets
            .iter()
            .filter(|sheet| (sheet.kit, sheet.role) == (kit, Role::First) && sheet.pool.is_none());
        let known: Vec<_> = of_kit.cloned().collect();
        if known.is_empty() {
            return Err(format!("there is no result of kit {kit} on record"));
        }
        for sheet in known {
            let Some(assay) = sheet.assay else { continue };
            let nothing = Answer { saying: None, amount: None, months_ago: None };
            let at = self.append(assay, kit, Role::Later, &nothing)?;
            if let Some(new) = self.sheets.get_mut(at) {
                let (moment, message) = (new.moment, new.message);
                *new = sheet;
                (new.moment, new.message, new.role) = (moment, message, Role::Later);
            }
        }
        Ok(())
    }

    fn judged(
        &mut self,
        which: Option<&Which>,
        judgement: Judgement,
        [proposed_by, agreed_by]: &[String; 2],
    ) -> Result<(), String> {
        let mut messages: Vec<i64> = match which {
            Some(which) => {
                self.meant(which)?.iter().map(|sheet| i64::from(sheet.message)).collect()
            }
            None => (FIRST_UNREAD..).take(self.unread.len()).collect(),
        };
        messages.dedup();
        if messages.is_empty() {
            return Err("there is no message that could not be read".to_owned());
        }
        for message in messages {
            let judged = MessageJudged {
                message,
                judgement,
                proposed_by: proposed_by.clone(),
                agreed_by: agreed_by.clone(),
            };
            let said = by_program(Statement::MessageJudged(judged));
            self.accords.push((self.sheets.len(), said));
        }
        Ok(())
    }

    /// The same moment in another message, and understood.
    fn second_reading(&mut self, test: Test, answer: &Answer) -> Result<(), String> {
        let kit = self.kit_of(test);
        let own = |sheet: &&super::bench::Sheet| {
            (sheet.assay, sheet.kit) == (Some(test.assay), kit) && sheet.pool.is_none()
        };
        let moment = self.sheets.iter().rfind(own).map(|sheet| sheet.moment);
        let moment =
            moment.ok_or_else(|| format!("there is no result of {} to read", test.assay))?;
        let at = self.append(test.assay, kit, Role::Later, answer)?;
        if let Some(sheet) = self.sheets.get_mut(at) {
            sheet.moment = moment;
        }
        Ok(())
    }
}

/// What was said, as records; the first has this number.
pub(super) fn statements(bench: &Bench, first: i64) -> Vec<(String, Statement, i64)> {
    let mut last_proposal = 0;
    let each = bench.accords.iter().zip(first..);
    each.map(|((after, said), number)| {
        let (by, statement) = match said {
            Said::By(by, statement) => (by.clone(), statement.clone()),
            Said::Agreed(by) => (by.clone(), Statement::Agreed(last_proposal)),
            Said::TurnedDown(by) => (by.clone(), Statement::TurnedDown(last_proposal)),
        };
        if matches!(statement, Statement::Proposed(_)) {
            last_proposal = number;
        }
        let after = (*after).min(bench.sheets.len());
        (by, statement, i64::try_from(after).unwrap_or(i64::MAX))
    })
    .collect()
}

fn by_program(statement: Statement) -> Said {
    Said::By("hemogate".to_owned(), statement)
}

fn proposed(matter: Matter) -> Statement {
    let grounds = Grounds { ground: Ground::MedicalDecision, text: "as told".to_owned() };
    Statement::Proposed(Proposal { matter, grounds, version: 1 })
}

fn placed(loading: &str) -> Statement {
    let (loading, rack) = (loading.to_owned(), rack(loading));
    Statement::Placed(Placement { loading, rack, position: 1, analyser: None })
}

fn in_doubt(loading: &str, kit: char) -> Statement {
    Statement::RackInDoubt(RackDoubt {
        loading: loading.to_owned(),
        rack: rack(loading),
        analyser: analyser(kit),
        message: MISPLACED,
        text: "every tube one place further on".to_owned(),
    })
}

fn rack(loading: &str) -> String {
    format!("RACK-{loading}")
}

/// The analyser of a kit, as results name it.
fn analyser(kit: char) -> String {
    format!("analyser-{kit}")
}

/// The hour at which every donation of a case is drawn.
fn morning(date: Date) -> Option<jiff::Timestamp> {
    TimeZone::UTC.to_timestamp(date.at(8, 0, 0, 0)).ok()
}
