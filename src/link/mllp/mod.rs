//! MLLP: the receiving side, which acknowledges what was stored, the sending side, which credits
//! an acknowledgement only to the message it names, and both at once on one connection.

mod blocks;
mod connection;
mod outlet;
mod requests;
mod roles;
mod sends;
mod settings;

pub use connection::Connection;
pub use roles::{BothWays, ReceiveOnly, Role, SendOnly, SendingRole};
pub use settings::Settings;

/// Receives and acknowledges; every block is a message.
pub type Receiver = Connection<ReceiveOnly>;
/// Sends; every block is an answer.
pub type Client = Connection<SendOnly>;
/// Both at once on one connection.
pub type Duplex = Connection<BothWays>;
