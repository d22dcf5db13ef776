//! Racks, as JSON.

use serde::{Deserialize, Serialize};

use crate::domain::{
    Assay, Container, Placement, RackDoubt, RackPlan, RackRecord, RackSettled, RackStep,
};

use super::accord::GroundsShape;
use super::record_error::{RecordError, said, word, words};

/// A step of a rack's loading, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RackRecordShape {
    /// The loading.
    pub loading: String,
    /// The rack's bar code.
    pub rack: String,
    /// What happened.
    pub step: RackStepShape,
}

/// What happens to a loading, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RackStepShape {
    /// It begins.
    Opened {
        /// The analyser that must report its places.
        #[serde(default)]
        analyser: Option<String>,
        /// Assay ids.
        #[serde(default)]
        assays: Vec<String>,
        /// `serum`, `edta`, `segment` or `plasma`.
        #[serde(default)]
        container: Option<String>,
        /// How many positions.
        positions: u32,
        /// The file it was imported from.
        #[serde(default)]
        file: Option<String>,
    },
    /// The manifest is fixed.
    Closed {},
    /// It is over, and why.
    Ended(String),
    /// Somebody proposes that what an analyser reported of it belongs to its tubes.
    Proposed {
        /// The analyser.
        analyser: String,
        /// Why.
        grounds: GroundsShape,
    },
    /// Somebody else agrees.
    Agreed(i64),
    /// It is turned down.
    TurnedDown(i64),
}

/// Where a tube was put, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementShape {
    /// The loading.
    pub loading: String,
    /// The rack's bar code.
    pub rack: String,
    /// From 1.
    pub position: u32,
    /// The analyser that must report this place.
    #[serde(default)]
    pub analyser: Option<String>,
}

/// A rack in doubt, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RackDoubtShape {
    /// The loading.
    pub loading: String,
    /// The rack's bar code.
    pub rack: String,
    /// The analyser.
    pub analyser: String,
    /// The message that first reported other places.
    pub message: i64,
    /// What differs.
    pub text: String,
}

/// A settled doubt, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RackSettledShape {
    /// The loading.
    pub loading: String,
    /// The analyser.
    pub analyser: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who agreed.
    pub agreed_by: String,
}

impl From<&RackRecord> for RackRecordShape {
    fn from(record: &RackRecord) -> Self {
        let step = match &record.step {
            RackStep::Opened(plan) => RackStepShape::Opened {
                analyser: plan.analyser.clone(),
                assays: plan.assays.iter().map(|assay| assay.id().to_owned()).collect(),
                container: plan.container.map(|container| container.id().to_owned()),
                positions: plan.positions,
                file: plan.file.clone(),
            },
            RackStep::Closed => RackStepShape::Closed {},
            RackStep::Ended(why) => RackStepShape::Ended(why.clone()),
            RackStep::Proposed { analyser, grounds } => RackStepShape::Proposed {
                analyser: analyser.clone(),
                grounds: GroundsShape::from(grounds),
            },
            RackStep::Agreed(proposal) => RackStepShape::Agreed(*proposal),
            RackStep::TurnedDown(proposal) => RackStepShape::TurnedDown(*proposal),
        };
        RackRecordShape { loading: record.loading.clone(), rack: record.rack.clone(), step }
    }
}

impl RackRecordShape {
    pub(super) fn restore(self) -> Result<RackRecord, RecordError> {
        let loading = said("loading", self.loading)?;
        let rack = said("rack", self.rack)?;
        Ok(RackRecord { loading, rack, step: self.step.restore()? })
    }
}

impl RackStepShape {
    fn restore(self) -> Result<RackStep, RecordError> {
        Ok(match self {
            RackStepShape::Opened { analyser, assays, container, positions, file } => {
                let container = container
                    .map(|text| word("container", &Container::ALL, Container::id, &text))
                    .transpose()?;
                RackStep::Opened(RackPlan {
                    analyser: analyser.map(|text| said("analyser", text)).transpose()?,
                    assays: words("assays", &Assay::ALL, Assay::id, &assays)?,
                    container,
                    positions: from_one("positions", positions)?,
                    file,
                })
            }
            RackStepShape::Closed {} => RackStep::Closed,
            RackStepShape::Ended(why) => RackStep::Ended(said("ended", why)?),
            RackStepShape::Proposed { analyser, grounds } => RackStep::Proposed {
                analyser: said("analyser", analyser)?,
                grounds: grounds.restore()?,
            },
            RackStepShape::Agreed(proposal) => RackStep::Agreed(proposal),
            RackStepShape::TurnedDown(proposal) => RackStep::TurnedDown(proposal),
        })
    }
}

impl From<&Placement> for PlacementShape {
    fn from(placement: &Placement) -> Self {
        PlacementShape {
            loading: placement.loading.clone(),
            rack: placement.rack.clone(),
            position: placement.position,
            analyser: placement.analyser.clone(),
        }
    }
}

impl PlacementShape {
    pub(super) fn restore(self) -> Result<Placement, RecordError> {
        Ok(Placement {
            loading: said("loading", self.loading)?,
            rack: said("rack", self.rack)?,
            position: from_one("position", self.position)?,
            analyser: self.analyser.map(|text| said("analyser", text)).transpose()?,
        })
    }
}

impl From<&RackDoubt> for RackDoubtShape {
    fn from(doubt: &RackDoubt) -> Self {
        RackDoubtShape {
            loading: doubt.loading.clone(),
            rack: doubt.rack.clone(),
            analyser: doubt.analyser.clone(),
            message: doubt.message,
            text: doubt.text.clone(),
        }
    }
}

impl RackDoubtShape {
    pub(super) fn restore(self) -> Result<RackDoubt, RecordError> {
        Ok(RackDoubt {
            loading: said("loading", self.loading)?,
            rack: said("rack", self.rack)?,
            analyser: said("analyser", self.analyser)?,
            message: self.message,
            text: said("text", self.text)?,
        })
    }
}

impl From<&RackSettled> for RackSettledShape {
    fn from(settled: &RackSettled) -> Self {
        RackSettledShape {
            loading: settled.loading.clone(),
            analyser: settled.analyser.clone(),
            proposed_by: settled.proposed_by.clone(),
            agreed_by: settled.agreed_by.clone(),
        }
    }
}

impl RackSettledShape {
    pub(super) fn restore(self) -> Result<RackSettled, RecordError> {
        Ok(RackSettled {
            loading: said("loading", self.loading)?,
            analyser: said("analyser", self.analyser)?,
            proposed_by: said("proposed_by", self.proposed_by)?,
            agreed_by: said("agreed_by", self.agreed_by)?,
        })
    }
}

fn from_one(field: &'static str, number: u32) -> Result<u32, RecordError> {
    match number {
        0 => Err(RecordError::new(field, "0", "1, 2, ...")),
        number => Ok(number),
    }
}
