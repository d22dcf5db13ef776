//! The player over real lines, towards the receiving ends that the daemon uses.

use std::time::Duration;

use hemogate::clock;
use hemogate::codec::block::Parameters;
use hemogate::limits::SEND_ATTEMPTS_MAX;
use hemogate::link::bare::{Envelope, Records};
use hemogate::link::{Answer, Deadline, Event, Link, block, lis01, mllp};
use hemogate::simulator::{Failed, Line, Model, Morning, Player, Progress, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_serial::SerialStream;

/// A host on one line: answers each message in turn, and returns what it stored.
pub(crate) async fn host(
    line: Line,
    model: Model,
    answers: impl FnMut() -> Option<Answer> + Send,
) -> Vec<Vec<u8>> {
    host_of(line, receiving(model.wire()), answers).await
}

/// The same with this end of the line.
pub(crate) async fn host_of<L: Link + ?Sized>(
    mut line: Line,
    mut link: Box<L>,
    mut answers: impl FnMut() -> Option<Answer> + Send,
) -> Vec<Vec<u8>> {
    let mut stored = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        while let Some(bytes) = link.transmit() {
            if line.write_all(&bytes).await.is_err() {
                return stored;
            }
        }
        if let Some(event) = link.event() {
            let Event::Message { token, bytes } = event else { continue };
            let Some(answer) = answers() else { return stored };
            if answer == Answer::Stored {
                stored.push(bytes);
            }
            link.answer(clock::moment(), token, answer);
            continue;
        }
        tokio::select! {
            read = line.read(&mut buffer) => match read {
                Ok(0) | Err(_) => return stored,
                Ok(length) => link.receive(clock::moment(), &buffer[..length]),
            },
            () = due(link.deadline()) => link.expire(clock::moment()),
        }
    }
}

/// The receiving end of this wire.
pub(crate) fn receiving(wire: Wire) -> Box<dyn Link> {
    match wire {
        Wire::Lis01 => Box::new(lis01::Receiver::new()),
        Wire::Records | Wire::Files => {
            Box::new(Records::new(Envelope::None, Duration::from_secs(10)))
        }
        Wire::Mllp => Box::new(mllp::Receiver::new(|| "20260302120000".to_owned())),
        Wire::Blocks(protocol) => block::open(&Parameters::usual(protocol), block::Role::Host),
    }
}

/// Waits until the next timer of a link has run out; for ever where none runs.
pub(crate) async fn due(deadline: Option<Deadline>) {
    match deadline {
        Some(deadline) => {
            let now = clock::moment().since_start();
            tokio::time::sleep(deadline.at.since_start().saturating_sub(now)).await;
        }
        None => std::future::pending().await,
    }
}

async fn tcp() -> (Line, Line) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
    (Box::new(ours.unwrap()), Box::new(theirs.unwrap().0))
}

fn pseudo_terminal() -> (Line, Line) {
    let (ours, theirs) = SerialStream::pair().unwrap();
    (Box::new(ours), Box::new(theirs))
}

fn messages_of(model: Model, donations: usize) -> Vec<Vec<u8>> {
    let numbers =
        hemogate::simulator::donation_numbers(&mut fastrand::Rng::with_seed(5), donations);
    let morning = Morning::at_one_analyser(model, 5, numbers);
    morning.sessions().flat_map(|session| session.messages.clone()).collect()
}

async fn play(
    (ours, theirs): (Line, Line),
    model: Model,
    messages: &[Vec<u8>],
    answers: impl FnMut() -> Option<Answer> + Send + 'static,
) -> (Vec<Failed>, Vec<Progress>, Vec<Vec<u8>>) {
    let host: JoinHandle<_> = tokio::spawn(host(theirs, model, answers));
    let mut progress = Vec::new();
    let mut player = Player::of(model, ours, clock::moment);
    let failed = player.play(messages, &mut |said| progress.push(said)).await;
    drop(player);
    (failed, progress, host.await.unwrap())
}

#[tokio::test]
async fn every_model_delivers_exactly_its_messages_over_tcp_and_over_a_pseudo_terminal() {
    for model in Model::ALL {
        // Between two texts of a block protocol lie seconds.
        let donations = if matches!(model.wire(), Wire::Blocks(_)) { 2 } else { 8 };
        let messages = messages_of(model, donations);
        for line in [tcp().await, pseudo_terminal()] {
            let always = || Some(Answer::Stored);
            let (failed, progress, stored) = play(line, model, &messages, always).await;
            assert_eq!(failed, []);
            let expected: Vec<Progress> = (0..messages.len()).map(Progress::Acknowledged).collect();
            assert_eq!(progress, expected, "{model:?}");
            assert_eq!(stored, messages, "{model:?}");
        }
    }
}

#[tokio::test]
async fn a_message_refused_one_time_less_than_the_bound_is_delivered_one_time_more_and_it_fails() {
    for (refusals, delivered) in [(SEND_ATTEMPTS_MAX - 1, true), (SEND_ATTEMPTS_MAX, false)] {
        let messages = messages_of(Model::MindrayBs, 1);
        let first = messages.get(..1).unwrap();
        let mut left = refusals;
        let answers = move || {
            let refused = Answer::Refused("disk full".to_owned());
            left = left.checked_sub(1)?;
            Some(refused)
        };
        let mut answers = answers;
        let answers = move || answers().or(Some(Answer::Stored));
        let (failed, progress, stored) = play(tcp().await, Model::MindrayBs, first, answers).await;
        assert_eq!(failed.is_empty(), delivered, "{failed:?}");
        assert_eq!(stored.len(), usize::from(delivered));
        let again = progress.iter().filter(|p| matches!(p, Progress::SentAgain { .. })).count();
        assert_eq!(again, usize::try_from(SEND_ATTEMPTS_MAX - 1).unwrap());
    }
}

#[tokio::test]
async fn what_the_host_cannot_read_is_not_sent_again() {
    let messages = messages_of(Model::Cobas6800, 1);
    let answers = || Some(Answer::StoredUnread("what is this".to_owned()));
    let (failed, progress, _) = play(tcp().await, Model::Cobas6800, &messages[..1], answers).await;
    assert_eq!(failed.len(), 1);
    assert!(failed[0].why.starts_with("AE"), "{failed:?}");
    assert_eq!(progress, []);
}

#[tokio::test]
async fn a_host_that_hangs_up_fails_the_rest_of_the_session() {
    for model in [Model::Architect, Model::MindrayBs] {
        let messages = messages_of(model, 3);
        let mut left = 2_u32;
        let answers = move || {
            left = left.checked_sub(1)?;
            Some(Answer::Stored)
        };
        let (failed, progress, stored) = play(tcp().await, model, &messages, answers).await;
        assert_eq!(stored, messages[..2]);
        assert_eq!(progress, [Progress::Acknowledged(0), Progress::Acknowledged(1)]);
        let rest: Vec<usize> = failed.iter().map(|failed| failed.message).collect();
        assert_eq!(rest, (2..messages.len()).collect::<Vec<_>>(), "{model:?}");
        assert!(failed.iter().all(|failed| failed.why.contains("lost")), "{failed:?}");
    }
}
