//! `[evidence]`: the key that evidence bundles are signed with. It is read only when one is made:
//! a daemon runs without it, and never sees it.

use std::path::{Path, PathBuf};

use crate::document::Table;

/// Where the key is; `Some(None)` where none is named, `None` where the table is at fault.
pub(super) fn read(root: &Table<'_>, base: &Path) -> Option<Option<PathBuf>> {
    let Some(table) = root.table("evidence") else {
        return (!root.has("evidence")).then_some(None);
    };
    let key = table.required_string("key")?;
    if key.value.trim().is_empty() {
        table.fault(&key.place, "is empty: name the key file, e.g. \"site.key\"");
        return None;
    }
    Some(Some(base.join(&key.value)))
}
