//! An open line, of whatever kind.

use std::fmt;
use std::time::Duration;

use socket2::Socket;
use tokio::io::{AsyncRead, AsyncWrite};

/// An open line of whatever kind.
pub type Line = Box<dyn Stream>;

/// What a line can do.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl fmt::Debug for dyn Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

/// A line that was just opened.
#[derive(Debug)]
pub struct Opened {
    /// To read and write.
    pub line: Line,
    /// A second handle on the connection, so that it can be reset; none of a serial line.
    pub socket: Option<Socket>,
}

impl Opened {
    /// A line that can't be reset.
    pub fn plain(line: Line) -> Opened {
        Opened { line, socket: None }
    }

    /// Closes it at once, with what is under way thrown away: the peer sees a reset.
    pub(super) fn reset(self) {
        if let Some(socket) = &self.socket {
            // A connection that refuses the option is closed in the ordinary way.
            let _refused = socket.set_linger(Some(Duration::ZERO));
        }
    }
}
