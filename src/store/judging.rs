//! What two people agree about: messages that could not be read completely, and proposals about one
//! donation.
//!
//! One person proposes, another agrees, and only that makes anything count; who proposes never
//! agrees. A proposal is decided once. Refused with what was decided, and by whom.

use rusqlite::{Connection, OptionalExtension};

use super::book::{Book, Cause, Touched};
use super::controlling::spoken_of;
use super::errors::Trouble;
use super::message_view::MessageProposal;
use super::putting::{PreparedRecord, PutOnRecord, refused};
use super::rack_view::ProposalDecided;
use super::reach::first_observation_of;
use super::record_rows;
use crate::domain::{
    Correction, DonationNumber, Judgement, Matter, MessageJudged, MessageRecord, MessageStep,
    Proposal, Record, RecordedStatement, Statement,
};

/// What is on record about what becomes of a message.
#[derive(Default)]
pub(super) struct Judging {
    pub(super) proposals: Vec<MessageProposal>,
}

impl Judging {
    /// Reads it.
    pub(super) fn load(connection: &Connection, message: i64) -> Result<Judging, Trouble> {
        let mut judging = Judging::default();
        for row in record_rows::about_message(connection, message)? {
            let (record, by, at) = (row.id, row.made_by, row.recorded_at);
            let Record::Message(MessageRecord { step, .. }) = row.record else { continue };
            match step {
                MessageStep::Proposed(judgement, grounds) => {
                    let decided = None;
                    let proposal = MessageProposal { record, by, at, judgement, grounds, decided };
                    judging.proposals.push(proposal);
                }
                MessageStep::Agreed(of) => {
                    judging.decide(of, ProposalDecided { record, agreed: true, by, at });
                }
                MessageStep::TurnedDown(of) => {
                    judging.decide(of, ProposalDecided { record, agreed: false, by, at });
                }
            }
        }
        Ok(judging)
    }

    fn decide(&mut self, of: i64, decided: ProposalDecided) {
        if let Some(proposal) = self.proposals.iter_mut().find(|one| one.record == of) {
            proposal.decided.get_or_insert(decided);
        }
    }

    /// The proposal with this record number.
    pub(super) fn proposal(&self, record: i64) -> Option<&MessageProposal> {
        self.proposals.iter().find(|one| one.record == record)
    }

    /// Whether a proposal waits for somebody to decide.
    pub(super) fn is_open(&self) -> bool {
        self.proposals.iter().any(|proposal| proposal.decided.is_none())
    }

    /// What two people agreed on, and the record that agreed.
    pub(super) fn judged(&self, message: i64) -> Option<(i64, MessageJudged)> {
        self.proposals.iter().find_map(|proposal| {
            let decided = proposal.decided.as_ref().filter(|decided| decided.agreed)?;
            let judged = MessageJudged {
                message,
                judgement: proposal.judgement,
                proposed_by: proposal.by.clone(),
                agreed_by: decided.by.clone(),
            };
            Some((decided.record, judged))
        })
    }

    /// Why the proposal with this record number may not be agreed to by somebody.
    pub(super) fn agreement_met(&self, of: i64, by: &str) -> Option<PutOnRecord> {
        let proposal = self.proposal(of);
        let proposed = proposal.map(|one| (one.by.as_str(), one.decided.as_ref()));
        if let Err(met) = is_undecided(of, proposed) {
            return Some(met);
        }
        let own = proposal.is_some_and(|proposal| is_same_person(&proposal.by, by));
        own.then(|| refused(of, OWN.to_owned()))
    }
}

const OWN: &str = "who proposes does not agree: ask somebody else";

impl Book {
    /// Takes a step towards what becomes of a message.
    pub(super) fn put_message(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        about: &MessageRecord,
    ) -> Result<PutOnRecord, Trouble> {
        let judging = Judging::load(connection, about.message)?;
        if let Some(met) = message_met(connection, &judging, about, prepared.by())? {
            return Ok(met);
        }
        let record = self.append_message_step(connection, prepared, about)?;
        if let MessageStep::Agreed(of) = about.step
            && let Some(proposal) = judging.proposal(of)
        {
            let judged = MessageJudged {
                message: about.message,
                judgement: proposal.judgement,
                proposed_by: proposal.by.clone(),
                agreed_by: prepared.by().to_owned(),
            };
            let mut touched = Touched::default();
            self.judge(connection, &judged, &mut touched)?;
            self.decide_touched(connection, touched, Cause::Record(record))?;
        }
        Ok(PutOnRecord::New { record })
    }

    pub(super) fn append_message_step(
        &mut self,
        connection: &Connection,
        prepared: &PreparedRecord,
        about: &MessageRecord,
    ) -> Result<i64, Trouble> {
        let subject = record_rows::message_subject(about.message);
        let word = match about.step {
            MessageStep::Proposed(..) => "proposed",
            MessageStep::Agreed(_) => "agreed",
            MessageStep::TurnedDown(_) => "turned_down",
        };
        self.append_record(connection, prepared, "", [&subject, word])
    }

    /// Tells every donation that a message is about that two people judged it.
    pub(super) fn judge(
        &mut self,
        connection: &Connection,
        judged: &MessageJudged,
        touched: &mut Touched,
    ) -> Result<(), Trouble> {
        let subject = record_rows::message_subject(judged.message);
        for din in donations_of(connection, judged.message)? {
            let said = Statement::MessageJudged(judged.clone());
            self.say_because(connection, &din, said, &subject, touched)?;
        }
        Ok(())
    }
}

/// Why a step may not be taken about a message.
fn message_met(
    connection: &Connection,
    judging: &Judging,
    about: &MessageRecord,
    by: &str,
) -> Result<Option<PutOnRecord>, Trouble> {
    if let Some(met) = unread_met(connection, judging, about.message)? {
        return Ok(Some(met));
    }
    let met = match &about.step {
        MessageStep::Proposed(judgement, grounds) => {
            let is_cut = || is_incomplete(connection, about.message);
            if grounds.text.trim().is_empty() {
                Some(refused(0, "the grounds must be said in words".to_owned()))
            } else if *judgement == Judgement::ReadAgain && is_cut()? {
                let why = "it was cut short: there is no more of it to be read";
                Some(refused(0, format!("message {}: {why}", about.message)))
            } else {
                None
            }
        }
        MessageStep::Agreed(of) => {
            let is_reading = |one: &MessageProposal| one.judgement == Judgement::ReadAgain;
            judging.agreement_met(*of, by).or_else(|| {
                let why = "that a message is read again is agreed to with the new reading";
                judging.proposal(*of).is_some_and(is_reading).then(|| refused(*of, why.to_owned()))
            })
        }
        MessageStep::TurnedDown(of) => {
            let proposal = judging.proposal(*of);
            is_undecided(*of, proposal.map(|one| (one.by.as_str(), one.decided.as_ref()))).err()
        }
    };
    Ok(met)
}

/// Why nothing is to be judged about a message.
pub(super) fn unread_met(
    connection: &Connection,
    judging: &Judging,
    message: i64,
) -> Result<Option<PutOnRecord>, Trouble> {
    let row: Option<(bool, Option<i64>)> = connection
        .prepare_cached(
            "SELECT m.unread, r.resolved_by FROM message m \
             LEFT JOIN message_resolution r ON r.message = m.id WHERE m.id = ?1",
        )?
        .query_row([message], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let why = match row {
        None => format!("there is no message {message} on record"),
        Some((false, _)) => format!("message {message} was read completely"),
        Some((true, Some(by))) => format!("message {message} was made good by message {by}"),
        Some((true, None)) => {
            let Some((record, judged)) = judging.judged(message) else { return Ok(None) };
            let (one, other) = (judged.proposed_by, judged.agreed_by);
            let why = format!("message {message} was judged by {one} and {other} already");
            return Ok(Some(refused(record, why)));
        }
    };
    Ok(Some(refused(0, why)))
}

fn is_incomplete(connection: &Connection, message: i64) -> Result<bool, Trouble> {
    let sql = "SELECT 1 FROM message WHERE id = ?1 AND incomplete IS NOT NULL";
    Ok(connection.prepare_cached(sql)?.exists([message])?)
}

/// Every donation that a message names or has results of, those of its pools' members included,
/// each once.
pub(super) fn donations_of(
    connection: &Connection,
    message: i64,
) -> Result<Vec<DonationNumber>, Trouble> {
    let mut found = Vec::new();
    let mut named = connection
        .prepare_cached("SELECT din FROM message_donation WHERE message = ?1 ORDER BY id")?;
    for din in named.query_map([message], |row| row.get(0))? {
        found.push(DonationNumber::restored(din?));
    }
    let (from, to) = observations_of(connection, message)?;
    let mut results = connection.prepare_cached(
        "SELECT din, json_extract(payload, '$.specimen_id'), json_extract(payload, '$.kind') \
         FROM observation WHERE id >= ?1 AND id < ?2 ORDER BY id",
    )?;
    let mut rows = results.query((from, to))?;
    while let Some(row) = rows.next()? {
        let (din, specimen, kind): (String, Option<String>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        found.extend(spoken_of(connection, din, specimen.as_deref(), &kind)?);
    }
    Ok(super::book::distinct(&found))
}

/// The numbers of a message's observations: the first, and the first that is another's.
pub(super) fn observations_of(
    connection: &Connection,
    message: i64,
) -> Result<(i64, i64), Trouble> {
    let from = first_observation_of(connection, message)?;
    Ok((from, first_observation_of(connection, message.saturating_add(1))?))
}

/// Why somebody may not say this about a donation, where it is a proposal or decides about one.
pub(super) fn accord_met(
    said: &[RecordedStatement],
    statement: &Statement,
    by: &str,
) -> Option<PutOnRecord> {
    match statement {
        Statement::Proposed(proposal) => proposal_met(proposal),
        Statement::Agreed(of) => {
            let proposed = match undecided(said, *of) {
                Ok(proposed) => proposed,
                Err(met) => return Some(met),
            };
            is_same_person(&proposed.by, by).then(|| refused(*of, OWN.to_owned()))
        }
        Statement::TurnedDown(of) => undecided(said, *of).err(),
        Statement::RackInDoubt(_) | Statement::RackSettled(_) | Statement::MessageJudged(_) => {
            let why = "that is said by the program, when it finds it or two people agree";
            Some(refused(0, why.to_owned()))
        }
        Statement::Details(_)
        | Statement::Deferred
        | Statement::DonorRecord(_)
        | Statement::EarlierOccasion(_)
        | Statement::Supplemental(..)
        | Statement::Signature(_)
        | Statement::SampleNotReceived
        | Statement::SampleReceived
        | Statement::NumberCheckFailed
        | Statement::Container(_)
        | Statement::Lookback(_)
        | Statement::ManualPath
        | Statement::Reevaluated(_)
        | Statement::Placed(_)
        | Statement::TakenOut(_) => None,
    }
}

fn proposal_met(proposal: &Proposal) -> Option<PutOnRecord> {
    let is_empty = match &proposal.matter {
        Matter::Amendment(reasons) => reasons.is_empty(),
        Matter::Correction(correction) => *correction == Correction::default(),
    };
    let why = match (is_empty, proposal.grounds.text.trim().is_empty()) {
        (true, _) => "it proposes nothing",
        (false, true) => "the grounds must be said in words",
        (false, false) => return None,
    };
    Some(refused(0, why.to_owned()))
}

/// The proposal with this record number about this donation, where nobody decided about it.
fn undecided(said: &[RecordedStatement], of: i64) -> Result<&RecordedStatement, PutOnRecord> {
    let is_proposal =
        |one: &&RecordedStatement| one.id == of && matches!(one.statement, Statement::Proposed(_));
    let Some(proposed) = said.iter().find(is_proposal) else {
        return Err(refused(0, format!("there is no proposal {of} about this donation")));
    };
    let ends = [Statement::Agreed(of), Statement::TurnedDown(of)];
    let decides = |one: &&RecordedStatement| ends.contains(&one.statement);
    match said.iter().find(decides) {
        None => Ok(proposed),
        Some(decided) => Err(was_decided(decided.id, of, &decided.by)),
    }
}

/// Whether a proposal, of this person and with what became of it, waits for somebody to decide.
pub(super) fn is_undecided(
    of: i64,
    proposed: Option<(&str, Option<&ProposalDecided>)>,
) -> Result<(), PutOnRecord> {
    match proposed {
        None => Err(refused(0, format!("there is no proposal {of} about this"))),
        Some((_, Some(decided))) => Err(was_decided(decided.record, of, &decided.by)),
        Some((_, None)) => Ok(()),
    }
}

fn was_decided(record: i64, of: i64, by: &str) -> PutOnRecord {
    refused(record, format!("proposal {of} was decided about by {by} already"))
}

/// Names that differ in case or blanks are one person's.
pub(super) fn is_same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_written_another_way_is_the_same_person() {
        for (one, other, same) in
            [("li", "li", true), ("Li ", "li", true), ("LI", "li", true), ("li", "lin", false)]
        {
            assert_eq!(is_same_person(one, other), same, "{one:?} {other:?}");
        }
    }
}
