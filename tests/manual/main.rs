//! The manual: every command that it shows is run, and says what is printed there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod console;
mod page;

use std::path::{Path, PathBuf};

use console::Console;
use page::Page;

fn manual() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual")
}

fn pages() -> Vec<Page> {
    let pages = std::fs::read_dir(manual()).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        pages.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    pages.sort();
    pages.iter().map(|path| Page::read(path)).collect()
}

/// Each page is a sitting of its own, in a folder with the files of the tutorial.
#[test]
fn every_command_of_the_manual_prints_what_the_manual_shows() {
    let mut commands = 0;
    for page in pages().iter().filter(|page| !page.steps.is_empty()) {
        let mut console = Console::new(&manual().join("tutorial"));
        for step in &page.steps {
            let printed = console.run(&step.command);
            if let Err(wrong) = page::agrees(&step.printed, &printed) {
                panic!(
                    "{}:{}: $ {}\n{wrong}\nall of it:\n{printed}",
                    page.name, step.line, step.command
                );
            }
            commands += 1;
        }
    }
    assert!(commands >= 10, "only {commands} commands were found");
}

/// What the tutorial has the reader write stands so in the files beside it.
#[test]
fn every_piece_of_a_profile_in_the_tutorial_is_a_piece_of_its_files() {
    let page = Page::read(&manual().join("tutorial.md"));
    let files = ["ward-300.toml", "ward-310.toml", "hemogate.toml"]
        .map(|name| std::fs::read_to_string(manual().join("tutorial").join(name)).unwrap());
    assert!(page.pieces.len() >= 5, "only {} pieces were found", page.pieces.len());
    for (line, piece) in &page.pieces {
        let is_there = files.iter().any(|file| file.contains(piece.as_str()));
        assert!(is_there, "{}:{line}: in no file of the tutorial:\n{piece}", page.name);
    }
}

/// What the page on records shows stands so in the files that it sends.
#[test]
fn every_piece_of_a_file_of_records_is_a_piece_of_the_file_that_is_sent() {
    let page = Page::read(&manual().join("records.md"));
    let file = std::fs::read_to_string(manual().join("tutorial/records.toml")).unwrap();
    assert!(!page.pieces.is_empty());
    for (line, piece) in &page.pieces {
        assert!(file.contains(piece.as_str()), "{}:{line}:\n{piece}", page.name);
    }
}

#[test]
fn every_page_is_in_the_contents_and_every_link_leads_somewhere() {
    let contents = std::fs::read_to_string(manual().join("README.md")).unwrap();
    for page in pages() {
        let name = page.name.as_str();
        assert!(name == "README.md" || contents.contains(&format!("]({name})")), "{name}");
        for link in &page.links {
            assert!(manual().join(link).exists(), "{name} links to {link}, which is not there");
        }
    }
}
