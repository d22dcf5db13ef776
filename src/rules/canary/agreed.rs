//! Known-bad donations that somebody wants to be good: what one person proposes, and what two did
//! not look at. None may come out releasable.

use jiff::Timestamp;

use super::{Canary, Value, decide, push, say};
use crate::domain::{
    AmendedReason, Assay, Correction, Facts, Ground, Grounds, Judgement, Matter, MessageJudged,
    Placement, Proposal, RackDoubt, RackSettled, Reading, Statement, UnreadMessage,
};
use crate::rules::RuleSet;

/// The marker that every set asks for.
const MARKER: Assay = Assay::Hbsag;
/// The loading of a rack in which the specimen stood.
const LOADING: &str = "canary";

/// Every known-bad donation of this kind.
pub(super) fn canaries(sound: &Facts, rules: &RuleSet, at: Timestamp) -> Vec<Canary> {
    let mut canaries = amended(sound, rules, at);
    canaries.extend(corrected(sound, at));
    canaries.extend(in_racks(sound, at));
    canaries.extend(judged(sound, at));
    canaries
}

fn changed(facts: &Facts, wrong: &str, change: impl FnOnce(&mut Facts)) -> Canary {
    let mut facts = facts.clone();
    change(&mut facts);
    Canary { wrong: wrong.to_owned(), facts }
}

fn proposed(matter: Matter) -> Statement {
    let grounds = Grounds { ground: Ground::Other, text: "to be released".to_owned() };
    Statement::Proposed(Proposal { matter, grounds, version: 1 })
}

/// Somebody proposes it; the number of the record.
fn propose(facts: &mut Facts, matter: &Matter, at: Timestamp) -> i64 {
    say(facts, "one", proposed(matter.clone()), at);
    facts.statements.last().map_or(0, |last| last.id)
}

/// Everything that stands against a donation, as somebody looks at it.
fn everything(facts: &Facts, rules: &RuleSet) -> Matter {
    let reasons = decide(facts, rules).reasons.into_iter().map(|reason| AmendedReason {
        code: reason.code,
        assay: reason.assay,
        subject: reason.subject,
        observations: reason.observations,
        messages: reason.messages,
    });
    Matter::Amendment(reasons.collect())
}

fn reactive(facts: &mut Facts, at: Timestamp) {
    push(facts, MARKER, 0, &Value::Reading(Reading::Reactive), at);
}

fn amended(sound: &Facts, rules: &RuleSet, at: Timestamp) -> Vec<Canary> {
    let mut bad = sound.clone();
    (0..3).for_each(|_| reactive(&mut bad, at));
    let matter = everything(&bad, rules);
    let mut untested = sound.clone();
    untested.observations.retain(|own| own.observation.assay != Some(MARKER));
    let missing = everything(&untested, rules);
    vec![
        changed(&bad, "reactive, and one person proposes to amend it", |facts| {
            propose(facts, &matter, at);
        }),
        changed(&bad, "reactive, amended by one person twice", |facts| {
            let number = propose(facts, &matter, at);
            say(facts, " ONE", Statement::Agreed(number), at);
        }),
        changed(&bad, "reactive, and its amendment was turned down", |facts| {
            let number = propose(facts, &matter, at);
            say(facts, "two", Statement::TurnedDown(number), at);
            say(facts, "three", Statement::Agreed(number), at);
        }),
        changed(&bad, "reactive once more since two people amended it", |facts| {
            let number = propose(facts, &matter, at);
            say(facts, "two", Statement::Agreed(number), at);
            reactive(facts, at);
        }),
        changed(&untested, "not tested, and two people amend that", |facts| {
            let number = propose(facts, &missing, at);
            say(facts, "two", Statement::Agreed(number), at);
        }),
    ]
}

fn corrected(sound: &Facts, at: Timestamp) -> Option<Canary> {
    let donor = sound.registration.as_ref().map(|known| known.donor);
    let matter = Matter::Correction(Correction { donor, ..Correction::default() });
    let deferred = changed(sound, "a deferral that two people corrected away", |facts| {
        facts.registration.iter_mut().for_each(|known| known.donor.deferred = true);
        let number = propose(facts, &matter, at);
        say(facts, "two", Statement::Agreed(number), at);
    });
    donor.map(|_| deferred)
}

/// The specimen stood in a rack of which its first analyser reported other places.
fn in_racks(sound: &Facts, at: Timestamp) -> Vec<Canary> {
    let Some(first) = sound.observations.first() else { return Vec::new() };
    let [loading, rack, analyser] = [LOADING, "R", first.analyser.as_str()].map(str::to_owned);
    let (position, message) = (1, first.message);
    let placed = Placement { loading, rack, position, analyser: Some(analyser.clone()) };
    let Placement { loading, rack, .. } = placed.clone();
    let text = "one place further on".to_owned();
    let doubt = RackDoubt { loading, rack, analyser, message, text };
    let RackDoubt { loading, analyser, .. } = doubt.clone();
    let [proposed_by, agreed_by] = ["one", "One "].map(str::to_owned);
    let settled = RackSettled { loading, analyser, proposed_by, agreed_by };
    let mut bad = sound.clone();
    say(&mut bad, "loader", Statement::Placed(placed), at);
    // It was put there before its first result.
    bad.statements.iter_mut().rev().take(1).for_each(|said| said.after_observation = 0);
    say(&mut bad, "hemogate", Statement::RackInDoubt(doubt), at);
    vec![
        changed(&bad, "its rack was reported at other places", |_| {}),
        changed(&bad, "its rack is in doubt, and one person settles that", |facts| {
            say(facts, "hemogate", Statement::RackSettled(settled), at);
        }),
    ]
}

fn judged(sound: &Facts, at: Timestamp) -> Vec<Canary> {
    let rejected = changed(sound, "messages that two people rejected", |facts| {
        let own = facts.observations.iter().filter(|own| own.observation.assay == Some(MARKER));
        let messages: Vec<i64> = own.map(|own| own.message).collect();
        for message in messages {
            say(facts, "hemogate", by(message, Judgement::Rejected, ["one", "two"]), at);
        }
    });
    let unread = changed(sound, "an unread message that one person accepted", |facts| {
        let (message, why) = (9_001, "not understood".to_owned());
        facts.unread.push(UnreadMessage { message, why, cut_short: false });
        say(facts, "hemogate", by(message, Judgement::Accepted, ["one", "ONE"]), at);
    });
    vec![rejected, unread]
}

fn by(message: i64, judgement: Judgement, people: [&str; 2]) -> Statement {
    let [proposed_by, agreed_by] = people.map(str::to_owned);
    Statement::MessageJudged(MessageJudged { message, judgement, proposed_by, agreed_by })
}
