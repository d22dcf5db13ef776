//! Rows of a worklist from what is open: which list a step belongs to, and at which bench.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::clock;
use crate::console::floor::{Book, Open, Step, Want};
use crate::console::glance::Seen;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::{age, barcode, page, paths};
use crate::domain::{Action, Assay, ReasonCode};
use crate::rules::words;

/// A list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// First reactive results, to be repeated in duplicate with their own kit.
    Repeats,
    /// Members of reactive pools, to be tested singly.
    Pools,
    /// Invalid results and runs.
    Again,
    /// RhD negative, to be confirmed.
    WeakD,
    /// Groups that differ.
    Groups,
    /// Tests that were not run.
    Missing,
    /// Tubes to be taken anew, or to be identified.
    Specimens,
    /// What a person must look at, put on record or sign.
    Review,
}

impl Kind {
    pub(super) const ALL: [Kind; 8] = [
        Kind::Repeats,
        Kind::Pools,
        Kind::Again,
        Kind::WeakD,
        Kind::Groups,
        Kind::Missing,
        Kind::Specimens,
        Kind::Review,
    ];

    /// Its word in addresses and in keys of texts.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Kind::Repeats => "repeats",
            Kind::Pools => "pools",
            Kind::Again => "again",
            Kind::WeakD => "weak-d",
            Kind::Groups => "groups",
            Kind::Missing => "missing",
            Kind::Specimens => "specimens",
            Kind::Review => "review",
        }
    }

    /// The list that a step of a donation belongs to.
    fn of(open: &Open, want: &Want) -> Kind {
        let is_weak_d = want.assay == Some(Assay::WeakD);
        match want.action {
            Action::RepeatInDuplicate => Kind::Repeats,
            Action::TestSingly => Kind::Pools,
            Action::Test | Action::TestAgain | Action::Confirm if is_weak_d => Kind::WeakD,
            Action::TestAgain | Action::RunControls => Kind::Again,
            Action::Test => Kind::Missing,
            Action::NewSpecimen | Action::IdentifyTubes => Kind::Specimens,
            Action::Review if differs(open, want) => Kind::Groups,
            Action::Review
            | Action::Register
            | Action::PutOnRecord
            | Action::Sign
            | Action::Confirm => Kind::Review,
        }
    }
}

/// Whether a group is to be looked at because two of them differ.
fn differs(open: &Open, want: &Want) -> bool {
    let is_group = |code| {
        [
            ReasonCode::AboDiscrepancy,
            ReasonCode::RhdDiscrepancy,
            ReasonCode::AboHistoryMismatch,
            ReasonCode::RhdHistoryMismatch,
        ]
        .contains(&code)
    };
    let about =
        |assay: Option<Assay>| want.assay.is_none() || assay == want.assay || assay.is_none();
    open.reasons.iter().any(|why| is_group(why.code) && about(why.assay))
}

/// Which rows are asked for.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) kind: Kind,
    /// Empty: all.
    pub(super) analyser: String,
    /// Empty: all.
    pub(super) assay: String,
}

impl Filter {
    /// What is not known is not asked for.
    pub(super) fn of(state: &ConsoleState, kind: String, analyser: String, assay: String) -> Self {
        let kind = Kind::ALL.into_iter().find(|known| known.id() == kind);
        let analyser = Some(analyser).filter(|id| state.desks.contains_key(id));
        let assay = Assay::from_id(&assay).map(|assay| assay.id().to_owned());
        Filter {
            kind: kind.unwrap_or(Kind::Repeats),
            analyser: analyser.unwrap_or_default(),
            assay: assay.unwrap_or_default(),
        }
    }

    /// The id of a region with this filter.
    pub(super) fn region(&self, what: &str) -> String {
        format!("worklists-{what}:{}:{}:{}", self.kind.id(), self.analyser, self.assay)
    }

    /// What a region shows, and with which filter.
    pub(super) fn of_region<'i>(state: &ConsoleState, id: &'i str) -> Option<(&'i str, Self)> {
        let (what, rest) = id.strip_prefix("worklists-")?.split_once(':')?;
        let mut parts = rest.split(':').map(str::to_owned);
        let (kind, analyser, assay) = (parts.next()?, parts.next()?, parts.next()?);
        Some((what, Filter::of(state, kind, analyser, assay)))
    }

    /// The address of a page with this filter.
    pub(super) fn path(&self, page: &str) -> String {
        let mut path = format!("{page}?kind={}", self.kind.id());
        for (name, value) in [("analyser", &self.analyser), ("assay", &self.assay)] {
            if !value.is_empty() {
                path.push_str(&paths::below(&format!("&{name}="), value));
            }
        }
        path
    }
}

/// Rows at one bench.
#[derive(Debug)]
pub(super) struct Group {
    /// Its analysers; empty where it is no work of an analyser.
    pub(super) analyser: String,
    /// In the words of the trade; empty where it is about the donation.
    pub(super) assay: &'static str,
    pub(super) rows: Vec<Row>,
}

/// One thing to do with one donation.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) din: String,
    pub(super) path: String,
    /// The verdict's id.
    pub(super) verdict: &'static str,
    pub(super) mark: &'static str,
    pub(super) rack: Option<String>,
    pub(super) position: Option<u32>,
    pub(super) since: Timestamp,
    pub(super) age: String,
    pub(super) at: String,
    pub(super) what: String,
    pub(super) kit: Option<String>,
    pub(super) count: u32,
    pub(super) why: String,
}

impl Row {
    /// For a sheet of paper.
    pub(super) fn barcode(&self) -> Option<String> {
        barcode::code128(&self.din)
    }
}

/// How many rows each list has.
pub(super) fn counts(state: &ConsoleState) -> Vec<(Kind, usize)> {
    state.floor.look(|book| {
        let mut counts = Kind::ALL.map(|kind| (kind, 0));
        for open in book.open() {
            for step in &open.steps {
                let of = Kind::of(open, &step.want);
                if let Some((_, count)) = counts.iter_mut().find(|(kind, _)| *kind == of) {
                    *count += 1;
                }
            }
        }
        counts.to_vec()
    })
}

/// Rows that are asked for, by analyser and assay, the oldest first in each; at most `most` of the
/// oldest, and how many there are besides.
pub(super) fn groups(
    state: &ConsoleState,
    text: &Text,
    filter: &Filter,
    seen: &Seen,
    most: usize,
) -> (Vec<Group>, usize) {
    let benches = Benches::of(state);
    state.floor.look(|book| {
        let mut found = found(book, filter, &benches);
        found.sort_by_key(|(open, step)| (step.since, &open.din));
        let left_out = found.len().saturating_sub(most);
        let mut groups: BTreeMap<(String, Option<Assay>), Group> = BTreeMap::new();
        for (open, step) in found.into_iter().take(most) {
            let (assay, analyser) = (step.want.assay, benches.places(&step.want).join(" / "));
            let told = assay.map_or("", |assay| text.lang().of(words::assay(assay)));
            let group = groups.entry((analyser.clone(), assay));
            let group = group.or_insert(Group { analyser, assay: told, rows: Vec::new() });
            group.rows.push(row(text, open, step, seen));
        }
        (groups.into_values().collect(), left_out)
    })
}

/// Which analysers run which assay.
struct Benches(BTreeMap<String, BTreeSet<Assay>>);

impl Benches {
    fn of(state: &ConsoleState) -> Benches {
        let runs = |desk: &crate::console::state::Desk| {
            desk.analyser.tests().values().copied().collect::<BTreeSet<Assay>>()
        };
        Benches(state.desks.iter().map(|(id, desk)| (id.clone(), runs(desk))).collect())
    }

    /// Where it can be done: at the analyser of the result that is repeated, else wherever the
    /// assay is run.
    fn places<'w>(&'w self, want: &'w Want) -> Vec<&'w str> {
        if !want.is_run() {
            return Vec::new();
        }
        if let Some(first) = &want.analyser {
            return vec![first];
        }
        let runs = self
            .0
            .iter()
            .filter(|(_, assays)| want.assay.is_some_and(|assay| assays.contains(&assay)));
        runs.map(|(id, _)| id.as_str()).collect()
    }
}

/// What a filter leaves.
fn found<'b>(book: &'b Book, filter: &Filter, benches: &Benches) -> Vec<(&'b Open, &'b Step)> {
    let is_asked = |open: &Open, want: &Want| {
        Kind::of(open, want) == filter.kind
            && (filter.assay.is_empty()
                || want.assay.is_some_and(|assay| assay.id() == filter.assay))
            && (filter.analyser.is_empty()
                || benches.places(want).contains(&filter.analyser.as_str()))
    };
    let all = book.open().flat_map(|open| open.steps.iter().map(move |step| (open, step)));
    all.filter(|(open, step)| is_asked(open, &step.want)).collect()
}

fn row(text: &Text, open: &Open, step: &Step, seen: &Seen) -> Row {
    let want = &step.want;
    let place = seen.place(&open.din);
    let is_behind = |why: &&crate::console::floor::Why| why.assay == want.assay;
    let why = open.reasons.iter().find(is_behind).or(open.reasons.first());
    Row {
        din: open.din.as_str().to_owned(),
        path: paths::donation(open.din.as_str()),
        verdict: open.verdict.id(),
        mark: page::shape(open.verdict.id()),
        rack: place.map(|(loading, _)| loading.rack.clone()),
        position: place.map(|(_, position)| position),
        since: step.since,
        age: age::ago(text, step.since, clock::utc()),
        at: age::at(text, step.since),
        what: words::action_text(want.action, text.lang(), want.subject.as_deref()),
        kit: want.kit.clone(),
        count: want.count,
        why: why.map_or_else(String::new, |why| why.told(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::floor::Why;
    use crate::domain::{DonationNumber, Verdict};

    fn open(reasons: &[ReasonCode]) -> Open {
        let why = |code: &ReasonCode| Why { code: *code, assay: None, subject: None };
        Open {
            din: DonationNumber::restored("G123498654321".to_owned()),
            version: 1,
            verdict: Verdict::Hold,
            since: Timestamp::UNIX_EPOCH,
            collected_at: None,
            site: None,
            reasons: reasons.iter().map(why).collect(),
            steps: Vec::new(),
        }
    }

    fn want(action: Action, assay: Option<Assay>) -> Want {
        Want { action, assay, subject: None, analyser: None, kit: None, count: 1 }
    }

    #[test]
    fn a_step_belongs_to_the_list_of_its_bench() {
        let plain = open(&[ReasonCode::Missing]);
        let of = |action, assay| Kind::of(&plain, &want(action, assay));
        assert_eq!(of(Action::RepeatInDuplicate, Some(Assay::Hbsag)), Kind::Repeats);
        assert_eq!(of(Action::TestSingly, Some(Assay::Nat)), Kind::Pools);
        assert_eq!(of(Action::TestAgain, Some(Assay::Alt)), Kind::Again);
        assert_eq!(of(Action::RunControls, None), Kind::Again);
        assert_eq!(of(Action::Test, Some(Assay::WeakD)), Kind::WeakD);
        assert_eq!(of(Action::Test, Some(Assay::Rhd)), Kind::Missing);
        assert_eq!(of(Action::NewSpecimen, None), Kind::Specimens);
        assert_eq!(of(Action::Sign, None), Kind::Review);
        assert_eq!(of(Action::Review, Some(Assay::Abo)), Kind::Review);
        let differing = open(&[ReasonCode::AboDiscrepancy]);
        assert_eq!(Kind::of(&differing, &want(Action::Review, Some(Assay::Abo))), Kind::Groups);
        assert_eq!(Kind::of(&differing, &want(Action::Sign, None)), Kind::Review);
    }

    #[test]
    fn a_repeat_is_run_where_its_first_result_was_and_a_test_wherever_it_can_be() {
        let runs = BTreeSet::from([Assay::Hbsag]);
        let benches = ["one", "two"].map(|id| (id.to_owned(), runs.clone()));
        let benches = Benches(benches.into());
        let test = want(Action::Test, Some(Assay::Hbsag));
        assert_eq!(benches.places(&test), ["one", "two"]);
        let analyser = Some("two".to_owned());
        let repeat = Want { analyser, ..want(Action::RepeatInDuplicate, Some(Assay::Hbsag)) };
        assert_eq!(benches.places(&repeat), ["two"]);
        assert!(benches.places(&want(Action::Test, Some(Assay::Abo))).is_empty());
        assert!(benches.places(&want(Action::Sign, None)).is_empty());
    }
}
