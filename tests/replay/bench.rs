//! A daemon whose lines go through a recorder: every byte, both ways, goes into a wire journal.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hemogate::clock::now;
use hemogate::journal::{Entry, Journal, Kind, Options};

use crate::support::bench::Bench as Laboratory;
use crate::support::messages;
use crate::support::wire::{Lis01, Mllp, Sent};

/// A laboratory with recorded lines.
pub struct Bench {
    pub laboratory: Laboratory,
    pub journal: Option<Journal>,
    connections: Arc<AtomicU64>,
}

pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    #[track_caller]
    pub fn is(self, status: i32) -> Ran {
        assert_eq!(self.status, status, "out:\n{}\nerr:\n{}", self.out, self.err);
        self
    }
}

impl Bench {
    pub fn start() -> Bench {
        let laboratory = Laboratory::start();
        let mut bench = Bench { laboratory, journal: None, connections: Arc::default() };
        bench.begin_run(1 << 20);
        bench
    }

    /// Begins another run of the journal, as a restart would.
    pub fn begin_run(&mut self, file_bytes: u64) {
        self.journal = None;
        let folder = self.folder();
        let options = Options { folder, file_bytes, files: 100, started: now(), now };
        self.journal = Some(Journal::open(options).unwrap());
    }

    /// Nothing more is recorded; what was recorded is written.
    pub fn end_run(&mut self) {
        self.journal = None;
    }

    pub fn folder(&self) -> PathBuf {
        self.laboratory.folder.path().join("journal")
    }

    pub fn store(&self) -> PathBuf {
        self.laboratory.folder.path().join("hemogate.db")
    }

    pub fn journal(&self) -> &Journal {
        self.journal.as_ref().unwrap()
    }

    /// An address where one connection to the analyser's line is recorded.
    pub fn recorded(&self, analyser: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let daemon = self.laboratory.daemon.address(analyser);
        let journal = self.journal().clone();
        let connection = self.connections.fetch_add(1, Ordering::SeqCst) + 1;
        std::thread::spawn(move || {
            let (peer, from) = listener.accept().unwrap();
            let daemon = TcpStream::connect(daemon).unwrap();
            Recorder { journal, analyser, connection }.join(&peer, &daemon, &from.to_string());
        });
        address
    }

    /// Sends messages of the cobas on one recorded connection.
    pub fn serology(&self, numbers: std::ops::Range<u32>) {
        let mut line = Lis01::dial(self.recorded("serology")).unwrap();
        for number in numbers {
            let message = messages::e601_clean(&messages::din(number));
            assert_eq!(line.send(&message), Sent::Acknowledged);
        }
    }

    /// Sends messages of the BS-480, each under a control id that ends with `mark`.
    pub fn alt(&self, numbers: std::ops::Range<u32>, mark: &str) {
        let mut line = Mllp::dial(self.recorded("alt")).unwrap();
        for number in numbers {
            let id = format!("{number}{mark}");
            let message = messages::mindray_alt(&messages::din(number), "22", &id);
            assert_eq!(line.send(&message, &id), Sent::Acknowledged);
        }
    }

    /// Waits until every connection recorded so far was closed, then for the journal.
    pub fn settle(&mut self) {
        let begun = std::time::Instant::now();
        let open = self.connections.load(Ordering::SeqCst);
        loop {
            let records = hemogate::journal::read(&self.folder()).unwrap().map_while(Result::ok);
            let closed = records.filter(|record| record.kind == Kind::Closed).count() as u64;
            if closed >= open {
                return self.end_run();
            }
            assert!(begun.elapsed().as_secs() < 20, "{closed} of {open} closed");
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
    }

    /// Runs `hemogate replay` on the journal.
    pub fn replay(&self, arguments: &[&str]) -> Ran {
        replay(&self.folder(), arguments)
    }

    /// The same, compared with the daemon's store.
    pub fn replay_on_store(&self) -> Ran {
        self.replay(&["--store", self.store().to_str().unwrap()])
    }
}

pub fn replay(journal: &std::path::Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .arg("replay")
        .arg(journal)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

struct Recorder {
    journal: Journal,
    analyser: &'static str,
    connection: u64,
}

impl Recorder {
    fn record(&self, kind: Kind, bytes: &[u8]) {
        let (analyser, connection) = (self.analyser, self.connection);
        self.journal.record(Entry { kind, at: now(), analyser, connection, bytes });
    }

    /// Each byte is recorded before it is passed on, so that the order is the wire's.
    fn join(self, peer: &TcpStream, daemon: &TcpStream, from: &str) {
        self.record(Kind::Opened, from.as_bytes());
        std::thread::scope(|scope| {
            scope.spawn(|| self.carry(Kind::Received, peer, daemon));
            scope.spawn(|| self.carry(Kind::Sent, daemon, peer));
        });
        self.record(Kind::Closed, b"closed by the analyser");
    }

    fn carry(&self, kind: Kind, mut from: &TcpStream, mut to: &TcpStream) {
        let mut space = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut space) {
            self.record(kind, &space[..count]);
            if to.write_all(&space[..count]).is_err() {
                break;
            }
        }
        let _peer_may_be_gone = to.shutdown(Shutdown::Write);
    }
}
