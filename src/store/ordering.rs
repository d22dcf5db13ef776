//! How work becomes orders: what the rules still want of a donation, what this analyser can run of
//! it, and what was ordered already.
//!
//! In doubt a test is ordered once more, never once less: two results are a nuisance, none delays
//! blood. But nothing is ordered for a specimen that is no registered donation beyond doubt.
//!
//! ```text
//!  issued ─► nobody said ─┬─ accepted ──► open until a result of this analyser came after it,
//!                         ├─ delivered ─► or limits::ORDER_LIFETIME is over
//!                         ├─ refused, unknown specimen, undelivered ──► may be ordered again;
//!                         │    refused where nobody asks: after limits::ORDER_REFUSED_REST
//!                         └─ for the settle wait, or since before the last start
//!                                                              ──► may be ordered again
//! ```

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use super::book::Book;
use super::case::Case;
use super::chain::Cell;
use super::errors::Trouble;
use super::order::{self, Part, Slice, SliceDone, Terms};
use super::schema::Table;
use super::{Entry, OrderPolicy, OrderRecord, order_rows, rows};
use crate::domain::{
    Action, AskedSpecimen, Assay, DonationNumber, OrderReply, OrderStanding, OrderedTest,
    RecordedObservation, SpecimenKind, WorkOrder,
};
use crate::limits;
use crate::rules::{self, Wanted};

impl Book {
    /// Issues the orders of one slice of a request.
    pub(super) fn order(
        &mut self,
        connection: &Connection,
        slice: &Slice,
    ) -> Result<SliceDone, Trouble> {
        let answer = match slice.answer {
            Some(answer) => answer,
            None => self.append_answer(connection, &slice.terms)?,
        };
        let ordering = Ordering { terms: &slice.terms, answer };
        let (work, next) = match &slice.part {
            Part::Specimens(specimens) => {
                (self.order_specimens(connection, &ordering, specimens)?, None)
            }
            Part::Registered { after, from, to } => {
                let window = Window { after: *after, from: from.as_ref(), to: to.as_ref() };
                self.order_registered(connection, &ordering, window)?
            }
        };
        Ok(SliceDone { answer, given_at: self.now(), work, next })
    }

    fn append_answer(&mut self, connection: &Connection, terms: &Terms) -> Result<i64, Trouble> {
        let now = self.now().to_string();
        let query = terms.request.query.map_or(Cell::Null, Cell::Integer);
        let cells = [Cell::Text(&terms.request.analyser), query, Cell::Text(&now)];
        self.append_always(connection, Table::Answer, &cells)
    }

    fn order_specimens(
        &mut self,
        connection: &Connection,
        ordering: &Ordering<'_>,
        specimens: &[AskedSpecimen],
    ) -> Result<Vec<WorkOrder>, Trouble> {
        let mut work = Vec::with_capacity(specimens.len());
        for specimen in specimens {
            work.push(self.order_specimen(connection, ordering, specimen.clone())?);
        }
        Ok(work)
    }

    /// The next registered donations that have work, and where to go on.
    fn order_registered(
        &mut self,
        connection: &Connection,
        ordering: &Ordering<'_>,
        window: Window<'_>,
    ) -> Result<(Vec<WorkOrder>, Option<i64>), Trouble> {
        let last = self.journal.marks().of(Table::Registration);
        let first = last.saturating_sub(limits::ORDER_LOOKBACK).max(0);
        let limit = u64::try_from(limits::ORDER_SLICE).unwrap_or(u64::MAX);
        let after = window.after.unwrap_or(first);
        let donations = rows::registered(connection, after, limit)?;
        let next = donations.last().map(|(id, _)| *id).filter(|id| *id < last);
        let mut work = Vec::new();
        for (_, din) in donations {
            if window.holds(&din) && order_rows::may_have_work(connection, &din)? {
                let order = self.order_specimen(connection, ordering, order::unasked(din))?;
                work.extend((!order.tests.is_empty()).then_some(order));
            }
        }
        Ok((work, next))
    }

    fn order_specimen(
        &mut self,
        connection: &Connection,
        ordering: &Ordering<'_>,
        specimen: AskedSpecimen,
    ) -> Result<WorkOrder, Trouble> {
        let Some(din) = specimen.id.donation() else {
            return Ok(WorkOrder { specimen, tests: Vec::new() });
        };
        if ordering.terms.named_twice.contains(din) {
            return Ok(WorkOrder { specimen, tests: Vec::new() });
        }
        let mut case = self.cases.take(connection, din)?;
        let wanted = self.wanted(connection, ordering.terms, &mut case)?;
        self.cases.keep(case);
        let mut tests = Vec::with_capacity(wanted.len());
        for (assay, count) in wanted {
            tests.push(self.issue(connection, ordering, &specimen, assay, count)?);
        }
        Ok(WorkOrder { specimen, tests })
    }

    /// What is to be run here of what the rules still want, and how often.
    fn wanted(
        &self,
        connection: &Connection,
        terms: &Terms,
        case: &mut Case,
    ) -> Result<Vec<(Assay, u32)>, Trouble> {
        if case.facts.registration.is_none() {
            return Ok(Vec::new());
        }
        let decision = case.decide(&self.rules);
        let facts = &case.facts;
        let mut wanted = rules::wanted(facts, &decision, &self.rules, &terms.request.runs);
        wanted.retain(|wanted| terms.is_right_kit(wanted));
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let issued = order_rows::of_donation(connection, &facts.din)?;
        let (now, settle_wait) = (self.now(), terms.request.settle_wait);
        let time = Time { now, before: self.orders_before, settle_wait };
        let mut open = open(&issued, &facts.observations, time);
        open.extend(issued.iter().filter(|order| terms.rests(order, now)));
        let left =
            wanted.iter().map(|wanted| (wanted.assay, terms.left(wanted, &open, self.now())));
        Ok(left.filter(|(_, count)| *count > 0).collect())
    }

    fn issue(
        &mut self,
        connection: &Connection,
        ordering: &Ordering<'_>,
        specimen: &AskedSpecimen,
        assay: Assay,
        count: u32,
    ) -> Result<OrderedTest, Trouble> {
        let now = self.now().to_string();
        let mut order_ids = Vec::new();
        for determination in 1..=count {
            let order_id = order::order_id(self.journal.marks().of(Table::WorkOrder) + 1);
            let cells = [
                Cell::Text(&order_id),
                Cell::Integer(ordering.answer),
                Cell::Text(&ordering.terms.request.analyser),
                Cell::Text(specimen.id.donation().map_or("", DonationNumber::as_str)),
                Cell::Text(assay.id()),
                Cell::Integer(i64::from(determination)),
                Cell::text_or_null(specimen.rack.as_deref()),
                Cell::text_or_null(specimen.position.as_deref()),
                Cell::Integer(self.journal.marks().of(Table::Message)),
                Cell::Text(&now),
            ];
            self.append_always(connection, Table::WorkOrder, &cells)?;
            order_ids.push(order_id);
        }
        Ok(OrderedTest { assay, order_ids })
    }

    /// Records what a message says about orders. Where the message was met before, only what is
    /// news: two replies may say the same of two orders in the same words.
    pub(super) fn append_replies(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        message: i64,
        met_before: bool,
    ) -> Result<(), Trouble> {
        for reply in &entry.order_replies {
            let named = reply.order_id.as_deref();
            let order = match named {
                Some(order_id) => order_rows::number(connection, order_id, Some(&entry.analyser))?,
                None => None,
            };
            let news = !met_before || order_rows::is_news(connection, order, reply)?;
            if news {
                self.append_reply(connection, order, Some(message), reply)?;
            }
        }
        Ok(())
    }

    /// Records how orders stand about which the analyser said nothing itself.
    pub(super) fn settle(
        &mut self,
        connection: &Connection,
        order_ids: &[String],
        standing: OrderStanding,
        text: &str,
    ) -> Result<(), Trouble> {
        for order_id in order_ids {
            let order = order_rows::number(connection, order_id, None)?;
            let (order_id, text) = (Some(order_id.clone()), text.to_owned());
            let reply = OrderReply { order_id, standing, text };
            self.append_reply(connection, order, None, &reply)?;
        }
        Ok(())
    }

    fn append_reply(
        &mut self,
        connection: &Connection,
        order: Option<i64>,
        message: Option<i64>,
        reply: &OrderReply,
    ) -> Result<(), Trouble> {
        let now = self.now().to_string();
        let cells = [
            Cell::text_or_null(reply.order_id.as_deref()),
            order.map_or(Cell::Null, Cell::Integer),
            message.map_or(Cell::Null, Cell::Integer),
            Cell::Text(reply.standing.id()),
            Cell::Text(&reply.text),
            Cell::Text(&now),
        ];
        self.append_always(connection, Table::OrderReply, &cells).map(drop)
    }
}

/// An answer while it is being put together.
struct Ordering<'a> {
    terms: &'a Terms,
    answer: i64,
}

/// Which of the registered donations are looked at.
struct Window<'a> {
    after: Option<i64>,
    from: Option<&'a DonationNumber>,
    to: Option<&'a DonationNumber>,
}

impl Window<'_> {
    fn holds(&self, din: &DonationNumber) -> bool {
        self.from.is_none_or(|from| from <= din) && self.to.is_none_or(|to| din <= to)
    }
}

impl Terms {
    /// A repeat is for the analyser whose result is repeated, with the kit it was made with.
    fn is_right_kit(&self, wanted: &Wanted<'_>) -> bool {
        let is_run_here = |seen: &RecordedObservation| {
            seen.profile == self.request.profile
                && self.request.tests.get(&seen.observation.test_code) == Some(&wanted.assay)
        };
        let is_own = |first: &RecordedObservation| {
            first.analyser == self.request.analyser && is_run_here(first)
        };
        wanted.repeats.is_none_or(is_own) && !wanted.beside.iter().any(|seen| is_run_here(seen))
    }

    /// Whether an open order is one that this analyser need not be told again.
    fn knows(&self, order: &OrderRecord) -> bool {
        let forgot =
            self.request.query.is_some() && order.standing == Some(OrderStanding::Delivered);
        order.analyser == self.request.analyser && !forgot
    }

    /// Whether an order was refused here lately and nobody asks: told again at once it would be
    /// refused again, and again.
    fn rests(&self, order: &OrderRecord, now: Timestamp) -> bool {
        let is_refused = match order.standing {
            Some(OrderStanding::Refused | OrderStanding::UnknownSpecimen) => true,
            Some(
                OrderStanding::Accepted | OrderStanding::Delivered | OrderStanding::Undelivered,
            )
            | None => false,
        };
        is_refused
            && self.request.query.is_none()
            && order.analyser == self.request.analyser
            && is_younger(order, limits::ORDER_REFUSED_REST, now)
    }

    /// How many determinations are to be ordered here, given the orders that are open.
    fn left(&self, wanted: &Wanted<'_>, open: &[&OrderRecord], now: Timestamp) -> u32 {
        let of_assay = || open.iter().filter(|order| order.assay == wanted.assay);
        let promised = |order: &OrderRecord| {
            order.analyser != self.request.analyser
                && order.standing == Some(OrderStanding::Accepted)
                && is_younger(order, limits::ORDER_ELSEWHERE_LIFETIME, now)
        };
        let is_repeat = wanted.action == Action::RepeatInDuplicate;
        if !is_repeat && of_assay().any(|order| promised(order)) {
            return 0;
        }
        let here = of_assay().filter(|order| self.knows(order)).count();
        match self.request.policy {
            OrderPolicy::Always => wanted.count,
            OrderPolicy::Once => {
                wanted.count.saturating_sub(u32::try_from(here).unwrap_or(u32::MAX))
            }
        }
    }
}

/// When it is asked which orders are open.
#[derive(Clone, Copy)]
pub(super) struct Time {
    /// Now.
    pub(super) now: Timestamp,
    /// The last order of an earlier start: what nobody had said of it then, nobody will.
    pub(super) before: i64,
    /// How long an order that nobody has said anything about is on its way.
    pub(super) settle_wait: Duration,
}

/// The orders whose results may still come.
pub(super) fn open<'o>(
    issued: &'o [OrderRecord],
    observations: &[RecordedObservation],
    time: Time,
) -> Vec<&'o OrderRecord> {
    let mut open: Vec<&OrderRecord> = issued.iter().filter(|order| is_alive(order, time)).collect();
    for result in observations.iter().filter(|o| o.observation.kind == SpecimenKind::Donor) {
        // Each result answers the oldest order that was issued before it.
        let answered = open.iter().position(|order| {
            order.analyser == result.analyser
                && Some(order.assay) == result.observation.assay
                && order.message_to < result.message
        });
        answered.map(|at| open.remove(at));
    }
    open
}

fn is_alive(order: &OrderRecord, time: Time) -> bool {
    let Time { now, before, settle_wait } = time;
    match order.standing {
        Some(OrderStanding::Accepted | OrderStanding::Delivered) => {
            is_younger(order, limits::ORDER_LIFETIME, now)
        }
        Some(
            OrderStanding::Refused | OrderStanding::UnknownSpecimen | OrderStanding::Undelivered,
        ) => false,
        None => order.number > before && is_younger(order, settle_wait, now),
    }
}

/// Where the clock was set back the age is unknown: then it counts as old.
fn is_younger(order: &OrderRecord, lifetime: Duration, now: Timestamp) -> bool {
    let age = now.duration_since(order.issued_at);
    Duration::try_from(age).is_ok_and(|age| age < lifetime)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};
    use std::sync::Arc;

    use super::*;
    use crate::rules::{self, RuleSet};
    use crate::store::chain::Head;
    use crate::store::{OrderRequest, Whose, schema};

    fn terms() -> Arc<Terms> {
        let request = OrderRequest {
            analyser: "a".to_owned(),
            profile: "p".to_owned(),
            runs: [Assay::Hbsag].into(),
            tests: BTreeMap::new(),
            policy: OrderPolicy::Always,
            settle_wait: limits::ORDER_SETTLE_WAIT,
            whose: Whose::Specimens(Vec::new()),
            at_once: limits::ORDERED_DONATIONS_MAX,
            query: None,
        };
        Arc::new(Terms { request, named_twice: HashSet::new() })
    }

    /// A book with so many registered donations, all pending.
    fn registered(connection: &Connection, count: i64) -> Book {
        schema::migrate(connection, 0, schema::VERSION).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        let site = include_str!("../../fixtures/rules/results-only.toml");
        let rules = format!("{}{site}", rules::shipped("cn").unwrap());
        let rules = RuleSet::parse("cn.toml", &rules).unwrap();
        let (rules, now) = (Arc::new(rules), Timestamp::UNIX_EPOCH);
        let mut book = Book::open(connection, Head::default(), rules, now).unwrap();
        let (text, zero) = (Cell::Text("1970-01-01T00:00:00Z"), Cell::Integer(0));
        for number in 1..=count {
            let din = format!("D{number}");
            let din = Cell::Text(&din);
            let (first, null) = (Cell::Text("first"), Cell::Null);
            let row = [din, text, text, first, zero, null, null, text];
            book.append_always(connection, Table::Registration, &row).unwrap();
            let (one, pending) = (Cell::Integer(1), Cell::Text("pending"));
            let decision = r#"{"verdict":"pending","reasons":[],"passed":[],"next_steps":[]}"#;
            let (decision, cause) = (Cell::Text(decision), Cell::Text("message"));
            let row = [din, one, pending, decision, one, text, cause, one, zero, zero];
            book.append_always(connection, Table::Verdict, &row).unwrap();
        }
        book
    }

    fn first_found(connection: &Connection, book: &mut Book) -> String {
        let part = Part::Registered { after: None, from: None, to: None };
        let done = book.order(connection, &Slice { terms: terms(), answer: None, part }).unwrap();
        assert_eq!(done.work.len(), limits::ORDER_SLICE);
        done.work[0].specimen.id.donation().unwrap().as_str().to_owned()
    }

    #[test]
    fn work_is_looked_for_among_so_many_registrations_and_no_more() {
        for (more, first) in [(0, "D1"), (1, "D2")] {
            let connection = Connection::open_in_memory().unwrap();
            let mut book = registered(&connection, limits::ORDER_LOOKBACK + more);
            assert_eq!(first_found(&connection, &mut book), first);
        }
    }
}
