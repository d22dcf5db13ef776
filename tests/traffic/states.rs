//! What a line's state and numbers say.

use hemogate::limits;
use hemogate::link::LinkFaultKind;
use hemogate::traffic::{LinkState, NoteKind};

use crate::bench::{at, board, notes, post};

#[test]
fn a_line_is_waiting_connected_lost_and_open_again() {
    let board = board();
    let line = post(&board, "a1");
    let state = || (line.view().state, line.view().since);
    assert_eq!(state(), (LinkState::Waiting, at(0)));
    let first = line.connected("10.0.0.1:40000", at(5));
    let second = line.connected("10.0.0.2:40000", at(6));
    assert_eq!(state(), (LinkState::Connected, at(5)));
    assert_eq!(line.view().peers.len(), 2);
    line.disconnected(first, "closed by the analyser", at(7));
    assert_eq!(state(), (LinkState::Connected, at(5)));
    line.disconnected(second, "closed by the analyser", at(8));
    assert_eq!(state(), (LinkState::Waiting, at(8)));
    assert_eq!(line.view().why.as_deref(), Some("closed by the analyser"));
    line.lost("no such device", at(9));
    line.lost("no such device", at(11));
    assert_eq!(state(), (LinkState::Lost, at(9)));
    assert_eq!(notes(&line), []);
    line.connected("/dev/ttyUSB0", at(12));
    assert_eq!(state(), (LinkState::Connected, at(12)));
    assert_eq!(line.view().why, None);
    assert_eq!(notes(&line), [NoteKind::Reopened]);
    assert_eq!(line.view().counters.reconnects, 2);
    assert_eq!(line.view().counters.connections, 3);
}

#[test]
fn an_attempt_that_fails_beside_an_open_line_does_not_make_it_lost() {
    let board = board();
    let line = post(&board, "a1");
    line.connected("10.0.0.1:1", at(1));
    line.lost("refused", at(2));
    assert_eq!(line.view().state, LinkState::Connected);
}

#[test]
fn bytes_messages_and_faults_are_counted_each_way() {
    let board = board();
    let line = post(&board, "a1");
    let connection = line.connected("10.0.0.1:1", at(1));
    line.received(connection, b"\x05", at(2));
    line.received(connection, b"frame", at(3));
    line.sent(connection, b"\x06", at(4));
    line.message(connection, "stored", at(5));
    line.message(connection, "stored", at(6));
    line.message(connection, "refused", at(7));
    line.message_sent(connection, "accepted", at(8));
    line.fault(connection, LinkFaultKind::Checksum, 6, 250, at(9));
    let view = line.view();
    assert_eq!((view.counters.bytes_received, view.counters.bytes_sent), (6, 1));
    assert_eq!(view.counters.messages_received, [("stored", 2), ("refused", 1)]);
    assert_eq!(view.counters.messages(), 3);
    assert_eq!(view.counters.messages_sent, [("accepted", 1)]);
    assert_eq!(view.counters.faults, [(LinkFaultKind::Checksum, 1)]);
    assert_eq!((view.last_received, view.last_sent), (Some(at(3)), Some(at(4))));
    assert_eq!(view.last_message, Some(at(7)));
    assert_eq!(board.numbers()[0].counters, view.counters);
}

#[test]
fn a_peer_that_comes_back_while_its_old_line_counts_as_open_is_noted() {
    let board = board();
    let line = post(&board, "a1");
    let old = line.connected("10.0.0.1:40000", at(1));
    line.connected("10.0.0.2:40000", at(2));
    assert_eq!(notes(&line), [], "another machine");
    line.connected("10.0.0.1:40001", at(60));
    assert_eq!(notes(&line), [NoteKind::HalfOpen]);
    let text = &line.view().notes[0].text;
    assert!(text.contains("10.0.0.1:40000") && text.contains("10.0.0.1:40001"), "{text}");
    line.disconnected(old, "no answer to keep-alive", at(61));
    let view = line.view();
    assert_eq!(view.peers.len(), 2);
}

#[test]
fn a_peer_that_closed_its_line_and_comes_back_is_not_noted() {
    let board = board();
    let line = post(&board, "a1");
    let old = line.connected("[::1]:40000", at(1));
    line.disconnected(old, "closed by the analyser", at(2));
    line.connected("[::1]:40001", at(3));
    assert_eq!(notes(&line), []);
}

#[test]
fn notes_are_kept_up_to_their_bound_and_all_are_counted() {
    let board = board();
    let line = post(&board, "a1");
    for number in 0..=limits::NOTES_KEPT {
        line.note(NoteKind::AnswerLate, &number.to_string(), at(1));
        let kept = line.view().notes.len();
        assert_eq!(kept, (number + 1).min(limits::NOTES_KEPT));
    }
    let view = line.view();
    assert_eq!(view.notes[0].text, "1");
    assert_eq!(view.counters.notes, [(NoteKind::AnswerLate, limits::NOTES_KEPT as u64 + 1)]);
}

#[test]
fn a_note_is_as_long_as_its_bound_and_never_ends_within_a_character() {
    let board = board();
    let line = post(&board, "a1");
    let most = limits::NOTE_MAX;
    line.note(NoteKind::AnswerLate, &"x".repeat(most), at(1));
    line.note(NoteKind::AnswerLate, &"x".repeat(most + 1), at(1));
    line.note(NoteKind::AnswerLate, &format!("{}化验", "x".repeat(most - 1)), at(1));
    let lengths: Vec<_> = line.view().notes.iter().map(|note| note.text.len()).collect();
    assert_eq!(lengths, [most, most, most - 1]);
}

#[test]
fn connections_are_listed_up_to_their_bound() {
    let board = board();
    let line = post(&board, "a1");
    for number in 0..=limits::CONNECTIONS_PER_ANALYSER {
        line.connected(&format!("10.0.{}.{}:1", number / 250, number % 250), at(1));
    }
    assert_eq!(line.view().peers.len(), limits::CONNECTIONS_PER_ANALYSER);
    assert_eq!(line.view().counters.connections, limits::CONNECTIONS_PER_ANALYSER as u64 + 1);
}

#[test]
fn posting_what_came_costs_a_line_little() {
    let board = board();
    let line = post(&board, "a1");
    let connection = line.connected("10.0.0.1:1", at(1));
    let begun = std::time::Instant::now();
    let count = 100_000;
    for _ in 0..count {
        line.received(connection, &[7; 250], at(2));
    }
    let each = begun.elapsed() / count;
    println!("{each:?} for each read of 250 bytes");
    assert!(each < std::time::Duration::from_micros(50), "{each:?}");
}
