//! The peer is an analyser: we play the host. Every case waits for the analyser to send something
//! of its own accord, so it must have something to send all the while.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Plan;
use super::case::{Case, Failure, Played, case};
use super::lis01::{HEADER, QUIET, REFUSED_PAUSE, REPLY, Seen, TERMINATOR, TOLERANCE, records_of};
use super::probe::Probe;
use crate::codec::lis01::{ACK, ENQ, EOT, End, NAK, encode_frame};
use crate::limits;
use crate::link::lis01::{
    CONTENTION_PAUSE_INSTRUMENT, ENQUIRY_REPLY, FRAME_REPLY, TRANSMISSIONS_MAX,
};

/// What it sends, how it repeats, how it waits, how it receives.
pub(super) const CASES: &[Case] = &[
    case!("LIS01-A2 6.3.1.2", "frames are well formed and numbered from 1", Nothing, well_formed),
    case!("LIS01-A2 6.3.1.2", "frames have 240 characters of text at most", Nothing, short_frames),
    case!("LIS01-A2 6.6", "no forbidden control character in the text", Nothing, clean_text),
    case!("LIS02-A2 5", "H declares delimiters and comes first, L comes last", Nothing, records),
    case!("LIS02-A2 4", "O stands below P, R below O", Nothing, levels),
    case!("LIS01-A2 6.5.1", "a frame refused with <NAK> comes again", Nothing, frame_refused),
    case!("LIS01-A2 6.5.1.2", "any byte but <ACK>, <EOT> refuses a frame", Nothing, frame_garbled),
    case!("LIS01-A2 6.5.1.2", "N1: after six refusals <EOT>", Nothing, six_refusals),
    case!("LIS01-A2 6.5.1.2", "what was given up is sent again from its start", Nothing, given_up),
    case!("LIS01-A2 6.3.5", "<EOT> for <ACK> counts as accepted", Nothing, interrupt),
    case!("LIS01-A2 6.2.7", "a bid in the neutral state gets <ACK> or <NAK>", Nothing, host_bids),
    case!("LIS01-A2 6.2.7.1", "contention: it waits 1 s and bids again", Nothing, contention),
    case!("LIS02-A2 7.2", "an analyser that asked takes the orders", Test, takes_orders),
    case!("LIS01-A2 6.2.6", "T2: after <NAK> it waits 10 s to bid", Time, bid_refused),
    case!("LIS01-A2 6.5.2.1", "T1: without a reply to <ENQ>, <EOT> after 15 s", Time, no_reply),
    case!("LIS01-A2 6.5.2.3", "T4: without a reply to a frame, <EOT> after 15 s", Time, mute),
];

/// A whole session, acknowledged.
async fn session(probe: &mut Probe, plan: &Plan) -> Result<Vec<Seen>, Failure> {
    probe.grant(plan.patience).await?;
    probe.frames().await
}

async fn well_formed(probe: &mut Probe, plan: &Plan) -> Played {
    let frames = session(probe, plan).await?;
    probe.check(!frames.is_empty(), "at least one frame before <EOT>", &[EOT])
}

async fn short_frames(probe: &mut Probe, plan: &Plan) -> Played {
    let most = if probe.is_serial() { limits::FRAME_TEXT_SENT } else { limits::FRAME_TEXT_MAX };
    for frame in session(probe, plan).await? {
        let words = format!("at most {most} characters of text in a frame");
        probe.check(frame.text.len() <= most, &words, &frame.bytes)?;
    }
    Ok(())
}

async fn clean_text(probe: &mut Probe, plan: &Plan) -> Played {
    for frame in session(probe, plan).await? {
        let forbidden = |byte: &u8| matches!(*byte, 0x01..=0x06 | 0x0A | 0x10..=0x17);
        let clean = !frame.text.iter().any(forbidden);
        probe.check(clean, "no control character of the link layer in the text", &frame.bytes)?;
    }
    Ok(())
}

async fn text(probe: &mut Probe, plan: &Plan) -> Result<(Vec<u8>, Vec<String>), Failure> {
    let frames = session(probe, plan).await?;
    let text: Vec<u8> = frames.into_iter().flat_map(|frame| frame.text).collect();
    let records = records_of(&text);
    Ok((text, records))
}

async fn records(probe: &mut Probe, plan: &Plan) -> Played {
    let (text, records) = text(probe, plan).await?;
    let header = records.first().is_some_and(|record| {
        let mut characters = record.chars();
        let is_header = characters.next() == Some('H');
        let delimiters: Vec<char> = characters.take(4).collect();
        let differ = delimiters.iter().collect::<BTreeSet<_>>().len() == delimiters.len();
        is_header && delimiters.len() == 4 && differ
    });
    probe.check(header, "an H record with four different delimiters first", &text)?;
    let last = records.last().is_some_and(|record| record.starts_with('L'));
    probe.check(last, "an L record last", &text)
}

async fn levels(probe: &mut Probe, plan: &Plan) -> Played {
    let (text, records) = text(probe, plan).await?;
    let (mut has_patient, mut has_order) = (false, false);
    for record in records {
        match record.chars().next() {
            Some('H') => (has_patient, has_order) = (false, false),
            Some('P') => (has_patient, has_order) = (true, false),
            Some('O') => {
                probe.check(has_patient, "a P record before its O record", &text)?;
                has_order = true;
            }
            Some('R') => probe.check(has_order, "an O record before its R record", &text)?,
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// Up to the first frame, which is not yet replied to.
async fn first_frame(probe: &mut Probe, plan: &Plan) -> Result<Vec<u8>, Failure> {
    probe.grant(plan.patience).await?;
    match probe.frame_or_end(REPLY).await? {
        Some(frame) => Ok(frame.bytes),
        None => Err(probe.failure("the first frame of a message", &[EOT])),
    }
}

async fn refused_with(probe: &mut Probe, plan: &Plan, reply: &[u8]) -> Played {
    let frame = first_frame(probe, plan).await?;
    probe.send(reply).await?;
    probe.again(&frame).await?;
    probe.rest_of_session().await
}

async fn frame_refused(probe: &mut Probe, plan: &Plan) -> Played {
    refused_with(probe, plan, &[NAK]).await
}

async fn frame_garbled(probe: &mut Probe, plan: &Plan) -> Played {
    refused_with(probe, plan, b"?").await
}

/// Refuses the first frame until it is given up; returns the frame.
async fn refuse_all(probe: &mut Probe, plan: &Plan) -> Result<Vec<u8>, Failure> {
    let frame = first_frame(probe, plan).await?;
    for _ in 1..TRANSMISSIONS_MAX {
        probe.send(&[NAK]).await?;
        probe.again(&frame).await?;
    }
    probe.send(&[NAK]).await?;
    probe.expect(EOT, REPLY).await?;
    Ok(frame)
}

async fn six_refusals(probe: &mut Probe, plan: &Plan) -> Played {
    refuse_all(probe, plan).await?;
    session(probe, plan).await.map(drop)
}

async fn given_up(probe: &mut Probe, plan: &Plan) -> Played {
    let frame = refuse_all(probe, plan).await?;
    let repeated = session(probe, plan).await?;
    let comes_again = repeated.iter().any(|seen| seen.bytes == frame);
    probe.check(comes_again, "the message that was refused, from its first frame", &[])
}

async fn interrupt(probe: &mut Probe, plan: &Plan) -> Played {
    let frame = first_frame(probe, plan).await?;
    probe.interrupt(&frame).await
}

async fn host_bids(probe: &mut Probe, plan: &Plan) -> Played {
    // Right after its session it is neutral, and if it has more to send it may bid first.
    session(probe, plan).await?;
    probe.send(&[ENQ]).await?;
    match probe.byte(REPLY).await {
        Some(ACK) => {
            for (number, text) in [(1, HEADER), (2, TERMINATOR)] {
                let reply = probe.offer(&encode_frame(number, text.as_bytes(), End::Etx)).await?;
                let replied = matches!(reply, ACK | NAK | EOT);
                probe.check(replied, "<ACK>, <NAK> or <EOT> for a frame", &[reply])?;
            }
            probe.send(&[EOT]).await
        }
        Some(NAK | ENQ) => Ok(()),
        other => {
            let got: Vec<u8> = other.into_iter().collect();
            Err(probe.failure("<ACK>, <NAK> (it cannot receive) or its own <ENQ>", &got))
        }
    }
}

async fn contention(probe: &mut Probe, plan: &Plan) -> Played {
    probe.expect(ENQ, plan.patience).await?;
    probe.send(&[ENQ]).await?;
    let began = probe.now();
    let words = "no bid for 1 s after contention, then <ENQ>";
    probe.silence(QUIET, words).await?;
    probe.expect(ENQ, plan.patience).await?;
    let late = probe.since(began) + Duration::from_millis(100) >= CONTENTION_PAUSE_INSTRUMENT;
    probe.check(late, words, &[ENQ])?;
    probe.send(&[ACK]).await?;
    probe.frames().await.map(drop)
}

async fn bid_refused(probe: &mut Probe, plan: &Plan) -> Played {
    probe.expect(ENQ, plan.patience).await?;
    probe.send(&[NAK]).await?;
    let words = "no bid for 10 s after <NAK>";
    probe.silence(REFUSED_PAUSE.saturating_sub(TOLERANCE), words).await?;
    session(probe, plan).await.map(drop)
}

async fn no_reply(probe: &mut Probe, plan: &Plan) -> Played {
    probe.expect(ENQ, plan.patience).await?;
    probe.send(b"\x11").await?;
    probe.ends_after(ENQUIRY_REPLY).await
}

async fn mute(probe: &mut Probe, plan: &Plan) -> Played {
    first_frame(probe, plan).await?;
    probe.ends_after(FRAME_REPLY).await
}

/// The id that a query record asks about: in Q.3, in the first or second component.
fn asked_about(records: &[String]) -> Option<String> {
    let query = records.iter().find(|record| record.starts_with("Q|"))?;
    let mut components = query.split('|').nth(2)?.split('^').map(str::trim);
    components.find(|component| !component.is_empty()).map(str::to_owned)
}

async fn takes_orders(probe: &mut Probe, plan: &Plan) -> Played {
    let id = loop {
        let (_, records) = text(probe, plan).await?;
        if let Some(id) = asked_about(&records) {
            break id;
        }
    };
    let test = plan.test.as_deref().unwrap_or_default();
    let order = format!("O|1|{id}||{test}|R||||||N||||||||||||||Q");
    probe.session(&[HEADER, "P|1", &order, TERMINATOR]).await
}
