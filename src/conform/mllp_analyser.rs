//! The peer is an analyser that speaks HL7 over MLLP: we play the host. Every case waits for it to
//! send something of its own accord.

use super::Plan;
use super::case::{Case, Failure, Played, case};
use super::mllp::{Heard, request};
use super::probe::Probe;
use crate::codec::mllp::VT;

/// What it sends, and what it makes of our acknowledgements.
pub(super) const CASES: &[Case] = &[
    case!("MLLP 2", "messages come in blocks that begin with MSH", Nothing, blocks),
    case!("HL7 2.5.1 2.15", "MSH-7, MSH-9, MSH-10, MSH-11, MSH-12 are valued", Nothing, header),
    case!("HL7 2.5.1 2.9.2", "each message has a control id of its own", Nothing, control_ids),
    case!("HL7 2.5.1 2.9.2", "one message at a time: none before it is answered", Nothing, waits),
    case!(
        "HL7 2.5.1 2.9.2",
        "AR: the message is sent again or given up, not lost",
        Nothing,
        refused
    ),
    case!(
        "HL7 2.5.1 2.9.2",
        "an acknowledgement of another message counts for none",
        Nothing,
        stray
    ),
];

/// The next message of the analyser.
async fn message(probe: &mut Probe, plan: &Plan) -> Result<Heard, Failure> {
    probe.heard(plan.patience).await
}

async fn acknowledge(probe: &mut Probe, message: &Heard, code: &str) -> Played {
    let id = message.field("MSH", 10);
    probe.block(&answer(id, code)).await
}

fn answer(id: &str, code: &str) -> Vec<u8> {
    request("ACK", &format!("A-{id}"), ["", ""], &[&format!("MSA|{code}|{id}")])
}

async fn blocks(probe: &mut Probe, plan: &Plan) -> Played {
    let first = message(probe, plan).await?;
    acknowledge(probe, &first, "AA").await
}

async fn header(probe: &mut Probe, plan: &Plan) -> Played {
    let first = message(probe, plan).await?;
    for number in [7, 9, 10, 11, 12] {
        let valued = !first.field("MSH", number).is_empty();
        probe.check(valued, &format!("a value in MSH-{number}"), &first.text)?;
    }
    acknowledge(probe, &first, "AA").await
}

async fn control_ids(probe: &mut Probe, plan: &Plan) -> Played {
    let first = message(probe, plan).await?;
    acknowledge(probe, &first, "AA").await?;
    let second = message(probe, plan).await?;
    acknowledge(probe, &second, "AA").await?;
    let differ = first.field("MSH", 10) != second.field("MSH", 10);
    probe.check(differ, "another MSH-10 than that of the message before", &second.text)
}

async fn waits(probe: &mut Probe, plan: &Plan) -> Played {
    let first = message(probe, plan).await?;
    let words = "nothing before the message is acknowledged";
    probe.silence(std::time::Duration::from_secs(1), words).await?;
    acknowledge(probe, &first, "AA").await
}

async fn refused(probe: &mut Probe, plan: &Plan) -> Played {
    let first = message(probe, plan).await?;
    acknowledge(probe, &first, "AR").await?;
    let next = message(probe, plan).await?;
    let body = |heard: &Heard| heard.fields("OBX", 5).join("|");
    let again = body(&first) == body(&next);
    acknowledge(probe, &next, "AA").await?;
    probe.check(again, "the results that were refused, again", &next.text)
}

async fn stray(probe: &mut Probe, plan: &Plan) -> Played {
    let first = message(probe, plan).await?;
    probe.block(&answer("SOME-OTHER-MESSAGE", "AA")).await?;
    // It may wait on, send the same again, or hang up; it must not go on to other results.
    match probe.byte(plan.patience).await {
        None => Ok(()),
        Some(VT) => {
            let rest = probe.until(crate::codec::mllp::FS, plan.patience, "a whole block").await?;
            let results = |text: &[u8]| {
                let text = String::from_utf8_lossy(text).into_owned();
                let segments = text.split('\r').filter(|segment| segment.starts_with("OBX"));
                segments.map(str::to_owned).collect::<Vec<_>>()
            };
            let same = results(&rest) == results(&first.text);
            probe.check(same, "the same results, or nothing", &rest)
        }
        Some(byte) => Err(probe.failure("a block, or nothing", &[byte])),
    }
}
