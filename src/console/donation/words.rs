//! Verdicts' reasons, steps, readings and statements in the reader's language. What a later version
//! wrote keeps its own words.

use jiff::Timestamp;

use crate::console::text::Text;
use crate::domain::{
    AboGroup, Action, Assay, Donor, DonorConsequence, Label, Matter, MessageJudged, Placement,
    RackDoubt, RackSettled, Reading, ReasonCode, RhdType, Statement, Verdict,
};
use crate::rules::words;
use crate::shape::{NextStepShape, ReasonShape};

/// A reason in the reader's language, with its assay or what else it is about.
pub(in crate::console) fn reason(text: &Text, reason: &ReasonShape) -> String {
    let Some(code) = ReasonCode::from_id(&reason.code) else { return reason.text.clone() };
    let assay = reason.assay.as_deref().map(|assay| self::assay(text, assay));
    let subject = reason.subject.as_deref().or(assay.as_deref());
    words::reason_text(code, text.lang(), subject)
}

/// A reason's code alone, in the reader's language.
pub(in crate::console) fn code(text: &Text, code: &str) -> String {
    let known = ReasonCode::from_id(code);
    known.map_or_else(|| code.to_owned(), |code| text.lang().of(words::reason(code)).to_owned())
}

/// A next step.
pub(in crate::console) fn step(text: &Text, step: &NextStepShape) -> String {
    let Some(action) = Action::from_id(&step.action) else { return step.text.clone() };
    let assay = step.assay.as_deref().map(|assay| self::assay(text, assay));
    words::action_text(action, text.lang(), assay.as_deref())
}

/// An assay by its id.
pub(in crate::console) fn assay(text: &Text, id: &str) -> String {
    let known = Assay::from_id(id);
    known.map_or_else(|| id.to_owned(), |assay| text.lang().of(words::assay(assay)).to_owned())
}

/// A label by its id.
pub(super) fn label(text: &Text, id: &str) -> String {
    let known = Label::from_id(id);
    known.map_or_else(|| id.to_owned(), |label| text.lang().of(words::label(label)).to_owned())
}

/// What follows for the donor, by its id.
pub(super) fn consequence(text: &Text, id: &str) -> String {
    let known = DonorConsequence::from_id(id);
    known.map_or_else(|| id.to_owned(), |it| text.lang().of(words::consequence(it)).to_owned())
}

/// A verdict by its id.
pub(in crate::console) fn verdict(text: &Text, id: &str) -> String {
    let known = Verdict::from_id(id);
    known.map_or_else(|| id.to_owned(), |it| text.lang().of(words::verdict(it)).to_owned())
}

/// The character that stands for a verdict beside its colour and its word (FM-50).
pub(in crate::console) fn shape(verdict: &str) -> &'static str {
    match verdict {
        "releasable" => "✔",
        "pending" => "…",
        "hold" => "▲",
        "reject" => "✖",
        "recalled" => "⟲",
        _ => "?",
    }
}

/// What a result says.
pub(in crate::console) fn reading(text: &Text, reading: Reading) -> String {
    match reading {
        Reading::Abo(group) => abo(group),
        Reading::Rhd(rhd) => self::rhd(text, rhd),
        Reading::Nonreactive | Reading::Reactive | Reading::GreyZone | Reading::Invalid => {
            text.word("reading", reading.id())
        }
    }
}

/// How a reading looks: good, bad or to be looked at; groups are none of these.
pub(in crate::console) const fn reading_kind(reading: Reading) -> (&'static str, &'static str) {
    match reading {
        Reading::Nonreactive => ("good", "✔"),
        Reading::Reactive => ("bad", "✖"),
        Reading::GreyZone => ("warn", "▲"),
        Reading::Invalid => ("wait", "∅"),
        Reading::Abo(_) | Reading::Rhd(_) => ("wait", "●"),
    }
}

fn abo(group: AboGroup) -> String {
    group.id().to_owned()
}

fn rhd(text: &Text, rhd: RhdType) -> String {
    text.word("reading", rhd.id())
}

/// A donor as it is known here: kind, deferral, group.
pub(in crate::console) fn donor(text: &Text, donor: &Donor) -> String {
    let mut parts = vec![text.word("donor", donor.kind.id())];
    if donor.deferred {
        parts.push(text.say("donation-donor-deferred"));
    }
    parts.push(match donor.historic_group {
        Some(group) => format!("{} {}", abo(group.abo), rhd(text, group.rhd)),
        None => text.say("donation-no-group"),
    });
    parts.join(" · ")
}

/// A time of ours.
pub(in crate::console) fn time(text: &Text, at: Timestamp) -> String {
    text.with("console-when", "time", at.strftime("%Y-%m-%d %H:%M:%S"))
}

/// What somebody put on record about a donation.
pub(in crate::console) fn statement(text: &Text, statement: &Statement) -> String {
    let lang = text.lang();
    let with_assay =
        |key: &str, assay: Assay| text.with(key, "assay", lang.of(words::assay(assay)));
    match statement {
        Statement::Details(details) => {
            let kind = lang.of(words::donation_kind(details.kind));
            let extras: Vec<&str> =
                details.extras.iter().map(|assay| lang.of(words::assay(*assay))).collect();
            let extras = if extras.is_empty() { "—".to_owned() } else { extras.join(", ") };
            let values = [("kind", kind.to_owned()), ("extras", extras)];
            text.with_all("donation-says-details", &values)
        }
        Statement::Deferred => text.say("donation-says-deferred"),
        Statement::DonorRecord(record) => text.word("donor-record", record.id()),
        Statement::EarlierOccasion(assay) => with_assay("donation-says-earlier", *assay),
        Statement::Supplemental(assay, result) => {
            let values = [
                ("assay", lang.of(words::assay(*assay)).to_owned()),
                ("result", text.word("supplemental", result.id())),
            ];
            text.with_all("donation-says-supplemental", &values)
        }
        Statement::Signature(step) => text.word("signature", step.id()),
        Statement::SampleNotReceived => text.say("donation-says-sample-missing"),
        Statement::SampleReceived => text.say("donation-says-sample-found"),
        Statement::NumberCheckFailed => text.say("donation-says-number-failed"),
        Statement::Container(container) => {
            let container = text.word("specimen-container", container.id());
            text.with("donation-says-container", "container", container)
        }
        Statement::Lookback(lookback) => text.word("lookback", lookback.id()),
        Statement::ManualPath => text.say("donation-says-manual-path"),
        Statement::Reevaluated(sha256) => {
            let short: String = sha256.chars().take(12).collect();
            text.with("donation-says-reevaluated", "rules", short)
        }
        Statement::Placed(place) => placed(text, place),
        Statement::TakenOut(loading) => text.with("donation-says-taken-out", "loading", loading),
        Statement::RackInDoubt(doubt) => doubted(text, doubt),
        Statement::RackSettled(settled) => self::settled(text, settled),
        Statement::MessageJudged(judged) => message_judged(text, judged),
        Statement::Proposed(proposal) => {
            let ground = text.word("ground", proposal.grounds.ground.id());
            let values = [("ground", ground), ("text", proposal.grounds.text.clone())];
            match &proposal.matter {
                Matter::Amendment(_) => text.with_all("donation-says-amendment", &values),
                Matter::Correction(_) => text.with_all("donation-says-correction", &values),
            }
        }
        Statement::Agreed(proposal) => text.with("donation-says-agreed", "record", proposal),
        Statement::TurnedDown(proposal) => {
            text.with("donation-says-turned-down", "record", proposal)
        }
    }
}

fn message_judged(text: &Text, judged: &MessageJudged) -> String {
    let values = [
        ("message", judged.message.to_string()),
        ("judgement", text.word("judgement", judged.judgement.id())),
        ("one", judged.proposed_by.clone()),
        ("other", judged.agreed_by.clone()),
    ];
    text.with_all("donation-says-judged", &values)
}

fn placed(text: &Text, place: &Placement) -> String {
    let values = [
        ("rack", place.rack.clone()),
        ("position", place.position.to_string()),
        ("loading", place.loading.clone()),
    ];
    text.with_all("donation-says-placed", &values)
}

fn doubted(text: &Text, doubt: &RackDoubt) -> String {
    let values = [
        ("rack", doubt.rack.clone()),
        ("analyser", doubt.analyser.clone()),
        ("text", doubt.text.clone()),
    ];
    text.with_all("donation-says-rack-in-doubt", &values)
}

fn settled(text: &Text, settled: &RackSettled) -> String {
    let values = [
        ("loading", settled.loading.clone()),
        ("one", settled.proposed_by.clone()),
        ("other", settled.agreed_by.clone()),
    ];
    text.with_all("donation-says-rack-settled", &values)
}
