//! Messages that stand in a file: the same bytes that an analyser would have sent, all there at
//! once, in their frames or blocks or without them.
//!
//! Exists so that a file is read like a line, by the line's own machines. Nobody is there who could
//! send again, so it refuses to let bytes go: where no message comes out of an envelope, or the
//! envelope is damaged anywhere, the whole content is one message more, envelope and all. A header
//! inside an envelope stands at the start of no line, so nothing in it is read as a result.

use std::time::Duration;

use super::{Answer, Event, Link, LinkFaultKind, Moment, Token, block, lis01, mllp};
use crate::codec::block::Parameters;
use crate::codec::lis01::{ENQ, STX};
use crate::codec::mllp::VT;
use crate::limits;

/// How far into a file its envelope may begin.
const HEAD: usize = 8 * 1024;
/// A file carries no time, so none passes and no timer runs out.
const NOW: Moment = Moment::after(Duration::ZERO);
/// Answers to nobody name no message.
const NOBODY: Token = Token(0);

/// What is in a file.
#[derive(Clone, Copy, Debug)]
pub enum Content<'p> {
    /// LIS02 records, in LIS01 frames or bare.
    Records,
    /// HL7 segments, in MLLP blocks or bare.
    Segments,
    /// Texts in blocks.
    Blocks(&'p Parameters),
    /// One message.
    Message,
}

/// Everything that stands in a file, in order: messages, cut transfers and faults of the envelope.
pub fn read(content: Content<'_>, bytes: &[u8]) -> Vec<Event> {
    let mut events = match envelope(content, bytes) {
        Some(link) => unwrapped(link, bytes),
        None => pieces(content, bytes).into_iter().map(message).collect(),
    };
    let is_one = |event: &Event| matches!(event, Event::Message { .. } | Event::Incomplete { .. });
    let is_all = events.iter().any(is_one) && !events.iter().any(is_damage);
    if !is_all && !is_blank(bytes) {
        events.push(message(bytes));
    }
    events
}

/// Whether bytes were refused that nothing else holds.
fn is_damage(event: &Event) -> bool {
    match event {
        Event::Fault(fault) => fault.kind != LinkFaultKind::Repeated,
        Event::Message { .. }
        | Event::Incomplete { .. }
        | Event::Accepted { .. }
        | Event::GaveUp { .. } => false,
    }
}

fn message(bytes: &[u8]) -> Event {
    Event::Message { token: NOBODY, bytes: bytes.to_vec() }
}

const fn is_blank(bytes: &[u8]) -> bool {
    bytes.trim_ascii().is_empty()
}

/// The machine that takes messages out of their envelope, if there is one.
fn envelope(content: Content<'_>, bytes: &[u8]) -> Option<Box<dyn Link>> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    match content {
        Content::Message => None,
        Content::Segments => {
            head.contains(&VT).then(|| Box::new(mllp::Receiver::new(String::new)) as Box<dyn Link>)
        }
        Content::Blocks(parameters) => {
            let mut parameters = parameters.clone();
            parameters.reply_after = Some(Duration::ZERO);
            Some(block::open(&parameters, block::Role::Host))
        }
        Content::Records => {
            let mark = head.iter().find(|byte| matches!(**byte, ENQ | STX))?;
            let mut link = lis01::Receiver::new();
            // A capture that begins inside a session lacks the ENQ that opened it.
            if *mark == STX {
                link.receive(NOW, &[ENQ]);
            }
            Some(Box::new(link))
        }
    }
}

fn unwrapped(mut link: Box<dyn Link>, bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    for chunk in bytes.chunks(limits::READ_CHUNK) {
        link.receive(NOW, chunk);
        drain(link.as_mut(), &mut events);
    }
    link.disconnect(NOW);
    drain(link.as_mut(), &mut events);
    events
}

fn drain(link: &mut dyn Link, events: &mut Vec<Event>) {
    loop {
        // The analyser that this would have answered is not there.
        while link.transmit().is_some() {}
        link.expire(NOW);
        let Some(event) = link.event() else { return };
        if let Event::Message { token, .. } = &event {
            link.answer(NOW, *token, Answer::Stored);
        }
        events.push(event);
    }
}

/// Without an envelope, each header begins a message; what stands before the first one is a piece
/// of its own, and so is a batch.
fn pieces<'b>(content: Content<'_>, bytes: &'b [u8]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    let (mut start, mut line) = (0, 0);
    let open = |start: usize, at: usize| bytes.get(start..at).unwrap_or_default();
    while let Some(rest) = bytes.get(line..).filter(|rest| !rest.is_empty()) {
        if begins_message(content, open(start, line), rest) {
            pieces.push(open(start, line));
            start = line;
        }
        line += memchr::memchr2(b'\r', b'\n', rest).map_or(rest.len(), |end| end + 1);
    }
    pieces.push(open(start, bytes.len()));
    pieces.retain(|piece| !is_blank(piece));
    pieces
}

/// Whether the line at the start of `rest` begins another message than the one in `open`.
fn begins_message(content: Content<'_>, open: &[u8], rest: &[u8]) -> bool {
    let (open, header) = (open.trim_ascii_start().get(..3), rest.get(..3));
    match content {
        Content::Message | Content::Blocks(_) => false,
        Content::Records => match header {
            Some([b'H' | b'h', delimiter, _]) => delimiter.is_ascii_punctuation(),
            Some(_) | None => false,
        },
        // A batch stays whole: its headers belong to every message in it.
        Content::Segments => match (open, header) {
            (Some(b"FHS"), header) => header == Some(b"FHS"),
            (Some(b"BHS"), header) => matches!(header, Some(b"FHS" | b"BHS")),
            (_, header) => matches!(header, Some(b"FHS" | b"BHS" | b"MSH")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(content: Content<'_>, bytes: &str) -> Vec<String> {
        let tell = |event| match event {
            Event::Message { bytes, .. } => String::from_utf8(bytes).unwrap(),
            Event::Incomplete { bytes, .. } => format!("cut {}", String::from_utf8(bytes).unwrap()),
            Event::Fault(fault) => format!("{:?} {}+{}", fault.kind, fault.offset, fault.length),
            Event::Accepted { .. } | Event::GaveUp { .. } => panic!("nothing was sent"),
        };
        read(content, bytes.as_bytes()).into_iter().map(tell).collect()
    }

    #[test]
    fn bare_records_are_as_many_messages_as_headers() {
        let two = "H|\\^&\r\nR|1\r\nL|1\r\n\r\nH|\\^&\r\nR|2\r\nL|1\r\n";
        let (first, second) = two.split_at(two.rfind('H').unwrap());
        assert_eq!(told(Content::Records, two), [first, second]);
        let before = format!("PLATE 7\r\n{two}");
        assert_eq!(told(Content::Records, &before), ["PLATE 7\r\n", first, second]);
        assert_eq!(told(Content::Records, " \r\n\r\n"), [""; 0]);
    }

    #[test]
    fn bare_segments_are_messages_and_a_batch_is_one() {
        let one = "MSH|^~\\&|A\rOBX|1\r";
        assert_eq!(told(Content::Segments, &format!("{one}{one}")), [one, one]);
        let batch = format!("BHS|x\r{one}{one}BTS|2\r");
        assert_eq!(told(Content::Segments, &batch), [batch.as_str()]);
        assert_eq!(told(Content::Segments, &format!("\r\n{batch}")), [batch.as_str()]);
    }

    #[test]
    fn every_byte_without_an_envelope_is_in_one_piece_and_in_order() {
        let mut random = fastrand::Rng::with_seed(7);
        let words = ["H|\\^&", "h|", "MSH|", "BHS|", "FHS|", "R|1", "H", "\r", "\n", "\r\n", " "];
        for _ in 0..2_000 {
            let text: String =
                (0..random.usize(..24)).map(|_| random.choice(words).unwrap()).collect();
            for content in [Content::Records, Content::Segments, Content::Message] {
                let visible = |text: &str| text.split_whitespace().collect::<String>();
                let pieces = told(content, &text);
                assert_eq!(visible(&pieces.concat()), visible(&text), "{text:?}");
                let few = if matches!(content, Content::Message) { 1 } else { usize::MAX };
                assert!(pieces.len() <= few && pieces.iter().all(|piece| text.contains(piece)));
            }
        }
    }

    #[test]
    fn frames_and_blocks_are_taken_off_by_the_machines_of_the_line() {
        let framed = "\x05\x021H|\\^&\rL|1\r\x0396\r\n\x04";
        let text = "H|\\^&\rL|1\r";
        let sum = framed.bytes().skip(2).take(12).map(u32::from).sum::<u32>() % 256;
        let framed = framed.replace("96", &format!("{sum:02X}"));
        assert_eq!(told(Content::Records, &framed), [text]);
        let inside = framed.strip_prefix('\x05').unwrap();
        assert_eq!(told(Content::Records, inside), [text], "it begins inside a session");
        let cut = framed.get(..8).unwrap();
        let of_cut = told(Content::Records, cut);
        assert_eq!(of_cut.last().unwrap(), cut, "nothing came out: all of it is evidence");
        let block = "\x0bMSH|^~\\&|A\r\x1c\r";
        let two = told(Content::Segments, &format!("{block}{block}"));
        assert_eq!(two, ["MSH|^~\\&|A\r"; 2]);
    }

    #[test]
    fn where_the_envelope_is_damaged_all_of_it_is_evidence_as_well() {
        let block = "\x0bMSH|^~\\&|A\r\x1c\r";
        let noisy = format!("{block}noise{block}");
        let told = told(Content::Segments, &noisy);
        assert_eq!(told.iter().filter(|told| *told == "MSH|^~\\&|A\r").count(), 2, "{told:?}");
        assert_eq!(told.last().unwrap(), &noisy);
    }

    #[test]
    fn a_file_that_is_one_message_is_never_cut() {
        let text = "H|\\^&\rMSH|\r\x0b\x05\x02";
        assert_eq!(told(Content::Message, text), [text]);
    }
}
