//! A serial line. A device that is missing, or that is pulled out, is opened again when it is
//! back; while it is open, nobody else can open it.

use std::io;
use std::sync::Arc;

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
    let mut stream = SerialStream::open(&settings(&serial))?;
    let presence = Presence::new(station, serial.path.display().to_string());
    let closed = Line::new(&mut stream, presence.tap(), stop).run().await;
    presence.end(&closed.ended);
    Ok(closed)
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
    use super::*;

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
