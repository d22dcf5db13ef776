//! Where a donation's tubes were: racks it stood in, pools it went into.

use super::file::encoded;
use super::words;
use crate::console::text::Text;
use crate::domain::{
    Facts, OtherMember, Placement, PoolFacts, PoolMembers, RecordedStatement, Statement,
};

/// A pool.
pub(super) struct InPool {
    pub(super) id: String,
    pub(super) size: u32,
    pub(super) members: String,
    pub(super) others: Vec<Member>,
}

/// Another member of it.
pub(super) struct Member {
    pub(super) din: String,
    pub(super) path: String,
    pub(super) single: String,
    pub(super) kind: &'static str,
    pub(super) mark: &'static str,
}

/// A place in a rack.
pub(super) struct InRack {
    pub(super) loading: String,
    pub(super) path: String,
    pub(super) rack: String,
    pub(super) position: u32,
    pub(super) analyser: Option<String>,
    pub(super) by: String,
    pub(super) at: String,
    /// What became of it: taken out, in doubt, settled.
    pub(super) became: Vec<String>,
}

/// Its pools.
pub(super) fn pools(text: &Text, facts: &Facts) -> Vec<InPool> {
    facts.pools.iter().map(|pool| in_pool(text, pool)).collect()
}

fn in_pool(text: &Text, pool: &PoolFacts) -> InPool {
    let members = match pool.members {
        PoolMembers::Recorded => "recorded",
        PoolMembers::Unknown => "unknown",
        PoolMembers::AddedLater => "added-later",
        PoolMembers::Duplicate => "duplicate",
    };
    InPool {
        id: pool.id.clone(),
        size: pool.size,
        members: text.word("pool-members", members),
        others: pool.others.iter().map(|other| member(text, other)).collect(),
    }
}

fn member(text: &Text, other: &OtherMember) -> Member {
    let (kind, mark) = other.single.map_or(("wait", "…"), words::reading_kind);
    let reading = other.single.map(|reading| words::reading(text, reading));
    Member {
        din: other.din.to_string(),
        path: encoded(other.din.as_str()),
        single: reading.unwrap_or_else(|| text.say("donation-not-tested-singly")),
        kind,
        mark,
    }
}

/// The places it stood at, oldest first.
pub(super) fn racks(text: &Text, statements: &[RecordedStatement]) -> Vec<InRack> {
    let placed = statements.iter().filter_map(|said| {
        let Statement::Placed(place) = &said.statement else { return None };
        Some((said, place))
    });
    placed.map(|(said, place)| in_rack(text, said, place, statements)).collect()
}

fn in_rack(
    text: &Text,
    said: &RecordedStatement,
    place: &Placement,
    statements: &[RecordedStatement],
) -> InRack {
    let later = statements.iter().filter(|later| later.id > said.id);
    let about = later.filter(|later| loading_of(&later.statement) == Some(&place.loading));
    InRack {
        loading: place.loading.clone(),
        path: encoded(&place.loading),
        rack: place.rack.clone(),
        position: place.position,
        analyser: place.analyser.clone(),
        by: said.by.clone(),
        at: words::time(text, said.at),
        became: about.map(|later| words::statement(text, &later.statement)).collect(),
    }
}

/// The loading that a later statement says something of.
fn loading_of(statement: &Statement) -> Option<&String> {
    if let Statement::TakenOut(loading) = statement {
        return Some(loading);
    }
    if let Statement::RackInDoubt(doubt) = statement {
        return Some(&doubt.loading);
    }
    let Statement::RackSettled(settled) = statement else { return None };
    Some(&settled.loading)
}
