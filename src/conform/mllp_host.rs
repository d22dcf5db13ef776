//! The peer is a host that speaks HL7 over MLLP: we play the analyser. First how it acknowledges,
//! then IHE LAW: queries, work, replies.

use std::time::Duration;

use super::Plan;
use super::case::{Case, Failure, Played, case};
use super::mllp::{Heard, request};
use super::probe::Probe;
use crate::codec::mllp::{CR, FS, VT, wrap};

/// Blocks, acknowledgement, work.
pub(super) const CASES: &[Case] = &[
    case!("HL7 2.5.1 2.9.2", "MSA-2 is the MSH-10 of the request", Nothing, control_id),
    case!("MLLP 2", "one block may come byte by byte", Nothing, byte_by_byte),
    case!("MLLP 2", "<FS> and <CR> in different reads", Nothing, late_end),
    case!("MLLP 2", "several blocks in one read, answered in order", Nothing, two_at_once),
    case!("MLLP 2", "bytes between blocks are ignored", Nothing, noise),
    case!("MLLP 2", "a block that is begun again counts from its new start", Nothing, restarted),
    case!("HL7 2.5.1 2.5", "the last segment may lack its <CR>", Nothing, missing_end),
    case!("field practice", "an empty segment before <FS>", Nothing, empty_segment),
    case!("field practice", "segments that end with <LF>", Nothing, line_feeds),
    case!("HL7 2.5.1 2.9.3", "MSH-15 and MSH-16 NE: no acknowledgement", Nothing, silent),
    case!("HL7 2.5.1 2.9.3", "MSH-15 AL: a commit acknowledgement comes", Nothing, commit),
    case!("IHE LAW", "MSH-15 NE, MSH-16 AL: one application acknowledgement", Nothing, law_mode),
    case!("HL7 2.5.1 2.9.2", "a message type nobody knows is not accepted", Nothing, unknown_type),
    case!("IHE LAW LAB-27", "a query is answered with RSP^K11, tag echoed", Work, query),
    case!("IHE LAW LAB-28", "then work comes: OML^O33 for this specimen only", Work, work),
    case!("IHE LAW LAB28-006", "no order id is ever used twice", Work, fresh_ids),
    case!("IHE LAW LAB28-006", "an order refused (UA) may come again, as a new one", Work, refused),
    case!("IHE LAW LAB27-004", "an unknown specimen gets no work", Nothing, unknown_id),
    case!("IHE LAW LAB27-004", "a blank specimen id gets no work", Nothing, blank_id),
    case!("HL7 2.5.1 2.9.2", "a late reply is not taken for the next one", Work, late_reply),
];

/// Both fields empty: original mode.
const ORIGINAL: [&str; 2] = ["", ""];
/// As IHE LAW wants it.
const LAW: [&str; 2] = ["NE", "AL"];
/// Whatever the host makes of the content, it must answer.
const ANY: [&str; 3] = ["AA", "AE", "AR"];
/// A message without content: a connection test, as analysers send it.
const TEST: &str = "NMD^N02";
/// A pause within a block.
const PAUSE: Duration = Duration::from_millis(150);

fn test(id: &str) -> Vec<u8> {
    request(TEST, id, ORIGINAL, &["NST|N"])
}

async fn control_id(probe: &mut Probe, plan: &Plan) -> Played {
    for id in ["C-1", "20260101120000-77"] {
        probe.block(&test(id)).await?;
        probe.acknowledged(id, &ANY, plan.patience).await?;
    }
    Ok(())
}

async fn byte_by_byte(probe: &mut Probe, plan: &Plan) -> Played {
    for byte in wrap(&test("B-1")) {
        probe.send(&[byte]).await?;
        probe.rest(Duration::from_millis(2)).await;
    }
    probe.acknowledged("B-1", &ANY, plan.patience).await.map(drop)
}

async fn late_end(probe: &mut Probe, plan: &Plan) -> Played {
    let block = wrap(&test("L-1"));
    let body = block.strip_suffix(&[FS, CR]).unwrap_or_default().to_vec();
    probe.send(&body).await?;
    probe.rest(PAUSE).await;
    probe.send(&[FS]).await?;
    probe.rest(PAUSE).await;
    probe.send(&[CR]).await?;
    probe.acknowledged("L-1", &ANY, plan.patience).await.map(drop)
}

async fn two_at_once(probe: &mut Probe, plan: &Plan) -> Played {
    let ids = ["T-1", "T-2", "T-3"];
    let blocks: Vec<u8> = ids.iter().flat_map(|id| wrap(&test(id))).collect();
    probe.send(&blocks).await?;
    for id in ids {
        probe.acknowledged(id, &ANY, plan.patience).await?;
    }
    Ok(())
}

async fn noise(probe: &mut Probe, plan: &Plan) -> Played {
    probe.send(b"\r\n\x00noise").await?;
    probe.block(&test("N-1")).await?;
    probe.acknowledged("N-1", &ANY, plan.patience).await.map(drop)
}

async fn restarted(probe: &mut Probe, plan: &Plan) -> Played {
    probe.send(&[&[VT][..], b"MSH|^~\\&|cut"].concat()).await?;
    probe.block(&test("R-1")).await?;
    probe.acknowledged("R-1", &ANY, plan.patience).await.map(drop)
}

async fn missing_end(probe: &mut Probe, plan: &Plan) -> Played {
    let message = test("M-1");
    probe.block(message.strip_suffix(&[CR]).unwrap_or_default()).await?;
    probe.acknowledged("M-1", &ANY, plan.patience).await.map(drop)
}

async fn empty_segment(probe: &mut Probe, plan: &Plan) -> Played {
    let message = [test("E-1"), vec![CR]].concat();
    probe.block(&message).await?;
    probe.acknowledged("E-1", &ANY, plan.patience).await.map(drop)
}

async fn line_feeds(probe: &mut Probe, plan: &Plan) -> Played {
    let message: Vec<u8> =
        test("F-1").iter().map(|byte| if *byte == CR { b'\n' } else { *byte }).collect();
    probe.block(&message).await?;
    probe.acknowledged("F-1", &ANY, plan.patience).await.map(drop)
}

async fn silent(probe: &mut Probe, plan: &Plan) -> Played {
    probe.block(&request(TEST, "S-1", ["NE", "NE"], &["NST|N"])).await?;
    probe.block(&test("S-2")).await?;
    probe.acknowledged("S-2", &ANY, plan.patience).await.map(drop)
}

async fn commit(probe: &mut Probe, plan: &Plan) -> Played {
    probe.block(&request(TEST, "A-1", ["AL", "NE"], &["NST|N"])).await?;
    probe.acknowledged("A-1", &["CA", "CE", "CR"], plan.patience).await.map(drop)
}

async fn law_mode(probe: &mut Probe, plan: &Plan) -> Played {
    probe.block(&request(TEST, "W-1", LAW, &["NST|N"])).await?;
    probe.acknowledged("W-1", &ANY, plan.patience).await?;
    probe.silence(PAUSE, "one acknowledgement, no second one").await
}

async fn unknown_type(probe: &mut Probe, plan: &Plan) -> Played {
    probe.block(&request("ZZZ^Z99", "U-1", ORIGINAL, &["ZZZ|1"])).await?;
    probe.acknowledged("U-1", &["AE", "AR"], plan.patience).await.map(drop)
}

/// Asks for the work of a specimen; returns the response.
async fn ask(probe: &mut Probe, plan: &Plan, id: &str, specimen: &str) -> Result<Heard, Failure> {
    let usual = "QPD|WOS^Work Order Step^IHELAW|{tag}|{specimen}";
    let query = plan.query.as_deref().unwrap_or(usual);
    let query = query.replace("{specimen}", specimen).replace("{tag}", id);
    let message = request("QBP^Q11^QBP_Q11", id, LAW, &[&query, "RCP|I||R^^HL70394"]);
    probe.block(&message).await?;
    let response = probe.acknowledged(id, &ANY, plan.patience).await?;
    probe.check(response.is("RSP^K11"), "RSP^K11 in MSH-9", &response.text)?;
    Ok(response)
}

/// Asks for the specimen that has work; returns the order message, not yet replied to.
async fn ask_for_work(probe: &mut Probe, plan: &Plan, id: &str) -> Result<Heard, Failure> {
    ask(probe, plan, id, plan.specimen.as_deref().unwrap_or_default()).await?;
    let order = probe.heard(plan.patience).await?;
    probe.check(order.is("OML^O33"), "OML^O33 in MSH-9", &order.text)?;
    Ok(order)
}

/// Whether the order message is about this specimen and no other.
fn names_only(order: &Heard, specimen: &str) -> bool {
    let ids = [order.fields("SAC", 3), order.fields("SPM", 2)].concat();
    let mut named = ids.into_iter().filter(|id| !id.is_empty() && *id != "\"\"").peekable();
    named.peek().is_some() && named.all(|id| id.contains(specimen))
}

/// Replies to an order message: each step with this code.
async fn reply(probe: &mut Probe, order: &Heard, code: &str) -> Played {
    let steps: Vec<String> =
        steps(order).into_iter().map(|step| format!("ORC|{code}|{step}")).collect();
    let accepted = format!("MSA|AA|{}", order.field("MSH", 10));
    let mut segments = vec![accepted.as_str(), "SPM|1|||\"\"|||||||P^^HL70369"];
    segments.extend(steps.iter().map(String::as_str));
    let id = format!("R-{}", order.field("MSH", 10));
    probe.block(&request("ORL^O34^ORL_O42", &id, ORIGINAL, &segments)).await
}

/// The order ids (AWOS) of an order message.
fn steps(order: &Heard) -> Vec<String> {
    let ids = order.fields("OBR", 2).into_iter().map(str::to_owned);
    ids.filter(|id| !id.is_empty() && id != "\"\"").collect()
}

async fn query(probe: &mut Probe, plan: &Plan) -> Played {
    let response = ask(probe, plan, "Q-1", plan.specimen.as_deref().unwrap_or_default()).await?;
    let tag = response.field("QAK", 1) == "Q-1" && response.field("QPD", 2) == "Q-1";
    probe.check(tag, "the tag of the query in QAK-1 and QPD-2", &response.text)?;
    let known = response.field("QAK", 2) == "OK";
    probe.check(known, "OK in QAK-2 for a specimen that has work", &response.text)?;
    let order = probe.heard(plan.patience).await?;
    reply(probe, &order, "OK").await
}

async fn work(probe: &mut Probe, plan: &Plan) -> Played {
    let order = ask_for_work(probe, plan, "Q-2").await?;
    let modes = order.field("MSH", 15) == "NE" && order.field("MSH", 16) == "AL";
    probe.check(modes, "NE in MSH-15, AL in MSH-16", &order.text)?;
    let only = names_only(&order, plan.specimen.as_deref().unwrap_or_default());
    probe.check(only, "this specimen in SAC-3 or SPM-2, and no other", &order.text)?;
    reply(probe, &order, "OK").await
}

async fn fresh_ids(probe: &mut Probe, plan: &Plan) -> Played {
    let first = ask_for_work(probe, plan, "Q-3").await?;
    reply(probe, &first, "UA").await?;
    let second = ask_for_work(probe, plan, "Q-4").await?;
    reply(probe, &second, "UA").await?;
    let before = steps(&first);
    let fresh = steps(&second).iter().all(|id| !before.contains(id));
    probe.check(fresh, "order ids that were not used before", &second.text)
}

async fn refused(probe: &mut Probe, plan: &Plan) -> Played {
    let first = ask_for_work(probe, plan, "Q-5").await?;
    reply(probe, &first, "UA").await?;
    let second = ask_for_work(probe, plan, "Q-6").await?;
    reply(probe, &second, "UA").await?;
    let work = |order: &Heard| order.fields("ORC", 1).contains(&"NW");
    let same = work(&first) == work(&second);
    probe.check(same, "the work again that the analyser refused", &second.text)
}

async fn unknown_id(probe: &mut Probe, plan: &Plan) -> Played {
    gets_no_work(probe, plan, "NOSUCHTUBE").await
}

async fn blank_id(probe: &mut Probe, plan: &Plan) -> Played {
    gets_no_work(probe, plan, "").await
}

/// Either the response says that nothing is known, or an order message says that there is no work.
async fn gets_no_work(probe: &mut Probe, plan: &Plan, specimen: &str) -> Played {
    let id = "Q-7";
    let query = format!("QPD|WOS^Work Order Step^IHELAW|{id}|{specimen}");
    let message = request("QBP^Q11^QBP_Q11", id, LAW, &[&query, "RCP|I||R^^HL70394"]);
    probe.block(&message).await?;
    probe.acknowledged(id, &ANY, plan.patience).await?;
    if let Some(byte) = probe.byte(PAUSE * 4).await {
        probe.check(byte == VT, "a block, or nothing", &[byte])?;
        let rest = probe.until(FS, plan.patience, "the rest of the block").await?;
        let text = String::from_utf8_lossy(&rest).into_owned();
        let ordered = text.split('\r').any(|segment| segment.starts_with("ORC|NW"));
        probe.check(!ordered, "no order (ORC-1 NW) for an id that is no specimen", &rest)?;
    }
    Ok(())
}

async fn late_reply(probe: &mut Probe, plan: &Plan) -> Played {
    let order = ask_for_work(probe, plan, "Q-8").await?;
    let accepted = "MSA|AA|SOME-OTHER-MESSAGE";
    probe.block(&request("ORL^O34^ORL_O42", "X-1", ORIGINAL, &[accepted])).await?;
    // It must not take this for the reply: it closes the line, or goes on waiting for the real one.
    reply(probe, &order, "UA").await.or(Ok(()))
}
