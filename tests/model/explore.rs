//! Runs the explorer and says how much it saw.

use std::fmt::Write;

use stateright::{Checker, HasDiscoveries, Model, Path};

use crate::line::{Action, Line, State};
use crate::side::{End, Seen};

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
    println!(
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
    println!("{name}: {seen:?}");
    seen
}

/// Explores until a promise is broken, and returns its name with the shortest way there.
pub fn refute<A: End, B: End>(name: &str, line: Line<A, B>) -> Option<(&'static str, String)> {
    let checker = line.checker().target_state_count(STATES_MAX).finish_when(HasDiscoveries::Any).spawn_bfs().join();
    let found = checker.discoveries().into_iter().next();
    let states = checker.unique_state_count();
    println!("{name}: {states} states, {}", found.as_ref().map_or("nothing found", |one| one.0));
    found.map(|(promise, way)| (promise, story(way)))
}

/// The steps of a way, with what is on the line before each.
fn story<A: End, B: End>(way: Path<State<A, B>, Action>) -> String {
    let mut story = String::new();
    for (state, action) in way.into_vec() {
        let line = |transmissions: &std::collections::VecDeque<Vec<u8>>| {
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
