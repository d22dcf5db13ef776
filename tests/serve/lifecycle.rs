//! Start, stop, and what a script sees of both.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hemogate::daemon::StartError;
use tempfile::TempDir;

use crate::bench::{self, BS, Bench, E601, LISTEN, both_listening, config_text};
use crate::wire::{ACK, ENQ, EOT, Wire, acknowledgement_code, block, bs_alt, e601_panel, frames};

#[test]
fn every_address_that_cannot_be_bound_is_named_and_nothing_starts() {
    let first = TcpListener::bind("127.0.0.1:0").unwrap();
    let second = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = [&first, &second].map(|listener| listener.local_addr().unwrap());
    let mut bench = Bench::stopped();
    let lines = format!("{E601}tcp_listen = \"{}\"\n{BS}tcp_listen = \"{}\"\n", taken[0], taken[1]);
    let Err(StartError::Addresses(faults)) = bench.start(&lines) else { panic!("it started") };
    assert_eq!(faults.len(), 2, "{faults:?}");
    for (fault, (id, address)) in faults.iter().zip([("e601", taken[0]), ("bs", taken[1])]) {
        assert!(fault.contains(id) && fault.contains(&address.to_string()), "{fault}");
        assert!(fault.contains("another program uses it"), "{fault}");
    }
    assert!(!bench.store_path().exists(), "the store was touched");
    drop((first, second));
    bench.start(&lines).unwrap();
}

#[test]
fn what_was_acknowledged_before_a_stop_is_there_after_it() {
    let mut bench = Bench::listening();
    let mut wires: Vec<_> = (0..50).map(|_| bench.wire("bs")).collect();
    for (number, wire) in wires.iter_mut().enumerate() {
        wire.say(&block(&bs_alt(&number.to_string(), &format!("D{number:010}"), "20")));
    }
    // The first reply shows that they are on their way; the others are outstanding.
    assert_eq!(acknowledgement_code(&wires[0].hear_block()), "AA");
    let daemon = bench.take_daemon();
    bench.runtime.block_on(daemon.shutdown());
    let acknowledged: Vec<usize> = wires
        .iter_mut()
        .enumerate()
        .filter_map(|(number, wire)| {
            let mut reply = Vec::new();
            let _reset = wire.0.read_to_end(&mut reply);
            String::from_utf8_lossy(&reply).contains("MSA|AA|").then_some(number)
        })
        .chain([0])
        .collect();

    bench.start(&both_listening()).unwrap();
    for number in acknowledged {
        assert_eq!(bench.observations(&format!("D{number:010}")).len(), 1, "{number}");
    }
    let mut wire = bench.wire("bs");
    for number in 0..50 {
        let din = format!("D{number:010}");
        assert_eq!(wire.send_block(&bs_alt(&number.to_string(), &din, "20")), "AA");
        assert_eq!(bench.observations(&din).len(), 1, "{number}");
    }
}

#[test]
fn a_message_that_waits_for_its_commit_is_answered_before_the_stop_ends() {
    let mut bench = Bench::listening();
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // The writer takes up the first message and waits for the lock; a later one waits for the
    // writer.
    let mut wires = Vec::new();
    let waiting = |bench: &Bench| bench.metric("hemogate_store_waiting") > 0;
    while !waiting(&bench) {
        let number = wires.len();
        let mut wire = bench.wire("bs");
        wire.say(&block(&bs_alt(&number.to_string(), &format!("D{number:010}"), "20")));
        wires.push(wire);
    }
    let address = bench.addr("bs");
    let daemon = bench.take_daemon();
    let stopping = bench.runtime.spawn(daemon.shutdown());
    while TcpStream::connect(address).is_ok() {} // until the stop is heard
    other.execute_batch("ROLLBACK").unwrap();

    let last = wires.len() - 1;
    let reply = wires[last].hear_block();
    assert!(wires[last].is_ended());
    bench.runtime.block_on(stopping).unwrap();
    bench.start(&both_listening()).unwrap();
    // AA, unless the machine was so slow that the writer had given up the lock before.
    let stored = bench.observations(&format!("D{last:010}")).len();
    assert_eq!(acknowledgement_code(&reply) == "AA", stored == 1, "{reply:?} {stored}");
}

#[test]
fn a_stop_cuts_a_long_poll_short() {
    let mut bench = Bench::listening();
    let http = bench.http_addr();
    let polling = std::thread::spawn(move || {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).build().into();
        agent.get(format!("http://{http}/api/v1/verdicts?after=0&wait=60")).call()
    });
    // Served in order on one machine: once this is answered, the poll is most likely waiting.
    bench.get("/healthz");
    let before = hemogate::clock::moment();
    bench.stop();
    let _cut_or_refused = polling.join().unwrap();
    assert!(hemogate::clock::moment() < before.plus(std::time::Duration::from_secs(30)));
}

struct Program {
    child: Child,
    http: SocketAddr,
    analysers: Vec<(String, SocketAddr)>,
}

impl Program {
    /// Starts the program and reads its lines until `ready`.
    fn start(config: &Path) -> Program {
        Program::announced(serve(config))
    }

    /// The same with few file descriptors.
    fn start_with_files(config: &Path, count: usize) -> Program {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -n {count}; exec \"$0\" serve --config \"$1\""));
        command.arg(env!("CARGO_BIN_EXE_hemogate")).arg(config).stdout(Stdio::piped());
        Program::announced(command)
    }

    fn announced(mut command: Command) -> Program {
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let (mut http, mut analysers) = (None, Vec::new());
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let words: Vec<_> = line.split(' ').collect();
            match words[..] {
                ["http", "listening", "on", address] => http = address.parse().ok(),
                ["analyser", id, "listening", "on", address] => {
                    analysers.push((id.to_owned(), address.parse().unwrap()));
                }
                ["analyser", ..] => {}
                ["ready"] => return Program { child, http: http.unwrap(), analysers },
                _ => panic!("unexpected line {line:?}"),
            }
        }
        panic!("it never was ready")
    }

    fn addr(&self, id: &str) -> SocketAddr {
        self.analysers.iter().find(|(known, _)| known == id).unwrap().1
    }

    fn stop(mut self, signal: &str) -> i32 {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}

fn serve(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    command.arg("serve").arg("--config").arg(config);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn written(folder: &TempDir, text: &str) -> std::path::PathBuf {
    let path = folder.path().join("hemogate.toml");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_program_says_where_it_listens_serves_and_stops_on_a_signal_with_0() {
    let folder = TempDir::new().unwrap();
    let config = written(&folder, &config_text("127.0.0.1:0", &both_listening()));
    for (signal, din) in [("-TERM", "D0000000001"), ("-INT", "D0000000002")] {
        let program = Program::start(&config);
        Wire::connect(program.addr("e601")).send_session(&frames(1, &e601_panel(din)));
        let (status, donation) = bench::get(program.http, &format!("/api/v1/donations/{din}"));
        assert_eq!(status, 200, "{donation}");
        assert_eq!(program.stop(signal), 0);
    }
}

#[test]
fn a_configuration_with_faults_ends_with_1_and_names_them_all() {
    let folder = TempDir::new().unwrap();
    let text = format!("{}\ncolour = \"red\"\ntaste = 1\n", config_text("nowhere", ""));
    let output = serve(&written(&folder, &text)).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    for word in ["listen", "colour", "taste", "hemogate.toml"] {
        assert!(said.contains(word), "{word} is missing in {said}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn a_port_in_use_ends_with_1_and_words() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = TempDir::new().unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let config = written(&folder, &config_text(&address, &both_listening()));
    let output = serve(&config).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&address) && said.contains("another program uses it"), "{said}");
    assert!(!folder.path().join("hemogate.db").exists());
}

#[test]
fn a_damaged_store_ends_with_1_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("hemogate.db"), [b'x'; 8_192]).unwrap();
    let config = written(&folder, &config_text("127.0.0.1:0", &both_listening()));
    let output = serve(&config).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("hemogate.db"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn five_hundred_idle_links_keep_the_daemon_under_64_megabytes() {
    let folder = TempDir::new().unwrap();
    let second = E601.replace("id = \"e601\"", "id = \"e602\"");
    let lines = format!("{E601}{LISTEN}{second}{LISTEN}");
    let program = Program::start(&written(&folder, &config_text("127.0.0.1:0", &lines)));
    let mut wires = Vec::new();
    for id in ["e601", "e602"] {
        for _ in 0..250 {
            let mut wire = Wire::connect(program.addr(id));
            wire.say(&[ENQ]);
            assert_eq!(wire.hear(), ACK);
            wire.say(&[EOT]);
            wires.push(wire);
        }
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = resident.trim().trim_end_matches(" kB").trim().parse().unwrap();
    assert!(kilobytes < 64 * 1024, "{kilobytes} kB");
    eprintln!("500 idle links: {kilobytes} kB");
    assert_eq!(program.stop("-TERM"), 0);
}

#[test]
fn want_of_file_descriptors_ends_nothing_that_is_open_and_passes() {
    let folder = TempDir::new().unwrap();
    let config = written(&folder, &config_text("127.0.0.1:0", &both_listening()));
    let program = Program::start_with_files(&config, 64);
    let mut open = Wire::connect(program.addr("bs"));
    assert_eq!(open.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    let crowd: Vec<_> = (0..100).map(|_| Wire::connect(program.addr("e601"))).collect();
    assert_eq!(open.send_block(&bs_alt("2", "D0000000002", "20")), "AA");
    drop(crowd);
    Wire::connect(program.addr("e601")).send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(open.send_block(&bs_alt("3", "D0000000003", "20")), "AA");
    assert_eq!(program.stop("-TERM"), 0);
}
