//! What each fault makes of the bytes of one frame or block.

use std::ops::Range;

use fastrand::Rng;

use crate::codec::lis01::{End, TAIL, encode_frame, frame};
use crate::codec::mllp::FS;

/// Longest noise.
const NOISE_MAX: usize = 8;

/// Another first digit of the checksum.
pub(super) fn bad_checksum(bytes: &mut [u8], rng: &mut Rng) {
    let place = bytes.len().saturating_sub(TAIL);
    if let Some(digit) = bytes.get_mut(place) {
        let others: Vec<u8> = b"0123456789ABCDEF".iter().copied().filter(|d| d != digit).collect();
        *digit = rng.choice(others).unwrap_or(b'?');
    }
}

/// Another check byte than that of the text.
pub(super) fn bad_check_byte(bytes: &mut [u8]) {
    if let Some(check) = bytes.last_mut() {
        *check ^= 1;
    }
}

/// How much of a transmission is sent before it breaks off: never all of it.
pub(super) fn cut(bytes: &[u8], rng: &mut Rng) -> usize {
    rng.usize(1..bytes.len().max(2))
}

/// Bytes that nobody sent: none that means something to LIS01 or MLLP.
pub(super) fn noise(rng: &mut Rng) -> Vec<u8> {
    (0..rng.usize(1..=NOISE_MAX)).map(|_| rng.u8(b' '..=u8::MAX)).collect()
}

/// What a receiver of eight bits without parity makes of seven bits with parity.
pub(super) fn parity(bytes: &mut [u8], rng: &mut Rng) {
    let even = rng.bool();
    for byte in bytes {
        let ones = (*byte & 0x7F).count_ones();
        let set = ones.is_multiple_of(2) != even;
        *byte = (*byte & 0x7F) | if set { 0x80 } else { 0 };
    }
}

/// Two frames in place of one, cut inside a number; `None` where it has no number of two digits.
pub(super) fn split_in_number(bytes: &[u8], rng: &mut Rng) -> Option<[Vec<u8>; 2]> {
    let whole = frame(bytes).ok()?;
    let at = cut_in_number(whole.text, rng)?;
    let (head, tail) = whole.text.split_at_checked(at)?;
    let first = encode_frame(whole.number, head, End::Etb);
    Some([first, encode_frame(whole.number.wrapping_add(1), tail, whole.end)])
}

/// A place in a number: a decimal fraction if there is one.
fn cut_in_number(text: &[u8], rng: &mut Rng) -> Option<usize> {
    let numbers: Vec<Range<usize>> = numbers(text).filter(|number| number.len() > 1).collect();
    let fractions: Vec<&Range<usize>> = numbers
        .iter()
        .filter(|number| text.get((*number).clone()).is_some_and(|n| n.contains(&b'.')))
        .collect();
    let number = rng.choice(fractions).cloned().or_else(|| rng.choice(numbers.iter()).cloned())?;
    Some(rng.usize(number.start + 1..number.end))
}

/// Runs of digits and points that begin and end with a digit.
fn numbers(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.iter().position(u8::is_ascii_digit)?;
        let run = text.get(start..)?;
        let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        let length = run.iter().position(|byte| !is_part(byte)).unwrap_or(run.len());
        at = start + length;
        let trailing = run.get(..length)?.iter().rev().take_while(|byte| **byte == b'.').count();
        Some(start..at - trailing)
    })
}

/// The same frame under a number so much higher.
pub(super) fn renumbered(bytes: &[u8], by: u8) -> Vec<u8> {
    match frame(bytes) {
        Ok(frame) => encode_frame(frame.number.wrapping_add(by), frame.text, frame.end),
        Err(_) => bytes.to_vec(),
    }
}

/// Whether a message goes on after this frame, so that its loss is noticed by the next one.
pub(super) fn message_goes_on(bytes: &[u8]) -> bool {
    match frame(bytes) {
        Ok(frame) => {
            let ends = frame.text.starts_with(b"L|")
                || memchr::memmem::find(frame.text, b"\rL|").is_some();
            frame.end == End::Etb || !ends
        }
        Err(_) => false,
    }
}

/// The bytes of a transmission before its end, for a break in its middle.
pub(super) fn middle(bytes: &[u8]) -> &[u8] {
    let end = memchr::memrchr(FS, bytes).unwrap_or(bytes.len());
    bytes.get(..(end / 2).max(1)).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::lis01::FrameFault;

    fn rng(seed: u64) -> Rng {
        Rng::with_seed(seed)
    }

    #[test]
    fn a_bad_checksum_is_the_only_thing_wrong() {
        let good = encode_frame(1, b"R|1|^^^286|-1^0.035", End::Etx);
        for seed in 0..50 {
            let mut bad = good.clone();
            bad_checksum(&mut bad, &mut rng(seed));
            assert!(matches!(frame(&bad), Err(FrameFault::Checksum { .. })), "seed {seed}");
            let differing = good.iter().zip(&bad).filter(|(a, b)| a != b).count();
            assert_eq!(differing, 1, "seed {seed}");
        }
    }

    #[test]
    fn a_number_is_cut_inside_a_decimal_fraction_where_there_is_one() {
        let whole = encode_frame(3, b"R|1|^^^286//not|-1^0.035|COI", End::Etx);
        for seed in 0..50 {
            let [first, second] = split_in_number(&whole, &mut rng(seed)).unwrap();
            let (first, second) = (frame(&first).unwrap(), frame(&second).unwrap());
            assert_eq!((first.number, first.end), (3, End::Etb));
            assert_eq!((second.number, second.end), (4, End::Etx));
            assert_eq!([first.text, second.text].concat(), frame(&whole).unwrap().text);
            let (before, after) = (first.text.last().unwrap(), second.text[0]);
            assert!(first.text.ends_with(b"0") || first.text.ends_with(b"0.") || *before > b'.');
            assert!(after == b'.' || after.is_ascii_digit(), "seed {seed}");
            assert!(first.text.windows(4).any(|w| w == b"-1^0"), "seed {seed}: in the value");
        }
        assert_eq!(split_in_number(&encode_frame(1, b"L|1|N", End::Etx), &mut rng(1)), None);
    }

    #[test]
    fn numbers_are_found() {
        let found: Vec<_> = numbers(b"a1.5|22.^7x.9").collect();
        assert_eq!(found, [1..4, 5..7, 9..10, 12..13]);
    }

    #[test]
    fn parity_leaves_seven_bits_as_they_were() {
        let good = encode_frame(1, b"R|1", End::Etx);
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..20 {
            let mut bad = good.clone();
            parity(&mut bad, &mut rng(seed));
            assert_ne!(bad, good);
            assert!(bad.iter().zip(&good).all(|(bad, good)| bad & 0x7F == *good));
            let ones: Vec<u32> = bad.iter().map(|byte| byte.count_ones() % 2).collect();
            assert!(ones.iter().all(|parity| *parity == ones[0]), "one parity for all");
            seen.insert(ones[0]);
        }
        assert_eq!(seen.len(), 2, "even and odd");
    }

    #[test]
    fn noise_means_nothing_to_either_protocol() {
        for seed in 0..200 {
            assert!(noise(&mut rng(seed)).iter().all(|byte| *byte >= 0x20));
        }
    }

    #[test]
    fn the_last_frame_of_a_message_is_never_taken_for_one_in_the_middle() {
        let go_on = |text: &[u8], end| message_goes_on(&encode_frame(1, text, end));
        assert!(go_on(b"R|1|x\r", End::Etx));
        assert!(go_on(b"R|1|x\rL|1", End::Etb));
        assert!(!go_on(b"L|1|N\r", End::Etx));
        assert!(!go_on(b"H|\\^&\rR|1|x\rL|1|N\r", End::Etx));
    }
}
