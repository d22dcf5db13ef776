//! A store that does not answer in time: the analyser is refused, and sending again is harmless.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::clock;
use hemogate::config::Transport;
use hemogate::daemon::runtime;
use hemogate::domain::{DonationNumber, DonationNumberScheme, Donor, DonorKind, Registration};
use hemogate::intake::{Intake, Sightings};
use hemogate::rules::{self, RuleSet};
use hemogate::session::{Claim, Surroundings, stop_order};
use hemogate::store::{Options, Store};
use hemogate::telemetry::Telemetry;
use hemogate::traffic::{Board, PostInfo};
use tokio::sync::watch;

use crate::wire::{Wire, bs_alt};

fn store(folder: &std::path::Path) -> Store {
    let rules = RuleSet::parse("cn.toml", &results_only()).unwrap();
    let path = folder.join("hemogate.db");
    Store::open(Options { path, rules: Arc::new(rules), utc: clock::utc }).unwrap()
}

fn analyser() -> Analyser {
    let profile = Profile::parse("bs.toml", shipped("mindray-bs").unwrap()).unwrap();
    let scheme = DonationNumberScheme::Isbt128;
    Analyser::new("bs".to_owned(), Arc::new(profile), &BTreeMap::new(), Arc::new(scheme)).unwrap()
}

fn registration() -> Registration {
    let donor = Donor { kind: DonorKind::First, deferred: false, historic_group: None };
    let din = DonationNumber::restored("G123417654321".to_owned());
    Registration { din, collected_at: clock::utc(), site: "east".to_owned(), donor }
}

#[test]
fn a_message_that_is_not_committed_in_time_is_refused_and_counted_once_when_it_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let intake = Intake::new(Arc::new(analyser()), store.clone(), Sightings::default()).unwrap();
    let runtime = runtime().unwrap();
    let (order, stop) = stop_order();
    let address = "127.0.0.1:0".parse().unwrap();
    let claim = runtime.block_on(Claim::new(&Transport::TcpListen(address))).unwrap();
    let address = claim.address().unwrap();
    let (_news, news) = watch::channel(0);
    let (_ready, ready) = watch::channel(true);
    let telemetry = Telemetry::new();
    let surroundings = Surroundings { telemetry, news, ready, journal: None };
    let post = Board::new(clock::now()).post(PostInfo {
        analyser: "bs".to_owned(),
        profile: "mindray-bs".to_owned(),
        line: "TCP".to_owned(),
        silence_after: None,
        instrument: None,
    });
    let session = runtime.block_on(async { claim.start(intake, false, post, surroundings, stop) });

    // The writer stands in somebody's reply.
    let (held, release) = mpsc::channel::<()>();
    let (standing, stands) = mpsc::channel();
    let reply = move |_| {
        standing.send(()).unwrap();
        release.recv().unwrap_err();
    };
    store.register(registration(), Box::new(reply));
    stands.recv().unwrap();
    let mut wire = Wire::connect(address);
    let din = "G123498654321";
    assert_eq!(wire.send_block(&bs_alt("1", din, "20")), "AR", "refused, and not left waiting");
    drop(held);
    assert_eq!(wire.send_block(&bs_alt("1", din, "20")), "AA");
    let record = store.donation(&DonationNumber::restored(din.to_owned())).unwrap().unwrap();
    assert_eq!(record.observations.len(), 1);
    order.give();
    runtime.block_on(session.ended());
}

/// The rules `cn` of a site where results alone count.
fn results_only() -> String {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    format!("{}{site}", rules::shipped("cn").unwrap())
}
