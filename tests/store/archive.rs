//! A store read from its first message to its last, beside a writer.

use hemogate::domain::Assay;
use hemogate::limits;
use hemogate::store::{Archive, ArchivedMessage, Deviation};

use crate::bench::{Bench, cut, din, full_panel, message, observation, record};

fn read_all(archive: &mut Archive) -> Vec<ArchivedMessage> {
    let mut messages = Vec::new();
    loop {
        let page = archive.next_page().unwrap();
        assert!(page.len() <= limits::ARCHIVE_PAGE as usize);
        if page.is_empty() {
            return messages;
        }
        messages.extend(page);
    }
}

#[test]
fn every_message_comes_once_with_its_observations_at_a_page_and_one_past_it() {
    for count in [limits::ARCHIVE_PAGE, limits::ARCHIVE_PAGE + 1] {
        let bench = Bench::new();
        let store = bench.open();
        for number in 0..count {
            let observations = if number % 3 == 0 { Vec::new() } else { full_panel(number) };
            record(&store, message(&format!("message {number}"), observations));
        }
        let mut archive = Archive::open(&bench.path()).unwrap();
        assert_eq!(archive.last_message().unwrap(), i64::from(count));
        let messages = read_all(&mut archive);
        assert_eq!(messages.len(), count as usize);
        for (number, found) in (0..).zip(&messages) {
            assert_eq!(found.bytes, format!("message {number}").as_bytes());
            let expected = if number % 3 == 0 { Vec::new() } else { full_panel(number) };
            assert_eq!(found.observations, expected, "message {number}");
        }
    }
}

#[test]
fn what_is_written_meanwhile_comes_with_a_later_page() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("first", full_panel(1)));
    let mut archive = Archive::open(&bench.path()).unwrap();
    assert_eq!(archive.next_page().unwrap().len(), 1);
    assert!(archive.next_page().unwrap().is_empty());
    record(&store, cut("second", vec![din(2)]));
    record(&store, message("third", full_panel(3)));
    let page = archive.next_page().unwrap();
    assert_eq!(page.len(), 2);
    assert_eq!(page[0].incomplete.as_deref(), Some("the line was lost"));
    assert_eq!(page[1].observations, full_panel(3));
}

#[test]
fn a_fact_that_came_with_an_earlier_message_is_on_record() {
    let bench = Bench::new();
    let store = bench.open();
    let fact = || observation(1, Assay::Hbsag, "0.42");
    let other = || observation(1, Assay::AntiHcv, "0.05");
    record(&store, message("first", vec![fact()]));
    record(&store, message("second", vec![fact(), other()]));
    let mut archive = Archive::open(&bench.path()).unwrap();
    let messages = read_all(&mut archive);
    let same = archive.deviations(&messages[1], &[fact(), other()]).unwrap();
    assert_eq!(same, []);
    let today = observation(1, Assay::AntiHcv, "9.05");
    let deviations = archive.deviations(&messages[1], &[fact(), today.clone()]).unwrap();
    assert_eq!(deviations, [Deviation::OnlyToday(today), Deviation::OnlyOnRecord(other())]);
}

#[test]
fn nothing_and_an_empty_file_are_no_archive() {
    let bench = Bench::new();
    let path = bench.path();
    assert!(Archive::open(&path).unwrap_err().to_string().contains("hemogate.db"));
    assert!(!path.exists(), "it was created");
    std::fs::write(&path, "").unwrap();
    assert!(Archive::open(&path).unwrap_err().to_string().contains("empty"));
}
