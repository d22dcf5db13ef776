//! Runs the explorer and says how much it saw.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;
use std::io::Write as _;

use stateright::{Checker, HasDiscoveries, Model, Path};

use crate::line::{Action, Line, State};
use crate::side::{End, Seen};

/// As `println!`, but seen in every log: what that prints is kept back when a test passes.
macro_rules! say {
    ($($text:tt)*) => {{
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// Beyond this the space counts as not exhausted.
const STATES_MAX: usize = 6_000_000;

/// `harms` of the environment, or else this.
pub fn harms(usual: u8) -> u8 {
    let chosen = std::env::var("HEMOGATE_MODEL_HARMS").ok();
    chosen.map_or(usual, |value| value.parse().unwrap())
}

/// Explores every state, and passes only if every promise holds in all of them.
pub fn prove<A: End, B: End>(name: &str, line: Line<A, B>) -> Seen {
    let checker = line.checker().target_state_count(STATES_MAX).spawn_bfs().join();
    let exhausted = checker.state_count() < STATES_MAX && checker.is_done();
    say!(
        "{name}: {} states ({} steps), longest way {}, {}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        if exhausted { "exhausted" } else { "NOT exhausted" },
    );
    if let Some((promise, way)) = checker.discoveries().into_iter().next() {
        panic!("{name}: not so: {promise}\n{}", story(way));
    }
    assert!(exhausted, "{name}: more than {STATES_MAX} steps");
    let seen = *checker.model().seen.lock().unwrap();
    say!("{name}: {seen:?}");
    seen
}

/// Explores until this promise is broken, and returns the shortest way there.
pub fn refute<A: End, B: End>(
    name: &str,
    line: Line<A, B>,
    promise: &'static str,
) -> Option<String> {
    let broken = HasDiscoveries::AnyOf([promise].into());
    let checker = line.checker().target_state_count(STATES_MAX).finish_when(broken);
    let checker = checker.spawn_bfs().join();
    let way = checker.discovery(promise);
    let found = if way.is_some() { "not so" } else { "so" };
    say!("{name}: {} states, {found}: {promise}", checker.unique_state_count());
    way.map(story)
}

/// Whether every run comes to an end: no way leads back to a state that it has been in. (The
/// promise of the return to neutral speaks of ends; this says that there is one.) Returns how many
/// states there are.
pub fn every_run_ends<A: End, B: End>(name: &str, line: &Line<A, B>) -> usize {
    let mut done = HashSet::new();
    let mut on_the_way = HashSet::new();
    let mut stack: Vec<(u64, Vec<State<A, B>>)> = Vec::new();
    let mut next = line.init_states().pop();
    loop {
        if let Some(state) = next.take() {
            assert!(!on_the_way.contains(&state.key), "round in circles: {state:#?}");
            if !done.contains(&state.key) {
                on_the_way.insert(state.key);
                stack.push((state.key, line.next_states(&state)));
            }
        }
        let Some((key, children)) = stack.last_mut() else { break };
        next = children.pop();
        if next.is_none() {
            on_the_way.remove(key);
            done.insert(*key);
            stack.pop();
        }
    }
    say!("{name}: none of {} states is on a way back to itself", done.len());
    done.len()
}

/// The steps of a way, with what is on the line before each.
fn story<A: End, B: End>(way: Path<State<A, B>, Action>) -> String {
    let mut story = String::new();
    for (state, action) in way.into_vec() {
        let line = |transmissions: &VecDeque<Vec<u8>>| {
            let each = transmissions.iter().map(|bytes| bytes.escape_ascii().to_string());
            each.collect::<Vec<_>>().join(" ")
        };
        let (right, left) = (line(&state.rightwards), line(&state.leftwards));
        let _ = writeln!(story, "    > {right}    < {left}");
        if let Some(action) = action {
            let _ = writeln!(story, "{action:?}");
        } else {
            let (left, right) = (&state.left.accounts, &state.right.accounts);
            let broken = (state.left.broken, state.right.broken);
            let _ = writeln!(story, "left sent {left:?}\nright sent {right:?}\n{broken:?}");
        }
    }
    story
}
