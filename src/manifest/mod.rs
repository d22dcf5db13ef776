//! What a sorter or a pooling robot wrote: which tube stands in which rack at which position, which
//! donations are in which pool. Every maker writes another table, so how one is read is a layout, a
//! TOML file.
//!
//! A file is taken whole or not at all: with one fault in it nothing of it is imported, and every
//! fault is told at once, with line and column. Refuses: a column that nobody knows, a row with too
//! few or too many cells, a number that is no donation's, a tube that stands there twice or is
//! called like a rack, a position that is used or that the rack does not have, a file without the
//! line that ends it, another count of rows or tubes than the file says. No I/O.

mod cells;
mod fault;
mod layout;
mod pools;
mod racks;
mod shipped;

use sha2::{Digest, Sha256};

use crate::codec::charset::Text;
use crate::document;
use crate::domain::{Container, DonationNumber, DonationNumberScheme, Pool};
use crate::limits;

pub use fault::{Fault, FaultKind};
pub use layout::{Content, Layout};
pub use shipped::{shipped, shipped_names};

use cells::Sheet;

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Racks, in the order in which they first stand in the file.
    pub racks: Vec<Rack>,
    /// Pools, likewise.
    pub pools: Vec<Pool>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// A rack with its tubes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rack {
    /// Its bar code.
    pub rack: String,
    /// How many positions it has.
    pub positions: u32,
    /// The container of all of its tubes, where the file or its layout says so.
    pub container: Option<Container>,
    /// Its tubes, in the order of the file.
    pub tubes: Vec<Tube>,
}

/// A tube at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tube {
    /// The line of the file.
    pub line: u64,
    /// From 1.
    pub position: u32,
    /// The donation.
    pub din: DonationNumber,
}

impl Manifest {
    /// How many records it becomes: a rack is opened and closed, each tube is placed.
    pub fn records(&self) -> usize {
        let tubes: usize = self.racks.iter().map(|rack| rack.tubes.len() + 2).sum();
        tubes + self.pools.len()
    }
}

impl Layout {
    /// Reads a layout; `file` is how the user named it.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn parse(file: &str, text: &str) -> Result<Layout, Vec<document::Fault>> {
        layout::parse(file, text)
    }

    /// Reads what a sorter or a robot wrote.
    ///
    /// # Errors
    /// Every fault of the file, in the order of lines; nothing of it is to be used then.
    pub fn read(
        &self,
        bytes: &[u8],
        scheme: &DonationNumberScheme,
    ) -> Result<Manifest, Vec<Fault>> {
        if bytes.len() > limits::MANIFEST_FILE_MAX {
            let most = limits::MANIFEST_FILE_MAX.to_string();
            return Err(vec![Fault::of_file(FaultKind::TooLarge { most })]);
        }
        let text = Text::decode(bytes, self.charset);
        if let Some(fault) = text.faults().first() {
            let before = bytes.get(..fault.offset).unwrap_or(bytes);
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
            let charset = self.charset.name();
            return Err(vec![Fault::of_line(line, FaultKind::NotText { charset })]);
        }
        self.read_text(text.as_str(), scheme)
    }

    /// The same of a file that was decoded already; `sha256` of the result is that of its UTF-8.
    ///
    /// # Errors
    /// See [`Layout::read`].
    pub fn read_text(
        &self,
        text: &str,
        scheme: &DonationNumberScheme,
    ) -> Result<Manifest, Vec<Fault>> {
        let mut faults = Vec::new();
        let Some(sheet) = Sheet::cut(self, text, &mut faults) else { return Err(sorted(faults)) };
        let sha256 = Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        let mut manifest = Manifest { racks: Vec::new(), pools: Vec::new(), sha256 };
        match self.content {
            Content::Racks => manifest.racks = racks::read(self, &sheet, scheme, &mut faults),
            Content::Pools => manifest.pools = pools::read(self, &sheet, scheme, &mut faults),
        }
        if manifest.records() > limits::RECORDS_PER_REQUEST_MAX {
            let found = manifest.records().to_string();
            let most = limits::RECORDS_PER_REQUEST_MAX.to_string();
            faults.push(Fault::of_file(FaultKind::TooMany { found, most }));
        }
        if faults.is_empty() { Ok(manifest) } else { Err(sorted(faults)) }
    }
}

/// In the order of lines; at most [`limits::FAULTS_MAX`].
fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| (fault.line, fault.cell));
    faults.truncate(limits::FAULTS_MAX);
    faults
}
