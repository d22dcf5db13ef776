//! Runs the explorer and says how much it saw.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::{Checker, Model};

use crate::line::{Line, State};
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
    let checker = line.checker().target_state_count(STATES_MAX).finish_when_any().spawn_bfs().join();
    let found = checker.discoveries().into_iter().next();
    let states = checker.unique_state_count();
    println!("{name}: {states} states, {}", found.as_ref().map_or("nothing found", |one| one.0));
    found.map(|(promise, way)| (promise, story(way)))
}
