//! How long an analyser waits for the answer to its query while fifty others send results as fast
//! as they are acknowledged, against a loopback host that says the same bytes at once.
//!
//! Each query is about another registered donation, and is answered with an order. The daemon and
//! the bare host take turns, a block of queries each, under the same load of senders: what the
//! machine does to one, it does to the other. Beside it stands how long a bare sync of the disk
//! takes under the same load: an answer waits for two commits, those of the query and of its
//! orders, and for what is left of the one that is under way.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::asking::{Answered, Asker};
use crate::bare_host::BareHost;
use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::Lis01;
use crate::throughput::{CONNECTIONS, register, send};
use crate::{JOURNAL, bench_with, load, micros, percentile};

const BLOCKS: u32 = 20;
const QUERIES_A_BLOCK: u32 = 50;
const SYNCS_A_BLOCK: u32 = 20;
const AIM: Duration = Duration::from_millis(50);

/// Donations whose results the others send. Behind them they go on with unregistered ones.
const REGISTERED: u32 = 20_000;
/// Donations that are asked about, from this number on.
const ASKED_OVER_LIS01: u32 = 800_000;
const ASKED_OVER_MLLP: u32 = 900_000;

const ANALYSERS: [(&str, &str); 3] =
    [("others", "roche-cobas-e601"), ("lis01", "roche-cobas-e601"), ("law", "roche-cobas-6800")];

pub fn run() {
    for (journal, more) in JOURNAL {
        println!("  {CONNECTIONS} others send; {journal} the wire journal; {}", load());
        one_run(&bench_with(&ANALYSERS, more));
    }
}

fn one_run(bench: &Bench) {
    let queries = BLOCKS * QUERIES_A_BLOCK;
    for first in [ASKED_OVER_LIS01, ASKED_OVER_MLLP] {
        // One more, whose dialogue the bare host repeats.
        register(&bench.daemon, first..first + queries + 1);
    }
    register(&bench.daemon, 0..REGISTERED);
    let mut askers =
        [Line::over_lis01(bench, ASKED_OVER_LIS01), Line::over_mllp(bench, ASKED_OVER_MLLP)];
    let mut disk = Disk::new(bench);
    let (sent, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let mut time = Duration::ZERO;
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            let line = Lis01::dial(bench.daemon.address("others")).unwrap();
            scope.spawn(|| send_until(line, &sent, &stop));
        }
        let start = Instant::now();
        for _ in 0..BLOCKS {
            askers.iter_mut().for_each(Line::ask_block);
            disk.sync_block();
        }
        time = start.elapsed();
        stop.store(true, Ordering::Relaxed);
    });
    let rate = f64::from(sent.into_inner()) / time.as_secs_f64();
    askers.into_iter().for_each(Line::report);
    println!("  the disk of the store");
    line("bare sync of 240 KiB, about what fifty messages add", &disk.syncs);
    println!("  the others meanwhile: {rate:.0} messages/s, each decided and committed");
}

fn send_until(mut line: Lis01, next: &AtomicU32, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        send(&mut line, &messages::e601_clean(&messages::din(number)));
    }
}

/// A file beside the store, written as its log is: some bytes more, then a sync.
struct Disk {
    file: File,
    end: u64,
    syncs: Vec<Duration>,
}

impl Disk {
    fn new(bench: &Bench) -> Disk {
        let file = File::create(bench.folder.path().join("sync")).unwrap();
        Disk { file, end: 0, syncs: Vec::new() }
    }

    fn sync_block(&mut self) {
        for _ in 0..SYNCS_A_BLOCK {
            let start = Instant::now();
            self.file.write_all_at(&[7; 240 * 1024], self.end).unwrap();
            self.file.sync_data().unwrap();
            self.syncs.push(start.elapsed());
            self.end = (self.end + 240 * 1024) % (16 << 20);
        }
    }
}

/// An analyser that asks, and the bare host beside it.
struct Line {
    name: &'static str,
    asker: Asker,
    ask: fn(&mut Asker, &str) -> Answered,
    next: u32,
    /// The first answer, before the others began.
    alone: Answered,
    bare: BareHost,
    wholes: [Vec<Duration>; 2],
    after_sessions: [Vec<Duration>; 2],
}

impl Line {
    fn over_lis01(bench: &Bench, first: u32) -> Line {
        Line::of("LIS01", bench, "lis01", first, Asker::ask_lis01)
    }

    fn over_mllp(bench: &Bench, first: u32) -> Line {
        Line::of("LAW over MLLP", bench, "law", first, Asker::ask_law)
    }

    fn of(
        name: &'static str,
        bench: &Bench,
        analyser: &str,
        first: u32,
        ask: fn(&mut Asker, &str) -> Answered,
    ) -> Line {
        let mut asker = Asker::dial(bench.daemon.address(analyser));
        let alone = ask(&mut asker, &messages::din(first));
        let bare = BareHost::of(alone.turns.clone());
        let (wholes, after_sessions) = Default::default();
        Line { name, asker, ask, next: first + 1, alone, bare, wholes, after_sessions }
    }

    /// A block of queries, and of the same dialogues with the bare host.
    fn ask_block(&mut self) {
        for _ in 0..QUERIES_A_BLOCK {
            let answered = (self.ask)(&mut self.asker, &messages::din(self.next));
            self.next += 1;
            self.wholes[0].push(answered.whole);
            self.after_sessions[0].push(answered.after_session);
        }
        let spans = self.alone.spans;
        for _ in 0..QUERIES_A_BLOCK {
            let times = self.bare.converse();
            let until = times[spans.order].1;
            self.wholes[1].push(until - times[spans.query].0);
            self.after_sessions[1].push(until - times[spans.session_end].0);
        }
    }

    fn report(self) {
        let Line { name, wholes, after_sessions, .. } = self;
        self.bare.stop();
        let count = wholes[0].len();
        println!("  {name}, {count} queries; us {:>43}      99 %       max", "median");
        let mut spans = vec![("query sent to order heard out", wholes)];
        if self.alone.spans.session_end != self.alone.spans.query {
            spans.push(("EOT sent to order heard out", after_sessions));
        }
        for (span, [ours, bare]) in spans {
            let worst = line(span, &ours);
            let least = line("  bare loopback, the same bytes and turns", &bare);
            println!(
                "    ratio {:.1} at the 99th percentile; {:.1} ms of {} ms (aim): {}",
                worst.as_secs_f64() / least.as_secs_f64(),
                worst.as_secs_f64() * 1e3,
                AIM.as_millis(),
                if worst <= AIM { "met" } else { "missed" }
            );
        }
    }
}

/// Prints a line of percentiles; the 99th.
fn line(what: &str, times: &[Duration]) -> Duration {
    let [middle, high] = [50, 99].map(|percent| percentile(times, percent));
    let most = *times.iter().max().unwrap();
    let [middle_us, high_us, most_us] = [middle, high, most].map(micros);
    println!("    {what:<48} {middle_us:>9.0} {high_us:>9.0} {most_us:>9.0}");
    high
}
