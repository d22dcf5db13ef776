//! A serial line at a true baud pace, frames of up to 240 characters: bytes come in pieces and
//! slowly, for a long session, and everything sent is on record.

use std::io;
use std::time::Duration;

use hemogate::clock;
use hemogate::simulator::{Faults, Instrument, Model, Opened, Progress, Setup, Tempo, line_time};
use tokio_serial::{SerialPort, SerialStream};

use crate::bench::{Bench, E601};
use crate::wire::e601_panel;

/// Far beyond what the wire takes, even on a busy machine.
const SANITY: u32 = 20;

/// A daemon with an analyser on its serial line, and the analyser's end.
fn connected(baud: u32) -> (Bench, SerialStream, SerialStream) {
    let mut bench = Bench::stopped();
    let (ours, theirs) = {
        let _entered = bench.runtime.enter();
        SerialStream::pair().unwrap()
    };
    let device = theirs.name().unwrap();
    bench.start(&format!("{E601}serial = \"{device}\"\nbaud = {baud}\n")).unwrap();
    let open = r#"hemogate_connections_open{analyser="e601"}"#;
    bench.until("the line is open", |bench| bench.metric(open) == 1);
    (bench, ours, theirs)
}

fn dins(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("D{number:010}")).collect()
}

fn panels(dins: &[String]) -> Vec<Vec<u8>> {
    dins.iter().map(|din| e601_panel(din).into_bytes()).collect()
}

fn everything_arrives(baud: u32, count: usize) {
    let (bench, ours, theirs) = connected(baud);
    let dins = dins(count);
    let messages = panels(&dins);
    let mut again = 0;
    let start = clock::moment();
    bench.runtime.block_on(async {
        let mut line = Some(ours);
        let setup = Setup {
            model: Model::CobasE601.into(),
            tempo: Tempo::real(clock::moment),
            faults: Faults::default(),
            seed: 1,
            faults_change: false,
            baud: Some(baud),
        };
        let mut instrument = Instrument::new(setup, async || {
            let line = line.take().ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(Opened::plain(Box::new(line)))
        });
        let mut tell = |progress| match progress {
            Progress::Acknowledged(_) | Progress::Ordered(_) => {}
            Progress::SentAgain { .. } | Progress::LineLost { .. } => again += 1,
        };
        assert_eq!(instrument.play(&messages, &mut tell).await, []);
        instrument.hang_up().await;
    });
    let took = clock::moment().since_start() - start.since_start();
    drop(theirs);
    assert_eq!(again, 0, "nothing was sent twice");
    for din in &dins {
        assert_eq!(bench.observations(din).len(), 4, "{din}");
        assert_eq!(bench.messages(din).len(), 1, "{din}");
    }
    assert_eq!(bench.unread(), Vec::<serde_json::Value>::new());
    let wire = line_time(baud, messages.iter().map(Vec::len).sum());
    assert!(took >= wire, "{took:?} is faster than the line, {wire:?}");
    assert!(took < wire * SANITY + Duration::from_secs(10), "{took:?} for {wire:?} on the wire");
}

#[test]
fn a_session_at_9600_baud_arrives() {
    everything_arrives(9_600, 3);
}

#[test]
fn a_long_session_at_115200_baud_arrives() {
    everything_arrives(115_200, 60);
}
