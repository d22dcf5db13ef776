//! One byte changed on a line, through the real link machine.

use std::time::Duration;

use hemogate::analyser::Framing;
use hemogate::codec::block::{Parameters, Protocol};
use hemogate::codec::lis01::NAK;
use hemogate::link::block::{Role, au, hitachi, pk};
use hemogate::link::{Answer, Event, Link, LinkFaultKind, Moment, lis01};
use hemogate::workshop::passage::{Part, Transcript};

use super::change::{Before, Exception};
use super::sweep::values;
use crate::bench::{Fixture, analyser, profile};

/// What became of every change of one file.
#[derive(Default)]
pub struct Outcome {
    pub tried: usize,
    /// Nothing was refused, and yet a message did not come.
    pub lost: Vec<String>,
    /// How often a message came that was not sent.
    pub delivered: usize,
    /// What of it is not noticed when it is read.
    pub different: Vec<(String, Exception)>,
}

/// What comes of changes at these places.
pub fn outcomes((fixture, places): &(&Fixture, Vec<usize>)) -> Outcome {
    let profile = profile(fixture.profile);
    if profile.link().framing == Framing::Lis01 {
        return all((fixture, places), lis01::Receiver::new());
    }
    let parameters = profile.blocks().unwrap();
    let parameters = Parameters { reply_after: Some(Duration::ZERO), ..parameters.clone() };
    match parameters.protocol {
        Protocol::BeckmanPk => {
            all((fixture, places), pk::Settings::from(&parameters).exchange(Role::Host))
        }
        Protocol::BeckmanAu => {
            all((fixture, places), au::Settings::from(&parameters).exchange(Role::Host))
        }
        Protocol::Hitachi => {
            let settings = hitachi::Settings::from(&parameters);
            all((fixture, places), hitachi::Exchange::new(settings, Role::Host))
        }
    }
}

fn all<L: Link + Clone>((fixture, places): (&Fixture, &[usize]), mut link: L) -> Outcome {
    let bytes = &fixture.bytes;
    let units = Units::of(fixture, link.clone());
    let sent = units.feed(&mut link.clone(), 0, bytes).messages;
    let mut outcome = Outcome::default();
    let mut before = 0;
    for (at, own) in bytes.iter().enumerate() {
        let is_meant = places.binary_search(&at).is_ok();
        let values = if is_meant { values(*own, at, CONTROL) } else { Vec::new() };
        for value in values {
            outcome.tried += 1;
            let rest = [&[value], &bytes[at + 1..]].concat();
            let heard = units.feed(&mut link.clone(), at, &rest);
            judge(&mut outcome, fixture, &sent[before..], heard, (at, value));
        }
        before += said(&mut link, std::slice::from_ref(own)).messages.len();
    }
    outcome
}

/// What means something on a line.
const CONTROL: &[u8] = b"0129AF\0\x02\x03\x04\x05\x06\r\n\x15\x17";

/// What an analyser sends before it waits for a reply: frames, blocks, ENQ.
struct Units {
    /// Where each ends, and what the host then replies.
    ends: Vec<(usize, Vec<u8>)>,
}

impl Units {
    fn of(fixture: &Fixture, mut link: impl Link) -> Units {
        let bytes = &fixture.bytes;
        let transcript = Transcript::of(bytes, &profile(fixture.profile));
        let pieces = transcript.passages.iter().flat_map(|passage| &passage.pieces);
        let begins = pieces.filter(|piece| match piece.part {
            Part::Frame(word) => word.contains("begins") || word.contains("the session ends"),
            Part::Text(_) | Part::Refused(_) => false,
        });
        let mut ends: Vec<usize> = begins.map(|piece| piece.range.start).skip(1).collect();
        ends.push(bytes.len());
        let mut start = 0;
        let ends = ends.into_iter().map(|end| {
            let reply = said(&mut link, &bytes[start..end]).reply;
            start = end;
            (end, reply)
        });
        Units { ends: ends.collect() }
    }

    /// Feeds the rest of the file from `at` on, as far as the analyser sends it: up to the first
    /// refusal, or to where the reply that it waits for is another or none.
    fn feed<L: Link>(&self, link: &mut L, at: usize, rest: &[u8]) -> Heard {
        let mut heard = Heard::default();
        let mut from = at;
        for (end, reply) in self.ends.iter().filter(|(end, _)| *end > at) {
            heard.reply.clear();
            for bytes in rest[from - at..end - at].chunks(CHUNK) {
                drain(link, bytes, &mut heard);
                if heard.refused {
                    return heard;
                }
            }
            from = *end;
            if heard.reply != *reply {
                heard.refused = true;
                return heard;
            }
        }
        link.disconnect(Moment::default());
        drain(link, &[], &mut heard);
        heard
    }
}

/// What the link makes of some bytes that are as they were sent.
fn said<L: Link>(link: &mut L, bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    drain(link, bytes, &mut heard);
    heard
}

fn judge(
    outcome: &mut Outcome,
    fixture: &Fixture,
    sent: &[Vec<u8>],
    heard: Heard,
    (at, value): (usize, u8),
) {
    let what = format!("{} byte {at} made {value:#04x}", fixture.name());
    if heard.messages == sent {
        return;
    }
    let mut both = heard.messages.iter().zip(sent);
    match both.find(|(message, _)| !sent.contains(message)) {
        Some((message, original)) => {
            let analyser = analyser(fixture.profile);
            let before = Before::of(&analyser, original);
            let exceptions = before.compare(&analyser, &fixture.file, message, 0);
            outcome.delivered += 1;
            outcome.different.extend(exceptions.into_iter().map(|one| (what.clone(), one)));
        }
        None if heard.refused || heard.reported => {}
        None => outcome.lost.push(what),
    }
}

/// A refusal is noticed so many bytes later at most.
const CHUNK: usize = 64;

#[derive(Default)]
struct Heard {
    messages: Vec<Vec<u8>>,
    /// What was sent to the analyser.
    reply: Vec<u8>,
    /// The analyser was told to send again, or waits for a reply that does not come.
    refused: bool,
    /// The log was told that something was wrong.
    reported: bool,
}

fn drain<L: Link>(link: &mut L, bytes: &[u8], heard: &mut Heard) {
    let now = Moment::default();
    link.receive(now, bytes);
    loop {
        link.expire(now);
        while let Some(reply) = link.transmit() {
            heard.refused |= reply.contains(&NAK);
            heard.reply.extend(reply);
        }
        let Some(event) = link.event().filter(|_| !heard.refused) else { return };
        match event {
            Event::Message { token, bytes } => {
                heard.messages.push(bytes);
                link.answer(now, token, Answer::Stored);
            }
            Event::Incomplete { .. } => heard.refused = true,
            Event::Fault(fault) => heard.reported |= fault.kind != LinkFaultKind::Repeated,
            Event::Accepted { .. } | Event::GaveUp { .. } => {}
        }
    }
}
