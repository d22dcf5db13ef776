//! An analyser that asks what to do with each tube, and does exactly that.
//!
//! ```text
//!   for each tube of a rack:
//!     question ---> host         one question at a time
//!     orders   <--- host         in time: accepted or refused; late: not run
//!     (none in time: the question is withdrawn, where the make has a word for it)
//!   the rack is run: the determinations that were ordered, and no other
//!     results  ---> host
//!   the rack is asked about again, as long as there is work for one of its tubes
//! ```
//!
//! Exists so that a host's answers can be rehearsed. Refuses to run what was not ordered, to take
//! an answer for another tube's, and to overlook what no host may do: tests for a tube whose bar
//! code was not read, a place that is not repeated as it was sent, an order number used twice.

mod account;
mod scripted;
mod shelf;
mod weigh;
pub(super) mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{DateTime, datetime};

pub use self::account::{Account, AnswerOutcome, Turn};
use self::shelf::Shelf;
pub use self::words::{Asked, HostSays, Order, Ordered, Standing};
use super::dialect::{self, Envelope, messages};
use super::instrument::{Opener, REDIAL_PAUSE, Setup};
use super::player::{RESEND_PAUSE, is_about_content};
use super::wired::Wired;
use super::{Fault, Line, Load, Morning, Opened, PlannedResult, Specimen, Tally, Tube};
use crate::limits;
use crate::link::{Answer, Event, Moment, Token};

/// An analyser that asks.
pub struct Asker<D> {
    opener: Opener<D>,
    wired: Option<Wired<Line>>,
    shelf: Shelf,
    racks: Vec<Vec<String>>,
    rng: Rng,
    /// The analyser's own clock, as it writes it into messages.
    clock: DateTime,
    sequence: u32,
    serial: u32,
    /// Questions that may still be answered although it does not wait for that: it had stopped
    /// waiting, or had sent the question more than once; and until when.
    overdue: Vec<(Moment, Asked)>,
    /// While the question was open, a word that names no tube was taken for a late one: what comes
    /// of the question is in doubt, and nothing more is expected for it.
    took_late_word: bool,
    /// Accepted and not yet run, by donation.
    work: BTreeMap<String, Vec<Ordered>>,
    order_ids: BTreeSet<String>,
    refused: BTreeSet<Vec<u8>>,
    account: Account,
    /// In place of the make's own patience.
    patience: Option<Duration>,
    /// The tests accepted last.
    latest: Vec<String>,
}

/// What a host said to the question that is open.
enum Answered {
    Work(usize),
    NoWork,
    Refused,
    NotUnderstood(String),
}

/// What became of a message of ours.
enum Sent {
    Accepted(Vec<u8>),
    GivenUp(String),
}

/// When the first tube goes in.
pub(super) const MORNING: DateTime = datetime(2026, 3, 2, 8, 0, 0, 0);
/// An answer is looked for so many times as long as the analyser waits.
const LATE_FOR: u32 = 2;
/// Under this number tubes are run again after all racks.
const LAST_RACK: u32 = 999;
/// Seconds by the analyser's clock from one result, or question, to the next.
const STEP_SECONDS: i64 = 14;

impl<D: AsyncFnMut() -> io::Result<Opened>> Asker<D> {
    /// An analyser with the racks of this morning, which opens its line with this.
    pub fn new(setup: Setup, morning: &Morning, open: D) -> Asker<D> {
        let rng = Rng::with_seed(setup.seed ^ 0x61_73_6B);
        Asker {
            opener: Opener::new(setup, open),
            wired: None,
            shelf: Shelf::of(morning),
            racks: morning.racks.iter().map(|rack| rack.dins.clone()).collect(),
            rng,
            clock: MORNING,
            sequence: 0,
            serial: 0,
            overdue: Vec::new(),
            took_late_word: false,
            work: BTreeMap::new(),
            order_ids: BTreeSet::new(),
            refused: BTreeSet::new(),
            account: Account::default(),
            patience: None,
            latest: Vec::new(),
        }
    }

    /// How often each fault happened so far.
    pub fn tally(&self) -> Tally {
        self.opener.tally.clone()
    }

    /// What there is to tell so far.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Opens the line if it is not open.
    ///
    /// # Errors
    /// Why it can't be opened.
    pub async fn connect(&mut self) -> io::Result<()> {
        if self.wired.is_none() {
            let line = self.opener.line().await?;
            let Setup { model, tempo, .. } = &self.opener.setup;
            self.wired = Some(Wired::new(model, line, *tempo));
        }
        Ok(())
    }

    /// Asks about every rack and runs what is ordered.
    pub async fn run(&mut self, tell: &mut dyn FnMut(Turn)) {
        for (index, dins) in std::mem::take(&mut self.racks).into_iter().enumerate() {
            let rack = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
            let mut waiting: Vec<(u32, String)> = (1..).zip(dins.iter().cloned()).collect();
            for _round in 0..limits::QUESTION_ROUNDS_MAX {
                waiting = self.ask_about(rack, waiting, tell).await;
                self.run_rack(rack, &dins, tell).await;
                if waiting.is_empty() {
                    break;
                }
            }
        }
        // Orders that came when their rack had been run.
        for _round in 0..limits::QUESTION_ROUNDS_MAX {
            let dins: Vec<String> = self.work.keys().cloned().collect();
            self.run_rack(LAST_RACK, &dins, tell).await;
        }
    }

    /// Closes the line when everything has gone.
    pub async fn hang_up(mut self) -> Account {
        let now = self.opener.setup.tempo.now();
        // The last reply is still to be written; a line that is lost now takes nothing with it.
        let _last_word = self.next(Some(now)).await;
        self.wired = None;
        self.opener.close().await;
        self.account
    }

    /// Asks about these tubes; returns those to be asked about again after the run.
    async fn ask_about(
        &mut self,
        rack: u32,
        tubes: Vec<(u32, String)>,
        tell: &mut dyn FnMut(Turn),
    ) -> Vec<(u32, String)> {
        let mut again = Vec::new();
        for (position, din) in tubes {
            let faults = &self.opener.setup.faults;
            let unread = faults.roll(&mut self.rng, &[Fault::UnreadId]).is_some();
            let id = if unread { String::new() } else { din.clone() };
            if unread {
                self.opener.tally.count(Fault::UnreadId);
            }
            let outcome = self.ask(id, rack, position, tell).await;
            match outcome {
                AnswerOutcome::Work(_) | AnswerOutcome::Unanswered => again.push((position, din)),
                AnswerOutcome::NoWork if unread => again.push((position, din)),
                AnswerOutcome::NotUnderstood(_) if unread => again.push((position, din)),
                AnswerOutcome::NoWork
                | AnswerOutcome::Refused
                | AnswerOutcome::NotUnderstood(_) => {}
            }
            tell(Turn::Asked { rack, position, outcome });
        }
        again
    }

    /// Asks one question and waits as long as this make waits.
    pub async fn ask(
        &mut self,
        id: String,
        rack: u32,
        position: u32,
        tell: &mut dyn FnMut(Turn),
    ) -> AnswerOutcome {
        self.sequence += 1;
        self.account.asked += 1;
        self.took_late_word = false;
        let asked = Asked { id, sequence: self.sequence, rack, position };
        let answered = match self.put_question(&asked).await {
            Ok(answered) => answered,
            Err(error) => {
                self.lost(&error, tell).await;
                None
            }
        };
        if answered.is_some() {
            self.account.in_time += 1;
        }
        match answered {
            Some(Answered::Work(tests)) => AnswerOutcome::Work(tests),
            Some(Answered::Refused) => AnswerOutcome::Refused,
            Some(Answered::NotUnderstood(why)) => AnswerOutcome::NotUnderstood(why),
            Some(Answered::NoWork) => {
                self.account.without_work += 1;
                AnswerOutcome::NoWork
            }
            None => {
                self.account.unanswered += 1;
                if !self.took_late_word {
                    self.expect_late(&asked);
                }
                AnswerOutcome::Unanswered
            }
        }
    }

    async fn put_question(&mut self, asked: &Asked) -> io::Result<Option<Answered>> {
        let Setup { model, tempo, .. } = self.opener.setup.clone();
        self.clock = later(self.clock);
        let faults = &self.opener.setup.faults;
        let impatient = faults.roll(&mut self.rng, &[Fault::Impatient]).is_some();
        let mut answered = None;
        let question = dialect::question(&model, asked, self.clock);
        match self.deliver(question, Some(asked), &mut answered).await? {
            Sent::Accepted(reply) => answered = answered.or(at_once(dialect::hear(&model, &reply))),
            Sent::GivenUp(_) => return Ok(None),
        }
        let mut until = tempo.now().plus(self.patience.unwrap_or(model.answer_patience()));
        if impatient {
            self.opener.tally.count(Fault::Impatient);
            until = tempo.now();
        }
        while answered.is_none() {
            match self.next(Some(until)).await? {
                None => break,
                Some(Event::Message { token, bytes }) => {
                    answered = self.attend(token, &bytes, Some(asked));
                }
                Some(_) => {}
            }
        }
        if answered.is_none()
            && let Some(withdrawal) = dialect::withdrawal(&model, asked, self.clock)
        {
            self.deliver(withdrawal, None, &mut answered).await?;
        }
        Ok(answered)
    }

    /// Sends a message, again and again where it is refused, and hears what comes meanwhile.
    async fn deliver(
        &mut self,
        message: Vec<u8>,
        asked: Option<&Asked>,
        answered: &mut Option<Answered>,
    ) -> io::Result<Sent> {
        let mut attempt = 1;
        self.connect().await?;
        let mut token = self.wired()?.send(message.clone());
        loop {
            match self.next(None).await? {
                Some(Event::Accepted { token: accepted, reply }) if accepted == token => {
                    return Ok(Sent::Accepted(reply));
                }
                Some(Event::GaveUp { token: given_up, why }) if given_up == token => {
                    if attempt >= limits::SEND_ATTEMPTS_MAX || is_about_content(&why) {
                        return Ok(Sent::GivenUp(why));
                    }
                    attempt += 1;
                    asked.into_iter().for_each(|asked| self.expect_late(asked));
                    self.opener.setup.tempo.sleep(RESEND_PAUSE * attempt).await;
                    token = self.wired()?.send(message.clone());
                }
                Some(Event::Message { token, bytes }) => {
                    let said = self.attend(token, &bytes, asked);
                    *answered = answered.take().or(said);
                }
                Some(
                    Event::Accepted { .. }
                    | Event::GaveUp { .. }
                    | Event::Incomplete { .. }
                    | Event::Fault(_),
                )
                | None => {}
            }
        }
    }

    fn wired(&mut self) -> io::Result<&mut Wired<Line>> {
        self.wired.as_mut().ok_or(io::ErrorKind::NotConnected.into())
    }

    async fn next(&mut self, until: Option<Moment>) -> io::Result<Option<Event>> {
        self.wired()?.next(until).await
    }

    async fn lost(&mut self, error: &io::Error, tell: &mut dyn FnMut(Turn)) {
        self.wired = None;
        tell(Turn::LineLost { why: format!("the line was lost: {error}") });
        for attempt in 1..=limits::SEND_ATTEMPTS_MAX {
            if self.connect().await.is_ok() {
                return;
            }
            self.opener.setup.tempo.sleep(REDIAL_PAUSE * attempt).await;
        }
    }

    /// A message of the host: what it says to the open question, and what is said to it.
    fn attend(&mut self, token: Token, bytes: &[u8], asked: Option<&Asked>) -> Option<Answered> {
        let model = self.opener.setup.model.clone();
        let says = dialect::hear(&model, bytes);
        let HostSays::Work(orders) = says else {
            self.say(token, Answer::Stored);
            return at_once(says).filter(|_| asked.is_some() && !self.is_late_word());
        };
        let refuses = self.refuses(bytes);
        let mut answered = None;
        let mut standings: Vec<(Ordered, Standing)> = Vec::new();
        for order in orders {
            let (standing, said) = self.weigh(&order, asked, refuses);
            let test_standing = |test: &Ordered| match standing {
                Standing::Accepted if !self.can_run(test) => Standing::Refused,
                Standing::Accepted | Standing::Refused | Standing::UnknownSpecimen => standing,
            };
            standings.extend(order.tests.iter().map(|t| (t.clone(), test_standing(t))));
            if standing == Standing::Accepted {
                self.accept(order);
            }
            answered = answered.or(said);
        }
        self.serial += 1;
        let standing = |test: &Ordered| {
            let known = standings.iter().find(|(known, _)| known == test);
            known.map_or(Standing::Refused, |(_, standing)| *standing)
        };
        let reply = dialect::reply(&model, bytes, self.serial, self.clock, &standing);
        let refusal = || Answer::Refused("the analyser takes no orders now".to_owned());
        self.say(
            token,
            match reply {
                Some(reply) => Answer::StoredReply(reply),
                None if refuses.is_some() => refusal(),
                None => Answer::Stored,
            },
        );
        answered
    }

    fn expect_late(&mut self, asked: &Asked) {
        let Setup { model, tempo, .. } = &self.opener.setup;
        let patience = self.patience.unwrap_or(model.answer_patience());
        self.overdue.push((tempo.now().plus(patience * LATE_FOR), asked.clone()));
    }

    fn forget_overdue(&mut self) {
        let now = self.opener.setup.tempo.now();
        self.overdue.retain(|(until, _)| now < *until);
    }

    /// A word that names no tube belongs to the oldest question that is still to be answered.
    fn is_late_word(&mut self) -> bool {
        self.forget_overdue();
        let late = !self.overdue.is_empty();
        if late {
            self.overdue.remove(0);
            self.account.late += 1;
            self.took_late_word = true;
        }
        late
    }

    fn say(&mut self, token: Token, answer: Answer) {
        if let Some(wired) = &mut self.wired {
            wired.answer(token, answer);
        }
    }

    /// Runs what was ordered for the tubes of this rack, and reports it.
    async fn run_rack(&mut self, rack: u32, dins: &[String], tell: &mut dyn FnMut(Turn)) {
        let tubes: Vec<Tube> =
            (1..).zip(dins).filter_map(|(position, din)| self.run_tube(position, din)).collect();
        if tubes.is_empty() {
            return;
        }
        let results = tubes.iter().map(|tube| tube.results.len()).sum();
        let load = Load { model: self.opener.setup.model.clone(), rack, tubes, lot: None };
        self.clock = later(self.clock);
        let messages = messages(&load, Envelope { serial: self.serial + 1, sent_at: self.clock });
        self.serial = self.serial.saturating_add(u32::try_from(messages.len()).unwrap_or(0));
        if messages.is_empty() {
            let why = "what was run cannot be written as this analyser would";
            self.account.failures.push(format!("rack {rack}: {why}"));
        }
        for message in messages {
            self.report(rack, message, tell).await;
        }
        tell(Turn::Reported { rack, results });
    }

    fn run_tube(&mut self, position: u32, din: &str) -> Option<Tube> {
        let mut results = Vec::new();
        for ordered in self.work.remove(din)? {
            for assay in &ordered.assays {
                let Some((outcome, odd_flag)) = self.shelf.take(din, *assay) else { continue };
                self.clock = later(self.clock);
                let (assay, completed) = (*assay, self.clock);
                let order = ordered.order_id.clone();
                results.push(PlannedResult { assay, outcome, completed, odd_flag, order });
            }
            self.account.run += 1;
        }
        let specimen = Specimen::Donor(din.to_owned());
        (!results.is_empty()).then_some(Tube { specimen, position, results })
    }

    /// Sends one message with results, on this line or the next ones.
    async fn report(&mut self, rack: u32, message: Vec<u8>, tell: &mut dyn FnMut(Turn)) {
        let mut why = String::new();
        for _line in 0..limits::SEND_ATTEMPTS_MAX {
            match self.deliver(message.clone(), None, &mut None).await {
                Ok(Sent::Accepted(_)) => {
                    self.account.acknowledged += 1;
                    return;
                }
                Ok(Sent::GivenUp(given_up)) => {
                    why = given_up;
                    break;
                }
                Err(error) => {
                    why = error.to_string();
                    self.lost(&error, tell).await;
                }
            }
        }
        self.account.failures.push(format!("rack {rack}: {why}"));
    }
}

/// What is said to a question without orders.
fn at_once(says: HostSays) -> Option<Answered> {
    match says {
        HostSays::NoWork => Some(Answered::NoWork),
        HostSays::Unanswerable(why) => Some(Answered::NotUnderstood(why)),
        HostSays::Work(_) | HostSays::Nothing => None,
    }
}

fn named(asked: &Asked) -> String {
    let Asked { id, rack, position, .. } = asked;
    let id = if id.trim().is_empty() { "an unread bar code" } else { id };
    format!("rack {rack}, position {position}, {id}")
}

fn later(time: DateTime) -> DateTime {
    time.saturating_add(STEP_SECONDS.seconds())
}
