//! Executable decision cases: a baseline, what is different from it in plain sentences, and the
//! verdict with its reason that must follow. `docs/manual/cases.md` is the language.
//!
//! Builds real [`Facts`](crate::domain::Facts) from what is told and lets the rules decide; it
//! knows nothing of what they would say. Refuses a word that it does not understand, with what
//! it would have; passes over none.
//!
//! ```text
//! case file ─ book ─ forms (grammar, words) ─► sentences ─ bench, effects ─► told: Facts
//!                └── expected ◄─────────────── Decision ◄────── rules::decide ◄─┘
//! ```

mod accord;
mod bench;
mod book;
mod compare;
mod effects;
mod expected;
mod forms;
mod grammar;
mod run;
mod sentence;
mod told;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

pub use book::{Case, Casebook, read};
pub use run::{Outcome, Told, run, switched};

use sentence::Sentence;

/// A form of sentence, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What it is about.
    pub topic: &'static str,
    /// Its pattern: `a|b` one of these words, `[ ]` may be left out, `( | )` one of these
    /// sequences, `<place>` to fill.
    pub pattern: &'static str,
    /// A sentence of it.
    pub example: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// Every form of sentence that is understood, in the order of the manual.
pub fn words() -> impl Iterator<Item = Words> {
    forms::all().map(|form| Words {
        topic: form.topic,
        pattern: form.pattern,
        example: form.example,
        says: form.says,
    })
}

/// The language for people: every form of sentence by topic, then the places of patterns. The
/// manual holds this text.
pub fn manual() -> String {
    let (mut text, mut topic) = (String::new(), "");
    for Words { topic: own, pattern, example, says } in words() {
        if own != topic {
            topic = own;
            let _infallible = write!(text, "### {topic}\n\n");
        }
        let _infallible = write!(text, "- **{example}**\n  `{pattern}`\n  {says}\n\n");
    }
    text.push_str("### Places\n\n");
    for (name, says) in grammar::places() {
        let _infallible = writeln!(text, "- `{name}` {says}");
    }
    text
}

/// Whether a sentence is understood.
///
/// # Errors
/// What of it is not, and what would be.
pub fn understand(sentence: &str) -> Result<(), String> {
    forms::read(sentence).map(|_| ())
}

/// The case files that come inside the binary, by name.
pub fn shipped_cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHIPPED.iter().copied()
}

const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped_cases.rs"));

/// The baselines that come inside the binary, by the names of rule sets. A unit test reads them.
fn shipped_baselines() -> &'static BTreeMap<String, Vec<Sentence>> {
    static BASELINES: LazyLock<BTreeMap<String, Vec<Sentence>>> = LazyLock::new(|| {
        let text = include_str!("../../config/rules/baselines.toml");
        book::baselines("baselines.toml", text).unwrap_or_default()
    });
    &BASELINES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_baselines_are_understood_and_can_be_told() {
        let text = include_str!("../../config/rules/baselines.toml");
        let all = book::baselines("baselines.toml", text).unwrap();
        for (name, facts) in all {
            let mut bench = bench::Bench::new();
            for sentence in &facts {
                bench.apply(sentence).unwrap_or_else(|why| panic!("{name}: {why}"));
            }
            assert!(!told::facts(&bench).observations.is_empty(), "{name}");
        }
    }
}
