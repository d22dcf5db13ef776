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
}

/// Every message of every file of every line without a checksum.
pub fn unchecked_messages() -> Vec<Message> {
    let mut messages = Vec::new();
    let fixtures = fixtures(&["astm", "mllp", "block"]);
    for fixture in fixtures.iter().filter(|fixture| !has_checked_line(fixture)) {
        let transcript = Transcript::of(&fixture.bytes, &profile(fixture.profile));
        messages.extend(transcript.messages().map(|bytes| Message {
            profile: fixture.profile,
            file: fixture.file.clone(),
            bytes: bytes.to_vec(),
        }));
    }
    messages
}

/// How many changes were tried, and which made a difference that nobody notices.
pub fn exceptions(message: &Message) -> (usize, Vec<Exception>) {
    let analyser = analyser(message.profile);
    let before = change::Before::of(&analyser, &message.bytes);
    let (mut tried, mut exceptions) = (0, Vec::new());
    let mut changed = message.bytes.clone();
    for at in 0..changed.len() {
        let own = changed[at];
        for value in values(own, TEXT) {
            tried += 1;
            changed[at] = value;
            exceptions.extend(before.compare(&analyser, &message.file, &changed, at));
        }
        changed[at] = own;
    }
    (tried, change::distinct(exceptions))
}

/// Whether every value is tried: in an optimised build. Otherwise a byte is made what differs from
/// it in one bit, and what is named here.
pub const EVERY_VALUE: bool = !cfg!(debug_assertions);

/// What numbers, codes and structure consist of, what no text has, and the beginning of a character
/// of several bytes.
const TEXT: &[u8] = b"0123456789ABNPRX |^~\\&.-<\r\x81";

/// The values that a byte is made.
pub fn values(own: u8, named: &[u8]) -> impl Iterator<Item = u8> {
    let one_bit = (0..8).map(|bit| own ^ (1 << bit));
    let some: BTreeSet<u8> = named.iter().copied().chain(one_bit).collect();
    (0..=u8::MAX).filter(move |value| *value != own && (EVERY_VALUE || some.contains(value)))
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
