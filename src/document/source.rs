//! Where in a text something stands, and what is wrong there.

use std::cell::RefCell;
use std::ops::Range;

use super::Fault;

/// One file's text, and what is wrong with it.
pub(super) struct Source {
    file: String,
    text: String,
    line_starts: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
}

impl Source {
    pub(super) fn new(file: &str, text: &str) -> Source {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Source {
            file: file.to_owned(),
            text: text.to_owned(),
            line_starts: std::iter::once(0).chain(breaks).collect(),
            faults: RefCell::default(),
        }
    }

    pub(super) fn fault(&self, span: &Range<usize>, key: &str, message: String) -> Fault {
        let (line, column) = self.line_and_column(span.start);
        Fault { file: self.file.clone(), line, column, key: key.to_owned(), message }
    }

    pub(super) fn report(&self, span: Range<usize>, key: &str, message: String) {
        let fault = self.fault(&span, key, message);
        let mut faults = self.faults.borrow_mut();
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }

    pub(super) fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// Every fault so far, in the order of lines.
    pub(super) fn take_faults(&self) -> Vec<Fault> {
        let mut faults = self.faults.take();
        faults.sort();
        faults
    }
}
