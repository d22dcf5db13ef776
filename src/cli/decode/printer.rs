//! What was read, on standard output; what was not, on standard error.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::analyser::Analyser;
use crate::cli::say::complain;
use crate::domain::Observation;
use crate::link::{Interruption, LinkFault, LinkFaultKind};
use crate::shape::{ObservationShape, OrderReplyShape, QueryShape};
use crate::workshop::transcript::{Listener, interruption, refusal};

/// Prints messages and counts what was not understood.
pub(super) struct Printer<W> {
    out: W,
    analyser: Analyser,
    messages: u64,
    faults: u64,
}

/// One line of output: what was read and the number of its message in the input.
#[derive(Serialize)]
struct Line<T> {
    #[serde(flatten)]
    read: T,
    message: u64,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(out: W, analyser: Analyser) -> Printer<W> {
        Printer { out, analyser, messages: 0, faults: 0 }
    }

    /// Whether every byte so far was understood.
    pub(super) fn all_understood(&self) -> bool {
        self.faults == 0
    }

    fn line(&mut self, read: impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &Line { read, message: self.messages })?;
        self.out.write_all(b"\n")
    }

    fn unaccounted(&mut self, observation: &Observation) {
        let message = self.messages;
        for piece in &observation.unaccounted {
            let (offset, path) = (piece.offset, &piece.path);
            self.wrong(format_args!(
                "message {message} byte {offset}: {path} {:?}: {}",
                piece.text, piece.why
            ));
        }
    }

    /// Anything else that was not understood.
    fn wrong(&mut self, line: impl fmt::Display) {
        self.faults += 1;
        complain(&line.to_string());
    }
}

impl<W: Write> Listener for Printer<W> {
    /// Reads one message and prints its results, its question, and what it says about orders.
    fn message(&mut self, bytes: &[u8], _: Option<usize>) -> io::Result<()> {
        self.messages += 1;
        let message = self.messages;
        let reading = self.analyser.read(bytes);
        for fault in &reading.faults {
            self.wrong(format_args!("message {message} byte {}: {}", fault.offset, fault.text));
        }
        for observation in &reading.observations {
            self.unaccounted(observation);
            self.line(ObservationShape::from(observation))?;
        }
        if let Some(query) = &reading.query {
            self.line(QueryShape::from(query))?;
        }
        for reply in &reading.order_replies {
            self.line(OrderReplyShape::from(reply))?;
        }
        Ok(())
    }

    fn incomplete(&mut self, bytes: &[u8], why: Interruption) {
        let (length, why) = (bytes.len(), interruption(why));
        self.wrong(format_args!("a message is incomplete: {why}; {length} bytes of it came"));
    }

    fn refused(&mut self, fault: &LinkFault, offset: u64) {
        let (length, what) = (fault.length, refusal(fault.kind));
        let excerpt = fault.excerpt.escape_ascii();
        let line = format!("input byte {offset}: {what} ({length} bytes): \"{excerpt}\"");
        if fault.kind == LinkFaultKind::Repeated {
            complain(&line);
        } else {
            self.wrong(line);
        }
    }

    fn fault(&mut self, words: &str) {
        self.wrong(words);
    }

    /// Lets the reader of our output see what was printed so far.
    fn pause(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
