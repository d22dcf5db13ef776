//! What is refused before anything runs, and what `hemogate check` says of folders.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::bench::{MARKED, analyser, as_root, profile};
use super::support::process::{Daemon, write_config_text};

/// A configuration with these analysers and the profile `own.toml`.
fn config(around: &Path, analysers: &str) -> std::path::PathBuf {
    fs::write(around.join("own.toml"), profile("roche-cobas-e601", MARKED)).unwrap();
    write_config_text(around, &around.join("hemogate.db"), analysers)
}

fn check(around: &Path, analysers: &str) -> (Option<i32>, String) {
    let config = config(around, analysers);
    let program = env!("CARGO_BIN_EXE_hemogate");
    let ran = Command::new(program).args(["check", "--config"]).arg(config).output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.code(), String::from_utf8(said).unwrap())
}

fn second(text: &str) -> String {
    text.replace("id = \"files\"", "id = \"other\"")
}

#[test]
fn check_tells_of_the_folder_and_of_where_files_go() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().canonicalize().unwrap().join("drop");
    fs::create_dir(&folder).unwrap();
    let (status, said) = check(around.path(), &analyser(&folder, "refused = \"bad\""));
    assert_eq!(status, Some(0), "{said}");
    let (folder, bad) = (folder.display(), folder.with_file_name("bad").display().to_string());
    let line = format!("folder {folder}, looked at every 1 s, done {folder}/done, refused {bad}");
    assert!(said.contains(&line), "{said}");
    assert!(!folder.to_string().is_empty() && !Path::new(&bad).exists(), "check makes nothing");
}

#[test]
fn folders_that_would_lose_or_double_files_are_faults() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("drop");
    fs::create_dir_all(folder.join("done")).unwrap();
    let own = |more: &str| analyser(&folder, more);
    let elsewhere = |folder: &str| analyser(&around.path().join(folder), "");
    for (analysers, why) in [
        (own("done = \"drop\""), "holds the folder itself"),
        (own("done = \".\""), "holds the folder itself"),
        (own("done = \"x\"\nrefused = \"x\""), "are one folder"),
        (own("refused = \"drop/done/x\""), "is inside the other one"),
        (own("") + &second(&own("")), "is used by analyser files already"),
        (own("") + &second(&elsewhere("drop/done")), "is used by analyser files already"),
        (elsewhere("drop/done") + &second(&own("")), "is used by analyser files already"),
        (elsewhere("none"), "is not there: create it, or mount the share first"),
        (elsewhere("own.toml"), "is not a folder"),
        (own("announce_orders = true"), "nothing can be ordered through a folder"),
        (own("baud = 9600"), "belongs to a serial line"),
        (own("poll_s = 0").replace("poll_s = 1\n", ""), "is not between 1 and 3600"),
        (own("serial = \"/dev/ttyS0\""), "an analyser has exactly one line"),
        (own("[analyser.tls]\npeer_ca = \"x\""), "a folder has no TLS"),
        (own("").replace("own.toml", "roche-cobas-e601"), "how their files look"),
        (own("").replace("folder = ", "tcp_listen = \"127.0.0.1:0\" #"), "belongs to a folder"),
    ] {
        let (status, said) = check(around.path(), &analysers);
        let why = why.replace("their", "its");
        assert!(status != Some(0) && said.contains(&why), "{analysers}: {said}");
    }
    let (status, said) = check(around.path(), &(own("") + &second(&elsewhere("drop/../"))));
    assert_eq!(status, Some(0), "a folder around another's is no harm: {said}");
}

#[test]
fn a_folder_in_which_nothing_can_be_moved_stops_the_start_with_words() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("drop");
    fs::create_dir(&folder).unwrap();
    let config = config(around.path(), &analyser(&folder, ""));
    let locked = folder.to_str().unwrap();
    as_root(&["chattr", "+i", locked]);
    let refused = Daemon::try_start(&config);
    as_root(&["chattr", "-i", locked]);
    let words = refused.err().unwrap();
    assert!(words.contains("analyser files: the folder ") && words.contains("cannot be made"));
    fs::create_dir(folder.join("done")).unwrap();
    as_root(&["chattr", "+i", folder.join("done").to_str().unwrap()]);
    let refused = Daemon::try_start(&config);
    as_root(&["chattr", "-i", folder.join("done").to_str().unwrap()]);
    let words = refused.err().unwrap();
    assert!(words.contains("no file can be moved from "), "{words}");
    let mounted = folder.join("refused");
    let mount = ["mount", "-t", "tmpfs", "tmpfs", mounted.to_str().unwrap()];
    as_root(&mount);
    let refused = Daemon::try_start(&config);
    as_root(&["umount", mounted.to_str().unwrap()]);
    let words = refused.err().unwrap();
    assert!(words.contains("they must be on one file system"), "{words}");
    assert!(Daemon::try_start(&config).is_ok());
    let left = super::bench::Drop::names(&folder.join("done"));
    assert!(left.is_empty(), "the trial is gone: {left:?}");
}
