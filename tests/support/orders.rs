//! A small analyser of the site's own that is told its work without asking.

use super::wire::Lis01;

/// Its profile: LIS02 in LIS01 frames, one donation a message.
pub const PROFILE: &str = include_str!("told.toml");

/// Its table in the configuration, with its line.
pub fn announced(id: &str, line: &str) -> String {
    format!(
        "[[analyser]]\nid = \"{id}\"\nprofile = \"./small.toml\"\n{line}\nannounce_orders = true\n"
    )
}

/// Takes sessions of the daemon until so many donations were ordered; which, in their order.
pub fn take_orders(line: &mut Lis01, count: usize) -> Vec<String> {
    let mut ordered = Vec::new();
    while ordered.len() < count {
        let session = line.take().unwrap_or_else(|error| panic!("after {ordered:?}: {error}"));
        let orders = session.split('\r').filter(|record| record.starts_with("O|"));
        ordered.extend(orders.filter_map(|order| order.split('|').nth(2)).map(str::to_owned));
    }
    ordered
}

/// What it sends of a donation that does not react.
pub fn result(din: &str) -> String {
    format!("H|\\^&\rP|1\rO|1|{din}||^^^1\rR|1|^^^1|N|||||F||||20260105115617\rL|1|N\r")
}
