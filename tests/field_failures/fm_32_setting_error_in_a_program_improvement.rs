//! FM-32: a setting error that came with an improvement of the program let blood go that was not
//! cleared. Here a changed setting runs beside the one in force before it decides about anything, and
//! decides only once two people approved it and its day has come.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::store_bench::{self, full_panel, message, verdict_of};
use crate::support::process::{Daemon, write_config};
use hemogate::clock;
use hemogate::config::Config;
use hemogate::domain::Reading;
use hemogate::store::{Options, Store};

/// A site whose donations need no second thought after a reactive nucleic acid test: `from` is what
/// it chose, `to` the setting error.
fn misset(config: &Path) -> PathBuf {
    let text = fs::read_to_string(config).unwrap();
    let from = "single_nat = \"repeat_then_reject\"";
    assert!(text.contains(from), "{text}");
    let wrong = config.with_file_name("improved.toml");
    fs::write(&wrong, text.replace(from, "single_nat = \"repeat_then_release\"")).unwrap();
    wrong
}

fn store_of(config: &Path) -> Store {
    let config = Config::load(config).unwrap();
    let (path, rules) = (config.store_path, config.rules);
    Store::open(Options { path, rules, utc: clock::utc }).unwrap()
}

/// A donation whose nucleic acid test was reactive and whose repeats were not.
fn suspicious(store: &Store, number: u32) {
    store_bench::register(store, store_bench::registration(number)).unwrap();
    let mut panel = full_panel(number);
    let nat = |panel: &[hemogate::domain::Observation]| {
        panel.iter().position(|one| one.assay == Some(hemogate::domain::Assay::Nat)).unwrap()
    };
    let at = nat(&panel);
    let repeat = panel[at].clone();
    panel[at].reading = Some(Reading::Reactive);
    store_bench::record(store, message("reactive", panel));
    for (again, value) in ["again", "and again"].into_iter().enumerate() {
        let mut repeat = repeat.clone();
        (repeat.value, repeat.replicate) = (Some(value.to_owned()), Some(again.to_string()));
        store_bench::record(store, message(value, vec![repeat]));
    }
}

#[test]
fn fm_32_a_changed_setting_does_not_decide_unsigned() {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &[]);
    let store = store_of(&config);
    suspicious(&store, 1);
    let before = verdict_of(&store, 1);
    assert_ne!(before, "releasable");
    drop(store);
    let wrong = misset(&config);
    let refused = Daemon::try_start(&wrong).err().expect("the daemon refuses to start");
    for words in ["must not decide yet", "hemogate rules approve", "by two people"] {
        assert!(refused.contains(words), "{words} in {refused}");
    }
    let daemon = Daemon::start(&config);
    let din = store_bench::din(1);
    let (_, donation) = daemon.get(&format!("/api/v1/verdicts?after=0"));
    let verdicts = donation["verdicts"].as_array().unwrap();
    let of_it = verdicts.iter().filter(|row| row["din"] == din.as_str());
    assert!(of_it.clone().count() > 0);
    assert!(of_it.clone().all(|row| row["verdict"] != "releasable"), "{donation}");
}

#[test]
fn fm_32_what_a_changed_setting_would_release_is_shown_before_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &[]);
    let store = store_of(&config);
    suspicious(&store, 1);
    let wrong = Config::load(&misset(&config)).unwrap();
    let text = folder.path().join("wrong-rules.toml");
    fs::write(&text, wrong.rules.text()).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["rules", "replay", text.to_str().unwrap(), "--config", config.to_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("1 would have been releasable that never were"), "{said}");
    assert!(said.contains(store_bench::din(1).as_str()), "{said}");
}
