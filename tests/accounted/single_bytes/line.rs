//! One byte changed on a line, through the real link machine.

use std::time::Duration;

use hemogate::analyser::Framing;
use hemogate::codec::block::{Parameters, Protocol};
use hemogate::codec::lis01::NAK;
use hemogate::link::block::{Role, au, hitachi, pk};
use hemogate::link::{Answer, Event, Link, LinkFaultKind, Moment, lis01};

use super::change::{Before, Exception};
use crate::bench::{Fixture, analyser, profile};

/// What became of every change of one file.
#[derive(Default)]
pub struct Outcome {
    pub tried: usize,
    /// Nothing was refused, and yet a message did not come.
    pub lost: Vec<String>,
    /// A message came that was not sent.
    pub different: Vec<(String, Vec<Exception>)>,
}

/// Every byte to every other value.
pub fn outcomes(fixture: &Fixture) -> Outcome {
    let profile = profile(fixture.profile);
    if profile.link().framing == Framing::Lis01 {
        return all(fixture, lis01::Receiver::new());
    }
    let parameters = profile.blocks().unwrap();
    let parameters = Parameters { reply_after: Some(Duration::ZERO), ..parameters.clone() };
    match parameters.protocol {
        Protocol::BeckmanPk => all(fixture, pk::Settings::from(&parameters).exchange(Role::Host)),
        Protocol::BeckmanAu => all(fixture, au::Settings::from(&parameters).exchange(Role::Host)),
        Protocol::Hitachi => {
            let settings = hitachi::Settings::from(&parameters);
            all(fixture, hitachi::Exchange::new(settings, Role::Host))
        }
    }
}

fn all<L: Link + Clone>(fixture: &Fixture, mut link: L) -> Outcome {
    let bytes = &fixture.bytes;
    let mut ahead = link.clone();
    let sent = feed(&mut ahead, bytes, true).messages;
    let mut outcome = Outcome::default();
    let mut before = 0;
    for (at, own) in bytes.iter().enumerate() {
        for value in (0..=u8::MAX).filter(|value| value != own) {
            outcome.tried += 1;
            let mut damaged = link.clone();
            let mut heard = feed(&mut damaged, &[value], false);
            if !heard.refused {
                let rest = feed(&mut damaged, &bytes[at + 1..], true);
                heard.messages.extend(rest.messages);
                heard.refused |= rest.refused;
            }
            judge(&mut outcome, fixture, &sent[before..], heard, (at, value));
        }
        before += feed(&mut link, std::slice::from_ref(own), false).messages.len();
    }
    outcome
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
    let strange = heard.messages.iter().find(|message| !sent.contains(message));
    match strange {
        Some(message) => {
            let analyser = analyser(fixture.profile);
            let original = sent.first().cloned().unwrap_or_default();
            let before = Before::of(&analyser, &original);
            let exceptions = before.compare(&analyser, &fixture.file, message, 0);
            outcome.different.push((what, exceptions));
        }
        None if heard.refused => {}
        None => outcome.lost.push(what),
    }
}

/// A refusal is noticed so many bytes later at most.
const CHUNK: usize = 64;

#[derive(Default)]
struct Heard {
    messages: Vec<Vec<u8>>,
    /// The analyser was told to send again, or the log that something was wrong.
    refused: bool,
}

/// Feeds bytes up to the first that makes the link refuse something.
fn feed<L: Link>(link: &mut L, bytes: &[u8], to_the_end: bool) -> Heard {
    let now = Moment::default();
    let mut heard = Heard::default();
    for bytes in bytes.chunks(CHUNK) {
        link.receive(now, bytes);
        drain(link, now, &mut heard);
        if heard.refused {
            return heard;
        }
    }
    if to_the_end {
        link.disconnect(now);
        drain(link, now, &mut heard);
    }
    heard
}

fn drain<L: Link>(link: &mut L, now: Moment, heard: &mut Heard) {
    loop {
        link.expire(now);
        while let Some(reply) = link.transmit() {
            heard.refused |= reply.contains(&NAK);
        }
        let Some(event) = link.event() else { return };
        match event {
            Event::Message { token, bytes } => {
                heard.messages.push(bytes);
                link.answer(now, token, Answer::Stored);
            }
            Event::Incomplete { .. } => heard.refused = true,
            Event::Fault(fault) => heard.refused |= fault.kind != LinkFaultKind::Repeated,
            Event::Accepted { .. } | Event::GaveUp { .. } => {}
        }
    }
}
