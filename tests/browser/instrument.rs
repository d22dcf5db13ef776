//! The simulator at the serology line of the centre: it sends what the test means, place by place.

use std::collections::BTreeMap;
use std::sync::Arc;

use hemogate::analyser::{
    Analyser, Meant, MeantOutcome, MeantResult, MeantSpecimen, Profile, Stamp, shipped,
};
use hemogate::clock;
use hemogate::domain::{Assay, DonationNumberScheme, Reading, SpecimenKind};
use hemogate::simulator::{Faults, Instrument, Opened, Played, Setup, Tempo};
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use tokio::net::TcpStream;

use crate::centre::Centre;

/// A tube as the analyser sees it.
pub struct Seen<'d> {
    pub din: &'d str,
    pub rack: &'d str,
    pub position: u32,
    /// Each assay and whether it is reactive.
    pub results: &'d [(Assay, bool)],
}

/// The four markers of serology, all nonreactive.
pub const CLEAN: [(Assay, bool); 4] =
    [(Assay::Hbsag, false), (Assay::AntiHcv, false), (Assay::Hiv, false), (Assay::Tp, false)];

const PROFILE: &str = "roche-cobas-e601";

/// Plays the analyser: sends these tubes over a line of its own, `run` tells the times apart.
pub async fn send(centre: &Centre, run: i64, tubes: &[Seen<'_>]) {
    let profile = Profile::parse(PROFILE, shipped(PROFILE).unwrap()).unwrap();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let analyser =
        Analyser::new(PROFILE.to_owned(), Arc::new(profile), &BTreeMap::new(), scheme).unwrap();
    let analyser = Arc::new(analyser);
    let meant = Meant { specimens: tubes.iter().map(|tube| specimen(tube, run)).collect() };
    let time = Timestamp::constant(1_767_614_400, 0) + run.minutes();
    let messages = analyser.upload(&meant, Stamp { time, serial: run }).unwrap();
    let setup = Setup {
        model: Played::profiled(analyser).unwrap(),
        tempo: Tempo::real(clock::moment),
        faults: Faults::default(),
        seed: 1,
        baud: None,
        faults_change: false,
    };
    let address = centre.bench.daemon.address("serology");
    let mut instrument = Instrument::new(setup, async || {
        let line = TcpStream::connect(address).await?;
        Ok(Opened { line: Box::new(line), socket: None })
    });
    let failed = instrument.play(&messages, &mut |_| {}).await;
    assert!(failed.is_empty(), "{failed:?}");
    instrument.hang_up().await;
}

fn specimen(tube: &Seen<'_>, run: i64) -> MeantSpecimen {
    let completed = jiff::civil::datetime(2026, 1, 5, 12, 0, 0, 0) + run.minutes();
    let results = tube.results.iter().enumerate().map(|(index, (assay, reactive))| MeantResult {
        assay: *assay,
        outcome: match reactive {
            true => MeantOutcome::Reading(Reading::Reactive, Some(Decimal::new(1_240, 2))),
            false => MeantOutcome::Reading(Reading::Nonreactive, Some(Decimal::new(12, 2))),
        },
        completed: completed + i64::try_from(index).unwrap().seconds(),
        replicate: None,
        lot: None,
        operator: Some("OPER01".to_owned()),
        wording: 0,
    });
    MeantSpecimen {
        id: tube.din.to_owned(),
        kind: SpecimenKind::Donor,
        rack: Some(tube.rack.to_owned()),
        position: Some(tube.position.to_string()),
        results: results.collect(),
    }
}
