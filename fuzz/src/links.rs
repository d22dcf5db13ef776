//! Link machines under any sequence of operations, the promises of `Link` and `Sending` checked
//! after each.
//!
//! Bytes below 0x80 are bytes from the line, so that a fixture is a good script as it stands; a
//! byte from 0x80 on is an operation, and first lets the machine read what came before it.
//!
//! | byte | operation |
//! |---|---|
//! | 80..8F | nothing: one read ends here |
//! | 90..9F | the next timer runs out |
//! | A0..AF | so many seconds pass |
//! | B0..B3 | the owed answer: stored, stored unread, stored with a reply, refused |
//! | B4..BF | an answer to a message that is not there |
//! | C0..CF | a message is handed over |
//! | D0..DF | the message handed over so many before the last is withdrawn |
//! | E0..E7 | the line is lost |
//! | E8..EF | the system is ready, or busy |
//! | F0..FF | the byte itself comes from the line, less 0x80 and plus 0x40 |

use std::collections::BTreeSet;
use std::time::Duration;

use hemogate::limits;
use hemogate::link::bare::{Envelope, Records};
use hemogate::link::lis01::{Duplex, Packing, Receiver, Role, Sender, Settings};
use hemogate::link::mllp::{self, Client};
use hemogate::link::{Answer, Event, Link, LinkFault, Moment, Sending, Token, block};

/// Bytes that a machine may hold when nothing is under way.
const IDLE_MAX: usize = 1_024;

/// What messages may be handed over.
const RECORDS: [&[u8]; 4] = [b"L|1|N\r", b"H|\\^&\rL|1|N\r", b"H|\\^&\rR|1|\x05\x04\x02\rL|1", b""];
const TEXTS: [&[u8]; 4] = [b"SB15", b"D 1521", b": 12", b""];
const SEGMENTS: [&[u8]; 4] = [
    b"MSH|^~\\&|A|B|||2026||ORU^R01|1|P|2.5.1\rOBX|1\r",
    b"MSH|^~\\&|A|B|||2026||ORU^R01|2|P|2.5.1|||NE|NE\r",
    b"MSH|^~\\&\x1c\x0b",
    b"",
];

/// LIS01: receiver, sender, and both roles with every habit.
pub fn link_lis01(data: &[u8]) {
    drive(Driven::receiving(Receiver::new(), Receiver::memory), data);
    for (role, length, packing) in
        [(Role::Instrument, 240, Packing::RecordPerFrame), (Role::Host, 5, Packing::Packed)]
    {
        let sender = Sender::new(role, length, packing);
        drive(Driven::sending(sender, Sender::memory, &RECORDS), data);
    }
    let field = Settings {
        acknowledge_contention: true,
        restart_on_enquiry: true,
        ask_by_interrupt: true,
        honour_interrupt: true,
        frame_text_max: 3,
        ..Settings::instrument()
    };
    for settings in [Settings::host(), Settings::instrument(), field] {
        drive(Driven::sending(Duplex::new(settings), Duplex::memory, &RECORDS), data);
    }
}

/// MLLP: receiver, client, and both roles with and without commits.
pub fn link_mllp(data: &[u8]) {
    let time: fn() -> String = || "20260101120000".to_owned();
    drive(Driven::receiving(mllp::Receiver::new(time), mllp::Receiver::memory), data);
    let client = Client::new(Duration::from_secs(5));
    drive(Driven::sending(client, Client::memory, &SEGMENTS), data);
    for commit in [false, true] {
        let settings = mllp::Settings::new(time, Duration::from_secs(5));
        let duplex = mllp::Duplex::new(mllp::Settings { commit, ..settings });
        drive(Driven::sending(duplex, mllp::Duplex::memory, &SEGMENTS), data);
    }
}

/// Records without a link layer.
pub fn link_bare(data: &[u8]) {
    for envelope in [Envelope::None, Envelope::StxEtx] {
        let records = Records::new(envelope, Duration::from_secs(30));
        drive(Driven::sending(records, Records::memory, &RECORDS), data);
    }
}

/// Block protocols: Beckman PK and AU, Hitachi.
pub fn link_block(data: &[u8]) {
    for role in [block::Role::Host, block::Role::Instrument] {
        let pk = block::pk::Settings::default().exchange(role);
        let silent = block::pk::Settings { acknowledged: false, ..Default::default() };
        for exchange in [pk, silent.exchange(role), block::au::Settings::default().exchange(role)] {
            drive(Driven::sending(exchange, block::Exchange::memory, &TEXTS), data);
        }
        let settings = block::hitachi::Settings::default();
        let exchange = block::hitachi::Exchange::new(settings, role);
        drive(Driven::sending(exchange, |_| 0, &TEXTS), data);
    }
}

/// A machine, what it can do beside [`Link`], and what is known of it from outside.
struct Driven<L> {
    link: L,
    memory: fn(&L) -> usize,
    send: Option<Handing<L>>,
    messages: &'static [&'static [u8]],
    now: Moment,
    received: u64,
    /// The message that waits for its answer.
    owed: Option<Token>,
    last_delivered: Option<Token>,
    handed_over: u64,
    outstanding: BTreeSet<u64>,
}

/// The operations of [`Sending`].
struct Handing<L> {
    send: fn(&mut L, Moment, Token, Vec<u8>),
    withdraw: fn(&mut L, Moment, Token) -> bool,
    is_idle: fn(&L) -> bool,
}

impl<L: Link> Driven<L> {
    fn receiving(link: L, memory: fn(&L) -> usize) -> Driven<L> {
        Driven {
            link,
            memory,
            send: None,
            messages: &[],
            now: Moment::default(),
            received: 0,
            owed: None,
            last_delivered: None,
            handed_over: 0,
            outstanding: BTreeSet::new(),
        }
    }

    fn read(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let waited = self.owed;
        self.received += bytes.len() as u64;
        self.link.receive(self.now, bytes);
        bytes.clear();
        let sent = self.drain();
        if waited.is_some() && self.send.is_none() {
            assert!(sent.is_empty(), "an answer was owed, and something else was said");
        }
        if self.owed.is_none() {
            let reads = self.link.wants_bytes() || self.link.must_close();
            assert!(reads, "nothing is owed, so nothing need wait unread");
        }
    }

    fn operate(&mut self, operation: u8) {
        let low = operation & 0x0F;
        match operation {
            0x90..=0x9F => self.expire(),
            0xA0..=0xAF => {
                self.now = self.now.plus(Duration::from_secs(u64::from(low)));
                self.link.expire(self.now);
            }
            0xB0..=0xB3 => self.answer(low),
            0xB4..=0xBF => {
                let token = Token(u64::MAX - u64::from(low));
                self.link.answer(self.now, token, Answer::Stored);
            }
            0xC0..=0xCF => self.hand_over(usize::from(low)),
            0xD0..=0xDF => self.withdraw(u64::from(low)),
            0xE0..=0xE7 => self.disconnect(),
            0xE8..=0xEF => self.link.set_ready(self.now, low.is_multiple_of(2)),
            _ => {}
        }
        self.drain();
    }

    /// A timer that ran out does not run out again at once.
    fn expire(&mut self) {
        let Some(deadline) = self.link.deadline() else { return };
        self.now = self.now.max(deadline.at);
        self.link.expire(self.now);
        if let Some(next) = self.link.deadline() {
            assert!(next.at > self.now, "{deadline:?} ran out, and now {next:?}");
        }
    }

    fn answer(&mut self, which: u8) {
        let Some(token) = self.owed.take() else { return };
        let answer = match which {
            0 => Answer::Stored,
            1 => Answer::StoredUnread("not \x0b read|\r".to_owned()),
            2 => Answer::StoredReply(b"MSH|^~\\&|\rMSA|AA|1\r".to_vec()),
            _ => Answer::Refused("the disk is full".to_owned()),
        };
        self.link.answer(self.now, token, answer);
    }

    fn hand_over(&mut self, which: usize) {
        let Some(Handing { send, .. }) = self.send else { return };
        self.handed_over += 1;
        self.outstanding.insert(self.handed_over);
        let message = self.messages[which % self.messages.len()].to_vec();
        send(&mut self.link, self.now, Token(self.handed_over), message);
    }

    fn withdraw(&mut self, before_last: u64) {
        let Some(Handing { withdraw, .. }) = self.send else { return };
        let token = self.handed_over.saturating_sub(before_last);
        if withdraw(&mut self.link, self.now, Token(token)) {
            assert!(self.outstanding.remove(&token), "{token} was settled, and taken back");
        }
    }

    fn disconnect(&mut self) {
        self.link.disconnect(self.now);
        self.received = 0;
        self.owed = None;
        // What came whole is delivered now, to nobody's answer.
        while let Some(event) = self.link.event() {
            self.hear(event);
            self.owed = None;
        }
        assert_eq!(self.link.transmit(), None, "nothing is said on a line that is lost");
        assert_eq!(self.link.deadline(), None);
        assert!(!self.link.must_close() && self.link.wants_bytes());
        assert!(self.outstanding.is_empty(), "everything is given up with the line");
        let held = (self.memory)(&self.link);
        assert!(held <= IDLE_MAX, "a line that is lost holds {held} bytes");
    }

    fn drain(&mut self) -> Vec<u8> {
        let mut sent = Vec::new();
        loop {
            let length = sent.len();
            while let Some(bytes) = self.link.transmit() {
                assert!(!bytes.is_empty() && !self.link.must_close());
                sent.extend(bytes);
            }
            if !self.drain_events() && sent.len() == length {
                break;
            }
        }
        self.check();
        sent
    }

    fn drain_events(&mut self) -> bool {
        let mut any = false;
        while let Some(event) = self.link.event() {
            any = true;
            self.hear(event);
        }
        any
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Message { token, bytes } => {
                assert_eq!(self.owed, None, "one message at a time");
                assert!(self.last_delivered < Some(token), "a token names one message");
                assert!(!bytes.is_empty() && bytes.len() <= limits::MESSAGE_MAX);
                self.owed = Some(token);
                self.last_delivered = Some(token);
            }
            Event::Incomplete { bytes, .. } => {
                assert!(!bytes.is_empty() && bytes.len() <= limits::MESSAGE_MAX);
            }
            Event::Fault(fault) => self.place(&fault),
            Event::Accepted { token, .. } | Event::GaveUp { token, .. } => {
                assert!(self.outstanding.remove(&token.0), "{token:?} is not known");
            }
        }
    }

    fn place(&self, fault: &LinkFault) {
        assert!(fault.length > 0, "{fault:?}");
        assert!(fault.excerpt.len() <= limits::FAULT_EXCERPT_MAX);
        assert!(fault.excerpt.len() <= fault.length, "{fault:?}");
        if self.received > 0 {
            assert!(fault.offset + fault.length as u64 <= self.received, "{fault:?}");
        }
    }

    fn check(&self) {
        if let Some(Handing { is_idle, .. }) = self.send {
            let idle = is_idle(&self.link);
            assert!(!idle || self.outstanding.is_empty(), "idle, and {:?}", self.outstanding);
        }
        let bytes = self.received + 256 * self.handed_over;
        let bound = 4 * usize::try_from(bytes).unwrap_or(usize::MAX) + 4_096;
        let held = (self.memory)(&self.link);
        assert!(held <= bound, "{held} bytes of {bound}");
    }
}

impl<L: Sending> Driven<L> {
    fn sending(link: L, memory: fn(&L) -> usize, messages: &'static [&'static [u8]]) -> Driven<L> {
        let handing = Handing { send: L::send, withdraw: L::withdraw, is_idle: L::is_idle };
        Driven { send: Some(handing), messages, ..Driven::receiving(link, memory) }
    }
}

fn drive<L: Link>(mut driven: Driven<L>, data: &[u8]) {
    let mut pending = Vec::new();
    for byte in data {
        match byte {
            0x00..=0x7F => pending.push(*byte),
            0xF0..=0xFF => pending.push(byte - 0x40),
            operation => {
                driven.read(&mut pending);
                driven.operate(*operation);
            }
        }
    }
    driven.read(&mut pending);
    driven.disconnect();
}
