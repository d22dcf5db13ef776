//! The model: two ends, two directions of a line, owners that answer as they like, and time.
//!
//! Time stands still while anything is under way, and otherwise jumps to the next timer: the
//! standard's timers are seconds, a line's delays are milliseconds. Where that is not so (an
//! owner who thinks longer than the peer waits, bytes that a timer overtakes), it costs from a
//! budget of its own. States are compared by what the machines hold, moments counted from now and
//! places in the stream left out.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::time::Duration;

use hemogate::link::{Answer, Moment};
use stateright::{Model, Property};

use crate::damage::damaged;
use crate::side::{Account, After, Broken, End, Seen, Side};

/// How much may go wrong in one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    /// Transmissions that are lost.
    pub lost: bool,
    /// Transmissions of which a byte is changed or lost.
    pub corrupted: bool,
    /// Transmissions from the right that arrive twice, in one read.
    pub doubled_left: bool,
    /// Transmissions from the left that arrive twice, in one read.
    pub doubled_right: bool,
    /// Transmissions from the right that arrive twice, in two reads.
    pub repeated_left: bool,
    /// Transmissions from the left that arrive twice, in two reads.
    pub repeated_right: bool,
    /// So many of these harms in one run.
    pub harms: u8,
    /// Timers that run out while bytes are under way.
    pub overtaken: u8,
    /// Timers that run out while an answer is owed.
    pub late: u8,
    /// Messages that are refused.
    pub refusals: u8,
    /// Messages that are handed over again after they were given up.
    pub again: u8,
    /// Times that the left end is switched off and on: what was under way is gone.
    pub restarts: u8,
    /// Times that the connection is lost and made again.
    pub reconnects: u8,
    /// Transmissions that arrive in two pieces, with anything in between.
    pub pieces: u8,
}

/// From which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum From {
    Left,
    Right,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    HandOver(From, usize),
    Deliver(From),
    /// The first half of what is under way arrives.
    DeliverHalf(From),
    Lose(From),
    /// Which of the ways of [`damaged`].
    Corrupt(From, usize),
    Double(From),
    Repeat(From),
    Store(From),
    Refuse(From),
    /// The next timer runs out.
    Wait,
    /// The left end begins anew.
    Restart,
    Reconnect,
}

/// Everything there is at one moment.
#[derive(Clone, Debug)]
pub struct State<A, B> {
    pub left: Side<A>,
    pub right: Side<B>,
    pub rightwards: VecDeque<Vec<u8>>,
    pub leftwards: VecDeque<Vec<u8>>,
    pub budget: Budget,
    pub now: Moment,
    pub key: u64,
}

impl<A, B> Hash for State<A, B> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.key.hash(hasher);
    }
}

impl<A, B> PartialEq for State<A, B> {
    fn eq(&self, other: &State<A, B>) -> bool {
        self.key == other.key
    }
}

/// What is explored.
pub struct Line<A, B> {
    pub left: A,
    pub right: B,
    /// What each end sends.
    pub from_left: Vec<Vec<u8>>,
    pub from_right: Vec<Vec<u8>>,
    pub budget: Budget,
    /// Whether an end at rest would begin anew.
    pub left_neutral: fn(&A) -> bool,
    pub right_neutral: fn(&B) -> bool,
    /// Whether acceptance means storage: left out where the standard has no means to tell.
    pub accepted_is_stored: bool,
    /// Whether an end that owes an answer has nothing else to say: one end speaks at a time.
    pub in_turns: bool,
    /// Whether what arrives again is always known to.
    pub once: bool,
    /// Whether the right end speaks only when it is asked: what it has to say may wait for ever.
    pub right_waits: bool,
    /// How long a run may last, for lines on which nobody has a reason to wait longer.
    pub patience: Duration,
    pub seen: Mutex<Seen>,
}

impl<A: End, B: End> Line<A, B> {
    /// Drains both ends after a step, and makes the state comparable.
    fn settle(&self, mut state: State<A, B>, action: Option<Action>) -> State<A, B> {
        let seen = &mut *self.seen.lock().unwrap();
        let after = |at| match action {
            Some(Action::Store(by) | Action::Refuse(by)) if by == at => After::Answer,
            Some(Action::Reconnect) => After::LineLost,
            Some(Action::Restart) if at == From::Left => After::LineLost,
            _ => After::Other,
        };
        let said = state.left.drain(&self.from_right, after(From::Left), seen);
        state.rightwards.extend(said);
        let said = state.right.drain(&self.from_left, after(From::Right), seen);
        state.leftwards.extend(said);
        for which in std::mem::take(&mut state.left.kept) {
            state.right.accounts[which].stored += 1;
        }
        for which in std::mem::take(&mut state.right.kept) {
            state.left.accounts[which].stored += 1;
        }
        seen.stored_again += u64::from(stored_again(&state));
        state.key = state.key();
        state
    }

    /// Takes the next transmission off the line; `None` when the budget does not allow it.
    fn take(&self, state: &mut State<A, B>, from: From) -> Option<Vec<u8>> {
        state.line(from).pop_front()
    }

    fn arrive(&self, state: &mut State<A, B>, from: From, bytes: &[u8]) {
        let now = state.now;
        match from {
            From::Left => state.right.link.receive(now, bytes),
            From::Right => state.left.link.receive(now, bytes),
        }
    }

    fn answer(&self, state: &mut State<A, B>, at: From, answer: Answer) {
        let now = state.now;
        let (stored, accounts) = match at {
            From::Left => (state.left.answer(now, answer), &mut state.right.accounts),
            From::Right => (state.right.answer(now, answer), &mut state.left.accounts),
        };
        if let Some(which) = stored {
            accounts[which].stored += 1;
        }
    }

    fn hand_over(&self, state: &mut State<A, B>, from: From, which: usize) {
        let again = |account: &Account| u8::from(account.handed_over > 0);
        let now = state.now;
        match from {
            From::Left => {
                state.budget.again -= again(&state.left.accounts[which]);
                state.left.hand_over(now, which, self.from_left[which].clone());
            }
            From::Right => {
                state.budget.again -= again(&state.right.accounts[which]);
                state.right.hand_over(now, which, self.from_right[which].clone());
            }
        }
    }

    fn wait(&self, state: &mut State<A, B>) {
        if state.owes() {
            state.budget.late -= 1;
        } else if !state.is_quiet() {
            state.budget.overtaken -= 1;
        }
        let Some(next) = state.next_timer() else { return };
        state.now = state.now.max(next);
        state.left.link.expire(state.now);
        state.right.link.expire(state.now);
    }

    /// What is under way is lost with the connection.
    fn reconnect(&self, state: &mut State<A, B>) {
        let now = state.now;
        state.rightwards.clear();
        state.leftwards.clear();
        state.left.link.disconnect(now);
        state.right.link.disconnect(now);
        state.left.owed = None;
        state.right.owed = None;
    }

    fn harm_actions(&self, state: &State<A, B>, from: From, actions: &mut Vec<Action>) {
        let budget = state.budget;
        let Some(front) = state.peek(from) else { return };
        if budget.harms == 0 {
            return;
        }
        if budget.lost {
            actions.push(Action::Lose(from));
        }
        if budget.corrupted {
            let ways = damaged(front).len();
            actions.extend((0..ways).map(|way| Action::Corrupt(from, way)));
        }
        let (doubled, repeated) = match from {
            From::Left => (budget.doubled_right, budget.repeated_right),
            From::Right => (budget.doubled_left, budget.repeated_left),
        };
        if doubled {
            actions.push(Action::Double(from));
        }
        if repeated {
            actions.push(Action::Repeat(from));
        }
    }

    fn owner_actions(&self, state: &State<A, B>, actions: &mut Vec<Action>) {
        let owed = [(From::Left, state.left.owed), (From::Right, state.right.owed)];
        for (at, _) in owed.into_iter().filter(|(_, owed)| owed.is_some()) {
            actions.push(Action::Store(at));
            if state.budget.refusals > 0 {
                actions.push(Action::Refuse(at));
            }
        }
        let accounts = [(From::Left, &state.left.accounts), (From::Right, &state.right.accounts)];
        for (from, accounts) in accounts {
            let fresh = accounts.iter().position(|account| account.handed_over == 0);
            actions.extend(fresh.map(|which| Action::HandOver(from, which)));
            for (which, account) in accounts.iter().enumerate() {
                let given_up = account.handed_over > 0 && account.accepted == 0;
                if state.budget.again > 0 && given_up && account.given_up == account.handed_over {
                    actions.push(Action::HandOver(from, which));
                }
            }
        }
    }
}

impl<A: End, B: End> Model for Line<A, B> {
    type State = State<A, B>;
    type Action = Action;

    fn init_states(&self) -> Vec<State<A, B>> {
        let state = State {
            left: Side::new(self.left.clone(), self.from_left.len()),
            right: Side::new(self.right.clone(), self.from_right.len()),
            rightwards: VecDeque::new(),
            leftwards: VecDeque::new(),
            budget: self.budget,
            now: Moment::default(),
            key: 0,
        };
        vec![self.settle(state, None)]
    }

    fn actions(&self, state: &State<A, B>, actions: &mut Vec<Action>) {
        if state.must_close() {
            return actions.push(Action::Reconnect);
        }
        self.owner_actions(state, actions);
        for from in [From::Left, From::Right] {
            if let Some(front) = state.peek(from) {
                actions.push(Action::Deliver(from));
                if state.budget.pieces > 0 && front.len() > 1 {
                    actions.push(Action::DeliverHalf(from));
                }
                self.harm_actions(state, from, actions);
            }
        }
        let may_wait = match (state.owes(), state.is_quiet()) {
            (false, true) => true,
            (true, true) => state.budget.late > 0,
            (false, false) => state.budget.overtaken > 0,
            (true, false) => false,
        };
        if may_wait && state.next_timer().is_some() {
            actions.push(Action::Wait);
        }
        if state.budget.restarts > 0 {
            actions.push(Action::Restart);
        }
        if state.budget.reconnects > 0 {
            actions.push(Action::Reconnect);
        }
    }

    fn next_state(&self, last: &State<A, B>, action: Action) -> Option<State<A, B>> {
        let mut state = last.clone();
        match action {
            Action::HandOver(from, which) => self.hand_over(&mut state, from, which),
            Action::Deliver(from) => {
                let bytes = self.take(&mut state, from)?;
                self.arrive(&mut state, from, &bytes);
            }
            Action::DeliverHalf(from) => {
                state.budget.pieces -= 1;
                let bytes = self.take(&mut state, from)?;
                let (first, second) = bytes.split_at(bytes.len() / 2);
                state.line(from).push_front(second.to_vec());
                self.arrive(&mut state, from, first);
            }
            Action::Lose(from) => {
                state.budget.harms -= 1;
                self.take(&mut state, from)?;
            }
            Action::Corrupt(from, way) => {
                state.budget.harms -= 1;
                let bytes = self.take(&mut state, from)?;
                self.arrive(&mut state, from, &damaged(&bytes)[way]);
            }
            Action::Double(from) => {
                state.budget.harms -= 1;
                let bytes = self.take(&mut state, from)?;
                self.arrive(&mut state, from, &bytes.repeat(2));
            }
            Action::Repeat(from) => {
                state.budget.harms -= 1;
                let bytes = state.peek(from)?.clone();
                self.arrive(&mut state, from, &bytes);
            }
            Action::Store(at) => self.answer(&mut state, at, Answer::Stored),
            Action::Refuse(at) => {
                state.budget.refusals -= 1;
                self.answer(&mut state, at, Answer::Refused("full".to_owned()));
            }
            Action::Wait => self.wait(&mut state),
            Action::Restart => {
                state.budget.restarts -= 1;
                state.rightwards.clear();
                state.leftwards.clear();
                state.left.link.disconnect(state.now);
                state.left.owed = None;
            }
            Action::Reconnect => {
                state.budget.reconnects = state.budget.reconnects.saturating_sub(1);
                self.reconnect(&mut state);
            }
        }
        Some(self.settle(state, Some(action)))
    }

    fn properties(&self) -> Vec<Property<Line<A, B>>> {
        vec![
            Property::always(
                "what is accepted is stored",
                |line: &Line<A, B>, state: &State<A, B>| {
                    !line.accepted_is_stored
                        || state.accounts().all(|one| one.accepted <= one.stored)
                },
            ),
            Property::always(
                "one transfer is stored at most once",
                |line: &Line<A, B>, state: &State<A, B>| {
                    !line.once || state.accounts().all(|one| one.stored <= one.handed_over)
                },
            ),
            Property::always("nothing is altered", |_, state: &State<A, B>| {
                !state.has_broken(&[Broken::Altered, Broken::Evidence])
            }),
            Property::always(
                "nothing is said before it is asked",
                |line: &Line<A, B>, state: &State<A, B>| {
                    let spoke = line.in_turns && state.has_broken(&[Broken::SpokeUnasked]);
                    !(spoke || state.has_broken(&[Broken::TwoAtOnce]))
                },
            ),
            Property::always("each message is settled once", |_, state: &State<A, B>| {
                !state.has_broken(&[Broken::Settled])
            }),
            Property::always(
                "nobody waits longer than needed",
                |line: &Line<A, B>, state: &State<A, B>| state.now.since_start() <= line.patience,
            ),
            Property::always(
                "both ends return to neutral",
                |line: &Line<A, B>, state: &State<A, B>| {
                    !line.is_over(state) || line.is_at_rest(state)
                },
            ),
        ]
    }
}

impl<A: End, B: End> Line<A, B> {
    /// Nothing can happen any more.
    fn is_over(&self, state: &State<A, B>) -> bool {
        let mut actions = Vec::new();
        self.actions(state, &mut actions);
        actions.is_empty()
    }

    fn is_at_rest(&self, state: &State<A, B>) -> bool {
        let is_settled = |account: &Account| {
            account.handed_over > 0 && account.accepted + account.given_up == account.handed_over
        };
        state.left.accounts.iter().all(is_settled)
            && (self.right_waits || state.right.accounts.iter().all(is_settled))
            && state.left.link.settled()
            && (self.right_waits || state.right.link.settled())
            && (self.left_neutral)(&state.left.link)
            && (self.right_neutral)(&state.right.link)
    }
}

fn stored_again<A, B>(state: &State<A, B>) -> bool {
    state.accounts().any(|account| account.stored > 1)
}

impl<A, B> State<A, B> {
    fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.left.accounts.iter().chain(&self.right.accounts)
    }

    fn has_broken(&self, promises: &[Broken]) -> bool {
        let broken = [self.left.broken, self.right.broken];
        broken.into_iter().flatten().any(|broken| promises.contains(&broken))
    }

    fn line(&mut self, from: From) -> &mut VecDeque<Vec<u8>> {
        match from {
            From::Left => &mut self.rightwards,
            From::Right => &mut self.leftwards,
        }
    }

    fn peek(&self, from: From) -> Option<&Vec<u8>> {
        match from {
            From::Left => self.rightwards.front(),
            From::Right => self.leftwards.front(),
        }
    }

    fn owes(&self) -> bool {
        self.left.owed.is_some() || self.right.owed.is_some()
    }

    fn is_quiet(&self) -> bool {
        self.rightwards.is_empty() && self.leftwards.is_empty()
    }
}

impl<A: End, B: End> State<A, B> {
    fn next_timer(&self) -> Option<Moment> {
        let both = [self.left.link.deadline(), self.right.link.deadline()];
        both.into_iter().flatten().map(|deadline| deadline.at).min()
    }

    fn must_close(&self) -> bool {
        self.left.link.must_close() || self.right.link.must_close()
    }

    /// What tells this state from others.
    fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        comparable(&format!("{:?}", self.left), self.now, &mut hasher);
        comparable(&format!("{:?}", self.right), self.now, &mut hasher);
        (&self.rightwards, &self.leftwards, self.budget).hash(&mut hasher);
        hasher.finish()
    }
}

/// Hashes the text of a machine, moments counted from `now` and offsets left out.
pub fn comparable(text: &str, now: Moment, hasher: &mut impl Hasher) {
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'(', b':', rest.as_bytes()) {
        let (head, tail) = rest.split_at(at + 1);
        hasher.write(head.as_bytes());
        rest = tail;
        if head.ends_with("Moment(") {
            let end = memchr::memchr(b')', tail.as_bytes()).unwrap();
            hasher.write_i64(from_now(&tail[..end], now));
            rest = &tail[end..];
        } else if head.ends_with("offset:") {
            rest = tail.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        }
    }
    hasher.write(rest.as_bytes());
}

/// Nanoseconds from now, from the text of a duration since the start.
fn from_now(text: &str, now: Moment) -> i64 {
    let units = [("ms", 1e6), ("µs", 1e3), ("ns", 1.0), ("s", 1e9)];
    let read = |(unit, worth): (&str, f64)| {
        text.strip_suffix(unit)?.parse::<f64>().ok().map(|number| (number * worth).round() as i64)
    };
    let since_start = units.into_iter().find_map(read).unwrap();
    since_start - i64::try_from(now.since_start().as_nanos()).unwrap()
}
