//! What a sorter or a pooling robot wrote: shown first, then imported whole or not at all.

use super::{Laboratory, OpenPage, din};
use crate::bench::{Answer, Bench};

const HEAD: &str = "Rack,Position,Tube,Container,Time,Lane,Operator";

fn sorter(rows: &[String]) -> String {
    format!("{HEAD}\r\n{}\r\nEND,{},,,,,\r\n", rows.join("\r\n"), rows.len())
}

fn row(rack: &str, position: u32, number: u32) -> String {
    format!("{rack},{position},{},EDTA,,,", din(number))
}

fn preview(laboratory: &Laboratory, layout: &str, text: &str) -> Answer {
    let fields = [
        ("act", "preview"),
        ("layout", layout),
        ("analyser", "E1"),
        ("file", "f.csv"),
        ("text", text),
    ];
    laboratory.tina.post("/racks/import", &fields)
}

fn import(laboratory: &Laboratory, layout: &str, text: &str, sha256: &str) -> Answer {
    let fields = [
        ("act", "import"),
        ("layout", layout),
        ("analyser", "E1"),
        ("file", "f.csv"),
        ("text", text),
        ("sha256", sha256),
    ];
    laboratory.tina.post("/racks/import", &fields)
}

#[test]
fn a_file_is_shown_first_and_then_its_racks_stand_closed_with_their_tubes() {
    let laboratory = Laboratory::new(3);
    let text = sorter(&[row("R1", 1, 1), row("R1", 2, 2), row("R2", 5, 3)]);
    let shown = preview(&laboratory, "generic-sorter", &text);
    assert_eq!(shown.status, 200);
    shown.says("7 records would be put on record");
    assert!(!laboratory.tina.get("/racks").text.contains(">R1<"), "only shown");
    let sha256 = shown.field("sha256").unwrap();
    let answer = import(&laboratory, "generic-sorter", &text, &sha256);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let list = laboratory.tina.get("/racks");
    list.says("manifest fixed");
    let (_, rest) = list.text.split_once("href=\"/racks/R1-").unwrap();
    let path = format!("/racks/R1-{}", rest.split_once('"').unwrap().0);
    let rack = laboratory.tina.get(&path);
    rack.says("Imported from f.csv sha256");
    rack.says(&din(2));
}

#[test]
fn a_file_that_was_not_shown_as_it_is_now_is_shown_and_not_imported() {
    let laboratory = Laboratory::new(2);
    let text = sorter(&[row("R1", 1, 1)]);
    let sha256 = preview(&laboratory, "generic-sorter", &text).field("sha256").unwrap();
    let other = sorter(&[row("R1", 1, 2)]);
    let answer = import(&laboratory, "generic-sorter", &other, &sha256);
    assert_eq!(answer.status, 200);
    answer.says("would be put on record");
    assert!(!laboratory.tina.get("/racks").text.contains(">R1<"));
}

#[test]
fn every_row_is_judged_as_a_scan_is_and_one_refusal_imports_nothing() {
    let laboratory = Laboratory::new(4);
    let open = laboratory.begun("5007", "5");
    OpenPage::of(&laboratory.tina, &open).scan("1", &din(4));
    let rows = [row("R1", 1, 1), row("R1", 2, 9), row("R1", 3, 4), row("5007", 1, 2)];
    let text = sorter(&rows);
    let shown = preview(&laboratory, "generic-sorter", &text);
    shown.says("Nothing of this file is imported");
    shown.says("line 3");
    shown.says("Donation G123426000009 is not registered.");
    shown.says("stands in rack 5007 at position 1");
    shown.says("This rack is in use");
    assert!(shown.field("sha256").is_none(), "nothing to import is offered");
    assert_eq!(import(&laboratory, "generic-sorter", &text, "").status, 200);
    assert!(!laboratory.tina.get("/racks").text.contains(">R1<"));
}

#[test]
fn faults_of_the_file_are_told_by_line_and_column_in_the_language_of_the_page() {
    let laboratory = Laboratory::new(1);
    let text = sorter(&[row("R1", 1, 1), row("R1", 1, 2)]);
    preview(&laboratory, "generic-sorter", &text).says("line 3, column 2");
    laboratory.tina.post("/language", &[]);
    let shown = preview(&laboratory, "generic-sorter", &text);
    shown.says("第 3 行第 2 列");
    shown.says("1 号位已在第 2 行使用");
}

#[test]
fn pools_are_imported_and_a_pool_on_record_is_refused() {
    let laboratory = Laboratory::new(3);
    let text = format!(
        "Pool,Place,Tube,Time,Volume,Operator\nP1,1,{},,,\nP1,2,{},,,\nEND,2,,,,\n",
        din(1),
        din(2)
    );
    let shown = preview(&laboratory, "generic-pooling", &text);
    let sha256 = shown.field("sha256").unwrap();
    assert_eq!(import(&laboratory, "generic-pooling", &text, &sha256).status, 303);
    let other = text.replace(&din(2), &din(3));
    let shown = preview(&laboratory, "generic-pooling", &other);
    shown.says("Pool P1 is on record already");
}

#[test]
fn a_layout_of_the_sites_own_is_offered_and_read_by() {
    let own = include_str!("../../../config/manifests/generic-sorter.toml");
    let own = own.replace("\"generic-sorter\"", "\"our-sorter\"");
    let files = [("ours.toml", own.as_str())];
    let bench = Bench::configured("manifests = [\"./ours.toml\"]", &files);
    let tina = bench.signed_in("tina");
    tina.get("/racks/import").says("our-sorter");
    let text = sorter(&[row("R1", 1, 1)]);
    let fields = [
        ("act", "preview"),
        ("layout", "our-sorter"),
        ("analyser", ""),
        ("file", "f.csv"),
        ("text", &text),
    ];
    // Read; nobody has registered the donation.
    let shown = tina.post("/racks/import", &fields);
    assert_eq!(shown.status, 200, "{}", shown.text);
    shown.says(&din(1));
}
