//! Every fuzz target over every fixture and over seeded mutations of them, with stable Rust.
//!
//! Exists so that a change that breaks a promise is seen at once, long before a fuzzer runs for
//! hours. `HEMOGATE_FUZZ_SEED` and `HEMOGATE_FUZZ_ROUNDS` choose another run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod mutate;
#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use mutate::Mutator;
use targets::{TARGETS, Target};

/// Mutations of one target.
const ROUNDS: usize = 1_500;
const SEED: u64 = 20_260_101;

#[test]
fn frame() {
    smoke("frame");
}

#[test]
fn records() {
    smoke("records");
}

#[test]
fn tables() {
    smoke("tables");
}

#[test]
fn hl7() {
    smoke("hl7");
}

#[test]
fn charset() {
    smoke("charset");
}

#[test]
fn profile() {
    smoke("profile");
}

#[test]
fn reading() {
    smoke("reading");
}

#[test]
fn answers() {
    smoke("answers");
}

#[test]
fn link_lis01() {
    smoke("link_lis01");
}

#[test]
fn link_mllp() {
    smoke("link_mllp");
}

#[test]
fn pieces_lis01() {
    smoke("pieces_lis01");
}

#[test]
fn pieces_mllp() {
    smoke("pieces_mllp");
}

#[test]
fn blocks() {
    smoke("blocks");
}

#[test]
fn link_bare() {
    smoke("link_bare");
}

#[test]
fn link_block() {
    smoke("link_block");
}

#[test]
fn pieces_bare() {
    smoke("pieces_bare");
}

#[test]
fn journal() {
    smoke("journal");
}

/// A target that is not in the list, or not here, or not known to cargo-fuzz, would never run.
#[test]
fn every_target_is_listed_everywhere() {
    let listed: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let bins = manifest.split("[[bin]]").skip(1);
    let bins: BTreeSet<&str> = bins.map(|bin| bin.split('"').nth(1).unwrap()).collect();
    assert_eq!(listed, bins);
    let here = include_str!("main.rs");
    for name in listed {
        assert!(here.contains(&format!("smoke({name:?})")), "{name} has no test");
        let file = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(file.contains(&format!("hemogate_fuzz::{name}(data)")), "{name}");
    }
}

/// What has broken a target once must never break it again.
#[test]
fn inputs_that_broke_a_target_once_do_so_no_more() {
    let inputs = files(&root().join("fuzz/regressions"));
    for path in inputs.into_iter().filter(|path| !path.ends_with(".gitattributes")) {
        let name = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let target = TARGETS.iter().find(|target| target.name == name).unwrap();
        (target.run)(&fs::read(&path).unwrap());
    }
}

fn smoke(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "{name} has no fixtures");
    for seed in &seeds {
        (target.run)(seed);
    }
    let random_seed = number("HEMOGATE_FUZZ_SEED").unwrap_or(SEED);
    let rounds = number("HEMOGATE_FUZZ_ROUNDS").map_or(ROUNDS, |rounds| rounds as usize);
    println!("{name}: {} fixtures, {rounds} mutations, seed {random_seed}", seeds.len());
    let dictionary = dictionary(target.dictionary);
    let random = Rng::with_seed(random_seed);
    let mut mutator = Mutator { random, seeds: &seeds, words: &dictionary };
    for round in 0..rounds {
        let input = mutator.next();
        let broken = std::panic::catch_unwind(|| (target.run)(&input)).is_err();
        assert!(!broken, "{name}, seed {random_seed}, round {round}: {}", input.escape_ascii());
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut paths = files(&root().join("fixtures"));
    paths.extend(files(&root().join("config/analysers")));
    let wanted = |path: &PathBuf| {
        let name = path.to_str().unwrap();
        target.seeds.iter().any(|end| name.ends_with(end))
    };
    paths.into_iter().filter(wanted).map(|path| fs::read(path).unwrap()).collect()
}

/// All files below a folder, in alphabetical order; none where there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    paths.into_iter().flat_map(below).collect()
}

/// The words of a dictionary of libFuzzer: one in quotes on each line, with `\xNN` and `\\`.
fn dictionary(name: &str) -> Vec<Vec<u8>> {
    let path = root().join(format!("fuzz/dictionaries/{name}.dict"));
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| unescape(word(line))).collect()
}

fn word(line: &str) -> &str {
    line.strip_prefix('"').unwrap().strip_suffix('"').unwrap()
}

fn unescape(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, used) = match (*first, after) {
            (b'\\', [b'x', digits @ ..]) => {
                let digits = std::str::from_utf8(&digits[..2]).unwrap();
                (u8::from_str_radix(digits, 16).unwrap(), 4)
            }
            (b'\\', [byte @ (b'\\' | b'"'), ..]) => (*byte, 2),
            (b'\\', _) => panic!("unknown escape in {word}"),
            (byte, _) => (byte, 1),
        };
        bytes.push(byte);
        rest = &rest[used..];
    }
    bytes
}

#[test]
fn a_broken_promise_is_noticed() {
    let wrong = Target {
        name: "wrong",
        run: |data| assert!(!data.contains(&0x05), "ENQ"),
        dictionary: "lis01",
        seeds: &[".session"],
    };
    let seeds = seeds(&wrong);
    assert!(std::panic::catch_unwind(|| seeds.iter().for_each(|seed| (wrong.run)(seed))).is_err());
}
