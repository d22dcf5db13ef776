//! Folders and stores that fail while the daemon runs, and come back.

use std::fs;
use std::io::Write;
use std::process::Command;

use super::bench::{Drop, MARKED, UNMARKED, as_root, profile};
use super::support::messages::{din, e601_clean};

fn marked(din: &str) -> String {
    format!("{}[end]\r\n", e601_clean(din))
}

#[test]
fn a_folder_taken_away_is_a_lost_line_with_an_alarm_until_it_is_back() {
    let drop = Drop::e601(MARKED);
    drop.until("it is open", |drop| drop.link()["state"] == "connected");
    let away = drop.bench.folder.path().join("away");
    fs::rename(&drop.folder, &away).unwrap();
    drop.until("it is lost", |drop| drop.link()["state"] == "lost");
    assert_eq!(drop.alarms(), ["folder"]);
    assert!(drop.alarm().contains("is the share mounted?"), "{}", drop.alarm());
    fs::write(away.join("a.txt"), marked(&din(1))).unwrap();
    fs::rename(&away, &drop.folder).unwrap();
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    drop.until("the alarm is over", |drop| drop.alarms().is_empty());
    assert_eq!(drop.link()["state"], "connected");
    assert_eq!(drop.observations(&din(1)), 4);
}

/// The folder under the share is there, and empty: nothing may be taken from it, or put into it.
#[test]
fn an_unmounted_share_is_not_taken_for_an_empty_folder() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("drop");
    fs::create_dir(&folder).unwrap();
    let share = folder.to_str().unwrap().to_owned();
    as_root(&["mount", "-t", "tmpfs", "-o", "mode=777", "tmpfs", &share]);
    let drop = Drop::at(around, folder, &profile("roche-cobas-e601", MARKED), "");
    drop.drop("a.txt", marked(&din(1)));
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    drop.until("the share is free", |_| {
        Command::new("umount")
            .arg(&share)
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap()
            .success()
    });
    drop.until("the alarm", |drop| drop.alarms() == ["folder"]);
    assert!(Drop::names(&drop.folder).is_empty(), "nothing is made under the share");
    as_root(&["mount", "-t", "tmpfs", "-o", "mode=777", "tmpfs", &share]);
    for place in ["done", "refused"] {
        fs::create_dir(drop.folder.join(place)).unwrap();
    }
    drop.drop("b.txt", marked(&din(2)));
    drop.until("the next is done", |drop| drop.in_done() == ["b.txt"]);
    as_root(&["umount", "-l", &share]);
}

#[test]
fn a_result_that_cannot_be_moved_is_stored_once_and_an_alarm_until_it_can() {
    let mut drop = Drop::e601(UNMARKED);
    let done = drop.folder.join("done");
    let done = done.to_str().unwrap().to_owned();
    as_root(&["chattr", "+i", &done]);
    drop.drop("a.txt", e601_clean(&din(1)));
    drop.until("the alarm", |drop| drop.alarms() == ["file"]);
    let alarm = drop.alarm();
    assert!(alarm.contains("a.txt: it is stored, but not moved"), "{alarm}");
    assert_eq!(drop.observations(&din(1)), 4);
    drop.looks(3);
    let messages = drop.link()["received"]["messages"].clone();
    assert_eq!(messages["stored"], 1, "it is not handed over again: {messages}");
    assert_eq!(Drop::names(&drop.folder), ["a.txt", "done", "refused"]);
    drop.drop("b.txt", e601_clean(&din(2)));
    drop.until("the next is stored", |drop| drop.observations(&din(2)) == 4);
    as_root(&["chattr", "-i", &done]);
    drop.until("both are moved", |drop| drop.in_done() == ["a.txt", "b.txt"]);
    drop.until("the alarm is over", |drop| drop.alarms().is_empty());
    assert_eq!((drop.observations(&din(1)), drop.new_messages()), (4, 2));
    drop.bench.restart();
    assert_eq!((drop.observations(&din(1)), drop.unread().len()), (4, 0));
}

#[test]
fn a_file_that_grows_after_it_was_stored_is_taken_again_with_what_is_new() {
    let drop = Drop::e601(UNMARKED);
    let done = drop.folder.join("done");
    let done = done.to_str().unwrap().to_owned();
    as_root(&["chattr", "+i", &done]);
    drop.drop("a.txt", e601_clean(&din(1)));
    drop.until("it is stored", |drop| drop.observations(&din(1)) == 4);
    let mut file = fs::OpenOptions::new().append(true).open(drop.folder.join("a.txt")).unwrap();
    file.write_all(e601_clean(&din(2)).as_bytes()).unwrap();
    drop.until("so is the rest", |drop| drop.observations(&din(2)) == 4);
    as_root(&["chattr", "-i", &done]);
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    assert_eq!((drop.observations(&din(1)), drop.new_messages()), (4, 2));
}

#[test]
fn a_store_that_takes_nothing_leaves_the_file_until_it_does() {
    let mut drop = Drop::e601(UNMARKED);
    let store = drop.bench.folder.path().join("hemogate.db");
    let (store, log) = (store.to_str().unwrap().to_owned(), store.with_extension("db-wal"));
    as_root(&["chattr", "+i", &store]);
    as_root(&["chattr", "+i", log.to_str().unwrap()]);
    drop.drop("a.txt", e601_clean(&din(1)));
    drop.looks(4);
    let left = Drop::names(&drop.folder);
    as_root(&["chattr", "-i", &store]);
    as_root(&["chattr", "-i", log.to_str().unwrap()]);
    println!("{}", drop.link());
    assert_eq!(left, ["a.txt", "done", "refused"]);
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    assert_eq!(drop.observations(&din(1)), 4);
    drop.bench.restart();
    assert_eq!(drop.observations(&din(1)), 4);
}
