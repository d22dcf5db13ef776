//! Hitachi 7180: one text for each tube, `:` the last of its sample, laid out as its profile
//! assumes. Transcripts: `fixtures/analysers/hitachi-7180`.

use super::tenths;
use crate::simulator::{Load, Specimen, Tube};

/// The number of ALT.
const TEST: &str = "003";

pub(super) fn messages(load: &Load) -> Vec<String> {
    load.tubes.iter().map(|tube| text(load, tube)).collect()
}

fn text(load: &Load, tube: &Tube) -> String {
    let sample = load.rack * 10 + tube.position;
    let (function, id) = match &tube.specimen {
        Specimen::Donor(din) => ('N', din),
        Specimen::Control(lot) => ('Q', lot),
        Specimen::Calibrator(lot) => ('C', lot),
    };
    let (sample, disk, position) = (sample % 100_000, load.rack % 10, tube.position % 1_000);
    let count = tube.results.len();
    let results = tube.results.iter().map(|result| {
        let alarm = result.odd_flag.and_then(|flag| flag.chars().next()).unwrap_or(' ');
        format!("{TEST}{:>6}{alarm}", tenths(result))
    });
    let results: String = results.collect();
    format!(":{function}{sample:>5}{disk}{position:03}{id:<13}{count:>3}{results}")
}
