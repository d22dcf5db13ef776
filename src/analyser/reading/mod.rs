//! Reading a delivered message: bytes, characters, records, pieces, observations.

mod content;
mod context;
mod donations;
mod gather;
mod interpret;
mod number;
mod specimen;
mod threshold;
mod time;

use super::profile::tables::{Condition, Layout};
use super::profile::{Dialect, MessageType};
use super::{Analyser, MessageFault, MessageReading};
use crate::codec::charset::{Charset, Text};
use crate::codec::{Message, Transmission, hl7, lis02};
use crate::domain::{DonationNumber, Observation, SpecimenKind};
use crate::limits;
use content::Content;
use context::Walk;
use interpret::Context;
use specimen::Specimen;

/// What the messages of one delivery came to.
#[derive(Default)]
struct Gathered {
    observations: Vec<Observation>,
    faults: Vec<MessageFault>,
    donations: Vec<DonationNumber>,
    /// A question was asked: it names specimens, but says nothing about them.
    is_query: bool,
    /// There was a result more than there is room for.
    is_full: bool,
}

/// Reads one delivered message.
pub(super) fn read(analyser: &Analyser, bytes: &[u8]) -> MessageReading {
    let charset = match charset(analyser, bytes) {
        Ok(charset) => charset,
        Err(text) => return unreadable(analyser, bytes, text),
    };
    let text = Text::decode(bytes, charset);
    let transmission = match analyser.profile.dialect() {
        Dialect::Lis02 => lis02::read(text.as_str()),
        Dialect::Hl7 => hl7::read(text.as_str()),
    };
    let mut gathered = Gathered::default();
    gathered.take_faults(&text, &transmission);
    for message in &transmission.messages {
        read_message(analyser, &text, message, &mut gathered);
    }
    if transmission.messages.is_empty() && gathered.faults.is_empty() {
        gathered.fault(0, "nothing that is a message");
    }
    let content = match text.faults().is_empty() && !transmission.messages.is_empty() {
        true => Content::of(&transmission.messages, analyser.profile.dialect()),
        false => Content::of_raw(bytes),
    };
    gathered.finish(analyser, bytes, content)
}

/// The declared character set wins, unless the profile says that ASCII is declared wrongly.
fn charset(analyser: &Analyser, bytes: &[u8]) -> Result<Charset, String> {
    match analyser.profile.dialect() {
        Dialect::Lis02 => Ok(analyser.profile.charset()),
        Dialect::Hl7 => analyser.profile.charsets().of(bytes),
    }
}

fn unreadable(analyser: &Analyser, bytes: &[u8], charset: String) -> MessageReading {
    let mut gathered = Gathered::default();
    let text = format!("MSH-18 declares the character set {charset:?}, which is not known");
    gathered.fault(0, &text);
    gathered.finish(analyser, bytes, Content::of_raw(bytes))
}

fn read_message(
    analyser: &Analyser,
    text: &Text<'_>,
    message: &Message<'_>,
    gathered: &mut Gathered,
) {
    let delimiters = message.delimiters();
    let Some(header) = message.records().next() else { return };
    let at = text.offset_in_bytes(header.line().offset);
    if is_query(analyser.profile.dialect(), message) {
        gathered.is_query = true;
        return gathered.fault(at, "a query: this version does not answer queries");
    }
    let holds = |condition: &Condition| context::holds(condition, header, delimiters);
    match analyser.profile.message_type(holds) {
        MessageType::Results(layout) => {
            read_results(analyser, layout, text, message, gathered);
        }
        MessageType::Nothing => {}
        MessageType::Unknown => gathered.fault(at, &not_handled(analyser, message)),
    }
}

fn read_results(
    analyser: &Analyser,
    layout: &Layout,
    text: &Text<'_>,
    message: &Message<'_>,
    gathered: &mut Gathered,
) {
    let (delimiters, has_escapes) = (message.delimiters(), message.has_escapes());
    let context = Context { analyser, layout, text, delimiters, has_escapes };
    let mut walk = Walk::new(context, gathered);
    for record in message.records() {
        walk.record(record);
    }
    walk.finish();
}

fn is_query(dialect: Dialect, message: &Message<'_>) -> bool {
    message.records().any(|record| dialect.asks(record.name()))
}

fn not_handled(analyser: &Analyser, message: &Message<'_>) -> String {
    let header = message.records().next();
    let field = |number| header.and_then(|header| header.field(number)).map(|piece| piece.text);
    match analyser.profile.dialect() {
        Dialect::Hl7 => {
            format!("message type not handled: MSH-9 is {:?}", field(9).unwrap_or_default())
        }
        Dialect::Lis02 => {
            "message type not handled: its header is none that the profile knows".to_owned()
        }
    }
}

impl Gathered {
    /// Notes a fault; the last one within the bound stands for all that follow it.
    fn fault(&mut self, offset: usize, text: &str) {
        match self.faults.len() + 1 {
            count if count < limits::FAULTS_MAX => {
                self.faults.push(MessageFault { offset, text: text.to_owned() });
            }
            limits::FAULTS_MAX => {
                let text = format!("{text}; what follows is not listed");
                self.faults.push(MessageFault { offset, text });
            }
            _ => {}
        }
    }

    /// Takes an observation, if there is room.
    fn observe(&mut self, observation: impl FnOnce() -> Observation) {
        if self.has_room_beside(0) {
            self.observations.push(observation());
        }
    }

    /// Whether one more result can be read beside those that wait; the first that cannot is told.
    fn has_room_beside(&mut self, waiting: usize) -> bool {
        let room = self.observations.len() + waiting < limits::RESULTS_PER_MESSAGE_MAX;
        if !room && !self.is_full {
            self.is_full = true;
            let max = limits::RESULTS_PER_MESSAGE_MAX;
            self.fault(0, &format!("more than {max} results: the rest was not read"));
        }
        room
    }

    /// Notes the donations that a specimen may be of; controls and calibrators name none.
    fn name(&mut self, specimen: &Specimen) {
        match specimen.kind {
            SpecimenKind::Donor | SpecimenKind::Other => {
                self.donations.extend(specimen.donations().cloned());
            }
            SpecimenKind::Control | SpecimenKind::Calibration => {}
        }
    }

    fn take_faults(&mut self, text: &Text<'_>, transmission: &Transmission<'_>) {
        for fault in text.faults() {
            self.fault(fault.offset, &fault.text);
        }
        for fault in &transmission.faults {
            self.fault(text.offset_in_bytes(fault.offset), &fault.text);
        }
    }

    /// Everything read, in order, with each donation once.
    fn finish(mut self, analyser: &Analyser, bytes: &[u8], content: Content) -> MessageReading {
        if self.is_query && self.observations.is_empty() {
            self.donations.clear();
        } else if !self.faults.is_empty() {
            self.donations.extend(donations::named_in(bytes, &analyser.scheme));
        }
        self.faults.sort_by_key(|fault| fault.offset);
        self.donations.sort_unstable();
        self.donations.dedup();
        MessageReading {
            observations: self.observations,
            faults: self.faults,
            query: None,
            order_replies: Vec::new(),
            donations: self.donations,
            content_key: content.key,
            body: content.body,
        }
    }
}
