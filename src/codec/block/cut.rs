//! A text cut into records and fields by widths.
//!
//! Exists so that a text without delimiters becomes the same [`Message`] as one that has them:
//! pieces with true offsets, nothing copied. Refuses texts that do not fit: one that begins like
//! no template, or ends inside a field, is a fault; what stands behind the last field is a field
//! more, that no profile mentions.
//!
//! ```text
//! D 15....G123498654321..EE ABO2 O       D-2  RH+     ...
//! `------ record D ------'  `- group I -'`- group I -'      one record for each time
//! ```
//!
//! A delivered message holds one text, or several with CR between ([`NEXT`]).

use crate::codec::fields::{Faults, excerpt};
use crate::codec::{FaultKind, Message, Transmission};

/// Stands between the texts of one message.
pub const NEXT: char = '\r';

/// How texts that begin with one of some codes are cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Name of the record that the fields make up.
    pub name: String,
    /// Codes, one of which stands at `code_at`.
    pub codes: Vec<String>,
    /// Characters before the code.
    pub code_at: usize,
    /// Its fields, from the first character on.
    pub fields: Vec<Width>,
    /// What follows them.
    pub groups: Vec<Group>,
}

/// Fields that make a record of their own, each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name of the record.
    pub name: String,
    /// Its fields.
    pub fields: Vec<Width>,
    /// How often; `None` is up to the end of the text.
    pub times: Option<usize>,
}

/// How wide a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// So many characters.
    Characters(usize),
    /// All that is left, which may be nothing.
    Rest,
}

/// Cuts every text of a message.
pub fn read<'t>(text: &'t str, templates: &'t [Template]) -> Transmission<'t> {
    let mut cutter = Cutter { text, at: 0, end: 0, faults: Faults::default() };
    if u32::try_from(text.len()).is_err() {
        cutter.faults.note(FaultKind::TooLong, 0, text.len(), || "longer than 4 GiB".to_owned());
        return Transmission { messages: Vec::new(), faults: cutter.faults.finish() };
    }
    let mut message = Message::begin_cut(text);
    let mut start = 0;
    for line in text.split(NEXT) {
        (cutter.at, cutter.end) = (start, start + line.len());
        start = cutter.end + NEXT.len_utf8();
        if !line.is_empty() {
            cutter.control_characters();
            cutter.text(&mut message, templates);
        }
    }
    let messages = if message.is_empty() { Vec::new() } else { vec![message] };
    Transmission { messages, faults: cutter.faults.finish() }
}

/// Where it stands in the text, and where the text ends.
struct Cutter<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    faults: Faults,
}

/// The text ended inside a field.
struct Ended;

impl<'t> Cutter<'t> {
    fn text(&mut self, message: &mut Message<'t>, templates: &'t [Template]) {
        let line = self.rest();
        let Some(template) = templates.iter().find(|template| template.opens(line)) else {
            let why = || format!("no record of the profile begins like {}", excerpt(line));
            return self.faults.note(FaultKind::Record, self.at, self.end, why);
        };
        if self.records(message, template).is_ok() && self.at < self.end {
            message.extend_cut(self.end);
        }
    }

    fn records(&mut self, message: &mut Message<'t>, template: &'t Template) -> Result<(), Ended> {
        self.record(message, &template.name, &template.fields)?;
        for group in &template.groups {
            let mut times = 0;
            while group.times.map_or(self.at < self.end, |wanted| times < wanted) {
                self.record(message, &group.name, &group.fields)?;
                times += 1;
            }
        }
        Ok(())
    }

    /// Cuts one record. What is cut short is no field but a fault.
    fn record(
        &mut self,
        message: &mut Message<'t>,
        name: &'t str,
        fields: &[Width],
    ) -> Result<(), Ended> {
        message.begin_record(name, self.at);
        for (number, width) in (1..).zip(fields) {
            let Some(end) = self.field_end(*width) else {
                let why = || format!("the text ends inside field {number} of {name}");
                self.faults.note(FaultKind::Truncated, self.at, self.end, why);
                message.end_record();
                return Err(Ended);
            };
            message.extend_cut(end);
            self.at = end;
        }
        Ok(())
    }

    fn field_end(&self, width: Width) -> Option<usize> {
        let Width::Characters(count) = width else { return Some(self.end) };
        let rest = self.rest();
        let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        ends.into_iter().nth(count).map(|length| self.at + length)
    }

    /// A field separator of another dialect is text here; a control character never is.
    fn control_characters(&mut self) {
        for (at, character) in self.rest().char_indices().filter(|(_, c)| c.is_control()) {
            let why = || format!("control character {:02X}", u32::from(character));
            self.faults.note_byte(FaultKind::ControlCharacter, self.at + at, why);
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }
}

impl Template {
    fn opens(&self, line: &str) -> bool {
        let from = line.char_indices().nth(self.code_at).map(|(at, _)| at);
        let code = from.and_then(|at| line.get(at..)).unwrap_or_default();
        self.codes.iter().any(|known| code.starts_with(known.as_str()))
    }
}
