//! Who may look into which room: the table of ARCHITECTURE.md, enforced.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::sources;

/// Rooms that anybody may use, because they hold names and bounds only.
const OPEN: [&str; 1] = ["limits"];

/// Files that belong to no room.
const DOORS: [&str; 2] = ["lib", "main"];

#[test]
fn rooms_import_only_what_the_table_in_architecture_allows() {
    let table = table();
    let mut broken = Vec::new();
    for (room, used) in imports() {
        let allowed = table.get(&room).unwrap_or_else(|| {
            panic!("room `{room}` is not in the table of ARCHITECTURE.md: add it there first")
        });
        for other in used.difference(allowed) {
            broken.push(format!("`{room}` uses `{other}`"));
        }
    }
    assert!(broken.is_empty(), "not allowed by the table of ARCHITECTURE.md: {broken:#?}");
}

#[test]
fn no_two_rooms_import_each_other() {
    let imports = imports();
    for (room, used) in &imports {
        for other in used {
            let back = imports.get(other).is_some_and(|used| used.contains(room));
            assert!(!back, "`{room}` and `{other}` import each other");
        }
    }
}

#[test]
fn the_table_names_only_rooms_that_exist() {
    let imports = imports();
    for (room, allowed) in table() {
        assert!(imports.contains_key(&room), "the table names `{room}`, which does not exist");
        for other in allowed {
            assert!(imports.contains_key(&other), "`{room}` may use `{other}`: no such room");
        }
    }
}

#[test]
fn the_table_allows_nothing_that_no_code_needs() {
    let imports = imports();
    for (room, allowed) in table() {
        let unused: Vec<_> = allowed.difference(&imports[&room]).collect();
        assert!(unused.is_empty(), "the table lets `{room}` use {unused:?}, and it does not");
    }
}

/// Otherwise the tests above would not see every import.
#[test]
fn a_room_is_named_from_the_crate_on() {
    for source in sources::below(&["src"]) {
        let code = source.code_without_tests();
        let out_of_the_room = "super::".repeat(source.depth());
        for hidden in [out_of_the_room.as_str(), "crate::*", "use crate as", "extern crate self"] {
            assert!(!code.contains(hidden), "{} says {hidden}", source.path);
        }
    }
}

#[test]
fn only_session_and_the_rooms_above_it_know_tokio() {
    let knowing = ["session", "api", "console", "simulator", "conform", "daemon", "cli"];
    for source in sources::below(&["src"]) {
        if !knowing.contains(&source.room()) {
            assert!(!source.code().contains("tokio"), "{} knows tokio", source.path);
        }
    }
}

/// Rooms with the rooms their code names, tests included.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let sources = sources::below(&["src"]);
    let rooms: BTreeSet<String> = sources.iter().map(|s| s.room().to_owned()).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in &sources {
        if DOORS.contains(&source.room()) {
            continue;
        }
        let used = imports.entry(source.room().to_owned()).or_default();
        for room in &rooms {
            let named = names_room(&source.code(), room);
            if named && room != source.room() && !OPEN.contains(&room.as_str()) {
                used.insert(room.clone());
            }
        }
    }
    imports
}

/// Whether code says `crate::room` or lists it in `use crate::{..}`.
fn names_room(code: &str, room: &str) -> bool {
    let direct = code.match_indices(&format!("crate::{room}")).any(|(at, found)| {
        let next = code[at + found.len()..].chars().next().unwrap_or(' ');
        !next.is_alphanumeric() && next != '_'
    });
    let listed = code.split("use crate::{").skip(1).any(|rest| {
        let list = rest.split(';').next().unwrap_or("");
        list.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == room)
    });
    direct || listed
}

/// The table of ARCHITECTURE.md: lines `| `room` | what | `other`, `other` |`.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(sources::root().join("ARCHITECTURE.md")).unwrap();
    let section = text.split("## The rooms").nth(1).expect("ARCHITECTURE.md has a room table");
    let section = section.split("\n## ").next().unwrap();
    let mut table = BTreeMap::new();
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').collect();
        let allowed: BTreeSet<String> = words(cells[2]).collect();
        for room in words(cells[0]) {
            table.insert(room, allowed.clone());
        }
    }
    assert!(table.len() > 10, "the room table was not found");
    table
}

fn words(cell: &str) -> impl Iterator<Item = String> + '_ {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}
