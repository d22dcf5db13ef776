//! Analysers on a serial line: a real pseudo-terminal, opened by the daemon by its path.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;
use tokio_serial::{SerialPort, SerialStream};

use crate::bench::{Bench, E601, PATIENCE};
use crate::wire::{ENQ, EOT, Wire, e601_panel, frames};

/// The analyser's end of a line. Our copy of the other end stays open, as a wired connector does.
struct Cable {
    ours: SerialStream,
    theirs: SerialStream,
    runtime: Handle,
}

impl Cable {
    fn new(runtime: &Handle) -> Cable {
        let _entered = runtime.enter();
        let (ours, theirs) = SerialStream::pair().unwrap();
        Cable { ours, theirs, runtime: runtime.clone() }
    }

    /// Makes the device appear (again) under this name.
    fn plug_in(&self, device: &Path) {
        let _unplugged = std::fs::remove_file(device);
        std::os::unix::fs::symlink(self.theirs.name().unwrap(), device).unwrap();
    }
}

impl Read for Cable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let reading = async {
            tokio::time::timeout(PATIENCE, AsyncReadExt::read(&mut self.ours, buffer)).await
        };
        self.runtime.block_on(reading)?
    }
}

impl Write for Cable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let writing = async {
            tokio::time::timeout(PATIENCE, AsyncWriteExt::write(&mut self.ours, bytes)).await
        };
        self.runtime.block_on(writing)?
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn line(device: &Path) -> String {
    format!("{E601}serial = \"{}\"\nbaud = 9600\n", device.display())
}

fn open_lines(bench: &Bench) -> u64 {
    bench.metric(r#"hemogate_connections_open{analyser="e601"}"#)
}

/// A daemon with an analyser on an open serial line, and the path of its device.
fn connected(device: &str) -> (Bench, Wire<Cable>, PathBuf) {
    let mut bench = Bench::stopped();
    let cable = Cable::new(bench.runtime.handle());
    let device = bench.path(device);
    cable.plug_in(&device);
    bench.start(&line(&device)).unwrap();
    bench.until("the line is open", |bench| open_lines(bench) == 1);
    (bench, Wire(cable), device)
}

#[test]
fn results_over_a_serial_line_become_observations() {
    let (bench, mut wire, _) = connected("ttyS0");
    wire.send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(bench.observations("D0000000001").len(), 4);
}

#[test]
fn bytes_that_are_control_characters_to_a_terminal_arrive_unchanged() {
    let (bench, mut wire, _) = connected("ttyS0");
    // Interrupt, XOFF, XON, end of file, erase, CR and LF: noise to us, not orders.
    wire.say(b"\x03\x13\x11\x04\x7f\r\n");
    wire.send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(bench.observations("D0000000001").len(), 4);
}

#[test]
fn a_device_that_is_pulled_out_is_opened_again_when_it_is_back() {
    let (bench, mut wire, device) = connected("ttyUSB0");
    let panel = frames(1, &e601_panel("D0000000001"));
    wire.send_frames(&panel[..2]);
    std::fs::remove_file(&device).unwrap();
    drop(wire);
    bench.until("the loss is noticed", |bench| open_lines(bench) == 0);
    bench.until("the cut transfer is listed", |bench| bench.unread().len() == 1);

    let second = Cable::new(bench.runtime.handle());
    second.plug_in(&device);
    bench.until("the line is open again", |bench| open_lines(bench) == 1);
    let mut wire = Wire(second);
    wire.send_session(&panel);
    assert_eq!(bench.observations("D0000000001").len(), 4);
}

#[test]
fn a_device_that_is_missing_at_the_start_is_opened_when_it_appears() {
    let mut bench = Bench::stopped();
    let device = bench.path("ttyUSB0");
    bench.start(&line(&device)).unwrap();
    let reconnects = r#"hemogate_reconnects_total{analyser="e601"}"#;
    bench.until("it was missed", |bench| bench.metric(reconnects) >= 1);
    let cable = Cable::new(bench.runtime.handle());
    cable.plug_in(&device);
    bench.until("the line is open", |bench| open_lines(bench) == 1);
    let mut wire = Wire(cable);
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), crate::wire::ACK);
    wire.say(&[EOT]);
}
