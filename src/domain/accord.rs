//! What one person proposes and another agrees to before it counts: the only way in which anything
//! is ever taken as less bad than the rules say.
//!
//! A proposal stands beside what it is about and changes nothing. It counts from the moment on at
//! which somebody else agrees; who proposes never agrees, and whoever has doubts turns it down.

use jiff::Timestamp;

use super::circumstances::words;
use super::{Assay, Donor, ReasonCode};

/// What somebody proposes about one donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What is to count.
    pub matter: Matter,
    /// Why.
    pub grounds: Grounds,
    /// Version of the verdict that was looked at.
    pub version: i64,
}

/// What is to count once two people said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// These reasons no longer keep the donation back; they stay visible.
    Amendment(Vec<AmendedReason>),
    /// The registration said something wrong.
    Correction(Correction),
}

/// A reason as it was looked at. It is amended only while nothing else is behind it: with one more
/// observation or message it is another reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmendedReason {
    /// Its code.
    pub code: ReasonCode,
    /// The assay it is about, if one.
    pub assay: Option<Assay>,
    /// What of it.
    pub subject: Option<String>,
    /// The observations behind it.
    pub observations: Vec<i64>,
    /// The messages behind it.
    pub messages: Vec<i64>,
}

/// What a registration should have said. That a donor is deferred is never corrected away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// When the blood was drawn.
    pub collected_at: Option<Timestamp>,
    /// Where.
    pub site: Option<String>,
    /// The donor; `deferred` is true where the registration or the correction says so.
    pub donor: Option<Donor>,
}

/// Why somebody proposes it: one of a list, and in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// What it comes down to.
    pub ground: Ground,
    /// In words; never blank.
    pub text: String,
}

/// What a proposal comes down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// Each tube was identified again, by its bar code, by two people.
    IdentityVerified,
    /// A number, a time or a word was typed or sent wrongly.
    WrongEntry,
    /// Tested again by another method or laboratory.
    TestedElsewhere,
    /// The analyser or its software was at fault, and that is documented.
    InstrumentFault,
    /// What was not understood was looked at and says nothing about the donation.
    WithoutMeaning,
    /// The profile was mended, and the message says something else.
    ProfileMended,
    /// The responsible physician decided.
    MedicalDecision,
    /// Anything else; the words say it.
    Other,
}

/// What becomes of a message that could not be read completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judgement {
    /// What was not understood does not matter; what was understood counts.
    Accepted,
    /// Nothing good in it counts; what is adverse in it stays.
    Rejected,
    /// The same bytes were read again with a mended profile: that reading counts, and of this one
    /// only what is adverse.
    ReadAgain,
}

/// Two people judged a message that names the donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageJudged {
    /// Number of the message.
    pub message: i64,
    /// What becomes of it.
    pub judgement: Judgement,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who agreed; somebody else.
    pub agreed_by: String,
}

words!(
    Ground,
    8,
    IdentityVerified = "identity_verified",
    WrongEntry = "wrong_entry",
    TestedElsewhere = "tested_elsewhere",
    InstrumentFault = "instrument_fault",
    WithoutMeaning = "without_meaning",
    ProfileMended = "profile_mended",
    MedicalDecision = "medical_decision",
    Other = "other",
);
words!(Judgement, 3, Accepted = "accepted", Rejected = "rejected", ReadAgain = "read_again");
