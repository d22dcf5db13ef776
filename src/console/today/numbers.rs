//! The numbers: how many donations are what, how long they take, what waits for somebody.

use askama::Template;

use crate::clock;
use crate::console::age;
use crate::console::floor::Book;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::domain::Verdict;
use crate::rules::words;
use crate::store::Health;

#[derive(Template)]
#[template(path = "today_numbers.html")]
struct Numbers {
    text: &'static Text,
    release_stopped: Option<String>,
    store_fails: Option<String>,
    floor_fails: Option<String>,
    is_counting: bool,
    is_short: bool,
    open: Vec<Tile>,
    became: Vec<Tile>,
    median: Option<String>,
    ninety: String,
    decided: usize,
    proposals: Option<usize>,
    unread: Unread,
    hours: Hours,
}

/// One verdict and its number.
struct Tile {
    verdict: &'static str,
    mark: &'static str,
    name: &'static str,
    number: u64,
}

/// Messages that wait for a person.
struct Unread {
    waiting: usize,
    /// There are more than were counted.
    and_more: bool,
}

/// Donations decided in each hour, as bars.
struct Hours {
    bars: Vec<Bar>,
    label: String,
}

struct Bar {
    x: usize,
    good: u64,
    bad: u64,
}

/// Height of the highest bar.
const HEIGHT: u64 = 36;

pub(super) async fn region(state: &ConsoleState, text: &'static Text) -> Option<String> {
    let seen = state.glance.look(state).await.ok()?;
    let unread = Unread { waiting: seen.unread, and_more: seen.more_unread };
    let (release_stopped, store_fails) = (state.store.release_stopped(), store_fails(state));
    let numbers = state.floor.look(|book| {
        let now = clock::utc();
        let times = book.time_to_verdict(now);
        let told = |seconds| age::told(text, seconds);
        Numbers {
            text,
            release_stopped,
            store_fails,
            floor_fails: book.trouble().map(str::to_owned),
            is_counting: book.is_counting(),
            is_short: book.is_short(),
            open: [Verdict::Pending, Verdict::Hold]
                .map(|verdict| tile(text, verdict, book.standing(verdict) as u64))
                .into(),
            became: [Verdict::Releasable, Verdict::Reject, Verdict::Recalled]
                .map(|verdict| tile(text, verdict, book.became(verdict, now)))
                .into(),
            median: (times.decided > 0).then(|| told(times.median)),
            ninety: told(times.ninety),
            decided: times.decided,
            proposals: seen.proposals,
            unread,
            hours: hours(text, book),
        }
    });
    numbers.render().ok()
}

/// What is read aloud when it changes: only what somebody must look at.
pub(super) fn said(state: &ConsoleState, text: &'static Text) -> String {
    let (held, counting) =
        state.floor.look(|book| (book.standing(Verdict::Hold), book.is_counting()));
    if state.store.release_stopped().is_some() {
        return text.say("today-release-stopped");
    }
    if counting { text.say("today-counting") } else { text.with("today-said-held", "held", held) }
}

fn tile(text: &Text, verdict: Verdict, number: u64) -> Tile {
    let mark = crate::console::page::shape(verdict.id());
    Tile { verdict: verdict.id(), mark, name: text.lang().of(words::verdict(verdict)), number }
}

fn store_fails(state: &ConsoleState) -> Option<String> {
    match state.store.health() {
        Health::Writing => None,
        Health::Failing(error) => Some(error.to_string()),
    }
}

fn hours(text: &Text, book: &Book) -> Hours {
    let now = clock::utc();
    let good = book.by_hour(Verdict::Releasable, now);
    let bad = book.by_hour(Verdict::Reject, now);
    let highest = good.iter().zip(&bad).map(|(good, bad)| good + bad).max().unwrap_or(0).max(1);
    let scaled = |count: &u64| (count * HEIGHT).div_ceil(highest);
    let bars = good.iter().zip(&bad).enumerate();
    let bars = bars.map(|(x, (good, bad))| Bar { x: x * 10, good: scaled(good), bad: scaled(bad) });
    let label = text.with_all(
        "today-hours-label",
        &[
            ("hours", good.len().to_string()),
            ("good", good.iter().sum::<u64>().to_string()),
            ("bad", bad.iter().sum::<u64>().to_string()),
            ("highest", highest.to_string()),
        ],
    );
    Hours { bars: bars.collect(), label }
}
