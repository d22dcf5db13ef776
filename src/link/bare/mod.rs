//! LIS02-A2 records that no link layer protects.
//!
//! Exists for analysers that leave LIS01-A2 out: [`Records`] over a stream, or each piece between
//! STX and ETX. Nothing numbers, checks or acknowledges such bytes, so it refuses to make up for
//! what is not there: a message that could not be stored costs the connection, because that is
//! the only thing an analyser can notice.

mod envelope;
mod records;

pub use envelope::Envelope;
pub use records::Records;
