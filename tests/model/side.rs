//! One end of the line: the real machine, its owner, and an account of what they promised.

use std::fmt::Debug;

use hemogate::link::bare::Records;
use hemogate::link::block::{self, hitachi};
use hemogate::link::lis01::{Duplex, Receiver, Sender};
use hemogate::link::mllp::{self, Client};
use hemogate::link::{Answer, Event, Link, LinkFaultKind, Moment, Sending, Token};

/// A machine under exploration.
pub trait End: Link + Clone + Debug + Sync + 'static {
    /// Hands a message over, where the machine can send.
    fn hand_over(&mut self, now: Moment, token: Token, message: Vec<u8>);

    /// Whether nothing that was handed over is unsettled.
    fn settled(&self) -> bool;
}

macro_rules! ends {
    (sending: $($sending:ty),*; receiving: $($receiving:ty),*) => {
        $(impl End for $sending {
            fn hand_over(&mut self, now: Moment, token: Token, message: Vec<u8>) {
                self.send(now, token, message);
            }
            fn settled(&self) -> bool {
                self.is_idle()
            }
        })*
        $(impl End for $receiving {
            fn hand_over(&mut self, _: Moment, _: Token, _: Vec<u8>) {}
            fn settled(&self) -> bool {
                true
            }
        })*
    };
}

ends!(sending: Sender, Duplex, Client, mllp::Duplex, block::Exchange,
    hitachi::Exchange, Records; receiving: Receiver, mllp::Receiver);

/// What became of one message, counted. `stored` is counted where it arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Account {
    pub handed_over: u8,
    pub accepted: u8,
    pub given_up: u8,
    pub stored: u8,
}

/// A promise of the link that was broken on the way to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Broken {
    /// Something was delivered that was never sent.
    Altered,
    /// Evidence of a transfer that was cut short is no beginning of any message.
    Evidence,
    /// A message was delivered while another one waited for its answer.
    TwoAtOnce,
    /// Something was said while an answer was owed.
    SpokeUnasked,
    /// A message was settled more often than it was handed over, or out of order.
    Settled,
}

/// What was seen while exploring, to know that nothing was proved of nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub accepted: u64,
    pub given_up: u64,
    pub stored_again: u64,
    pub incomplete: u64,
    pub checksum: u64,
    pub repeated: u64,
    pub other_faults: u64,
}

/// What was done to an end just before it is drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It was answered: the reply is what it may say.
    Answer,
    /// The line was lost: what came whole may be delivered although nobody can be answered.
    LineLost,
    /// Anything else: while an answer is owed, nothing may be said.
    Other,
}

/// One end.
#[derive(Clone, Debug)]
pub struct Side<L> {
    pub link: L,
    /// What its machine delivered and its owner has not answered: token and which message.
    pub owed: Option<(Token, usize)>,
    /// Delivered when the line was lost, and stored.
    pub kept: Vec<usize>,
    /// One for each message that this end sends.
    pub accounts: Vec<Account>,
    /// The first promise that was broken.
    pub broken: Option<Broken>,
}

impl<L: End> Side<L> {
    pub fn new(link: L, messages: usize) -> Side<L> {
        let accounts = vec![Account::default(); messages];
        Side { link, owed: None, kept: Vec::new(), accounts, broken: None }
    }

    pub fn break_promise(&mut self, broken: Broken) {
        self.broken = self.broken.or(Some(broken));
    }

    /// Takes out everything that the machine has to say: transmissions, in order. `theirs` are
    /// the messages that the other end sends.
    pub fn drain(&mut self, theirs: &[Vec<u8>], after: After, seen: &mut Seen) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        loop {
            if let Some(bytes) = self.link.transmit() {
                sent.push(bytes);
            } else if let Some(event) = self.link.event() {
                self.hear(event, theirs, seen);
                if after == After::LineLost {
                    self.kept.extend(self.owed.take().map(|(_, which)| which));
                }
            } else {
                break;
            }
        }
        if self.owed.is_some() && after == After::Other && !sent.is_empty() {
            self.break_promise(Broken::SpokeUnasked);
        }
        sent
    }

    fn hear(&mut self, event: Event, theirs: &[Vec<u8>], seen: &mut Seen) {
        match event {
            Event::Message { token, bytes } => {
                if self.owed.is_some() {
                    self.break_promise(Broken::TwoAtOnce);
                }
                match theirs.iter().position(|message| *message == bytes) {
                    Some(which) => self.owed = Some((token, which)),
                    None => self.break_promise(Broken::Altered),
                }
            }
            Event::Incomplete { bytes, .. } => {
                seen.incomplete += 1;
                if !theirs.iter().any(|message| message.starts_with(&bytes)) {
                    self.break_promise(Broken::Evidence);
                }
            }
            Event::Fault(fault) => match fault.kind {
                LinkFaultKind::Checksum => seen.checksum += 1,
                LinkFaultKind::Repeated => seen.repeated += 1,
                _ => seen.other_faults += 1,
            },
            Event::Accepted { token, .. } => {
                seen.accepted += 1;
                self.settle(token, |account| &mut account.accepted);
            }
            Event::GaveUp { token, .. } => {
                seen.given_up += 1;
                self.settle(token, |account| &mut account.given_up);
            }
        }
    }

    fn settle(&mut self, token: Token, outcome: fn(&mut Account) -> &mut u8) {
        let account = &mut self.accounts[usize::try_from(token.0).unwrap()];
        *outcome(account) += 1;
        if account.accepted + account.given_up > account.handed_over {
            self.break_promise(Broken::Settled);
        }
    }

    pub fn hand_over(&mut self, now: Moment, which: usize, message: Vec<u8>) {
        self.accounts[which].handed_over += 1;
        self.link.hand_over(now, Token(which as u64), message);
    }

    /// The owner answers; true if it stored the message.
    pub fn answer(&mut self, now: Moment, answer: Answer) -> Option<usize> {
        let (token, which) = self.owed.take()?;
        let stored = !matches!(answer, Answer::Refused(_));
        self.link.answer(now, token, answer);
        stored.then_some(which)
    }
}
