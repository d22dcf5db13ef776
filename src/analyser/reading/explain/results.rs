//! A message with results, laid out: every record is taken apart by its plan, as the reader does
//! it, and every smallest piece asks the reader's own lists what became of it.

use super::super::super::Analyser;
use super::super::super::explain::Became;
use super::super::super::profile::tables::{
    Cell, ComponentPlan, FieldCells, FieldPlan, Ignored, Layout, OrderRow, Role, Slot,
};
use super::super::super::profile::{Path, RecordName, Scope};
use super::super::context;
use super::super::gather::{
    AND_MORE, Found, Level, NOT_MENTIONED, Planned, Spot, is_blank, says_nothing, split,
};
use super::super::interpret::Context;
use super::{Sheet, blank, meaning, means, structure};
use crate::codec::charset::Text;
use crate::codec::{Message, Piece, Record};

/// Lays out every record of the message.
pub(super) fn lay_out(
    analyser: &Analyser,
    layout: &Layout,
    text: &Text<'_>,
    message: &Message<'_>,
    sheet: &mut Sheet<'_>,
) {
    let (delimiters, has_escapes) = (message.delimiters(), message.has_escapes());
    let context = Context { analyser, layout, text, delimiters, has_escapes };
    sheet.begin_message();
    let records: Vec<Record<'_>> = message.records().collect();
    for (at, record) in records.iter().copied().enumerate() {
        let index = sheet.begin(record);
        let name = RecordName::of(record.name());
        match name.and_then(|name| layout.record(name)) {
            None => sheet.fields(record, &unknown("a record that the profile does not know")),
            Some(plan) if matches!(plan.scope, Scope::Query | Scope::Reply) => {
                sheet.fields(record, &unknown("a record that has no place among results"));
            }
            Some(plan) => {
                let planned = Planned { plan, record, index, delimiters };
                match means::dismissal(&context, &records, at) {
                    Some(why) => sheet.fields(record, &Became::Ignored(why.to_owned())),
                    None => lay_out_record(&context, planned, sheet),
                }
            }
        }
        sheet.end(record);
    }
}

fn unknown(why: &str) -> Became {
    Became::Unaccounted(why.to_owned())
}

fn lay_out_record(context: &Context<'_>, planned: Planned<'_, '_>, sheet: &mut Sheet<'_>) {
    let record = planned.record;
    let is_result = planned.plan.name == context.layout.result_record;
    if let Some(why) = context::dismissal(context, record).filter(|_| is_result) {
        return sheet.fields(record, &Became::Ignored(why.to_owned()));
    }
    if let Some(why) = context::ignored_record(context, record) {
        return sheet.fields(record, &Became::Ignored(why.to_owned()));
    }
    if let Some(row) = context::order_row(context, record).filter(|_| is_result) {
        return lay_out_row(context, planned, row, sheet);
    }
    let mut level = Level::default();
    level.take(planned);
    let all: Vec<Found<'_>> = level.pieces().map(|(_, found)| found).collect();
    if is_result && !context.layout.aspects.is_empty() {
        context::keep_aspect(&mut level, context, planned);
    }
    let laid = Laid { context, planned, level: &level, all: &all };
    for (number, piece) in record.fields() {
        laid.field(number, piece, sheet);
    }
}

/// A record that says one thing of its whole order, and nothing else.
fn lay_out_row(
    context: &Context<'_>,
    planned: Planned<'_, '_>,
    row: &OrderRow,
    sheet: &mut Sheet<'_>,
) {
    let Planned { plan, record, delimiters, .. } = planned;
    let dialect = context.analyser.profile.dialect();
    let mut level = Level::default();
    level.take_row(planned, &row.path, row.role);
    let laid = Laid { context, planned, level: &level, all: &[] };
    for (number, piece) in record.fields() {
        if dialect.is_structural(plan.name, number) {
            let became = structure(dialect, record, number);
            sheet.put(piece, sheet.field_place(number), became);
            continue;
        }
        if is_blank(piece.text, delimiters) {
            sheet.put(piece, sheet.field_place(number), blank(piece.text));
            continue;
        }
        let spot = planned.spot(u32::try_from(number).unwrap_or(u32::MAX));
        laid.leaves(piece, spot, &mut |spot, piece| {
            let pieces = level.pieces().filter(|(_, found)| found.spot == spot);
            let read: Vec<(Role, Found<'_>)> = pieces.collect();
            let became = match read.is_empty() {
                true => Became::Ignored(row.why.clone()),
                false => meaning::of(context, &level, &read),
            };
            laid.put(spot, piece, became, sheet);
        });
    }
}

/// A record with what the reader took of it.
struct Laid<'l, 'r, 'm> {
    context: &'l Context<'r>,
    planned: Planned<'l, 'm>,
    level: &'l Level<'m>,
    /// What was read before the aspect of the record was looked at.
    all: &'l [Found<'m>],
}

impl<'m> Laid<'_, '_, 'm> {
    fn field(&self, number: usize, piece: Piece<'m>, sheet: &mut Sheet<'_>) {
        let Planned { plan, record, delimiters, .. } = self.planned;
        let dialect = self.context.analyser.profile.dialect();
        let place = sheet.field_place(number);
        let field = plan.field(number);
        let dismissed = matches!(field, FieldPlan::Ignored);
        if dismissed && dialect.is_structural(plan.name, number) {
            return sheet.put(piece, place, structure(dialect, record, number));
        }
        if is_blank(piece.text, delimiters) {
            return sheet.put(piece, place, blank(piece.text));
        }
        match field {
            FieldPlan::Ignored => self.ignored(number, piece, sheet),
            FieldPlan::Unaccounted if says_nothing(piece.text, delimiters) => {
                sheet.put(piece, place, Became::Structure("delimiter"));
            }
            FieldPlan::Unaccounted => sheet.put(piece, place, unknown(NOT_MENTIONED)),
            FieldPlan::Read(cells) => {
                let spot = self.planned.spot(u32::try_from(number).unwrap_or(u32::MAX));
                self.cells(cells, piece, spot, sheet);
            }
        }
    }

    /// A field that is dismissed; of a header it may still tell which message this is.
    fn ignored(&self, number: usize, piece: Piece<'m>, sheet: &mut Sheet<'_>) {
        let record = self.planned.plan.name;
        let decides = |path: &Path| path.record == record && path.field == Some(number);
        let when: Vec<&Path> = self.context.layout.when.iter().map(|one| &one.path).collect();
        if !when.iter().any(|path| decides(path)) {
            let path = Path { record, field: Some(number), component: None, subcomponent: None };
            return sheet.put(piece, sheet.field_place(number), self.because(&path));
        }
        let spot = self.planned.spot(u32::try_from(number).unwrap_or(u32::MAX));
        self.leaves(piece, spot, &mut |spot, piece| {
            let path = path(spot);
            let became = match when.iter().any(|decisive| **decisive == path) {
                true => super::mapped("kind of message", None),
                false => self.because(&path),
            };
            self.put(spot, piece, became, sheet);
        });
    }

    fn cells(&self, cells: &FieldCells, piece: Piece<'m>, spot: Spot, sheet: &mut Sheet<'_>) {
        let delimiters = self.planned.delimiters;
        for (repeat, whole) in (1..).zip(piece.repeats(delimiters)) {
            let spot = Spot { repeat, ..spot };
            if cells.whole_is_value && self.says_the_value_again(whole, spot) {
                let said = Some("the same as before".to_owned());
                let role = meaning::words(Role::Text(Slot::Value));
                self.put(spot, whole, super::mapped(role, said), sheet);
                continue;
            }
            let mut plans = cells.components.iter();
            for (component, piece) in (1..).zip(whole.components(delimiters)) {
                let spot = Spot { component, ..spot };
                self.component(plans.next(), piece, spot, sheet);
            }
        }
    }

    fn component(
        &self,
        plan: Option<&ComponentPlan>,
        piece: Piece<'m>,
        spot: Spot,
        sheet: &mut Sheet<'_>,
    ) {
        let Some(plan) = plan else {
            let became = self.became(None, Found { piece, spot });
            return self.put(spot, piece, became, sheet);
        };
        if plan.ignored {
            return self.put(spot, piece, self.because(&path(spot)), sheet);
        }
        let mut parts: Vec<Piece<'m>> = Vec::new();
        match &plan.split {
            Some(at) => parts.extend(split(piece, at)),
            None => parts.extend(piece.subcomponents(self.planned.delimiters)),
        }
        for (subcomponent, piece) in (1..).zip(parts) {
            let spot = Spot { subcomponent, ..spot };
            let cell = plan.cells.get((subcomponent as usize).saturating_sub(1));
            let became = self.became(cell, Found { piece, spot });
            self.put(spot, piece, became, sheet);
        }
    }

    /// Every smallest piece of a field that is not read.
    fn leaves(&self, piece: Piece<'m>, spot: Spot, each: &mut dyn FnMut(Spot, Piece<'m>)) {
        let delimiters = self.planned.delimiters;
        for (repeat, whole) in (1..).zip(piece.repeats(delimiters)) {
            for (component, piece) in (1..).zip(whole.components(delimiters)) {
                for (subcomponent, piece) in (1..).zip(piece.subcomponents(delimiters)) {
                    each(Spot { repeat, component, subcomponent, ..spot }, piece);
                }
            }
        }
    }

    fn put(&self, spot: Spot, piece: Piece<'m>, became: Became, sheet: &mut Sheet<'_>) {
        let became = match is_blank(piece.text, self.planned.delimiters) {
            true => blank(piece.text),
            false => became,
        };
        sheet.put(piece, self.context.spot_text(spot), became);
    }

    /// What the reader made of a smallest piece.
    fn became(&self, cell: Option<&Cell>, found: Found<'m>) -> Became {
        let here = |other: &Found<'m>| other.spot == found.spot;
        let whole = Spot { component: 0, subcomponent: 0, ..found.spot };
        let mut left = self.level.left.iter();
        if let Some(left) = left.find(|left| here(&left.found) || left.found.spot == whole) {
            return unknown(left.why);
        }
        let of_value =
            |role: Role, other: &Found<'m>| role == Role::Text(Slot::Value) && other.spot == whole;
        let pieces = self.level.pieces();
        let read: Vec<(Role, Found<'m>)> =
            pieces.filter(|(role, other)| here(other) || of_value(*role, other)).collect();
        if !read.is_empty() {
            return meaning::of(self.context, self.level, &read);
        }
        if self.all.iter().any(|other| here(other) || other.spot == whole) {
            return Became::Ignored("of this part of a result nothing is decided by".to_owned());
        }
        match cell {
            Some(Cell::Ignored) => self.because(&path(found.spot)),
            Some(Cell::Unaccounted | Cell::Roles(_)) | None => unknown(AND_MORE),
        }
    }

    /// Whether a field is the value once more, which the reader then does not keep.
    fn says_the_value_again(&self, whole: Piece<'m>, spot: Spot) -> bool {
        let first = self.level.slot(Slot::Value);
        first.is_some_and(|first| first.spot.field != spot.field && first.piece.text == whole.text)
    }

    /// Why the profile dismisses a place.
    fn because(&self, leaf: &Path) -> Became {
        let holds = |own: Option<usize>, other| own.is_none() || own == other;
        let covers = |ignored: &&Ignored| {
            let place = &ignored.path;
            place.record == leaf.record
                && holds(place.field, leaf.field)
                && holds(place.component, leaf.component)
                && holds(place.subcomponent, leaf.subcomponent)
        };
        let why = self.context.layout.ignored.iter().find(covers);
        why.map_or_else(|| unknown(AND_MORE), |ignored| Became::Ignored(ignored.why.clone()))
    }
}

fn path(spot: Spot) -> Path {
    let number = |part: u32| Some(part as usize).filter(|part| *part > 0);
    Path {
        record: spot.record,
        field: number(spot.field),
        component: number(spot.component),
        subcomponent: number(spot.subcomponent),
    }
}
