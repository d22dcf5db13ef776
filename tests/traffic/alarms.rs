//! Alarms are raised once, cleared once, and say what to do.

use hemogate::limits;
use hemogate::traffic::{AlarmKind, NoteKind, Post};

use crate::bench::{at, board, notes, post, with_instrument, with_silence};

fn alarms(post: &Post) -> Vec<AlarmKind> {
    post.view().alarms.iter().map(|alarm| alarm.kind).collect()
}

#[test]
fn silence_is_an_alarm_at_its_time_once_and_over_with_the_first_byte() {
    let board = board();
    let line = with_silence(&board, "a1", 60);
    let connection = line.connected("10.0.0.1:1", at(1));
    line.received(connection, b"\x05", at(10));
    board.check(at(69));
    assert_eq!(alarms(&line), []);
    for second in 70..80 {
        board.check(at(second));
    }
    assert_eq!(alarms(&line), [AlarmKind::Silence]);
    assert_eq!(notes(&line), [NoteKind::Silence]);
    let alarm = &line.view().alarms[0];
    assert_eq!(alarm.since, at(70));
    assert!(alarm.text.contains("a1") && alarm.text.contains("60 s"), "{}", alarm.text);
    line.sent(connection, b"\x05", at(80));
    assert_eq!(alarms(&line), [AlarmKind::Silence], "what we send is no sign of life");
    line.received(connection, b"\x06", at(81));
    assert_eq!(alarms(&line), []);
    board.check(at(82));
    line.received(connection, b"\x06", at(83));
    assert_eq!(notes(&line), [NoteKind::Silence, NoteKind::SilenceOver]);
    board.check(at(143));
    assert_eq!(alarms(&line), [AlarmKind::Silence], "again, later");
}

#[test]
fn an_analyser_that_never_came_is_silent_too() {
    let board = board();
    let line = with_silence(&board, "a1", 60);
    board.check(at(59));
    assert_eq!(alarms(&line), []);
    board.check(at(60));
    assert_eq!(alarms(&line), [AlarmKind::Silence]);
}

#[test]
fn where_no_time_is_set_silence_is_none() {
    let board = board();
    let line = post(&board, "a1");
    board.check(at(1_000_000));
    assert_eq!(alarms(&line), []);
}

#[test]
fn fm_04_one_instrument_on_two_lines_is_an_alarm_on_both_that_names_the_other() {
    let board = board();
    let serial = with_instrument(&board, "e601-serial", "e601");
    let tcp = with_instrument(&board, "e601-tcp", "e601");
    let other = with_instrument(&board, "alt", "bs-480");
    let (a, b, c) = (
        serial.connected("/dev/ttyS0", at(1)),
        tcp.connected("10.0.0.1:1", at(1)),
        other.connected("10.0.0.2:1", at(1)),
    );
    serial.message(a, "stored", at(10));
    other.message(c, "stored", at(10));
    assert_eq!(alarms(&serial), []);
    tcp.message(b, "stored", at(11));
    board.check(at(12));
    board.check(at(13));
    tcp.message(b, "stored", at(14));
    assert_eq!(alarms(&serial), [AlarmKind::TwoLines]);
    assert_eq!(alarms(&tcp), [AlarmKind::TwoLines]);
    assert_eq!(alarms(&other), []);
    assert!(serial.view().alarms[0].text.contains("e601-tcp"));
    assert!(tcp.view().alarms[0].text.contains("e601-serial"));
    assert_eq!(notes(&serial), [NoteKind::TwoLines]);
    assert_eq!(notes(&tcp), [NoteKind::TwoLines]);
    let over = 10 + limits::TWO_LINES_WINDOW.as_secs();
    board.check(at(over - 1));
    assert_eq!(alarms(&tcp), [AlarmKind::TwoLines], "within the window");
    board.check(at(over));
    board.check(at(over + 1));
    assert_eq!((alarms(&serial), alarms(&tcp)), (vec![], vec![]));
    assert_eq!(notes(&serial), [NoteKind::TwoLines, NoteKind::TwoLinesOver]);
}

#[test]
fn fm_04_two_messages_a_window_apart_are_no_alarm_and_within_it_they_are() {
    for (apart, expected) in [(limits::TWO_LINES_WINDOW.as_secs(), 0), (119, 1)] {
        let board = board();
        let serial = with_instrument(&board, "serial", "e601");
        let tcp = with_instrument(&board, "tcp", "e601");
        serial.message(serial.connected("/dev/ttyS0", at(1)), "stored", at(10));
        tcp.message(tcp.connected("10.0.0.1:1", at(1)), "stored", at(10 + apart));
        assert_eq!(alarms(&tcp).len(), expected, "{apart} s apart");
    }
}

#[test]
fn fm_04_two_open_connections_of_one_instrument_that_both_deliver_are_an_alarm() {
    let board = board();
    let line = with_instrument(&board, "a1", "e601");
    let first = line.connected("10.0.0.1:1", at(1));
    let second = line.connected("10.0.0.9:1", at(1));
    line.message(first, "stored", at(10));
    assert_eq!(alarms(&line), []);
    line.message(second, "stored", at(11));
    assert_eq!(alarms(&line), [AlarmKind::TwoLines]);
    line.disconnected(first, "closed by the analyser", at(12));
    board.check(at(13));
    assert_eq!(alarms(&line), []);
}

#[test]
fn an_instrument_that_connects_anew_for_each_message_is_on_one_line() {
    let board = board();
    let line = with_instrument(&board, "a1", "e601");
    for second in 1..20 {
        let connection = line.connected("10.0.0.1:1", at(second));
        line.message(connection, "stored", at(second));
        line.disconnected(connection, "closed by the analyser", at(second));
    }
    board.check(at(20));
    assert_eq!(notes(&line), []);
}

#[test]
fn two_connections_are_expected_where_no_instrument_is_named() {
    let board = board();
    let line = post(&board, "a1");
    let (first, second) =
        (line.connected("10.0.0.1:1", at(1)), line.connected("10.0.0.2:1", at(1)));
    line.message(first, "stored", at(2));
    line.message(second, "stored", at(2));
    board.check(at(3));
    assert_eq!(alarms(&line), []);
}

#[test]
fn an_alarm_of_the_session_is_told_again_when_its_words_change_and_is_over_once() {
    let board = board();
    let line = post(&board, "a1");
    line.alarm_over(AlarmKind::File, at(1));
    line.alarm(AlarmKind::File, "one file", at(2));
    line.alarm(AlarmKind::File, "one file", at(3));
    line.alarm(AlarmKind::Folder, "no folder", at(4));
    line.alarm(AlarmKind::File, "two files", at(5));
    assert_eq!(alarms(&line), [AlarmKind::File, AlarmKind::Folder]);
    let alarm = line.view().alarms[0].clone();
    assert_eq!((alarm.text.as_str(), alarm.since), ("two files", at(2)));
    line.alarm_over(AlarmKind::File, at(6));
    line.alarm_over(AlarmKind::File, at(7));
    assert_eq!(alarms(&line), [AlarmKind::Folder]);
    let told = [NoteKind::File, NoteKind::Folder, NoteKind::File, NoteKind::FileOver];
    assert_eq!(notes(&line), told);
}
