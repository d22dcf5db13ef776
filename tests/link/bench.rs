//! Drives one link by hand and keeps what it says.

use std::time::Duration;

use hemogate::codec::lis01::{End, encode_frame};
use hemogate::link::{
    Answer, Event, Interruption, Link, LinkFault, LinkFaultKind, Moment, Sending, Token,
};

pub fn at(seconds: u64) -> Moment {
    Moment::after(Duration::from_secs(seconds))
}

/// One link, a made-up clock and everything that came out.
pub struct Bench<L> {
    pub link: L,
    pub now: Moment,
    pub events: Vec<Event>,
}

impl<L: Link> Bench<L> {
    pub fn new(link: L) -> Bench<L> {
        Bench { link, now: Moment::default(), events: Vec::new() }
    }

    /// Feeds bytes and returns what is sent back.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.link.receive(self.now, bytes);
        self.drain()
    }

    /// Answers the message delivered last and returns what is sent back.
    pub fn answer(&mut self, answer: Answer) -> Vec<u8> {
        let token = self.last_token();
        self.link.answer(self.now, token, answer);
        self.drain()
    }

    /// As [`Bench::feed_and_store`], but answers only messages that come now.
    pub fn feed_new(&mut self, bytes: &[u8]) -> Vec<u8> {
        let answered = self.tokens().len();
        self.feed_and_store_from(bytes, answered)
    }

    /// Feeds bytes, answers every message, and returns all that is sent back.
    pub fn feed_and_store(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.feed_and_store_from(bytes, 0)
    }

    fn feed_and_store_from(&mut self, bytes: &[u8], mut answered: usize) -> Vec<u8> {
        let mut sent = self.feed(bytes);
        loop {
            let tokens = self.tokens();
            let Some(token) = tokens.get(answered) else { return sent };
            self.link.answer(self.now, *token, Answer::Stored);
            sent.extend(self.drain());
            answered += 1;
        }
    }

    pub fn wait_until(&mut self, seconds: u64) -> Vec<u8> {
        self.now = at(seconds);
        self.link.expire(self.now);
        self.drain()
    }

    pub fn drain(&mut self) -> Vec<u8> {
        let mut sent = Vec::new();
        while let Some(bytes) = self.link.transmit() {
            sent.extend(bytes);
        }
        while let Some(event) = self.link.event() {
            self.events.push(event);
        }
        sent
    }

    pub fn tokens(&self) -> Vec<Token> {
        let token = |event: &Event| match event {
            Event::Message { token, .. } => Some(*token),
            _ => None,
        };
        self.events.iter().filter_map(token).collect()
    }

    pub fn last_token(&self) -> Token {
        *self.tokens().last().expect("a message was delivered")
    }

    pub fn messages(&self) -> Vec<String> {
        let bytes = |event: &Event| match event {
            Event::Message { bytes, .. } => Some(bytes.escape_ascii().to_string()),
            _ => None,
        };
        self.events.iter().filter_map(bytes).collect()
    }

    pub fn incomplete(&self) -> Vec<(String, Interruption)> {
        let bytes = |event: &Event| match event {
            Event::Incomplete { bytes, why } => Some((bytes.escape_ascii().to_string(), *why)),
            _ => None,
        };
        self.events.iter().filter_map(bytes).collect()
    }

    pub fn faults(&self) -> Vec<LinkFault> {
        let fault = |event: &Event| match event {
            Event::Fault(fault) => Some(fault.clone()),
            _ => None,
        };
        self.events.iter().filter_map(fault).collect()
    }

    /// Kind, offset and length of every fault.
    pub fn fault_places(&self) -> Vec<(LinkFaultKind, u64, usize)> {
        self.faults().iter().map(|fault| (fault.kind, fault.offset, fault.length)).collect()
    }

    pub fn fault_kinds(&self) -> Vec<LinkFaultKind> {
        self.faults().iter().map(|fault| fault.kind).collect()
    }
}

impl<L: Sending> Bench<L> {
    pub fn send(&mut self, token: u64, message: &[u8]) -> Vec<u8> {
        self.link.send(self.now, Token(token), message.to_vec());
        self.drain()
    }

    /// Tokens accepted, in order.
    pub fn accepted(&self) -> Vec<u64> {
        let token = |event: &Event| match event {
            Event::Accepted { token, .. } => Some(token.0),
            _ => None,
        };
        self.events.iter().filter_map(token).collect()
    }

    /// Tokens given up, with the words.
    pub fn given_up(&self) -> Vec<(u64, String)> {
        let token = |event: &Event| match event {
            Event::GaveUp { token, why } => Some((token.0, why.clone())),
            _ => None,
        };
        self.events.iter().filter_map(token).collect()
    }
}

/// An end frame.
pub fn etx(number: u8, text: &str) -> Vec<u8> {
    encode_frame(number, text.as_bytes(), End::Etx)
}

/// An intermediate frame.
pub fn etb(number: u8, text: &str) -> Vec<u8> {
    encode_frame(number, text.as_bytes(), End::Etb)
}
