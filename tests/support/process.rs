//! The `hemogate` program as a process: started with a configuration, asked over HTTP, killed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

/// Longest time a daemon may take to be ready in a test.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A running daemon; killed when dropped.
pub struct Daemon {
    child: Child,
    listening: Vec<(String, SocketAddr)>,
    agent: ureq::Agent,
    log: Option<JoinHandle<String>>,
}

impl Daemon {
    /// Starts `hemogate serve` and waits until it is ready.
    pub fn start(config: &Path) -> Daemon {
        Daemon::try_start(config)
            .unwrap_or_else(|words| panic!("the daemon did not start: {words}"))
    }

    /// Starts `hemogate serve`; where it refuses, what it said.
    pub fn try_start(config: &Path) -> Result<Daemon, String> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .args(["serve", "--config"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (tell, lines) = mpsc::channel();
        let stderr = child.stderr.take().expect("stderr is piped");
        let words = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap_or_default());
        let stdout = child.stdout.take().expect("stdout is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        let mut listening = Vec::new();
        loop {
            match lines.recv_timeout(READY_WITHIN) {
                Ok(line) if line.trim() == "ready" => break,
                Ok(line) => listening.extend(listening_line(&line)),
                Err(silence) => {
                    if silence == mpsc::RecvTimeoutError::Timeout {
                        let _ = child.kill();
                    }
                    let _ = child.wait();
                    return Err(words.join().unwrap_or_default());
                }
            }
        }
        // The channel's receiver may go: the reading thread ends with the process.
        Ok(Daemon { child, listening, agent: agent(), log: Some(words) })
    }

    /// Where something listens: `http` or an analyser's id.
    pub fn address(&self, what: &str) -> SocketAddr {
        let found = self.listening.iter().find(|(name, _)| name == what);
        found.unwrap_or_else(|| panic!("{what} is not listening: {:?}", self.listening)).1
    }

    /// SIGKILL, at once.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// SIGTERM, and the exit status.
    pub fn terminate(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        self.child.wait().expect("gone").code()
    }

    /// SIGTERM, and everything it logged.
    pub fn terminate_and_read_log(&mut self) -> String {
        self.terminate();
        let log = self.log.take().expect("it is read once");
        log.join().expect("the log was read")
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// GET; status and body as JSON (null where it is not JSON).
    pub fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address("http"));
        let mut response = self.agent.get(&url).call().expect("HTTP answers");
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// GET; the body as text.
    pub fn get_text(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.address("http"));
        let mut response = self.agent.get(&url).call().expect("HTTP answers");
        let status = response.status().as_u16();
        (status, response.body_mut().read_to_string().expect("a body"))
    }

    /// POST of JSON; status and body.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address("http"));
        let mut response = self.agent.post(&url).send_json(body).expect("HTTP answers");
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Registers a donation and insists that it is new or the same.
    pub fn register(&self, registration: &Value) {
        let (status, body) = self.post("/api/v1/donations", registration);
        assert!(status == 201 || status == 200, "{status}: {body}");
    }

    /// A donation as the inventory sees it.
    pub fn donation(&self, din: &str) -> Value {
        let (status, body) = self.get(&format!("/api/v1/donations/{din}"));
        assert_eq!(status, 200, "{din}: {body}");
        body
    }

    /// The whole feed, and that it is gapless from 1.
    pub fn feed(&self) -> Vec<Value> {
        let mut rows: Vec<Value> = Vec::new();
        loop {
            let (status, page) =
                self.get(&format!("/api/v1/verdicts?after={}&limit=1000", rows.len()));
            assert_eq!(status, 200, "{page}");
            let page = page["verdicts"].as_array().expect("verdicts").clone();
            if page.is_empty() {
                return rows;
            }
            for row in page {
                assert_eq!(row["seq"].as_u64(), Some(rows.len() as u64 + 1), "a gap in the feed");
                rows.push(row);
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An agent that returns errors of HTTP as answers. Each request has a connection of its own: the
/// daemon closes one on which a body came that it did not want, and that may be seen too late.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_idle_connections(0)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

/// Writes a configuration with these analysers, each `(id, profile)` listening on a free port.
pub fn write_config(folder: &Path, analysers: &[(&str, &str)]) -> PathBuf {
    write_config_at(folder, &folder.join("hemogate.db"), analysers)
}

/// The same, with the store somewhere else.
pub fn write_config_at(folder: &Path, store: &Path, analysers: &[(&str, &str)]) -> PathBuf {
    let analyser = |(id, profile): &(&str, &str)| {
        format!(
            "[[analyser]]\nid = \"{id}\"\nprofile = \"{profile}\"\ntcp_listen = \"127.0.0.1:0\"\n"
        )
    };
    write_config_text(folder, store, &analysers.iter().map(analyser).collect::<String>())
}

/// What a site writes where results alone count.
pub fn results_only() -> String {
    include_str!("../../fixtures/rules/results-only.toml").replace("[site]", "[switches]")
}

/// The same, with the analysers' tables as they are to stand there.
pub fn write_config_text(folder: &Path, store: &Path, analysers: &str) -> PathBuf {
    let text = format!(
        "[store]\npath = {:?}\n[http]\nlisten = \"127.0.0.1:0\"\n\
         [rules]\nfile = \"cn\"\n{}{analysers}",
        store.to_str().expect("a path"),
        results_only(),
    );
    let path = folder.join("hemogate.toml");
    fs::write(&path, text).expect("the configuration is written");
    path
}

fn listening_line(line: &str) -> Option<(String, SocketAddr)> {
    let (what, address) = line.split_once(" listening on ")?;
    let name = what.trim().rsplit(' ').next()?.to_owned();
    Some((name, address.trim().parse().ok()?))
}
