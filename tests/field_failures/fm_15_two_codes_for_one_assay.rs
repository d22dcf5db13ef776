//! FM-15: test codes that were not unique reported one test's result as another's. Here such a
//! configuration is refused at start, with the line at fault.

use std::fs;

use crate::support::process::Daemon;

#[test]
fn fm_15_two_codes_for_one_assay_are_refused_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hemogate.toml");
    fs::write(
        &config,
        "[store]\npath = \"h.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[rules]\nfile = \"cn\"\n\
         [[analyser]]\nid = \"e601\"\nprofile = \"roche-cobas-e601\"\n\
         tcp_listen = \"127.0.0.1:0\"\n[analyser.tests]\n\
         \"900\" = \"hbsag\"\n\"901\" = \"hbsag\"\n",
    )
    .unwrap();
    let Err(words) = Daemon::try_start(&config) else { panic!("it started") };
    assert!(words.contains("hbsag") && words.contains("900") && words.contains("901"), "{words}");
    assert!(words.contains("hemogate.toml"), "names the file: {words}");
    assert!(!folder.path().join("h.db").exists(), "nothing was touched");
}
