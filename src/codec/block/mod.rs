//! Fixed-width texts in blocks: what Olympus (Beckman AU, PK) and Hitachi analysers put on the wire.
//!
//! Exists because these analysers know neither LIS01 frames nor delimiters. [`Form`] is what
//! surrounds one text, [`cut`] takes a text apart by widths that only the analyser's parameters
//! tell. Refuses a block with a byte out of its place or a wrong check; never guesses a width.
//!
//! ```text
//! STX text ETX BCC                   Beckman PK and AU: BCC is the XOR of everything behind STX,
//! STX text ETB BCC  (goes on)        ETX included. It may be any byte, STX and ETX included, so
//!                                    it is taken by its place and never looked for
//! start text end                     Beckman AU with the BCC switched off; both bytes are settings
//! STX frame data ETX BCC             Hitachi, five ends to choose from:
//! STX frame data CR LF ETX
//! STX frame data ETX
//! STX frame data ETX CR LF
//! STX frame data ETX h l CR          sum from the frame character to the last data byte, in hex
//! ```
//!
//! Sources: Olympus AU2700/AU5400 on-line specifications 2.3 (start, end, BCC); a transmission of
//! a PK7300 with seven blocks, whose BCCs all hold; Hitachi 902 service manual 16.1 (ends, BCC,
//! sum).

pub mod cut;

mod form;

pub use form::{Block, BlockFault, Form, Tail, block, encode, fits};
