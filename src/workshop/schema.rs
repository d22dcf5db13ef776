//! The profile language for editors: a JSON Schema (draft 2020-12) with every key, what it is for
//! and what may stand there, so that a wrong key is seen while it is written.
//!
//! It refuses less than the checker: what one key says of another, it mostly cannot know. Nothing
//! that the checker accepts is refused by it. It holds no more of JSON Schema than draft 7 has, all
//! that some editors know.

/// The schema, as published in `config/profile.schema.json`.
pub const PROFILE: &str = include_str!("../../config/profile.schema.json");
