//! From work to the messages that order it, in the analyser's dialect.
//!
//! Refuses tests for a specimen that is no donation beyond doubt, for one that was not asked
//! about, and tests that the query did not ask for.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::Analyser;
use super::profile::{AnswerPlan, MessagePlan};
use super::writing::{Test, Wanted, Writer};
use crate::domain::{Ask, AskedId, AskedSpecimen, Assay, OrderedTest, Query, WorkOrder};

/// When and under which number messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// UTC.
    pub time: Timestamp,
    /// For message control ids: never given twice.
    pub serial: i64,
}

/// What is sent because of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderMessages {
    /// In place of the acknowledgement of the query (HL7: RSP^K11, QCK^Q02); `None`: the ordinary
    /// acknowledgement.
    pub reply: Option<Vec<u8>>,
    /// Messages of our own, in this order, after it.
    pub messages: Vec<OrderMessage>,
}

/// One message of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderMessage {
    /// The message, without frames or block.
    pub bytes: Vec<u8>,
    /// The orders in it.
    pub order_ids: Vec<String>,
}

impl Analyser {
    /// What is sent after a query: the work, or that there is none. `work` has one entry for each
    /// specimen asked about, in that order; for a range or for everything, one for each donation
    /// that has work. Work that could not be written (an assay without a code here, a second
    /// determination where the analyser takes one at a time) is in no message's `order_ids`.
    pub fn answer(&self, query: &Query, work: &[WorkOrder], stamp: Stamp) -> OrderMessages {
        let Some(plan) = self.profile.answer() else { return OrderMessages::default() };
        let mut writer = self.writer(Some(query), stamp);
        match &query.ask {
            Ask::Cancel => OrderMessages::default(),
            Ask::Specimens(asked) => {
                let wanted = asked.iter().enumerate().map(|(index, asked)| {
                    // What was not asked about at this place is no answer.
                    let own = work.get(index).filter(|work| work.specimen == *asked);
                    self.wanted(asked, own, query)
                });
                let wanted: Vec<_> = wanted.collect();
                let is_bad = asked.is_empty() || asked.iter().any(is_ambiguous);
                written(&mut writer, plan, wanted, is_bad)
            }
            Ask::Range { .. } | Ask::All => {
                let asked = work.iter().filter(|work| self.is_asked(query, &work.specimen));
                let wanted = asked.map(|work| self.wanted(&work.specimen, Some(work), query));
                let wanted = wanted.filter(|wanted| !wanted.tests.is_empty()).collect();
                written(&mut writer, plan, wanted, false)
            }
        }
    }

    /// The messages that order work nobody asked for; none where the analyser takes none.
    pub fn announce(&self, work: &[WorkOrder], stamp: Stamp) -> Vec<OrderMessage> {
        self.unasked(self.profile.order(), work, stamp)
    }

    /// The messages that take these orders back (IHE LAW-001: what another analyser has done is
    /// not to be done twice); none where the analyser has no words for it.
    pub fn cancel(&self, work: &[WorkOrder], stamp: Stamp) -> Vec<OrderMessage> {
        self.unasked(self.profile.cancel(), work, stamp)
    }

    fn unasked(
        &self,
        plan: Option<&MessagePlan>,
        work: &[WorkOrder],
        stamp: Stamp,
    ) -> Vec<OrderMessage> {
        let Some(plan) = plan else { return Vec::new() };
        let everything = Query { ask: Ask::All, codes: Vec::new(), echo: Vec::new() };
        let wanted = work.iter().map(|work| self.wanted(&work.specimen, Some(work), &everything));
        let wanted: Vec<_> = wanted.filter(|wanted| !wanted.tests.is_empty()).collect();
        self.writer(None, stamp).messages(plan, &wanted)
    }

    /// How long the analyser waits for the answer to its query; `None`: it does not ask.
    pub fn answer_within(&self) -> Option<Duration> {
        self.profile.query().map(|query| query.answer_within)
    }

    /// The assays that can be ordered here; none where it neither asks nor takes orders.
    pub fn assays(&self) -> BTreeSet<Assay> {
        if self.profile.answer().is_none() && self.profile.order().is_none() {
            return BTreeSet::new();
        }
        match self.profile.order_codes() {
            Some(codes) => codes.keys().copied().collect(),
            None => self.tests.values().copied().collect(),
        }
    }

    /// What an assay is ordered by.
    pub(super) fn order_code(&self, assay: Assay) -> Option<&str> {
        match self.profile.order_codes() {
            Some(codes) => codes.get(&assay).map(String::as_str),
            None => {
                let mut tests = self.tests.iter();
                tests.find(|(_, own)| **own == assay).map(|(code, _)| code.as_str())
            }
        }
    }

    /// Whether a query for many is about this specimen: a range is one of donation numbers where
    /// its ends are, else one of texts.
    fn is_asked(&self, query: &Query, specimen: &AskedSpecimen) -> bool {
        let Some(din) = specimen.id.donation() else { return false };
        match &query.ask {
            Ask::Range { from, to } => {
                let number = |text: &str| match self.donation_number(text) {
                    Some(din) => din.as_str().to_owned(),
                    None => text.to_owned(),
                };
                (number(from)..=number(to)).contains(&din.as_str().to_owned())
            }
            Ask::All => true,
            Ask::Specimens(_) | Ask::Cancel => false,
        }
    }

    fn writer<'w>(&'w self, query: Option<&'w Query>, stamp: Stamp) -> Writer<'w> {
        Writer { profile: &self.profile, query, stamp, count: 0 }
    }

    /// The tests of one specimen by the codes that they are ordered by. Assays with one code are
    /// one test: each determination of it stands for an order of each.
    fn wanted<'w>(
        &'w self,
        specimen: &'w AskedSpecimen,
        work: Option<&'w WorkOrder>,
        query: &Query,
    ) -> Wanted<'w> {
        let mut tests: Vec<Test<'w>> = Vec::new();
        let is_donation = specimen.id.donation().is_some();
        for test in work.filter(|_| is_donation).iter().flat_map(|work| &work.tests) {
            let Some(code) = self.order_code(test.assay) else { continue };
            if query.codes.is_empty() || query.codes.iter().any(|asked| asked == code) {
                add(&mut tests, code, test);
            }
        }
        Wanted { specimen, tests }
    }
}

fn add<'w>(tests: &mut Vec<Test<'w>>, code: &'w str, ordered: &'w OrderedTest) {
    if ordered.order_ids.is_empty() {
        return;
    }
    let at = tests.iter().position(|test| test.code == code).unwrap_or_else(|| {
        tests.push(Test { code, determinations: Vec::new() });
        tests.len() - 1
    });
    let Some(test) = tests.get_mut(at) else { return };
    for (index, id) in ordered.order_ids.iter().enumerate() {
        match test.determinations.get_mut(index) {
            Some(ids) => ids.push(id),
            None => test.determinations.push(vec![id]),
        }
    }
}

fn written<'w>(
    writer: &mut Writer<'w>,
    plan: &AnswerPlan,
    wanted: Vec<Wanted<'w>>,
    is_bad: bool,
) -> OrderMessages {
    let none = plan.none.as_ref().unwrap_or(&plan.work);
    let without = plan.bad.as_ref().filter(|_| is_bad).unwrap_or(none);
    let (with, idle): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|wanted| !wanted.tests.is_empty());
    if with.is_empty() {
        let reply = writer.reply(without);
        return OrderMessages { reply, messages: nothing(writer, without, &idle) };
    }
    let reply = writer.reply(&plan.work);
    let mut messages = writer.messages(&plan.work, &with);
    // An end without specimens would close the query before its work has come.
    if !without.specimen.is_empty() {
        messages.extend(writer.messages(without, &idle));
    }
    OrderMessages { reply, messages }
}

/// That there is nothing to do: for each specimen, or once for all.
fn nothing<'w>(
    writer: &mut Writer<'w>,
    plan: &MessagePlan,
    idle: &[Wanted<'w>],
) -> Vec<OrderMessage> {
    match plan.specimen.is_empty() {
        true => writer.message(plan, &[]).into_iter().collect(),
        false => writer.messages(plan, idle),
    }
}

const fn is_ambiguous(specimen: &AskedSpecimen) -> bool {
    match specimen.id {
        AskedId::Ambiguous(_) => true,
        AskedId::Donation(_) | AskedId::Blank | AskedId::Unread(_) | AskedId::Unknown(_) => false,
    }
}
