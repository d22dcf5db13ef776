//! Questions of every make, read and answered as the shipped profiles say: what comes back is
//! heard by the analyser as it was ordered, and the host refuses what it must.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hemogate::analyser::{Analyser, Profile, Stamp, shipped};
use hemogate::clock;
use hemogate::domain::{
    Ask, AskedSpecimen, Assay, DonationNumberScheme, OrderedTest, Query, WorkOrder,
};
use hemogate::link::{Answer, Event, Sending, Token, lis01, mllp};
use hemogate::simulator::{
    Account, Asker, Fault, Faults, Model, Morning, Opened, Setup, Tempo, Wire, donation_numbers,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

/// A host that orders each of the make's assays once for each donation.
struct Host {
    analyser: Analyser,
    link: Box<dyn Sending>,
    given: BTreeMap<String, usize>,
    serial: i64,
    seen: Arc<Mutex<Seen>>,
    model: Model,
}

#[derive(Default)]
struct Seen {
    queries: usize,
    faults: Vec<String>,
    /// Observations of donors, by donation and assay.
    observed: BTreeMap<(String, Assay), usize>,
    standings: Vec<String>,
}

fn analyser(model: Model) -> Analyser {
    let name = model.profile();
    let profile = Profile::parse(name, shipped(name).expect(name)).expect(name);
    let tests: BTreeMap<String, Assay> =
        model.site_tests().iter().map(|(code, assay)| ((*code).to_owned(), *assay)).collect();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new(name.to_owned(), Arc::new(profile), &tests, scheme).expect(name)
}

impl Host {
    fn new(model: Model, seen: Arc<Mutex<Seen>>) -> Host {
        let link: Box<dyn Sending> = match model.wire() {
            Wire::Lis01 => Box::new(lis01::Duplex::new(lis01::Settings::host())),
            Wire::Mllp => {
                let time = || "20260302120000".to_owned();
                Box::new(mllp::Duplex::new(mllp::Settings::new(time, Duration::from_secs(10))))
            }
            Wire::Records | Wire::Blocks(_) | Wire::Files => panic!("{model:?} does not ask"),
        };
        let given = BTreeMap::new();
        Host { analyser: analyser(model), link, given, serial: 0, seen, model }
    }

    async fn serve(mut self, mut line: DuplexStream) {
        let mut buffer = [0; 4096];
        loop {
            while let Some(bytes) = self.link.transmit() {
                let _gone = line.write_all(&bytes).await;
            }
            match self.link.event() {
                Some(Event::Message { token, bytes }) => {
                    self.hear(token, &bytes);
                    continue;
                }
                Some(Event::Accepted { reply, .. }) if !reply.is_empty() => {
                    let read = self.analyser.read(&reply);
                    let said =
                        read.order_replies.iter().map(|reply| reply.standing.id().to_owned());
                    self.seen.lock().unwrap().standings.extend(said);
                    continue;
                }
                Some(_) => continue,
                None => {}
            }
            let now = clock::moment().since_start();
            let wait = self.link.deadline().map(|d| d.at.since_start().saturating_sub(now));
            tokio::select! {
                read = line.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(length) => self.link.receive(clock::moment(), &buffer[..length]),
                },
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {
                    self.link.expire(clock::moment());
                }
            }
        }
    }

    fn hear(&mut self, token: Token, bytes: &[u8]) {
        let reading = self.analyser.read(bytes);
        let seen = self.seen.clone();
        let mut seen = seen.lock().unwrap();
        seen.faults.extend(reading.faults.iter().map(|fault| fault.text.clone()));
        for observation in &reading.observations {
            if let (Some(din), Some(assay)) = (&observation.din, observation.assay) {
                *seen.observed.entry((din.as_str().to_owned(), assay)).or_default() += 1;
            }
        }
        let mut answer = Answer::Stored;
        if let Some(query) = reading.query {
            seen.queries += 1;
            let work = self.work(&query);
            self.serial += 1;
            let time = "2026-03-02T12:00:00Z".parse().unwrap();
            let stamp = Stamp { time, serial: self.serial };
            let written = self.analyser.answer(&query, &work, stamp);
            if let Some(reply) = written.reply {
                answer = Answer::StoredReply(reply);
            }
            self.link.answer(clock::moment(), token, answer);
            for (index, message) in written.messages.into_iter().enumerate() {
                let token = Token(1_000 * self.serial as u64 + index as u64);
                self.link.send(clock::moment(), token, message.bytes);
            }
            return;
        }
        self.link.answer(clock::moment(), token, answer);
    }

    fn work(&mut self, query: &Query) -> Vec<WorkOrder> {
        match &query.ask {
            Ask::Specimens(asked) => asked.iter().map(|asked| self.work_of(asked)).collect(),
            Ask::Range { .. } | Ask::All | Ask::Cancel => Vec::new(),
        }
    }

    fn work_of(&mut self, asked: &AskedSpecimen) -> WorkOrder {
        let mut tests = Vec::new();
        if let Some(din) = asked.id.donation() {
            let given = self.given.entry(din.as_str().to_owned()).or_default();
            *given += 1;
            if *given == 1 {
                let ordered = self.model.assays().iter().map(|assay| OrderedTest {
                    assay: *assay,
                    order_ids: vec![format!("{din}-{assay}")],
                });
                tests = ordered.collect();
            }
        }
        WorkOrder { specimen: asked.clone(), tests }
    }
}

async fn run(model: Model, faults: Faults) -> (Account, Seen) {
    let numbers = donation_numbers(&mut fastrand::Rng::with_seed(9), 3);
    let morning = Morning::at_one_analyser(model, 9, numbers);
    let seen = Arc::new(Mutex::new(Seen::default()));
    let tempo = Tempo::hasty(clock::moment, 10);
    let setup =
        Setup { model: model.into(), tempo, faults, seed: 9, baud: None, faults_change: false };
    let mut asker = Asker::new(setup, &morning, async || {
        let (ours, theirs) = duplex(64 * 1024);
        tokio::spawn(Host::new(model, seen.clone()).serve(theirs));
        Ok(Opened::plain(Box::new(ours)))
    });
    asker.run(&mut |turn| println!("{model:?}: {turn:?}")).await;
    let account = asker.hang_up().await;
    tokio::task::yield_now().await;
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (account, seen)
}

#[tokio::test]
async fn every_make_understands_what_its_profile_orders() {
    for model in Model::ALL.into_iter().filter(|model| model.asks()) {
        let (account, seen) = run(model, Faults::default()).await;
        let context = format!("{model:?}\n{}\n{:?}", account.line(), seen.observed);
        assert_eq!(account.host_faults, [] as [String; 0], "{context}");
        assert_eq!(account.failures, [] as [String; 0], "{context}");
        assert_eq!(account.unanswered, 0, "{context}");
        assert_eq!(account.ordered, account.run, "{context}");
        let each = if model == Model::Vision { 1 } else { model.assays().len() };
        assert_eq!(account.ordered as usize, 3 * each, "{context}");
        assert_eq!(seen.faults, [] as [String; 0], "{context}");
        assert_eq!(seen.queries as u64, account.asked, "{context}");
        assert!(seen.observed.len() >= 3, "{context}");
        let accepted = seen.standings.iter().filter(|standing| *standing == "accepted").count();
        let is_law = matches!(model, Model::Cobas6800 | Model::AlinityI);
        assert_eq!(accepted, if is_law { 3 * each } else { 0 }, "{context}");
    }
}

#[tokio::test]
async fn a_bar_code_that_was_not_read_gets_no_tests_from_any_profile() {
    for model in Model::ALL.into_iter().filter(|model| model.asks()) {
        let (account, _) = run(model, Faults::of([(Fault::UnreadId, 1_000)])).await;
        let context = format!("{model:?}\n{}", account.line());
        assert_eq!(account.host_faults, [] as [String; 0], "{context}");
        assert_eq!((account.ordered, account.run), (0, 0), "{context}");
    }
}
