//! Files that are still being written, and files that were cut off.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::FileExt;

use super::bench::{Drop, MARKED, UNMARKED};
use super::support::messages::{din, e601_clean};

#[test]
fn a_file_written_slowly_in_pieces_is_taken_once_and_whole() {
    for file in [MARKED, UNMARKED] {
        let drop = Drop::e601(&file.replace("settle_s = 1", "settle_s = 3"));
        let text = format!("{}\r\n[end]\r\n", e601_clean(&din(1)));
        let text = if file == MARKED { text } else { e601_clean(&din(1)) };
        let path = drop.folder.join("slow.txt");
        let mut writer = OpenOptions::new().create_new(true).append(true).open(&path).unwrap();
        for piece in text.as_bytes().chunks(text.len() / 5 + 1) {
            writer.write_all(piece).unwrap();
            assert!(drop.in_done().is_empty() && drop.new_messages() == 0, "taken too soon");
            drop.looks(1);
        }
        drop.until("it is done", |drop| drop.in_done() == ["slow.txt"]);
        assert_eq!((drop.observations(&din(1)), drop.new_messages()), (4, 1));
        assert!(drop.in_refused().is_empty());
    }
}

#[test]
fn a_file_without_its_end_is_not_taken_and_is_an_alarm_that_names_it() {
    let drop = Drop::e601(MARKED);
    drop.drop("cut.txt", e601_clean(&din(1)));
    drop.until("the alarm", |drop| drop.alarms() == ["file"]);
    let alarm = drop.alarm();
    assert!(alarm.contains("cut.txt") && alarm.contains("not \"[end]\""), "{alarm}");
    assert_eq!(drop.link()["files"]["stuck"], 1);
    let raised = r#"hemogate_link_alarm{analyser="files",kind="file"}"#;
    assert_eq!(drop.bench.metric(raised), Some(1));
    let (status, _, said) = drop.bench.links_command();
    assert!(status == Some(1) && said.contains("cut.txt"), "{said}");
    drop.drop("whole.txt", format!("{}[end]", e601_clean(&din(2))));
    drop.until("others are taken", |drop| drop.in_done() == ["whole.txt"]);
    assert_eq!(Drop::names(&drop.folder), ["cut.txt", "done", "refused"], "it stays");
    assert_eq!(drop.observations(&din(1)), 0);
    let path = drop.folder.join("cut.txt");
    OpenOptions::new().append(true).open(path).unwrap().write_all(b"[end]\r\n").unwrap();
    drop.until("it is done", |drop| drop.in_done().len() == 2);
    assert_eq!(drop.observations(&din(1)), 4);
    drop.until("the alarm is over", |drop| drop.alarms().is_empty());
    assert!(drop.notes().contains(&"file-over".to_owned()));
}

#[test]
fn an_empty_file_is_never_taken_and_is_an_alarm() {
    let drop = Drop::e601(UNMARKED);
    drop.drop("empty.txt", "\r\n");
    drop.until("the alarm", |drop| drop.alarms() == ["file"]);
    assert!(drop.alarm().contains("there is nothing in it"), "{}", drop.alarm());
    assert_eq!(drop.new_messages(), 0);
    assert_eq!(Drop::names(&drop.folder), ["done", "empty.txt", "refused"]);
}

#[test]
fn a_file_that_is_written_again_before_it_stood_still_is_taken_as_it_is_then() {
    let drop = Drop::e601("names = [\"*.txt\"]\nsettle_s = 3");
    let path = drop.folder.join("a.txt");
    std::fs::write(&path, e601_clean(&din(1))).unwrap();
    drop.looks(1);
    let second = e601_clean(&din(2));
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(second.as_bytes(), 0).unwrap();
    drop.until("it is done", |drop| drop.in_done() == ["a.txt"]);
    assert_eq!((drop.observations(&din(1)), drop.observations(&din(2))), (0, 4));
}
