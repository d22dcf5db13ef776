//! Machines with one planted fault each: the exploration must find every one of them.

use hemogate::codec::lis01::{ACK, NAK};
use hemogate::link::{Answer, Deadline, Event, Link, LinkFaultKind, Moment, Token};

use crate::explore::refute;
use crate::line::{Budget, Line};
use crate::side::End;
use crate::{lis01, mllp};

/// What is wrong with a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Receiver: the last frame is acknowledged when it comes, not when it is stored.
    AcknowledgesEarly,
    /// Receiver: a frame that comes again is appended again.
    AppendsRepeats,
    /// Receiver: T5 never runs out.
    WaitsForEver,
    /// Sender: any reply to a frame accepts it.
    TakesNakForAck,
    /// Client: an acknowledgement counts for whatever waits for one.
    CreditsAnyAcknowledgement,
}

/// A real machine with a fault before it.
#[derive(Clone, Debug)]
struct Faulty<L> {
    link: L,
    fault: Fault,
    /// The reply that went out early, or the repeat that was seen.
    pending: bool,
    swallow: bool,
    /// What was sent last.
    sent: Vec<u8>,
}

impl<L> Faulty<L> {
    fn new(link: L, fault: Fault) -> Faulty<L> {
        Faulty { link, fault, pending: false, swallow: false, sent: Vec::new() }
    }

    /// MSH-10 of what was sent last, in place of MSA-2.
    fn credit(&self, reply: &[u8]) -> Vec<u8> {
        let sent = String::from_utf8_lossy(&self.sent).into_owned();
        let control_id = sent.split('|').nth(9).unwrap_or_default();
        let reply = String::from_utf8_lossy(reply).into_owned();
        let mut fields: Vec<&str> = reply.split('|').collect();
        let place = fields.iter().position(|field| field.ends_with("MSA"));
        let Some(id) = place.and_then(|at| fields.get_mut(at + 2)) else { return reply.into() };
        let credited = id.replacen(|c: char| c.is_ascii_digit(), control_id, 1);
        *id = &credited;
        fields.join("|").into_bytes()
    }

    fn alter(&mut self, event: Event) -> Event {
        match (self.fault, event) {
            (Fault::AcknowledgesEarly, Event::Message { token, bytes }) => {
                self.pending = true;
                Event::Message { token, bytes }
            }
            (Fault::AppendsRepeats, Event::Fault(fault)) => {
                self.pending |= fault.kind == LinkFaultKind::Repeated;
                Event::Fault(fault)
            }
            (Fault::AppendsRepeats, Event::Message { token, bytes }) if self.pending => {
                let first = bytes.split_inclusive(|byte| *byte == b'\r').next().unwrap().to_vec();
                Event::Message { token, bytes: [first, bytes].concat() }
            }
            (_, event) => event,
        }
    }
}

impl<L: Link> Link for Faulty<L> {
    fn receive(&mut self, now: Moment, bytes: &[u8]) {
        match self.fault {
            Fault::TakesNakForAck if bytes == [NAK] => self.link.receive(now, &[ACK]),
            Fault::CreditsAnyAcknowledgement => {
                let credited = self.credit(bytes);
                self.link.receive(now, &credited);
            }
            _ => self.link.receive(now, bytes),
        }
    }

    fn expire(&mut self, now: Moment) {
        if self.fault != Fault::WaitsForEver {
            self.link.expire(now);
        }
    }

    fn answer(&mut self, now: Moment, token: Token, answer: Answer) {
        self.swallow = self.fault == Fault::AcknowledgesEarly;
        self.link.answer(now, token, answer);
    }

    fn disconnect(&mut self, now: Moment) {
        self.link.disconnect(now);
    }

    fn transmit(&mut self) -> Option<Vec<u8>> {
        if self.fault == Fault::AcknowledgesEarly && std::mem::take(&mut self.pending) {
            return Some(vec![ACK]);
        }
        let said = self.link.transmit()?;
        if std::mem::take(&mut self.swallow) {
            return None;
        }
        self.sent.clone_from(&said);
        Some(said)
    }

    fn event(&mut self) -> Option<Event> {
        let event = self.link.event()?;
        Some(self.alter(event))
    }

    fn deadline(&self) -> Option<Deadline> {
        self.link.deadline().filter(|_| self.fault != Fault::WaitsForEver)
    }

    fn wants_bytes(&self) -> bool {
        self.link.wants_bytes()
    }

    fn must_close(&self) -> bool {
        self.link.must_close()
    }
}

impl<L: End> End for Faulty<L> {
    fn hand_over(&mut self, now: Moment, token: Token, message: Vec<u8>) {
        self.link.hand_over(now, token, message);
    }

    fn settled(&self) -> bool {
        self.link.settled()
    }
}

/// The same line, with faults in both machines.
fn with<A: End, B: End>(line: Line<A, B>, left: Fault, right: Fault) -> Line<Faulty<A>, Faulty<B>>
where
    Faulty<A>: Neutral<A>,
    Faulty<B>: Neutral<B>,
{
    Line {
        left: Faulty::new(line.left, left),
        right: Faulty::new(line.right, right),
        from_left: line.from_left,
        from_right: line.from_right,
        budget: line.budget,
        left_neutral: Faulty::<A>::is_neutral,
        right_neutral: Faulty::<B>::is_neutral,
        accepted_is_stored: true,
        in_turns: line.in_turns,
        once: line.once,
        right_waits: line.right_waits,
        patience: line.patience,
        seen: line.seen,
    }
}

/// Whether the machine inside is at rest.
trait Neutral<L> {
    fn is_neutral(&self) -> bool;
}

impl Neutral<hemogate::link::lis01::Receiver> for Faulty<hemogate::link::lis01::Receiver> {
    fn is_neutral(&self) -> bool {
        lis01::grants_a_bid(&self.link)
    }
}

impl Neutral<hemogate::link::lis01::Sender> for Faulty<hemogate::link::lis01::Sender> {
    fn is_neutral(&self) -> bool {
        lis01::at_rest(&self.link)
    }
}

impl Neutral<hemogate::link::mllp::Client> for Faulty<hemogate::link::mllp::Client> {
    fn is_neutral(&self) -> bool {
        lis01::at_rest(&self.link)
    }
}

impl Neutral<hemogate::link::mllp::Receiver> for Faulty<hemogate::link::mllp::Receiver> {
    fn is_neutral(&self) -> bool {
        true
    }
}

/// What a line may do that no right machine minds.
fn harm() -> Budget {
    Budget { lost: true, corrupted: true, harms: 1, refusals: 1, ..Budget::default() }
}

#[test]
fn every_planted_fault_of_lis01_is_found() {
    let none = Fault::None;
    for (left, right, promise) in [
        (none, Fault::AcknowledgesEarly, "nothing is said before it is asked"),
        (none, Fault::AcknowledgesEarly, "what is accepted is stored"),
        (none, Fault::AppendsRepeats, "nothing is altered"),
        (none, Fault::WaitsForEver, "both ends return to neutral"),
        (Fault::TakesNakForAck, none, "what is accepted is stored"),
    ] {
        let name = format!("{left:?}, {right:?}");
        let found = refute(&name, with(lis01::line(harm()), left, right), promise);
        assert!(found.is_some(), "{name}");
        let without = refute("no fault", with(lis01::line(harm()), none, none), promise);
        assert_eq!(without, None);
    }
}

#[test]
fn a_planted_fault_of_mllp_is_found() {
    let promise = "what is accepted is stored";
    let budget = Budget { repeated_left: true, harms: 1, refusals: 1, ..Budget::default() };
    let credits = Fault::CreditsAnyAcknowledgement;
    for (fault, is_found) in [(credits, true), (Fault::None, false)] {
        let line = with(mllp::line(budget), fault, Fault::None);
        let found = refute(&format!("MLLP, {fault:?}"), line, promise);
        assert_eq!(found.is_some(), is_found, "{fault:?}");
    }
}
