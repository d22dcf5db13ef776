//! Writing messages from the lines of a profile: what is asked, what is to be done, in the
//! analyser's own words.
//!
//! Refuses to write a test for anything but a donation number, a test that has no code here, and
//! a message that the analyser's character set cannot hold.

use jiff::tz::TimeZone;

use super::profile::{Dialect, Duplicates, Hole, Line, MessagePlan, Part, Profile};
use super::work::{OrderMessage, Stamp};
use crate::codec::charset::encode;
use crate::codec::{Delimiters, Piece, hl7};
use crate::domain::{AskedSpecimen, Query};

/// One specimen with its tests.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'w> {
    pub(super) specimen: &'w AskedSpecimen,
    pub(super) tests: Vec<Test<'w>>,
}

/// A code that is ordered, with the orders that each determination stands for.
#[derive(Clone, Debug)]
pub(super) struct Test<'w> {
    pub(super) code: &'w str,
    pub(super) determinations: Vec<Vec<&'w str>>,
}

/// A code written once.
#[derive(Clone, Copy)]
struct Written<'w> {
    code: &'w str,
    order_id: &'w str,
    count: usize,
}

/// Writes one message after another under the same stamp.
pub(super) struct Writer<'w> {
    pub(super) profile: &'w Profile,
    /// What is answered, if anything is.
    pub(super) query: Option<&'w Query>,
    pub(super) stamp: Stamp,
    /// Messages written so far: each has its own control id.
    pub(super) count: usize,
}

/// What is known where a line stands.
#[derive(Clone, Copy)]
struct Scene<'w> {
    specimen: Option<&'w AskedSpecimen>,
    codes: &'w str,
    test: Option<Written<'w>>,
    number: usize,
}

const NOTHING: Scene<'static> = Scene { specimen: None, codes: "", test: None, number: 1 };

impl<'w> Writer<'w> {
    /// The reply in place of the acknowledgement; `None` where the profile has none.
    pub(super) fn reply(&mut self, plan: &MessagePlan) -> Option<Vec<u8>> {
        if plan.reply.is_empty() {
            return None;
        }
        let mut text = String::new();
        self.lines(&mut text, &plan.reply, &plan.delimiters, NOTHING);
        self.count += 1;
        self.encoded(&text)
    }

    /// The messages about these specimens.
    pub(super) fn messages(
        &mut self,
        plan: &MessagePlan,
        wanted: &[Wanted<'w>],
    ) -> Vec<OrderMessage> {
        // HL7 has no other name for a specimen than its id: without one, nothing can be said of it.
        let names = |wanted: &&Wanted<'w>| match self.profile.dialect() {
            Dialect::Hl7 => !id(wanted.specimen).is_empty(),
            Dialect::Lis02 | Dialect::Blocks => true,
        };
        let wanted: Vec<Wanted<'w>> = wanted.iter().filter(names).cloned().collect();
        let size = if plan.many_specimens { wanted.len().max(1) } else { 1 };
        wanted.chunks(size).filter_map(|wanted| self.message(plan, wanted)).collect()
    }

    /// One message; `None` where the profile writes none, or the character set cannot hold it.
    pub(super) fn message(
        &mut self,
        plan: &MessagePlan,
        wanted: &[Wanted<'w>],
    ) -> Option<OrderMessage> {
        if plan.header.is_empty() {
            return None;
        }
        let only = (!plan.many_specimens).then(|| wanted.first()).flatten();
        let whole = Scene { specimen: only.map(|wanted| wanted.specimen), ..NOTHING };
        let mut text = String::new();
        let mut order_ids = Vec::new();
        self.lines(&mut text, &plan.header, &plan.delimiters, whole);
        for (number, wanted) in (1..).zip(wanted) {
            self.specimen(&mut text, &mut order_ids, plan, wanted, number);
        }
        self.lines(&mut text, &plan.footer, &plan.delimiters, whole);
        self.count += 1;
        let bytes = self.encoded(&text)?;
        Some(OrderMessage { bytes, order_ids })
    }

    /// In the character set that the message itself declares, or else the profile's.
    fn encoded(&self, text: &str) -> Option<Vec<u8>> {
        let own = self.profile.charset();
        let charset = match self.profile.dialect() {
            Dialect::Lis02 | Dialect::Blocks => own,
            Dialect::Hl7 => hl7::declared_charset(text.as_bytes()).ok()?.unwrap_or(own),
        };
        encode(text, charset).ok()
    }

    fn specimen(
        &self,
        text: &mut String,
        order_ids: &mut Vec<String>,
        plan: &MessagePlan,
        wanted: &Wanted<'w>,
        number: usize,
    ) {
        let written = written(plan, &wanted.tests, order_ids);
        let specimen = Some(wanted.specimen);
        let code = |test: &Written<'w>| {
            let scene = Scene { specimen, test: Some(*test), ..NOTHING };
            self.line(&plan.code, &plan.delimiters, scene)
        };
        let codes: Vec<String> = written.iter().map(code).collect();
        let codes = codes.join(&char::from(plan.delimiters.repeat).to_string());
        let scene = Scene { specimen, codes: &codes, test: None, number };
        self.lines(text, &plan.specimen, &plan.delimiters, scene);
        for (number, test) in (1..).zip(written) {
            let scene = Scene { test: Some(test), number, ..scene };
            self.lines(text, &plan.test, &plan.delimiters, scene);
        }
    }

    fn lines(&self, text: &mut String, lines: &[Line], delimiters: &Delimiters, scene: Scene<'_>) {
        for line in lines {
            text.push_str(&self.line(line, delimiters, scene));
            text.push('\r');
        }
    }

    fn line(&self, line: &Line, delimiters: &Delimiters, scene: Scene<'_>) -> String {
        let parts = line.0.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Hole(hole, fit) => fit.fitted(self.filled(hole, delimiters, scene)),
        });
        parts.collect()
    }

    fn filled(&self, hole: &Hole, delimiters: &Delimiters, scene: Scene<'_>) -> String {
        let specimen = scene.specimen;
        let rack = specimen.and_then(|specimen| specimen.rack.as_deref());
        let position = specimen.and_then(|specimen| specimen.position.as_deref());
        let code = scene.test.map_or("", |test| test.code);
        match hole {
            Hole::Time => self.time("%Y%m%d%H%M%S"),
            Hole::Date => self.time("%Y%m%d"),
            Hole::ControlId => self.control_id(),
            Hole::Number(more) => (scene.number + more).to_string(),
            Hole::Codes => scene.codes.to_owned(),
            Hole::Count => scene.test.map_or(String::new(), |test| test.count.to_string()),
            Hole::Id => delimiters.escape(specimen.map_or("", id)),
            Hole::Rack => delimiters.escape(rack.unwrap_or_default()),
            Hole::Position => delimiters.escape(position.unwrap_or_default()),
            Hole::Code => delimiters.escape(code),
            Hole::Name => delimiters.escape(self.profile.test_name(code)),
            Hole::OrderId => delimiters.escape(scene.test.map_or("", |test| test.order_id)),
            Hole::Echo { name, whole } => {
                let echo = self.query.map(|query| query.echo.as_slice()).unwrap_or_default();
                let said = echo.iter().find(|(known, _)| known == name);
                self.echo(said.map_or("", |(_, text)| text), *whole, delimiters)
            }
            Hole::SpecimenEcho { name, whole } => {
                let said = specimen.and_then(|specimen| specimen.echoed(name));
                self.echo(said.unwrap_or_default(), *whole, delimiters)
            }
            // Only an analyser tells results.
            Hole::Told(_) => String::new(),
        }
    }

    fn echo(&self, text: &str, whole: bool, delimiters: &Delimiters) -> String {
        match whole {
            true => {
                let usual = self.profile.dialect().usual_delimiters();
                Piece { text, offset: 0 }.restated(&usual, delimiters)
            }
            false => delimiters.escape(text),
        }
    }

    /// LIS02-A2 5.6.2 and HL7 v2.5.1 2.A.22 without a zone: UTC.
    fn time(&self, format: &str) -> String {
        self.stamp.time.to_zoned(TimeZone::UTC).strftime(format).to_string()
    }

    fn control_id(&self) -> String {
        match self.count {
            0 => self.stamp.serial.to_string(),
            count => format!("{}.{count}", self.stamp.serial),
        }
    }
}

/// The codes as they are written, and the orders that go out with them.
fn written<'w>(
    plan: &MessagePlan,
    tests: &[Test<'w>],
    order_ids: &mut Vec<String>,
) -> Vec<Written<'w>> {
    let mut written = Vec::new();
    for test in tests {
        let all = test.determinations.as_slice();
        let sent = match plan.duplicates {
            Duplicates::Each | Duplicates::Counted => all,
            Duplicates::Single => all.get(..1).unwrap_or_default(),
        };
        order_ids.extend(sent.iter().flatten().map(|id| (*id).to_owned()));
        let times = match plan.duplicates {
            Duplicates::Each | Duplicates::Single => sent.len(),
            Duplicates::Counted => 1,
        };
        let firsts = sent.iter().take(times).map(|ids| ids.first().copied().unwrap_or_default());
        let (code, count) = (test.code, sent.len());
        written.extend(firsts.map(|order_id| Written { code, order_id, count }));
    }
    written
}

/// The id as it was scanned, or the donation number where nobody scanned one.
fn id(specimen: &AskedSpecimen) -> &str {
    let din = || specimen.id.donation().map(|din| din.as_str());
    specimen.echoed(AskedSpecimen::ID).or_else(din).unwrap_or_default()
}
