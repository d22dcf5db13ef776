//! The page of the manual about the language of rule sets says what the program knows: every key, every
//! question with its answers, what never passes, every code. With `UPDATE_MANUAL=1` the generated parts
//! are written anew; the keys are written by hand.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use hemogate::domain::{Action, DonorConsequence, Label, ReasonCode};
use hemogate::rules::words::{self, Lang};
use hemogate::rules::{Judges, RuleSet, doc};

use super::shipped::{NAMES, text};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/manual/rules.md")
}

fn page() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// The keys that the page has in the first column of the tables of its section of keys.
fn described() -> BTreeSet<String> {
    let page = page();
    let (_, keys) = page.split_once("\n## Keys\n").expect("a section of keys");
    let (keys, _) = keys.split_once("\n## ").expect("a section after it");
    let rows = keys.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split_once('`').unwrap().0.to_owned()).collect()
}

/// The keys that the reader asks for in sets that have everything, names of the set's own as `*`.
fn asked() -> BTreeSet<String> {
    let mut sets: Vec<String> = NAMES.iter().map(|name| text(name)).collect();
    sets.push(include_str!("small.toml").to_owned());
    let site = "\n[site]\nhtlv = \"yes\"\n";
    let sets = sets.into_iter().map(|text| text + site);
    let keys = sets.flat_map(|text| RuleSet::asked_keys(&text));
    let keys = keys.map(|key| plain(&key)).filter(|key| !is_question(key));
    keys.filter(|key| !["clause.*", "switch.*", "table.*"].contains(&key.as_str())).collect()
}

fn plain(key: &str) -> String {
    let mut steps: Vec<&str> = key.split('.').map(|step| step.split('[').next().unwrap()).collect();
    let named = matches!(steps[0], "clause" | "switch" | "table" | "site");
    if named && steps.len() > 1 {
        steps[1] = "*";
    }
    if steps.len() > 4 && steps[3] == "when" {
        steps[4] = "*";
    }
    steps.join(".")
}

fn is_question(key: &str) -> bool {
    let question = key.strip_prefix("table.*.rows.");
    let known = || Judges::ALL.iter().flat_map(|judges| judges.questions());
    question.is_some_and(|id| known().any(|question| question.id == id))
}

#[test]
fn the_manual_has_every_key_of_the_language_and_no_other() {
    let (described, asked) = (described(), asked());
    let missing: Vec<_> = asked.difference(&described).collect();
    assert!(missing.is_empty(), "docs/manual/rules.md does not tell of {missing:#?}");
    let unknown: Vec<_> = described.difference(&asked).collect();
    assert!(unknown.is_empty(), "the program knows nothing of {unknown:#?}");
}

fn both([english, chinese]: words::Words) -> String {
    if english == chinese { english.to_owned() } else { format!("{english} · {chinese}") }
}

/// Every kind of table: its questions and answers, and what never passes.
fn kinds() -> String {
    let mut text = String::new();
    for judges in Judges::ALL {
        writeln!(text, "### `{}`: {}\n", judges.id(), both(judges.words())).unwrap();
        text.push_str("| question | asks | answers |\n|---|---|---|\n");
        for question in judges.questions() {
            let answers = question.answers.iter();
            let answers: Vec<String> =
                answers.map(|known| format!("`{}` {}", known.id, both(known.words))).collect();
            let (id, words) = (question.id, both(question.words));
            writeln!(text, "| `{id}` | {words} | {} |", answers.join("<br>")).unwrap();
        }
        let dangers: Vec<&str> = judges.dangers().iter().map(|danger| danger.words).collect();
        if !dangers.is_empty() {
            writeln!(text, "\nNever passes: {}.", dangers.join("; ")).unwrap();
        }
        text.push('\n');
    }
    text
}

fn codes() -> String {
    let mut text = String::from("| `reason` | says |\n|---|---|\n");
    for code in ReasonCode::ALL {
        writeln!(text, "| `{}` | {} |", code.id(), both(words::reason(code))).unwrap();
    }
    text.push_str("\n| `next` | says |\n|---|---|\n");
    for action in Action::ALL {
        writeln!(text, "| `{}` | {} |", action.id(), both(words::action(action))).unwrap();
    }
    text.push_str("\n| `label` | says |\n|---|---|\n");
    for label in Label::ALL {
        writeln!(text, "| `{}` | {} |", label.id(), both(words::label(label))).unwrap();
    }
    text.push_str("\n| `donor` | says |\n|---|---|\n");
    for known in DonorConsequence::ALL {
        writeln!(text, "| `{}` | {} |", known.id(), both(words::consequence(known))).unwrap();
    }
    text.push('\n');
    text
}

fn never_off() -> String {
    let each = doc::never_off(Lang::En);
    each.iter().map(|sentence| format!("- {sentence}\n")).collect::<String>() + "\n"
}

#[test]
fn the_generated_parts_of_the_manual_are_what_the_program_knows() {
    let parts = [("kinds", kinds()), ("codes", codes()), ("never off", never_off())];
    let mut page = page();
    for (name, made) in parts {
        let (begin, end) =
            (format!("<!-- generated: {name} -->\n"), format!("<!-- end: {name} -->"));
        let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
        let (stands, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
        if std::env::var_os("UPDATE_MANUAL").is_none() {
            assert_eq!(stands.trim(), made.trim(), "{name}: run again with UPDATE_MANUAL=1");
        }
        page = format!("{before}{begin}\n{made}{end}{after}");
    }
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        std::fs::write(path(), page).unwrap();
    }
}
