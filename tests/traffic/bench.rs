//! A board with a made-up clock.

use std::sync::Arc;
use std::time::Duration;

use hemogate::link::{At, Moment};
use hemogate::traffic::{Board, NoteKind, Post, PostInfo};

pub fn at(seconds: u64) -> At {
    let moment = Moment::after(Duration::from_secs(seconds));
    let utc = jiff::Timestamp::from_second(1_790_000_000 + seconds as i64).unwrap();
    At { moment, utc }
}

pub fn board() -> Board {
    Board::new(at(0))
}

pub fn info(analyser: &str) -> PostInfo {
    PostInfo {
        analyser: analyser.to_owned(),
        profile: "roche-cobas-e601".to_owned(),
        line: "TCP, listening on 0.0.0.0:5001".to_owned(),
        silence_after: None,
        instrument: None,
    }
}

pub fn post(board: &Board, analyser: &str) -> Arc<Post> {
    board.post(info(analyser))
}

pub fn with_instrument(board: &Board, analyser: &str, instrument: &str) -> Arc<Post> {
    board.post(PostInfo { instrument: Some(instrument.to_owned()), ..info(analyser) })
}

pub fn with_silence(board: &Board, analyser: &str, seconds: u64) -> Arc<Post> {
    let silence_after = Some(Duration::from_secs(seconds));
    board.post(PostInfo { silence_after, ..info(analyser) })
}

pub fn notes(post: &Post) -> Vec<NoteKind> {
    post.view().notes.iter().map(|note| note.kind).collect()
}
