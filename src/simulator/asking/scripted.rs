//! An analyser that follows a script, step by step.

use std::io;
use std::time::Duration;

use super::{AnswerOutcome, Asker, MORNING, later};
use crate::domain::Assay;
use crate::link::Event;
use crate::simulator::dialect::{Envelope, messages};
use crate::simulator::script::{Expected, Question};
use crate::simulator::{
    ALWAYS, Fault, Load, Opened, Outcome, PlannedResult, Script, Specimen, Step, Tube, Turn,
};

impl<D: AsyncFnMut() -> io::Result<Opened>> Asker<D> {
    /// Follows the script to its end; says of each step whether it came out as it must.
    pub async fn follow(
        &mut self,
        script: &Script,
        tell: &mut dyn FnMut(Turn),
        done: &mut dyn FnMut(usize, &Result<String, String>),
    ) {
        for (index, step) in script.steps.iter().enumerate() {
            let outcome = self.step(step, tell).await;
            if let Err(why) = &outcome {
                self.account.failures.push(format!("step {}: {why}", index + 1));
            }
            done(index + 1, &outcome);
        }
    }

    async fn step(&mut self, step: &Step, tell: &mut dyn FnMut(Turn)) -> Result<String, String> {
        match step {
            Step::Ask(question) => self.put(question, tell).await,
            Step::Send { donations, results } => self.send(donations, results, tell).await,
            Step::Run => {
                let dins: Vec<String> = self.work.keys().cloned().collect();
                let before = self.account.failures.len();
                self.run_rack(1, &dins, tell).await;
                self.since(before, format!("tubes run: {}", dins.len()))
            }
            Step::Wait { wait, expect } => self.listen(*wait, *expect, tell).await,
            Step::Refuse(refuse) => {
                self.set_fault(Fault::RefusedOrder, if *refuse { ALWAYS } else { 0 });
                Ok(if *refuse { "refuses orders" } else { "takes orders" }.to_owned())
            }
            Step::Fault(fault, rate) => {
                self.set_fault(*fault, *rate);
                Ok(format!("{fault} at {rate} in 1000"))
            }
            Step::DropLine => {
                self.wired = None;
                Ok("line dropped".to_owned())
            }
        }
    }

    fn set_fault(&mut self, fault: Fault, rate: u16) {
        self.opener.setup.faults.set(fault, rate);
        self.opener.share_faults();
    }

    async fn put(
        &mut self,
        question: &Question,
        tell: &mut dyn FnMut(Turn),
    ) -> Result<String, String> {
        let Question { id, rack, position, expect, codes, within } = question;
        self.latest.clear();
        self.patience = *within;
        let outcome = self.ask(id.clone(), *rack, *position, tell).await;
        self.patience = None;
        let came = match &outcome {
            AnswerOutcome::Work(_) => Expected::Orders,
            AnswerOutcome::NoWork | AnswerOutcome::NotUnderstood(_) => Expected::NoWork,
            AnswerOutcome::Refused => Expected::Refused,
            AnswerOutcome::Unanswered => Expected::Nothing,
        };
        if expect.is_some_and(|expect| expect != came) {
            let expected = expect.map_or("", Expected::word);
            return Err(format!("expected {expected}, came {}", came.word()));
        }
        let (mut expected, mut found) = (codes.clone(), self.latest.clone());
        found.sort();
        if let Some(codes) = &mut expected {
            codes.sort();
            if *codes != found {
                let (codes, found) = (codes.join(", "), found.join(", "));
                return Err(format!("expected the tests {codes}, ordered were {found}"));
            }
        }
        Ok(format!("asked about {id:?}: {} {}", came.word(), found.join(", ")).trim().to_owned())
    }

    async fn send(
        &mut self,
        donations: &[String],
        results: &[(Assay, Outcome)],
        tell: &mut dyn FnMut(Turn),
    ) -> Result<String, String> {
        let tubes: Vec<Tube> =
            (1..).zip(donations).map(|(position, din)| self.tube(position, din, results)).collect();
        self.clock = later(self.clock);
        let load = Load { model: self.opener.setup.model.clone(), rack: 1, tubes, lot: None };
        let messages = messages(&load, Envelope { serial: self.serial + 1, sent_at: self.clock });
        self.serial = self.serial.saturating_add(u32::try_from(messages.len()).unwrap_or(0));
        let before = self.account.failures.len();
        for message in messages {
            self.report(1, message, tell).await;
        }
        self.since(before, format!("results of {} sent", donations.join(", ")))
    }

    fn tube(&mut self, position: u32, din: &str, results: &[(Assay, Outcome)]) -> Tube {
        let results = results.iter().map(|(assay, outcome)| {
            self.clock = later(self.clock.max(MORNING));
            let (assay, outcome, completed) = (*assay, *outcome, self.clock);
            PlannedResult { assay, outcome, completed, odd_flag: None, order: None }
        });
        Tube { specimen: Specimen::Donor(din.to_owned()), position, results: results.collect() }
    }

    /// Whether nothing failed since then; a failure becomes the step's.
    fn since(&mut self, before: usize, well: String) -> Result<String, String> {
        let failures = self.account.failures.split_off(before.min(self.account.failures.len()));
        if failures.is_empty() { Ok(well) } else { Err(failures.join("; ")) }
    }

    async fn listen(
        &mut self,
        wait: Duration,
        expect: Option<Expected>,
        tell: &mut dyn FnMut(Turn),
    ) -> Result<String, String> {
        let (unasked, late) = (self.account.unasked, self.account.late);
        let until = self.opener.setup.tempo.now().plus(wait);
        if let Err(error) = self.connect().await {
            return Err(format!("the line can't be opened: {error}"));
        }
        loop {
            match self.next(Some(until)).await {
                Ok(None) => break,
                Ok(Some(Event::Message { token, bytes })) => {
                    self.attend(token, &bytes, None);
                }
                Ok(Some(_)) => {}
                Err(error) => self.lost(&error, tell).await,
            }
        }
        let came = self.account.unasked > unasked || self.account.late > late;
        match (expect, came) {
            (Some(Expected::Orders), false) => Err("expected orders, came nothing".to_owned()),
            (Some(Expected::Nothing), true) => Err("expected nothing, came orders".to_owned()),
            (_, true) => Ok("orders came that nobody asked for".to_owned()),
            (_, false) => Ok("nothing came".to_owned()),
        }
    }
}
