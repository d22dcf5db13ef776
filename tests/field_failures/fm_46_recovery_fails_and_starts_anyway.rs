//! FM-46: recovery that failed was only logged and the program started anyway; a pruner removed
//! messages that were in error. Here a damaged store is refused, and what is unread stays.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::process::Daemon;

#[test]
fn fm_46_a_damaged_store_is_refused_with_what_to_do() {
    let mut bench = Bench::start();
    for number in 0..50 {
        let din = messages::din(number);
        bench.daemon.register(&messages::registration(&din));
        bench.astm("serology", &messages::e601_clean(&din));
    }
    assert_eq!(bench.daemon.terminate(), Some(0));
    let path = bench.folder.path().join("hemogate.db");
    let length = std::fs::metadata(&path).unwrap().len();
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(length / 2)).unwrap();
    file.write_all(&[0xA5; 8192]).unwrap();
    drop(file);
    let Err(words) = Daemon::try_start(&bench.config) else { panic!("it started anyway") };
    assert!(words.contains("damaged"), "{words}");
    assert!(words.contains("restore"), "says what to do: {words}");
}

#[test]
fn fm_46_what_is_unread_survives_a_restart() {
    let mut bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let unknown = messages::e601_clean(&din).replacen("|COI||N||F|", "|COI||ZZ||F|", 1);
    bench.astm("serology", &unknown);
    let before = bench.daemon.get("/api/v1/messages?state=unread").1;
    assert_eq!(before["messages"].as_array().unwrap().len(), 1, "{before}");
    bench.daemon.kill();
    bench.daemon = Daemon::start(&bench.config);
    assert_eq!(bench.daemon.get("/api/v1/messages?state=unread").1, before);
    assert_eq!(bench.verdict(&din), "pending");
}
