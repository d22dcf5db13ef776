//! What is stuck: holds and repeats by their age, the oldest first.

use askama::Template;
use jiff::Timestamp;

use crate::console::age;
use crate::console::floor::{Book, Open};
use crate::console::paths;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::domain::{Action, Verdict};
use crate::rules::words;
use crate::{clock, limits};

#[derive(Template)]
#[template(path = "today_stuck.html")]
struct Stuck {
    text: &'static Text,
    lists: [List; 2],
}

/// Donations that wait for the same.
struct List {
    /// `holds` or `repeats`.
    what: &'static str,
    path: &'static str,
    /// How many there are of each age.
    ages: Vec<Age>,
    /// The oldest.
    oldest: Vec<Waits>,
}

struct Age {
    /// The key of its words, and of its place in the style sheet.
    id: &'static str,
    count: usize,
}

struct Waits {
    din: String,
    path: String,
    age: String,
    at: String,
    why: String,
}

/// Ages by how many seconds they begin at, the oldest first.
const AGES: [(&str, u32); 4] =
    [("over-day", 86_400), ("to-day", 4 * 3_600), ("to-four", 3_600), ("to-hour", 0)];

pub(super) fn region(state: &ConsoleState, text: &'static Text) -> Option<String> {
    let now = clock::utc();
    let lists = state.floor.look(|book| [holds(text, book, now), repeats(text, book, now)]);
    Stuck { text, lists }.render().ok()
}

fn holds(text: &Text, book: &Book, now: Timestamp) -> List {
    let held = book.open().filter(|open| open.verdict == Verdict::Hold);
    let why = |open: &Open| open.reasons.first().map_or(String::new(), |why| why.told(text));
    let held = held.map(|open| (open.since, open));
    list("holds", "/worklists?kind=review", held.collect(), text, now, why)
}

fn repeats(text: &Text, book: &Book, now: Timestamp) -> List {
    let wanted = |open: &Open| {
        let steps = open.steps.iter();
        let repeats = steps.filter(|step| step.want.action == Action::RepeatInDuplicate);
        repeats.map(|step| step.since).min()
    };
    let found = book.open().filter_map(|open| Some((wanted(open)?, open)));
    let why = |open: &Open| {
        let wants = open.steps.iter().map(|step| &step.want);
        let repeats = wants.filter(|want| want.action == Action::RepeatInDuplicate);
        let assays = repeats.filter_map(|want| want.assay);
        let assays = assays.map(|assay| text.lang().of(words::assay(assay)));
        assays.collect::<Vec<_>>().join(text.lang().of([", ", "、"]))
    };
    list("repeats", "/worklists?kind=repeats", found.collect(), text, now, why)
}

fn list(
    what: &'static str,
    path: &'static str,
    mut found: Vec<(Timestamp, &Open)>,
    text: &Text,
    now: Timestamp,
    why: impl Fn(&Open) -> String,
) -> List {
    found.sort_by_key(|(since, open)| (*since, &open.din));
    let oldest = found.iter().take(limits::TODAY_NAMED_MAX).map(|(since, open)| Waits {
        din: open.din.as_str().to_owned(),
        path: paths::donation(open.din.as_str()),
        age: age::ago(text, *since, now),
        at: age::at(text, *since),
        why: why(open),
    });
    let oldest = oldest.collect();
    let ages = counted(found.iter().map(|(since, _)| age::seconds(*since, now)));
    List { what, path, ages, oldest }
}

fn counted(ages: impl Iterator<Item = u32>) -> Vec<Age> {
    let mut counts = AGES.map(|(id, _)| Age { id, count: 0 });
    for age in ages {
        let of = AGES.iter().position(|(_, from)| age >= *from);
        if let Some(counted) = of.and_then(|of| counts.get_mut(of)) {
            counted.count += 1;
        }
    }
    counts.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::text::text;
    use crate::domain::DonationNumber;
    use crate::rules::words::Lang;

    #[test]
    fn an_age_belongs_to_the_oldest_that_it_has_reached() {
        let ages = [0, 3_599, 3_600, 14_399, 14_400, 86_399, 86_400, u32::MAX];
        let counts: Vec<_> =
            counted(ages.into_iter()).iter().map(|age| (age.id, age.count)).collect();
        assert_eq!(counts, [("over-day", 2), ("to-day", 2), ("to-four", 2), ("to-hour", 2)]);
    }

    #[test]
    fn the_oldest_are_named_up_to_their_bound_and_all_are_counted() {
        let open = |number: usize| Open {
            din: DonationNumber::restored(format!("D{number:02}")),
            version: 1,
            verdict: Verdict::Hold,
            since: Timestamp::from_second(number as i64).unwrap(),
            collected_at: None,
            site: None,
            reasons: Vec::new(),
            steps: Vec::new(),
        };
        let named = |count: usize| {
            let held: Vec<Open> = (0..count).rev().map(open).collect();
            let found = held.iter().map(|open| (open.since, open)).collect();
            let now = Timestamp::from_second(1_000).unwrap();
            let list = list("holds", "/", found, text(Lang::En), now, |_| String::new());
            let dins: Vec<String> = list.oldest.into_iter().map(|waits| waits.din).collect();
            (dins, list.ages.iter().map(|age| age.count).sum::<usize>())
        };
        let most = limits::TODAY_NAMED_MAX;
        let all: Vec<String> = (0..most).map(|number| format!("D{number:02}")).collect();
        assert_eq!(named(most), (all.clone(), most));
        assert_eq!(named(most + 1), (all, most + 1));
    }
}
