//! What a bundle is made from: everything that one donation's verdict rests on, as it stands in
//! the store at one moment.

use jiff::Timestamp;

use crate::domain::{DonationNumber, Facts, Record, RecordedObservation};
use crate::shape::DecisionShape;

/// Everything that one donation's verdict rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    /// The donation.
    pub din: DonationNumber,
    /// The rule set that concluded the last verdict, as it is kept.
    pub rule_set: KeptText,
    /// The profiles of all messages, each once, with what the site added.
    pub profiles: Vec<KeptText>,
    /// Every message that a fact comes from or that names the donation, in the order of numbers.
    pub messages: Vec<RawMessage>,
    /// The facts that the last verdict was concluded from.
    pub facts: Facts,
    /// Results of controls that the circumstances name.
    pub controls: Vec<RecordedObservation>,
    /// Single nucleic acid tests of the other members of its pools, in the order of numbers.
    pub singles: Vec<RecordedObservation>,
    /// Statements, and the records that circumstances and pools rest on, oldest first.
    pub records: Vec<KeptRecord>,
    /// The donation's rows of the feed, oldest first; the last one is what is proved.
    pub verdicts: Vec<KeptVerdict>,
    /// The commits of the ledger that brought all this, in order.
    pub ledger: Vec<Commit>,
}

/// A text beside the messages or verdicts that were made with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptText {
    /// Its name.
    pub name: String,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// The text.
    pub text: String,
}

/// A message as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    /// Its number.
    pub message: i64,
    /// Analyser id.
    pub analyser: String,
    /// SHA-256 of the profile it was read with.
    pub profile_sha256: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// Why the transfer was cut short, if it was.
    pub incomplete: Option<String>,
    /// The message that made it good, where it could not be read and one did.
    pub made_good_by: Option<i64>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A record, with its place in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecord {
    /// Its number.
    pub id: i64,
    /// Who put it on record.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The last observation on record when it was made.
    pub after_observation: i64,
    /// The last verdict on record when it was made.
    pub after_verdict: i64,
    /// What it says.
    pub record: Record,
}

/// A verdict of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptVerdict {
    /// Its number in the feed.
    pub seq: i64,
    /// Its version.
    pub version: i64,
    /// When it was committed.
    pub decided_at: Timestamp,
    /// SHA-256 of the rule set that decided.
    pub rule_set: String,
    /// The last message it was concluded from.
    pub message_to: i64,
    /// The decision as it was put on record.
    pub decision: DecisionShape,
}

/// A commit of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number.
    pub n: i64,
    /// The hash of the commit before it.
    pub before: [u8; 32],
    /// What is hashed after that, in this order: its number, how many rows each table has, the
    /// digest of the rows it added, and what later tables count.
    pub hashed: Vec<u8>,
    /// Its hash.
    pub hash: [u8; 32],
    /// The rows of the bundle that it added: table and number.
    pub holds: Vec<(String, i64)>,
}
