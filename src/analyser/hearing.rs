//! What a host's answer says to an analyser that is played from its profile: read by the lines in
//! which the profile says that it is written.
//!
//! Refuses an answer that has other lines than these, or names two specimens where one stands. As
//! the lines are the profile's own, what it says wrongly of its analyser is not found here.

use regex::{Captures, Regex};

use super::Analyser;
use super::profile::{Dialect, Hole, Line, MessagePlan, Part};
use crate::codec::charset::Text;
use crate::codec::{Delimiters, Piece};
use crate::domain::Assay;

/// What a host's message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// What these specimens are to be tested for.
    Work(Vec<HeardOrder>),
    /// There is nothing to do for what was asked about.
    NoWork,
    /// The question cannot be answered.
    Unanswerable,
    /// No word on work.
    Nothing,
}

/// The tests of one specimen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeardOrder {
    /// Its id as the host wrote it, padding removed.
    pub id: String,
    /// Each as often as it was ordered; none: there is nothing to do for it.
    pub tests: Vec<HeardTest>,
}

/// A determination that was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardTest {
    /// What it was ordered by.
    pub code: String,
    /// The results that come of it; nothing where the analyser has no such test.
    pub assays: Vec<Assay>,
    /// The host's number of the order, where the lines have one.
    pub order_id: Option<String>,
}

impl Analyser {
    /// What a message of the host says.
    pub fn hear(&self, message: &[u8]) -> Heard {
        let Some(plan) = self.profile.answer() else { return Heard::Nothing };
        let charset = match self.profile.dialect() {
            Dialect::Hl7 => self.profile.charsets().of(message),
            Dialect::Lis02 | Dialect::Blocks | Dialect::Text => Ok(self.profile.charset()),
        };
        let Ok(charset) = charset else { return Heard::Nothing };
        let text = Text::decode(message, charset);
        let lines: Vec<&str> =
            text.as_str().split(['\r', '\n']).filter(|line| !line.is_empty()).collect();
        let none = plan.none.as_ref();
        let bad = plan.bad.as_ref();
        let is_reply = |plan: &MessagePlan| {
            !plan.reply.is_empty() && is_all(&plan.reply, &lines, &plan.delimiters)
        };
        let is_message = |plan: &MessagePlan| self.orders(plan, &lines).is_some();
        if is_reply(&plan.work) {
            return Heard::Nothing;
        }
        if none.is_some_and(|plan| is_reply(plan) || is_message(plan)) {
            return Heard::NoWork;
        }
        if bad.is_some_and(|plan| is_reply(plan) || is_message(plan)) {
            return Heard::Unanswerable;
        }
        match self.orders(&plan.work, &lines) {
            Some(orders) if orders.is_empty() => Heard::NoWork,
            Some(orders) => Heard::Work(orders),
            None => Heard::Nothing,
        }
    }

    /// The orders in a message of these lines; `None`: it has other lines.
    fn orders(&self, plan: &MessagePlan, lines: &[&str]) -> Option<Vec<HeardOrder>> {
        if plan.header.is_empty() {
            return None;
        }
        let end = lines.len().checked_sub(plan.footer.len())?;
        let mut rest = lines.get(plan.header.len()..end)?;
        let (first, last) = (lines.get(..plan.header.len())?, lines.get(end..)?);
        let around = is_all(&plan.header, first, &plan.delimiters)
            && is_all(&plan.footer, last, &plan.delimiters);
        if !around {
            return None;
        }
        let mut orders: Vec<HeardOrder> = Vec::new();
        while !rest.is_empty() {
            let before = rest.len();
            if let Some(said) = taken(&plan.specimen, &mut rest, &plan.delimiters) {
                orders.push(HeardOrder { id: said.id?, tests: Vec::new() });
                let codes = said.codes.unwrap_or_default();
                for code in self.codes(plan, &codes)? {
                    self.add(&mut orders, None, &code, &Said::default())?;
                }
            }
            if let Some(said) = taken(&plan.test, &mut rest, &plan.delimiters) {
                let code = said.code.clone()?;
                self.add(&mut orders, said.id.clone(), &code, &said)?;
            }
            if rest.len() == before {
                return None;
            }
        }
        Some(orders)
    }

    /// The codes that were joined.
    fn codes(&self, plan: &MessagePlan, codes: &str) -> Option<Vec<String>> {
        let repeat = char::from(plan.delimiters.repeat);
        let parts = codes.split(repeat).filter(|code| !code.trim().is_empty());
        parts.map(|code| said(&plan.code, code, &plan.delimiters)?.code).collect()
    }

    fn add(
        &self,
        orders: &mut Vec<HeardOrder>,
        id: Option<String>,
        code: &str,
        said: &Said,
    ) -> Option<()> {
        let is_new = |own: &&String| orders.last().is_none_or(|open| open.id != **own);
        if let Some(id) = id.as_ref().filter(is_new) {
            orders.push(HeardOrder { id: id.clone(), tests: Vec::new() });
        }
        let order_id = said.order_id.clone().filter(|id| !id.is_empty());
        let test = HeardTest { code: code.to_owned(), assays: self.ordered_by(code), order_id };
        let times = said.count.unwrap_or(1);
        orders.last_mut()?.tests.extend(std::iter::repeat_n(test, times));
        Some(())
    }

    /// The results that come of a code; what is only sent together comes together.
    fn ordered_by(&self, code: &str) -> Vec<Assay> {
        let reports = self.reports();
        let is_ordered = |assay: &Assay| self.order_code(*assay) == Some(code);
        let together = self.profile.upload().map_or(&[][..], |plan| &plan.together);
        let all = together.iter().any(is_ordered);
        let comes = |assay: &Assay| is_ordered(assay) || all && together.contains(assay);
        reports.into_iter().filter(comes).collect()
    }
}

/// What stands in the placeholders of some lines.
#[derive(Clone, Debug, Default)]
struct Said {
    id: Option<String>,
    codes: Option<String>,
    code: Option<String>,
    order_id: Option<String>,
    count: Option<usize>,
}

fn is_all(patterns: &[Line], lines: &[&str], delimiters: &Delimiters) -> bool {
    patterns.len() == lines.len()
        && patterns.iter().zip(lines).all(|(line, text)| said(line, text, delimiters).is_some())
}

/// Takes these lines from the front, if they stand there.
fn taken(patterns: &[Line], rest: &mut &[&str], delimiters: &Delimiters) -> Option<Said> {
    let (own, behind) = rest.split_at_checked(patterns.len())?;
    if patterns.is_empty() {
        return None;
    }
    let mut all = Said::default();
    for (line, text) in patterns.iter().zip(own) {
        all = all.and(said(line, text, delimiters)?)?;
    }
    *rest = behind;
    Some(all)
}

impl Said {
    /// Both; `None` where they contradict each other.
    fn and(self, other: Said) -> Option<Said> {
        let differ = |one: &Option<String>, other: &Option<String>| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one != other)
        };
        if differ(&self.id, &other.id) || differ(&self.code, &other.code) {
            return None;
        }
        Some(Said {
            id: self.id.or(other.id),
            codes: self.codes.or(other.codes),
            code: self.code.or(other.code),
            order_id: self.order_id.or(other.order_id),
            count: self.count.or(other.count),
        })
    }
}

/// What a line says where it is one of these; `None`: it is another.
fn said(line: &Line, text: &str, delimiters: &Delimiters) -> Option<Said> {
    let pattern = Regex::new(&pattern(line, delimiters)).ok()?;
    let found = pattern.captures(text)?;
    let mut all = Said::default();
    for (number, hole) in (1..).zip(line.holes()) {
        all = all.and(filled(hole, number, &found, delimiters)?)?;
    }
    Some(all)
}

fn filled(
    hole: &Hole,
    number: usize,
    found: &Captures<'_>,
    delimiters: &Delimiters,
) -> Option<Said> {
    let text = found.get(number).map_or("", |text| text.as_str());
    let plain = || {
        let piece = Piece { text, offset: 0 };
        piece.unescaped(delimiters).as_deref().unwrap_or(text).trim().to_owned()
    };
    let mut said = Said::default();
    match hole {
        Hole::Id => said.id = Some(plain()),
        Hole::Codes => said.codes = Some(text.to_owned()),
        Hole::Code => said.code = Some(plain()),
        Hole::OrderId => said.order_id = Some(plain()),
        Hole::Count => said.count = Some(text.trim().parse().ok()?),
        Hole::Time
        | Hole::Date
        | Hole::ControlId
        | Hole::Rack
        | Hole::Position
        | Hole::Number(_)
        | Hole::Name
        | Hole::Echo { .. }
        | Hole::SpecimenEcho { .. }
        | Hole::Told(_) => {}
    }
    Some(said)
}

/// A line as a regular expression with a group for each placeholder.
fn pattern(line: &Line, delimiters: &Delimiters) -> String {
    let class = |delimiters: &[u8]| {
        let chars: String = delimiters.iter().map(|own| char::from(*own)).collect();
        format!("([^{}]*?)", chars.chars().map(escaped).collect::<String>())
    };
    let Delimiters { field, component, repeat, .. } = delimiters;
    let mut text = String::from("^");
    for part in &line.0 {
        match part {
            Part::Text(own) => text.push_str(&regex::escape(own)),
            Part::Hole(Hole::Codes, _) => text.push_str(&class(&[*field])),
            // What is repeated whole may be a whole segment.
            Part::Hole(Hole::Echo { .. } | Hole::SpecimenEcho { .. }, _) => text.push_str("(.*?)"),
            Part::Hole(..) => text.push_str(&class(&[*field, *component, *repeat])),
        }
    }
    text.push('$');
    text
}

/// In a class of characters.
fn escaped(own: char) -> String {
    format!("\\x{{{:x}}}", u32::from(own))
}
