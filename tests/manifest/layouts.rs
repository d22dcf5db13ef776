//! Layouts: those that are shipped, and what is refused in one.

use hemogate::limits;
use hemogate::manifest::{Layout, shipped, shipped_names};

fn faults(layout: &str) -> Vec<String> {
    let faults = Layout::parse("a.toml", layout).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn every_shipped_layout_is_good_and_called_like_its_file() {
    let mut count = 0;
    for name in shipped_names() {
        let layout = Layout::parse(name, shipped(name).unwrap()).unwrap();
        assert_eq!(layout.name, name);
        count += 1;
    }
    assert!(count >= 2);
}

#[test]
fn every_fault_of_a_layout_is_told_at_once() {
    let layout = shipped("generic-sorter").unwrap();
    let layout = layout
        .replace("content = \"racks\"", "content = \"trays\"")
        .replace("separator = \",\"", "separator = \"ab\"")
        .replace("EDTA = \"edta\"", "EDTA = \"glass\"")
        .replace("count = 100", "colour = 3");
    let faults = faults(&layout).join("\n");
    for told in [
        "content: is neither \"racks\" nor \"pools\"",
        "file.separator: is not one of",
        "containers.EDTA: is no container",
        "positions: count is missing",
        "positions.colour: is not a known key",
    ] {
        assert!(faults.contains(told), "{told}: {faults}");
    }
}

#[test]
fn a_column_is_named_once_and_a_file_without_titles_has_numbers() {
    let layout = shipped("generic-sorter").unwrap();
    let twice = layout.replace("\"Lane\"", "\"Tube\"");
    assert!(faults(&twice)[0].contains("Tube is named twice"));
    let untitled = layout.replace("separator = \",\"", "separator = \",\"\ntitles = false");
    let faults = faults(&untitled).join("\n");
    assert!(faults.contains("Rack: the file has no titles"), "{faults}");
    assert!(faults.contains("cells goes with titles = false"), "{faults}");
}

#[test]
fn a_rack_has_as_many_positions_as_the_bound_at_most() {
    let layout = |count: u32| {
        let layout = shipped("generic-sorter").unwrap();
        layout.replace("count = 100", &format!("count = {count}"))
    };
    let most = limits::RACK_POSITIONS_MAX;
    assert!(Layout::parse("a.toml", &layout(most)).is_ok());
    assert!(faults(&layout(most + 1))[0].contains("is not between 1 and"));
}

#[test]
fn a_well_that_was_not_read_is_not_taken_for_an_empty_one() {
    let file = super::fixture("tube-rack-scan.csv");
    let rack = &super::read("tube-rack-scan", &file).unwrap().racks[0];
    let positions: Vec<_> = rack.tubes.iter().map(|tube| tube.position).collect();
    assert_eq!((positions, rack.positions), (vec![1, 2, 13], 96));
    let unread = format!("{file}R0007,B02,NO READ\n");
    let faults = super::read("tube-rack-scan", &unread).unwrap_err();
    assert!(faults[0].starts_with("line 4, column 3: \"NO READ\" is no donation number"));
}
