//! What people and other systems put on record beside results: about a donation, a donor's past, a
//! kit, a lot, controls, a pool. Append-only like everything else; a later record never takes an
//! earlier one away, it stands beside it.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::circumstances::words;
use super::{
    Assay, Container, DonationNumber, EqaRecord, Grounds, Judgement, Kit, LotStanding,
    MessageJudged, Placement, Pool, Proposal, RackDoubt, RackRecord, RackSettled, Reading,
    RunRecord,
};

/// Something put on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// About one donation.
    Donation(DonationNumber, Statement),
    /// A kit: what a test code of a profile is bought as.
    Kit(KitRecord),
    /// A reagent lot.
    Lot(LotRecord),
    /// What a control must show.
    Target(ControlTarget),
    /// A failure of controls found after the run had been accepted.
    ControlFailure(ControlFailure),
    /// A pool and its members.
    Pool(Pool),
    /// A step of a rack's loading.
    Rack(RackRecord),
    /// A step towards what becomes of an unread message.
    Message(MessageRecord),
    /// A run judged by a person.
    Run(RunRecord),
    /// A step of a round of external quality assessment.
    Eqa(EqaRecord),
}

/// A step towards what becomes of a message that could not be read completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Number of the message.
    pub message: i64,
    /// What happened.
    pub step: MessageStep,
}

/// What happens to such a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageStep {
    /// Somebody proposes this.
    Proposed(Judgement, Grounds),
    /// Somebody else agrees to the proposal with this record number.
    Agreed(i64),
    /// The proposal with this record number is turned down.
    TurnedDown(i64),
}

/// A record about this donation, with its place in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedStatement {
    /// Number of the record; rises with commit order.
    pub id: i64,
    /// Who put it on record.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// The last observation on record when it was made.
    pub after_observation: i64,
    /// What it says.
    pub statement: Statement,
}

/// What can be said about one donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// More about the donation than its registration says; the latest counts.
    Details(Details),
    /// The donor is deferred, said after registration. Never taken back for this donation.
    Deferred,
    /// What the donor's record says.
    DonorRecord(DonorRecord),
    /// This marker was repeat reactive on an earlier occasion.
    EarlierOccasion(Assay),
    /// A supplemental or confirmatory test of the reference laboratory.
    Supplemental(Assay, Supplemental),
    /// Somebody did a step of the review.
    Signature(ReviewStep),
    /// The specimen was expected and not found.
    SampleNotReceived,
    /// The specimen was found.
    SampleReceived,
    /// The number was typed and its check character did not agree.
    NumberCheckFailed,
    /// The specimen is of this container; holds for results that are read after it.
    Container(Container),
    /// Consignees of earlier units must be told: how that stands.
    Lookback(Lookback),
    /// Release goes another way, unit by unit, outside of this program.
    ManualPath,
    /// A person looked at the donation again after the rule set changed, by the SHA-256 of the new.
    Reevaluated(String),
    /// The tube was put at a place of a rack.
    Placed(Placement),
    /// It was taken out again; of this loading.
    TakenOut(String),
    /// Its rack was reported with other places than its manifest; the program says so.
    RackInDoubt(RackDoubt),
    /// Two people settled that.
    RackSettled(RackSettled),
    /// Two people judged a message that names the donation.
    MessageJudged(MessageJudged),
    /// Somebody proposes an amendment or a correction; it counts once somebody else agrees.
    Proposed(Proposal),
    /// Somebody agrees to the proposal with this record number.
    Agreed(i64),
    /// The proposal with this record number is turned down.
    TurnedDown(i64),
}

/// More about a donation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// What is made of it.
    pub kind: DonationKind,
    /// For the donor alone.
    pub autologous: bool,
    /// The donor's sex, where limits differ by it.
    pub sex: Option<Sex>,
    /// Tests that this donation needs beyond those of everybody.
    pub extras: Vec<Assay>,
}

/// What is made of a donation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DonationKind {
    /// Whole blood.
    #[default]
    WholeBlood,
    /// Platelets by apheresis.
    Platelets,
    /// Plasma for transfusion, by apheresis.
    Plasma,
    /// Plasma for fractionation only.
    SourcePlasma,
}

/// Sex, as limits know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// What a donor's record says. Worse ones are never outvoted but by the two that name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DonorRecord {
    /// A confirmation is open, or an earlier result bars issue until somebody looked.
    Flagged,
    /// An earlier donation was reactive; the donor was not requalified.
    PriorReactive,
    /// The reference laboratory found the earlier reactivity not specific: reinstated.
    Reinstated,
    /// Requalified after an earlier reactive result.
    Requalified,
    /// Two donor records were merged, and one of them is deferred or reactive.
    Merged,
}

/// What a supplemental test found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Supplemental {
    /// Not confirmed.
    Negative,
    /// Neither.
    Indeterminate,
    /// Confirmed.
    Positive,
}

/// A step of the review of a donation. The person is who put it on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewStep {
    /// Ran the tests.
    Tested,
    /// Reviewed the results.
    Reviewed,
    /// Signed the report.
    Signed,
}

/// How a look-back stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lookback {
    /// Begun, within its days.
    Open,
    /// Its days are over and somebody was not told.
    Overdue,
    /// Everybody was told.
    Closed,
}

/// A kit: what a test code of a profile is bought as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitRecord {
    /// Profile, or analyser id, whose test code it is.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// What the leaflet says.
    pub kit: Kit,
}

/// A reagent lot of a kit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotRecord {
    /// Profile, or analyser id, whose test code it is.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// The lot, as results name it.
    pub lot: String,
    /// How it stands now.
    pub standing: LotStanding,
    /// Its last day.
    pub expiry: Option<Date>,
}

/// What a control must show. Keyed by analyser, test code, material and control lot (FM-24); the
/// latest for a key is the active one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlTarget {
    /// The analyser's id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// What the analyser calls the material: its specimen id.
    pub material: String,
    /// Lot of the control; results of another lot do not count as this control.
    pub control_lot: Option<String>,
    /// Level, for control rules across levels: 1, 2, ...
    pub level: u32,
    /// Whether the kit brings it.
    pub source: ControlSource,
    /// What it must show.
    pub expected: Expected,
}

/// Where a control comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ControlSource {
    /// The kit.
    Kit,
    /// A third party.
    External,
}

/// What a control must show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This reading.
    Reading(Reading),
    /// A number between two, both included.
    Between(Decimal, Decimal),
    /// A number judged by control rules: mean and standard deviation.
    Distribution(Decimal, Decimal),
}

/// A failure found after the run had been accepted: what was released by it is recalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlFailure {
    /// The analyser's id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// Results received from here on are meant.
    pub from: Timestamp,
    /// Up to here.
    pub to: Timestamp,
}

words!(
    DonationKind,
    4,
    WholeBlood = "whole_blood",
    Platelets = "platelets",
    Plasma = "plasma",
    SourcePlasma = "source_plasma",
);
words!(Sex, 2, Female = "female", Male = "male");
words!(
    DonorRecord,
    5,
    Flagged = "flagged",
    PriorReactive = "prior_reactive",
    Reinstated = "reinstated",
    Requalified = "requalified",
    Merged = "merged",
);
words!(
    Supplemental,
    3,
    Negative = "negative",
    Indeterminate = "indeterminate",
    Positive = "positive",
);
words!(ReviewStep, 3, Tested = "tested", Reviewed = "reviewed", Signed = "signed");
words!(Lookback, 3, Open = "open", Overdue = "overdue", Closed = "closed");
words!(ControlSource, 2, Kit = "kit", External = "external");
