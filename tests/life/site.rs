//! A site: a folder with a configuration and a store, and the program as people run it there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use hemogate::clock;
use hemogate::config::Config;
use hemogate::rules::life::day;
use hemogate::store::{Admission, OpenError, Options, Store};
use jiff::civil::Date;
use tempfile::TempDir;

use crate::bench;

pub struct Site {
    pub folder: TempDir,
}

/// What a command did.
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

/// A change that makes every donation wait for one more test.
pub const STRICTER: (&str, &str) = ("htlv", "yes");

impl Site {
    /// Where results alone count, and the rule set changes only with approvals.
    pub fn new() -> Site {
        let site = Site { folder: tempfile::tempdir().unwrap() };
        site.choose(&[], "");
        site
    }

    /// Writes the configuration anew, with these choices besides and these lines under `[rules]`.
    pub fn choose(&self, besides: &[(&str, &str)], rules: &str) {
        self.write(besides, rules, "");
    }

    pub fn write(&self, besides: &[(&str, &str)], rules: &str, more: &str) {
        let mut text = format!(
            "[store]\npath = \"hemogate.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [rules]\nfile = \"cn\"\n{rules}\n[switches]\n"
        );
        for (name, choice) in usual().into_iter().chain(owned(besides)).collect::<BTreeMap<_, _>>()
        {
            text += &format!("{name} = \"{choice}\"\n");
        }
        std::fs::write(self.path(), text + more).unwrap();
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("hemogate.toml")
    }

    pub fn config(&self) -> Config {
        Config::load(&self.path()).unwrap()
    }

    /// The store as a daemon opens it, with what it would be told.
    pub fn admitted(&self) -> Result<(Store, Option<String>), OpenError> {
        let config = self.config();
        let options = Options { path: config.store_path, rules: config.rules, utc: clock::utc };
        let approvals = config.rule_sets.approvals;
        Store::open_admitted(options, Admission { approvals, release_stopped: None })
    }

    pub fn open(&self) -> Store {
        self.admitted().unwrap_or_else(|refused| panic!("{refused}")).0
    }

    /// Why the store is not opened.
    pub fn refusal(&self) -> String {
        match self.admitted() {
            Ok(_) => panic!("the rule set was admitted"),
            Err(OpenError::NotAdmitted(words)) => words,
            Err(other) => panic!("{other}"),
        }
    }

    /// `hemogate rules ARGS --config`.
    pub fn rules(&self, args: &[&str]) -> Ran {
        let ran = Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .arg("rules")
            .args(args)
            .arg("--config")
            .arg(self.path())
            .output()
            .expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { status: ran.status.code().unwrap(), out: text(&ran.stdout), err: text(&ran.stderr) }
    }

    /// The same, and it is good.
    pub fn good(&self, args: &[&str]) -> String {
        let ran = self.rules(args);
        assert_eq!(ran.status, 0, "{args:?}: {}{}", ran.out, ran.err);
        ran.out
    }

    /// The same, and it is refused; in which words.
    pub fn bad(&self, args: &[&str]) -> String {
        let ran = self.rules(args);
        assert_eq!(ran.status, 1, "{args:?}: {}{}", ran.out, ran.err);
        ran.err
    }

    /// The hash of the rule set that the configuration names.
    pub fn sha(&self) -> String {
        self.config().rules.identity().sha256.clone()
    }

    /// Every step up to the second approval, of the rule set that the configuration names.
    pub fn approve(&self) {
        let sha = self.sha();
        self.good(&["draft", "--by", "Li Wei"]);
        let text = self.folder.path().join("new.toml");
        std::fs::write(&text, self.config().rules.text()).unwrap();
        self.rules(&["replay", text.to_str().unwrap(), "--by", "Li Wei"]);
        self.good(&["approve", &sha, "--by", "Li Wei"]);
        self.good(&["approve", &sha, "--by", "Wang Fang"]);
    }

    /// Donations with everything that the shipped rule set wants; all of them releasable.
    pub fn fill(&self, store: &Store, numbers: std::ops::RangeInclusive<u32>) {
        for number in numbers {
            bench::register(store, bench::registration(number)).unwrap();
            let panel = bench::full_panel(number);
            bench::record(store, bench::message(&format!("panel {number}"), panel));
        }
    }
}

fn usual() -> BTreeMap<String, String> {
    let lines = include_str!("../../fixtures/rules/results-only.toml").lines();
    let pairs = lines.filter_map(|line| line.split_once(" = "));
    pairs.map(|(name, choice)| (name.to_owned(), choice.trim_matches('"').to_owned())).collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, choice)| ((*name).to_owned(), (*choice).to_owned())).collect()
}

/// Today, and other days counted from it.
pub fn today() -> Date {
    day(clock::utc())
}

pub fn tomorrow() -> Date {
    today().tomorrow().unwrap()
}
