//! The one word inventory asks for, and the reasons behind it.

use std::fmt;

use super::Assay;
use super::circumstances::words;

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
    /// What is worth knowing and stands against nothing, e.g. a reactive result that was resolved.
    pub remarks: Vec<Reason>,
    /// What the components must be labelled with.
    pub labels: Vec<Label>,
    /// What follows for the donor; inventory takes it from here.
    pub donor: Vec<DonorEvent>,
}

/// What components of a donation must be labelled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// RhD positive, weak and partial D included.
    RhdPositive,
    /// RhD negative.
    RhdNegative,
    /// Nonreactive for CMV antibody.
    CmvNegative,
    /// Not to be labelled CMV negative.
    NotCmvNegative,
    /// Biohazard: for the named patient alone.
    Biohazard,
}

impl Label {
    /// Every label.
    pub const ALL: [Label; 5] = [
        Self::RhdPositive,
        Self::RhdNegative,
        Self::CmvNegative,
        Self::NotCmvNegative,
        Self::Biohazard,
    ];

    /// The word used in JSON and rule sets.
    pub const fn id(self) -> &'static str {
        match self {
            Label::RhdPositive => "RHD_POSITIVE",
            Label::RhdNegative => "RHD_NEGATIVE",
            Label::CmvNegative => "CMV_NEGATIVE",
            Label::NotCmvNegative => "NOT_CMV_NEGATIVE",
            Label::Biohazard => "BIOHAZARD",
        }
    }

    /// The label written exactly so.
    pub fn from_id(id: &str) -> Option<Label> {
        Label::ALL.into_iter().find(|label| label.id() == id)
    }
}

/// What a finding means for the donor's future donations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DonorConsequence {
    /// Nothing.
    None,
    /// Deferred for a time, or until something was done.
    Temporary,
    /// Deferred for good, until formally requalified.
    Permanent,
}

impl DonorConsequence {
    /// Every consequence, mildest first.
    pub const ALL: [DonorConsequence; 3] = [Self::None, Self::Temporary, Self::Permanent];

    /// The word used in JSON and rule sets.
    pub const fn id(self) -> &'static str {
        match self {
            DonorConsequence::None => "none",
            DonorConsequence::Temporary => "temporary",
            DonorConsequence::Permanent => "permanent",
        }
    }

    /// The consequence written exactly so.
    pub fn from_id(id: &str) -> Option<DonorConsequence> {
        DonorConsequence::ALL.into_iter().find(|known| known.id() == id)
    }
}

/// A consequence for the donor, and what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DonorEvent {
    /// What follows.
    pub consequence: DonorConsequence,
    /// The reason it follows from.
    pub code: ReasonCode,
    /// The assay, if one.
    pub assay: Option<Assay>,
}

/// What a reason that stands against nothing is called in a decision.
pub type Remark = Reason;

/// One contribution to a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code.
    pub code: ReasonCode,
    /// The verdict this reason alone would give.
    pub verdict: Verdict,
    /// The assay it is about, if one.
    pub assay: Option<Assay>,
    /// What of it, where the assay does not say it: `ABO#2`, `SAMPLE`, a pool's id.
    pub subject: Option<String>,
    /// The clause of the rule set behind it, by its id; `None` where no rule set can say otherwise.
    pub clause: Option<String>,
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
    /// Test the members of its pool singly.
    TestSingly,
    /// Run the kit's or the external controls.
    RunControls,
    /// Put the kit, the lot, the control or the pool on record.
    PutOnRecord,
    /// Take a new specimen, or a segment.
    NewSpecimen,
    /// Review and sign.
    Sign,
    /// Send to the reference laboratory.
    Confirm,
    /// Identify the tubes of the rack again, by their bar codes.
    IdentifyTubes,
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
            Action::TestSingly => "test_singly",
            Action::RunControls => "run_controls",
            Action::PutOnRecord => "put_on_record",
            Action::NewSpecimen => "new_specimen",
            Action::Sign => "sign",
            Action::Confirm => "confirm",
            Action::IdentifyTubes => "identify_tubes",
        }
    }

    /// Every action.
    pub const ALL: [Action; 12] = [
        Self::Test,
        Self::TestAgain,
        Self::RepeatInDuplicate,
        Self::Review,
        Self::Register,
        Self::TestSingly,
        Self::RunControls,
        Self::PutOnRecord,
        Self::NewSpecimen,
        Self::Sign,
        Self::Confirm,
        Self::IdentifyTubes,
    ];

    /// The action written exactly so.
    pub fn from_id(id: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.id() == id)
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
    /// A result names a donation that inventory does not know.
    UnmatchedSample,
    /// The typed donation number does not agree with its check character.
    DinCheckFailed,
    /// Both rounds of serology were run with kits of one maker.
    SameManufacturer,
    /// Both rounds of serology were run by the same person.
    SameOperator,
    /// The pool is reactive and not all members are tested singly.
    PoolReactiveUnresolved,
    /// The pool was reactive, and another member explains it.
    PoolResolved,
    /// The pool is reactive and no member is.
    PoolNotResolved,
    /// Who was in the pool is not on record, or is so twice.
    PoolMembersUnknown,
    /// The pool is larger than the kit is validated for.
    PoolSizeExceeded,
    /// The reagent lot had expired when the test was run.
    ReagentExpired,
    /// The reagent lot is not released for use.
    ReagentNotReleased,
    /// This delivery of the lot was not assessed.
    DeliveryNotAccepted,
    /// The reagent lot was recalled.
    LotRecalled,
    /// A control of the run failed, or is missing.
    RunInvalid,
    /// An external control is out of control.
    QcFailExternal,
    /// A check of the reagent that each day needs is missing.
    QcMissing,
    /// Controls of an accepted run were found to have failed.
    QcFailRetro,
    /// An external control is beyond 2 SD: a warning.
    QcWarning,
    /// The test was run on a specimen that it is not validated for.
    WrongTube,
    /// The specimen was older than the kit allows.
    SampleTooOld,
    /// Results are not reviewed and signed, or were signed before the last result.
    NotSigned,
    /// One person did what two must do.
    DualReviewMissing,
    /// The donor's record stops automatic issue.
    DonorFlagged,
    /// The donor was reactive before and was not requalified.
    DonorPriorReactive,
    /// Two donor records were merged.
    DonorMerge,
    /// The donor's earlier reactivity was found not specific.
    Reinstated,
    /// A nucleic acid test of this donation is reactive.
    NatReactive,
    /// Reactive; no repeat is foreseen.
    Reactive,
    /// Reactive, and no discriminatory test is: never negative.
    NotDiscriminated,
    /// A result was corrected from nonreactive to reactive.
    Corrected,
    /// A result was corrected after the donation had been releasable.
    CorrectedAfterRelease,
    /// Anti-HBc reactive, and what would allow it is not there.
    HbcExceptionNotMet,
    /// Haemoglobin below the limit.
    HbBelowLimit,
    /// Haemoglobin above the limit.
    HbAboveLimit,
    /// A quantity outside its limits.
    OutsideLimit,
    /// The red-cell antibody screen is positive.
    AntibodyPositive,
    /// An autologous unit with a reactive marker: for its donor alone.
    AutologousBiohazard,
    /// Consignees were not told in time.
    LookbackOverdue,
    /// Release goes outside of this program, unit by unit.
    ManualPath,
    /// Another rule set decided before; look again.
    RulesetChanged,
    /// The rule set says nothing of this case; held.
    RuleGap,
    /// Was reactive first; the repeats resolved it.
    InitialReactiveRecorded,
    /// What the components must be labelled with.
    Label,
    /// Release is stopped as a whole: a known-bad donation came out releasable.
    ReleaseStopped,
    /// Tubes of a rack were reported at other places than its manifest: whose is whose is in doubt.
    RackMismatch,
    /// Two people amended a reason; it stays visible.
    Amended,
    /// Two people corrected what the registration said.
    RegistrationCorrected,
    /// Two people judged a message that could not be read completely.
    MessageJudged,
}

words!(
    ReasonCode,
    73,
    AllOk = "ALL_OK",
    NotRegistered = "NOT_REGISTERED",
    Missing = "MISSING",
    Invalid = "INVALID",
    Unaccounted = "UNACCOUNTED",
    UnprocessedMessage = "UNPROCESSED_MESSAGE",
    InitialReactive = "INITIAL_REACTIVE",
    RetestIncomplete = "RETEST_INCOMPLETE",
    RetestWrongAssay = "RETEST_WRONG_ASSAY",
    RepeatReactive = "REPEAT_REACTIVE",
    GreyZone = "GREY_ZONE",
    AltHigh = "ALT_HIGH",
    UnitUnknown = "UNIT_UNKNOWN",
    AboDiscrepancy = "ABO_DISCREPANCY",
    RhdDiscrepancy = "RHD_DISCREPANCY",
    AboHistoryMismatch = "ABO_HISTORY_MISMATCH",
    RhdHistoryMismatch = "RHD_HISTORY_MISMATCH",
    DonorDeferred = "DONOR_DEFERRED",
    DuplicateIdConflict = "DUPLICATE_ID_CONFLICT",
    DuplicateTube = "DUPLICATE_TUBE",
    ValueTextConflict = "VALUE_TEXT_CONFLICT",
    ResultFlagged = "RESULT_FLAGGED",
    ResultWithdrawn = "RESULT_WITHDRAWN",
    TimeImplausible = "TIME_IMPLAUSIBLE",
    Recalled = "RECALLED",
    UnmatchedSample = "UNMATCHED_SAMPLE",
    DinCheckFailed = "DIN_CHECK_FAILED",
    SameManufacturer = "SAME_MANUFACTURER",
    SameOperator = "SAME_OPERATOR",
    PoolReactiveUnresolved = "POOL_REACTIVE_UNRESOLVED",
    PoolResolved = "POOL_RESOLVED",
    PoolNotResolved = "POOL_NOT_RESOLVED",
    PoolMembersUnknown = "POOL_MEMBERS_UNKNOWN",
    PoolSizeExceeded = "POOL_SIZE_EXCEEDED",
    ReagentExpired = "REAGENT_EXPIRED",
    ReagentNotReleased = "REAGENT_NOT_RELEASED",
    DeliveryNotAccepted = "DELIVERY_NOT_ACCEPTED",
    LotRecalled = "LOT_RECALLED",
    RunInvalid = "RUN_INVALID",
    QcFailExternal = "QC_FAIL_EXTERNAL",
    QcMissing = "QC_MISSING",
    QcFailRetro = "QC_FAIL_RETRO",
    QcWarning = "QC_WARNING",
    WrongTube = "WRONG_TUBE",
    SampleTooOld = "SAMPLE_TOO_OLD",
    NotSigned = "NOT_SIGNED",
    DualReviewMissing = "DUAL_REVIEW_MISSING",
    DonorFlagged = "DONOR_FLAGGED",
    DonorPriorReactive = "DONOR_PRIOR_REACTIVE",
    DonorMerge = "DONOR_MERGE",
    Reinstated = "REINSTATED",
    NatReactive = "NAT_REACTIVE",
    Reactive = "REACTIVE",
    NotDiscriminated = "NOT_DISCRIMINATED",
    Corrected = "CORRECTED",
    CorrectedAfterRelease = "CORRECTED_AFTER_RELEASE",
    HbcExceptionNotMet = "HBC_EXCEPTION_NOT_MET",
    HbBelowLimit = "HB_BELOW_LIMIT",
    HbAboveLimit = "HB_ABOVE_LIMIT",
    OutsideLimit = "OUTSIDE_LIMIT",
    AntibodyPositive = "ANTIBODY_POSITIVE",
    AutologousBiohazard = "AUTOLOGOUS_BIOHAZARD",
    LookbackOverdue = "LOOKBACK_OVERDUE",
    ManualPath = "MANUAL_PATH",
    RulesetChanged = "RULESET_CHANGED",
    RuleGap = "RULE_GAP",
    InitialReactiveRecorded = "INITIAL_REACTIVE_RECORDED",
    Label = "LABEL",
    ReleaseStopped = "RELEASE_STOPPED",
    RackMismatch = "RACK_MISMATCH",
    Amended = "AMENDED",
    RegistrationCorrected = "REGISTRATION_CORRECTED",
    MessageJudged = "MESSAGE_JUDGED",
);

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
