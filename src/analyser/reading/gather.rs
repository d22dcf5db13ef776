//! One record's pieces, each put where the profile wants it or set aside as unaccounted.

use super::super::profile::tables::{
    Aspect, Cell, ComponentPlan, FieldCells, FieldPlan, RecordPlan, Role, Slot,
};
use super::super::profile::{Path, RecordName};
use crate::codec::{Delimiters, Escapes, Piece, Record};
use crate::limits;

/// Where a piece stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) record: RecordName,
    /// Which of its kind in the message, from 1.
    pub(super) index: u32,
    pub(super) field: u32,
    pub(super) repeat: u32,
    pub(super) component: u32,
    pub(super) subcomponent: u32,
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
    /// Every piece that is read, in the order in which it was sent.
    pieces: Vec<(Role, Found<'m>)>,
    /// Which of the pieces fills a slot.
    slots: [Option<u16>; Slot::COUNT],
    /// What the pieces are read for, one bit each: most questions end here.
    purposes: u16,
    ids: usize,
    codes: usize,
    pub(super) left: Vec<Left<'m>>,
}

/// The code of a test, where it stands at one place or at two.
pub(super) type TestCode<'m> = [Option<&'m str>; 2];

/// A record with the plan to take it apart by.
#[derive(Clone, Copy)]
pub(super) struct Planned<'p, 'm> {
    pub(super) plan: &'p RecordPlan,
    pub(super) record: Record<'m>,
    /// The record's number among its kind.
    pub(super) index: u32,
    pub(super) delimiters: &'p Delimiters,
}

impl<'m> Planned<'_, 'm> {
    /// The record itself as a piece.
    pub(super) fn whole(&self) -> Found<'m> {
        Found { piece: self.record.line(), spot: self.spot(0) }
    }

    /// What stands at one place, if anything does.
    fn at(&self, path: &Path) -> Option<Found<'m>> {
        let [field, component, subcomponent] =
            [path.field, path.component, path.subcomponent].map(|number| number.unwrap_or(1));
        let component_piece = self.record.field(field)?.component(self.delimiters, component)?;
        let mut parts = component_piece.subcomponents(self.delimiters);
        let piece = parts.nth(subcomponent.checked_sub(1)?)?;
        let spot = Spot {
            component: component as u32,
            subcomponent: subcomponent as u32,
            ..self.spot(field as u32)
        };
        (!is_blank(piece.text, self.delimiters)).then_some(Found { piece, spot })
    }

    pub(super) fn spot(&self, field: u32) -> Spot {
        let (record, index) = (self.plan.name, self.index);
        Spot { record, index, field, repeat: 1, component: 0, subcomponent: 0 }
    }
}

/// Why a piece that no profile mentions is unaccounted.
pub(super) const NOT_MENTIONED: &str = "the profile does not mention this place";
const REPEATED: &str = "the profile reads the first repeat only";
const TOO_MANY: &str = "more of these than one result can have";
pub(super) const AND_MORE: &str = "this and perhaps more, which is not listed";
const NO_VALUE: &str = "a part of a result that is one word has no such field";
const TWICE: &str = "the same is said twice, differently";

/// Pieces for which room is made at once: a result has about as many.
const FIRST_PIECES: usize = 12;

impl<'m> Level<'m> {
    /// Takes every piece of a record.
    pub(super) fn take(&mut self, planned: Planned<'_, 'm>) {
        let Planned { plan, delimiters, .. } = planned;
        if plan.ignored {
            return;
        }
        for (field, piece) in planned.record.fields() {
            let plan = plan.field(field);
            if matches!(plan, FieldPlan::Ignored) || says_nothing(piece.text, delimiters) {
                continue;
            }
            let spot = planned.spot(field as u32);
            match plan {
                FieldPlan::Ignored => {}
                FieldPlan::Unaccounted => self.leave(Found { piece, spot }, NOT_MENTIONED),
                FieldPlan::Read(cells) => self.take_field(cells, piece, spot, delimiters),
            }
        }
    }

    /// Takes one place of a row that says something of its order, and where it is the overall
    /// result its status.
    pub(super) fn take_row(&mut self, planned: Planned<'_, 'm>, path: &Path, role: Role) {
        if let Some(found) = planned.at(path) {
            self.put(role, found);
        }
        if matches!(role, Role::Overall(_)) {
            let mut row = Level::default();
            row.take(planned);
            for found in row.codes(Role::Status) {
                self.put(Role::Status, found);
            }
        }
    }

    /// The text at a slot, if one was sent.
    pub(super) fn slot(&self, slot: Slot) -> Option<Found<'m>> {
        let at = (*self.slots.get(slot.index())?)?;
        self.pieces.get(usize::from(at)).map(|(_, found)| *found)
    }

    /// The code of the test, as sent.
    pub(super) fn test_code(&self) -> TestCode<'m> {
        let sent = |slot| self.slot(slot).map(|found| found.piece.text);
        [sent(Slot::TestCode), sent(Slot::TestCodePart)]
    }

    /// The codes at places with a role, in the order they were sent.
    pub(super) fn codes(&self, role: Role) -> impl Iterator<Item = Found<'m>> {
        let pieces = self.pieces_for(role);
        pieces.iter().filter(move |(known, _)| *known == role).map(|(_, found)| *found)
    }

    /// All pieces, or none where none is read for this.
    fn pieces_for(&self, role: Role) -> &[(Role, Found<'m>)] {
        if self.purposes & purpose(role) == 0 { &[] } else { &self.pieces }
    }

    /// Whether it says anything of its own about the specimen.
    pub(super) fn marks_specimen(&self) -> bool {
        self.purposes & (purpose(Role::SpecimenId(0)) | purpose(Role::Kind(0))) != 0
    }

    /// Every piece with what it is read for.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (Role, Found<'m>)> {
        self.pieces.iter().copied()
    }

    /// Specimen ids with the priority of their place.
    pub(super) fn ids(&self) -> impl Iterator<Item = (usize, Found<'m>)> {
        self.pieces_for(Role::SpecimenId(0)).iter().filter_map(|(role, found)| match role {
            Role::SpecimenId(priority) => Some((*priority, *found)),
            _ => None,
        })
    }

    /// Whatever was sent first.
    pub(super) fn first(&self) -> Option<Found<'m>> {
        self.pieces.first().map(|(_, found)| *found)
    }

    /// The specimen id that was sent first.
    pub(super) fn first_id(&self) -> Option<Found<'m>> {
        self.ids().next().map(|(_, found)| found)
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
        for (repeat, whole) in (1..).zip(piece.repeats(delimiters)) {
            let spot = Spot { repeat, ..spot };
            if repeat == 1 && cells.whole_is_value && !is_blank(whole.text, delimiters) {
                self.fill(Slot::Value, Found { piece: whole, spot });
            }
            let mut plans = cells.components.iter();
            for (component, piece) in (1..).zip(whole.components(delimiters)) {
                let spot = Spot { component, ..spot };
                self.take_component(plans.next(), piece, spot, delimiters);
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
        if plan.is_some_and(|plan| plan.ignored) || is_blank(component.text, delimiters) {
            return;
        }
        let Some(plan) = plan else {
            return self.leave(Found { piece: component, spot }, NOT_MENTIONED);
        };
        if let Some(at) = &plan.split {
            for (subcomponent, part) in (1..).zip(split(component, at)) {
                self.take_cell(plan, part, Spot { subcomponent, ..spot }, delimiters);
            }
            return;
        }
        for (subcomponent, part) in (1..).zip(component.subcomponents(delimiters)) {
            self.take_cell(plan, part, Spot { subcomponent, ..spot }, delimiters);
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
        match plan.cells.get((spot.subcomponent as usize).saturating_sub(1)) {
            None | Some(Cell::Unaccounted) => self.leave(found, NOT_MENTIONED),
            Some(Cell::Ignored) => {}
            Some(Cell::Roles(roles)) => self.take_roles(roles, found),
        }
    }

    fn take_roles(&mut self, roles: &[Role], found: Found<'m>) {
        let is_first = found.spot.repeat == 1;
        if !is_first && !roles.iter().any(|role| every_repeat(*role)) {
            return self.leave(found, REPEATED);
        }
        for role in roles.iter().filter(|role| is_first || every_repeat(**role)) {
            let has_room = match role {
                Role::Text(_) => true,
                Role::SpecimenId(_) => self.ids < limits::IDS_PER_GROUP_MAX,
                _ => self.codes < limits::CODES_PER_GROUP_MAX,
            };
            match has_room {
                true => self.put(*role, found),
                false => self.leave(found, TOO_MANY),
            }
        }
    }

    fn put(&mut self, role: Role, found: Found<'m>) {
        match role {
            Role::Text(slot) => return self.fill(slot, found),
            Role::SpecimenId(_) => self.ids += 1,
            _ => self.codes += 1,
        }
        self.push(role, found);
    }

    /// Fills a slot once; a second, different text is not dropped. Several things that take part
    /// in a result expire on days of their own.
    fn fill(&mut self, slot: Slot, found: Found<'m>) {
        match self.slot(slot) {
            Some(first) if first.piece.text == found.piece.text => {}
            Some(_) if slot == Slot::ReagentExpiry && self.codes < limits::CODES_PER_GROUP_MAX => {
                self.codes += 1;
                self.push(Role::Text(slot), found);
            }
            Some(_) => self.leave(found, TWICE),
            None => {
                if let Some(place) = self.slots.get_mut(slot.index()) {
                    *place = u16::try_from(self.pieces.len()).ok();
                }
                self.push(Role::Text(slot), found);
            }
        }
    }

    fn push(&mut self, role: Role, found: Found<'m>) {
        if self.pieces.capacity() == 0 {
            self.pieces.reserve(FIRST_PIECES);
        }
        self.purposes |= purpose(role);
        self.pieces.push((role, found));
    }

    /// Keeps of a record only what its aspect is there for.
    pub(super) fn keep(&mut self, aspect: Aspect) {
        let (drop, leave): (&[Slot], &[Slot]) = match aspect {
            Aspect::Value | Aspect::Result => (&[], &[]),
            // The word stands where the value of other records stands.
            Aspect::Verdict | Aspect::Validity => (&[Slot::Value], &[Slot::Number, Slot::Unit]),
            Aspect::Raw => (&[Slot::Value, Slot::Number, Slot::Unit], &[]),
        };
        let left = std::mem::take(&mut self.left);
        for (role, found) in std::mem::replace(self, Level { left, ..Level::default() }).pieces {
            match role {
                Role::Text(Slot::Value) if aspect == Aspect::Validity => {
                    self.put(Role::Validity, found);
                }
                Role::Text(slot) if drop.contains(&slot) => {}
                Role::Text(slot) if leave.contains(&slot) => self.leave(found, NO_VALUE),
                Role::Verdict(_) if !aspect.tells_verdict() => {}
                _ => self.put(role, found),
            }
        }
    }

    /// Takes in what another record of the same result says.
    pub(super) fn absorb(&mut self, other: Level<'m>) {
        for Left { found, why } in other.left {
            self.leave(found, why);
        }
        for (role, found) in other.pieces {
            self.put(role, found);
        }
    }
}

/// The bit of what a piece is read for.
const fn purpose(role: Role) -> u16 {
    1 << match role {
        Role::Text(_) => 0,
        Role::SpecimenId(_) => 1,
        Role::OrderedTest => 2,
        Role::Status => 3,
        Role::OrderStatus => 4,
        Role::Verdict(_) => 5,
        Role::Flags(_) => 6,
        Role::Kind(_) => 7,
        Role::Aspect => 8,
        Role::Validity => 9,
        Role::Overall(_) => 10,
    }
}

/// Whether all repeats of a place are read.
const fn every_repeat(role: Role) -> bool {
    match role {
        Role::SpecimenId(_) | Role::OrderedTest | Role::Flags(_) | Role::Status => true,
        Role::Text(_)
        | Role::OrderStatus
        | Role::Verdict(_)
        | Role::Validity
        | Role::Kind(_)
        | Role::Aspect
        | Role::Overall(_) => false,
    }
}

/// Nothing but padding; in HL7 also `""`, which says "no value" (v2.5.1 2.5.3).
pub(super) fn is_blank(text: &str, delimiters: &Delimiters) -> bool {
    text.bytes().all(|byte| byte == b' ') || (delimiters.escapes == Escapes::Hl7 && text == "\"\"")
}

/// Nothing but padding and delimiters: `^^`, `~~~~`.
pub(super) fn says_nothing(text: &str, delimiters: &Delimiters) -> bool {
    is_blank(text, delimiters) || text.bytes().all(|byte| byte == b' ' || divides(byte, delimiters))
}

fn is_divided(text: &str, delimiters: &Delimiters) -> bool {
    text.bytes().any(|byte| divides(byte, delimiters))
}

fn divides(byte: u8, delimiters: &Delimiters) -> bool {
    byte == delimiters.repeat
        || byte == delimiters.component
        || Some(byte) == delimiters.subcomponent
}

pub(super) fn split<'m>(piece: Piece<'m>, at: &str) -> impl Iterator<Item = Piece<'m>> {
    let mut offset = piece.offset;
    piece.text.split(at).map(move |text| {
        let part = Piece { text, offset };
        offset += text.len() + at.len();
        part
    })
}
