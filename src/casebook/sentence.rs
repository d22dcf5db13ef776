//! What a sentence of a case says, once its words are understood.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{
    AboGroup, Assay, Container, DonationKind, DonorRecord, Effect, HistoricGroup, Judgement,
    KitControls, Lookback, LotStanding, Reading, ReasonCode, ResultStatus, RhdType, Sex,
    Supplemental, WestgardRule,
};

use super::words::{Amount, Saying};

/// One sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sentence {
    /// The first result of a test says this; it is on record from here on.
    Result(Test, Answer),
    /// Reactive first, and in repeats.
    RepeatReactive(Test),
    /// The same test was run again, in a run of its own.
    Again(Test, Answer),
    /// A second determination with other reagents.
    Second(Assay, Option<Answer>),
    /// Forward and reverse typing.
    ForwardReverse(AboGroup, AboGroup),
    /// Two determinations, each with reagents of its own.
    TwoReagents(Assay, Answer, Answer),
    /// Only one determination.
    OnlyOne(Assay),
    /// Repeats.
    Repeats(Repeats),
    /// This donation singly, after its pool.
    Singly(Option<Assay>, Answer),
    /// Corrected by the analyser.
    Corrected(Test, Answer, bool),
    /// One run gives a test two answers.
    TwoAnswers(Test, Answer, Answer),
    /// Not on record.
    Without(Gone),
    /// Everything arrives a second time.
    SentTwice,
    /// Where the grey zone of an assay lies.
    GreyZone(Assay, Decimal, Decimal),
    /// Something about results that are on record.
    On(Which, Condition),
    /// The same, and the donation had been releasable.
    OnReleased(Which, Condition),
    /// The kits of an assay are of one maker.
    OneMaker(Assay),
    /// One operator ran all kits of an assay; of all where none is named.
    OneOperator(Option<Assay>),
    /// A test code that nobody mapped.
    Unmapped(String),
    /// A message that could not be read; cut short or not.
    Unread(bool),
    /// Seen at two places.
    TwoPlaces,
    /// About a pool.
    Pool(Option<String>, PoolSaying),
    /// About the donation or its donor.
    Donation(DonationSaying),
    /// About review and signature.
    Review(ReviewSaying),
    /// What the reference laboratory found; of the last that was spoken of where none is named.
    Supplemental(Option<Assay>, Option<Supplemental>),
    /// About racks, unread messages, and what two people agree on.
    Accord(AccordSaying),
    /// An earlier verdict let the donation go, or withdrew it.
    Release(Earlier),
    /// What is so anyway.
    Nothing,
}

/// A test: an assay, and its kit where one is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) assay: Assay,
    pub(super) kit: Option<char>,
}

/// What a result is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// In a word.
    pub(super) saying: Option<Saying>,
    /// As a number.
    pub(super) amount: Option<Amount>,
    /// How many months before the donation.
    pub(super) months_ago: Option<u32>,
}

/// Repeats of a result; of the last that was spoken of where none is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repeats {
    pub(super) of: Option<Test>,
    pub(super) with: Option<char>,
    pub(super) from: Option<Container>,
    pub(super) sayings: Vec<Saying>,
}

/// What is not on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// A test; also in pools where it is the pool's.
    Test(Test),
    /// A pool, or all.
    Pool(Option<String>),
    /// All results.
    Everything,
}

/// Which results on record are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those of a test; of all its kits where none is named.
    Of(Test),
    /// Only its repeats.
    RepeatsOf(Test),
    /// Those of a pool's tube.
    Pool(Option<String>),
    /// All.
    All,
}

/// What can be said of a result on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Flag(String, Effect),
    NoValue,
    Unit(Option<String>),
    InternalControlFailed,
    UnknownCode(String),
    Contradicts(Amount, Saying),
    BeforeCollection,
    Hours(u32),
    TooOld,
    AgeUnknown,
    NotUnderstood,
    Status(ResultStatus),
    NoStatus,
    Tube(String),
    Container(Option<Container>),
    Operator(Option<String>),
    Lot(LotStanding),
    Expiry(Expiry),
    KitUnknown,
    Maker(Option<String>),
    ValidFor(Vec<Container>),
    PoolMax(u32),
    Stability(u32),
    KitControls(KitControls),
    Violations(Vec<WestgardRule>),
    ExternalWrong,
    ExternalFine,
    NoExternal,
    NoControls,
    NoControlAfter,
    FailedLater,
}

/// When a lot expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// On this day.
    On(Date),
    /// The day of the run is its last.
    DayOfRun,
    /// The day before the run was its last.
    DayBefore,
    /// Nobody knows.
    NotRecorded,
}

/// What can be said of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PoolSaying {
    /// It was run: assay, size, answer.
    Run(Option<Assay>, Option<u32>, Answer),
    /// It was run again.
    Again(Answer),
    /// It has no result.
    NoResult,
    /// Nobody knows its members.
    MembersUnknown,
    /// This donation was added after the run.
    AddedLater,
    /// A member stands in it twice.
    Duplicate,
    /// A member singly, by its place; the donation itself is member 1.
    Member(u32, Saying),
    /// Every other member that has no single result yet.
    Others(Saying),
    /// Another member.
    Another(Saying),
    /// Every member, this one too.
    Everybody(Saying),
}

/// What can be said of a donation or its donor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DonationSaying {
    NotRegistered,
    CollectedOn(Date),
    FirstTime,
    Known,
    Sex(Option<Sex>),
    History(Option<HistoricGroup>),
    HistoryAbo(AboGroup),
    HistoryRhd(RhdType),
    Deferred(bool),
    DeferredLater,
    Record(Option<DonorRecord>),
    EarlierOccasion(Assay),
    Kind(DonationKind),
    Autologous,
    Extra(Assay),
    NumberFails,
    SampleNotReceived,
    SampleReceived,
    Lookback(Lookback),
    ManualPath,
    RuleSetChanged,
    Reevaluated,
}

/// What can be said of review and signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReviewSaying {
    /// By three people.
    Complete,
    NotReviewed,
    NotSigned,
    BeforeLast,
    /// One person did all.
    OnePerson,
    ReviewerSigned,
    TesterReviewed,
    TesterSigned,
    TestedBy(String),
    ReviewedBy(String),
    SignedBy(String),
}

/// What can be said of racks, of messages that could not be read, and of what two people agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AccordSaying {
    /// Somebody proposes to amend a reason: who, its code, its assay.
    Amend(String, ReasonCode, Option<Assay>),
    /// Somebody proposes a correction.
    Correct(String, Corrected),
    /// Somebody agrees to the last proposal.
    Agreed(String),
    /// Somebody turns the last proposal down.
    TurnedDown(String),
    /// The tube stands in a loading from the beginning, or from now on.
    Stands(String, bool),
    /// The analyser of a kit reported a loading at other places.
    InDoubt(String, char),
    /// Two people identified the tubes of a loading, for the analyser of a kit.
    Identified(String, char, [String; 2]),
    /// Every test of a kit is done again.
    AllAgain(char),
    /// Two people judged the message of results, or the one that could not be read.
    Judged(Option<Which>, Judgement, [String; 2]),
    /// The message was read again, and the result says this now.
    SecondReading(Test, Answer),
}

/// What a correction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Corrected {
    /// The day of collection.
    CollectedOn(Date),
    /// The group on record.
    History(HistoricGroup),
    /// Whether the donor is deferred.
    Deferred(bool),
}

/// What an earlier verdict did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    Released,
    Recalled,
    NeverReleased,
}

impl Answer {
    /// In a word alone.
    pub(super) const fn of(saying: Saying) -> Answer {
        Answer { saying: Some(saying), amount: None, months_ago: None }
    }

    /// The reading it means for this assay, where the words alone say it.
    pub(super) fn reading(&self, assay: Assay) -> Result<Option<Reading>, String> {
        self.saying.map(|saying| saying.reading(assay)).transpose()
    }
}
