//! A daemon with work to hand out, the kit as a process, and a proxy that harms what passes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::support::process::Daemon;

/// A donation that is registered and still to be tested.
pub const SPECIMEN: &str = "G123417654321";

/// A daemon with one analyser of each protocol and one registered donation.
pub struct Bench {
    pub daemon: Daemon,
    _folder: TempDir,
}

/// What the kit said.
pub struct Said {
    pub status: Option<i32>,
    pub out: String,
}

impl Bench {
    pub fn new() -> Bench {
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("hemogate.toml");
        let text = "[store]\npath = \"hemogate.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
                    [rules]\nfile = \"cn\"\n"
            .to_owned()
            + &crate::support::process::results_only()
            + "[[analyser]]\nid = \"lis01\"\nprofile = \"abbott-architect\"\n\
                    tcp_listen = \"127.0.0.1:0\"\n\
                    [[analyser]]\nid = \"mllp\"\nprofile = \"abbott-alinity-i\"\n\
                    tcp_listen = \"127.0.0.1:0\"\n";
        std::fs::write(&config, text).unwrap();
        let daemon = Daemon::start(&config);
        daemon.register(&json!({
            "din": SPECIMEN,
            "collected_at": "2026-01-01T08:00:00Z",
            "site": "01",
            "donor": { "kind": "first", "deferred": false, "historic_group": null },
        }));
        Bench { daemon, _folder: folder }
    }

    /// The kit plays an analyser towards this daemon.
    pub fn conform(&self, protocol: &str, more: &[&str]) -> Said {
        conform_at(self.daemon.address(protocol), protocol, more)
    }
}

/// The kit plays an analyser towards the host at this address.
pub fn conform_at(address: SocketAddr, protocol: &str, more: &[&str]) -> Said {
    let line = format!("tcp:{address}");
    let known = ["--connect", &line, "--peer", "host", "--protocol", protocol];
    run(&[&known[..], &["--specimen", SPECIMEN, "--patience", "3"], more].concat())
}

pub fn run(arguments: &[&str]) -> Said {
    let output = command(arguments).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    Said { status: output.status.code(), out }
}

pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    command.arg("conform").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

impl Said {
    /// Everything that was played passed, and so many cases were.
    #[track_caller]
    pub fn all_passed(&self, at_least: usize) {
        assert_eq!(self.status, Some(0), "{}", self.out);
        let passed = self.rows("passed");
        assert!(passed >= at_least, "{passed} of {at_least}\n{}", self.out);
    }

    /// The demands that failed.
    pub fn failed(&self) -> Vec<&str> {
        self.out.lines().filter_map(|line| line.strip_suffix("FAILED")).map(str::trim).collect()
    }

    fn rows(&self, word: &str) -> usize {
        self.out.lines().filter(|line| line.contains(&format!(" {word}  "))).count()
    }
}

/// Stands between the kit and a host; what the host sends goes through `harm`.
pub fn proxy(host: SocketAddr, harm: fn(&[u8]) -> Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for from in listener.incoming().map_while(Result::ok) {
            let to = TcpStream::connect(host).unwrap();
            let (back, forth) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            std::thread::spawn(move || pump(from, forth, <[u8]>::to_vec));
            std::thread::spawn(move || pump(to, back, harm));
        }
    });
    address
}

fn pump(mut from: TcpStream, mut to: TcpStream, harm: fn(&[u8]) -> Vec<u8>) {
    let mut buffer = [0; 4_096];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&harm(&buffer[..count])).is_err() {
            break;
        }
    }
    // Either end may be gone already.
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// An analyser that dials the kit; ended when the kit is done.
pub struct Analyser(pub Child);

impl Drop for Analyser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
