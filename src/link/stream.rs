//! The place in a stream of bytes, so that everything that is said of a byte names it by offset.

/// Takes up to `count` bytes off what is still to be read and counts them in `offset`.
pub(super) fn advance<'i>(offset: &mut u64, rest: &mut &'i [u8], count: usize) -> &'i [u8] {
    let (taken, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    *rest = later;
    *offset = offset.saturating_add(taken.len() as u64);
    taken
}
