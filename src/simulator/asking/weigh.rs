//! What an analyser makes of the orders that come: whose they are, whether they are in time, and
//! what a host may not do.
//!
//! Refuses orders that name a test that is not here, or a number that was used before.

use std::io;

use super::{Answered, Asked, Asker, Order, Ordered, Standing, named};
use crate::simulator::{Fault, Opened, Wire, dialect};

impl<D: AsyncFnMut() -> io::Result<Opened>> Asker<D> {
    /// How this message with orders is refused, if it is: the same whenever it comes.
    pub(super) fn refuses(&mut self, bytes: &[u8]) -> Option<Standing> {
        let even = bytes.len().is_multiple_of(2);
        let word = if even { Standing::Refused } else { Standing::UnknownSpecimen };
        if self.refused.contains(bytes) {
            return Some(word);
        }
        self.opener.setup.faults.roll(&mut self.rng, &[Fault::RefusedOrder])?;
        self.opener.tally.count(Fault::RefusedOrder);
        self.account.refused += 1;
        self.refused.insert(bytes.to_vec());
        Some(word)
    }

    /// What is made of one specimen's orders, and what they say to the open question.
    pub(super) fn weigh(
        &mut self,
        order: &Order,
        asked: Option<&Asked>,
        refuses: Option<Standing>,
    ) -> (Standing, Option<Answered>) {
        let mine = asked.filter(|asked| self.answers(order, asked));
        if self.is_late(order, mine) {
            self.account.late += 1;
            return (Standing::Refused, None);
        }
        let Some(asked) = mine else {
            return (self.weigh_unasked(order, asked, refuses), None);
        };
        if !self.is_lawful(order, asked) {
            return (Standing::Refused, Some(Answered::Refused));
        }
        match refuses {
            Some(word) => (word, Some(Answered::Refused)),
            None if order.tests.is_empty() => (Standing::Accepted, Some(Answered::NoWork)),
            None => (Standing::Accepted, Some(Answered::Work(order.tests.len()))),
        }
    }

    fn answers(&self, order: &Order, asked: &Asked) -> bool {
        let place = dialect::place(&self.opener.setup.model, asked);
        let same_place = place.is_some() && place == order.place;
        same_place || dialect::is_same_id(&order.id, &asked.id)
    }

    /// Whether this answers a question that nobody waits for any more. Where the same tube was
    /// asked about again, only a place that was repeated can tell.
    fn is_late(&mut self, order: &Order, mine: Option<&Asked>) -> bool {
        let model = self.opener.setup.model.clone();
        let exactly = |asked: &Asked| {
            let place = dialect::place(&model, asked);
            place.is_some() && place == order.place
        };
        if mine.is_some_and(exactly) {
            return false;
        }
        self.forget_overdue();
        let late = self.overdue.iter().position(|(_, asked)| {
            if mine.is_some() { exactly(asked) } else { self.answers(order, asked) }
        });
        late.map(|place| self.overdue.swap_remove(place)).is_some()
    }

    fn weigh_unasked(
        &mut self,
        order: &Order,
        asked: Option<&Asked>,
        refuses: Option<Standing>,
    ) -> Standing {
        self.account.unasked += u64::from(!order.tests.is_empty());
        let placed = order.place.as_ref().is_some_and(|place| place.iter().any(|p| !p.is_empty()));
        // What was refused with NAK is sent again, whatever is asked about meanwhile.
        if let (Some(asked), true, None) = (asked, placed, refuses) {
            let fault = format!("asked about {}, answered about {}", named(asked), order.id);
            self.account.host_faults.push(fault);
            return Standing::Refused;
        }
        if !order.tests.is_empty() && !self.is_here(&order.id) {
            return Standing::UnknownSpecimen;
        }
        refuses.unwrap_or(Standing::Accepted)
    }

    /// By IHE LAW an analyser takes no orders for a specimen that it does not know (LAB28-008); any
    /// other keeps them until the tube comes.
    fn is_here(&self, id: &str) -> bool {
        match self.opener.setup.model.wire() {
            Wire::Mllp => self.shelf.has(dialect::bare_id(id)),
            Wire::Lis01 | Wire::Records | Wire::Blocks(_) | Wire::Files => true,
        }
    }

    /// Whether a host may order this for what was asked about.
    fn is_lawful(&mut self, order: &Order, asked: &Asked) -> bool {
        let expected = dialect::place(&self.opener.setup.model, asked);
        let about = named(asked);
        let faults = self.account.host_faults.len();
        let mut fault = |text: String| self.account.host_faults.push(text);
        if expected.is_some() && order.place != expected {
            let place = order.place.clone().unwrap_or_default().join("^");
            let expected = expected.unwrap_or_default().join("^");
            fault(format!("{about}: the place {expected} came back as {place}"));
        }
        if !dialect::is_same_id(&order.id, &asked.id) {
            fault(format!("{about}: the id came back as {:?}", order.id));
        }
        if asked.id.trim().is_empty() && !order.tests.is_empty() {
            fault(format!("{about}: {} tests without an id", order.tests.len()));
        }
        self.account.host_faults.len() == faults
    }

    /// A test that is here, under a number that was not used before (IHE LAW LAB28-006).
    pub(super) fn can_run(&self, test: &Ordered) -> bool {
        let used = test.order_id.as_ref().is_some_and(|id| self.order_ids.contains(id));
        !test.assays.is_empty() && !used
    }

    /// Puts an order to what is to be run.
    pub(super) fn accept(&mut self, order: Order) {
        for test in order.tests {
            let about = &order.id;
            if test.assays.is_empty() {
                let fault = format!("{about}: there is no test {:?} here", test.code);
                self.account.host_faults.push(fault);
                continue;
            }
            if let Some(id) = &test.order_id
                && !self.order_ids.insert(id.clone())
            {
                let fault = format!("{about}: the order number {id} was used before");
                self.account.host_faults.push(fault);
                continue;
            }
            self.account.ordered += 1;
            self.latest.push(test.code.clone());
            self.work.entry(dialect::bare_id(&order.id).to_owned()).or_default().push(test);
        }
    }
}
