//! How much of a session on a serial line is time on the wire: an analyser on a paced
//! pseudo-terminal sends results to the daemon, against a bare host that acknowledges at once.
//!
//! LIS01 is half duplex, so the time on the wire is that of all characters both ways, 10 bits each.
//! What is left is the replies' thinking time: ours, and that of pseudo-terminal, pacing and this
//! machine, of which the bare host shows the share: where its own ratio is under the aim, the
//! machine is too busy to tell. 2 % of a frame of 247 characters at 115200 baud are 429 us. A
//! message's last frame is acknowledged after its commit.

use std::time::{Duration, Instant};

use hemogate::clock;
use hemogate::simulator::{Paced, Tempo, line_time};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio_serial::{SerialPort, SerialPortBuilderExt, SerialStream};

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::process::Daemon;
use crate::support::wire::{frame, frames};
use crate::{load, percentile};

const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;

/// Text of a frame (LIS01-A2 6.3.1.2).
const FRAME_TEXT: usize = 240;
/// Frames of a session, as nearly as whole messages allow.
const FRAMES: usize = 200;
const AIM: f64 = 0.98;

/// How an analyser cuts a message into frames.
type Cut = fn(&str, usize) -> Vec<Vec<u8>>;

pub fn run() {
    println!("  {}", load());
    for baud in [9_600, 115_200] {
        let cuts: [(&str, Cut); 2] =
            [("frames of up to 240 characters", filled), ("one record a frame", frames)];
        for (name, cut) in cuts {
            one_run(baud, name, cut);
        }
    }
}

fn one_run(baud: u32, name: &str, cut: Cut) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let session = Session::of(cut);
    let line = Line::new(&runtime);
    let bench = daemon(&line, baud);
    let ours = runtime.block_on(session.play(line.ours, baud));
    drop(bench);
    let line = Line::new(&runtime);
    let bare = BareHost::on(line.theirs.name().unwrap(), baud);
    let theirs = runtime.block_on(session.play(line.ours, baud));
    drop(line.theirs);
    bare.join().unwrap();
    report(&format!("{baud} baud, {name}"), &session, [ours, theirs], baud);
}

fn report(name: &str, session: &Session, [ours, theirs]: [Played; 2], baud: u32) {
    let wire = line_time(baud, session.characters());
    println!(
        "  {name}: {} messages, {} frames, {} characters both ways",
        session.messages.len(),
        session.messages.iter().map(Vec::len).sum::<usize>(),
        session.characters()
    );
    println!("    on the wire {:>8.3} s", wire.as_secs_f64());
    let [ours, theirs] = [("daemon", ours), ("bare host", theirs)].map(|(who, played)| {
        let ratio = wire.as_secs_f64() / played.whole.as_secs_f64();
        let reply =
            |replies: &[Duration], percent| percentile(replies, percent).as_secs_f64() * 1e6;
        println!(
            "    {who:<11} {:>8.3} s, of it on the wire {:.2} %; replies beyond it, us: frame \
             {:.0} (95 %: {:.0}), last frame of a message {:.0} (95 %: {:.0})",
            played.whole.as_secs_f64(),
            ratio * 100.0,
            reply(&played.frames, 50),
            reply(&played.frames, 95),
            reply(&played.last_frames, 50),
            reply(&played.last_frames, 95),
        );
        ratio
    });
    let is_met = if ours >= AIM { "met" } else { "missed" };
    println!(
        "    ratio {ours:.3} (aim: at least {AIM}): {is_met}; bare host {theirs:.3}; the daemon \
         adds {:.2} % to the bare host's time",
        (theirs / ours - 1.0) * 100.0
    );
}

/// The two ends of a line, and the other end kept open as a wired connector does.
struct Line {
    ours: SerialStream,
    theirs: SerialStream,
}

impl Line {
    fn new(runtime: &Runtime) -> Line {
        let _entered = runtime.enter();
        let (ours, theirs) = SerialStream::pair().unwrap();
        Line { ours, theirs }
    }
}

/// A daemon with an analyser on this line.
fn daemon(line: &Line, baud: u32) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hemogate.toml");
    let text = format!(
        "[store]\npath = \"hemogate.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
         [rules]\nfile = \"cn\"\n{}[[analyser]]\nid = \"serology\"\n\
         profile = \"roche-cobas-e601\"\n\
         serial = \"{}\"\nbaud = {baud}\n",
        include_str!("../../fixtures/rules/results-only.toml").replace("[site]", "[switches]"),
        line.theirs.name().unwrap()
    );
    std::fs::write(&config, text).unwrap();
    let bench = Bench { daemon: Daemon::start(&config), config, folder };
    let open = "hemogate_connections_open{analyser=\"serology\"} 1";
    while !bench.daemon.get_text("/metrics").1.contains(open) {}
    bench
}

/// Acknowledges whatever ends like a frame or a bid, at once.
struct BareHost;

impl BareHost {
    fn on(device: String, baud: u32) -> std::thread::JoinHandle<()> {
        let (tell, is_open) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut line = tokio_serial::new(device, baud).open_native_async().unwrap();
                tell.send(()).unwrap();
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = line.read(&mut buffer).await {
                    match buffer[length - 1] {
                        EOT => return,
                        b'\n' | ENQ => line.write_all(&[ACK]).await.unwrap(),
                        _ => {}
                    }
                }
            });
        });
        is_open.recv().unwrap();
        thread
    }
}

/// What an analyser says in one session.
struct Session {
    /// The frames of each message.
    messages: Vec<Vec<Vec<u8>>>,
}

/// How long it took.
struct Played {
    whole: Duration,
    /// Beyond the time on the wire: from a frame to its acknowledgement.
    frames: Vec<Duration>,
    /// The same of frames that end a message.
    last_frames: Vec<Duration>,
}

impl Session {
    fn of(cut: Cut) -> Session {
        let mut messages: Vec<Vec<Vec<u8>>> = Vec::new();
        let mut count = 0;
        while count < FRAMES {
            let number = u32::try_from(messages.len()).unwrap();
            let frames = cut(&messages::e601_clean(&messages::din(number)), count + 1);
            count += frames.len();
            messages.push(frames);
        }
        Session { messages }
    }

    /// Both ways: ENQ and its ACK, each frame and its ACK, EOT.
    fn characters(&self) -> usize {
        3 + self.messages.iter().flatten().map(|frame| frame.len() + 1).sum::<usize>()
    }

    async fn play(&self, line: SerialStream, baud: u32) -> Played {
        let mut line = Paced::new(line, baud, Tempo::real(clock::moment));
        let (mut frames, mut last_frames) = (Vec::new(), Vec::new());
        let start = Instant::now();
        converse(&mut line, &[ENQ], baud).await;
        for message in &self.messages {
            for (at, frame) in message.iter().enumerate() {
                let beyond = converse(&mut line, frame, baud).await;
                let is_last = at + 1 == message.len();
                if is_last { &mut last_frames } else { &mut frames }.push(beyond);
            }
        }
        line.write_all(&[EOT]).await.unwrap();
        line.flush().await.unwrap();
        Played { whole: start.elapsed(), frames, last_frames }
    }
}

/// Says something and hears its acknowledgement; how long it took beyond the time on the wire.
async fn converse(line: &mut Paced<SerialStream>, said: &[u8], baud: u32) -> Duration {
    let start = Instant::now();
    line.write_all(said).await.unwrap();
    line.flush().await.unwrap();
    assert_eq!(line.read_u8().await.unwrap(), ACK, "the reply to {said:?}");
    start.elapsed().saturating_sub(line_time(baud, said.len() + 1))
}

/// As many characters as a frame holds, numbers from `first`.
fn filled(message: &str, first: usize) -> Vec<Vec<u8>> {
    let texts: Vec<&[u8]> = message.as_bytes().chunks(FRAME_TEXT).collect();
    let last = texts.len() - 1;
    let texts = texts.into_iter().map(|text| std::str::from_utf8(text).unwrap()).enumerate();
    texts.map(|(at, text)| frame(first + at, text, at == last)).collect()
}
