//! What a rule set says, once its file is read. Everything that may differ between two
//! jurisdictions, or between two years in one of them, is a value here and nowhere a constant.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{Assay, DonationKind, Sex, WestgardRule};

use super::question::Judges;
use super::table::Table;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its name, e.g. `cn`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The day it was written for.
    pub dated: Date,
    /// What it was built from and how far it may be trusted.
    pub status: String,
    /// What its rows and checks rest on, by id.
    pub clauses: BTreeMap<String, Clause>,
    /// What a site chooses, by name.
    pub switches: BTreeMap<String, Switch>,
    /// Whether a result counts for which the analyser sent no status at all.
    pub without_status_counts: bool,
    /// The clause behind it.
    pub without_status_clause: String,
    /// Control rules that only warn.
    pub warn: Vec<WestgardRule>,
    /// Control rules that put a run out of control.
    pub reject: Vec<WestgardRule>,
    /// The clause behind both.
    pub westgard_clause: String,
    /// Its tables, by name.
    pub tables: BTreeMap<String, Arc<Table>>,
    /// The tables that judge the donation as a whole, by kind.
    pub decide: BTreeMap<Judges, String>,
    /// Its checks, in the order of the file.
    pub checks: Vec<CheckRule>,
    /// Assays whose results it does not judge.
    pub ignored: Vec<Ignored>,
}

/// A choice that the file leaves to the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What is chosen: by the site where it says something, otherwise by the file.
    pub value: String,
    /// What the file chooses.
    pub default: String,
    /// What can be chosen.
    pub choices: Vec<String>,
    /// What it is about.
    pub text: String,
    /// The clause behind it.
    pub clause: String,
}

/// An assay whose results are not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The assay: a quantity, because a reactive marker is never ignored.
    pub assay: Assay,
    /// The clause behind it.
    pub clause: String,
}

/// One check of a donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRule {
    /// Its name in verdicts.
    pub name: String,
    /// Whether a donation needs it. One that is not needed must still pass where it was run.
    pub required: Need,
    /// Donations that do not need it; where it was run, it must pass.
    pub not_for: Vec<DonationKind>,
    /// The first day of collection on which it is needed.
    pub from: Option<Date>,
    /// The last day of collection on which it is needed.
    pub until: Option<Date>,
    /// What counts as evidence: every assay of one of these sets.
    pub evidence: Vec<Vec<Assay>>,
    /// How results are judged.
    pub table: Arc<Table>,
    /// Kits that must each give a result that counts.
    pub rounds: u32,
    /// How it is judged whether there are enough results.
    pub needs: Option<Arc<Table>>,
    /// Repeats wanted after a reactive result (markers).
    pub repeats: u32,
    /// Whether only repeats with the kit of the first result count (markers).
    pub same_kit: bool,
    /// How the reagent lot of each result is judged.
    pub reagent: Option<Arc<Table>>,
    /// How the controls of each result are judged.
    pub run: Option<Arc<Table>>,
    /// How the specimen of each result is judged.
    pub specimen: Option<Arc<Table>>,
    /// How pools are judged: one that passes is evidence (markers).
    pub pool: Option<Arc<Table>>,
    /// Tests that tell apart what a reactive multiplex test found (markers).
    pub discriminatory: Vec<Assay>,
    /// Limits, in the order of the file (quantities).
    pub limits: Vec<Limit>,
    /// How many determinations are needed (blood groups).
    pub determinations: Determinations,
    /// Whether the group or type on record must agree (blood groups).
    pub history: bool,
    /// The assay that confirms a negative type (RhD).
    pub confirms: Option<Assay>,
    /// The clause behind it.
    pub clause: String,
}

/// Whether a donation needs a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Yes.
    Yes,
    /// No; where it was run, it must pass.
    WhereRun,
}

/// A limit of a quantity. Of those that fit, the last one of the file applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The first day of collection on which it applies.
    pub from: Date,
    /// The sex it applies to; none: everybody.
    pub sex: Option<Sex>,
    /// The donations it applies to; none: all.
    pub kinds: Vec<DonationKind>,
    /// A number above this one is outside.
    pub above: Option<Decimal>,
    /// A number below this one is outside.
    pub below: Option<Decimal>,
    /// Whether a number at the limit is outside too.
    pub or_equal: bool,
    /// The units that are the same as that of the limit, as analysers write them.
    pub units: Vec<String>,
    /// How many months before collection the number may have been measured; none: not before it.
    /// Of anti-HBs beside anti-HBc.
    pub within_months: Option<u32>,
}

/// How many determinations of a blood group are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Determinations {
    /// Of a first donor, or one with no group on record.
    pub first: u32,
    /// Of a donor with a group on record.
    pub repeat: u32,
}

/// What a rule rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The rule in words.
    pub text: String,
    /// Document and clause.
    pub source: String,
    /// How sure we are that the source says so.
    pub confidence: Confidence,
}

/// How sure a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// Read in the text of the regulation, standard or guideline.
    Verified,
    /// Read second-hand.
    Secondary,
    /// General knowledge.
    General,
    /// No rule was found: the careful reading.
    Design,
}

impl Confidence {
    /// Every one, surest first.
    pub const ALL: [Confidence; 4] = [Self::Verified, Self::Secondary, Self::General, Self::Design];

    /// The letter in a file.
    pub const fn id(self) -> &'static str {
        match self {
            Confidence::Verified => "V",
            Confidence::Secondary => "S",
            Confidence::General => "G",
            Confidence::Design => "D",
        }
    }
}

impl CheckRule {
    /// Its assays, each once, in the order of the file.
    pub fn assays(&self) -> Vec<Assay> {
        let mut found = Vec::new();
        for assay in self.evidence.iter().flatten() {
            if !found.contains(assay) {
                found.push(*assay);
            }
        }
        found
    }

    /// Every assay whose results it looks at: also those that confirm, tell apart or excuse.
    pub fn looks_at(&self) -> impl Iterator<Item = Assay> {
        let excuses = self.table.judges == Judges::Marker && !self.limits.is_empty();
        let beside = self.discriminatory.iter().copied().chain(self.confirms);
        self.assays().into_iter().chain(beside).chain(excuses.then_some(Assay::AntiHbs))
    }

    /// Whether a donation of this kind, collected on this day, needs it.
    pub fn is_needed(&self, kind: DonationKind, collected: Date) -> bool {
        self.required == Need::Yes
            && !self.not_for.contains(&kind)
            && self.from.is_none_or(|from| from <= collected)
            && self.until.is_none_or(|until| collected <= until)
    }
}

impl Limit {
    /// Whether it speaks of such a donation; one limited to a sex speaks of no donor of unknown
    /// sex.
    pub fn applies(&self, collected: Date, sex: Option<Sex>, kind: DonationKind) -> bool {
        self.from <= collected
            && (self.sex.is_none() || self.sex == sex)
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }

    /// The limit for numbers in this unit: itself, or the one of the same day, sex and donations
    /// that says the same in another unit. Never one of another day.
    pub fn in_unit<'l>(&'l self, unit: &str, limits: &'l [Limit]) -> Option<&'l Limit> {
        let same = |other: &&Limit| {
            (other.from, other.sex) == (self.from, self.sex) && other.kinds == self.kinds
        };
        let mut own = std::iter::once(self).chain(limits.iter().filter(same));
        own.find(|limit| limit.units.iter().any(|known| known == unit))
    }
}

impl Content {
    /// Puts another table in the place of the one of that name, wherever it judges.
    pub(super) fn put_table(&mut self, table: Arc<Table>) {
        for check in &mut self.checks {
            let others =
                [&mut check.needs, &mut check.reagent, &mut check.run, &mut check.specimen];
            let others = others.into_iter().chain([&mut check.pool]).flatten();
            for own in others.chain([&mut check.table]).filter(|own| own.name == table.name) {
                *own = Arc::clone(&table);
            }
        }
        self.tables.insert(table.name.clone(), table);
    }
}
