//! The grammar of sentences: patterns of words, matched by hand, so that whatever is not understood
//! is told with what would have been.
//!
//! ```text
//! is|was            one of these words
//! [ kit <kit> ]     may be left out
//! ( x y | z )       one of these sequences
//! <assay>           a place to fill
//! ```
//!
//! A sentence fits a pattern as a whole or not at all: no word is ever passed over.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{
    Assay, Container, DonationKind, DonorRecord, Lookback, LotStanding, ReasonCode, ResultStatus,
    Sex, Supplemental, WestgardRule,
};
use crate::limits;

use super::words::{self, Amount, Saying, Token};

/// A pattern, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    /// One of these words.
    Words(Vec<String>),
    /// A place to fill.
    Place(Place),
    /// May be left out.
    Optional(Vec<Part>),
    /// One of these sequences.
    Either(Vec<Vec<Part>>),
}

/// What a place can be filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Assay,
    Kit,
    Other,
    Reading,
    Readings,
    Group,
    Amount,
    Range,
    Pool,
    Count,
    Rules,
    Date,
    Word,
    Lot,
    Container,
    Containers,
    Status,
    Record,
    Supplemental,
    Lookback,
    Kind,
    Sex,
    Code,
}

/// The places: name, what they are, and what people write there.
const PLACES: [(&str, Place, &str); 23] = [
    ("assay", Place::Assay, "an assay: HBsAg, anti-HCV, HIV, TP, NAT, HBV DNA, ALT, ABO, RhD, ..."),
    ("kit", Place::Kit, "a kit's letter: A, B, C (different letters are different makers)"),
    ("other", Place::Other, "the letter of another kit"),
    (
        "reading",
        Place::Reading,
        "reactive, nonreactive, grey zone, invalid; positive, negative; A, B, O, AB",
    ),
    ("readings", Place::Readings, "readings: nonreactive, reactive (or NR/R)"),
    ("group", Place::Group, "A, B, O or AB"),
    (
        "amount",
        Place::Amount,
        "a number, with a unit or not: 51 U/L, <5, 3.2 S/CO, 51 without unit",
    ),
    ("range", Place::Range, "two numbers: 0.80-0.99 or 0.80 to 0.99"),
    ("pool", Place::Pool, "a pool's name: P1"),
    ("n", Place::Count, "a whole number"),
    ("rules", Place::Rules, "control rules: 1-2s, 1-3s, 2-2s, R-4s, 4-1s, 10x"),
    ("date", Place::Date, "a date: 2026-12-01"),
    ("word", Place::Word, "any one word"),
    ("lot", Place::Lot, "released, not released, recalled, not on record"),
    ("container", Place::Container, "serum, EDTA, segment, plasma"),
    ("containers", Place::Containers, "containers: serum, EDTA and segment"),
    ("status", Place::Status, "final, preliminary, partial, questionable, failed, withdrawn"),
    ("record", Place::Record, "flagged, prior reactive, reinstated, requalified, merged"),
    ("finding", Place::Supplemental, "negative (or nonspecific), indeterminate, positive"),
    ("standing", Place::Lookback, "open, overdue, closed"),
    ("kind", Place::Kind, "whole blood, platelets, plasma, source plasma"),
    ("sex", Place::Sex, "male, female"),
    ("code", Place::Code, "a reason code: REPEAT_REACTIVE"),
];

/// Places that are made of others.
const COMPOSED: [(&str, &str, &str); 2] = [
    (
        "<test>",
        "<assay> [kit|assay] [<kit>]",
        "an assay and, where one is meant, its kit: HBsAg kit A",
    ),
    (
        "<result>",
        "( pool [<pool>] | [repeat|repeats of] <assay> [kit|assay] [<kit>] [repeat|repeats] \
         [result|results] )",
        "results: HBsAg, HBsAg kit A, repeats of HBsAg kit A, pool P1",
    ),
];

/// The names of places in patterns, each with what may stand there.
pub(super) fn places() -> impl Iterator<Item = (String, &'static str)> {
    let composed = COMPOSED.iter().map(|(name, _, says)| ((*name).to_owned(), *says));
    composed.chain(PLACES.iter().map(|(name, _, says)| (format!("<{name}>"), *says)))
}

/// What a sentence filled the places of a pattern with.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) assay: Option<Assay>,
    pub(super) kit: Option<char>,
    pub(super) other: Option<char>,
    pub(super) readings: Vec<Saying>,
    pub(super) amount: Option<Amount>,
    pub(super) range: Option<(Decimal, Decimal)>,
    pub(super) pool: Option<String>,
    pub(super) count: Option<u32>,
    pub(super) rules: Vec<WestgardRule>,
    pub(super) date: Option<Date>,
    pub(super) word: Option<String>,
    /// Every word that filled such a place, in order.
    pub(super) words: Vec<String>,
    pub(super) code: Option<ReasonCode>,
    pub(super) lot: Option<LotStanding>,
    pub(super) containers: Vec<Container>,
    pub(super) status: Option<ResultStatus>,
    pub(super) record: Option<DonorRecord>,
    pub(super) supplemental: Option<Supplemental>,
    pub(super) lookback: Option<Lookback>,
    pub(super) kind: Option<DonationKind>,
    pub(super) sex: Option<Sex>,
    /// The words of the pattern that the sentence used, in order.
    pub(super) said: Vec<String>,
}

impl Found {
    /// Whether the sentence used this word of the pattern.
    pub(super) fn says(&self, word: &str) -> bool {
        self.said.iter().any(|said| said == word)
    }
}

/// How far a sentence was understood, and what could have stood there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Miss {
    /// The first word that was not understood, by place.
    pub(super) at: usize,
    /// What would have been.
    pub(super) wanted: BTreeSet<String>,
}

impl Miss {
    fn note(&mut self, at: usize, wanted: impl IntoIterator<Item = String>) {
        if at > self.at {
            *self = Miss { at, wanted: BTreeSet::new() };
        }
        if at == self.at {
            self.wanted.extend(wanted);
        }
    }
}

type State = (usize, Found);

impl Pattern {
    /// Takes a pattern apart. Patterns are the program's own: a unit test reads all of them, and
    /// one that is wrong fits nothing.
    pub(super) fn new(text: &str) -> Option<Pattern> {
        let mut text = text.to_owned();
        for (name, meaning, _) in COMPOSED {
            text = text.replace(name, meaning);
        }
        for bracket in ["[", "]", "(", ")"] {
            text = text.replace(bracket, &format!(" {bracket} "));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let (parts, rest) = sequence(&words)?;
        rest.is_empty().then_some(Pattern(parts))
    }

    /// What the sentence says by this pattern, or how far it got.
    pub(super) fn read(&self, tokens: &[Token]) -> Result<Found, Miss> {
        let mut miss = Miss::default();
        let ends = walk(&self.0, tokens, vec![(0, Found::default())], &mut miss);
        for (at, found) in ends {
            if at == tokens.len() {
                return Ok(found);
            }
            miss.note(at, ["the end".to_owned()]);
        }
        Err(miss)
    }
}

fn sequence<'w>(mut words: &'w [&'w str]) -> Option<(Vec<Part>, &'w [&'w str])> {
    let mut parts = Vec::new();
    while let Some((word, rest)) = words.split_first() {
        match *word {
            "]" | ")" | "|" => break,
            "[" => {
                let (inner, rest) = sequence(rest)?;
                parts.push(Part::Optional(inner));
                words = rest.strip_prefix(&["]"])?;
            }
            "(" => {
                let (choices, rest) = either(rest)?;
                parts.push(Part::Either(choices));
                words = rest;
            }
            _ => {
                parts.push(single(word)?);
                words = rest;
            }
        }
    }
    Some((parts, words))
}

fn either<'w>(mut words: &'w [&'w str]) -> Option<(Vec<Vec<Part>>, &'w [&'w str])> {
    let mut choices = Vec::new();
    loop {
        let (choice, rest) = sequence(words)?;
        choices.push(choice);
        match rest.split_first()? {
            (&"|", rest) => words = rest,
            (&")", rest) => return Some((choices, rest)),
            _ => return None,
        }
    }
}

fn single(word: &str) -> Option<Part> {
    match word.strip_prefix('<').and_then(|word| word.strip_suffix('>')) {
        Some(name) => {
            let known = PLACES.iter().find(|(known, _, _)| *known == name);
            known.map(|(_, place, _)| Part::Place(*place))
        }
        None => Some(Part::Words(word.split('|').map(str::to_lowercase).collect())),
    }
}

fn walk(parts: &[Part], tokens: &[Token], mut states: Vec<State>, miss: &mut Miss) -> Vec<State> {
    for part in parts {
        let mut next = Vec::new();
        for state in states {
            next.extend(step(part, tokens, state, miss));
        }
        next.truncate(limits::SENTENCE_READINGS_MAX);
        states = next;
    }
    states
}

fn step(part: &Part, tokens: &[Token], state: State, miss: &mut Miss) -> Vec<State> {
    match part {
        Part::Words(known) => word(known, tokens, state, miss),
        Part::Place(place) => fill(*place, tokens, &state, miss),
        Part::Optional(inner) => {
            let mut states = walk(inner, tokens, vec![state.clone()], miss);
            states.push(state);
            states
        }
        Part::Either(choices) => {
            let each = |choice: &Vec<Part>| walk(choice, tokens, vec![state.clone()], miss);
            choices.iter().flat_map(each).collect()
        }
    }
}

fn word(known: &[String], tokens: &[Token], (at, mut found): State, miss: &mut Miss) -> Vec<State> {
    let token = tokens.get(at).filter(|token| known.contains(&token.word));
    let Some(token) = token else {
        miss.note(at, known.iter().cloned());
        return Vec::new();
    };
    found.said.push(token.word.clone());
    vec![(at + 1, found)]
}

fn fill(place: Place, tokens: &[Token], state: &State, miss: &mut Miss) -> Vec<State> {
    let (at, found) = state;
    let rest = tokens.get(*at..).unwrap_or_default();
    let filled = filled(place, rest, found);
    if filled.is_empty() {
        let known = PLACES.iter().find(|(_, known, _)| *known == place);
        miss.note(*at, known.map(|(name, _, _)| format!("<{name}>")));
    }
    filled.into_iter().map(|(taken, found)| (at + taken, found)).collect()
}

/// Every way to fill a place from these tokens on: how many it takes, and what is found then.
fn filled(place: Place, rest: &[Token], found: &Found) -> Vec<State> {
    let with = |taken: usize, change: &dyn Fn(&mut Found)| {
        let mut found = found.clone();
        change(&mut found);
        (taken, found)
    };
    let one = |state: Option<State>| state.into_iter().collect::<Vec<State>>();
    match place {
        Place::Assay => {
            let each = |(assay, taken)| with(taken, &|f| f.assay = Some(assay));
            words::assays(rest).into_iter().map(each).collect()
        }
        Place::Kit => one(letter(rest).map(|kit| with(1, &|f| f.kit = Some(kit)))),
        Place::Other => one(letter(rest).map(|kit| with(1, &|f| f.other = Some(kit)))),
        Place::Reading => {
            let each = |(saying, taken)| with(taken, &|f| f.readings.push(saying));
            words::sayings(rest).into_iter().map(each).collect()
        }
        Place::Readings => {
            let lists = words::lists_of_sayings(rest).into_iter();
            lists.map(|(list, taken)| with(taken, &|f| f.readings.extend(&list))).collect()
        }
        Place::Group => {
            let groups = words::sayings(rest).into_iter();
            let groups = groups.filter(|(saying, _)| matches!(saying, Saying::Group(_)));
            groups.map(|(saying, taken)| with(taken, &|f| f.readings.push(saying))).collect()
        }
        Place::Amount => {
            let amounts = words::amounts(rest).into_iter();
            amounts.map(|(amount, n)| with(n, &|f| f.amount = Some(amount.clone()))).collect()
        }
        Place::Range => one(words::range(rest)
            .map(|(low, high, taken)| with(taken, &|f| f.range = Some((low, high))))),
        Place::Rules => one(words::westgard(rest)
            .map(|(rules, taken)| with(taken, &|f| f.rules.clone_from(&rules)))),
        Place::Containers => containers(rest, found),
        Place::Pool | Place::Count | Place::Date | Place::Word | Place::Code => {
            one(plain(place, rest, found))
        }
        Place::Lot
        | Place::Container
        | Place::Status
        | Place::Record
        | Place::Supplemental
        | Place::Lookback
        | Place::Kind
        | Place::Sex => one(chosen(place, rest, found)),
    }
}

fn letter(rest: &[Token]) -> Option<char> {
    let mut letters = rest.first()?.text.chars();
    let letter = letters.next().filter(char::is_ascii_uppercase)?;
    letters.next().is_none().then_some(letter)
}

fn plain(place: Place, rest: &[Token], found: &Found) -> Option<State> {
    let (mut found, token) = (found.clone(), rest.first()?);
    match place {
        Place::Pool => {
            let mut letters = token.text.chars();
            let named = letters.next().is_some_and(char::is_alphabetic)
                && letters.any(|letter| letter.is_ascii_digit());
            found.pool = Some(token.text.clone()).filter(|_| named);
            found.pool.as_ref()?;
        }
        Place::Count => found.count = Some(token.text.parse().ok()?),
        Place::Date => found.date = Some(token.text.parse().ok()?),
        Place::Code => found.code = Some(ReasonCode::from_id(&token.text)?),
        _ => {
            found.word = Some(token.text.clone());
            found.words.push(token.text.clone());
        }
    }
    Some((1, found))
}

fn chosen(place: Place, rest: &[Token], found: &Found) -> Option<State> {
    let mut found = found.clone();
    let mut taken = 0;
    let mut took = |count: usize| taken = count;
    macro_rules! choose {
        ($field:ident, $phrases:expr) => {
            found.$field = words::phrase(rest, $phrases).map(|(value, count)| {
                took(count);
                value
            })
        };
    }
    match place {
        Place::Lot => choose!(lot, words::LOTS),
        Place::Status => choose!(status, words::STATUSES),
        Place::Record => choose!(record, words::DONOR_RECORDS),
        Place::Supplemental => choose!(supplemental, words::SUPPLEMENTALS),
        Place::Lookback => choose!(lookback, words::LOOKBACKS),
        Place::Kind => choose!(kind, words::KINDS),
        Place::Sex => choose!(sex, words::SEXES),
        _ => {
            let (container, count) = words::phrase(rest, words::CONTAINERS)?;
            took(count);
            found.containers.push(container);
        }
    }
    (taken > 0).then_some((taken, found))
}

fn containers(rest: &[Token], found: &Found) -> Vec<State> {
    let (mut found, mut at, mut states) = (found.clone(), 0, Vec::new());
    while let Some((container, taken)) =
        words::phrase(rest.get(at..).unwrap_or_default(), words::CONTAINERS)
    {
        found.containers.push(container);
        at += taken;
        states.push((at, found.clone()));
        at += usize::from(rest.get(at).is_some_and(|token| token.word == "and"));
    }
    states.reverse();
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, sentence: &str) -> Result<Found, Miss> {
        Pattern::new(pattern).unwrap().read(&words::tokens(sentence))
    }

    #[test]
    fn a_sentence_fits_as_a_whole_or_not_at_all() {
        let pattern = "<test> [is|was] <reading>";
        let found = read(pattern, "HBsAg kit B is reactive").unwrap();
        assert_eq!((found.assay, found.kit), (Some(Assay::Hbsag), Some('B')));
        assert_eq!(found.readings, [Saying::Positive]);
        assert!(read(pattern, "HBsAg reactive").is_ok());
        let miss = read(pattern, "HBsAg kit B is reactive today").unwrap_err();
        assert_eq!((miss.at, miss.wanted.len()), (5, 1));
    }

    #[test]
    fn what_would_have_been_understood_is_told() {
        let miss = read("<test> is <reading>", "HBsAg was reactive").unwrap_err();
        assert_eq!(miss.at, 1);
        assert!(miss.wanted.contains("is") && miss.wanted.contains("<kit>"), "{miss:?}");
    }

    #[test]
    fn a_group_is_not_taken_for_a_kit() {
        let found = read("<test> [is] <reading>", "ABO B").unwrap();
        assert_eq!((found.kit, found.readings.len()), (None, 1));
        let found = read("<test> [is] <reading>", "ABO A is B").unwrap();
        assert_eq!(found.kit, Some('A'));
    }

    #[test]
    fn a_pattern_with_a_bracket_too_many_is_none() {
        for wrong in ["[ x", "x ]", "( x | y", "<nothing>"] {
            assert!(Pattern::new(wrong).is_none(), "{wrong}");
        }
    }
}
