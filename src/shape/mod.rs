//! The JSON forms that leave the house or are kept in it: observation, query, reason,
//! verdict, line.
//!
//! Domain types carry no serialisation; these do, and nothing else. A field is added, never
//! renamed: inventory systems and stored rows both depend on them.

mod decision;
mod link;
mod observation;
mod work;

pub use decision::{CheckShape, DecisionShape, NextStepShape, ReasonShape, RuleSetShape};
pub use link::{
    AlarmShape, FilesShape, FlowShape, LinkShape, LinksShape, NoteShape, PeerShape, PieceShape,
    TrafficShape, WhenShape, hexadecimal,
};
pub use observation::{
    ConcernShape, ObservationShape, ShapeError, UnaccountedShape, completed_at_text,
};
pub use work::{AskedSpecimenShape, OrderReplyShape, QueryShape};
