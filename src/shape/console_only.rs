//! What is put on record only by people who sign in at the console: whoever sends JSON or a file
//! says who they are, and nobody knows it.

/// Why a kind of record or statement is refused from anywhere but the console; none where it may
/// come over the JSON interface, or where there is no such kind.
pub fn console_only(kind: &str) -> Option<&'static str> {
    match kind {
        "message" | "proposed" | "agreed" | "turned_down" | "message_judged" | "rack_settled" => {
            Some("needs two people who sign in at the console")
        }
        "rack" | "run" | "eqa" | "placed" | "taken_out" => {
            Some("needs somebody who signs in at the console")
        }
        "rack_in_doubt" => Some("is said by the program alone, of what an analyser reports"),
        _ => None,
    }
}
