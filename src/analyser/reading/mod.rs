//! Reading a delivered message: bytes, characters, records, pieces, observations.

mod content;
mod context;
mod donations;
mod explain;
mod gather;
mod interpret;
mod number;
mod overall;
mod query;
mod reagent;
mod reply;
mod specimen;
mod threshold;
mod time;

use super::profile::tables::{Condition, Layout};
use super::profile::{Dialect, MessageType, Profile};
use super::{Analyser, MessageFault, MessageReading};
use crate::codec::charset::{Charset, Text};
use crate::codec::{Message, Transmission, block, hl7, lis02, table};
use crate::domain::{DonationNumber, Observation, OrderReply, Query, SpecimenKind};
use crate::limits;
use content::Content;
use context::Walk;
pub(super) use explain::explain;
use gather::Found;
use interpret::Context;
use specimen::Specimen;

const STRANGE_PREFIX: &str = "a donation's number stands here behind something that the profile \
    does not list in id_prefixes: the result joins no donation; look at the tube";

/// What the messages of one delivery came to.
#[derive(Default)]
struct Gathered {
    observations: Vec<Observation>,
    faults: Vec<MessageFault>,
    donations: Vec<DonationNumber>,
    /// What is asked, and how orders stand, message after message.
    queries: Vec<Query>,
    order_replies: Vec<OrderReply>,
    /// The messages only ask and reply: they name specimens, but say nothing about them.
    only_talks: bool,
    /// Nothing is wrong with characters, records and the messages so far, except for ids in doubt.
    is_whole: bool,
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
    let transmission = transmission(&analyser.profile, &text);
    let mut gathered = Gathered::default();
    gathered.take_faults(&text, &transmission);
    gathered.is_whole = gathered.faults.is_empty();
    gathered.only_talks = only_talks(&analyser.profile, &transmission.messages);
    for message in &transmission.messages {
        read_message(analyser, &text, message, &mut gathered);
    }
    if transmission.messages.is_empty() && gathered.faults.is_empty() {
        gathered.fault(0, "nothing that is a message");
    }
    let dialect = analyser.profile.dialect();
    let is_readable = text.faults().is_empty() && !transmission.messages.is_empty();
    let every_byte_counts = matches!(dialect, Dialect::Blocks | Dialect::Text);
    let content = match is_readable && !every_byte_counts {
        true => Content::of(&transmission.messages, dialect),
        false => Content::of_raw(bytes),
    };
    gathered.finish(analyser, bytes, content)
}

/// The messages of a text.
fn transmission<'t>(profile: &'t Profile, text: &'t Text<'_>) -> Transmission<'t> {
    let none = || Transmission { messages: Vec::new(), faults: Vec::new() };
    match profile.dialect() {
        Dialect::Lis02 => lis02::read(text.as_str()),
        Dialect::Hl7 => hl7::read(text.as_str()),
        Dialect::Blocks => block::cut::read(text.as_str(), profile.templates()),
        Dialect::Text => profile.table().map_or_else(none, |form| table::read(text.as_str(), form)),
    }
}

/// The declared character set wins, unless the profile says that ASCII is declared wrongly.
fn charset(analyser: &Analyser, bytes: &[u8]) -> Result<Charset, String> {
    match analyser.profile.dialect() {
        Dialect::Lis02 | Dialect::Blocks | Dialect::Text => Ok(analyser.profile.charset()),
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
    let dialect = analyser.profile.dialect();
    if is_query(&analyser.profile, message) {
        let query = query::read(analyser, text, message, gathered);
        return gathered.queries.extend(query);
    }
    if reply::is_one(dialect, message) {
        return reply::read(text, message, gathered);
    }
    let holds = |condition: &Condition| context::holds(condition, header, delimiters);
    match analyser.profile.message_type(holds) {
        MessageType::Results(layout) => {
            read_results(analyser, layout, text, message, gathered);
        }
        MessageType::Nothing(_) => {}
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

/// Whether all that is said are questions and replies, and no result stands among them.
fn only_talks(profile: &Profile, messages: &[Message<'_>]) -> bool {
    let dialect = profile.dialect();
    let result = dialect.result_record();
    let talks = |message: &Message<'_>| {
        (is_query(profile, message) || reply::is_one(dialect, message))
            && !message.records().any(|record| result.is(record.name()))
    };
    !messages.is_empty() && messages.iter().all(talks)
}

fn is_query(profile: &Profile, message: &Message<'_>) -> bool {
    message.records().any(|record| profile.asks(record.name()))
}

fn not_handled(analyser: &Analyser, message: &Message<'_>) -> String {
    let header = message.records().next();
    let field = |number| header.and_then(|header| header.field(number)).map(|piece| piece.text);
    match analyser.profile.dialect() {
        Dialect::Hl7 => {
            format!("message type not handled: MSH-9 is {:?}", field(9).unwrap_or_default())
        }
        Dialect::Lis02 | Dialect::Blocks | Dialect::Text => {
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

    /// Notes that an id is in doubt; the rest of the message is not.
    fn doubt(&mut self, offset: usize, text: &str) {
        self.fault(offset, text);
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
                if let Some((offset, _)) = specimen.strange {
                    self.fault(offset, STRANGE_PREFIX);
                }
            }
            SpecimenKind::Control | SpecimenKind::Calibration => {}
        }
    }

    /// In a file a result without its specimen's number is the file's own fault: it may belong to
    /// any donation in it. On a line it is the one message that lacks it.
    fn anonymous(&mut self, context: &Context<'_>, at: Option<Found<'_>>, specimen: &Specimen) {
        let needs_id = match specimen.kind {
            SpecimenKind::Donor | SpecimenKind::Other => specimen.id().is_none(),
            SpecimenKind::Control | SpecimenKind::Calibration => false,
        };
        if needs_id && context.analyser.profile.dialect() == Dialect::Text {
            let at = at.map_or(0, |found| context.text.offset_in_bytes(found.piece.offset));
            self.fault(at, "a result without the number of its specimen");
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

    /// What the messages ask together: they must ask the same of different specimens.
    fn query(&mut self) -> Option<Query> {
        let mut queries = std::mem::take(&mut self.queries).into_iter();
        let first = queries.next()?;
        Some(queries.fold(first, |all, more| query::joined(all, more, self)))
    }

    /// Everything read, in order, with each donation once.
    fn finish(mut self, analyser: &Analyser, bytes: &[u8], content: Content) -> MessageReading {
        let query = self.query();
        if !self.only_talks && !self.faults.is_empty() {
            self.donations.extend(donations::named_in(bytes, analyser));
            self.donations.extend(donations::placed_in(bytes, analyser));
            self.donations.extend(donations::in_cells(bytes, analyser));
        }
        self.faults.sort_by_key(|fault| fault.offset);
        self.donations.sort_unstable();
        self.donations.dedup();
        MessageReading {
            observations: self.observations,
            faults: self.faults,
            query,
            order_replies: self.order_replies,
            donations: self.donations,
            content_key: content.key,
            body: content.body,
        }
    }
}
