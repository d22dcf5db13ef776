//! Donations in pools, as a pipetting robot writes them: a row for each member, or a row for each
//! pool with a column for each member.

use std::collections::BTreeMap;

use super::cells::{Row, Sheet};
use super::fault::{Fault, FaultKind};
use super::layout::Layout;
use super::racks::{is_empty, number};
use crate::domain::{DonationNumber, DonationNumberScheme, Pool};
use crate::limits;

/// Reads the pools of a file.
pub(super) fn read(
    layout: &Layout,
    sheet: &Sheet,
    scheme: &DonationNumberScheme,
    faults: &mut Vec<Fault>,
) -> Vec<Pool> {
    let mut pools: Vec<Members> = Vec::new();
    let mut lines = BTreeMap::new();
    for row in &sheet.rows {
        let column = layout.columns.pool.as_ref();
        let Some(id) = column.and_then(|column| sheet.cell(row, column)) else { continue };
        if id.text.is_empty() {
            faults.push(Fault::of_cell(row.line, id.number, FaultKind::BlankPool));
            continue;
        }
        let mut members = members(layout, sheet, row, scheme, &mut lines, faults);
        match pools.iter_mut().find(|pool| pool.id == id.text) {
            Some(pool) => pool.members.append(&mut members),
            None => pools.push(Members { id: id.text.to_owned(), members }),
        }
    }
    no_tube_is_a_pool(layout, sheet, &pools, faults);
    pools.into_iter().map(|pool| pool.in_order(layout, faults)).collect()
}

struct Members {
    id: String,
    members: Vec<Member>,
}

struct Member {
    line: u64,
    cell: usize,
    /// Its place in the pool, where the file says so.
    place: Option<u32>,
    din: DonationNumber,
}

fn members(
    layout: &Layout,
    sheet: &Sheet,
    row: &Row,
    scheme: &DonationNumberScheme,
    lines: &mut BTreeMap<DonationNumber, u64>,
    faults: &mut Vec<Fault>,
) -> Vec<Member> {
    let place = place(layout, sheet, row, faults);
    let mut members = Vec::new();
    for column in &layout.columns.tube {
        let Some(cell) = sheet.cell(row, column) else { continue };
        if is_empty(layout, cell.text) {
            continue;
        }
        match number(layout, cell.text, scheme) {
            Ok(din) => {
                if let Some(line) = lines.insert(din.clone(), row.line) {
                    let (tube, line) = (din.to_string(), line.to_string());
                    let kind = FaultKind::DuplicateTube { tube, line };
                    faults.push(Fault::of_cell(row.line, cell.number, kind));
                }
                members.push(Member { line: row.line, cell: cell.number, place, din });
            }
            Err(kind) => faults.push(Fault::of_cell(row.line, cell.number, kind)),
        }
    }
    members
}

fn place(layout: &Layout, sheet: &Sheet, row: &Row, faults: &mut Vec<Fault>) -> Option<u32> {
    let cell = sheet.cell(row, layout.columns.position.as_ref()?)?;
    let place = layout.positions.number(cell.text);
    if place.is_none() {
        let most = layout.positions.count().to_string();
        let kind = FaultKind::NoSuchPosition { text: cell.text.to_owned(), most };
        faults.push(Fault::of_cell(row.line, cell.number, kind));
    }
    place
}

fn no_tube_is_a_pool(layout: &Layout, sheet: &Sheet, pools: &[Members], faults: &mut Vec<Fault>) {
    for row in &sheet.rows {
        for cell in layout.columns.tube.iter().filter_map(|column| sheet.cell(row, column)) {
            if pools.iter().any(|pool| pool.id == cell.text) {
                // That it is no donation number follows from that.
                let is_here = |f: &Fault| f.line == row.line && f.cell == Some(cell.number);
                faults.retain(|fault| !is_here(fault));
                let kind = FaultKind::TubeIsPool { tube: cell.text.to_owned() };
                faults.push(Fault::of_cell(row.line, cell.number, kind));
            }
        }
    }
}

impl Members {
    /// In the order of their places, or of the file.
    fn in_order(mut self, layout: &Layout, faults: &mut Vec<Fault>) -> Pool {
        self.members.sort_by_key(|member| member.place);
        for pair in self.members.windows(2) {
            let [one, other] = pair else { continue };
            if let Some(place) = one.place.filter(|place| Some(*place) == other.place) {
                let (position, line) = (place.to_string(), one.line.to_string());
                let kind = FaultKind::PositionUsed { position, line };
                faults.push(Fault::of_cell(other.line, other.cell, kind));
            }
        }
        if let Some(past) = self.members.get(limits::POOL_MEMBERS_MAX) {
            let (pool, most) = (self.id.clone(), limits::POOL_MEMBERS_MAX.to_string());
            faults.push(Fault::of_line(past.line, FaultKind::TooManyMembers { pool, most }));
        }
        let members = self.members.into_iter().map(|member| member.din).collect();
        Pool { id: self.id, members, made_by: layout.made_by.clone() }
    }
}
