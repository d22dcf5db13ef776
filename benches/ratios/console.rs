//! The console: how long the server takes for each page with many donations on record, and what
//! fifty open pages cost while messages come in.
//!
//! `HEMOGATE_BENCH_DONATIONS=1000000 cargo bench --bench ratios -- console` takes some minutes; of
//! the donations five thousand are open. Asserts nothing: the aims stand beside the numbers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hemogate::clock;
use hemogate::config::Config;
use hemogate::domain::{DonationNumber, Donor, DonorKind, Registration};
use hemogate::people::{Change, FullName, NewAccount, Password, Role, Roles, Sealed, UserId};
use hemogate::store::{Options, Store, UserDesk, UserEvent};
use jiff::Timestamp;

use crate::support::messages;
use crate::support::process::{Daemon, agent, write_config_text};
use crate::support::wire::{Mllp, Sent};
use crate::{load, percentile};

/// Donations on record where nobody says how many.
const DONATIONS: u32 = 50_000;
/// Donations that are open: each gets one message at most.
const OPEN: u32 = 5_000;
const PAGE_AIM: Duration = Duration::from_millis(100);
const ROUNDS: usize = 20;
/// Open pages, and how many one person has.
const PAGES: usize = 50;
const PAGES_EACH: usize = 8;
const MESSAGES_A_SECOND: u32 = 100;
const LINES: u32 = 4;
const MEASURED: Duration = Duration::from_secs(20);
const SHARE_AIM: f64 = 0.05;
const PASSWORD: &str = "correct battery staple";

pub fn run() {
    println!("  {}", load());
    let donations = std::env::var("HEMOGATE_BENCH_DONATIONS").ok();
    let donations = donations.and_then(|text| text.parse().ok()).unwrap_or(DONATIONS);
    let donations = donations.max(OPEN);
    let laboratory = Laboratory::with(donations);
    laboratory.pages();
    laboratory.live();
}

/// A daemon with donations on record and people who may look at them.
struct Laboratory {
    daemon: Daemon,
    cookies: Vec<String>,
    donations: u32,
    _folder: tempfile::TempDir,
}

impl Laboratory {
    fn with(donations: u32) -> Laboratory {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("hemogate.db");
        let line = |n: u32| {
            format!(
                "[[analyser]]\nid = \"alt-{n}\"\nprofile = \"mindray-bs\"\n\
                 tcp_listen = \"127.0.0.1:0\"\n"
            )
        };
        let more: String = (0..LINES).map(line).collect();
        let more = format!("[console]\nlisten = \"127.0.0.1:0\"\n{more}");
        let config = write_config_text(folder.path(), &store, &more);
        let people = PAGES.div_ceil(PAGES_EACH);
        add_people(&store, people);
        fill(&config, &store, donations);
        let daemon = Daemon::start(&config);
        let console = daemon.address("console");
        let cookies = (0..people).map(|n| sign_in(console, &format!("user{n}"))).collect();
        Laboratory { daemon, cookies, donations, _folder: folder }
    }

    fn console(&self) -> SocketAddr {
        self.daemon.address("console")
    }

    /// The server's time for each page.
    fn pages(&self) {
        let began = Instant::now();
        while self.get("/").contains("Counting what is open") {
            thread::sleep(Duration::from_millis(100));
        }
        let counted = began.elapsed();
        let donations = self.donations;
        println!("  {donations} donations on record; counted {:.1} s after", counted.as_secs_f64());
        let donation = format!("/donations/{}", messages::din(1));
        let find = format!("/find?q={}", messages::din(2));
        let paths = [
            "/",
            "/worklists?kind=missing",
            "/worklists/print?kind=missing",
            "/worklists.csv?kind=missing",
            "/links",
            "/links/alt-0",
            &donation,
            &find,
            "/decisions",
            "/racks",
            "/unread",
            "/quality",
            "/statistics",
        ];
        for path in paths {
            let mut times = Vec::new();
            for _ in 0..ROUNDS {
                let began = Instant::now();
                self.get(path);
                times.push(began.elapsed());
            }
            let (half, worst) = (percentile(&times, 50), times.iter().max().unwrap());
            println!(
                "  {path:<34} median {:>7.2} ms, worst {:>7.2} ms, ratio {:.2} (aim: under 1 of \
                 {} ms)",
                half.as_secs_f64() * 1e3,
                worst.as_secs_f64() * 1e3,
                worst.as_secs_f64() / PAGE_AIM.as_secs_f64(),
                PAGE_AIM.as_millis()
            );
        }
    }

    fn get(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.console());
        let mut answer = agent().get(&url).header("cookie", &self.cookies[0]).call().unwrap();
        let status = answer.status().as_u16();
        if status != 200 {
            println!("  {path}: {status}");
        }
        answer.body_mut().read_to_string().unwrap()
    }

    /// What open pages cost while messages come in.
    fn live(&self) {
        let without = self.measured(&[], 0);
        let streams: Vec<Reader> = (0..PAGES).map(|n| self.open(n)).collect();
        let with = self.measured(&streams, 1);
        let share = (with - without) / MEASURED.as_secs_f64();
        println!(
            "  {MESSAGES_A_SECOND} messages a second: {:.1} % of a core without pages, {:.1} % \
             with {PAGES} open ones",
            100.0 * without / MEASURED.as_secs_f64(),
            100.0 * with / MEASURED.as_secs_f64()
        );
        println!(
            "  the pages cost {:.2} % of a core, ratio {:.2} (aim: under 1 of {} %)",
            100.0 * share,
            share / SHARE_AIM,
            100.0 * SHARE_AIM
        );
    }

    /// CPU time of the daemon while messages come in, in seconds.
    fn measured(&self, streams: &[Reader], round: u32) -> f64 {
        let sent_before: Vec<u64> = streams.iter().map(Reader::events).collect();
        let before = cpu_seconds(self.daemon.id());
        let began = Instant::now();
        let senders: Vec<JoinHandle<u32>> = (0..LINES).map(|n| self.sender(n, round)).collect();
        let sent: u32 = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
        let took = began.elapsed().as_secs_f64();
        let cpu = cpu_seconds(self.daemon.id()) - before;
        let got: u64 = streams.iter().zip(sent_before).map(|(one, was)| one.events() - was).sum();
        println!("  {sent} messages in {took:.1} s, {got} regions sent to {} pages", streams.len());
        cpu
    }

    /// Sends its share of the messages at an even pace.
    fn sender(&self, line: u32, round: u32) -> JoinHandle<u32> {
        let address = self.daemon.address(&format!("alt-{line}"));
        let one_in = self.donations / OPEN;
        let pace = Duration::from_secs(1) * LINES / MESSAGES_A_SECOND;
        thread::spawn(move || {
            let mut mllp = Mllp::dial(address).unwrap();
            let began = Instant::now();
            let mut sent = 0;
            while began.elapsed() < MEASURED {
                let number = (round * OPEN / 2 + line * OPEN / 2 / LINES + sent) * one_in;
                let (din, id) = (messages::din(number), format!("{round}-{line}-{sent}"));
                let message = messages::mindray_alt(&din, "22", &id);
                assert_eq!(mllp.send(&message, &id), Sent::Acknowledged);
                sent += 1;
                thread::sleep((pace * sent).saturating_sub(began.elapsed()));
            }
            sent
        })
    }

    /// Opens the stream of a page of today, as a browser does.
    fn open(&self, number: usize) -> Reader {
        let regions = "today-said,today-numbers,today-analysers,today-stuck,today-racks";
        let cookie = &self.cookies[number / PAGES_EACH];
        let mut socket = TcpStream::connect(self.console()).unwrap();
        let host = self.console();
        let request = format!(
            "GET /live?regions={regions} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).unwrap();
        Reader::of(socket)
    }
}

/// Somebody who reads a stream.
struct Reader {
    events: Arc<AtomicU64>,
    socket: TcpStream,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    fn of(socket: TcpStream) -> Reader {
        let events = Arc::new(AtomicU64::new(0));
        let (count, lines) = (Arc::clone(&events), BufReader::new(socket.try_clone().unwrap()));
        let thread = thread::spawn(move || {
            let mut lines = lines.lines().map_while(Result::ok);
            let status = lines.next().unwrap_or_default();
            assert!(status.contains("200"), "{status}");
            for line in lines.filter(|line| line.starts_with("event: region")) {
                drop(line);
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Reader { events, socket, thread: Some(thread) }
    }

    fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _closed = self.socket.shutdown(std::net::Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// User and system time of a process (`proc(5)`: fields 14 and 15, in hundredths).
fn cpu_seconds(process: u32) -> f64 {
    let mut text = String::new();
    let mut file = std::fs::File::open(format!("/proc/{process}/stat")).unwrap();
    file.read_to_string(&mut text).unwrap();
    let (_, fields) = text.rsplit_once(") ").unwrap();
    let ticks: f64 = fields.split(' ').skip(11).take(2).map(|n| n.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}

/// Puts donations on record: deferred ones are rejected at once, one in so many is open.
fn fill(config: &Path, store: &Path, donations: u32) {
    let text = std::fs::read_to_string(config).unwrap();
    let rules = Config::parse("bench.toml", &text, config.parent().unwrap()).unwrap().rules;
    let options = Options { path: store.to_owned(), rules, utc: clock::utc };
    let store = Store::open(options).unwrap();
    let (tell, told) = mpsc::channel();
    let mut waiting = 0;
    for number in 0..donations {
        let tell = tell.clone();
        let reply = Box::new(move |outcome| tell.send(outcome).unwrap());
        store.register(registration(number, donations / OPEN), reply);
        waiting += 1;
        if waiting == 512 {
            told.iter().take(256).for_each(|outcome| drop(outcome.unwrap()));
            waiting -= 256;
        }
    }
    told.iter().take(waiting).for_each(|outcome| drop(outcome.unwrap()));
}

fn registration(number: u32, open_one_in: u32) -> Registration {
    Registration {
        din: DonationNumber::restored(messages::din(number)),
        collected_at: Timestamp::from_second(1_767_571_200).unwrap(),
        site: "Centre".to_owned(),
        donor: Donor {
            kind: DonorKind::Repeat,
            deferred: !number.is_multiple_of(open_one_in),
            historic_group: None,
        },
    }
}

fn add_people(store: &Path, people: usize) {
    let mut desk = UserDesk::open(store).unwrap();
    let sealed = Password::typed(PASSWORD).seal(&UserId::read("nobody").unwrap()).unwrap();
    for number in 0..people {
        let change = Change::Added(Box::new(NewAccount {
            name: FullName::read("Somebody").unwrap(),
            roles: Roles::of([Role::Technician]).unwrap(),
            language: "en".to_owned(),
            expires: None,
            sealed: Sealed::kept(sealed.text()),
            once: false,
        }));
        let event = UserEvent {
            id: 0,
            name: format!("user{number}"),
            kind: change.kind().to_owned(),
            payload: change.detail(),
            made_by: "hemogate user".to_owned(),
            made_at: clock::utc(),
        };
        desk.put(&event).unwrap();
    }
}

/// Signs somebody in; the cookie.
fn sign_in(console: SocketAddr, user: &str) -> String {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    let agent: ureq::Agent = agent.max_redirects_will_error(false).build().into();
    let request = agent.post(format!("http://{console}/sign-in"));
    let request = request.header("origin", format!("http://{console}"));
    let answer = request.send_form([("name", user), ("password", PASSWORD)]).unwrap();
    let cookie = answer.headers().get("set-cookie").expect("a cookie").to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}
