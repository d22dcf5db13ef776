//! One record's pieces, each put where the profile wants it or set aside as unaccounted.

use super::super::profile::RecordName;
use super::super::profile::tables::{
    Aspect, Cell, ComponentPlan, FieldCells, FieldPlan, RecordPlan, Role, Slot,
};
use crate::codec::{Delimiters, Escapes, Piece, Record};
use crate::limits;

/// Where a piece stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) record: RecordName,
    /// Which of its kind in the message, from 1.
    pub(super) index: usize,
    pub(super) field: usize,
    pub(super) repeat: usize,
    pub(super) component: usize,
    pub(super) subcomponent: usize,
}

/// A piece with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'m> {
    pub(super) piece: Piece<'m>,
    pub(super) spot: Spot,
}

/// A piece that nobody understood.
#[derive(Clone, Debug)]
pub(super) struct Left<'m> {
    pub(super) found: Found<'m>,
    pub(super) why: &'static str,
}

/// What the records of one scope said.
#[derive(Debug, Default)]
pub(super) struct Level<'m> {
    /// Specimen ids with the priority of their place.
    pub(super) ids: Vec<(usize, Found<'m>)>,
    pub(super) slots: [Option<Found<'m>>; Slot::COUNT],
    /// Pieces with a code to be looked up.
    pub(super) coded: Vec<(Role, Found<'m>)>,
    pub(super) ordered: Vec<Found<'m>>,
    pub(super) left: Vec<Left<'m>>,
}

/// Why a piece that no profile mentions is unaccounted.
const NOT_MENTIONED: &str = "the profile does not mention this place";
const REPEATED: &str = "the profile reads the first repeat only";
const TOO_MANY: &str = "more of these than one result can have";
const AND_MORE: &str = "this and perhaps more, which is not listed";
const NO_VALUE: &str = "the part of a result that is its verdict has no such field";
const TWICE: &str = "the same is said twice, differently";

impl<'m> Level<'m> {
    /// Takes every piece of a record. `index` is the record's number among its kind.
    pub(super) fn take(
        &mut self,
        plan: &RecordPlan,
        record: Record<'m>,
        index: usize,
        delimiters: &Delimiters,
    ) {
        if plan.ignored {
            return;
        }
        for (field, piece) in record.fields() {
            if is_blank(piece.text, delimiters) {
                continue;
            }
            let spot =
                Spot { record: plan.name, index, field, repeat: 1, component: 0, subcomponent: 0 };
            match plan.field(field) {
                FieldPlan::Ignored => {}
                FieldPlan::Unaccounted => self.leave(Found { piece, spot }, NOT_MENTIONED),
                FieldPlan::Read(cells) => self.take_field(cells, piece, spot, delimiters),
            }
        }
    }

    /// The text at a slot, if one was sent.
    pub(super) fn slot(&self, slot: Slot) -> Option<Found<'m>> {
        self.slots.get(slot.index()).copied().flatten()
    }

    /// Sets a piece aside as unaccounted. Beyond the bound it is enough that there is one.
    pub(super) fn leave(&mut self, found: Found<'m>, why: &'static str) {
        match self.left.len() + 1 {
            count if count < limits::UNACCOUNTED_PER_GROUP_MAX => {
                self.left.push(Left { found, why });
            }
            limits::UNACCOUNTED_PER_GROUP_MAX => self.left.push(Left { found, why: AND_MORE }),
            _ => {}
        }
    }

    fn take_field(
        &mut self,
        cells: &FieldCells,
        piece: Piece<'m>,
        spot: Spot,
        delimiters: &Delimiters,
    ) {
        if !is_divided(piece.text, delimiters) {
            return self.take_undivided(cells, piece, spot, delimiters);
        }
        for (repeat, whole) in piece.repeats(delimiters).enumerate() {
            let spot = Spot { repeat: repeat + 1, ..spot };
            if repeat == 0 && cells.whole_is_value && !is_blank(whole.text, delimiters) {
                self.fill(Slot::Value, Found { piece: whole, spot });
            }
            for (number, component) in whole.components(delimiters).enumerate() {
                let spot = Spot { component: number + 1, ..spot };
                self.take_component(cells.components.get(number), component, spot, delimiters);
            }
        }
    }

    /// The usual case, without a walk over parts that are not there.
    fn take_undivided(
        &mut self,
        cells: &FieldCells,
        piece: Piece<'m>,
        spot: Spot,
        delimiters: &Delimiters,
    ) {
        if cells.whole_is_value {
            self.fill(Slot::Value, Found { piece, spot });
        }
        let spot = Spot { component: 1, ..spot };
        match cells.components.first() {
            Some(plan) if plan.ignored => {}
            Some(plan) if plan.split.is_none() => {
                self.take_cell(plan, piece, Spot { subcomponent: 1, ..spot }, delimiters);
            }
            plan => self.take_component(plan, piece, spot, delimiters),
        }
    }

    fn take_component(
        &mut self,
        plan: Option<&ComponentPlan>,
        component: Piece<'m>,
        spot: Spot,
        delimiters: &Delimiters,
    ) {
        if is_blank(component.text, delimiters) {
            return;
        }
        let Some(plan) = plan else {
            return self.leave(Found { piece: component, spot }, NOT_MENTIONED);
        };
        if plan.ignored {
            return;
        }
        if let Some(at) = plan.split {
            for (number, part) in split(component, at).enumerate() {
                self.take_cell(plan, part, Spot { subcomponent: number + 1, ..spot }, delimiters);
            }
            return;
        }
        for (number, part) in component.subcomponents(delimiters).enumerate() {
            self.take_cell(plan, part, Spot { subcomponent: number + 1, ..spot }, delimiters);
        }
    }

    fn take_cell(
        &mut self,
        plan: &ComponentPlan,
        piece: Piece<'m>,
        spot: Spot,
        delimiters: &Delimiters,
    ) {
        if is_blank(piece.text, delimiters) {
            return;
        }
        let found = Found { piece, spot };
        match plan.cells.get(spot.subcomponent.saturating_sub(1)) {
            None | Some(Cell::Unaccounted) => self.leave(found, NOT_MENTIONED),
            Some(Cell::Ignored) => {}
            Some(Cell::Roles(roles)) => self.take_roles(roles, found),
        }
    }

    fn take_roles(&mut self, roles: &[Role], found: Found<'m>) {
        if found.spot.repeat > 1 && !roles.iter().any(|role| every_repeat(*role)) {
            return self.leave(found, REPEATED);
        }
        let read = roles.iter().filter(|role| found.spot.repeat == 1 || every_repeat(**role));
        for role in read {
            match *role {
                Role::Text(slot) => self.fill(slot, found),
                Role::SpecimenId(_) if self.ids.len() >= limits::IDS_PER_GROUP_MAX => {
                    self.leave(found, TOO_MANY);
                }
                Role::SpecimenId(priority) => self.ids.push((priority, found)),
                _ if self.coded.len() + self.ordered.len() >= limits::CODES_PER_GROUP_MAX => {
                    self.leave(found, TOO_MANY);
                }
                Role::OrderedTest => self.ordered.push(found),
                Role::Status
                | Role::OrderStatus
                | Role::Verdict(_)
                | Role::Flags(_)
                | Role::Kind(_)
                | Role::Aspect => self.coded.push((*role, found)),
            }
        }
    }

    /// Keeps of a record only what its aspect is there for.
    pub(super) fn keep(&mut self, aspect: Aspect) {
        let (drop, leave): (&[Slot], &[Slot]) = match aspect {
            Aspect::Value => (&[], &[]),
            // The word stands where the value of other records stands.
            Aspect::Verdict => (&[Slot::Value], &[Slot::Number, Slot::Unit]),
            Aspect::Raw => (&[Slot::Value, Slot::Number, Slot::Unit], &[]),
        };
        for slot in drop.iter().chain(leave) {
            let Some(place) = self.slots.get_mut(slot.index()) else { continue };
            let found = place.take();
            if let Some(found) = found.filter(|_| leave.contains(slot)) {
                self.leave(found, NO_VALUE);
            }
        }
        if aspect != Aspect::Verdict {
            self.coded.retain(|(role, _)| !matches!(role, Role::Verdict(_)));
        }
    }

    /// Takes in what another record of the same result says.
    pub(super) fn absorb(&mut self, other: Level<'m>) {
        self.ids.extend(other.ids);
        self.coded.extend(other.coded);
        self.ordered.extend(other.ordered);
        for Left { found, why } in other.left {
            self.leave(found, why);
        }
        let mut twice = Vec::new();
        for (place, found) in self.slots.iter_mut().zip(other.slots) {
            match (place.as_ref(), found) {
                (None, _) => *place = found,
                (Some(first), Some(second)) if first.piece.text != second.piece.text => {
                    twice.push(second);
                }
                (Some(_), _) => {}
            }
        }
        twice.into_iter().for_each(|found| self.leave(found, TWICE));
    }

    /// The codes at places with a role, in the order they were sent.
    pub(super) fn codes(&self, role: Role) -> impl Iterator<Item = Found<'m>> {
        self.coded.iter().filter(move |(known, _)| *known == role).map(|(_, found)| *found)
    }

    /// Fills a slot once; a second, different text is not dropped.
    fn fill(&mut self, slot: Slot, found: Found<'m>) {
        let Some(place) = self.slots.get_mut(slot.index()) else { return };
        match place {
            None => *place = Some(found),
            Some(first) if first.piece.text == found.piece.text => {}
            Some(_) => self.leave(found, TWICE),
        }
    }
}

/// Whether all repeats of a place are read.
const fn every_repeat(role: Role) -> bool {
    match role {
        Role::SpecimenId(_) | Role::OrderedTest | Role::Flags(_) => true,
        Role::Text(_)
        | Role::Status
        | Role::OrderStatus
        | Role::Verdict(_)
        | Role::Kind(_)
        | Role::Aspect => false,
    }
}

/// Nothing but padding; in HL7 also `""`, which says "no value" (v2.5.1 2.5.3).
fn is_blank(text: &str, delimiters: &Delimiters) -> bool {
    text.bytes().all(|byte| byte == b' ') || (delimiters.escapes == Escapes::Hl7 && text == "\"\"")
}

fn is_divided(text: &str, delimiters: &Delimiters) -> bool {
    text.bytes().any(|byte| {
        byte == delimiters.repeat
            || byte == delimiters.component
            || Some(byte) == delimiters.subcomponent
    })
}

fn split(piece: Piece<'_>, at: char) -> impl Iterator<Item = Piece<'_>> {
    let mut offset = piece.offset;
    piece.text.split(at).map(move |text| {
        let part = Piece { text, offset };
        offset += text.len() + at.len_utf8();
        part
    })
}
