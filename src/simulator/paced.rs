//! A line at a true baud pace: 10 bits a character (one start bit, eight of data, one stop bit).
//!
//! Exists because pseudo-terminals and sockets carry everything at once, and an analyser's
//! patience is measured on lines that do not. A byte arrives when its last bit would have; what
//! is written is handed on in time, what is read was on its way as long. Refuses to guess at
//! buffers beyond the line: whoever wants to know that everything has gone must flush.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::Tempo;
use crate::link::Moment;

/// Bits of one character on the line with 8 data bits, no parity and one stop bit (LIS01-A2 5.2).
pub const BITS_PER_CHARACTER: u32 = 10;
/// How long a piece takes that is handed on at once: short beside every timer, long beside the
/// clock of the runtime.
const PIECE: Duration = Duration::from_millis(8);
/// The runtime's clock wakes up to this much too late; the rest of the time is waited awake.
const SLUGGISHNESS: Duration = Duration::from_millis(2);

/// A stream at a baud pace in both directions.
pub struct Paced<S> {
    stream: S,
    tempo: Tempo,
    character: Duration,
    out: Lane,
    back: Lane,
}

/// One direction.
#[derive(Default)]
struct Lane {
    /// The piece on the line, and how much of it was handed on.
    piece: Vec<u8>,
    handed: usize,
    /// When its last bit has arrived.
    due: Moment,
    /// Nothing follows it at once: it is to be handed on to the instant.
    last: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

/// How long so many characters take.
pub fn line_time(baud: u32, characters: usize) -> Duration {
    let bits = u64::from(BITS_PER_CHARACTER).saturating_mul(characters as u64);
    Duration::from_nanos(bits.saturating_mul(1_000_000_000) / u64::from(baud.max(1)))
}

impl<S> Paced<S> {
    /// Paces a stream to so many bits a second.
    pub fn new(stream: S, baud: u32, tempo: Tempo) -> Paced<S> {
        let character = line_time(baud, 1);
        Paced { stream, tempo, character, out: Lane::default(), back: Lane::default() }
    }

    /// Characters of one piece.
    fn piece_max(&self) -> usize {
        let characters = PIECE.as_nanos() / self.character.as_nanos().max(1);
        usize::try_from(characters).unwrap_or(usize::MAX).max(1)
    }
}

impl Lane {
    fn is_empty(&self) -> bool {
        self.handed >= self.piece.len()
    }

    fn rest(&self) -> &[u8] {
        self.piece.get(self.handed..).unwrap_or_default()
    }

    /// Puts a piece on the line: behind the one before if it follows at once, else from now on.
    fn carry(&mut self, bytes: &[u8], takes: Duration, now: Moment, follows: bool) {
        let begins = if follows { self.due } else { self.due.max(now) };
        self.due = begins.plus(takes);
        self.piece.clear();
        self.piece.extend_from_slice(bytes);
        self.handed = 0;
        self.timer = None;
    }

    /// Ready when the piece has arrived.
    fn poll_arrived(&mut self, tempo: Tempo, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(timer) = &mut self.timer {
                ready!(timer.as_mut().poll(cx));
                self.timer = None;
            }
            let rest = tempo.until(self.due);
            if tempo.now() >= self.due {
                return Poll::Ready(());
            }
            let asleep = if self.last { rest.saturating_sub(SLUGGISHNESS) } else { rest };
            if asleep.is_zero() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.timer = Some(Box::pin(sleep(asleep)));
        }
    }
}

impl<S: AsyncWrite + Unpin> Paced<S> {
    /// Hands on what has arrived at the far end.
    fn poll_hand_on(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            ready!(self.out.poll_arrived(self.tempo, cx));
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, self.out.rest()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.handed = self.out.handed.saturating_add(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let follows = !this.out.is_empty();
        ready!(this.poll_hand_on(cx))?;
        let length = buf.len().min(this.piece_max());
        let takes = this.character.saturating_mul(u32::try_from(length).unwrap_or(u32::MAX));
        let piece = buf.get(..length).unwrap_or_default();
        this.out.last = length == buf.len();
        this.out.carry(piece, takes, this.tempo.now(), follows);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_hand_on(cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_hand_on(cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.back.is_empty() {
            let mut piece = vec![0; this.piece_max()];
            let mut read = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut read))?;
            let length = read.filled().len();
            if length == 0 {
                return Poll::Ready(Ok(()));
            }
            let takes = this.character.saturating_mul(u32::try_from(length).unwrap_or(u32::MAX));
            this.back.last = length < this.piece_max();
            this.back.carry(read.filled(), takes, this.tempo.now(), false);
        }
        ready!(this.back.poll_arrived(this.tempo, cx));
        let rest = this.back.rest();
        let taken = rest.len().min(buf.remaining());
        buf.put_slice(rest.get(..taken).unwrap_or_default());
        this.back.handed = this.back.handed.saturating_add(taken);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_takes_ten_bits() {
        assert_eq!(line_time(9_600, 960), Duration::from_secs(1));
        assert_eq!(line_time(115_200, 11_520), Duration::from_secs(1));
        assert_eq!(line_time(1_200, 1), Duration::from_nanos(8_333_333));
    }
}
