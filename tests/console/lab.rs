//! A laboratory with its console: analysers on one real store, people at their browsers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use hemogate::clock;
use hemogate::console::{self, ConsoleState, Desk, Door, DoorPlan};
use hemogate::domain::DonationNumberScheme;
use hemogate::people::Lifetimes;
use hemogate::traffic::Board;
use tokio::runtime::Runtime;

use crate::bench::{Answer, Browser, PASSWORD, people};
use crate::support::laboratory::{Laboratory, SEROLOGY, rules};
use crate::support::messages;

/// A laboratory with its console.
pub struct Lab {
    pub laboratory: Laboratory,
    address: SocketAddr,
    _runtime: Runtime,
}

impl Lab {
    /// Where results alone count, but for these choices of the site.
    pub fn new(choices: &[(&str, &str)]) -> Lab {
        let laboratory = Laboratory::new(rules(choices));
        for event in people() {
            let (tell, told) = mpsc::channel();
            laboratory.store.put_user_event(event, Box::new(move |done| tell.send(done).unwrap()));
            told.recv().unwrap().unwrap();
        }
        let hour = Duration::from_secs(60 * 60);
        let plan = DoorPlan {
            lifetimes: Lifetimes { idle: hour, absolute: hour },
            secure: false,
            now: Arc::new(clock::now),
        };
        let intake = laboratory.intake(SEROLOGY).clone();
        let desk = Desk { analyser: Arc::clone(intake.analyser()), intake };
        let desks = BTreeMap::from([(SEROLOGY.to_owned(), desk)]);
        let runtime = Runtime::new().unwrap();
        let (store, rules) = (laboratory.store.clone(), Arc::new(rules(choices)));
        let address = runtime.block_on(async {
            let door = Door::open(&store, plan).unwrap();
            let scheme = Arc::new(DonationNumberScheme::Isbt128);
            let board = Board::new(clock::now());
            let state = ConsoleState::new(store, scheme, rules, board, desks, door);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = console::router(state);
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Lab { laboratory, address, _runtime: runtime }
    }

    /// A browser in which this person has signed in.
    pub fn signed_in(&self, user: &str) -> Browser {
        let browser = Browser::at(self.address);
        let answer = browser.sign_in(user, PASSWORD);
        assert_eq!(answer.status, 303, "{user}: {}", answer.text);
        browser
    }

    /// A registered donation of which one result is reactive, and repeated reactive: rejected.
    pub fn reject(&self, number: u32) {
        self.laboratory.register(number);
        let din = messages::din(number);
        for minute in ["0100", "0200", "0300"] {
            let time = format!("2026010611{minute}");
            self.laboratory.send(SEROLOGY, &messages::e601(&din, 515, 1, "9.90", &time));
        }
        assert_eq!(
            self.laboratory.verdict(number),
            "reject",
            "{:?}",
            self.laboratory.reasons(number)
        );
    }

    /// The version of a donation's verdict now, as a form brings it.
    pub fn version(&self, number: u32) -> String {
        self.laboratory.donation(number).version.to_string()
    }

    /// The place of a reason in a donation's verdict.
    pub fn place(&self, number: u32, code: &str) -> String {
        let reasons = self.laboratory.donation(number).decision.reasons;
        reasons.iter().position(|reason| reason.code == code).unwrap().to_string()
    }

    /// Somebody proposes that a reason is lifted; the number of the record.
    pub fn propose(&self, browser: &Browser, number: u32, code: &str) -> i64 {
        let answer = self.ask_to_lift(browser, number, code, PASSWORD);
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.laboratory.donation(number).statements.last().unwrap().id
    }

    /// The same, with any password.
    pub fn ask_to_lift(
        &self,
        browser: &Browser,
        number: u32,
        code: &str,
        password: &str,
    ) -> Answer {
        let (version, place) = (self.version(number), self.place(number, code));
        let fields = [
            ("version", version.as_str()),
            ("reason", place.as_str()),
            ("ground", "tested_elsewhere"),
            ("text", "Tested again by the reference laboratory"),
            ("password", password),
        ];
        browser.post(&path(number, "/amend"), &fields)
    }
}

/// Somebody agrees to a proposal, having seen this version.
pub fn agree(browser: &Browser, number: u32, proposal: i64, version: &str) -> Answer {
    let proposal = proposal.to_string();
    let fields = [("version", version), ("proposal", &proposal), ("password", PASSWORD)];
    browser.post(&path(number, "/agree"), &fields)
}

/// The address of a donation's page, and of what is done there.
pub fn path(number: u32, rest: &str) -> String {
    format!("/donations/{}{rest}", messages::din(number))
}
