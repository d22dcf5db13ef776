//! `[journal]`: whether and where the bytes of all lines are kept, and how many of them.

use std::path::Path;

use super::JournalConfig;
use crate::document::Table;
use crate::limits;

const MIB: u64 = 1024 * 1024;
const FILE_MIB_USUAL: i64 = 16;
const FILES_USUAL: i64 = 32;

/// The journal's settings; `Some(None)` where none is kept, `None` where they are at fault.
pub(super) fn read(root: &Table<'_>, base: &Path) -> Option<Option<JournalConfig>> {
    let Some(table) = root.table("journal") else {
        return (!root.has("journal")).then_some(None);
    };
    let folder = table.required_string("folder");
    let number = |key, most, usual| {
        let placed = table.integer(key, 1..=most).map(|number| number.value);
        placed.or((!table.has(key)).then_some(usual))
    };
    let file_mib = number("file_mib", limits::JOURNAL_FILE_MIB_MAX, FILE_MIB_USUAL);
    let files = number("files", limits::JOURNAL_FILES_MAX, FILES_USUAL);
    let folder = folder?;
    let joined = base.join(&folder.value);
    let parent = joined.parent().filter(|parent| !parent.as_os_str().is_empty());
    let wrong = if folder.value.trim().is_empty() {
        "is empty: name a folder, e.g. \"wire\"".to_owned()
    } else if joined.is_file() {
        format!("{} is a file: name a folder", joined.display())
    } else if parent.is_some_and(|parent| !parent.is_dir()) {
        format!("the folder around {} does not exist: create it first", joined.display())
    } else {
        let file_bytes = u64::try_from(file_mib?).ok()?.saturating_mul(MIB);
        let files = u32::try_from(files?).ok()?;
        return Some(Some(JournalConfig { folder: joined, file_bytes, files }));
    };
    table.fault(&folder.place, wrong);
    None
}
