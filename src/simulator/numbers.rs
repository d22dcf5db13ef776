//! Donation numbers as a blood centre prints them: ISBT 128, data structure 001 (ST-001 5.1).

use fastrand::Rng;

/// Facility, as ICCBBA uses it in its examples; nobody's real one.
const FACILITY: &str = "A9999";
/// Year of collection, two digits.
const YEAR: &str = "26";
/// Labels come from a roll: numbers rise, now and then one is spoilt and skipped.
const LARGEST_STEP: u32 = 3;
/// Serial numbers have six digits.
const SERIALS: u32 = 1_000_000;

/// Rising donation numbers, 13 characters each: facility, year, serial. At most 300 000 differ.
pub fn donation_numbers(rng: &mut Rng, count: usize) -> Vec<String> {
    let mut serial = rng.u32(0..SERIALS);
    (0..count)
        .map(|_| {
            serial = (serial + rng.u32(1..=LARGEST_STEP)) % SERIALS;
            format!("{FACILITY}{YEAR}{serial:06}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_are_of_structure_001_and_differ() {
        for seed in 0..20 {
            let numbers = donation_numbers(&mut Rng::with_seed(seed), 2_000);
            assert!(
                numbers.iter().all(|number| number.len() == 13 && number.starts_with("A999926"))
            );
            assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 2_000, "seed {seed}");
        }
    }
}
