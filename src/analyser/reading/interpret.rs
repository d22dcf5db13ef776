//! From the pieces of one result to an [`Observation`].
//!
//! Nothing here guesses: a word that the profile does not know gives no reading and is set down
//! as unaccounted; a verdict that was not sent is no verdict.

use std::borrow::Cow;

use jiff::civil::Date;

use super::super::Analyser;
use super::super::profile::tables::{
    FlagCodes, FlagMeaning, Layout, Otherwise, Role, Slot, VerdictWords,
};
use super::super::profile::{Dialect, RecordName, Scope, path_text};
use super::gather::{Found, Level, Spot};
use super::number::Quantity;
use super::reagent::Reagent;
use super::specimen::Specimen;
use super::{threshold, time};
use crate::codec::charset::Text;
use crate::codec::{Delimiters, Fault};
use crate::domain::{
    Assay, Concern, Effect, InstrumentTime, Measure, Observation, Reading, ResultStatus,
    SpecimenKind, Unaccounted,
};
use crate::limits;

/// What is needed to understand the pieces of a message.
#[derive(Clone, Copy)]
pub(super) struct Context<'r> {
    pub(super) analyser: &'r Analyser,
    pub(super) layout: &'r Layout,
    pub(super) text: &'r Text<'r>,
    pub(super) delimiters: &'r Delimiters,
    /// An escape character stands somewhere in the message.
    pub(super) has_escapes: bool,
}

/// The scopes a result stands in, nearest first: result, order, specimen, patient, message.
pub(super) type Levels<'l, 'm> = [&'l Level<'m>; 5];

impl<'r> Context<'r> {
    /// Understands one result; more than one where its value answers for several assays.
    pub(super) fn observations(
        &self,
        levels: Levels<'_, '_>,
        specimen: &Specimen,
    ) -> Vec<Observation> {
        let mut whole = self.building(levels, true);
        let code = whole.test_code();
        let parts = self.parts(&code);
        if parts.is_empty() {
            return vec![whole.observation(specimen, code)];
        }
        let measures: Vec<Measure> = parts.iter().map(|(_, measure)| *measure).collect();
        let observe = |(code, _)| {
            let mut part = self.building(levels, true);
            part.measures.clone_from(&measures);
            part.observation(specimen, code)
        };
        parts.into_iter().map(observe).collect()
    }

    /// The codes of the parts of a code, and what kind of answer each gives.
    fn parts(&self, code: &str) -> Vec<(String, Measure)> {
        let names = self.analyser.profile.parts(code).iter();
        let codes = names.map(|name| format!("{code}/{name}"));
        codes
            .map(|code| {
                let measure = self.analyser.tests.get(&code).map(|assay| assay.measure());
                (code, measure.unwrap_or(Measure::Marker))
            })
            .collect()
    }

    fn building<'l, 'm>(&self, levels: Levels<'l, 'm>, has_result: bool) -> Building<'r, 'l, 'm> {
        let (unaccounted, concerns, measures) = (Vec::new(), Vec::new(), Vec::new());
        Building { context: *self, levels, has_result, measures, unaccounted, concerns }
    }

    /// Understands one ordered test that came without a result.
    pub(super) fn observation_without_result(
        &self,
        levels: Levels<'_, '_>,
        specimen: &Specimen,
        status: ResultStatus,
        (code, assay): (String, Option<Assay>),
    ) -> Observation {
        let mut building = self.building(levels, false);
        let sent = building.test_code();
        let mut observation = building.observation(specimen, sent);
        observation.assay = assay;
        observation.test_code = code;
        observation.status = Some(status);
        observation.reading = (status == ResultStatus::Failed).then_some(Reading::Invalid);
        observation
    }

    /// What was ordered; at least one entry, so that nothing ordered is still told.
    pub(super) fn ordered(&self, levels: Levels<'_, '_>) -> Vec<(String, Option<Assay>)> {
        let [_, order, ..] = levels;
        let mut ordered = Vec::new();
        for found in order.codes(Role::OrderedTest) {
            let code = self.trimmed(found);
            let assay = self.analyser.tests.get(code.as_ref()).copied();
            let panel = self.analyser.profile.panel(&code);
            if assay.is_some() || panel.is_empty() {
                ordered.push((code.into_owned(), assay));
            } else {
                ordered.extend(panel.iter().map(|assay| (code.to_string(), Some(*assay))));
            }
        }
        if ordered.is_empty() {
            ordered.push((String::new(), None));
        }
        ordered
    }

    /// What the order says about itself.
    pub(super) fn order_status(&self, levels: Levels<'_, '_>) -> Option<ResultStatus> {
        let found = levels.iter().find_map(|level| level.codes(Role::OrderStatus).next());
        let code = found.map(|found| self.trimmed(found)).unwrap_or_default();
        self.layout.order_status.get(code.as_ref()).copied()
    }

    /// The text of a piece.
    ///
    /// # Errors
    /// An escape sequence that is not known.
    pub(super) fn resolved<'m>(&self, found: Found<'m>) -> Result<Cow<'m, str>, Fault> {
        match self.has_escapes {
            true => found.piece.unescaped(self.delimiters),
            false => Ok(Cow::Borrowed(found.piece.text)),
        }
    }

    /// The text of a piece, escapes resolved as far as they are known.
    fn plain<'m>(&self, found: Found<'m>) -> Cow<'m, str> {
        self.resolved(found).unwrap_or(Cow::Borrowed(found.piece.text))
    }

    pub(super) fn trimmed<'m>(&self, found: Found<'m>) -> Cow<'m, str> {
        match self.plain(found) {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
        }
    }

    /// The beginning of a piece, as much as is quoted.
    pub(super) fn excerpt(&self, found: Found<'_>) -> String {
        excerpt(&self.trimmed(found)).to_owned()
    }

    /// A piece as unaccounted. What stands in a record about a person is not repeated.
    pub(super) fn unaccounted(&self, found: Found<'_>, why: &str) -> Unaccounted {
        let text = match is_personal(found.spot.record) {
            true => "(not shown)".to_owned(),
            false => self.plain(found).into_owned(),
        };
        Unaccounted {
            offset: self.text.offset_in_bytes(found.piece.offset),
            path: self.spot_text(found.spot),
            text,
            why: why.to_owned(),
        }
    }

    fn dialect(&self) -> Dialect {
        self.analyser.profile.dialect()
    }

    /// `R[2].7.1`, `OBX[3]-8.2`, `R[1].7[4].1`.
    pub(super) fn spot_text(&self, spot: Spot) -> String {
        use std::fmt::Write as _;
        let separator = if self.dialect() == Dialect::Hl7 { '-' } else { '.' };
        let mut text = format!("{}[{}]", spot.record, spot.index);
        if spot.field > 0 {
            let _ = write!(text, "{separator}{}", spot.field);
        }
        if spot.repeat > 1 {
            let _ = write!(text, "[{}]", spot.repeat);
        }
        let is_divided = !matches!(self.dialect(), Dialect::Blocks | Dialect::Text);
        if spot.component > 0 && is_divided {
            let _ = write!(text, ".{}", spot.component);
        }
        if spot.subcomponent > 1 {
            let _ = write!(text, ".{}", spot.subcomponent);
        }
        text
    }
}

/// Without padding; most texts have none, which their two ends show.
fn trim(text: &str) -> &str {
    let ends = [text.as_bytes().first(), text.as_bytes().last()];
    match ends.iter().flatten().all(|byte| byte.is_ascii_graphic()) {
        true => text,
        false => text.trim(),
    }
}

/// Records about people.
pub(super) fn is_personal(record: RecordName) -> bool {
    ["P", "PID", "PD1", "NK1", "PV1", "PV2"].iter().any(|name| record.is(name))
}

struct Building<'r, 'l, 'm> {
    context: Context<'r>,
    levels: Levels<'l, 'm>,
    /// There is a result record, and not only the order.
    has_result: bool,
    /// What all parts of its value answer for, where it has parts.
    measures: Vec<Measure>,
    unaccounted: Vec<Unaccounted>,
    concerns: Vec<Concern>,
}

impl<'m> Building<'_, '_, 'm> {
    fn observation(&mut self, specimen: &Specimen, test_code: String) -> Observation {
        self.unaccounted.extend_from_slice(&specimen.unaccounted);
        if let Some((_, conflict)) = &specimen.conflict {
            self.concern("SPECIMEN_ID_CONFLICT", Effect::Holds, conflict.clone());
        }
        let assay = self.context.analyser.tests.get(&test_code).copied();
        let value = self.value();
        let quantity = self.quantity(value.as_deref());
        let unit = self.text(Slot::Unit).or_else(|| self.usual_unit(assay));
        let (quantity, unit) = self.converted(assay, quantity, unit);
        let status = self.status();
        let flags = self.flags();
        let completed_at = self.time(Slot::CompletedAt);
        let reading = self.reading(assay, status, quantity, unit.as_deref(), completed_at.as_ref());
        self.contradictions(reading);
        self.validity(reading);
        if let Some(value) = value.as_deref().filter(|_| reading.is_none()) {
            self.not_understood(assay, value, quantity);
        }
        let (rack, position) = (self.text(Slot::Rack), self.text(Slot::Position));
        let (lot, replicate) = (self.text(Slot::ReagentLot), self.text(Slot::Replicate));
        let (operator, started_at) = (self.text(Slot::Operator), self.time(Slot::StartedAt));
        let (control_lot, expiry) = (self.text(Slot::ControlLot), self.expiry());
        let used_on = completed_at.as_ref().map(|time| time.civil.date());
        let reagent = Reagent { lot: lot.as_deref(), expiry, used_on };
        let is_required = self.requires_reagent(specimen.kind, assay);
        self.concerns.extend(reagent.concern(is_required));
        self.left();
        Observation {
            kind: specimen.kind,
            specimen_id: specimen.id().map(str::to_owned),
            din: specimen.din().cloned(),
            rack,
            position,
            test_code,
            assay,
            value,
            number: quantity.and_then(Quantity::exactly),
            unit,
            reading,
            flags,
            status,
            completed_at,
            reagent_lot: lot,
            replicate,
            operator,
            started_at,
            control_lot,
            reagent_expiry: expiry,
            unaccounted: std::mem::take(&mut self.unaccounted),
            concerns: std::mem::take(&mut self.concerns),
        }
    }

    /// The code of the test; where it stands at two places, with `/` between.
    fn test_code(&mut self) -> String {
        let code = self.text(Slot::TestCode).unwrap_or_default();
        match self.text(Slot::TestCodePart) {
            Some(part) => format!("{code}/{part}"),
            None => code,
        }
    }

    fn has_words(&self, index: usize, measure: Measure) -> bool {
        let words = self.context.layout.verdicts.get(index);
        words.and_then(|words| words.of(measure)).is_some_and(|words| !words.is_empty())
    }

    /// The nearest text for a slot, padding removed.
    fn text(&mut self, slot: Slot) -> Option<String> {
        let found = self.nearest(slot)?;
        let text = self.plain(found);
        Some(trim(&text)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// What the profile says of an assay that is sent without a unit.
    fn usual_unit(&self, assay: Option<Assay>) -> Option<String> {
        self.context.layout.units.get(&assay?).cloned()
    }

    /// Number and unit as they are decided by; a product that is not exact is no number.
    fn converted(
        &mut self,
        assay: Option<Assay>,
        quantity: Option<Quantity>,
        unit: Option<String>,
    ) -> (Option<Quantity>, Option<String>) {
        let known = |unit: &String| self.context.layout.conversion(unit, assay);
        let Some(conversion) = unit.as_ref().and_then(known) else { return (quantity, unit) };
        let Some(sent) = quantity else { return (None, Some(conversion.to.clone())) };
        let converted = sent.times(conversion.factor);
        if converted.is_none() {
            let text = format!("in {} it has more digits than can be kept", conversion.to);
            self.concern("VALUE_NOT_UNDERSTOOD", Effect::Holds, text);
            return (None, unit);
        }
        (converted, Some(conversion.to.clone()))
    }

    fn nearest(&self, slot: Slot) -> Option<Found<'m>> {
        self.levels.iter().find_map(|level| level.slot(slot))
    }

    /// The value as sent; only escapes are resolved.
    fn value(&mut self) -> Option<String> {
        let found = self.nearest(Slot::Value)?;
        Some(self.plain(found)).filter(|text| !trim(text).is_empty()).map(Cow::into_owned)
    }

    fn quantity(&mut self, value: Option<&str>) -> Option<Quantity> {
        let format = self.context.layout.number_format;
        let Some(found) = self.nearest(Slot::Number) else {
            return value.and_then(|value| Quantity::parse(value, format));
        };
        let quantity = Quantity::parse(&self.context.plain(found), format);
        if quantity.is_none() {
            self.leave(found, "is not a number that the profile can read");
        }
        quantity
    }

    fn time(&mut self, slot: Slot) -> Option<InstrumentTime> {
        let found = self.nearest(slot)?;
        let time = time::parse(&self.context.plain(found), self.context.layout.time_format);
        if time.is_none() {
            self.leave(found, "is not a date and time that exists");
        }
        time
    }

    /// The earliest of what took part in the result.
    fn expiry(&mut self) -> Option<Date> {
        let (levels, role) = (self.levels, Role::Text(Slot::ReagentExpiry));
        let mut earliest: Option<Date> = None;
        for found in levels.iter().flat_map(|level| level.codes(role)) {
            match time::last_day(&self.context.plain(found), self.context.layout.time_format) {
                Some(day) => earliest = Some(earliest.map_or(day, |known| known.min(day))),
                None => self.leave(found, "is not a day that exists"),
            }
        }
        earliest
    }

    /// Quantities are not decided by a reagent's cut-off.
    fn requires_reagent(&self, kind: SpecimenKind, assay: Option<Assay>) -> bool {
        let measure = assay.map_or(Measure::Marker, Assay::measure);
        self.context.layout.reagent_required
            && self.has_result
            && kind == SpecimenKind::Donor
            && measure != Measure::Quantity
    }

    /// The worst of what the result's records say; an unfinished order outranks a finished result.
    fn status(&mut self) -> Option<ResultStatus> {
        let [result, ..] = self.levels;
        let codes = &self.context.layout.status;
        let mut status = None;
        let mut sent = false;
        for found in result.codes(Role::Status) {
            sent = true;
            let code = self.context.trimmed(found);
            match codes.get(code.as_ref()) {
                Some(known) => status = Some(worse(status, *known)),
                None => self.leave(found, "the profile does not know this status"),
            }
        }
        if !sent {
            status = codes.get("").copied();
        }
        status = self.overall_status(status);
        let order = self.order_status();
        match order.filter(|order| status.is_some() || !order.is_conclusive()) {
            Some(order) => Some(worse(status, order)),
            None => status,
        }
    }

    /// What a row with the overall result says of its own status.
    fn overall_status(&mut self, status: Option<ResultStatus>) -> Option<ResultStatus> {
        let [_, order, ..] = self.levels;
        let mut worst = status?;
        for found in order.codes(Role::Status) {
            let code = self.context.trimmed(found);
            match self.context.layout.status.get(code.as_ref()) {
                Some(known) => worst = worse(Some(worst), *known),
                None => self.leave(found, "the profile does not know this status"),
            }
        }
        Some(worst)
    }

    fn order_status(&mut self) -> Option<ResultStatus> {
        let status = self.context.order_status(self.levels);
        if status.is_none() {
            let mut sent = self.levels.iter().flat_map(|level| level.codes(Role::OrderStatus));
            if let Some(found) = sent.next() {
                self.leave(found, "the profile does not know this order status");
            }
        }
        status
    }

    fn flags(&mut self) -> Vec<String> {
        let mut listed = Vec::new();
        for (index, flags) in self.context.layout.flags.iter().enumerate() {
            let levels = self.levels;
            for found in levels.iter().flat_map(|level| level.codes(Role::Flags(index))) {
                let code = self.context.trimmed(found);
                self.flag(flags, &code, found);
                if flags.listed {
                    listed.push(code.into_owned());
                }
            }
            let near = if self.stands_in_order(flags) { &levels[..] } else { &levels[..1] };
            let sent = || near.iter().any(|level| level.codes(Role::Flags(index)).next().is_some());
            if flags.required && self.has_result && !sent() {
                let path = path_text(&flags.path, self.context.dialect());
                let text = format!("{path} was not sent, which is itself suspicious");
                self.concern(concern_code(flags), Effect::Holds, text);
            }
        }
        listed
    }

    /// It is said once for all results of an order.
    fn stands_in_order(&self, flags: &FlagCodes) -> bool {
        let plan = self.context.layout.record(flags.path.record);
        flags.of_order
            || plan.is_some_and(|plan| matches!(plan.scope, Scope::Order | Scope::OrderPart))
    }

    fn flag(&mut self, flags: &FlagCodes, code: &str, found: Found<'m>) {
        let context = self.context;
        let shown = || format!("{} is {:?}", context.spot_text(found.spot), excerpt(code));
        match flags.codes.get(code) {
            Some(FlagMeaning { effect: None, .. }) => {}
            Some(FlagMeaning { effect: Some(effect), why, .. }) => {
                self.concern(concern_code(flags), *effect, format!("{}: {why}", shown()));
            }
            None if self.is_verdict_word(code, found) => {}
            None => match flags.otherwise {
                Otherwise::Unaccounted => self.leave(found, "the profile does not know this flag"),
                Otherwise::Effect(effect) => {
                    self.concern(concern_code(flags), effect, shown());
                }
            },
        }
    }

    /// A flag that cannot go with the reading: one of the two is wrong.
    fn contradictions(&mut self, reading: Option<Reading>) {
        let Some(reading) = reading else { return };
        for (index, flags) in self.context.layout.flags.iter().enumerate() {
            let levels = self.levels;
            for found in levels.iter().flat_map(|level| level.codes(Role::Flags(index))) {
                let code = self.context.trimmed(found);
                let meaning = flags.codes.get(code.as_ref());
                if meaning.and_then(|meaning| meaning.contradicts) == Some(reading) {
                    let spot = self.context.spot_text(found.spot);
                    let text = format!("{spot} is {:?}, the result {}", code, reading.id());
                    self.concern("VALUE_TEXT_CONFLICT", Effect::Holds, text);
                }
            }
        }
    }

    /// What stands beside a result about whether it counts. A finding without a valid control is
    /// still a finding: it is held, not forgotten.
    fn validity(&mut self, reading: Option<Reading>) {
        let [result, ..] = self.levels;
        for found in result.codes(Role::Validity) {
            let word = self.context.trimmed(found);
            let effect = match reading {
                Some(Reading::Reactive | Reading::GreyZone) => Effect::Holds,
                Some(
                    Reading::Nonreactive | Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_),
                )
                | None => Effect::Invalidates,
            };
            match self.context.layout.validity.get(word.as_ref()) {
                Some(true) => {}
                Some(false) => {
                    let spot = self.context.spot_text(found.spot);
                    let text = format!("{spot} says {:?}", excerpt(&word));
                    self.concern("INTERNAL_CONTROL", effect, text);
                }
                None => self.leave(found, "the profile does not know this word for validity"),
            }
        }
    }

    fn is_verdict_word(&self, word: &str, found: Found<'m>) -> bool {
        let [result, ..] = self.levels;
        result.pieces().any(|(role, other)| match role {
            Role::Verdict(index) if other.spot == found.spot => {
                let words = self.context.layout.verdicts.get(index);
                words.is_some_and(|words| words.knows(word))
            }
            _ => false,
        })
    }

    fn reading(
        &mut self,
        assay: Option<Assay>,
        status: Option<ResultStatus>,
        quantity: Option<Quantity>,
        unit: Option<&str>,
        completed_at: Option<&InstrumentTime>,
    ) -> Option<Reading> {
        let measure = assay.map_or(Measure::Marker, Assay::measure);
        let stated = self.stated(measure);
        let question = threshold::Question {
            assay: assay.filter(|_| measure == Measure::Marker),
            quantity,
            unit: unit.unwrap_or_default(),
            on: completed_at.map(|time| time.civil.date()),
        };
        let (reading, concern) = threshold::reading(self.context.layout, &question, stated);
        self.concerns.extend(concern);
        match status {
            Some(ResultStatus::Failed) => Some(Reading::Invalid),
            Some(_) | None => reading,
        }
    }

    /// A value that gave nothing to judge by, or lies beyond the scale, is no empty one: a later
    /// result must not make it forgotten.
    fn not_understood(&mut self, assay: Option<Assay>, value: &str, quantity: Option<Quantity>) {
        let why = match assay.map(Assay::measure) {
            Some(Measure::Quantity) => threshold::beyond_scale(quantity),
            Some(Measure::Marker) if self.context.layout.verdicts.is_empty() => {
                Some("gives no reading")
            }
            Some(Measure::Marker | Measure::Abo | Measure::Rhd) | None => None,
        };
        if let Some(why) = why.filter(|_| self.concerns.is_empty()) {
            let value = excerpt(value.trim());
            self.concern("VALUE_NOT_UNDERSTOOD", Effect::Holds, format!("{value:?} {why}"));
        }
    }

    /// What the analyser says in words; several places must agree.
    fn stated(&mut self, measure: Measure) -> Option<Reading> {
        let [result, ..] = self.levels;
        let mut stated: Option<Reading> = None;
        for (role, found) in result.pieces() {
            let Role::Verdict(index) = role else { continue };
            let Some(words) = self.context.layout.verdicts.get(index) else { continue };
            let Some(readings) = words.of(measure) else {
                stated = self.of_a_number(words, found).or(stated);
                continue;
            };
            if readings.is_empty() && self.is_for_another_part(index) {
                continue;
            }
            let word = self.context.trimmed(found);
            match readings.get(word.as_ref()) {
                Some(reading) => stated = Some(self.agreed(stated, *reading)),
                None if let Some(reading) = self.number_says(words, measure, &word) => {
                    stated = Some(self.agreed(stated, reading));
                }
                None if words.no_reading.contains(word.as_ref()) => {}
                None if self.is_flag(found) => {}
                None => self.leave(found, "the profile does not know this word for a result"),
            }
        }
        stated
    }

    /// Whether a place speaks of another part of the value.
    fn is_for_another_part(&self, index: usize) -> bool {
        self.measures.iter().any(|measure| self.has_words(index, *measure))
    }

    /// What a number in place of a word says.
    fn number_says(&self, words: &VerdictWords, measure: Measure, word: &str) -> Option<Reading> {
        let reading = words.number.filter(|_| measure == Measure::Marker)?;
        Quantity::parse(word, self.context.layout.number_format).map(|_| reading)
    }

    /// A word beside what is only a number: that it is void is believed, anything else is no
    /// verdict on it.
    fn of_a_number(&mut self, words: &VerdictWords, found: Found<'m>) -> Option<Reading> {
        let word = self.context.trimmed(found);
        let void = words.marker.get(word.as_ref()) == Some(&Reading::Invalid);
        let expected =
            self.is_value(found) || self.is_flag(found) || words.no_reading.contains(word.as_ref());
        if !void && !expected {
            self.leave(found, "a verdict on what is only a number");
        }
        void.then_some(Reading::Invalid)
    }

    /// Whether the value or number stands in the same field.
    fn is_value(&self, found: Found<'m>) -> bool {
        let own = [Slot::Value, Slot::Number].map(|slot| self.nearest(slot));
        let place = |spot: Spot| (spot.record, spot.index, spot.field);
        own.into_iter().flatten().any(|value| place(value.spot) == place(found.spot))
    }

    fn is_flag(&self, found: Found<'m>) -> bool {
        let [result, ..] = self.levels;
        let mut pieces = result.pieces();
        pieces.any(|(role, other)| matches!(role, Role::Flags(_)) && other.spot == found.spot)
    }

    fn agreed(&mut self, earlier: Option<Reading>, reading: Reading) -> Reading {
        match earlier {
            None => reading,
            Some(earlier) if earlier == reading => reading,
            Some(earlier) => {
                let text = format!("one place says {}, another {}", earlier.id(), reading.id());
                self.concern("VALUE_TEXT_CONFLICT", Effect::Holds, text);
                worse_reading(earlier, reading)
            }
        }
    }

    /// What nobody understood, from the result outwards; the header's is the message's own fault.
    fn left(&mut self) {
        let [result, order, specimen, patient, _] = self.levels;
        for level in [result, order, specimen, patient] {
            for left in &level.left {
                self.unaccounted.push(self.context.unaccounted(left.found, left.why));
            }
        }
        self.unaccounted.sort_by_key(|piece| piece.offset);
    }

    /// The text of a piece; an escape sequence that is not known is unaccounted.
    fn plain(&mut self, found: Found<'m>) -> Cow<'m, str> {
        match self.context.resolved(found) {
            Ok(text) => text,
            Err(fault) => {
                self.leave(found, &fault.text);
                Cow::Borrowed(found.piece.text)
            }
        }
    }

    fn leave(&mut self, found: Found<'m>, why: &str) {
        let piece = self.context.unaccounted(found, why);
        self.unaccounted.push(piece);
    }

    fn concern(&mut self, code: &str, effect: Effect, text: String) {
        self.concerns.push(Concern { code: code.to_owned(), effect, text });
    }
}

const fn concern_code(flags: &FlagCodes) -> &'static str {
    if flags.listed { "FLAG" } else { "ALARM" }
}

/// The beginning of a code, as much as is quoted.
fn excerpt(code: &str) -> &str {
    code.get(..code.floor_char_boundary(limits::CONCERN_EXCERPT_MAX)).unwrap_or(code)
}

/// The status that says less about a finished result.
fn worse(one: Option<ResultStatus>, other: ResultStatus) -> ResultStatus {
    match one {
        Some(one) if doubt(one) >= doubt(other) => one,
        Some(_) | None => other,
    }
}

const fn doubt(status: ResultStatus) -> u8 {
    match status {
        ResultStatus::Final => 0,
        ResultStatus::Retransmitted => 1,
        ResultStatus::Corrected => 2,
        ResultStatus::Preliminary => 3,
        ResultStatus::Partial => 4,
        ResultStatus::Pending => 5,
        ResultStatus::Questionable => 6,
        ResultStatus::Failed => 7,
        ResultStatus::Withdrawn => 8,
    }
}

/// Of two readings that contradict each other, the one that is safer to show.
fn worse_reading(one: Reading, other: Reading) -> Reading {
    let safest = [Reading::Reactive, Reading::GreyZone];
    safest.into_iter().find(|reading| [one, other].contains(reading)).unwrap_or(Reading::Invalid)
}
