//! The one word inventory asks for, and the reasons behind it.

use std::fmt;

use super::Assay;

/// Whether a donation may be used. Ordered from best to worst: the worst contribution wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every required check ran and passed.
    Releasable,
    /// Nothing adverse, but something is missing, invalid or open.
    Pending,
    /// Conflict or doubt that needs a person.
    Hold,
    /// Terminal for this donation.
    Reject,
    /// Was releasable, now withdrawn.
    Recalled,
}

impl Verdict {
    /// Every verdict, best first.
    pub const ALL: [Verdict; 5] =
        [Self::Releasable, Self::Pending, Self::Hold, Self::Reject, Self::Recalled];

    /// The word used in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Verdict::Releasable => "releasable",
            Verdict::Pending => "pending",
            Verdict::Hold => "hold",
            Verdict::Reject => "reject",
            Verdict::Recalled => "recalled",
        }
    }

    /// The verdict written exactly so.
    pub fn from_id(id: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.id() == id)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What `rules::decide` concludes from a donation's facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The worst contribution.
    pub verdict: Verdict,
    /// Every contribution that is not "passed", worst first; `ALL_OK` alone when releasable.
    pub reasons: Vec<Reason>,
    /// Checks that ran and passed: the positive evidence of a release.
    pub passed: Vec<Check>,
    /// What the laboratory should do next.
    pub next_steps: Vec<NextStep>,
}

/// One contribution to a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code.
    pub code: ReasonCode,
    /// The verdict this reason alone would give.
    pub verdict: Verdict,
    /// The assay it is about, if one.
    pub assay: Option<Assay>,
    /// The observations behind it.
    pub observations: Vec<i64>,
    /// The messages behind it (unread ones).
    pub messages: Vec<i64>,
    /// What happened, for people.
    pub text: String,
}

/// A check that ran and passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Name of the check in the rule set, e.g. `hbsag` or `donor-not-deferred`.
    pub name: String,
    /// The observations that prove it.
    pub observations: Vec<i64>,
}

/// What the laboratory should do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// What to do.
    pub action: Action,
    /// With which assay, if one.
    pub assay: Option<Assay>,
    /// How many determinations are still wanted.
    pub count: u32,
    /// The same, for people.
    pub text: String,
    /// The observation that is to be repeated with its own kit, where it is one.
    pub repeats: Option<i64>,
}

/// What the laboratory can do for a donation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Run the assay for the first time.
    Test,
    /// Run the assay again because the result does not count.
    TestAgain,
    /// Repeat in duplicate, same assay, same kit.
    RepeatInDuplicate,
    /// A person must look.
    Review,
    /// Inventory must register the donation.
    Register,
}

impl Action {
    /// The word used in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Action::Test => "test",
            Action::TestAgain => "test_again",
            Action::RepeatInDuplicate => "repeat_in_duplicate",
            Action::Review => "review",
            Action::Register => "register",
        }
    }
}

/// Stable reason codes. A code never changes its meaning; new meanings get new codes. The order of
/// codes is only the order in which reasons of the same verdict are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// Every required check passed.
    AllOk,
    /// Inventory has not registered the donation.
    NotRegistered,
    /// A required result is not on record.
    Missing,
    /// A result is on record but does not count.
    Invalid,
    /// A result carries something nobody understood.
    Unaccounted,
    /// A message that names this donation could not be read.
    UnprocessedMessage,
    /// First reactive result; repeat in duplicate.
    InitialReactive,
    /// Repeats asked, not all returned.
    RetestIncomplete,
    /// Repeats were run with another kit than the first result.
    RetestWrongAssay,
    /// A repeat was reactive, or the rule set rejects at the first.
    RepeatReactive,
    /// Grey zone; repeat in duplicate.
    GreyZone,
    /// ALT above the limit.
    AltHigh,
    /// ALT in a unit the rule set does not know.
    UnitUnknown,
    /// Two ABO results differ.
    AboDiscrepancy,
    /// Two RhD results differ.
    RhdDiscrepancy,
    /// ABO differs from the group on record.
    AboHistoryMismatch,
    /// RhD differs from the type on record.
    RhdHistoryMismatch,
    /// The donor is deferred.
    DonorDeferred,
    /// Same donation, assay and time, two different values.
    DuplicateIdConflict,
    /// The same donation number was read in two places.
    DuplicateTube,
    /// Sign and number, or value and text, contradict each other.
    ValueTextConflict,
    /// The analyser marked the result; a person must look.
    ResultFlagged,
    /// The analyser withdrew a result.
    ResultWithdrawn,
    /// A result completed before the blood was drawn.
    TimeImplausible,
    /// Withdrawn after it had been releasable.
    Recalled,
}

impl ReasonCode {
    /// The code as it stands in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            ReasonCode::AllOk => "ALL_OK",
            ReasonCode::NotRegistered => "NOT_REGISTERED",
            ReasonCode::Missing => "MISSING",
            ReasonCode::Invalid => "INVALID",
            ReasonCode::Unaccounted => "UNACCOUNTED",
            ReasonCode::UnprocessedMessage => "UNPROCESSED_MESSAGE",
            ReasonCode::InitialReactive => "INITIAL_REACTIVE",
            ReasonCode::RetestIncomplete => "RETEST_INCOMPLETE",
            ReasonCode::RetestWrongAssay => "RETEST_WRONG_ASSAY",
            ReasonCode::RepeatReactive => "REPEAT_REACTIVE",
            ReasonCode::GreyZone => "GREY_ZONE",
            ReasonCode::AltHigh => "ALT_HIGH",
            ReasonCode::UnitUnknown => "UNIT_UNKNOWN",
            ReasonCode::AboDiscrepancy => "ABO_DISCREPANCY",
            ReasonCode::RhdDiscrepancy => "RHD_DISCREPANCY",
            ReasonCode::AboHistoryMismatch => "ABO_HISTORY_MISMATCH",
            ReasonCode::RhdHistoryMismatch => "RHD_HISTORY_MISMATCH",
            ReasonCode::DonorDeferred => "DONOR_DEFERRED",
            ReasonCode::DuplicateIdConflict => "DUPLICATE_ID_CONFLICT",
            ReasonCode::DuplicateTube => "DUPLICATE_TUBE",
            ReasonCode::ValueTextConflict => "VALUE_TEXT_CONFLICT",
            ReasonCode::ResultFlagged => "RESULT_FLAGGED",
            ReasonCode::ResultWithdrawn => "RESULT_WITHDRAWN",
            ReasonCode::TimeImplausible => "TIME_IMPLAUSIBLE",
            ReasonCode::Recalled => "RECALLED",
        }
    }
}

/// Which rule set decided: name, version and the SHA-256 of its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RuleSetIdentity {
    /// Name, e.g. `cn`.
    pub name: String,
    /// Version as the file states it.
    pub version: String,
    /// SHA-256 of the file's bytes, lower-case hex.
    pub sha256: String,
}
