//! The bounds of style: line, function and file length, and words that promise later work.

use std::collections::BTreeSet;
use std::fs;

use crate::sources::{self, Source};

const LINE_COLUMNS_MAX: usize = 100;
const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 800;
/// Half of all functions are no longer than this.
const FUNCTION_LINES_MEDIAN: usize = 12;

#[test]
fn no_line_is_longer_than_100_columns() {
    for source in everything() {
        for (number, line) in source.text.lines().enumerate() {
            let columns = line.chars().count();
            assert!(columns <= LINE_COLUMNS_MAX, "{}:{}: {columns}", source.path, number + 1);
        }
    }
}

#[test]
fn no_file_is_longer_than_800_lines() {
    for source in everything() {
        let lines = source.text.lines().count();
        assert!(lines <= FILE_LINES_MAX, "{}: {lines} lines", source.path);
    }
}

#[test]
fn no_function_is_longer_than_70_lines_and_half_are_short() {
    let mut lengths = Vec::new();
    for source in everything() {
        for function in functions(&source) {
            assert!(
                function.lines <= FUNCTION_LINES_MAX,
                "{}:{}: {} lines",
                source.path,
                function.line,
                function.lines
            );
            lengths.push(function.lines);
        }
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= FUNCTION_LINES_MEDIAN, "median function length is {median} lines");
}

#[test]
fn every_module_opens_with_why_it_exists() {
    for source in everything() {
        assert!(source.text.starts_with("//! "), "{} has no opening words", source.path);
    }
}

#[test]
fn nothing_promises_later_work_or_silences_a_test() {
    let words = ["TO", "DO"].concat();
    let mend = ["FIX", "ME"].concat();
    let ignored = ["#[ign", "ore"].concat();
    for source in everything() {
        for word in [&words, &mend, &ignored] {
            assert!(!source.text.contains(word.as_str()), "{} says {word}", source.path);
        }
    }
}

#[test]
fn tests_do_not_sleep_to_wait_for_something() {
    let asleep = ["thread::", "sleep"].concat();
    for source in sources::below(&["tests"]) {
        let times = source.text.matches(&asleep).count();
        assert!(times == 0, "{} sleeps {times} times: poll for the condition", source.path);
    }
}

#[test]
fn every_source_file_is_reachable_from_the_crate() {
    let sources = sources::below(&["src"]);
    let paths: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    let mut reached: BTreeSet<String> = ["src/lib.rs", "src/main.rs"].map(String::from).into();
    for source in &sources {
        for child in modules(source) {
            let folder = module_folder(&source.path);
            for path in [format!("{folder}/{child}.rs"), format!("{folder}/{child}/mod.rs")] {
                if paths.contains(path.as_str()) {
                    reached.insert(path);
                }
            }
        }
    }
    for path in paths {
        assert!(reached.contains(path), "{path} is not part of the crate");
    }
}

#[test]
fn every_bound_is_kept_by_somebody() {
    let sources = sources::below(&["src"]);
    let limits = sources.iter().find(|source| source.path == "src/limits.rs").unwrap();
    for line in limits.text.lines().filter_map(|line| line.strip_prefix("pub const ")) {
        let bound = format!("limits::{}", line.split(':').next().unwrap());
        let kept = sources.iter().any(|source| source.code_without_tests().contains(&bound));
        assert!(kept, "nobody keeps {bound}");
    }
}

#[test]
fn the_readme_lists_every_reason_code() {
    let readme = fs::read_to_string(sources::root().join("README.md")).unwrap();
    let verdict = fs::read_to_string(sources::root().join("src/domain/verdict.rs")).unwrap();
    let (_, codes) = verdict.split_once("    ReasonCode,\n").unwrap();
    let (codes, _) = codes.split_once(");").unwrap();
    let codes: Vec<&str> = codes.lines().filter_map(|line| line.split('"').nth(1)).collect();
    assert!(codes.len() >= 69, "the codes were not found: {codes:?}");
    for code in codes {
        assert!(readme.contains(&format!("`{code}`")), "README.md does not list {code}");
    }
}

fn everything() -> Vec<Source> {
    sources::below(&["src", "tests", "benches", "fuzz/src"])
}

struct Function {
    line: usize,
    lines: usize,
}

/// Functions by indentation: rustfmt puts the closing brace below the first column of the `fn`.
fn functions(source: &Source) -> Vec<Function> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut functions = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        if !is_function(trimmed) {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(line.len() - trimmed.len()));
        let end = lines[at..].iter().position(|line| *line == closing);
        let one_line = line.ends_with('}') || line.ends_with(';');
        if let (Some(end), false) = (end, one_line) {
            functions.push(Function { line: at + 1, lines: end + 1 });
        }
    }
    functions
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.find(|word| !["pub", "pub(crate)", "pub(super)", "const", "async"].contains(word))
        == Some("fn")
}

fn modules(source: &Source) -> Vec<String> {
    let code = source.text.lines().map(str::trim);
    code.filter_map(|line| {
        let rest = line.strip_prefix("pub ").unwrap_or(line);
        let rest = rest.strip_prefix("pub(crate) ").unwrap_or(rest);
        let rest = rest.strip_prefix("pub(super) ").unwrap_or(rest);
        rest.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
    })
    .collect()
}

fn module_folder(path: &str) -> String {
    for end in ["/mod.rs", "/lib.rs", "/main.rs"] {
        if let Some(folder) = path.strip_suffix(end) {
            return folder.to_owned();
        }
    }
    path.trim_end_matches(".rs").to_owned()
}
