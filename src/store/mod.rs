//! Facts, verdicts, feed, orders and audit chain, in domain words, on SQLite.
//!
//! One thread writes; it puts all waiting entries into one transaction and replies to each only
//! after COMMIT. A few read-only connections serve everybody else. Nothing is ever updated or
//! deleted. Refuses to open a damaged store.

mod accounts;
mod archive;
mod book;
mod case;
mod catalogue;
mod chain;
mod check;
mod company;
mod controlling;
mod controls;
mod cut;
mod donor_events;
mod dossier;
mod errors;
mod file;
mod finding;
mod judging;
mod keys;
mod kits;
mod lots;
mod message;
mod message_view;
mod open;
mod order;
mod order_rows;
mod ordering;
mod pools;
mod prepared;
mod putting;
mod quality;
mod rack_history;
mod rack_view;
mod racking;
mod racks;
mod reach;
mod read_again;
mod reader;
mod record_feed;
mod record_rows;
mod release_stop;
mod replay;
mod rows;
mod rule_life;
mod rule_use;
mod schema;
mod shadow;
mod shared;
mod standings;
mod statistics;
mod task;
mod thread;
mod view;
mod what_if;
mod worklist;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use jiff::Timestamp;
use thiserror::Error;

use case::Case;
use order::Quest;
use prepared::Prepared;
use putting::PreparedRecord;
use reader::Readers;
use release_stop::ReleaseStop;
use shared::Shared;
use task::Task;
use thread::Thread;
use view::View;

use crate::domain::{
    DonationNumber, Facts, Observation, OrderReply, OrderStanding, PoolFacts, Record,
    RecordedObservation, RecordedStatement, Registration,
};
use crate::limits;
use crate::rules::RuleSet;
use crate::rules::life::Approvals;
use crate::shape::{DecisionShape, DonorEventShape, NextStepShape, ReasonShape, RuleSetShape};

pub use accounts::{UserDesk, UserEvent, user_events};
pub use archive::{Archive, ArchivedMessage, Deviation};
pub use check::{Proof, prove};
pub use donor_events::{Acknowledged, DonorEventEntry};
pub use dossier::{
    Dossier, DossierMessage, DossierRecord, DossierVerdict, KeptProfile, KeptRuleSet, LedgerLink,
};
pub use finding::Matches;
pub use lots::LotRate;
pub use message_view::{MessageOnRecord, MessageProposal};
pub use order::{OrderPage, OrderPolicy, OrderRecord, OrderRequest, Ordered, Whose};
pub use putting::PutOnRecord;
pub use quality::{
    ControlKey, ControlSeen, ControlSeries, ControlState, EqaResult, EqaRound, KitEntry, LotEntry,
    LotStep, LotUse, Mark, RunEntry, RunJudged, RunReach, SeriesPoint, TargetEntry,
};
pub use rack_view::{
    Loading, LoadingDoubt, LoadingExtra, LoadingState, LoadingSummary, LoadingTube,
    ProposalDecided, RackProposal, ReportedPlace,
};
pub use read_again::{ReadAgainOutcome, ReadingChange};
pub use record_feed::RecordEntry;
pub use replay::NotConcludedAgain;
pub use rule_life::{RuleDesk, RuleSetRecord, RuleStep, StepOutcome, Which, rule_sets};
pub use shadow::{Shadow, ShadowCount, ShadowDifference};
pub use standings::Standing;
pub use statistics::{
    AssayCount, LotDay, Month, MonthCount, MonthStanding, NoMonth, Rate, SiteCount, Statistics,
};
pub use what_if::{Collected, WhatIf};

/// What a store needs to open.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; created where it does not exist (its folder must).
    pub path: PathBuf,
    /// The rule set that decides from now on.
    pub rules: Arc<RuleSet>,
    /// Reads UTC (the store itself reads no clock).
    pub utc: fn() -> Timestamp,
}

/// How a daemon is let in: what its rule set is judged by before it decides about anything.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Whether a change of the rule set needs approvals.
    pub approvals: Approvals,
    /// Release is stopped from the beginning, and why (see [`Store::stop_release`]).
    pub release_stopped: Option<String>,
}

/// A handle to the store; cheap to clone. The writer thread ends when the last one is dropped.
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

/// What every handle shares. The readers go before the thread, so that the writer's connection is
/// the last to close and the log is folded into the database.
struct Handle {
    readers: Readers,
    rules: Arc<RuleSet>,
    shared: Arc<Shared>,
    stop: Arc<ReleaseStop>,
    thread: Thread,
}

/// One message to be recorded, with everything read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Analyser id.
    pub analyser: String,
    /// Profile name.
    pub profile: String,
    /// SHA-256 of the profile's text as it is kept (see [`Store::keep_profile`]).
    pub profile_sha256: String,
    /// When it was received, UTC.
    pub received_at: Timestamp,
    /// The message as received (frames joined, envelope removed).
    pub bytes: Vec<u8>,
    /// See `analyser::MessageReading::content_key`.
    pub content_key: [u8; 32],
    /// See `analyser::MessageReading::body`.
    pub body: Vec<u8>,
    /// Why the transfer was cut short; `None` for a complete message.
    pub incomplete: Option<String>,
    /// What could not be read and belongs to no observation: (byte offset, words).
    pub faults: Vec<(usize, String)>,
    /// Donations the message names; blocked while `incomplete` or `faults` say something.
    pub donations: Vec<DonationNumber>,
    /// What was read.
    pub observations: Vec<Observation>,
    /// What it says about orders that the analyser was sent.
    pub order_replies: Vec<OrderReply>,
    /// Donations that it asks for although they were just asked for elsewhere, and where; held.
    pub sightings: Vec<(DonationNumber, String)>,
}

/// What became of an entry, after COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Stored and decided.
    New {
        /// Number of the message.
        message: i64,
        /// Something in it could not be read.
        unread: bool,
    },
    /// The same message is on record already, read the same way; nothing was added but, where cut
    /// transfers of it were on record, that they are made good now.
    Duplicate {
        /// Number of the message on record.
        message: i64,
        /// Something in it could not be read.
        unread: bool,
    },
}

/// What became of a registration, after COMMIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// Stored and decided.
    New,
    /// The same registration is on record already; nothing changed.
    Same,
    /// Another registration of this donation is on record; nothing changed.
    Conflict(Box<Registration>),
}

/// Called once, on the writer's thread, after COMMIT or when nothing was committed.
pub type Reply<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

/// Nothing was committed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk of the store is full: free space; nothing was acknowledged meanwhile")]
    Full,
    /// The file or its disk is read-only.
    #[error("the store is read-only or its file was moved: make {0} writable again")]
    ReadOnly(String),
    /// Another process holds the database.
    #[error("another process holds the database locked: end it (is a second daemon running?)")]
    Locked,
    /// The database is damaged.
    #[error("the database is damaged ({0}): stop, keep the file, restore the latest good copy")]
    Damaged(String),
    /// Too many entries wait for the writer.
    #[error("the store is overloaded: {0} entries wait")]
    Overloaded(usize),
    /// The writer has ended.
    #[error("the store is closed")]
    Closed,
    /// Anything else the disk or SQLite reports.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Why a store was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder does not exist or cannot be written.
    #[error("cannot open the store {path}: {why}")]
    Unusable {
        /// The file.
        path: String,
        /// What the disk says, and what to do.
        why: String,
    },
    /// Another daemon has it.
    #[error(
        "cannot open the store {path}: another hemogate has it open: end that one first, two must \
         never share a store"
    )]
    InUse {
        /// The file.
        path: String,
    },
    /// The rule set may not decide in this store; in words, with what to do.
    #[error("{0}")]
    NotAdmitted(String),
    /// The file is not ours or from a newer version.
    #[error("{path} is not a store this version can use: {why}")]
    Foreign {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// Checks at start found damage.
    #[error(
        "the store {path} is damaged: {why}. Keep the file as it is, restore the latest good copy \
         to another path and start with that; analysers will send again what was not acknowledged"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What was found.
        why: String,
    },
}

/// One row of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// Gapless and rising, from 1.
    pub seq: i64,
    /// The donation.
    pub din: DonationNumber,
    /// Verdict id.
    pub verdict: String,
    /// Rises by one with every verdict of this donation, from 1.
    pub version: i64,
    /// Why.
    pub reasons: Vec<ReasonShape>,
    /// What is worth knowing and stands against nothing.
    pub remarks: Vec<ReasonShape>,
    /// What the components must be labelled with.
    pub labels: Vec<String>,
    /// What follows for the donor.
    pub donor: Vec<DonorEventShape>,
    /// Which rule set decided.
    pub rule_set: RuleSetShape,
    /// When it was committed, UTC.
    pub decided_at: Timestamp,
}

/// Everything on record about one donation.
#[derive(Clone, Debug, PartialEq)]
pub struct DonationRecord {
    /// The donation.
    pub din: DonationNumber,
    /// What inventory said.
    pub registration: Option<Registration>,
    /// Its observations, oldest first.
    pub observations: Vec<RecordedObservation>,
    /// What was put on record about it, oldest first.
    pub statements: Vec<RecordedStatement>,
    /// Pools it is said to be in.
    pub pools: Vec<PoolFacts>,
    /// Its last orders, oldest first; at most [`limits::ORDERS_PER_DONATION_READ`].
    pub orders: Vec<OrderRecord>,
    /// The current decision.
    pub decision: DecisionShape,
    /// Version of the current verdict; 0 while the donation is not registered.
    pub version: i64,
}

/// A message that could not be read completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadEntry {
    /// Number of the message.
    pub message: i64,
    /// Analyser id.
    pub analyser: String,
    /// Profile name.
    pub profile: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Why the transfer was cut short, if it was.
    pub incomplete: Option<String>,
    /// What could not be read: (byte offset, words); those of its observations included.
    pub faults: Vec<(usize, String)>,
    /// Donations it names.
    pub donations: Vec<DonationNumber>,
    /// Whether somebody proposed what becomes of it, and nobody decided about that yet.
    pub is_proposed: bool,
}

/// What is to be done next for some donations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worklist {
    /// Those among the registrations looked at that want something.
    pub entries: Vec<WorklistEntry>,
    /// The registration to go on after; `None` at the end.
    pub next: Option<i64>,
}

/// What is to be done next for a donation that is pending or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorklistEntry {
    /// Number of its registration.
    pub number: i64,
    /// The donation.
    pub din: DonationNumber,
    /// Verdict id.
    pub verdict: String,
    /// What to do.
    pub next_steps: Vec<NextStepShape>,
}

/// Whether the store takes entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// The last transaction committed.
    Writing,
    /// The last transaction did not; the writer tries again with the next entry.
    Failing(StoreError),
}

/// Numbers for the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages committed since start.
    pub messages: u64,
    /// Duplicates acknowledged since start.
    pub duplicates: u64,
    /// Observations committed since start.
    pub observations: u64,
    /// Verdicts committed since start.
    pub verdicts: u64,
    /// Transactions committed since start.
    pub commits: u64,
    /// Transactions that failed since start.
    pub failures: u64,
    /// Entries waiting for the writer now.
    pub waiting: u64,
}

impl Store {
    /// Opens or creates a store: checks the file, migrates it, proves that nothing is missing
    /// (integrity, gapless feed, hash chain), registers the rule set, starts the writer.
    /// Donations decided by another rule set are decided again.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was changed.
    pub fn open(options: Options) -> Result<Store, OpenError> {
        Store::opened(options, None).map(|(store, _)| store)
    }

    /// The same for a daemon: refuses, before anything is decided, a rule set that may not decide
    /// in this store. Returns what an administrator should know about it.
    ///
    /// # Errors
    /// See [`OpenError`]; [`OpenError::NotAdmitted`] names the commands that help.
    pub fn open_admitted(
        options: Options,
        admission: Admission,
    ) -> Result<(Store, Option<String>), OpenError> {
        Store::opened(options, Some(admission))
    }

    fn opened(
        options: Options,
        admission: Option<Admission>,
    ) -> Result<(Store, Option<String>), OpenError> {
        let readers = Readers::new(&options.path);
        let rules = Arc::clone(&options.rules);
        let (writer, remark) = open::writer(options, admission)?;
        let (shared, stop) = (Arc::clone(&writer.shared), Arc::clone(&writer.book.stop));
        let thread = Thread::start(writer)?;
        Ok((Store { handle: Arc::new(Handle { readers, rules, shared, stop, thread }) }, remark))
    }

    /// Stops all release: from now on no donation becomes releasable, until a start at which
    /// release
    /// is not stopped; that start decides about all of them again. Each call that is stored notes
    /// it for that start.
    pub fn stop_release(&self, why: String) {
        let reply = |outcome: Result<(), StoreError>| {
            if let Err(error) = outcome {
                tracing::error!(%error, "release is stopped, and that could not be noted");
            }
        };
        if self.handle.stop.stop(why) {
            self.ask(Task::OweDecisions(Box::new(reply)));
        }
    }

    /// Why release is stopped, where it is.
    pub fn release_stopped(&self) -> Option<String> {
        self.handle.stop.why()
    }

    /// Every rule set on record, with its life.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn rule_sets(&self) -> Result<Vec<RuleSetRecord>, StoreError> {
        self.handle.readers.read(rule_life::all)
    }

    /// Donations about which a rule set in the shadow says something else than the verdict in
    /// force, after difference number `after`; at most `limit`, never more than
    /// [`limits::SHADOW_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn shadow_differences(
        &self,
        sha256: &str,
        after: i64,
        limit: u64,
    ) -> Result<Vec<ShadowDifference>, StoreError> {
        let limit = limit.min(limits::SHADOW_PAGE_MAX);
        let readers = &self.handle.readers;
        readers.read(|connection| shadow::differences(connection, sha256, after, limit))
    }

    /// Takes steps in the life of a rule set. `reply` is called after COMMIT.
    pub fn rule_step(&self, step: RuleStep, reply: Reply<StepOutcome>) {
        self.ask(Task::RuleStep(Box::new(step), reply));
    }

    /// Remembers a profile's text beside the messages read with it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn keep_profile(&self, name: &str, sha256: &str, text: &str) -> Result<(), StoreError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let reply: Reply<()> = Box::new(move |outcome| {
            // Who asked is waiting below.
            let _ = sender.send(outcome);
        });
        let profile = [name.to_owned(), sha256.to_owned(), text.to_owned()];
        self.ask(Task::KeepProfile(profile, reply));
        receiver.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Records a message. `reply` is called after COMMIT, or at once when the queue is full.
    pub fn record(&self, entry: Entry, reply: Reply<Recorded>) {
        match Prepared::new(entry) {
            Ok(prepared) => self.ask(Task::Record(Box::new(prepared), reply)),
            Err(trouble) => reply(Err(trouble.told(self.handle.readers.path()))),
        }
    }

    /// Registers a donation. `reply` as with [`Store::record`].
    pub fn register(&self, registration: Registration, reply: Reply<Registered>) {
        self.ask(Task::Register(Box::new(registration), reply));
    }

    /// Orders what an analyser is still to test. `reply` is called after COMMIT; what it carries is
    /// on the disk. Where it says that nothing was stored, no order was given.
    pub fn order(&self, request: OrderRequest, reply: Reply<Ordered>) {
        Quest::new(self.clone(), request, reply).go_on(None);
    }

    /// Records how orders stand about which the analyser said nothing itself; `text` is for people.
    /// Where that cannot be stored, they count as open until [`limits::ORDER_SETTLE_WAIT`] is over.
    pub fn settle(&self, order_ids: Vec<String>, standing: OrderStanding, text: String) {
        let reply = |outcome: Result<(), StoreError>| {
            if let Err(error) = outcome {
                tracing::warn!(%error, "how orders stand was not stored; they may be given again");
            }
        };
        self.ask(Task::Settle(order_ids, standing, text, Box::new(reply)));
    }

    /// Orders of an analyser that wait for their results, after order number `after`: those among
    /// the next `limit`, never more than [`limits::ORDERS_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn open_orders(
        &self,
        analyser: &str,
        after: i64,
        limit: u64,
        now: Timestamp,
    ) -> Result<OrderPage, StoreError> {
        let limit = limit.min(limits::ORDERS_PAGE_MAX);
        self.handle
            .readers
            .read(|connection| order_rows::open(connection, analyser, after, limit, now))
    }

    /// Everything on record about a donation; `None` where nothing is. The verdict and its reasons
    /// are those of the feed; the next steps are concluded from what is on record now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn donation(&self, din: &DonationNumber) -> Result<Option<DonationRecord>, StoreError> {
        let mut view = View::new(&self.handle.rules.identity().sha256);
        let (case, orders) = self.handle.readers.read(|connection| {
            let case = Case::load(connection, &mut view, din.clone())?;
            Ok((case, order_rows::of_donation(connection, din)?))
        })?;
        Ok(case.into_record(&self.handle.rules, orders))
    }

    /// Puts records on record, each with who made it; at most [`limits::RECORDS_PER_REQUEST_MAX`].
    ///
    /// Every donation that one of them touches is decided again in the same transaction, where
    /// those are found among [`limits::REDECISION_SLICE`] results; where there are more, in
    /// transactions of so many each that follow, also after a crash. `reply` is called after the
    /// last of them, with what became of each record, in order.
    pub fn put_on_record(&self, records: Vec<(Record, String)>, reply: Reply<Vec<PutOnRecord>>) {
        match self.prepared(records) {
            Ok(prepared) => self.ask(Task::PutOnRecord(None, prepared, reply)),
            Err(error) => reply(Err(error)),
        }
    }

    /// The same by somebody who saw a donation under this version of its verdict: where that is
    /// not the version in force any more, nothing is put on record, and each answer is
    /// [`PutOnRecord::Stale`].
    pub fn put_seen(
        &self,
        din: DonationNumber,
        version: i64,
        records: Vec<(Record, String)>,
        reply: Reply<Vec<PutOnRecord>>,
    ) {
        match self.prepared(records) {
            Ok(prepared) => self.ask(Task::PutOnRecord(Some((din, version)), prepared, reply)),
            Err(error) => reply(Err(error)),
        }
    }

    fn prepared(&self, records: Vec<(Record, String)>) -> Result<Vec<PreparedRecord>, StoreError> {
        if records.len() > limits::RECORDS_PER_REQUEST_MAX {
            let (given, most) = (records.len(), limits::RECORDS_PER_REQUEST_MAX);
            let why = format!("{given} records at once are more than {most}: send fewer");
            return Err(StoreError::Failed(why));
        }
        let prepared = records.into_iter().map(|(record, by)| PreparedRecord::new(record, by));
        let prepared: Result<_, _> = prepared.collect();
        prepared.map_err(|trouble: errors::Trouble| trouble.told(self.handle.readers.path()))
    }

    /// Everything on record about a donation as a verdict would be concluded from it now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn facts(&self, din: &DonationNumber) -> Result<Facts, StoreError> {
        let mut view = View::new(&self.handle.rules.identity().sha256);
        let load =
            |connection: &rusqlite::Connection| Case::load(connection, &mut view, din.clone());
        let mut case = self.handle.readers.read(load)?;
        case.stand_before(&self.handle.rules.identity().sha256);
        Ok(case.facts)
    }

    /// Everything that a donation's verdicts stand on, down to the bytes; `None` where nothing is
    /// on record about it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn dossier(&self, din: &DonationNumber) -> Result<Option<Dossier>, StoreError> {
        self.handle.readers.read(|connection| dossier::read(connection, din))
    }

    /// Everything that was put on record after a number, oldest first; at most `limit` and never
    /// more than [`limits::RECORDS_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn records(&self, after: i64, limit: u64) -> Result<Vec<RecordEntry>, StoreError> {
        let limit = limit.min(limits::RECORDS_PAGE_MAX);
        self.handle.readers.read(|connection| record_feed::page(connection, after, limit))
    }

    /// What follows for donors, after event number `after`; at most `limit` and never more than
    /// [`limits::DONOR_EVENTS_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn donor_events(&self, after: i64, limit: u64) -> Result<Vec<DonorEventEntry>, StoreError> {
        let limit = limit.min(limits::DONOR_EVENTS_PAGE_MAX);
        self.handle.readers.read(|connection| donor_events::feed(connection, after, limit))
    }

    /// The same of those that inventory did not acknowledge: to be told again until it does.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn donor_events_unacknowledged(
        &self,
        after: i64,
        limit: u64,
    ) -> Result<Vec<DonorEventEntry>, StoreError> {
        let limit = limit.min(limits::DONOR_EVENTS_PAGE_MAX);
        let read = |connection: &rusqlite::Connection| {
            donor_events::unacknowledged(connection, after, limit)
        };
        self.handle.readers.read(read)
    }

    /// How many donor events inventory did not acknowledge.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn donor_events_waiting(&self) -> Result<u64, StoreError> {
        self.handle.readers.read(donor_events::waiting)
    }

    /// How often first results are reactive, by reagent lot, among the latest results.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn lot_rates(&self) -> Result<Vec<LotRate>, StoreError> {
        self.handle.readers.read(lots::rates)
    }

    /// Notes that inventory has taken a donor event over. `reply` is called after COMMIT.
    pub fn acknowledge_donor_event(&self, number: i64, by: &str, reply: Reply<Acknowledged>) {
        self.ask(Task::Acknowledge(number, by.to_owned(), reply));
    }

    /// The feed after `seq`, at most `limit` rows and never more than
    /// [`limits::FEED_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn feed(&self, after: i64, limit: u64) -> Result<Vec<FeedEntry>, StoreError> {
        let limit = limit.min(limits::FEED_PAGE_MAX);
        self.handle.readers.read(|connection| rows::feed(connection, after, limit))
    }

    /// The last number of the feed; 0 when empty. Costs nothing.
    pub fn feed_head(&self) -> i64 {
        self.handle.shared.feed_head()
    }

    /// Calls `tell` on the writer's thread with the new head after every commit that extends the
    /// feed. Must not block.
    pub fn on_feed(&self, tell: Box<dyn Fn(i64) + Send + Sync>) {
        self.handle.shared.listen(tell);
    }

    /// Calls `tell` on the writer's thread with the number of the last record after every commit
    /// that put one on record, also where no verdict changed. Must not block.
    pub fn on_record(&self, tell: Box<dyn Fn(i64) + Send + Sync>) {
        self.handle.shared.listen_to_records(tell);
    }

    /// Messages that could not be read completely, oldest first, after message number `after`; at
    /// most `limit`, never more than [`limits::UNREAD_PAGE_MAX`], and fewer where their bytes
    /// reach [`limits::UNREAD_PAGE_BYTES`]: only an empty page is the end.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn unread(&self, after: i64, limit: u64) -> Result<Vec<UnreadEntry>, StoreError> {
        let limit = limit.min(limits::UNREAD_PAGE_MAX);
        let bytes = limits::UNREAD_PAGE_BYTES;
        self.handle.readers.read(|connection| rows::unread(connection, after, limit, bytes))
    }

    /// What is to be done next for the donations among the `limit` registrations after number
    /// `after`, never more than [`limits::WORKLIST_PAGE_MAX`]; concluded from what is on record
    /// now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn worklist(&self, after: Option<i64>, limit: u64) -> Result<Worklist, StoreError> {
        let limit = limit.min(limits::WORKLIST_PAGE_MAX);
        let rules = &self.handle.rules;
        self.handle.readers.read(|connection| worklist::page(connection, rules, after, limit))
    }

    /// Concludes a verdict on record once more, from the facts and the rule set of its time;
    /// `None` where there is no such number. It must come out as it stands.
    ///
    /// # Errors
    /// See [`StoreError`]; [`StoreError::Damaged`] where it comes out differently.
    pub fn recompute(&self, seq: i64) -> Result<Option<DecisionShape>, StoreError> {
        self.handle.readers.read(|connection| replay::recompute(connection, seq))
    }

    /// Whether the store takes entries.
    pub fn health(&self) -> Health {
        self.handle.shared.health()
    }

    /// Numbers for the metrics.
    pub fn counters(&self) -> Counters {
        self.handle.shared.counters()
    }

    fn ask(&self, task: Task) {
        self.handle.thread.ask(task, &self.handle.shared);
    }
}
