//! Mutations of fixtures, repeatable from a seed: what libFuzzer does, without its patience.

use fastrand::Rng;

/// Longest input; what grows beyond is cut.
const LENGTH_MAX: usize = 8 * 1024;

/// Makes one input after the other.
pub struct Mutator<'s> {
    pub random: Rng,
    pub seeds: &'s [Vec<u8>],
    pub words: &'s [Vec<u8>],
}

impl Mutator<'_> {
    /// A fixture with one to six changes.
    pub fn next(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        for _ in 0..self.random.usize(1..=6) {
            self.change(&mut input);
            input.truncate(LENGTH_MAX);
        }
        input
    }

    fn seed(&mut self) -> Vec<u8> {
        self.random.choice(self.seeds).cloned().unwrap_or_default()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random.usize(..=input.len());
        match self.random.u8(..8) {
            0 => self.flip_bit(input),
            1 => self.replace_byte(input),
            2 => drop(input.drain(self.piece(input.len()))),
            3 => self.repeat_piece(input, at),
            4 => self.splice(input, at),
            5 => input.truncate(at),
            _ => self.insert_word(input, at),
        }
    }

    fn flip_bit(&mut self, input: &mut [u8]) {
        let bit = 1 << self.random.u8(..8);
        if let Some(byte) = self.random.choice(input) {
            *byte ^= bit;
        }
    }

    fn replace_byte(&mut self, input: &mut [u8]) {
        let with = self.random.u8(..);
        if let Some(byte) = self.random.choice(input) {
            *byte = with;
        }
    }

    fn piece(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.random.usize(..=length);
        from..(from + self.random.usize(..=64)).min(length)
    }

    fn repeat_piece(&mut self, input: &mut Vec<u8>, at: usize) {
        let piece = input[self.piece(input.len())].to_vec();
        input.splice(at..at, piece);
    }

    /// Another fixture's end after this one's beginning.
    fn splice(&mut self, input: &mut Vec<u8>, at: usize) {
        let other = self.seed();
        input.truncate(at);
        input.extend_from_slice(&other[self.random.usize(..=other.len())..]);
    }

    fn insert_word(&mut self, input: &mut Vec<u8>, at: usize) {
        let word = self.random.choice(self.words).cloned().unwrap_or_default();
        input.splice(at..at, word);
    }
}
