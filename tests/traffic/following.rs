//! Following recent traffic: in order, without a gap that is not told, and without asking often.

use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::Wake;
use std::task::{Context, Poll, Waker};

use hemogate::limits;
use hemogate::link::LinkFaultKind;
use hemogate::traffic::{Connection, NoteKind, PieceKind};

use crate::bench::{at, board, post};

#[test]
fn everything_that_happens_is_a_piece_in_order() {
    let board = board();
    let line = post(&board, "a1");
    let connection = line.connected("10.0.0.1:1", at(1));
    line.received(connection, b"\x05", at(2));
    line.sent(connection, b"\x06", at(3));
    line.fault(connection, LinkFaultKind::Noise, 1, 3, at(4));
    line.message(connection, "stored", at(5));
    line.note(NoteKind::OrdersRefused, "three tubes", at(6));
    line.disconnected(connection, "closed by the analyser", at(7));
    let page = line.traffic(None, 100);
    let found: Vec<_> = page
        .pieces
        .iter()
        .map(|piece| (piece.seq, piece.at, piece.connection.0, piece.kind, piece.bytes.as_slice()))
        .collect();
    assert_eq!(
        found,
        [
            (1, at(1), 1, PieceKind::Opened, &b"10.0.0.1:1"[..]),
            (2, at(2), 1, PieceKind::Received, b"\x05"),
            (3, at(3), 1, PieceKind::Sent, b"\x06"),
            (4, at(4), 1, PieceKind::Fault(LinkFaultKind::Noise), b"3 bytes at byte 1"),
            (5, at(5), 1, PieceKind::Message, b"stored"),
            (6, at(6), 0, PieceKind::Note, b"three tubes"),
            (7, at(7), 1, PieceKind::Closed, b"closed by the analyser"),
        ]
    );
}

#[test]
fn whoever_follows_page_by_page_sees_every_number_once_or_is_told() {
    let board = board();
    let line = post(&board, "a1");
    let (mut next, mut seen, mut missed, mut given) = (0, 0, 0, 0_u64);
    for round in 0..20_u64 {
        for _ in 0..round * 60 {
            line.received(Connection(1), &[1; 10], at(1));
            given += 1;
        }
        let page = line.traffic(Some(next), 100);
        for (expected, piece) in (next + page.missed + 1..).zip(&page.pieces) {
            assert_eq!(piece.seq, expected);
        }
        (next, missed) = (page.next, missed + page.missed);
        seen += page.pieces.len() as u64;
    }
    let rest = line.traffic(Some(next), limits::TRAFFIC_PIECES_MAX);
    assert!(missed > 0);
    assert_eq!(seen + missed + rest.missed + rest.pieces.len() as u64, given);
}

struct Bell(mpsc::Sender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.send(()).unwrap();
    }
}

#[test]
fn who_waits_is_woken_by_the_next_piece_and_not_before() {
    let board = board();
    let line = post(&board, "a1");
    let (bell, rung) = mpsc::channel();
    let waker = Waker::from(Arc::new(Bell(bell)));
    let mut context = Context::from_waker(&waker);
    let mut more = pin!(line.more(0));
    assert_eq!(more.as_mut().poll(&mut context), Poll::Pending);
    assert_eq!(more.as_mut().poll(&mut context), Poll::Pending);
    board.check(at(1));
    assert!(rung.try_recv().is_err(), "nothing happened yet");
    line.received(Connection(1), b"x", at(2));
    rung.try_recv().unwrap();
    assert!(rung.try_recv().is_err(), "rung twice");
    assert_eq!(more.as_mut().poll(&mut context), Poll::Ready(()));
    let mut late = pin!(line.more(0));
    assert_eq!(late.as_mut().poll(&mut context), Poll::Ready(()), "there is something already");
}

#[test]
fn who_no_longer_waits_leaves_nothing_behind() {
    let board = board();
    let line = post(&board, "a1");
    let (bell, rung) = mpsc::channel();
    let waker = Waker::from(Arc::new(Bell(bell)));
    {
        let mut more = pin!(line.more(0));
        assert_eq!(more.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
    }
    line.received(Connection(1), b"x", at(2));
    assert!(rung.try_recv().is_err());
    drop(waker);
    assert!(rung.recv().is_err(), "its waker is still held");
}
