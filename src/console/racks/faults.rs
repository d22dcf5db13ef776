//! What is wrong with a file of a sorter or a robot, in words of both languages.

use crate::console::text::Text;
use crate::manifest::FaultKind;

/// What is wrong, and what to do.
pub(super) fn told(text: &Text, kind: &FaultKind) -> String {
    let (key, values) = of_the_table(kind).unwrap_or_else(|| of_the_tubes(kind));
    let values: Vec<_> = values.into_iter().map(|(name, value)| (name, value.clone())).collect();
    text.with_all(key, &values)
}

type Told<'k> = (&'static str, Vec<(&'static str, &'k String)>);

/// What is wrong with it as a table.
fn of_the_table(kind: &FaultKind) -> Option<Told<'_>> {
    Some(match kind {
        FaultKind::TooLarge { most } => ("import-too-large", vec![("most", most)]),
        FaultKind::TooMany { found, most } => {
            ("import-too-many", vec![("found", found), ("most", most)])
        }
        FaultKind::NotText { charset } => ("import-not-text", vec![("charset", charset)]),
        FaultKind::NoRows => ("import-no-rows", Vec::new()),
        FaultKind::NoTitles => ("import-no-titles", Vec::new()),
        FaultKind::MissingColumn { column } => ("import-no-column", vec![("column", column)]),
        FaultKind::RepeatedColumn { column } => ("import-column-twice", vec![("column", column)]),
        FaultKind::UnknownColumn { column } => ("import-unknown-column", vec![("column", column)]),
        FaultKind::CellCount { found, wanted } => {
            ("import-cells", vec![("found", found), ("wanted", wanted)])
        }
        FaultKind::OpenQuote => ("import-open-quote", Vec::new()),
        FaultKind::NoEnd { wanted } => ("import-no-end", vec![("wanted", wanted)]),
        FaultKind::EndCount { text, found } => {
            ("import-end-count", vec![("text", text), ("found", found)])
        }
        FaultKind::BlankRack
        | FaultKind::BlankPool
        | FaultKind::NotANumber { .. }
        | FaultKind::WrongCheck { .. }
        | FaultKind::NoSuchPosition { .. }
        | FaultKind::PositionUsed { .. }
        | FaultKind::DuplicateTube { .. }
        | FaultKind::TubeIsRack { .. }
        | FaultKind::TubeIsPool { .. }
        | FaultKind::UnknownContainer { .. }
        | FaultKind::MixedContainers { .. }
        | FaultKind::TubeCount { .. }
        | FaultKind::TooManyMembers { .. } => return None,
    })
}

/// What is wrong with what it says of tubes.
fn of_the_tubes(kind: &FaultKind) -> Told<'_> {
    match kind {
        FaultKind::BlankRack => ("import-blank-rack", Vec::new()),
        FaultKind::BlankPool => ("import-blank-pool", Vec::new()),
        FaultKind::NotANumber { text } => ("import-no-number", vec![("text", text)]),
        FaultKind::WrongCheck { text, wanted } => {
            ("import-wrong-check", vec![("text", text), ("wanted", wanted)])
        }
        FaultKind::NoSuchPosition { text, most } => {
            ("import-no-position", vec![("text", text), ("most", most)])
        }
        FaultKind::PositionUsed { position, line } => {
            ("import-position-used", vec![("position", position), ("line", line)])
        }
        FaultKind::DuplicateTube { tube, line } => {
            ("import-duplicate", vec![("tube", tube), ("line", line)])
        }
        FaultKind::TubeIsRack { tube } => ("import-tube-is-rack", vec![("tube", tube)]),
        FaultKind::TubeIsPool { tube } => ("import-tube-is-pool", vec![("tube", tube)]),
        FaultKind::UnknownContainer { text } => ("import-container", vec![("text", text)]),
        FaultKind::MixedContainers { rack } => ("import-containers", vec![("rack", rack)]),
        FaultKind::TubeCount { text, found } => {
            ("import-tube-count", vec![("text", text), ("found", found)])
        }
        FaultKind::TooManyMembers { pool, most } => {
            ("import-members", vec![("pool", pool), ("most", most)])
        }
        FaultKind::TooLarge { .. }
        | FaultKind::TooMany { .. }
        | FaultKind::NotText { .. }
        | FaultKind::NoRows
        | FaultKind::NoTitles
        | FaultKind::MissingColumn { .. }
        | FaultKind::RepeatedColumn { .. }
        | FaultKind::UnknownColumn { .. }
        | FaultKind::CellCount { .. }
        | FaultKind::OpenQuote
        | FaultKind::NoEnd { .. }
        | FaultKind::EndCount { .. } => ("import-no-rows", Vec::new()),
    }
}
