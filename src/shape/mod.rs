//! The JSON forms that leave the house or are kept in it: observation, query, reason,
//! verdict, record, line.
//!
//! Domain types carry no serialisation; these do, and nothing else. A field is added, never
//! renamed: inventory systems and stored rows both depend on them.

mod accord;
#[cfg(test)]
mod any;
mod console_only;
mod decision;
mod link;
mod observation;
mod quality;
mod rack;
mod record;
mod record_error;
mod rule_life;
mod statement;
mod work;

pub use accord::{
    AmendedReasonShape, CorrectedDonorShape, CorrectionShape, GroundsShape, MatterShape,
    MessageJudgedShape, MessageRecordShape, MessageStepShape, ProposalShape,
};
pub use console_only::console_only;
pub use decision::{
    CheckShape, DecisionShape, DonorEventShape, NextStepShape, ReasonShape, RuleSetShape,
};
pub use link::{
    AlarmShape, FilesShape, FlowShape, LinkShape, LinksShape, NoteShape, PeerShape, PieceShape,
    TrafficShape, WhenShape, hexadecimal,
};
pub use observation::{
    ConcernShape, ObservationShape, ShapeError, UnaccountedShape, completed_at_text,
};
pub use quality::{EqaShape, EqaStepShape, RunShape};
pub use rack::{PlacementShape, RackDoubtShape, RackRecordShape, RackSettledShape, RackStepShape};
pub use record::{
    ControlFailureShape, ControlTargetShape, ExpectedShape, KitShape, LotShape, PoolShape,
    RecordShape,
};
pub use record_error::RecordError;
pub use rule_life::{
    RuleDraftShape, RuleLifeShape, RuleLivesShape, RuleStepShape, RuleStepTakenShape,
    ShadowDifferenceShape, ShadowShape,
};
pub use statement::StatementShape;
pub use work::{AskedSpecimenShape, OrderReplyShape, QueryShape};
