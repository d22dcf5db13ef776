//! Donation numbers in bytes that could not be read: an unread message must block the donations
//! it may concern.

use std::collections::BTreeSet;

use super::super::Analyser;
use crate::codec::block::cut;
use crate::domain::{DonationNumber, DonationNumberScheme};

/// Length of an ISBT 128 donation number without flags (ST-001 data structure 001).
const BARE: usize = 13;
/// The same with the two flag characters, as scanned behind `=`.
const SCANNED: usize = 15;

/// Every token of the bytes that is a donation number by its shape, behind a prefix or without.
pub(super) fn named_in(bytes: &[u8], analyser: &Analyser) -> BTreeSet<DonationNumber> {
    let scheme = &analyser.scheme;
    let mut found = match scheme.as_ref() {
        DonationNumberScheme::Isbt128 => isbt_tokens(bytes, scheme),
        DonationNumberScheme::Site(_) => site_tokens(bytes, scheme),
    };
    for prefix in analyser.profile.id_prefixes() {
        found.extend(behind(prefix.as_bytes(), bytes, scheme));
    }
    found
}

/// What stands behind a prefix, wherever in the bytes that may be.
fn behind<'b>(
    prefix: &'b [u8],
    bytes: &'b [u8],
    scheme: &DonationNumberScheme,
) -> impl Iterator<Item = DonationNumber> {
    memchr::memmem::find_iter(bytes, prefix).filter_map(move |at| {
        let rest = bytes.get(at + prefix.len()..)?;
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        parsed("", rest.get(..end)?.trim_ascii(), scheme)
    })
}

/// In texts without delimiters numbers touch each other: what stands where a text of this analyser
/// has its specimen's number, whatever the text begins with.
pub(super) fn placed_in(bytes: &[u8], analyser: &Analyser) -> BTreeSet<DonationNumber> {
    let mut found = BTreeSet::new();
    for line in bytes.split(|byte| char::from(*byte) == cut::NEXT) {
        for range in analyser.profile.specimen_places() {
            let token = line.get(range).unwrap_or_default().trim_ascii();
            found.extend(parsed("", token, &analyser.scheme));
        }
    }
    found
}

/// In a file numbers stand alone in their cells, whatever surrounds these; a site's own numbers
/// may have any shape.
pub(super) fn in_cells(bytes: &[u8], analyser: &Analyser) -> BTreeSet<DonationNumber> {
    let mut found = BTreeSet::new();
    let Some(form) = analyser.profile.table() else { return found };
    let ends = |byte: &u8| matches!(byte, b'\r' | b'\n') || form.separator.is(char::from(*byte));
    for cell in bytes.split(ends) {
        let bare = |byte: &u8| byte.is_ascii_whitespace() || Some(*byte) == form.quote;
        let start = cell.iter().take_while(|byte| bare(byte)).count();
        let end = cell.iter().rev().take_while(|byte| bare(byte)).count();
        let token = cell.get(start..cell.len().saturating_sub(end)).unwrap_or_default();
        found.extend(parsed("", token, &analyser.scheme));
    }
    found
}

fn isbt_tokens(bytes: &[u8], scheme: &DonationNumberScheme) -> BTreeSet<DonationNumber> {
    let mut found = BTreeSet::new();
    let mut before = None;
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (token, after) = rest.split_at_checked(length.max(1)).unwrap_or((rest, &[]));
        let scanned = before == Some(b'=') && length == SCANNED;
        if length == BARE || scanned {
            let prefix = if scanned { "=" } else { "" };
            found.extend(parsed(prefix, token, scheme));
        }
        before = Some(*first);
        rest = after;
    }
    found
}

/// A site's own numbers may have any shape: whatever stands between delimiters is tried.
fn site_tokens(bytes: &[u8], scheme: &DonationNumberScheme) -> BTreeSet<DonationNumber> {
    let tokens = bytes.split(ends).filter(|token| !token.is_empty());
    tokens.filter_map(|token| parsed("", token, scheme)).collect()
}

/// What no donation number goes on behind.
fn ends(byte: &u8) -> bool {
    byte.is_ascii_control() || b" |^\\&~".contains(byte)
}

fn parsed(prefix: &str, token: &[u8], scheme: &DonationNumberScheme) -> Option<DonationNumber> {
    let token = std::str::from_utf8(token).ok()?;
    scheme.parse(&format!("{prefix}{token}")).ok().map(|scanned| scanned.din)
}
