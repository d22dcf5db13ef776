//! Files dropped whole: stored, then moved; never deleted, never written over, never stored twice.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use hemogate::limits;

use super::bench::{Drop, MARKED, UNMARKED};
use super::support::messages::{din, e601, e601_clean, registration};

fn marked(din: &str) -> String {
    format!("{}[end]\r\n", e601_clean(din))
}

#[test]
fn a_file_is_stored_and_then_moved_to_done_as_it_was() {
    let drop = Drop::e601(MARKED);
    drop.bench.daemon.register(&registration(&din(1)));
    drop.drop("a.txt", marked(&din(1)));
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    assert_eq!(drop.observations(&din(1)), 4, "it was stored before it was moved");
    assert_eq!(fs::read_to_string(drop.done("a.txt")).unwrap(), marked(&din(1)));
    assert_eq!(Drop::names(&drop.folder), ["done", "refused"]);
    assert!(drop.in_refused().is_empty() && drop.unread().is_empty());
}

#[test]
fn a_file_dropped_twice_is_one_message_and_both_are_done() {
    let drop = Drop::e601(MARKED);
    for name in ["a.txt", "b.txt"] {
        drop.drop(name, marked(&din(1)));
    }
    drop.until("both are done", |drop| drop.in_done() == ["a.txt", "b.txt"]);
    assert_eq!((drop.observations(&din(1)), drop.new_messages()), (4, 1));
}

#[test]
fn a_name_that_comes_again_writes_over_nothing() {
    let drop = Drop::e601(MARKED);
    for number in 1..=3 {
        drop.drop("RESULT.TXT", marked(&din(number)));
        let count = number as usize;
        drop.until("one more is done", |drop| drop.in_done().len() == count);
    }
    let names = drop.in_done();
    assert_eq!(names[0], "RESULT.TXT");
    assert!(names[1..].iter().all(|name| name.starts_with("RESULT.TXT.20")), "{names:?}");
    let mut kept: Vec<_> =
        names.iter().map(|name| fs::read_to_string(drop.done(name)).unwrap()).collect();
    kept.sort();
    assert_eq!(kept, [1, 2, 3].map(|number| marked(&din(number))));
    assert!((1..=3).all(|number| drop.observations(&din(number)) == 4));
}

#[test]
fn what_cannot_be_read_is_stored_as_evidence_and_refused_with_the_reason() {
    let drop = Drop::e601(UNMARKED);
    drop.drop("garbage.txt", "WANG MEIHUA 0.731555\r\n\x7f\x00\x00\r\n");
    drop.until("it is refused", |drop| drop.in_refused().len() == 2);
    assert_eq!(drop.in_refused(), ["garbage.txt", "garbage.txt.why.txt"]);
    let why = fs::read_to_string(drop.refused("garbage.txt.why.txt")).unwrap();
    assert!(why.contains("is stored but could not be read completely: byte 0"), "{why}");
    assert!(!why.contains("WANG") && !why.contains("731555"), "{why}");
    assert_eq!(drop.unread().len(), 1);
    assert_eq!(drop.notes().last().unwrap(), "file-refused");
    assert!(drop.alarms().is_empty(), "nothing waits for anybody");
    drop.drop("garbage.txt", "another\r\n");
    drop.until("so is the next", |drop| drop.in_refused().len() == 4);
    let first = fs::read_to_string(drop.refused("garbage.txt")).unwrap();
    assert!(first.starts_with("WANG"), "nothing is written over");
}

#[test]
fn a_file_of_which_a_part_could_not_be_read_keeps_its_results_and_is_refused() {
    let drop = Drop::e601(MARKED);
    let text = e601(&din(1), 286, -1, "0.035", "20260105115617").replace("R|1|", "Z|9|x\rR|1|");
    drop.drop("a.txt", format!("{text}[end]\r\n"));
    drop.until("it is refused", |drop| drop.in_refused().len() == 2);
    assert_eq!(drop.observations(&din(1)), 1);
    assert_eq!(drop.unread().len(), 1);
}

#[test]
fn names_and_kinds_that_are_not_results_are_left_alone_and_shown() {
    let drop = Drop::e601(MARKED);
    let outside = drop.bench.folder.path().join("outside.txt");
    fs::write(&outside, marked(&din(9))).unwrap();
    fs::create_dir(drop.folder.join("folder.txt")).unwrap();
    fs::write(drop.folder.join("folder.txt").join("in.txt"), marked(&din(9))).unwrap();
    symlink(&outside, drop.folder.join("link.txt")).unwrap();
    let pipe = drop.folder.join("pipe.txt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for name in [".hidden.txt", "~lock.txt", "a.txt.tmp", "a.txt.part", "a.pdf", "a.why.txt"] {
        fs::write(drop.folder.join(name), marked(&din(9))).unwrap();
    }
    let before = Drop::names(&drop.folder);
    drop.until("they are counted", |drop| drop.link()["files"]["left_alone"] == 9);
    drop.drop("real.txt", marked(&din(1)));
    drop.until("what is one is taken", |drop| drop.in_done() == ["real.txt"]);
    assert_eq!(Drop::names(&drop.folder), before);
    assert_eq!((drop.observations(&din(9)), drop.observations(&din(1))), (0, 4));
    let left = drop.bench.metric(r#"hemogate_link_files{analyser="files",kind="left-alone"}"#);
    assert_eq!(left, Some(9));
    let (status, table, _) = drop.bench.links_command();
    assert_eq!(status, Some(0));
    assert!(table.contains("connected, 9 left alone"), "{table}");
}

#[test]
fn a_file_longer_than_the_bound_is_refused_and_one_at_the_bound_is_taken() {
    let drop = Drop::e601("names = [\"*.txt\"]\nsettle_s = 1");
    let whole = |length: usize| {
        let mut text = e601_clean(&din(1)).into_bytes();
        text.resize(length, b'\n');
        text
    };
    drop.drop("at.txt", whole(limits::FILE_MAX));
    drop.drop("past.txt", whole(limits::FILE_MAX + 1));
    drop.until("both are dealt with", |drop| {
        drop.in_done() == ["at.txt"] && drop.in_refused().len() == 2
    });
    let why = fs::read_to_string(drop.refused("past.txt.why.txt")).unwrap();
    let told = format!("analyser files, file past.txt: longer than {} bytes", limits::FILE_MAX);
    assert!(why.starts_with(&told), "{why}");
    assert_eq!(drop.new_messages(), 1);
    assert_eq!(drop.notes().last().unwrap(), "file-refused");
}

#[test]
fn five_hundred_files_at_once_are_all_stored_once() {
    let drop = Drop::e601(MARKED);
    for number in 0..500 {
        drop.drop(&format!("{number:03}.txt"), marked(&din(number)));
    }
    let begun = Instant::now();
    drop.until("all are done", |drop| drop.in_done().len() == 500);
    println!("500 files in {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!((0..500).all(|number| drop.observations(&din(number)) == 4));
    assert_eq!(drop.new_messages(), 500);
}

#[test]
fn files_are_taken_in_the_order_in_which_they_were_written() {
    let drop = Drop::e601(MARKED);
    for (age_s, name) in [(0, "a.txt"), (20, "z.txt"), (10, "m.txt")] {
        let aside = drop.bench.folder.path().join(name);
        fs::write(&aside, marked(&din(age_s))).unwrap();
        let written = fs::metadata(&aside).unwrap().modified().unwrap();
        let written = written - Duration::from_secs(u64::from(age_s));
        fs::File::options().append(true).open(&aside).unwrap().set_modified(written).unwrap();
        fs::rename(&aside, drop.folder.join(name)).unwrap();
    }
    drop.until("all are done", |drop| drop.in_done().len() == 3);
    let (_, traffic) = drop.bench.daemon.get("/api/v1/links/files/traffic?limit=500");
    let pieces = traffic["pieces"].as_array().unwrap();
    let opened = pieces.iter().filter(|piece| piece["kind"] == "opened");
    let opened: Vec<_> = opened.map(|piece| piece["text"].as_str().unwrap()).collect();
    assert_eq!(opened[1..], ["file z.txt", "file m.txt", "file a.txt"]);
}
