//! What a rule set says, once its file is checked. Everything that may differ between two
//! jurisdictions, or between two years in one of them, is a value here and nowhere a constant.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::document::{self, Fault};
use crate::domain::{Assay, RuleSetIdentity, Verdict};

use super::language;

/// A checked rule set.
#[derive(Clone, Debug)]
pub struct RuleSet {
    identity: RuleSetIdentity,
    text: String,
    content: Content,
}

/// What the file says.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) dated: Date,
    pub(super) status: String,
    pub(super) deferred: Verdict,
    pub(super) without_status_counts: bool,
    pub(super) clauses: Vec<Clause>,
    pub(super) checks: Vec<CheckRule>,
}

/// One check of a donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRule {
    /// Its name in verdicts.
    pub name: String,
    /// Whether a donation needs it. One that is not required must still pass where it was run.
    pub required: bool,
    /// What counts as evidence: every assay of one of these sets.
    pub evidence: Vec<Vec<Assay>>,
    /// How results are judged.
    pub kind: Kind,
    /// What it rests on.
    pub clauses: Vec<Clause>,
}

/// How results are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reactive or not.
    Marker(MarkerPolicy),
    /// A number against a limit.
    Quantity(QuantityRule),
    /// A blood group.
    Group(GroupRule),
}

/// What follows a reactive marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkerPolicy {
    /// After a first reactive result.
    pub initial_reactive: InitialReactivePolicy,
    /// After a first result in the grey zone.
    pub grey_zone: InitialReactivePolicy,
    /// Repeats wanted.
    pub repeats: u32,
    /// Whether only repeats with the kit of the first result count.
    pub same_kit: bool,
    /// A repeat in the grey zone.
    pub grey_repeat: GreyRepeatPolicy,
    /// All repeats nonreactive.
    pub repeats_nonreactive: NonreactiveRepeatsPolicy,
    /// A correction from nonreactive to reactive.
    pub corrected_to_reactive: CorrectionPolicy,
    /// What it rests on.
    pub clauses: Vec<Clause>,
}

/// After a first adverse result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InitialReactivePolicy {
    /// Pending; repeat.
    Duplicate,
    /// Reject.
    RejectAtOnce,
}

/// A repeat in the grey zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GreyRepeatPolicy {
    /// Reject, as if reactive.
    Rejects,
    /// A person must look.
    Holds,
}

/// A first result adverse, all repeats nonreactive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NonreactiveRepeatsPolicy {
    /// The marker passes; the first result stays on record.
    Passes,
    /// A person must look.
    Holds,
    /// Reject.
    Rejects,
}

/// A result corrected from nonreactive to reactive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CorrectionPolicy {
    /// Reject.
    Rejects,
    /// As a first reactive result.
    Duplicate,
}

/// A number against a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityRule {
    /// When a number is unqualified.
    pub unqualified: Comparison,
    /// The limit, exact, in any of `units`.
    pub limit: Decimal,
    /// The units that are the same as that of the limit, as analysers write them.
    pub units: Vec<String>,
    /// Date of the source of the limit.
    pub limit_dated: Date,
}

/// When a number is unqualified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Above the limit.
    Above,
    /// At the limit or above.
    AtOrAbove,
}

impl Comparison {
    /// The sign as it stands in the file.
    pub const fn sign(self) -> &'static str {
        match self {
            Comparison::Above => ">",
            Comparison::AtOrAbove => ">=",
        }
    }

    /// Whether this number is unqualified.
    pub fn fails(self, number: Decimal, limit: Decimal) -> bool {
        match self {
            Comparison::Above => number > limit,
            Comparison::AtOrAbove => number >= limit,
        }
    }
}

/// A blood group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GroupRule {
    /// Whether the group on record from earlier donations must agree.
    pub compare_history: bool,
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

impl RuleSet {
    /// Reads a rule set.
    ///
    /// # Errors
    /// Every fault of the file at once.
    pub fn parse(file: &str, text: &str) -> Result<RuleSet, Vec<Fault>> {
        let content = language::read(file, text)?;
        let identity = RuleSetIdentity {
            name: content.name.clone(),
            version: content.version.clone(),
            sha256: document::sha256(text),
        };
        Ok(RuleSet { identity, text: text.to_owned(), content })
    }

    /// Name, version and SHA-256.
    pub fn identity(&self) -> &RuleSetIdentity {
        &self.identity
    }

    /// The text it was read from, as kept in the store beside its verdicts.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the set was built from and how far it may be trusted, for the user.
    pub fn status(&self) -> &str {
        &self.content.status
    }

    /// The day it was written for.
    pub fn dated(&self) -> Date {
        self.content.dated
    }

    /// Its checks, in the order of the file.
    pub fn checks(&self) -> &[CheckRule] {
        &self.content.checks
    }

    /// What the rules about registration, donor, statuses and ignored results rest on.
    pub fn clauses(&self) -> &[Clause] {
        &self.content.clauses
    }

    /// What a deferred donor does to the donation: hold or reject.
    pub(super) fn deferred(&self) -> Verdict {
        self.content.deferred
    }

    /// Whether a result counts for which the analyser sent no status at all.
    pub(super) fn without_status_counts(&self) -> bool {
        self.content.without_status_counts
    }
}
