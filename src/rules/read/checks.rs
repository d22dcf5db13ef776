//! The checks of a donation: what must have run, and which tables judge it.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use crate::document;
use crate::domain::{Assay, DonationKind, Measure};
use crate::limits;

use super::super::content::{CheckRule, Determinations, Need};
use super::super::question::Judges;
use super::super::table::Table;
use super::known::Known;
use super::quantities;
use super::words::{self, named, needed, table_name, words};
use super::{COUNT, Tables, bounded};

/// The checks that could be read, each with its place, and whether that is all of them.
pub(super) struct Checks<'d> {
    pub(super) read: Vec<(CheckRule, Rc<document::Table<'d>>)>,
    pub(super) all: bool,
}

impl Checks<'_> {
    /// The checks, where all of them could be read.
    pub(super) fn whole(self) -> Option<Vec<CheckRule>> {
        self.all.then(|| self.read.into_iter().map(|(check, _)| check).collect())
    }
}

/// Every check of the file.
pub(super) fn read<'d>(
    root: &document::Table<'d>,
    known: &Known<'d>,
    tables: &Tables,
) -> Checks<'d> {
    let found = root.tables("check");
    let count = found.len();
    bounded(root, count, limits::CHECKS_MAX, "checks");
    let mut names = BTreeSet::new();
    let read = found.into_iter().take(limits::CHECKS_MAX).filter_map(|table| {
        let rule = Reader { table: &table, known, tables }.check()?;
        if !names.insert(rule.name.clone()) {
            table.fault(&table.place(), format!("the name {:?} is taken", rule.name));
        }
        Some((rule, table))
    });
    let read: Vec<_> = read.collect();
    let all = read.len() == count;
    Checks { read, all }
}

/// The kinds of table that judge the results of a check.
const RESULTS: [Judges; 5] =
    [Judges::Marker, Judges::Quantity, Judges::Abo, Judges::Rhd, Judges::Label];

struct Reader<'t, 'd> {
    table: &'t document::Table<'d>,
    known: &'t Known<'d>,
    tables: &'t Tables,
}

/// What only markers have.
#[derive(Default)]
struct Marker {
    repeats: u32,
    same_kit: bool,
    pool: Option<Arc<Table>>,
    discriminatory: Vec<Assay>,
}

/// What only blood groups have.
struct Group {
    determinations: Determinations,
    history: bool,
    confirms: Option<Assay>,
}

impl Reader<'_, '_> {
    fn check(&self) -> Option<CheckRule> {
        let name = words(self.table, "name");
        let required = self.need();
        let not_for = self.kinds("not_for");
        let (from, until) = self.period();
        let evidence = self.evidence();
        let clause = self.known.clause(self.table, "by");
        let rounds = self.count("rounds", 1);
        let needs = self.other("needs", Judges::Rounds);
        let reagent = self.other("reagent", Judges::Reagent);
        let run = self.other("run", Judges::Run);
        let specimen = self.other("specimen", Judges::Specimen);
        let table = self.results();
        let judges = table.as_ref()?.judges;
        self.measured(&evidence, judges);
        let marker = self.marker(judges);
        let limits = quantities::read(self.table, self.known, judges);
        let group = self.group(judges);
        let Marker { repeats, same_kit, pool, discriminatory } = marker?;
        let Group { determinations, history, confirms } = group?;
        Some(CheckRule {
            name: name?,
            required: required?,
            not_for,
            from,
            until,
            evidence: evidence?,
            table: table?,
            rounds: rounds?,
            needs,
            repeats,
            same_kit,
            reagent,
            run,
            specimen,
            pool,
            discriminatory,
            limits: limits?,
            determinations,
            history,
            confirms,
            clause: clause?,
        })
    }

    fn need(&self) -> Option<Need> {
        let read = |word: &str| match word {
            "yes" => Some(Need::Yes),
            "where_run" => Some(Need::WhereRun),
            _ => None,
        };
        let word = self.known.word(self.table, "required", "one of yes, where_run", read);
        needed(self.table, "required", word)
    }

    fn kinds(&self, key: &str) -> Vec<DonationKind> {
        named(self.table, key, DonationKind::from_id, &DonationKind::ALL.map(DonationKind::id))
    }

    fn period(&self) -> (Option<jiff::civil::Date>, Option<jiff::civil::Date>) {
        let (from, until) = (self.table.date("from"), self.table.date("until"));
        if let (Some(from), Some(until)) = (&from, &until)
            && until.value < from.value
        {
            self.table.fault(&until.place, "is before the day from which it is needed");
        }
        (from.map(|day| day.value), until.map(|day| day.value))
    }

    /// Each text names the assays that are evidence together, joined by `+`.
    fn evidence(&self) -> Option<Vec<Vec<Assay>>> {
        let sets = self.table.strings("evidence");
        if sets.is_empty() {
            self.table.fault(&self.table.place(), "evidence must name at least one assay");
            return None;
        }
        let sets = sets.iter().map(|set| {
            let ids = set.value.split('+');
            let assays = ids.map(|id| words::assay(self.table, &set.place, id.trim()));
            assays.collect::<Vec<_>>().into_iter().collect::<Option<Vec<Assay>>>()
        });
        sets.collect::<Vec<_>>().into_iter().collect()
    }

    /// A whole number, or the switch that chooses one.
    fn count(&self, key: &str, default: u32) -> Option<u32> {
        if !self.table.has(key) {
            return Some(default);
        }
        if self.table.is_string(key) {
            let wanted = format!("a whole number from {} to {}", COUNT.start(), COUNT.end());
            let read = |word: &str| word.parse().ok().filter(|n| COUNT.contains(&i64::from(*n)));
            return self.known.word(self.table, key, &wanted, read);
        }
        let number = self.table.integer(key, COUNT)?;
        u32::try_from(number.value).ok()
    }

    /// Another table that it names.
    fn other(&self, key: &str, judges: Judges) -> Option<Arc<Table>> {
        let name = table_name(self.table, key, &[judges], self.tables)?;
        self.tables.get(&name)?.clone()
    }

    fn results(&self) -> Option<Arc<Table>> {
        needed(self.table, "table", self.table.has("table").then_some(()));
        let name = table_name(self.table, "table", &RESULTS, self.tables)?;
        self.tables.get(&name)?.clone()
    }

    fn measured(&self, evidence: &Option<Vec<Vec<Assay>>>, judges: Judges) {
        let right = match judges {
            Judges::Quantity => Measure::Quantity,
            Judges::Abo => Measure::Abo,
            Judges::Rhd => Measure::Rhd,
            _ => Measure::Marker,
        };
        let assays = evidence.iter().flatten().flatten();
        for assay in assays.filter(|assay| assay.measure() != right) {
            let message = format!("{assay} is not judged by a {} table", judges.id());
            self.table.fault(&self.table.place(), message);
        }
    }

    fn marker(&self, judges: Judges) -> Option<Marker> {
        if judges != Judges::Marker {
            return Some(Marker::default());
        }
        needed(self.table, "repeats", self.table.has("repeats").then_some(()));
        let repeats = self.count("repeats", 0);
        let same_kit = needed(self.table, "same_kit", self.table.boolean("same_kit"));
        let pool = self.other("pool", Judges::Pool);
        let discriminatory =
            named(self.table, "discriminatory", Assay::from_id, &Assay::ALL.map(Assay::id));
        for assay in discriminatory.iter().filter(|assay| assay.measure() != Measure::Marker) {
            self.table.fault(&self.table.place(), format!("{assay} is not a marker"));
        }
        let (repeats, same_kit) = (repeats?, same_kit?.value);
        Some(Marker { repeats, same_kit, pool, discriminatory })
    }

    fn group(&self, judges: Judges) -> Option<Group> {
        let single = Determinations { first: 1, repeat: 1 };
        let none = Group { determinations: single, history: false, confirms: None };
        if !matches!(judges, Judges::Abo | Judges::Rhd) {
            return Some(none);
        }
        let determinations = self.determinations();
        let read = |word: &str| match word {
            "must_agree" => Some(true),
            "not_compared" => Some(false),
            _ => None,
        };
        let wanted = "one of must_agree, not_compared";
        let history = self.known.word(self.table, "history", wanted, read);
        let history = needed(self.table, "history", history);
        let confirms = if judges == Judges::Rhd { self.confirms() } else { None };
        Some(Group { determinations: determinations?, history: history?, confirms })
    }

    fn determinations(&self) -> Option<Determinations> {
        let table = self.table.required_table("determinations")?;
        let reader = Reader { table: &table, known: self.known, tables: self.tables };
        let (first, repeat) = (reader.count("first", 1), reader.count("repeat", 1));
        for key in ["first", "repeat"].into_iter().filter(|key| !table.has(key)) {
            table.fault(&table.place(), format!("{key} is missing"));
        }
        Some(Determinations { first: first?, repeat: repeat? })
    }

    fn confirms(&self) -> Option<Assay> {
        let id = self.table.string("confirms")?;
        let assay = words::assay(self.table, &id.place, &id.value)?;
        if assay.measure() != Measure::Rhd {
            self.table.fault(&id.place, format!("{assay} confirms no RhD type"));
        }
        Some(assay)
    }
}
