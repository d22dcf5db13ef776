//! The peer is a host: we play the analyser. First what it receives, then what it sends when it is
//! asked for the work of a specimen.

use std::time::Duration;

use super::Plan;
use super::case::{Case, Failure, Played, case};
use super::lis01::{
    COMMENT, HEADER, QUIET, REFUSED_PAUSE, REPLY, TERMINATOR, TOLERANCE, records_of,
};
use super::probe::Probe;
use crate::codec::lis01::{ACK, ENQ, EOT, End, NAK, encode_frame};
use crate::limits;
use crate::link::lis01::{
    CONTENTION_PAUSE_HOST, CONTENTION_PAUSE_INSTRUMENT, ENQUIRY_REPLY, FRAME_REPLY, NEXT_FRAME,
    TRANSMISSIONS_MAX,
};

/// Receiving first, then sending.
pub(super) const CASES: &[Case] = &[
    case!("LIS01-A2 6.2", "<ENQ> is answered with <ACK>", Nothing, bid),
    case!("LIS01-A2 6.3", "each frame of a message is acknowledged", Nothing, message),
    case!("LIS02-A2 5", "the shortest legal header is accepted", Nothing, short_header),
    case!("LIS01-A2 6.3.1.1", "several records in one frame", Nothing, packed),
    case!("LIS01-A2 6.3.1.1", "a record over several frames", Nothing, cut_record),
    case!("LIS01-A2 6.3.1.2", "a frame with 240 characters of text", Nothing, full_frame),
    case!("LIS01-A2 8", "a frame with 20 000 characters of text", LongFrames, long_frame),
    case!("LIS01-A2 6.3.1.2", "frame number 0 follows 7", Nothing, rollover),
    case!("LIS01-A2 6.3.1.2", "numbers run on over messages of a session", Nothing, run_on),
    case!("LIS01-A2 5", "a frame may come byte by byte", Nothing, byte_by_byte),
    case!("LIS01-A2 6.5.1.1", "bytes before <STX> are ignored", Nothing, noise_before),
    case!("LIS01-A2 6.5.1", "a wrong checksum is refused with <NAK>", Nothing, checksum),
    case!("LIS01-A2 6.5.1", "a wrong frame number is refused with <NAK>", Nothing, number),
    case!("LIS01-A2 6.3.1.2", "the first frame of a session is not number 0", Nothing, zero),
    case!("LIS01-A2 6.5.1", "a frame sent again is acknowledged again", Nothing, repeated),
    case!("LIS01-A2 6.4", "<EOT> in the neutral state is not answered", Nothing, stray_end),
    case!("LIS01-A2 6.2", "other bytes in the neutral state are not answered", Nothing, stray),
    case!("LIS01-A2 6.5.2.4", "a session cut by <EOT> leaves the line free", Nothing, cut_session),
    case!("LIS01-A2 6.5.2.4", "T5: after 30 s of silence it is neutral", Time, silent),
    case!("LIS02-A2 4", "a query is answered with H, O or L of the right id", Work, answered),
    case!("LIS02-A2 4", "a query for an unknown id orders no test", Nothing, unknown_id),
    case!("LIS02-A2 4", "a query for a blank id orders no test", Nothing, blank_id),
    case!("LIS02-A2 12", "a query withdrawn with status A is not answered", Work, cancelled),
    case!("LIS01-A2 6.5.1", "a frame refused with <NAK> comes again", Work, frame_refused),
    case!("LIS01-A2 6.5.1.2", "any byte but <ACK>, <EOT> refuses a frame", Work, frame_garbled),
    case!("LIS01-A2 6.5.1.2", "N1: after six refusals <EOT>", Work, six_refusals),
    case!("LIS01-A2 6.3.5", "<EOT> for <ACK> counts as accepted", Work, interrupt),
    case!("LIS01-A2 6.2.7", "contention: it does not answer the instrument's bid", Work, crossing),
    case!("LIS01-A2 6.5.2.2", "T3: after contention it waits 20 s to bid", WorkAndTime, contention),
    case!("LIS01-A2 6.2.6", "T2: after <NAK> it waits 10 s to bid", WorkAndTime, bid_refused),
    case!(
        "LIS01-A2 6.5.2.1",
        "T1: without a reply to <ENQ>, <EOT> after 15 s",
        WorkAndTime,
        no_bid
    ),
    case!(
        "LIS01-A2 6.5.2.3",
        "T4: without a reply to a frame, <EOT> after 15 s",
        WorkAndTime,
        mute
    ),
];

async fn bid(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.bid().await?;
    probe.send(&[EOT]).await
}

async fn message(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.session(&[HEADER, COMMENT, TERMINATOR]).await
}

async fn short_header(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.session(&["H|\\^&\r", "L|1\r"]).await
}

async fn packed(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.session(&[&[HEADER, COMMENT, TERMINATOR].concat()]).await
}

async fn cut_record(probe: &mut Probe, _plan: &Plan) -> Played {
    let (first, rest) = COMMENT.split_at(COMMENT.len() / 2);
    probe.bid().await?;
    probe.record(1, HEADER).await?;
    probe.send(&encode_frame(2, first.as_bytes(), End::Etb)).await?;
    probe.expect(ACK, REPLY).await?;
    probe.records(3, &[rest, TERMINATOR]).await?;
    probe.send(&[EOT]).await
}

async fn full_frame(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.session(&[HEADER, &comment_of(limits::FRAME_TEXT_SENT), TERMINATOR]).await
}

async fn long_frame(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.session(&[HEADER, &comment_of(20_000), TERMINATOR]).await
}

/// A comment record of so many characters.
fn comment_of(length: usize) -> String {
    let (before, after) = ("C|1|I|", "|G\r");
    let filling = length.saturating_sub(before.len() + after.len());
    format!("{before}{}{after}", "x".repeat(filling))
}

async fn rollover(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.session(&[&[HEADER][..], &[COMMENT; 8], &[TERMINATOR]].concat()).await
}

async fn run_on(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.bid().await?;
    let next = probe.records(1, &[HEADER, TERMINATOR]).await?;
    probe.records(next, &[HEADER, COMMENT, TERMINATOR]).await?;
    probe.send(&[EOT]).await
}

async fn byte_by_byte(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.bid().await?;
    for byte in encode_frame(1, HEADER.as_bytes(), End::Etx) {
        probe.send(&[byte]).await?;
        probe.rest(Duration::from_millis(5)).await;
    }
    probe.expect(ACK, REPLY).await?;
    probe.record(2, TERMINATOR).await?;
    probe.send(&[EOT]).await
}

async fn noise_before(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.bid().await?;
    let mut bytes = b"\x11noise".to_vec();
    bytes.extend(encode_frame(1, HEADER.as_bytes(), End::Etx));
    probe.send(&bytes).await?;
    probe.expect(ACK, REPLY).await?;
    probe.record(2, TERMINATOR).await?;
    probe.send(&[EOT]).await
}

async fn checksum(probe: &mut Probe, _plan: &Plan) -> Played {
    let good = encode_frame(2, COMMENT.as_bytes(), End::Etx);
    let bad: Vec<u8> = good.iter().map(|byte| if *byte == b'o' { b'q' } else { *byte }).collect();
    refused_then_accepted(probe, &bad).await
}

async fn number(probe: &mut Probe, _plan: &Plan) -> Played {
    refused_then_accepted(probe, &encode_frame(4, COMMENT.as_bytes(), End::Etx)).await
}

/// The second frame of a message, first as it must be refused.
async fn refused_then_accepted(probe: &mut Probe, bad: &[u8]) -> Played {
    probe.bid().await?;
    probe.record(1, HEADER).await?;
    probe.send(bad).await?;
    probe.expect(NAK, REPLY).await?;
    probe.records(2, &[COMMENT, TERMINATOR]).await?;
    probe.send(&[EOT]).await
}

async fn zero(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.bid().await?;
    probe.send(&encode_frame(0, HEADER.as_bytes(), End::Etx)).await?;
    probe.expect(NAK, REPLY).await?;
    probe.records(1, &[HEADER, TERMINATOR]).await?;
    probe.send(&[EOT]).await
}

async fn repeated(probe: &mut Probe, _plan: &Plan) -> Played {
    probe.bid().await?;
    probe.records(1, &[HEADER, COMMENT]).await?;
    probe.record(2, COMMENT).await?;
    probe.record(3, TERMINATOR).await?;
    probe.send(&[EOT]).await
}

async fn stray_end(probe: &mut Probe, plan: &Plan) -> Played {
    probe.send(&[EOT]).await?;
    probe.silence(QUIET, "no answer to <EOT>").await?;
    message(probe, plan).await
}

async fn stray(probe: &mut Probe, plan: &Plan) -> Played {
    probe.send(b"\x11\x06\x15lost").await?;
    probe.silence(QUIET, "no answer to bytes outside of a session").await?;
    message(probe, plan).await
}

async fn cut_session(probe: &mut Probe, plan: &Plan) -> Played {
    probe.bid().await?;
    probe.records(1, &[HEADER, COMMENT]).await?;
    probe.send(&[EOT]).await?;
    message(probe, plan).await
}

async fn silent(probe: &mut Probe, plan: &Plan) -> Played {
    probe.bid().await?;
    probe.record(1, HEADER).await?;
    probe.rest(NEXT_FRAME + TOLERANCE).await;
    probe.send(&encode_frame(2, TERMINATOR.as_bytes(), End::Etx)).await?;
    probe.silence(QUIET, "no answer to a frame after 30 s of silence").await?;
    message(probe, plan).await
}

/// Asks for the work of a specimen.
async fn ask(probe: &mut Probe, plan: &Plan, specimen: &str, status: char) -> Played {
    let usual = format!("Q|1|^{{specimen}}||ALL||||||||{status}");
    let query = plan.query.as_deref().unwrap_or(&usual);
    let query = format!("{}\r", query.replace("{specimen}", specimen));
    probe.session(&[HEADER, &query, TERMINATOR]).await
}

/// Asks for the specimen that has work.
async fn ask_for_work(probe: &mut Probe, plan: &Plan) -> Played {
    ask(probe, plan, plan.specimen.as_deref().unwrap_or_default(), 'O').await
}

async fn answered(probe: &mut Probe, plan: &Plan) -> Played {
    ask_for_work(probe, plan).await?;
    let text = probe.hear(plan.patience).await?;
    let records = records_of(&text);
    let first = records.first().is_some_and(|record| record.starts_with('H'));
    let last = records.last().is_some_and(|record| record.starts_with('L'));
    probe.check(first && last, "a message from its H record to its L record", &text)?;
    let id = plan.specimen.as_deref().unwrap_or_default();
    let orders = records.iter().filter(|record| record.starts_with('O'));
    let named = orders.clone().count() > 0 && orders.clone().all(|order| order.contains(id));
    probe.check(named, "an O record for the specimen asked about, and for no other", &text)
}

async fn unknown_id(probe: &mut Probe, plan: &Plan) -> Played {
    ask(probe, plan, "NOSUCHTUBE", 'O').await?;
    orders_nothing(probe, plan).await
}

async fn blank_id(probe: &mut Probe, plan: &Plan) -> Played {
    ask(probe, plan, "          ", 'O').await?;
    orders_nothing(probe, plan).await
}

/// Either no answer at all, or one without a test in it.
async fn orders_nothing(probe: &mut Probe, plan: &Plan) -> Played {
    let Some(byte) = probe.byte(plan.patience).await else { return Ok(()) };
    probe.check(byte == ENQ, "no answer, or <ENQ>", &[byte])?;
    probe.send(&[ACK]).await?;
    let frames = probe.frames().await?;
    let text: Vec<u8> = frames.into_iter().flat_map(|frame| frame.text).collect();
    let has_test = |record: &String| {
        let test = record.split('|').nth(4).unwrap_or_default();
        record.starts_with('O') && test.chars().any(char::is_alphanumeric)
    };
    let none = !records_of(&text).iter().any(has_test);
    probe.check(none, "no test for an id that is no specimen", &text)
}

async fn cancelled(probe: &mut Probe, plan: &Plan) -> Played {
    let id = plan.specimen.as_deref().unwrap_or_default();
    probe.bid().await?;
    let query = |status| match &plan.query {
        Some(query) => with_status(&query.replace("{specimen}", id), status),
        None => format!("Q|1|^{id}||ALL||||||||{status}\r"),
    };
    // In one session, so that nothing can be sent in between.
    let next = probe.records(1, &[HEADER, &query('O'), TERMINATOR]).await?;
    probe.records(next, &[HEADER, &query('A'), TERMINATOR]).await?;
    probe.send(&[EOT]).await?;
    probe.silence(plan.patience, "no answer to a query that was withdrawn").await
}

/// A Q record with this status in field 13.
fn with_status(query: &str, status: char) -> String {
    let mut fields: Vec<String> = query.split('|').map(str::to_owned).collect();
    fields.resize(fields.len().max(13), String::new());
    if let Some(field) = fields.get_mut(12) {
        *field = status.to_string();
    }
    format!("{}\r", fields.join("|"))
}

/// Up to the first frame of the answer, which is not yet replied to.
async fn first_frame(probe: &mut Probe, plan: &Plan) -> Result<Vec<u8>, Failure> {
    ask_for_work(probe, plan).await?;
    probe.grant(plan.patience).await?;
    match probe.frame_or_end(REPLY).await? {
        Some(frame) => Ok(frame.bytes),
        None => Err(probe.failure("the first frame of the answer", &[EOT])),
    }
}

async fn frame_refused(probe: &mut Probe, plan: &Plan) -> Played {
    let frame = first_frame(probe, plan).await?;
    probe.send(&[NAK]).await?;
    probe.again(&frame).await?;
    probe.rest_of_session().await
}

async fn frame_garbled(probe: &mut Probe, plan: &Plan) -> Played {
    let frame = first_frame(probe, plan).await?;
    probe.send(b"?").await?;
    probe.again(&frame).await?;
    probe.rest_of_session().await
}

async fn six_refusals(probe: &mut Probe, plan: &Plan) -> Played {
    let frame = first_frame(probe, plan).await?;
    for _ in 1..TRANSMISSIONS_MAX {
        probe.send(&[NAK]).await?;
        probe.again(&frame).await?;
    }
    probe.send(&[NAK]).await?;
    probe.expect(EOT, REPLY).await
}

async fn interrupt(probe: &mut Probe, plan: &Plan) -> Played {
    let frame = first_frame(probe, plan).await?;
    probe.interrupt(&frame).await
}

async fn crossing(probe: &mut Probe, plan: &Plan) -> Played {
    ask_for_work(probe, plan).await?;
    probe.expect(ENQ, plan.patience).await?;
    probe.send(&[ENQ]).await?;
    let silent = "no reply to the bid of the instrument that crossed its own";
    probe.silence(CONTENTION_PAUSE_INSTRUMENT, silent).await?;
    probe.session(&[HEADER, COMMENT, TERMINATOR]).await?;
    probe.hear(CONTENTION_PAUSE_HOST + plan.patience).await.map(drop)
}

async fn contention(probe: &mut Probe, plan: &Plan) -> Played {
    ask_for_work(probe, plan).await?;
    probe.expect(ENQ, plan.patience).await?;
    probe.send(&[ENQ]).await?;
    waits(probe, CONTENTION_PAUSE_HOST, plan).await
}

async fn bid_refused(probe: &mut Probe, plan: &Plan) -> Played {
    ask_for_work(probe, plan).await?;
    probe.expect(ENQ, plan.patience).await?;
    probe.send(&[NAK]).await?;
    waits(probe, REFUSED_PAUSE, plan).await
}

/// No bid for so long; after that it may bid again, or have given up what is too late by now.
async fn waits(probe: &mut Probe, at_least: Duration, plan: &Plan) -> Played {
    let began = probe.now();
    let early = format!("no bid for {} s", at_least.as_secs());
    probe.silence(at_least.saturating_sub(TOLERANCE), &early).await?;
    let Some(byte) = probe.byte(TOLERANCE + plan.patience).await else { return Ok(()) };
    let waited = probe.since(began) + Duration::from_millis(100) >= at_least;
    probe.check(waited && byte == ENQ, &early, &[byte])?;
    probe.send(&[ACK]).await?;
    probe.frames().await.map(drop)
}

async fn no_bid(probe: &mut Probe, plan: &Plan) -> Played {
    ask_for_work(probe, plan).await?;
    probe.expect(ENQ, plan.patience).await?;
    // XON is neither a reply nor a reason to wait longer.
    probe.send(b"\x11").await?;
    probe.ends_after(ENQUIRY_REPLY).await
}

async fn mute(probe: &mut Probe, plan: &Plan) -> Played {
    first_frame(probe, plan).await?;
    probe.ends_after(FRAME_REPLY).await
}
