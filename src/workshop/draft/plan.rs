//! From what stands where to what is to be done with it.

use std::collections::{BTreeMap, BTreeSet};

use super::census::{Census, Depth, Place, Seen};
use super::standard::{self, Meaning};
use super::{Source, Standard, Unplaced, words};
use crate::domain::{Assay, DonationNumberScheme, Reading};

/// What goes into the draft.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) specimen_ids: Vec<String>,
    /// Keys of `[fields]` with their paths.
    pub(super) fields: Vec<(&'static str, String)>,
    /// Paths with the codes of the standard.
    pub(super) kinds: Vec<(String, &'static str)>,
    pub(super) status: Option<String>,
    pub(super) order_status: Option<String>,
    pub(super) verdicts: Vec<Verdict>,
    /// Texts that no trade word explains, at places of verdicts.
    pub(super) strange: Vec<(String, String)>,
    pub(super) aspect: Option<String>,
    /// A place whose texts go on behind this character.
    pub(super) split: Option<(String, &'static str)>,
    /// Paths of flags with the texts that are no verdicts.
    pub(super) flags: Vec<(String, Vec<String>)>,
    pub(super) comments: Vec<String>,
    pub(super) ignored: BTreeMap<&'static str, Vec<String>>,
    pub(super) tests: Vec<Test>,
    pub(super) query_ids: Vec<String>,
    pub(super) unplaced: Vec<Unplaced>,
    pub(super) to_do: Vec<String>,
}

/// A test code with what it makes one think of.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) thought: Option<Assay>,
}

/// A place with words that are verdicts.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) path: String,
    pub(super) words: Vec<Word>,
}

/// A word, what it means, and whether it stood in the transcript.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) reading: Reading,
    pub(super) seen: bool,
}

const PERSONAL: &str = "about the person: a donation is known by its number alone";
const ORDER_NUMBERS: &str = "numbers of the order";

impl Plan {
    pub(super) fn of(census: &Census, source: Source<'_>) -> Plan {
        let mut builder = Builder { census, source, plan: Plan::default(), taken: BTreeSet::new() };
        builder.specimen_ids();
        builder.value();
        builder.test_code();
        builder.time();
        builder.rest();
        builder.kinds();
        builder.query();
        builder.what_is_left();
        builder.plan
    }
}

struct Builder<'c> {
    census: &'c Census,
    source: Source<'c>,
    plan: Plan,
    taken: BTreeSet<Place>,
}

impl<'c> Builder<'c> {
    fn standard(&self) -> Standard {
        self.source.standard
    }

    /// The path of a place, and nobody else places it any more.
    fn take(&mut self, place: &Place) -> String {
        self.taken.insert(place.clone());
        self.path(place)
    }

    fn path(&self, place: &Place) -> String {
        place.path(self.standard(), place.depth(self.census.places.keys()))
    }

    fn meaning(&self, place: &Place) -> Option<Meaning> {
        let Place { record, field, component, subcomponent } = place;
        standard::meaning(self.standard(), record, *field, *component, *subcomponent)
    }

    /// The leaves of one field.
    fn field(&self, record: &str, field: usize) -> Vec<(&'c Place, &'c Seen)> {
        let of_field =
            |(place, _): &(&Place, &Seen)| place.record == record && place.field == field;
        self.census.places.iter().filter(of_field).collect()
    }

    fn specimen_ids(&mut self) {
        let numbered = |builder: &Self, place: &Place, seen: &Seen| {
            builder.meaning(place) == Some(Meaning::SpecimenId)
                && holds_a_number(seen, builder.source.scheme)
        };
        let found: Vec<&Place> = self
            .census
            .places
            .iter()
            .filter(|(place, seen)| numbered(self, place, seen))
            .map(|(place, _)| place)
            .collect();
        for place in found {
            let path = self.take(place);
            self.plan.specimen_ids.push(path);
        }
        if self.plan.specimen_ids.is_empty() {
            let usual = match self.standard() {
                Standard::Hl7 => Place::of("SPM", 2),
                Standard::Lis02 => Place::of("O", 3),
            };
            let path = self.take(&usual);
            self.plan.to_do.push(format!(
                "no donation number was recognised anywhere: {path} is where the standard has the \
                 specimen id; if your numbers are not ISBT 128, say so with \
                 --donation-number-pattern"
            ));
            self.plan.specimen_ids.push(path);
        }
    }

    fn value(&mut self) {
        let (record, field) = standard::value(self.standard());
        let leaves = self.field(record, field);
        let whole = Place::of(record, field);
        let separator = if self.standard() == Standard::Hl7 { '-' } else { '.' };
        self.plan.fields.push(("value", format!("{record}{separator}{field}")));
        // -1, 0 or 1 before the number; what has no verdict is the number alone.
        let signs = |seen: &Seen| {
            seen.texts.contains("-1") && seen.texts.iter().all(|text| words::is_number(text))
        };
        let speaks = |(_, seen): &(&Place, &Seen)| signs(seen) || verdict_words(seen).is_some();
        let said = leaves.iter().position(speaks);
        let signed = leaves.len() > 1 && leaves.first().is_some_and(|(_, seen)| signs(seen));
        for (at, (place, seen)) in leaves.into_iter().enumerate() {
            if signed && place.component == 1 {
                let path = self.take(place);
                self.plan.verdicts.push(Verdict { path, words: signs_as_words(seen) });
            } else if let Some(words) = verdict_words(seen) {
                let path = self.take(place);
                let strange =
                    |text: &&String| words::reading(text).is_none() && !words::is_number(text);
                let strange = seen.texts.iter().filter(strange).cloned();
                self.plan.strange.extend(strange.map(|text| (path.clone(), text)));
                self.plan.verdicts.push(Verdict { path, words });
            } else if said.is_some_and(|said| said != at)
                && seen.texts.iter().all(|text| words::is_number(text))
            {
                let path = self.take(place);
                self.plan.fields.push(("number", path));
            } else if *place == whole {
                self.taken.insert(place.clone());
            }
        }
    }

    fn test_code(&mut self) {
        let leaves = self.field(super::census::result_record(self.standard()), 3);
        let code = match self.standard() {
            Standard::Hl7 => leaves.first().copied(),
            Standard::Lis02 => {
                leaves.iter().find(|(place, _)| place.component == 4).or(leaves.first()).copied()
            }
        };
        let Some((place, seen)) = code else { return };
        let path = self.take(place);
        let goes_on = self.standard() != Standard::Hl7
            && seen.texts.iter().all(|text| text.matches('/').count() > 0);
        if goes_on {
            let example = seen.texts.first().cloned().unwrap_or_default();
            for (part, text) in (1..).zip(example.split('/')).skip(1) {
                let path = format!("{path}.{part}");
                self.leave(path, text, seen.count, None);
            }
            self.plan.fields.push(("test_code", format!("{path}.1")));
            self.plan.split = Some((path, "/"));
        } else {
            self.plan.fields.push(("test_code", path));
        }
        let is_aspect = |seen: &Seen| {
            seen.texts.len() > 1
                && seen.texts.iter().all(|text| matches!(text.as_str(), "F" | "I" | "P" | "G"))
        };
        let aspect = leaves.iter().find(|(other, seen)| *other != place && is_aspect(seen));
        if let Some((place, _)) = aspect {
            self.plan.aspect = Some(self.take(place));
        }
        let tests = self.census.tests.iter().map(|(code, name)| Test {
            code: code.clone(),
            name: name.clone(),
            thought: words::assay(code, name),
        });
        self.plan.tests = tests.collect();
    }

    fn time(&mut self) {
        let (record, fields) = standard::times(self.standard());
        let census = self.census;
        let is_time = |place: &Place| {
            let seen = census.places.get(place);
            seen.is_some_and(|seen| seen.texts.iter().all(|text| words::is_time(text)))
        };
        let times = fields.iter().map(|field| Place::of(record, *field)).filter(is_time);
        // The other one of LIS02 is the start (8.4.12); that of HL7 may be when blood was drawn.
        let keys: &[_] = match self.standard() {
            Standard::Lis02 => &["completed_at", "started_at"],
            Standard::Hl7 => &["completed_at"],
        };
        for (key, place) in keys.iter().zip(times) {
            let path = self.take(&place);
            self.plan.fields.push((key, path));
        }
    }

    /// Every place that has no role so far: as the standard says, or left to a person.
    fn rest(&mut self) {
        let census = self.census;
        for (place, seen) in &census.places {
            if self.taken.contains(place)
                || standard::personal(self.standard()).contains(&place.record.as_str())
            {
                continue;
            }
            match self.meaning(place) {
                Some(Meaning::Ignored(why)) => self.ignore(why, place),
                Some(Meaning::Field(key)) => self.of_standard(key, place, seen),
                Some(Meaning::Status) => self.plan.status = Some(self.take(place)),
                Some(Meaning::OrderStatus) => self.plan.order_status = Some(self.take(place)),
                Some(Meaning::Flags) => self.flags(place, seen),
                Some(Meaning::Comment) => {
                    let path = self.take(place);
                    self.plan.comments.push(path);
                }
                Some(Meaning::SpecimenId) if place.record == "OBR" => {
                    self.ignore(ORDER_NUMBERS, place);
                }
                Some(Meaning::Kind(_)) => {}
                Some(Meaning::SpecimenId) | None => self.unplaced(place, seen),
            }
        }
        let people = standard::personal(self.standard()).iter();
        let sent = people.filter(|name| census.places.keys().any(|place| place.record == **name));
        let people: Vec<String> = sent.map(|name| (*name).to_owned()).collect();
        if !people.is_empty() {
            self.plan.ignored.insert(PERSONAL, people);
        }
    }

    fn ignore(&mut self, why: &'static str, place: &Place) {
        let path = self.take(place);
        self.plan.ignored.entry(why).or_default().push(path);
    }

    /// Rack and position are believed where the specimen's id stands in the same field.
    fn of_standard(&mut self, key: &'static str, place: &Place, seen: &Seen) {
        let beside = matches!(key, "rack" | "position") && place.record == "O";
        let of_id = Place::of(&place.record, place.field).path(self.standard(), Depth::Component);
        if beside && !self.plan.specimen_ids.contains(&of_id) {
            return self.unplaced(place, seen);
        }
        let path = self.take(place);
        self.plan.fields.push((key, path));
    }

    fn flags(&mut self, place: &Place, seen: &Seen) {
        let path = self.take(place);
        if let Some(words) = verdict_words(seen) {
            self.plan.verdicts.push(Verdict { path: path.clone(), words });
        }
        let others = seen.texts.iter().filter(|text| words::reading(text).is_none());
        self.plan.flags.push((path, others.cloned().collect()));
    }

    /// Where the standard has its markings, whether or not they were sent.
    fn kinds(&mut self) {
        let places = match self.standard() {
            Standard::Hl7 => vec![Place::of("MSH", 11), Place::of("SPM", 11)],
            Standard::Lis02 => vec![Place::of("H", 12), Place::of("O", 12)],
        };
        for place in places {
            let sent = self.census.places.keys().any(|known| known.record == place.record);
            if let (true, Some(Meaning::Kind(codes))) = (sent, self.meaning(&place)) {
                let path = self.take(&place);
                self.plan.kinds.push((path, codes));
            }
        }
    }

    fn query(&mut self) {
        let scheme = self.source.scheme;
        let ids = self.census.asked.iter().filter(|(_, seen)| holds_a_number(seen, scheme));
        let paths = ids.map(|(place, _)| {
            place.path(self.source.standard, place.depth(self.census.asked.keys()))
        });
        self.plan.query_ids = paths.collect();
    }

    fn unplaced(&mut self, place: &Place, seen: &Seen) {
        let path = self.path(place);
        let thought = words::role(place, &seen.texts);
        self.leave(path, seen.texts.first().map_or("", String::as_str), seen.count, thought);
    }

    fn leave(&mut self, path: String, example: &str, seen: usize, thought: Option<&'static str>) {
        if example.is_empty() {
            return;
        }
        self.plan.unplaced.push(Unplaced { path, example: example.to_owned(), seen, thought });
    }

    fn what_is_left(&mut self) {
        let plan = &mut self.plan;
        for test in &plan.tests {
            let code = &test.code;
            plan.to_do.push(format!("the test code {code:?} has no assay yet: see [tests]"));
        }
        if plan.verdicts.is_empty() {
            plan.to_do.push(
                "no word that is a verdict was seen: a marker needs a [[verdict]], or a \
                 [[threshold]] with unit, date and source"
                    .to_owned(),
            );
        }
        for (path, word) in &plan.strange {
            plan.to_do
                .push(format!("{path}: {word:?} stands beside words that are verdicts: which?"));
        }
        for (path, flags) in plan.flags.iter().filter(|(_, flags)| !flags.is_empty()) {
            let flags = flags.join(", ");
            plan.to_do.push(format!("{path}: say in [[flags]] what each of these does: {flags}"));
        }
        for verdict in &plan.verdicts {
            for word in verdict.words.iter().filter(|word| !word.seen) {
                let (path, word) = (&verdict.path, &word.text);
                plan.to_do
                    .push(format!("{path}: {word:?} was not seen: confirm how it is written"));
            }
        }
        if !plan.query_ids.is_empty() {
            plan.to_do.push(
                "it asks what to do: complete [query] and write [answer], which no transcript of \
                 the analyser's side shows"
                    .to_owned(),
            );
        }
    }
}

fn holds_a_number(seen: &Seen, scheme: &DonationNumberScheme) -> bool {
    seen.texts.iter().any(|text| scheme.parse(text).is_ok())
}

fn signs_as_words(seen: &Seen) -> Vec<Word> {
    let signs = [("-1", Reading::Nonreactive), ("0", Reading::GreyZone), ("1", Reading::Reactive)];
    let word = |(text, reading): (&str, Reading)| Word {
        text: text.to_owned(),
        reading,
        seen: seen.texts.contains(text),
    };
    signs.map(word).into()
}

/// The words at a place that are verdicts, with the opposite of those whose opposite was not seen;
/// `None` where they cannot say both yes and no.
fn verdict_words(seen: &Seen) -> Option<Vec<Word>> {
    let known = |text: &String| {
        let reading = words::reading(text)?;
        Some(Word { text: text.clone(), reading, seen: true })
    };
    let mut found: Vec<Word> = seen.texts.iter().filter_map(known).collect();
    for (one, other) in
        [(Reading::Nonreactive, Reading::Reactive), (Reading::Reactive, Reading::Nonreactive)]
    {
        let has = |reading| found.iter().any(|word| word.reading == reading);
        if has(one) && !has(other) {
            let said = found.iter().find(|word| word.reading == one);
            let text = said.and_then(|word| words::opposite(&word.text))?;
            found.push(Word { text, reading: other, seen: false });
        }
    }
    let both = [Reading::Nonreactive, Reading::Reactive];
    both.iter().all(|both| found.iter().any(|word| word.reading == *both)).then_some(found)
}
