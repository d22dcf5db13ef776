//! What a profile says is sent, sent: whatever an analyser means, over whatever line, is read as
//! it was meant by the same profile.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hemogate::analyser::{
    Analyser, Framing, Meant, MeantOutcome, MeantQuestion, MeantResult, MeantSpecimen, Profile,
    Stamp, shipped,
};
use hemogate::codec::block::Parameters;
use hemogate::domain::{Ask, AskedId, Assay, Reading, SpecimenKind};
use hemogate::link::bare::{Envelope, Records};
use hemogate::link::{Sending, block, lis01, mllp};
use hemogate::simulator::{Fault, Faults, Played, Wire, donation_numbers};
use jiff::civil::{DateTime, datetime};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::host::{Host, played_to};
use crate::profiled::{analyser, profiled, sending};

/// Every shipped profile that says how its analyser sends.
static ANALYSERS: LazyLock<Vec<(&str, Arc<Analyser>)>> = LazyLock::new(|| {
    let all = sending().into_iter();
    all.map(|name| (name, analyser(name, shipped(name).unwrap()))).collect()
});

const STAMP: Stamp = Stamp { time: Timestamp::constant(1_767_614_400, 0), serial: 7 };
const MORNING: DateTime = datetime(2026, 1, 5, 8, 0, 0, 0);

/// Choices that become a tube at any analyser.
#[derive(Clone, Debug)]
struct Tube {
    is_control: bool,
    rack: u32,
    position: u32,
    placed: bool,
    results: Vec<Pick>,
}

/// Choices that become a result.
#[derive(Clone, Copy, Debug)]
struct Pick {
    /// Which assays are left out, which outcome, which word.
    run: bool,
    outcome: usize,
    wording: usize,
    failed: bool,
    /// Thousandths of the way from the lowest number to the highest.
    number: u32,
    seconds: i64,
    replicates: usize,
}

fn pick() -> impl Strategy<Value = Pick> {
    let chance = |part: f64| prop::bool::weighted(part);
    (chance(0.7), 0..9_usize, 0..5_usize, chance(0.1), 0..=1_000_u32, 0..50_000_i64, 1..=3_usize)
        .prop_map(|(run, outcome, wording, failed, number, seconds, replicates)| Pick {
            run,
            outcome,
            wording,
            failed,
            number,
            seconds,
            replicates,
        })
}

fn tube() -> impl Strategy<Value = Tube> {
    let picks = prop::collection::vec(pick(), 8);
    (prop::bool::weighted(0.2), 1..9_999_u32, 1..=99_u32, prop::bool::weighted(0.8), picks)
        .prop_map(|(is_control, rack, position, placed, results)| Tube {
            is_control,
            rack,
            position,
            placed,
            results,
        })
}

fn tubes() -> impl Strategy<Value = Vec<Tube>> {
    prop::collection::vec(tube(), 1..6)
}

/// What these choices mean at this analyser.
fn meant(analyser: &Analyser, tubes: &[Tube]) -> Meant {
    let numbers = donation_numbers(&mut fastrand::Rng::with_seed(1), tubes.len());
    let specimens = tubes.iter().zip(numbers).enumerate().map(|(index, (tube, number))| {
        let kind = if tube.is_control { SpecimenKind::Control } else { SpecimenKind::Donor };
        let id = if tube.is_control { format!("QC-{index}") } else { number };
        let (rack, position) = analyser.place_sent(tube.rack, tube.position);
        let is_fixed = analyser.profile().blocks().is_some();
        let placed = tube.placed || is_fixed;
        MeantSpecimen {
            id,
            kind,
            rack: placed.then_some(rack),
            position: placed.then_some(position),
            results: results(analyser, tube),
        }
    });
    let specimens = specimens.filter(|specimen| !specimen.results.is_empty());
    Meant { specimens: specimens.collect() }
}

fn results(analyser: &Analyser, tube: &Tube) -> Vec<MeantResult> {
    let assays = analyser.reports();
    let picks: Vec<(Assay, Pick)> = assays.iter().copied().zip(tube.results.clone()).collect();
    let tells_replicates = analyser.profile().text().contains("{replicate}");
    let together = analyser.sent_together();
    let leader = |assay: Assay| together.first().filter(|_| together.contains(&assay));
    let mut results = Vec::new();
    for (assay, own) in &picks {
        // What is sent together is run together, as often, at the same time, and fails together.
        let first = leader(*assay).and_then(|first| picks.iter().find(|(other, _)| other == first));
        let run = first.map_or(*own, |(_, pick)| *pick);
        let times = if tells_replicates { run.replicates } else { 1 };
        for replicate in (1..=times).filter(|_| run.run) {
            let pick = Pick { failed: run.failed, seconds: run.seconds, ..*own };
            results.push(result(analyser, *assay, pick, tube.is_control, replicate));
        }
    }
    results
}

fn result(
    analyser: &Analyser,
    assay: Assay,
    pick: Pick,
    is_control: bool,
    replicate: usize,
) -> MeantResult {
    let outcomes = analyser.outcomes(assay);
    let outcome = match outcomes[pick.outcome % outcomes.len()] {
        _ if pick.failed && !is_control => MeantOutcome::Failed,
        MeantOutcome::Reading(reading, Some(_)) => {
            MeantOutcome::Reading(reading, Some(number(analyser, assay, reading, pick)))
        }
        MeantOutcome::Quantity(_) => MeantOutcome::Quantity(Decimal::new(pick.number.into(), 1)),
        other => other,
    };
    MeantResult {
        assay,
        outcome,
        completed: MORNING.saturating_add((pick.seconds + replicate as i64).seconds()),
        replicate: Some(replicate.to_string()),
        lot: Some(format!("LOT{}", pick.number)),
        operator: Some("OPER01".to_owned()),
        wording: pick.wording,
    }
}

fn number(analyser: &Analyser, assay: Assay, reading: Reading, pick: Pick) -> Decimal {
    let range = analyser.numbers(assay, reading).unwrap();
    let way = Decimal::new(pick.number.into(), 3);
    let number = range.start() + (range.end() - range.start()) * way;
    number.round_dp(3).clamp(*range.start(), *range.end())
}

fn read_back(
    analyser: &Analyser,
    meant: &Meant,
    messages: &[Vec<u8>],
) -> Result<(), TestCaseError> {
    let shown = || -> Vec<String> {
        messages.iter().map(|text| String::from_utf8_lossy(text).replace('\r', "\n")).collect()
    };
    let read: Vec<_> = messages.iter().map(|message| analyser.read(message)).collect();
    let differences = analyser.differences(meant, &read);
    prop_assert!(differences.is_empty(), "{:#?}\n{}", differences, shown().join("\n"));
    let mut donations: Vec<_> = read.iter().flat_map(|reading| reading.donations.clone()).collect();
    donations.sort();
    donations.dedup();
    let donors = meant.specimens.iter().filter(|tube| tube.kind == SpecimenKind::Donor);
    let mut expected: Vec<_> =
        donors.map(|tube| analyser.donation_number(&tube.id).unwrap()).collect();
    expected.sort();
    prop_assert_eq!(donations, expected);
    for reading in &read {
        prop_assert!(reading.query.is_none() && reading.order_replies.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whatever_an_analyser_means_is_read_as_it_was_meant(tubes in tubes()) {
        for (name, analyser) in ANALYSERS.iter() {
            let meant = meant(analyser, &tubes);
            let messages = analyser.upload(&meant, STAMP);
            let messages = messages.map_err(|why| TestCaseError::fail(format!("{name}: {why}")))?;
            read_back(analyser, &meant, &messages)?;
        }
    }

    #[test]
    fn whatever_is_asked_is_read_as_a_question_about_that_tube(
        seed in any::<u64>(),
        rack in 1..9_999_u32,
        position in 1..=99_u32,
    ) {
        for (name, analyser) in ANALYSERS.iter() {
            if !analyser.profile().asks_us() {
                continue;
            }
            let [id] = donation_numbers(&mut fastrand::Rng::with_seed(seed), 1).try_into().unwrap();
            let (rack, position) = analyser.place_sent(rack, position);
            let (rack, position) = (Some(rack), Some(position));
            let asked = MeantQuestion { id, rack, position };
            let question = analyser.question(&asked, STAMP).unwrap().unwrap();
            let read = analyser.read(&question);
            prop_assert_eq!(analyser.question_differences(&asked, &read), Vec::<String>::new());
            let Some(Ask::Specimens(specimens)) = read.query.map(|query| query.ask) else {
                return Err(TestCaseError::fail(*name));
            };
            let din = analyser.donation_number(&asked.id).unwrap();
            prop_assert_eq!(&specimens[0].id, &AskedId::Donation(din));
        }
    }
}

/// The host's end of the line that a profile describes.
pub fn host_link(profile: &Profile) -> Box<dyn Sending> {
    let habits = profile.link();
    let time: fn() -> String = || "20260105120000".to_owned();
    let wait = Duration::from_secs(10);
    match (profile.blocks(), habits.framing) {
        // Its clock is the world's, the analyser's runs ahead.
        (Some(blocks), _) => {
            let reply_after = Some(Duration::ZERO);
            let parameters = Parameters { reply_after, ..blocks.clone() };
            block::open(&parameters, block::Role::Host)
        }
        (None, Framing::Mllp | Framing::MllpCommit) => {
            let commit = habits.framing == Framing::MllpCommit;
            let usual = mllp::Settings::new(time, wait);
            Box::new(mllp::Duplex::new(mllp::Settings {
                commit,
                charsets: profile.charsets(),
                ..usual
            }))
        }
        (None, Framing::BareRecords) => Box::new(Records::new(Envelope::None, wait)),
        (None, Framing::StxEtx) => Box::new(Records::new(Envelope::StxEtx, wait)),
        (None, _) => Box::new(lis01::Duplex::new(lis01::Settings::host())),
    }
}

/// Faults of the line that lose nothing in the end.
fn faults(played: &Played, rates: [u16; 5]) -> Faults {
    let all = [
        Fault::BadChecksum,
        Fault::LostAck,
        Fault::RepeatedFrame,
        Fault::EtbInNumber,
        Fault::CutFrame,
    ];
    let mut faults = Faults::default();
    for (fault, rate) in all.into_iter().zip(rates) {
        if fault.is_possible_on(played.wire()) {
            faults.set(fault, rate);
        }
    }
    faults
}

/// What a host has in the end. What an analyser gave up, somebody sends again; what a line is too
/// bad for, when it has been mended.
///
/// A lost reply or a broken frame costs the whole message (LIS01-A2 6.5.1.3), so that a long one
/// may never pass over a line on which every eighth frame meets with that.
async fn stored(
    analyser: &Arc<Analyser>,
    messages: &[Vec<u8>],
    faults: Faults,
    seed: u64,
) -> Vec<Vec<u8>> {
    let profile = Arc::clone(analyser.profile());
    let host = Host::with(move || host_link(&profile)).await;
    let mut waiting = messages.to_vec();
    for round in 0..=ROUNDS {
        let played = Played::profiled(Arc::clone(analyser)).unwrap();
        let seed = seed.wrapping_add(round);
        let faults = if round < ROUNDS { faults.clone() } else { Faults::default() };
        let came = played_to(host.clone(), played, &waiting, faults, seed).await;
        waiting.retain(|message| !came.known.stored.contains(message));
        if waiting.is_empty() {
            break;
        }
        // Who wants no acknowledgement never learns what the line lost (HL7 v2.5.1 2.9.2).
        let unasked = |message: &Vec<u8>| message.windows(7).any(|part| part == b"|NE|NE|");
        let is_told = !waiting.iter().all(unasked);
        assert!(!came.failed.is_empty() || !is_told, "acknowledged and not stored");
    }
    host.known(|known| known.stored.clone())
}

/// How often a bad line is tried before it is mended.
const ROUNDS: u64 = 20;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, ..ProptestConfig::default() })]

    #[test]
    fn a_bad_line_changes_nothing_of_what_was_meant(
        tubes in tubes(),
        seed in any::<u64>(),
        rates in prop::array::uniform5(0..60_u16),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // All at once: most of the time of a bad line is waiting.
        let all = tokio::task::LocalSet::new().block_on(&runtime, async {
            let mut lines = tokio::task::JoinSet::new();
            for (name, analyser) in ANALYSERS.iter() {
                let played = profiled(name).unwrap();
                if played.wire() == Wire::Files {
                    continue;
                }
                let meant = meant(analyser, &tubes);
                let messages = analyser.upload(&meant, STAMP).unwrap();
                let faults = faults(&played, rates);
                lines.spawn_local(async move {
                    let stored = stored(analyser, &messages, faults, seed).await;
                    (name, analyser, meant, messages.len(), stored)
                });
            }
            lines.join_all().await
        });
        for (name, analyser, meant, sent, stored) in all {
            prop_assert_eq!(stored.len(), sent, "{}", name);
            read_back(analyser, &meant, &stored)?;
        }
    }
}
