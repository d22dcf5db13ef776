//! A serial line. A device that is missing, or that is pulled out, is opened again when it is
//! back; while it is open, nobody else can open it.
//!
//! Refuses to wait for the last bit: what the system has taken goes out at the pace of the line. To
//! wait for it (`tcdrain`) would block the thread, and with it every other line that the thread
//! drives, for a quarter of a second with each frame of 240 characters at 9600 baud.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{DataBits, FlowControl, SerialPortBuilder, SerialStream, StopBits};

use super::dial::keep_open;
use super::line::{Closed, Line};
use super::station::Station;
use super::stop::Stop;
use super::tap::Presence;
use crate::config::{Parity, SerialLine};

/// Keeps the device open until the stop.
pub(super) async fn serve(serial: SerialLine, station: Arc<Station>, stop: Stop) {
    let visit = || visit(serial.clone(), Arc::clone(&station), stop.clone());
    keep_open(&station, stop.clone(), visit).await;
}

async fn visit(serial: SerialLine, station: Arc<Station>, stop: Stop) -> io::Result<Closed> {
    let mut stream = Undrained(SerialStream::open(&settings(&serial))?);
    let presence = Presence::new(station, serial.path.display().to_string());
    let closed = Line::new(&mut stream, presence.tap(), stop).run().await;
    presence.end(&closed.ended);
    Ok(closed)
}

/// A stream that is never waited for until it is empty.
struct Undrained<S>(S);

impl<S: AsyncRead + Unpin> AsyncRead for Undrained<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Undrained<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// LIS01-A2 5.1; no hardware handshake (5.2), no XON/XOFF: both are characters of the analyser's.
fn settings(serial: &SerialLine) -> SerialPortBuilder {
    tokio_serial::new(serial.path.to_string_lossy(), serial.baud)
        .data_bits(if serial.data_bits == 7 { DataBits::Seven } else { DataBits::Eight })
        .parity(match serial.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Odd => tokio_serial::Parity::Odd,
            Parity::Even => tokio_serial::Parity::Even,
        })
        .stop_bits(if serial.stop_bits == 2 { StopBits::Two } else { StopBits::One })
        .flow_control(FlowControl::None)
        .exclusive(true)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// A line whose last bits never leave.
    struct Stuck(Vec<u8>);

    impl AsyncWrite for Stuck {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0.extend_from_slice(buf);
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            panic!("waited for the last bit")
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            panic!("waited for the last bit")
        }
    }

    #[tokio::test]
    async fn nobody_waits_until_the_last_bit_has_left() {
        let mut port = Undrained(Stuck(Vec::new()));
        port.write_all(b"\x06").await.unwrap();
        port.flush().await.unwrap();
        port.shutdown().await.unwrap();
        assert_eq!(port.0.0, b"\x06");
    }

    fn serial(data_bits: u8, parity: Parity, stop_bits: u8) -> SerialLine {
        SerialLine { path: "/dev/ttyS9".into(), baud: 19_200, data_bits, parity, stop_bits }
    }

    #[test]
    fn every_setting_of_the_line_reaches_the_port() {
        let plain = tokio_serial::new("/dev/ttyS9", 19_200).exclusive(true);
        let plain = plain.flow_control(FlowControl::None);
        let eight = plain.clone().data_bits(DataBits::Eight).stop_bits(StopBits::One);
        let seven = plain.data_bits(DataBits::Seven).stop_bits(StopBits::Two);
        for (ours, theirs) in [
            (Parity::None, tokio_serial::Parity::None),
            (Parity::Odd, tokio_serial::Parity::Odd),
            (Parity::Even, tokio_serial::Parity::Even),
        ] {
            assert_eq!(settings(&serial(8, ours, 1)), eight.clone().parity(theirs));
            assert_eq!(settings(&serial(7, ours, 2)), seven.clone().parity(theirs));
        }
    }
}
