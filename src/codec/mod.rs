//! Bytes to wire values and back: character sets, LIS01 frames, LIS02 records, MLLP blocks,
//! HL7 v2 segments, fixed-width texts in blocks. Knows nothing of blood. A reader never fails: it
//! returns what it understood and every [`Fault`] with its byte offset.
//!
//! ```text
//! bytes -- lis01 | mllp | block --> bytes -- charset --> text
//! text -- lis02 | hl7 | block::cut --> Transmission
//! ```
//!
//! Bytes are decoded before they are split, never the other way round. Offsets in a
//! [`Transmission`] count in the text; [`charset::Text::offset_in_bytes`] leads back to the bytes.
//!
//! ```text
//! Transmission                     everything one link delivered
//! └─ Message                       LIS02: H to L          HL7: MSH to the next MSH
//!    └─ Record                     O|1|D1^7|^^^HIV\^^^HCV  OBX|1|ST|X||A&B^C~D
//!       └─ field       from 1      LIS02: 1 is the record type itself, 2 follows it
//!          │                       HL7:   1 follows the name; MSH-1 is the separator itself
//!          └─ repeat               O.4: ^^^HIV , ^^^HCV   OBX-5: A&B^C , D
//!             └─ component from 1  O.4.4: HIV             OBX-5.1: A&B
//!                └─ sub-component  LIS02 has none         OBX-5.1: A , B
//! ```
//!
//! A text that is cut by widths has records and fields, and nothing below them.
//!
//! A [`Piece`] is a piece of the text as sent, with its place; escapes are resolved last, by
//! [`Piece::unescaped`], when nothing is left to be split.
//!
//! ```
//! use hemogate::codec::{charset::{Charset, Text}, lis02};
//!
//! let text = Text::decode(b"H|\\^&\rR|1|^^^HBsAg|0.4 &F& x\rL|1|N\r", Charset::Iso8859(1));
//! let read = lis02::read(text.as_str());
//! assert!(read.faults.is_empty());
//! let message = &read.messages[0];
//! let result = message.records().find(|record| record.name() == "R").unwrap();
//! let test = result.field(3).unwrap().component(message.delimiters(), 4).unwrap();
//! assert_eq!(test.text, "HBsAg");
//! let value = result.field(4).unwrap();
//! assert_eq!(value.unescaped(message.delimiters()).unwrap(), "0.4 | x");
//! assert_eq!(text.offset_in_bytes(value.offset), 19);
//! ```

pub mod block;
pub mod charset;
pub mod hl7;
pub mod lis01;
pub mod lis02;
pub mod mllp;
pub mod table;

mod readable;

mod fields;

pub use fields::{Delimiters, Escapes, Fault, FaultKind, Message, Piece, Record, Transmission};
pub use readable::readable;
