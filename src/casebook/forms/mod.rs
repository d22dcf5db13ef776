//! The sentences that a case may be told in: pattern, example, meaning. This list is the language:
//! the manual and `hemogate rules test --words` print it, and nothing else is understood.

mod accord;
mod conditions;
mod donation;
mod pools;
mod results;

use std::sync::LazyLock;

use super::grammar::{Found, Miss, Pattern};
use super::sentence::{Answer, Sentence, Test};
use super::words::{Saying, Token, tokens};
use crate::limits;

/// A form of sentence.
pub(super) struct Form {
    /// What it is about.
    pub(super) topic: &'static str,
    /// Its pattern.
    pub(super) pattern: &'static str,
    /// A sentence of it.
    pub(super) example: &'static str,
    /// What it says.
    pub(super) says: &'static str,
    /// What a sentence of it means.
    meaning: fn(&Found) -> Result<Sentence, String>,
}

/// Every form, in the order of the manual.
pub(super) fn all() -> impl Iterator<Item = &'static Form> {
    let results = results::FORMS.iter().chain(conditions::FORMS).chain(pools::FORMS);
    results.chain(donation::FORMS).chain(accord::FORMS)
}

static PATTERNS: LazyLock<Vec<(&'static Form, Pattern)>> =
    LazyLock::new(|| all().filter_map(|form| Some((form, Pattern::new(form.pattern)?))).collect());

/// What a sentence says.
///
/// # Errors
/// What was not understood, and what would have been.
pub(super) fn read(sentence: &str) -> Result<Sentence, String> {
    let tokens = tokens(sentence);
    let mut misses = Vec::new();
    let mut senseless = None;
    for (form, pattern) in PATTERNS.iter() {
        match pattern.read(&tokens) {
            Ok(found) => match (form.meaning)(&found) {
                Ok(sentence) => return Ok(sentence),
                Err(why) => senseless = senseless.or(Some(why)),
            },
            Err(miss) => misses.push((*form, miss)),
        }
    }
    Err(senseless.unwrap_or_else(|| not_understood(&tokens, &misses)))
}

fn not_understood(tokens: &[Token], misses: &[(&Form, Miss)]) -> String {
    let at = misses.iter().map(|(_, miss)| miss.at).max().unwrap_or(0);
    let furthest: Vec<_> = misses.iter().filter(|(_, miss)| miss.at == at).collect();
    if at == 0 {
        return unknown_from_the_start(tokens);
    }
    let mut wanted: Vec<&str> = Vec::new();
    for word in furthest.iter().flat_map(|(_, miss)| &miss.wanted) {
        if !wanted.contains(&word.as_str()) {
            wanted.push(word);
        }
    }
    wanted.truncate(limits::SENTENCE_HINTS_MAX);
    let found = tokens.get(at).map_or("the sentence ends here".to_owned(), |token| {
        format!("{:?} is not understood here", token.text)
    });
    let examples = furthest.iter().map(|(form, _)| *form);
    format!("{found}: expected {}; {}", wanted.join(", "), such_as(examples))
}

fn unknown_from_the_start(tokens: &[Token]) -> String {
    let shared = |form: &Form| {
        let example = super::words::tokens(form.example);
        tokens.iter().filter(|token| example.iter().any(|word| word.word == token.word)).count()
    };
    let mut near: Vec<(usize, &Form)> = all().map(|form| (shared(form), form)).collect();
    near.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    let first = tokens.first().map_or("", |token| token.text.as_str());
    let examples = near.into_iter().map(|(_, form)| form);
    format!("no sentence begins with {first:?}: {}", such_as(examples))
}

fn such_as<'f>(forms: impl Iterator<Item = &'f Form>) -> String {
    let mut examples: Vec<String> = Vec::new();
    for form in forms {
        let example = format!("{:?}", form.example);
        if examples.len() < limits::SENTENCE_EXAMPLES_MAX && !examples.contains(&example) {
            examples.push(example);
        }
    }
    let all = "`hemogate rules test --words` lists every form";
    format!("write such as {}; {all}", examples.join(", or "))
}

/// The test that a sentence names.
fn test(found: &Found) -> Result<Test, String> {
    let assay = found.assay.ok_or("no assay is named")?;
    Ok(Test { assay, kit: found.kit })
}

/// The answer that a sentence gives for a test, checked against what the assay can say.
fn answer(found: &Found, at: usize) -> Result<Answer, String> {
    let saying = found.readings.get(at).copied();
    let amount = found.amount.clone();
    let answer = Answer { saying, amount, months_ago: found.count };
    if let Some(assay) = found.assay {
        answer.reading(assay)?;
    }
    Ok(answer)
}

/// The one reading that a sentence names.
fn saying(found: &Found) -> Result<Saying, String> {
    found.readings.first().copied().ok_or_else(|| "no reading is named".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_well_formed_and_reads_its_own_example() {
        for form in all() {
            let pattern = Pattern::new(form.pattern);
            let pattern = pattern.unwrap_or_else(|| panic!("{}", form.pattern));
            let found = pattern.read(&tokens(form.example));
            let found = found.unwrap_or_else(|miss| panic!("{}: {miss:?}", form.example));
            (form.meaning)(&found).unwrap_or_else(|why| panic!("{}: {why}", form.example));
        }
    }

    #[test]
    fn an_example_is_read_by_its_own_form_and_not_by_an_earlier_one() {
        for form in all() {
            let found = Pattern::new(form.pattern).unwrap().read(&tokens(form.example)).unwrap();
            let own = (form.meaning)(&found).unwrap();
            assert_eq!(read(form.example), Ok(own), "{}", form.example);
        }
    }

    #[test]
    fn what_is_not_understood_is_told_with_what_would_be() {
        let why = read("HBsAg kit A is wobbly").unwrap_err();
        assert!(why.starts_with("\"wobbly\" is not understood here: expected "), "{why}");
        assert!(why.contains("<reading>"), "{why}");
        let why = read("frobnicate the donor").unwrap_err();
        assert!(why.starts_with("no sentence begins with \"frobnicate\""), "{why}");
        assert!(why.contains("donor"), "{why}");
        let why = read("HBsAg kit A is").unwrap_err();
        assert!(why.starts_with("the sentence ends here"), "{why}");
        let why = read("ABO is reactive").unwrap_err();
        assert_eq!(why, "abo is A, B, O, AB or invalid");
    }
}
