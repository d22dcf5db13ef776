//! Files of sorters and pooling robots: what is read from them, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod command;
mod layouts;
mod pools;
mod racks;

use hemogate::domain::DonationNumberScheme;
use hemogate::manifest::{Layout, Manifest, shipped};

/// What a shipped layout reads, or every fault as it is told.
fn read(layout: &str, text: &str) -> Result<Manifest, Vec<String>> {
    read_by(shipped(layout).unwrap(), text.as_bytes())
}

fn read_by(layout: &str, bytes: &[u8]) -> Result<Manifest, Vec<String>> {
    let layout = Layout::parse("layout.toml", layout).unwrap();
    let read = layout.read(bytes, &DonationNumberScheme::Isbt128);
    read.map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn fixture(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read_to_string(format!("{root}/fixtures/manifests/{name}")).unwrap()
}
