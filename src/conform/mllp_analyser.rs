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
    case!("IHE LAW LAB28-001", "DC, nothing to do: ORL^O34 of MSH and MSA alone", Test, no_work),
    case!("IHE LAW LAB28-004", "each order is answered in ORL^O34: OK or UA", Test, ordered),
    case!("IHE LAW LAB28-006", "an order id that comes again is refused (UA)", Test, used_before),
    case!("IHE LAW LAB28-008", "a specimen that is not there: AR and ERR", Test, not_there),
];

/// An order id is used once; the cases of one run count from here.
const ORDERS: &str = "CONFORM";
/// No donation and no patient has this.
const NO_SPECIMEN: &str = "NOSUCHTUBE";

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

// IHE LAW: the analyser asks, and is told what to do.

/// The specimen of its next query, which is answered with "orders follow".
async fn query(probe: &mut Probe, plan: &Plan) -> Result<String, Failure> {
    loop {
        let heard = message(probe, plan).await?;
        if !heard.is("QBP^Q11") {
            acknowledge(probe, &heard, "AA").await?;
            continue;
        }
        respond(probe, &heard, "OK").await?;
        return Ok(heard.field("QPD", 3).to_owned());
    }
}

/// Answers a query: orders follow (OK), or nothing is known (NF).
async fn respond(probe: &mut Probe, query: &Heard, found: &str) -> Played {
    let (id, tag, name) = (query.field("MSH", 10), query.field("QPD", 2), query.field("QPD", 1));
    let said = [
        format!("MSA|AA|{id}"),
        format!("QAK|{tag}|{found}|{name}"),
        format!("QPD|{name}|{tag}|{}", query.field("QPD", 3)),
    ];
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let control_id = format!("R-{id}");
    probe.block(&request("RSP^K11^RSP_K11", &control_id, ["", ""], &said)).await
}

/// Sends OML^O33 for this specimen: the test under this order id, or that there is nothing to do.
/// Returns the answer, which must be ORL^O34 for it.
async fn order(
    probe: &mut Probe,
    plan: &Plan,
    (specimen, control_id): (&str, &str),
    order_id: Option<&str>,
) -> Result<Heard, Failure> {
    let mut segments = vec![
        "SPM|1|||\"\"|||||||P^Patient specimen^HL70369".to_owned(),
        format!("SAC|||{specimen}"),
    ];
    match order_id {
        Some(id) => {
            let test = plan.test.as_deref().unwrap_or_default();
            segments.push("ORC|NW||||||||20260101120000".to_owned());
            segments.push("TQ1|||||||||R^^HL70485".to_owned());
            segments.push(format!("OBR||{id}||{test}"));
            segments.push(format!("TCD|{test}"));
        }
        None => segments.push("ORC|DC||||||||20260101120000".to_owned()),
    }
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let modes = ["NE", "AL"];
    probe.block(&request("OML^O33^OML_O33", control_id, modes, &segments)).await?;
    let mut answer = probe.heard(plan.patience).await?;
    while answer.is("QBP^Q11") {
        // It asks about the next specimen before it answers.
        respond(probe, &answer, "NF").await?;
        answer = probe.heard(plan.patience).await?;
    }
    let names = answer.field("MSA", 2) == control_id;
    probe.check(names, &format!("an answer with {control_id} in MSA-2"), &answer.text)?;
    probe.check(answer.is("ORL^O34"), "ORL^O34", &answer.text)?;
    Ok(answer)
}

fn accepted(answer: &Heard) -> bool {
    answer.field("MSA", 1) == "AA" && answer.field("ORC", 1) == "OK"
}

/// Leaves the analyser with an answer to its query.
async fn nothing_to_do(probe: &mut Probe, plan: &Plan, specimen: &str) -> Played {
    order(probe, plan, (specimen, "D-0"), None).await.map(drop)
}

async fn no_work(probe: &mut Probe, plan: &Plan) -> Played {
    let specimen = query(probe, plan).await?;
    let answer = order(probe, plan, (&specimen, "D-1"), None).await?;
    let alone = answer.field("MSA", 1) == "AA" && answer.fields("ORC", 1).is_empty();
    probe.check(alone, "AA in MSA-1 and no ORC", &answer.text)
}

async fn ordered(probe: &mut Probe, plan: &Plan) -> Played {
    let specimen = query(probe, plan).await?;
    let id = format!("{ORDERS}-1");
    let answer = order(probe, plan, (&specimen, "D-2"), Some(&id)).await?;
    let named = answer.fields("ORC", 2) == [id.as_str()];
    probe.check(named, "one ORC with the order id in ORC-2", &answer.text)?;
    let standing = matches!(answer.field("ORC", 1), "OK" | "UA");
    probe.check(standing, "OK or UA in ORC-1", &answer.text)
}

async fn used_before(probe: &mut Probe, plan: &Plan) -> Played {
    let specimen = query(probe, plan).await?;
    let id = format!("{ORDERS}-2");
    let first = order(probe, plan, (&specimen, "D-3"), Some(&id)).await?;
    probe.check(accepted(&first), "OK in ORC-1 for a test that it runs", &first.text)?;
    let second = order(probe, plan, (&specimen, "D-4"), Some(&id)).await?;
    probe.check(!accepted(&second), "UA in ORC-1 for the same order id", &second.text)
}

async fn not_there(probe: &mut Probe, plan: &Plan) -> Played {
    let specimen = query(probe, plan).await?;
    let id = format!("{ORDERS}-3");
    let answer = order(probe, plan, (NO_SPECIMEN, "D-5"), Some(&id)).await?;
    let refused = answer.field("MSA", 1) == "AR" && !answer.fields("ERR", 3).is_empty();
    probe.check(refused, "AR in MSA-1 and the reason in ERR", &answer.text)?;
    nothing_to_do(probe, plan, &specimen).await
}
