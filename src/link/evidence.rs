//! Bytes that were refused or ignored, kept in bounds.
//!
//! Exists so that no byte of a line goes unmentioned and no line can flood the log: bytes that are
//! ignored one after the other are told as one fault, and of each fault only the beginning is
//! kept.

use std::mem;

use super::{LinkFault, LinkFaultKind};
use crate::limits;

/// Runs of ignored bytes of one connection. Holds no memory while there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ignored {
    /// May still go on.
    run: Option<LinkFault>,
    ended: Vec<LinkFault>,
}

impl Ignored {
    /// Noise that ends just before `end` of the stream.
    pub(super) fn noise(&mut self, end: u64, noise: &[u8]) {
        let mut rest = noise;
        while !rest.is_empty() {
            let room = limits::NOISE_RUN_MAX.saturating_sub(self.noise_so_far());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            let offset = end.saturating_sub(rest.len() as u64);
            self.add(fault(offset, now, LinkFaultKind::Noise));
            rest = later;
        }
    }

    /// Adds bytes that follow directly on what was added last.
    pub(super) fn add(&mut self, fault: LinkFault) {
        match &mut self.run {
            Some(run) if run.kind == fault.kind => {
                run.length = run.length.saturating_add(fault.length);
                extend_excerpt(&mut run.excerpt, &fault.excerpt);
            }
            Some(_) | None => {
                self.end();
                self.run = Some(fault);
            }
        }
        if self.run.as_ref().is_some_and(|run| run.length >= limits::NOISE_RUN_MAX) {
            self.end();
        }
    }

    /// Something else came: the run is over.
    pub(super) fn end(&mut self) {
        self.ended.extend(self.run.take());
    }

    /// The runs that are over, oldest first.
    pub(super) fn take(&mut self) -> Vec<LinkFault> {
        mem::take(&mut self.ended)
    }

    /// Bytes of memory held, the excerpts (which have a bound) left out.
    pub(super) fn memory(&self) -> usize {
        self.ended.capacity().saturating_mul(size_of::<LinkFault>())
    }

    /// Always below the bound: a run that reaches it is over.
    fn noise_so_far(&self) -> usize {
        match &self.run {
            Some(run) if run.kind == LinkFaultKind::Noise => run.length,
            Some(_) | None => 0,
        }
    }
}

/// A fault that concerns exactly these bytes.
pub(super) fn fault(offset: u64, bytes: &[u8], kind: LinkFaultKind) -> LinkFault {
    LinkFault { offset, length: bytes.len(), kind, excerpt: excerpt(bytes) }
}

/// The beginning of some bytes.
pub(super) fn excerpt(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..limits::FAULT_EXCERPT_MAX).unwrap_or(bytes).to_vec()
}

/// Goes on with a beginning that may not be full yet.
pub(super) fn extend_excerpt(excerpt: &mut Vec<u8>, bytes: &[u8]) {
    let room = limits::FAULT_EXCERPT_MAX.saturating_sub(excerpt.len());
    excerpt.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    excerpt.truncate(limits::FAULT_EXCERPT_MAX);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_told_once_until_the_bound_and_twice_past_it() {
        for (length, told) in [(1, 1), (limits::NOISE_RUN_MAX, 1), (limits::NOISE_RUN_MAX + 1, 2)] {
            let mut ignored = Ignored::default();
            ignored.noise(length as u64, &vec![b'x'; length]);
            ignored.end();
            let faults = ignored.take();
            assert_eq!(faults.len(), told);
            assert_eq!(faults.iter().map(|fault| fault.length).sum::<usize>(), length);
            assert_eq!(faults[0].offset, 0);
        }
    }

    #[test]
    fn an_excerpt_stops_at_its_bound() {
        let bytes = [b'x'; limits::FAULT_EXCERPT_MAX + 1];
        assert_eq!(excerpt(&bytes).len(), limits::FAULT_EXCERPT_MAX);
        let mut begun = b"ab".to_vec();
        extend_excerpt(&mut begun, &bytes);
        assert_eq!(begun.len(), limits::FAULT_EXCERPT_MAX);
    }
}
