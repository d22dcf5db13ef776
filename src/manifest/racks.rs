//! Tubes in racks (FM-05: an id that repeats, a tube called like a rack, another count of tubes
//! than were loaded).

use std::collections::BTreeMap;

use super::cells::{Row, Sheet};
use super::fault::{Fault, FaultKind};
use super::layout::Layout;
use super::{Rack, Tube};
use crate::domain::{Container, DonationNumber, DonationNumberError, DonationNumberScheme};

/// Reads the racks of a file.
pub(super) fn read(
    layout: &Layout,
    sheet: &Sheet,
    scheme: &DonationNumberScheme,
    faults: &mut Vec<Fault>,
) -> Vec<Rack> {
    let mut reading = Reading { layout, sheet, racks: Vec::new(), lines: BTreeMap::new() };
    for row in &sheet.rows {
        reading.row(row, scheme, faults);
    }
    reading.no_tube_is_a_rack(faults);
    // Where a tube is at fault, what is counted would be at fault too.
    if faults.is_empty() {
        reading.count_tubes(faults);
    }
    reading.racks
}

struct Reading<'l> {
    layout: &'l Layout,
    sheet: &'l Sheet,
    racks: Vec<Rack>,
    /// In which line a tube stands.
    lines: BTreeMap<DonationNumber, u64>,
}

impl Reading<'_> {
    fn row(&mut self, row: &Row, scheme: &DonationNumberScheme, faults: &mut Vec<Fault>) {
        let columns = &self.layout.columns;
        let Some(rack) = columns.rack.as_ref().and_then(|c| self.sheet.cell(row, c)) else {
            return;
        };
        if rack.text.is_empty() {
            faults.push(Fault::of_cell(row.line, rack.number, FaultKind::BlankRack));
            return;
        }
        let tube = columns.tube.first().and_then(|column| self.sheet.cell(row, column));
        let Some(tube) = tube.filter(|tube| !is_empty(self.layout, tube.text)) else { return };
        let position = self.position(row, rack.text, faults);
        let din = match number(self.layout, tube.text, scheme) {
            Ok(din) => Some(din),
            Err(kind) => {
                faults.push(Fault::of_cell(row.line, tube.number, kind));
                None
            }
        };
        let container = self.container(row, faults);
        let (Some(position), Some(din)) = (position, din) else { return };
        if let Some(line) = self.lines.insert(din.clone(), row.line) {
            let (tube_id, line) = (din.to_string(), line.to_string());
            let kind = FaultKind::DuplicateTube { tube: tube_id, line };
            faults.push(Fault::of_cell(row.line, tube.number, kind));
            return;
        }
        self.put(rack.text, container, Tube { line: row.line, position, din }, faults);
    }

    fn position(&self, row: &Row, rack: &str, faults: &mut Vec<Fault>) -> Option<u32> {
        let column = self.layout.columns.position.as_ref()?;
        let cell = self.sheet.cell(row, column)?;
        let Some(position) = self.layout.positions.number(cell.text) else {
            let most = self.layout.positions.count().to_string();
            let kind = FaultKind::NoSuchPosition { text: cell.text.to_owned(), most };
            faults.push(Fault::of_cell(row.line, cell.number, kind));
            return None;
        };
        let known = self.racks.iter().find(|known| known.rack == rack);
        let used = known.and_then(|known| known.tubes.iter().find(|t| t.position == position));
        if let Some(used) = used {
            let (position, line) = (cell.text.to_owned(), used.line.to_string());
            let kind = FaultKind::PositionUsed { position, line };
            faults.push(Fault::of_cell(row.line, cell.number, kind));
        }
        Some(position)
    }

    fn container(&self, row: &Row, faults: &mut Vec<Fault>) -> Option<Container> {
        let Some(column) = &self.layout.columns.container else { return self.layout.container };
        let cell = self.sheet.cell(row, column)?;
        let found = self.layout.containers.get(cell.text).copied();
        if found.is_none() {
            let kind = FaultKind::UnknownContainer { text: cell.text.to_owned() };
            faults.push(Fault::of_cell(row.line, cell.number, kind));
        }
        found
    }

    fn put(
        &mut self,
        rack: &str,
        container: Option<Container>,
        tube: Tube,
        faults: &mut Vec<Fault>,
    ) {
        let Some(known) = self.racks.iter_mut().find(|known| known.rack == rack) else {
            let positions = self.layout.positions.count();
            let rack = Rack { rack: rack.to_owned(), positions, container, tubes: vec![tube] };
            return self.racks.push(rack);
        };
        if known.container != container {
            let kind = FaultKind::MixedContainers { rack: rack.to_owned() };
            faults.push(Fault::of_line(tube.line, kind));
        }
        known.tubes.push(tube);
    }

    fn no_tube_is_a_rack(&self, faults: &mut Vec<Fault>) {
        for row in &self.sheet.rows {
            let column = self.layout.columns.tube.first();
            let Some(cell) = column.and_then(|column| self.sheet.cell(row, column)) else {
                continue;
            };
            let bare = bare(self.layout, cell.text);
            if self.racks.iter().any(|rack| rack.rack == cell.text || rack.rack == bare) {
                // That it is no donation number follows from that.
                let is_here = |f: &Fault| f.line == row.line && f.cell == Some(cell.number);
                faults.retain(|fault| !is_here(fault));
                let kind = FaultKind::TubeIsRack { tube: cell.text.to_owned() };
                faults.push(Fault::of_cell(row.line, cell.number, kind));
            }
        }
    }

    /// What the file says of how many tubes a rack holds is so.
    fn count_tubes(&self, faults: &mut Vec<Fault>) {
        let columns = &self.layout.columns;
        let (Some(rack), Some(loaded)) = (&columns.rack, &columns.loaded) else { return };
        for row in &self.sheet.rows {
            let cells = (self.sheet.cell(row, rack), self.sheet.cell(row, loaded));
            let (Some(rack), Some(loaded)) = cells else { continue };
            let known = self.racks.iter().find(|known| known.rack == rack.text);
            let found = known.map_or(0, |known| known.tubes.len());
            if loaded.text.parse() != Ok(found) {
                let (text, found) = (loaded.text.to_owned(), found.to_string());
                let kind = FaultKind::TubeCount { text, found };
                faults.push(Fault::of_cell(row.line, loaded.number, kind));
            }
        }
    }
}

/// Whether a text stands for no tube.
pub(super) fn is_empty(layout: &Layout, text: &str) -> bool {
    layout.empty.iter().any(|empty| empty == text)
}

/// A number without what the layout says stands before it.
fn bare<'t>(layout: &Layout, text: &'t str) -> &'t str {
    layout.prefixes.iter().find_map(|prefix| text.strip_prefix(prefix.as_str())).unwrap_or(text)
}

/// The donation of a tube.
pub(super) fn number(
    layout: &Layout,
    text: &str,
    scheme: &DonationNumberScheme,
) -> Result<DonationNumber, FaultKind> {
    match scheme.parse(bare(layout, text)) {
        Ok(scanned) => Ok(scanned.din),
        Err(DonationNumberError::Shape { .. }) => {
            Err(FaultKind::NotANumber { text: text.to_owned() })
        }
        Err(DonationNumberError::CheckCharacter { expected, .. }) => {
            Err(FaultKind::WrongCheck { text: text.to_owned(), wanted: expected })
        }
    }
}
