//! A daemon with one folder, and whoever drops files into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hemogate::clock;
use serde_json::Value;
use tempfile::TempDir;

use super::support::bench::Bench;
use super::support::process::{Daemon, write_config_text};

/// Longest wait for anything; only a failing test takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A shipped profile whose analyser exports files; where it says how they look, that holds.
pub fn profile(shipped: &str, file: &str) -> String {
    let text = hemogate::analyser::shipped(shipped).unwrap();
    match text.contains("\n[file]\n") {
        true => text.to_owned(),
        false => format!("{text}\n[file]\n{file}\n"),
    }
}

/// The table of an analyser with this profile that drops its files here.
pub fn analyser(folder: &Path, more: &str) -> String {
    format!(
        "[[analyser]]\nid = \"files\"\nprofile = \"own.toml\"\nfolder = {:?}\npoll_s = 1\n{more}\n",
        folder.to_str().unwrap()
    )
}

/// A folder for files, and the daemon that looks into it.
pub struct Drop {
    pub bench: Bench,
    pub folder: PathBuf,
}

/// Files that end with a line of their own; what they stand still for is short.
pub const MARKED: &str = "names = [\"*.txt\"]\nends_with = [\"[end]\"]\nsettle_s = 2";
/// Files that do not.
pub const UNMARKED: &str = "names = [\"*.txt\"]\nsettle_s = 1";

impl Drop {
    /// The e 601 with files like these.
    pub fn e601(file: &str) -> Drop {
        Drop::with("roche-cobas-e601", file)
    }

    pub fn with(shipped: &str, file: &str) -> Drop {
        Drop::written(shipped, file, "")
    }

    pub fn written(shipped: &str, file: &str, more: &str) -> Drop {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("drop");
        fs::create_dir(&folder).unwrap();
        Drop::at(around, folder, &profile(shipped, file), more)
    }

    /// Everything is in `around`, except perhaps the folder for files.
    pub fn at(around: TempDir, folder: PathBuf, profile: &str, more: &str) -> Drop {
        fs::write(around.path().join("own.toml"), profile).unwrap();
        let store = around.path().join("hemogate.db");
        let config = write_config_text(around.path(), &store, &analyser(&folder, more));
        let daemon = Daemon::start(&config);
        Drop { bench: Bench { daemon, config, folder: around }, folder }
    }

    /// Drops a file whole, as a program does that writes elsewhere and renames.
    pub fn drop(&self, name: &str, content: impl AsRef<[u8]>) {
        let part = self.folder.join(format!(".{name}"));
        fs::write(&part, content).unwrap();
        fs::rename(part, self.folder.join(name)).unwrap();
    }

    pub fn done(&self, name: &str) -> PathBuf {
        self.folder.join("done").join(name)
    }

    pub fn refused(&self, name: &str) -> PathBuf {
        self.folder.join("refused").join(name)
    }

    /// Names in a folder, sorted.
    pub fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    pub fn in_done(&self) -> Vec<String> {
        Drop::names(&self.folder.join("done"))
    }

    pub fn in_refused(&self) -> Vec<String> {
        Drop::names(&self.folder.join("refused"))
    }

    /// Asks until it is so, for a while.
    pub fn until(&self, what: &str, is_so: impl Fn(&Drop) -> bool) {
        self.until_every(Duration::from_millis(20), what, is_so);
    }

    /// The same, and misses as little as it can.
    pub fn until_now(&self, what: &str, is_so: impl Fn(&Drop) -> bool) {
        self.until_every(Duration::from_micros(500), what, is_so);
    }

    fn until_every(&self, pause: Duration, what: &str, is_so: impl Fn(&Drop) -> bool) {
        let deadline = clock::moment().plus(PATIENCE);
        while !is_so(self) {
            assert!(clock::moment() < deadline, "waited in vain: {what}: {}", self.link());
            std::thread::park_timeout(pause);
        }
    }

    /// Waits until the folder has been looked at so often again.
    pub fn looks(&self, count: u32) {
        let end = clock::moment().plus(Duration::from_secs(1) * (count + 1));
        while clock::moment() < end {
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    pub fn link(&self) -> Value {
        self.bench.link("files")
    }

    pub fn alarms(&self) -> Vec<String> {
        self.bench.kinds("files", "alarms")
    }

    /// The words of the one alarm there is.
    pub fn alarm(&self) -> String {
        self.link()["alarms"][0]["text"].as_str().unwrap_or_default().to_owned()
    }

    pub fn notes(&self) -> Vec<String> {
        self.bench.kinds("files", "notes")
    }

    /// Results of a donation; none where it is unknown.
    pub fn observations(&self, din: &str) -> usize {
        let (status, body) = self.bench.daemon.get(&format!("/api/v1/donations/{din}"));
        match status {
            200 => body["observations"].as_array().unwrap().len(),
            _ => 0,
        }
    }

    /// Messages that could not be read completely.
    pub fn unread(&self) -> Vec<Value> {
        let (_, body) = self.bench.daemon.get("/api/v1/messages?state=unread");
        body["messages"].as_array().unwrap().clone()
    }

    /// Messages of which the store had none before.
    pub fn new_messages(&self) -> u64 {
        self.bench.metric("hemogate_store_messages_total").unwrap()
    }
}

/// Runs a command that needs root.
pub fn as_root(words: &[&str]) {
    let plain = Command::new("id").arg("-u").output().unwrap();
    let mut command = match plain.stdout.as_slice() {
        b"0\n" => Command::new(words[0]),
        _ => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", words[0]]);
            sudo
        }
    };
    let ran = command.args(&words[1..]).output().unwrap();
    assert!(ran.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ran.stderr));
}
