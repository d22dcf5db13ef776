//! Lines for people. Whoever closed the other end does not want them: that is no reason to stop,
//! and none to panic.

use std::io::{self, Write};

/// A line on standard output.
pub(super) fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _reader_may_be_gone = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A line on standard error.
pub(super) fn complain(line: &str) {
    let _reader_may_be_gone = writeln!(io::stderr().lock(), "{line}");
}
