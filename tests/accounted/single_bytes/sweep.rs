//! Every byte of a message to every other value, on all processors.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hemogate::workshop::passage::Transcript;

use super::change::{self, Exception};
use super::has_checked_line;
use crate::bench::{analyser, fixtures, profile};

/// A message that comes over a line without a checksum.
pub struct Message {
    pub profile: &'static str,
    pub file: String,
    pub bytes: Vec<u8>,
    /// Where it is changed.
    places: Vec<usize>,
}

/// Every message of every file of these profiles that come over lines without a checksum.
pub fn unchecked_messages(is_meant: impl Fn(&str) -> bool) -> Vec<Message> {
    let fixtures = fixtures(&["astm", "mllp", "block", "txt", "csv"]);
    let meant = fixtures.iter().filter(|f| is_meant(f.profile) && !has_checked_line(f));
    let (mut messages, mut known) = (Vec::new(), BTreeSet::new());
    for fixture in meant {
        let transcript = Transcript::of(&fixture.bytes, &profile(fixture.profile));
        for bytes in transcript.messages() {
            let places = places(bytes, |line| known.insert((fixture.profile, line.to_vec())));
            let (file, bytes) = (fixture.file.clone(), bytes.to_vec());
            messages.push(Message { profile: fixture.profile, file, bytes, places });
        }
    }
    messages
}

/// Where some bytes are changed: everywhere, or in the lines that are new.
pub fn places(bytes: &[u8], mut is_new: impl FnMut(&[u8]) -> bool) -> Vec<usize> {
    let (mut places, mut at) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| matches!(*byte, b'\r' | b'\n')) {
        if is_new(line) || extent() == Extent::Everything {
            places.extend(at..at + line.len());
        }
        at += line.len();
    }
    places
}

/// How many changes were tried, and which made a difference that nobody notices.
pub fn exceptions(message: &Message) -> (usize, Vec<Exception>) {
    let analyser = analyser(message.profile);
    let before = change::Before::of(&analyser, &message.bytes);
    let (mut tried, mut exceptions) = (0, Vec::new());
    let mut changed = message.bytes.clone();
    for at in message.places.iter().copied() {
        let own = changed[at];
        for value in values(own, at, TEXT) {
            tried += 1;
            changed[at] = value;
            exceptions.extend(before.compare(&analyser, &message.file, &changed, at));
        }
        changed[at] = own;
        exceptions = change::distinct(exceptions);
    }
    (tried, exceptions)
}

/// How much is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Of each byte of each line that no transcript of the profile had before, one value, by turns
    /// from byte to byte: the everyday build.
    InTurn,
    /// There, what differs from it in one bit, and what is named: an optimised build.
    Named,
    /// Every value of every byte: an optimised build with `HEMOGATE_EVERY_BYTE` set.
    Everything,
}

/// How much this run tries.
pub fn extent() -> Extent {
    match (cfg!(debug_assertions), std::env::var_os("HEMOGATE_EVERY_BYTE")) {
        (true, _) => Extent::InTurn,
        (false, None) => Extent::Named,
        (false, Some(_)) => Extent::Everything,
    }
}

/// What numbers, codes and structure consist of, what no text has, and the beginning of a character
/// of several bytes.
const TEXT: &[u8] = b"0123456789ABNPRX |^~\\&.-<\r\x81";

/// The values that a byte is made.
pub fn values(own: u8, at: usize, named: &[u8]) -> Vec<u8> {
    let one_bit = (0..8).map(|bit| own ^ (1 << bit));
    let some: BTreeSet<u8> = named.iter().copied().chain(one_bit).collect();
    let some: Vec<u8> = some.into_iter().filter(|value| *value != own).collect();
    match extent() {
        Extent::InTurn => vec![some[(at * 7) % some.len()]],
        Extent::Named => some,
        Extent::Everything => (0..=u8::MAX).filter(|value| *value != own).collect(),
    }
}

/// What each item comes to, in the order of the items; the largest are not begun last by chance.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            let result = each(item);
            done.lock().unwrap().push((at, result));
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        work();
        others.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
