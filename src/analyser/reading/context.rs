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

use super::super::profile::tables::{Aspect, Condition, OrderRow, Role, Slot};
use super::super::profile::{RecordName, Scope};
use super::Gathered;
use super::gather::{Left, Level, Planned};
use super::interpret::{Context, Levels};
use super::overall;
use super::specimen::Specimen;
use crate::codec::{Delimiters, Record};
use crate::domain::{Concern, Effect};

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
    aspects: Vec<Aspect>,
}

impl Outcome<'_> {
    /// A verdict whose value was not sent cannot be checked against it.
    fn incomplete(&self) -> Option<Concern> {
        let lacks_value =
            self.aspects.contains(&Aspect::Verdict) && !self.aspects.contains(&Aspect::Value);
        lacks_value.then(|| Concern {
            code: "INCOMPLETE".to_owned(),
            effect: Effect::Holds,
            text: "the verdict was sent without its value".to_owned(),
        })
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
        if is_any(&self.context, &self.context.layout.ignored_records, record) {
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
        } else if room && !is_any(&context, &context.layout.ignored_results, record) {
            return self.own_result(planned);
        }
        order.dismissed = true;
        self.last = Last::Dismissed;
    }

    fn own_result(&mut self, planned: Planned<'_, 'm>) {
        let context = self.context;
        let Some(order) = self.order.as_mut() else { return };
        let mut level = Level::default();
        level.take(planned);
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
        let Some(order) = self.order.take() else { return };
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
            let mut observation = self.context.observation(levels, specimen);
            observation.concerns.extend(outcome.incomplete());
            observations.push(observation);
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

    fn add(&mut self, level: Level<'m>, aspects: Vec<Aspect>) -> usize {
        self.results.push(Outcome { level, aspects });
        self.results.len() - 1
    }

    /// Joins the record to the result of the same test code that lacks its aspect.
    fn join(
        &mut self,
        mut level: Level<'m>,
        context: &Context<'_>,
        planned: Planned<'_, 'm>,
    ) -> usize {
        let sent = level.codes(Role::Aspect).next();
        let code = sent.map_or("", |found| found.piece.text.trim());
        let known = context.layout.aspects.get(code);
        let Some(aspect) = known.copied() else {
            let found = sent.unwrap_or_else(|| planned.whole());
            level.leave(found, "the profile does not know which part of a result this is");
            level.keep(Aspect::Raw);
            return self.add(level, Vec::new());
        };
        level.keep(aspect);
        let code = level.slot(Slot::TestCode).map(|found| found.piece.text);
        let open = self.results.iter().position(|outcome| {
            let own = outcome.level.slot(Slot::TestCode).map(|found| found.piece.text);
            own == code && !outcome.aspects.is_empty() && !outcome.aspects.contains(&aspect)
        });
        match open.and_then(|at| Some((at, self.results.get_mut(at)?))) {
            Some((at, outcome)) => {
                outcome.aspects.push(aspect);
                outcome.level.absorb(level);
                at
            }
            None => self.add(level, vec![aspect]),
        }
    }
}

/// Whether one of these lists of conditions holds on a record.
fn is_any(context: &Context<'_>, rules: &[Vec<Condition>], record: Record<'_>) -> bool {
    rules.iter().any(|when| all_hold(context, when, record))
}

fn order_row<'r>(context: &Context<'r>, record: Record<'_>) -> Option<&'r OrderRow> {
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
            piece.subcomponents(delimiters).nth(path.subcomponent.unwrap_or(1).checked_sub(1)?)
        });
    piece.map_or("", |piece| piece.text.trim()) == condition.value
}
