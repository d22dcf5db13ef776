//! Results and questions as the analyser itself would send them, from `[upload]` of its profile:
//! for playing an analyser, and for proving that the profile reads what it says is sent.
//!
//! Refuses, instead of writing something else: a result that the profile has no word, code or
//! lines for, a text that bursts its fixed width, assays that are only sent together apart.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::profile::tables::Conversion;
use super::profile::{Dialect, Extent, Hole, Line, Lines, Part, Told, UploadPlan, wordings};
use super::{Analyser, Stamp};
use crate::codec::charset::encode;
use crate::codec::table::{self, Body};
use crate::domain::{Assay, Reading, SpecimenKind};

/// What an analyser is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// In the order of the rack.
    pub specimens: Vec<MeantSpecimen>,
}

/// A tube with its results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeantSpecimen {
    /// As scanned.
    pub id: String,
    /// A donor's or a control's.
    pub kind: SpecimenKind,
    /// Where it stands; left empty in the message where it is not known.
    pub rack: Option<String>,
    /// Its position in the rack.
    pub position: Option<String>,
    /// In the order of the tests.
    pub results: Vec<MeantResult>,
}

/// One result of one assay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeantResult {
    /// The assay.
    pub assay: Assay,
    /// What it says.
    pub outcome: MeantOutcome,
    /// When it was ready, by the analyser's clock.
    pub completed: DateTime,
    /// Number of the run, where several are told apart.
    pub replicate: Option<String>,
    /// The reagent's lot.
    pub lot: Option<String>,
    /// Who ran it.
    pub operator: Option<String>,
    /// Which of the words that mean the reading is written, counted round and round from 0: the
    /// one that the analyser uses.
    pub wording: usize,
}

/// What a result says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeantOutcome {
    /// A marker or a group, with its number where there is one.
    Reading(Reading, Option<Decimal>),
    /// A quantity in the unit of the assay.
    Quantity(Decimal),
    /// There is no result.
    Failed,
}

/// A tube that an analyser asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeantQuestion {
    /// As scanned; empty where the bar code was not read.
    pub id: String,
    /// Where it stands.
    pub rack: Option<String>,
    /// Its position in the rack.
    pub position: Option<String>,
}

/// Why something cannot be sent as this analyser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsendable {
    /// The profile does not say how results are sent, or no lines for such a one.
    NoLines(&'static str),
    /// Only donors' and controls' tubes are written.
    Kind(SpecimenKind),
    /// The assay has no code here.
    NoCode(Assay),
    /// The analyser has no word for it.
    NoWord(Assay, Reading),
    /// It sends the result of this assay only together with others.
    Apart(Assay),
    /// The text is longer than its place.
    Bursts(String),
    /// In the unit that is sent it is no exact number.
    Inexact(Decimal),
    /// The character set cannot hold it.
    Charset,
}

impl fmt::Display for Unsendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsendable::NoLines(why) => f.write_str(why),
            Unsendable::Kind(kind) => write!(f, "a tube of kind {} is not written", kind.id()),
            Unsendable::NoCode(assay) => write!(f, "{assay} has no test code here"),
            Unsendable::NoWord(assay, reading) => {
                let reading = reading.id();
                write!(f, "{reading} of {assay} has no word: add it to [upload.readings]")
            }
            Unsendable::Apart(assay) => {
                write!(f, "{assay} is sent together with others ([upload] together), not alone")
            }
            Unsendable::Bursts(text) => write!(f, "{text:?} is longer than its place"),
            Unsendable::Inexact(number) => {
                write!(f, "{number} is no exact number in the unit that is sent")
            }
            Unsendable::Charset => f.write_str("the character set of the profile cannot hold it"),
        }
    }
}

impl std::error::Error for Unsendable {}

impl MeantOutcome {
    const fn number(self) -> Option<Decimal> {
        match self {
            MeantOutcome::Reading(_, number) => number,
            MeantOutcome::Quantity(number) => Some(number),
            MeantOutcome::Failed => None,
        }
    }

    /// The reading in words; of a failed result, the analyser's word for that.
    const fn reading(self) -> Option<Reading> {
        match self {
            MeantOutcome::Reading(reading, _) => Some(reading),
            MeantOutcome::Failed => Some(Reading::Invalid),
            MeantOutcome::Quantity(_) => None,
        }
    }
}

impl Analyser {
    /// The messages in which the analyser tells these results, in the order in which it sends
    /// them: LIS02 records without frames, HL7 and texts without their blocks.
    ///
    /// # Errors
    /// The first thing that the profile does not say how to send.
    pub fn upload(&self, meant: &Meant, stamp: Stamp) -> Result<Vec<Vec<u8>>, Unsendable> {
        let mut sender = self.sender(stamp)?;
        let mut blocks = Vec::new();
        for specimen in &meant.specimens {
            blocks.extend(sender.blocks(specimen)?);
        }
        // A text that is cut by widths is about one specimen.
        let is_text = sender.is_cut_by_widths();
        let joins =
            |one: &Block<'_>, next: &Block<'_>| !is_text && sender.plan.message.joins(one, next);
        let messages: Vec<&[Block<'_>]> = blocks.chunk_by(joins).collect();
        messages.into_iter().map(|blocks| sender.message(blocks)).collect()
    }

    /// The question what is to be done with this tube; `None` where the profile does not say how
    /// the analyser asks.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn question(
        &self,
        asked: &MeantQuestion,
        stamp: Stamp,
    ) -> Result<Option<Vec<u8>>, Unsendable> {
        let sender = self.sender(stamp)?;
        let Some(lines) = &sender.plan.question else { return Ok(None) };
        let specimen = MeantSpecimen {
            id: asked.id.clone(),
            kind: SpecimenKind::Donor,
            rack: asked.rack.clone(),
            position: asked.position.clone(),
            results: Vec::new(),
        };
        let scene = Scene::of(&specimen, None, &[]);
        let mut text = String::new();
        for lines in [&lines.header, &lines.specimen, &lines.footer] {
            sender.lines(&mut text, lines, scene)?;
        }
        sender.encoded(&text).map(Some)
    }

    /// Whether the analyser asks what is to be done, and the profile says how.
    pub fn asks(&self) -> bool {
        let says = self.profile.upload().is_some_and(|plan| plan.question.is_some());
        says && self.profile.asks_us()
    }

    /// Whether the profile says how the analyser sends.
    pub fn sends(&self) -> bool {
        self.profile.upload().is_some()
    }

    /// The assays that it reports, in the order in which it does: first those that are sent
    /// together.
    pub fn reports(&self) -> Vec<Assay> {
        let mut assays = self.profile.upload().map_or(Vec::new(), |plan| plan.together.clone());
        for assay in self.tests.values() {
            if !assays.contains(assay) {
                assays.push(*assay);
            }
        }
        assays
    }

    /// The assays whose results are only sent together, in this order.
    pub fn sent_together(&self) -> &[Assay] {
        self.profile.upload().map_or(&[], |plan| plan.together.as_slice())
    }

    fn sender(&self, stamp: Stamp) -> Result<Sender<'_>, Unsendable> {
        let plan = self.profile.upload().ok_or(Unsendable::NoLines("[upload] is missing"))?;
        Ok(Sender { analyser: self, plan, stamp, count: 0 })
    }
}

/// Results of one specimen under the same lines.
struct Block<'m> {
    specimen: &'m MeantSpecimen,
    lines: Lines,
    /// The lines around all and those of the specimen, filled in, but for numbers and codes.
    around: [String; 2],
    own: String,
    results: Vec<(&'m MeantResult, Vec<Line>)>,
    /// What is sent together with these.
    beside: Vec<&'m MeantResult>,
    /// Which of the results that are sent together.
    round: usize,
}

impl Extent {
    /// Whether the next block goes into the same message.
    fn joins(self, one: &Block<'_>, next: &Block<'_>) -> bool {
        let alike = one.around == next.around;
        match self {
            Extent::Result => false,
            Extent::Specimen => {
                alike && std::ptr::eq(one.specimen, next.specimen) && one.round == next.round
            }
            Extent::Load => alike,
        }
    }
}

const NO_WELLS: &str = "[upload]: header is not the head lines of the plate, or a line of test not \
                        the cells of one well";

/// What is known where a line stands.
#[derive(Clone, Copy)]
struct Scene<'s> {
    specimen: &'s MeantSpecimen,
    result: Option<&'s MeantResult>,
    /// What is sent together with it.
    beside: &'s [&'s MeantResult],
    number: usize,
    /// How many results, and their codes.
    count: usize,
    codes: &'s str,
}

impl<'s> Scene<'s> {
    /// Where neither number nor codes are known yet.
    const fn of(
        specimen: &'s MeantSpecimen,
        result: Option<&'s MeantResult>,
        beside: &'s [&'s MeantResult],
    ) -> Scene<'s> {
        Scene { specimen, result, beside, number: 1, count: 1, codes: "" }
    }
}

/// Writes one message after the other under the same stamp.
struct Sender<'a> {
    analyser: &'a Analyser,
    plan: &'a UploadPlan,
    stamp: Stamp,
    /// Messages written so far: each has its own control id.
    count: usize,
}

impl<'a> Sender<'a> {
    fn blocks<'m>(&self, specimen: &'m MeantSpecimen) -> Result<Vec<Block<'m>>, Unsendable> {
        let is_control = match specimen.kind {
            SpecimenKind::Donor => false,
            SpecimenKind::Control => true,
            SpecimenKind::Calibration | SpecimenKind::Other => {
                return Err(Unsendable::Kind(specimen.kind));
            }
        };
        let mut blocks: Vec<Block<'m>> = Vec::new();
        for (round, results) in self.rounds(specimen)?.into_iter().enumerate() {
            for result in &results {
                let mut block = self.block(specimen, result, &results, is_control)?;
                block.round = round;
                match blocks.last_mut().filter(|open| self.takes(open, &block)) {
                    Some(open) => open.results.extend(block.results),
                    None => blocks.push(block),
                }
            }
        }
        Ok(blocks)
    }

    /// Results that are only sent together, run after run; then the others.
    fn rounds<'m>(
        &self,
        specimen: &'m MeantSpecimen,
    ) -> Result<Vec<Vec<&'m MeantResult>>, Unsendable> {
        let of = |assay: Assay| specimen.results.iter().filter(move |own| own.assay == assay);
        let together = &self.plan.together;
        let count = together.iter().map(|assay| of(*assay).count()).max().unwrap_or(0);
        let mut rounds = Vec::new();
        for round in 0..count {
            let result = |assay: &Assay| of(*assay).nth(round).ok_or(*assay);
            let results: Result<Vec<_>, Assay> = together.iter().map(result).collect();
            rounds.push(results.map_err(Unsendable::Apart)?);
        }
        let others = specimen.results.iter().filter(|own| !together.contains(&own.assay));
        rounds.push(others.collect());
        Ok(rounds)
    }

    fn block<'m>(
        &self,
        specimen: &'m MeantSpecimen,
        result: &'m MeantResult,
        beside: &[&'m MeantResult],
        is_control: bool,
    ) -> Result<Block<'m>, Unsendable> {
        let failed = result.outcome == MeantOutcome::Failed;
        let lines = self.plan.lines(result.assay, failed, is_control);
        let mut lines = lines.map_err(Unsendable::NoLines)?;
        let scene = Scene::of(specimen, Some(result), beside);
        let filled = |lines: &[Line]| {
            let mut text = String::new();
            self.lines(&mut text, lines, scene).map(|()| text)
        };
        let around = [filled(&lines.header)?, filled(&lines.footer)?];
        let own = filled(&lines.specimen)?;
        let test = std::mem::take(&mut lines.test);
        let (results, beside) = (vec![(result, test)], beside.to_vec());
        Ok(Block { specimen, lines, around, own, results, beside, round: 0 })
    }

    /// Whether a result stands under the lines of the block before it.
    fn takes(&self, open: &Block<'_>, next: &Block<'_>) -> bool {
        // An order that is told failed as a whole stands for one run of each of its tests.
        let again = |(own, _): &(&MeantResult, Vec<Line>)| {
            next.results.iter().any(|(result, lines)| lines.is_empty() && result.assay == own.assay)
        };
        self.plan.message != Extent::Result
            && !open.results.iter().any(again)
            && open.around == next.around
            && open.own == next.own
            && open.round == next.round
    }

    fn message(&mut self, blocks: &[Block<'_>]) -> Result<Vec<u8>, Unsendable> {
        let mut text = String::new();
        let Some(first) = blocks.first() else { return Ok(Vec::new()) };
        let result = first.results.first().map(|(result, _)| *result);
        let count = blocks.iter().map(|block| block.results.len()).sum();
        let around = Scene { count, ..Scene::of(first.specimen, result, &first.beside) };
        self.lines(&mut text, &first.lines.header, around)?;
        for (number, block) in (1..).zip(blocks) {
            self.specimen(&mut text, block, number)?;
        }
        self.lines(&mut text, &first.lines.footer, around)?;
        self.count += 1;
        self.encoded(&self.in_its_form(text)?)
    }

    /// A plate is told well by well and written block by block.
    fn in_its_form(&self, text: String) -> Result<String, Unsendable> {
        let plate = self.analyser.profile.table();
        match plate.filter(|form| matches!(form.body, Body::Plate { .. })) {
            Some(form) => table::as_plate(form, &text).map_err(|_| Unsendable::NoLines(NO_WELLS)),
            None => Ok(text),
        }
    }

    fn specimen(
        &self,
        text: &mut String,
        block: &Block<'_>,
        number: usize,
    ) -> Result<(), Unsendable> {
        let codes = self.codes(block)?;
        let scene = |result, number| Scene {
            specimen: block.specimen,
            result: Some(result),
            beside: &block.beside,
            number,
            count: block.results.len(),
            codes: &codes,
        };
        if let Some((result, _)) = block.results.first() {
            self.lines(text, &block.lines.specimen, scene(result, number))?;
        }
        for (number, (result, test)) in (1..).zip(&block.results) {
            self.lines(text, test, scene(result, number))?;
        }
        Ok(())
    }

    /// Every code once, joined as repeats.
    fn codes(&self, block: &Block<'_>) -> Result<String, Unsendable> {
        let mut codes: Vec<String> = Vec::new();
        for (result, _) in &block.results {
            let scene = Scene::of(block.specimen, Some(*result), &block.beside);
            let code = self.line(&self.plan.code, scene)?;
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(codes.join(&char::from(self.plan.delimiters.repeat).to_string()))
    }

    fn lines(&self, text: &mut String, lines: &[Line], scene: Scene<'_>) -> Result<(), Unsendable> {
        for line in lines {
            text.push_str(&self.line(line, scene)?);
            text.push_str(self.analyser.profile.dialect().line_end());
        }
        Ok(())
    }

    fn line(&self, line: &Line, scene: Scene<'_>) -> Result<String, Unsendable> {
        let mut text = String::new();
        for part in &line.0 {
            match part {
                Part::Text(own) => text.push_str(own),
                Part::Hole(hole, fit) => {
                    let filled = self.escaped(self.filled(hole, scene)?, hole);
                    if self.is_cut_by_widths() && fit.bursts(&filled) {
                        return Err(Unsendable::Bursts(filled));
                    }
                    text.push_str(&fit.fitted(filled));
                }
            }
        }
        Ok(text)
    }

    fn is_cut_by_widths(&self) -> bool {
        match self.analyser.profile.dialect() {
            Dialect::Blocks => true,
            Dialect::Lis02 | Dialect::Hl7 | Dialect::Text => false,
        }
    }

    /// Delimiters in what is put in are no delimiters; codes bring their own.
    fn escaped(&self, text: String, hole: &Hole) -> String {
        match self.analyser.profile.dialect() {
            Dialect::Lis02 | Dialect::Hl7 if *hole != Hole::Codes => {
                self.plan.delimiters.escape(&text)
            }
            Dialect::Text => match self.analyser.profile.table() {
                Some(form) => table::cell(&text, form),
                None => text,
            },
            Dialect::Lis02 | Dialect::Hl7 | Dialect::Blocks => text,
        }
    }

    fn filled(&self, hole: &Hole, scene: Scene<'_>) -> Result<String, Unsendable> {
        let specimen = scene.specimen;
        Ok(match hole {
            Hole::Time => self.time("%Y%m%d%H%M%S"),
            Hole::Date => self.time("%Y%m%d"),
            Hole::ControlId => self.control_id(),
            Hole::Number(more) => (scene.number + more).to_string(),
            Hole::Codes => scene.codes.to_owned(),
            Hole::Count => scene.count.to_string(),
            Hole::Id => specimen.id.clone(),
            Hole::Rack => specimen.rack.clone().unwrap_or_default(),
            Hole::Position => specimen.position.clone().unwrap_or_default(),
            Hole::Code => self.code(scene)?.to_owned(),
            Hole::Name => self.analyser.profile.test_name(self.code(scene)?).to_owned(),
            Hole::Told(told) => match scene.result {
                Some(result) => self.told(*told, result, scene)?,
                None => String::new(),
            },
            // None of these stands in a line of an upload.
            Hole::OrderId | Hole::Echo { .. } | Hole::SpecimenEcho { .. } => String::new(),
        })
    }

    fn told(
        &self,
        told: Told,
        result: &MeantResult,
        scene: Scene<'_>,
    ) -> Result<String, Unsendable> {
        let times = self.analyser.profile.layout().time_format;
        Ok(match told {
            Told::Reading(place) => match result.outcome.reading() {
                Some(reading) => self.word(result, reading, place)?,
                None => String::new(),
            },
            Told::Number => {
                let format = self.analyser.profile.layout().number_format;
                match result.outcome.number() {
                    Some(number) => format.write(self.analyser.number_sent(result.assay, number)?),
                    None => String::new(),
                }
            }
            Told::Unit => self.analyser.unit_sent(result.assay).unwrap_or_default().to_owned(),
            Told::Completed | Told::Started => times.write(result.completed),
            Told::Replicate => result.replicate.clone().unwrap_or_default(),
            Told::Lot => result.lot.clone().unwrap_or_default(),
            Told::Operator => result.operator.clone().unwrap_or_default(),
            Told::Ordered => self.ordered(scene)?.to_owned(),
            Told::Of(assay) => self.told_of(assay, scene)?,
            Told::OrderedName => self.analyser.profile.test_name(self.ordered(scene)?).to_owned(),
        })
    }

    /// The word for an assay that is sent together with this one; nothing where it failed.
    fn told_of(&self, assay: Assay, scene: Scene<'_>) -> Result<String, Unsendable> {
        let result = scene.beside.iter().find(|other| other.assay == assay);
        let result = result.ok_or(Unsendable::Apart(assay))?;
        let Some(reading) = result.outcome.reading() else { return Ok(String::new()) };
        // A part of a word is none of those that are read.
        let part = self.plan.words(reading).and_then(<[String]>::first);
        part.map_or_else(|| self.word(result, reading, 0), |part| Ok(part.clone()))
    }

    fn word(
        &self,
        result: &MeantResult,
        reading: Reading,
        place: usize,
    ) -> Result<String, Unsendable> {
        let layout = self.analyser.profile.layout();
        let words = wordings(self.plan, layout, result.assay, reading, place);
        let word = words.iter().cycle().nth(result.wording.checked_rem(words.len()).unwrap_or(0));
        match word {
            Some(word) => Ok((*word).to_owned()),
            None if reading == Reading::Invalid => Ok(String::new()),
            None => Err(Unsendable::NoWord(result.assay, reading)),
        }
    }

    fn code(&self, scene: Scene<'_>) -> Result<&'a str, Unsendable> {
        let Some(result) = scene.result else { return Ok("") };
        let mut tests = self.analyser.tests.iter();
        let known = tests.find(|(_, assay)| **assay == result.assay);
        known.map(|(code, _)| code.as_str()).ok_or(Unsendable::NoCode(result.assay))
    }

    fn ordered(&self, scene: Scene<'_>) -> Result<&'a str, Unsendable> {
        let Some(result) = scene.result else { return Ok("") };
        match self.analyser.order_code(result.assay) {
            Some(code) => Ok(code),
            None => self.code(scene),
        }
    }

    /// UTC.
    fn time(&self, format: &str) -> String {
        self.stamp.time.to_zoned(TimeZone::UTC).strftime(format).to_string()
    }

    fn control_id(&self) -> String {
        match self.count {
            0 => self.stamp.serial.to_string(),
            count => format!("{}.{count}", self.stamp.serial),
        }
    }

    /// In the character set that the message itself declares, or else the profile's.
    fn encoded(&self, text: &str) -> Result<Vec<u8>, Unsendable> {
        let profile = &self.analyser.profile;
        let charset = match profile.dialect() {
            Dialect::Lis02 | Dialect::Blocks | Dialect::Text => profile.charset(),
            Dialect::Hl7 => {
                profile.charsets().of(text.as_bytes()).map_err(|_| Unsendable::Charset)?
            }
        };
        encode(text, charset).map_err(|_| Unsendable::Charset)
    }
}

impl Analyser {
    /// The unit that results of this assay are read in: what the profile converts to, or as sent.
    pub(super) fn unit_read(&self, assay: Assay) -> Option<&str> {
        let conversion = self.conversion(assay).map(|conversion| conversion.to.as_str());
        conversion.or_else(|| self.unit_sent(assay))
    }

    /// A number in the unit that is sent, before the profile converts it.
    fn number_sent(&self, assay: Assay, number: Decimal) -> Result<Decimal, Unsendable> {
        let Some(conversion) = self.conversion(assay) else { return Ok(number) };
        let sent = number.checked_div(conversion.factor);
        // A product of decimals would be rounded.
        let is_exact = |sent: &Decimal| {
            let (sent, factor) = (sent.normalize(), conversion.factor.normalize());
            let digits = sent.mantissa().checked_mul(factor.mantissa());
            let scale = sent.scale() + factor.scale();
            let product = digits.and_then(|d| Decimal::try_from_i128_with_scale(d, scale).ok());
            product == Some(number)
        };
        sent.filter(is_exact).map(|sent| sent.normalize()).ok_or(Unsendable::Inexact(number))
    }

    fn conversion(&self, assay: Assay) -> Option<&Conversion> {
        let unit = self.unit_sent(assay)?;
        self.profile.layout().conversion(unit, Some(assay))
    }

    /// The unit that is sent with results of this assay.
    pub(super) fn unit_sent(&self, assay: Assay) -> Option<&str> {
        let layout = self.profile.layout();
        let own = self.profile.upload().and_then(|plan| plan.units.get(&assay));
        let own = own.or_else(|| layout.units.get(&assay)).map(String::as_str);
        let mut latest_first = layout.thresholds.iter().rev();
        let named = latest_first.clone().find(|limits| limits.assays.contains(&assay));
        let any = || latest_first.find(|limits| limits.assays.is_empty());
        own.or_else(|| named.or_else(any).map(|limits| limits.unit.as_str()))
    }
}
