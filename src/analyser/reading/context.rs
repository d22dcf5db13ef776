//! Which record belongs to which: a walk over one message that keeps the open patient, specimen,
//! order and its results, and hands each order to [`Context`] when it is complete.
//!
//! ```text
//! message  H            MSH
//!  patient   P            PID
//!   specimen                SPM (SAC)
//!    order     O              OBR (ORC)
//!     result     R (C M)        OBX (NTE TCD SID INV)
//! ```
//!
//! A result without an order is a fault, and so is an order or a specimen without a result and
//! without a reason.

use super::super::profile::tables::{
    Aspect, Condition, IgnoredResult, Layout, OrderRow, Role, Slot,
};
use super::super::profile::{RecordName, Scope};
use super::Gathered;
use super::gather::{Left, Level, Planned, TestCode};
use super::interpret::{Context, Levels};
use super::overall;
use super::specimen::Specimen;
use crate::codec::{Delimiters, Record};
use crate::domain::{Concern, Effect, Reading};

/// Reads the records of one message.
pub(super) struct Walk<'r, 'm> {
    context: Context<'r>,
    gathered: &'r mut Gathered,
    counts: Vec<(RecordName, u32)>,
    message: Level<'m>,
    patient: Open<'m>,
    specimen: Open<'m>,
    order: Option<Order<'m>>,
    last: Last,
    /// An order was read.
    answered: bool,
}

/// A patient or specimen with results to come.
#[derive(Default)]
struct Open<'m> {
    level: Level<'m>,
    /// A record opened it.
    begun: bool,
    /// An order below it was read.
    answered: bool,
}

#[derive(Default)]
struct Order<'m> {
    level: Level<'m>,
    results: Vec<Outcome<'m>>,
    /// The order record itself was seen (and not only its control record).
    described: bool,
    controlled: bool,
    /// A result of it was ignored by name.
    dismissed: bool,
}

/// A result with the aspects that make it up.
struct Outcome<'m> {
    level: Level<'m>,
    parts: Vec<Part<'m>>,
    /// It is ignored where so many others of its test stand in its order.
    ignored_beside: Option<usize>,
}

/// One record of a result.
struct Part<'m> {
    /// Its aspect as sent.
    code: &'m str,
    aspect: Aspect,
    /// There is a value in it.
    told: bool,
}

impl<'m> Outcome<'m> {
    /// The code of a result that stands for itself.
    fn own_code(&self) -> Option<TestCode<'m>> {
        self.ignored_beside.is_none().then(|| self.level.test_code())
    }

    /// A verdict whose value was not sent cannot be checked against it; one whose validity was not
    /// sent says nothing; what only sums up others is no result without them.
    fn incomplete(&self, layout: &Layout) -> Option<Concern> {
        let verdict = self.has(Aspect::tells_verdict);
        let controlled =
            layout.validity.is_empty() || self.has(|aspect| aspect == Aspect::Validity);
        let told = |code: &String| self.parts.iter().any(|part| part.told && part.code == code);
        let missing = layout.required_aspects.iter().find(|code| !told(code));
        let text = if self.ignored_beside.is_some() {
            "it sums up results that were not sent".to_owned()
        } else if verdict && !self.has(Aspect::tells_value) {
            "the verdict was sent without its value".to_owned()
        } else if verdict && !controlled {
            "the verdict was sent without a word that it is valid".to_owned()
        } else {
            format!("the part {:?} of the result was not sent", missing?)
        };
        Some(Concern { code: "INCOMPLETE".to_owned(), effect: Effect::Holds, text })
    }

    fn has(&self, wanted: impl Fn(Aspect) -> bool) -> bool {
        self.parts.iter().any(|part| part.told && wanted(part.aspect))
    }

    /// Whether it has room for one more record: each part is sent once.
    fn lacks(&self, code: &str, aspect: Aspect) -> bool {
        let taken = |part: &Part<'_>| {
            part.code == code
                || aspect.tells_value() && part.aspect.tells_value()
                || aspect == Aspect::Verdict && part.aspect == Aspect::Verdict
        };
        !self.parts.is_empty() && !self.parts.iter().any(taken)
    }
}

/// What an attached record belongs to.
#[derive(Clone, Copy)]
enum Last {
    Message,
    Patient,
    Specimen,
    Order,
    Result(usize),
    Dismissed,
}

impl<'r, 'm> Walk<'r, 'm> {
    pub(super) fn new(context: Context<'r>, gathered: &'r mut Gathered) -> Self {
        Walk {
            context,
            gathered,
            counts: Vec::new(),
            message: Level::default(),
            patient: Open::default(),
            specimen: Open::default(),
            order: None,
            last: Last::Message,
            answered: false,
        }
    }

    /// Takes the next record.
    pub(super) fn record(&mut self, record: Record<'m>) {
        let name = RecordName::of(record.name());
        let Some(plan) = name.and_then(|name| self.context.layout.record(name)) else {
            let text = format!("a record that the profile does not know: {:?}", record.name());
            return self.fault(record.line().offset, text);
        };
        let index = self.count(plan.name);
        if ignored_record(&self.context, record).is_some() {
            return;
        }
        let delimiters = self.context.delimiters;
        let planned = Planned { plan, record, index, delimiters };
        let carries_result = plan.name == self.context.layout.result_record;
        match if carries_result { Scope::Result } else { plan.scope } {
            Scope::Message => self.message_record(planned),
            Scope::Patient => self.patient_record(planned),
            Scope::Specimen => self.specimen_record(planned),
            Scope::Container => self.container_record(planned),
            Scope::Order => self.order_record(planned),
            Scope::OrderControl => self.order_control_record(planned),
            Scope::OrderPart => self.order_part_record(planned),
            Scope::Result => self.result_record(planned),
            Scope::Attached => self.attached_record(planned),
            Scope::Query | Scope::Reply => {
                let text = format!("a record that has no place among results: {}", plan.name);
                self.fault(record.line().offset, text);
            }
        }
    }

    /// Closes everything that is open.
    pub(super) fn finish(mut self) {
        self.close_patient();
        let message = std::mem::take(&mut self.message);
        if !self.answered {
            self.blame(self.context.unknown_markings(&message));
        }
        self.blame(message.left);
    }

    fn message_record(&mut self, planned: Planned<'_, 'm>) {
        self.message.take(planned);
        self.last = Last::Message;
        if !planned.plan.name.is("L") {
            return;
        }
        let record = planned.record;
        let code = record.field(3).map_or("", |piece| piece.text.trim());
        if !NORMAL_ENDS.contains(&code) {
            let text = format!("the analyser ended the message with code {code:?}, not normally");
            self.fault(record.line().offset, text);
        }
    }

    fn patient_record(&mut self, planned: Planned<'_, 'm>) {
        self.close_patient();
        self.patient.begun = true;
        self.patient.level.take(planned);
        self.last = Last::Patient;
    }

    fn specimen_record(&mut self, planned: Planned<'_, 'm>) {
        self.close_specimen();
        self.specimen.begun = true;
        self.specimen.level.take(planned);
        self.last = Last::Specimen;
    }

    fn container_record(&mut self, planned: Planned<'_, 'm>) {
        self.close_order();
        if self.specimen.answered {
            self.close_specimen();
        }
        self.specimen.begun = true;
        self.specimen.level.take(planned);
        self.last = Last::Specimen;
    }

    fn order_record(&mut self, planned: Planned<'_, 'm>) {
        let awaited = self.order.as_ref().is_some_and(|order| !order.described && order.is_new());
        if !awaited {
            self.close_order();
        }
        let order = self.order.get_or_insert_default();
        order.described = true;
        order.level.take(planned);
        self.last = Last::Order;
    }

    fn order_control_record(&mut self, planned: Planned<'_, 'm>) {
        if self.order.as_ref().is_some_and(|order| order.controlled || !order.is_new()) {
            self.close_order();
        }
        let order = self.order.get_or_insert_default();
        order.controlled = true;
        order.level.take(planned);
        self.last = Last::Order;
    }

    fn order_part_record(&mut self, planned: Planned<'_, 'm>) {
        self.order.get_or_insert_default().level.take(planned);
    }

    fn result_record(&mut self, planned: Planned<'_, 'm>) {
        let Planned { plan, record, index, .. } = planned;
        if plan.scope != Scope::Result {
            self.close_order();
            self.order = Some(Order::default());
        }
        let context = self.context;
        let Some(order) = self.order.as_mut() else {
            self.last = Last::Dismissed;
            let text = format!("{}[{index}]: a result without an order", plan.name);
            return self.fault(record.line().offset, text);
        };
        let room = self.gathered.has_room_beside(order.results.len());
        if let Some(row) = order_row(&context, record) {
            order.level.take_row(planned, &row.path, row.role);
            order.dismissed = true;
            self.last = Last::Dismissed;
            return;
        }
        let ignored = ignored(&context, record);
        let ignored_beside = ignored.map(|rule| rule.beside).filter(|beside| *beside > 0);
        if !room || ignored.is_some() && ignored_beside.is_none() {
            order.dismissed = true;
            self.last = Last::Dismissed;
            return;
        }
        let mut level = Level::default();
        level.take(planned);
        if ignored_beside.is_some() {
            order.results.push(Outcome { level, parts: Vec::new(), ignored_beside });
            self.last = Last::Dismissed;
            return;
        }
        let at = match context.layout.aspects.is_empty() {
            true => order.add(level, Vec::new()),
            false => order.join(level, &context, planned),
        };
        self.last = Last::Result(at);
    }

    fn attached_record(&mut self, planned: Planned<'_, 'm>) {
        let level = match (self.last, &mut self.order) {
            (Last::Message, _) => Some(&mut self.message),
            (Last::Patient, _) => Some(&mut self.patient.level),
            (Last::Specimen, _) => Some(&mut self.specimen.level),
            // What is attached to a dismissed result still counts for the whole order.
            (Last::Order | Last::Dismissed, Some(order)) => Some(&mut order.level),
            (Last::Result(at), Some(order)) => {
                order.results.get_mut(at).map(|outcome| &mut outcome.level)
            }
            (Last::Dismissed | Last::Order | Last::Result(_), _) => Some(&mut self.message),
        };
        if let Some(level) = level {
            level.take(planned);
        }
    }

    fn close_order(&mut self) {
        let Some(mut order) = self.order.take() else { return };
        order.sum_up();
        if order.results.is_empty() && order.dismissed {
            return self.blame(order.level.left);
        }
        self.answered = true;
        self.specimen.answered = true;
        self.patient.answered = true;
        let none = Level::default();
        let levels =
            [&none, &order.level, &self.specimen.level, &self.patient.level, &self.message];
        let specimen = self.context.specimen(levels);
        self.gathered.name(&specimen);
        let mut observations = Vec::with_capacity(order.results.len());
        for outcome in &order.results {
            let levels = with_result(&outcome.level, levels);
            let own = outcome.level.marks_specimen().then(|| self.context.specimen(levels));
            own.iter().for_each(|specimen| self.gathered.name(specimen));
            let specimen = own.as_ref().unwrap_or(&specimen);
            self.gathered.anonymous(&self.context, outcome.level.first(), specimen);
            for mut observation in self.context.observations(levels, specimen) {
                // What is void anyway may lack its other parts.
                if observation.reading != Some(Reading::Invalid) {
                    observation.concerns.extend(outcome.incomplete(self.context.layout));
                }
                observations.push(observation);
            }
        }
        overall::compare(&self.context, &order.level, &mut observations);
        observations.into_iter().for_each(|observation| self.gathered.observe(|| observation));
        if order.results.is_empty() {
            self.without_result(&order.level, &specimen);
        }
        if let Some((offset, text)) = specimen.conflict {
            self.fault(offset, text);
        }
    }

    /// An order that says why it has no result becomes observations that say so.
    fn without_result(&mut self, order: &Level<'m>, specimen: &Specimen) {
        let none = Level::default();
        let levels = [&none, order, &self.specimen.level, &self.patient.level, &self.message];
        let reason = self.context.order_status(levels).filter(|status| !status.is_conclusive());
        if let Some(status) = reason {
            for ordered in self.context.ordered(levels) {
                self.gathered.observe(|| {
                    self.context.observation_without_result(levels, specimen, status, ordered)
                });
            }
            return;
        }
        let offset = order.first_id().map_or(0, |found| found.piece.offset);
        let status = order.codes(Role::OrderStatus).next();
        let status = status.map_or(String::new(), |found| {
            format!("; its status is {:?}", self.context.excerpt(found))
        });
        self.fault(offset, format!("an order without a result, and no word why{status}"));
        let above = [order, &self.specimen.level, &self.patient.level];
        let left: Vec<_> = above.iter().flat_map(|level| level.left.iter().cloned()).collect();
        self.blame(left);
        for piece in &specimen.unaccounted {
            let text = format!("{}: {:?}: {}", piece.path, piece.text, piece.why);
            self.gathered.fault(piece.offset, &text);
        }
    }

    fn close_specimen(&mut self) {
        self.close_order();
        let specimen = std::mem::take(&mut self.specimen);
        if specimen.answered || !specimen.begun {
            return;
        }
        let none = Level::default();
        let levels = [&none, &none, &specimen.level, &self.patient.level, &self.message];
        self.gathered.name(&self.context.specimen(levels));
        let offset = specimen.level.first_id().map_or(0, |found| found.piece.offset);
        self.fault(offset, "a specimen without a result".to_owned());
        self.blame(specimen.level.left);
    }

    fn close_patient(&mut self) {
        self.close_specimen();
        let patient = std::mem::take(&mut self.patient);
        if patient.begun && !patient.answered {
            self.blame(patient.level.left);
        }
    }

    /// What belongs to no observation is a fault of the message.
    fn blame(&mut self, left: Vec<Left<'m>>) {
        for Left { found, why } in left {
            let piece = self.context.unaccounted(found, why);
            let text = format!("{}: {:?}: {why}", piece.path, piece.text);
            self.gathered.fault(piece.offset, &text);
        }
    }

    fn fault(&mut self, offset: usize, text: String) {
        let offset = self.context.text.offset_in_bytes(offset);
        self.gathered.fault(offset, &text);
    }

    fn count(&mut self, name: RecordName) -> u32 {
        if let Some((_, count)) = self.counts.iter_mut().find(|(known, _)| *known == name) {
            *count += 1;
            return *count;
        }
        self.counts.push((name, 1));
        1
    }
}

/// LIS02-A2 13.3: not given, normal, last request processed.
pub(super) const NORMAL_ENDS: [&str; 3] = ["", "N", "F"];

fn with_result<'l, 'm>(result: &'l Level<'m>, levels: Levels<'l, 'm>) -> Levels<'l, 'm> {
    let [_, order, specimen, patient, message] = levels;
    [result, order, specimen, patient, message]
}

impl<'m> Order<'m> {
    const fn is_new(&self) -> bool {
        self.results.is_empty() && !self.dismissed
    }

    /// Lets go of what only sums up other results of the order, where these are there.
    fn sum_up(&mut self) {
        let own: Vec<TestCode<'m>> = self.results.iter().filter_map(Outcome::own_code).collect();
        let before = self.results.len();
        self.results.retain(|outcome| {
            let code = outcome.level.test_code();
            let others = own.iter().filter(|own| **own == code).count();
            outcome.ignored_beside.is_none_or(|beside| others < beside)
        });
        self.dismissed |= self.results.len() < before;
    }

    fn add(&mut self, level: Level<'m>, parts: Vec<Part<'m>>) -> usize {
        self.results.push(Outcome { level, parts, ignored_beside: None });
        self.results.len() - 1
    }

    /// Joins the record to the result of the same test code and replicate that lacks its aspect.
    fn join(
        &mut self,
        mut level: Level<'m>,
        context: &Context<'_>,
        planned: Planned<'_, 'm>,
    ) -> usize {
        let sent = level.codes(Role::Aspect).next();
        let code = sent.map_or("", |found| found.piece.text.trim());
        let told = level.slot(Slot::Value).is_some();
        let Some(aspect) = keep_aspect(&mut level, context, planned) else {
            return self.add(level, Vec::new());
        };
        let part = Part { code, aspect, told };
        let own = identity(&level);
        let open = self
            .results
            .iter()
            .position(|outcome| identity(&outcome.level) == own && outcome.lacks(code, aspect));
        match open.and_then(|at| Some((at, self.results.get_mut(at)?))) {
            Some((at, outcome)) => {
                outcome.parts.push(part);
                outcome.level.absorb(level);
                at
            }
            None => self.add(level, vec![part]),
        }
    }
}

/// What the records of one result have in common: test code and replicate.
fn identity<'m>(level: &Level<'m>) -> (TestCode<'m>, Option<&'m str>) {
    (level.test_code(), level.slot(Slot::Replicate).map(|found| found.piece.text))
}

/// Keeps of a result record what its aspect is there for; which that is, if it is known.
pub(super) fn keep_aspect<'m>(
    level: &mut Level<'m>,
    context: &Context<'_>,
    planned: Planned<'_, 'm>,
) -> Option<Aspect> {
    let sent = level.codes(Role::Aspect).next();
    let code = sent.map_or("", |found| found.piece.text.trim());
    let known = context.layout.aspects.get(code).copied();
    if known.is_none() {
        let found = sent.unwrap_or_else(|| planned.whole());
        level.leave(found, "the profile does not know which part of a result this is");
    }
    level.keep(known.unwrap_or(Aspect::Raw));
    known
}

/// Why the profile dismisses this result whatever stands beside it, if it does.
pub(super) fn dismissal<'r>(context: &Context<'r>, record: Record<'_>) -> Option<&'r str> {
    let rule = ignored(context, record).filter(|rule| rule.beside == 0);
    rule.map(|rule| rule.why.as_str())
}

pub(super) fn ignored<'p>(context: &Context<'p>, record: Record<'_>) -> Option<&'p IgnoredResult> {
    let applies = |condition: &Condition| holds(condition, record, context.delimiters);
    let mut rules = context.layout.ignored_results.iter();
    rules.find(|rule| rule.when.iter().all(applies))
}

/// Why the profile dismisses a record that is attached to another, if it does.
pub(super) fn ignored_record<'r>(context: &Context<'r>, record: Record<'_>) -> Option<&'r str> {
    let mut rules = context.layout.ignored_records.iter();
    let rule = rules.find(|rule| all_hold(context, &rule.when, record));
    rule.map(|rule| rule.why.as_str())
}

pub(super) fn order_row<'r>(context: &Context<'r>, record: Record<'_>) -> Option<&'r OrderRow> {
    context.layout.order_rows.iter().find(|row| all_hold(context, &row.when, record))
}

fn all_hold(context: &Context<'_>, when: &[Condition], record: Record<'_>) -> bool {
    when.iter().all(|condition| holds(condition, record, context.delimiters))
}

/// Whether a record has the value at the place; an absent piece is empty.
pub(super) fn holds(condition: &Condition, record: Record<'_>, delimiters: &Delimiters) -> bool {
    let path = &condition.path;
    if !path.record.is(record.name()) {
        return false;
    }
    let piece = record
        .field(path.field.unwrap_or(0))
        .and_then(|field| field.component(delimiters, path.component.unwrap_or(1)))
        .and_then(|piece| {
            let number = path.subcomponent.unwrap_or(1).checked_sub(1)?;
            match &condition.split {
                Some(at) => piece.text.split(at.as_str()).nth(number),
                None => piece.subcomponents(delimiters).nth(number).map(|piece| piece.text),
            }
        });
    let text = piece.map_or("", str::trim);
    condition.values.iter().any(|value| value == text)
}
