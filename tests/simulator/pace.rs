//! A line at a true baud pace takes as long as a line would, over a pseudo-terminal and back.

use std::time::Duration;

use hemogate::clock;
use hemogate::simulator::{Paced, Tempo, line_time};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::SerialStream;

/// How long 240 characters take to arrive, and a reply of one to come back.
async fn measured(baud: u32) -> (Duration, Duration) {
    let (ours, mut theirs) = SerialStream::pair().unwrap();
    let mut ours = Paced::new(ours, baud, Tempo::real(clock::moment));
    let text = [b'7'; 240];
    let begins = clock::moment();
    let host = tokio::spawn(async move {
        let mut heard = [0; 240];
        theirs.read_exact(&mut heard).await.unwrap();
        let arrived = clock::moment();
        theirs.write_all(b"\x06").await.unwrap();
        (heard, arrived, theirs)
    });
    ours.write_all(&text).await.unwrap();
    ours.flush().await.unwrap();
    assert_eq!(ours.read_u8().await.unwrap(), 6);
    let over = clock::moment();
    let (heard, arrived, _theirs) = host.await.unwrap();
    assert_eq!(heard, text);
    let since = |moment: hemogate::link::Moment| moment.since_start() - begins.since_start();
    (since(arrived), since(over))
}

#[tokio::test]
async fn a_frame_and_its_reply_take_their_time_and_hardly_more() {
    for baud in [9_600, 115_200] {
        let must = line_time(baud, 241);
        let enough = must + Duration::from_millis(5);
        let mut best = Duration::MAX;
        // The machine may be busy with other tests; the line is not to blame for that.
        for _ in 0..50 {
            let (arrived, over) = measured(baud).await;
            assert!(arrived >= line_time(baud, 240), "{baud}: {arrived:?} is too fast");
            assert!(over >= line_time(baud, 241), "{baud}: {over:?} is too fast");
            best = best.min(over);
            if best < enough {
                break;
            }
        }
        println!("{baud} baud: {best:?} of which the line {must:?}");
        assert!(best < enough, "{baud}: {best:?} of {must:?}");
    }
}

#[tokio::test]
async fn what_is_written_in_pieces_takes_no_less_than_at_once() {
    let (ours, mut theirs) = tokio::io::duplex(1_024);
    let mut ours = Paced::new(ours, 9_600, Tempo::real(clock::moment));
    let begins = clock::moment();
    for _ in 0..30 {
        ours.write_all(b"ab").await.unwrap();
    }
    ours.flush().await.unwrap();
    let took = clock::moment().since_start() - begins.since_start();
    assert!(took >= line_time(9_600, 60), "{took:?}");
    let mut heard = [0; 60];
    theirs.read_exact(&mut heard).await.unwrap();
    assert_eq!(heard, *b"ab".repeat(30));
}

#[tokio::test]
async fn in_a_hurry_the_line_is_as_many_times_as_fast() {
    let (ours, mut theirs) = tokio::io::duplex(1_024);
    let tempo = Tempo::hasty(clock::moment, 100);
    let mut ours = Paced::new(ours, 300, tempo);
    let begins = clock::moment();
    ours.write_all(&[b'x'; 30]).await.unwrap();
    ours.flush().await.unwrap();
    let took = clock::moment().since_start() - begins.since_start();
    assert!(took >= line_time(300, 30) / 100, "{took:?}");
    assert!(took < line_time(300, 30) / 2, "{took:?}");
    theirs.read_exact(&mut [0; 30]).await.unwrap();
}
