//! Bytes that arrived while an answer was owed.
//!
//! Exists because a peer may send on before it was answered (pipelining, recorded sessions), and
//! nothing that was received may be lost or overtaken. It never refuses bytes that were already
//! read: it says when it is full, and the driver then stops reading.

use super::evidence::fault;
use super::{Event, LinkFaultKind};
use crate::limits;

/// Unread bytes, in order. Holds no memory while empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Backlog {
    bytes: Vec<u8>,
    read: usize,
}

impl Backlog {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.read > self.bytes.len() / 2 {
            self.bytes.drain(..self.read);
            self.read = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes everything out, to be read; what stays unread comes back through [`Self::restore`].
    pub(super) fn take(&mut self) -> (Vec<u8>, usize) {
        (std::mem::take(&mut self.bytes), std::mem::take(&mut self.read))
    }

    /// Puts back what [`Self::take`] gave, of which only the last `unread` bytes are wanted.
    pub(super) fn restore(&mut self, bytes: Vec<u8>, unread: usize) {
        if unread > 0 {
            self.read = bytes.len().saturating_sub(unread);
            self.bytes = bytes;
        }
    }

    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.read..).unwrap_or_default()
    }

    pub(super) fn is_full(&self) -> bool {
        self.unread().len() >= limits::LINK_BACKLOG_MAX
    }

    /// The line is lost: what was never read, as noise that begins at `offset`.
    pub(super) fn lost(&mut self, offset: u64) -> Option<Event> {
        let lost = std::mem::take(self);
        let unread = lost.unread();
        (!unread.is_empty()).then(|| Event::Fault(fault(offset, unread, LinkFaultKind::Noise)))
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_full_at_the_bound_and_not_one_byte_before() {
        let mut backlog = Backlog::default();
        backlog.push(&vec![0; limits::LINK_BACKLOG_MAX - 1]);
        assert!(!backlog.is_full());
        backlog.push(&[0]);
        assert!(backlog.is_full());
    }

    #[test]
    fn what_was_read_is_gone_and_the_rest_keeps_its_order() {
        let mut backlog = Backlog::default();
        backlog.push(b"abcdef");
        let (bytes, read) = backlog.take();
        assert_eq!(&bytes[read..], b"abcdef");
        backlog.restore(bytes, 2);
        backlog.push(b"gh");
        assert_eq!(backlog.unread(), b"efgh");
        let (bytes, _) = backlog.take();
        backlog.restore(bytes, 0);
        assert_eq!(backlog.unread(), b"");
        assert_eq!(backlog.memory(), 0);
    }
}
