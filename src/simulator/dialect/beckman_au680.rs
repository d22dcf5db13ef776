//! Beckman AU: fixed-width texts, one for each tube, the widths of the example in its profile. The
//! texts DB and DE around a batch are left out: they carry nothing. Transcripts:
//! `fixtures/analysers/beckman-au680`.

use super::tenths;
use crate::simulator::{Load, Specimen, Tube};

/// The on-line number of ALT.
const TEST: &str = "13";

pub(super) fn messages(load: &Load) -> Vec<String> {
    load.tubes.iter().map(|tube| text(load, tube)).collect()
}

fn text(load: &Load, tube: &Tube) -> String {
    let sample = load.rack * 10 + tube.position;
    let (code, mark, id) = match &tube.specimen {
        Specimen::Donor(din) => ("D ", ' ', din),
        Specimen::Control(lot) => ("DQ", 'Q', lot),
        Specimen::Calibrator(lot) => ("DA", 'A', lot),
    };
    let (rack, cup) = (load.rack % 10_000, tube.position % 100);
    let sample = match mark {
        ' ' => format!("{:04}", sample % 10_000),
        mark => format!("{mark}{:03}", sample % 1_000),
    };
    let results = tube.results.iter().map(|result| {
        let flag = result.odd_flag.unwrap_or_default();
        format!("{TEST} {:>6}{flag:<2}", tenths(result))
    });
    let results: String = results.collect();
    format!("{code}{rack:04}{cup:02} {sample}{id:>20}    E{results}")
}
