//! How a result came about, as JSON.

use serde::{Deserialize, Serialize};

use super::words::{BRACKETS, KIT_CONTROLS, value, word};
use super::{FormError, known, known_or_none, parsed};
use crate::domain::{
    Circumstances, Container, Controls, ExternalControls, Kit, LotStanding, WestgardRule,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct CircumstancesForm {
    pub(in super::super) received_at: Option<String>,
    pub(in super::super) kit: Option<KitForm>,
    pub(in super::super) lot: String,
    pub(in super::super) lot_expiry: Option<String>,
    pub(in super::super) controls: ControlsForm,
    pub(in super::super) container: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct KitForm {
    maker: String,
    name: String,
    containers: Vec<String>,
    stability_hours: Option<u32>,
    pool_max: Option<u32>,
    controls: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ControlsForm {
    kit: String,
    external: ExternalForm,
    bracket: String,
    failed_later: bool,
    observations: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalForm {
    recorded: bool,
    wrong_reading: bool,
    violations: Vec<String>,
}

impl From<&Circumstances> for CircumstancesForm {
    fn from(circumstances: &Circumstances) -> Self {
        CircumstancesForm {
            received_at: circumstances.received_at.map(|at| at.to_string()),
            kit: circumstances.kit.as_ref().map(KitForm::from),
            lot: circumstances.lot.id().to_owned(),
            lot_expiry: circumstances.lot_expiry.map(|day| day.to_string()),
            controls: ControlsForm::from(&circumstances.controls),
            container: circumstances.container.map(|one| one.id().to_owned()),
        }
    }
}

impl From<&Kit> for KitForm {
    fn from(kit: &Kit) -> Self {
        KitForm {
            maker: kit.maker.clone(),
            name: kit.name.clone(),
            containers: kit.containers.iter().map(|one| one.id().to_owned()).collect(),
            stability_hours: kit.stability_hours,
            pool_max: kit.pool_max,
            controls: kit.controls.clone(),
        }
    }
}

impl From<&Controls> for ControlsForm {
    fn from(controls: &Controls) -> Self {
        let external = &controls.external;
        let violations = external.violations.iter().map(|rule| rule.id().to_owned()).collect();
        ControlsForm {
            kit: word(KIT_CONTROLS, &controls.kit),
            external: ExternalForm {
                recorded: external.recorded,
                wrong_reading: external.wrong_reading,
                violations,
            },
            bracket: word(BRACKETS, &controls.bracket),
            failed_later: controls.failed_later,
            observations: controls.observations.clone(),
        }
    }
}

impl CircumstancesForm {
    pub(super) fn restore(&self, place: &str) -> Result<Circumstances, FormError> {
        let at = |field: &str| format!("{place}.circumstances.{field}");
        let (received_at, expiry) = (self.received_at.as_deref(), self.lot_expiry.as_deref());
        let kit = self.kit.as_ref().map(|kit| kit.restore(&at("kit"))).transpose()?;
        let container = self.container.as_deref();
        Ok(Circumstances {
            received_at: known_or_none(&at("received_at"), received_at, parsed)?,
            kit,
            lot: known(&at("lot"), &self.lot, LotStanding::from_id)?,
            lot_expiry: known_or_none(&at("lot_expiry"), expiry, parsed)?,
            controls: self.controls.restore(&at("controls"))?,
            container: known_or_none(&at("container"), container, Container::from_id)?,
        })
    }
}

impl KitForm {
    fn restore(&self, place: &str) -> Result<Kit, FormError> {
        let containers = self.containers.iter();
        let containers = containers.map(|word| known(place, word, Container::from_id));
        Ok(Kit {
            maker: self.maker.clone(),
            name: self.name.clone(),
            containers: containers.collect::<Result<_, _>>()?,
            stability_hours: self.stability_hours,
            pool_max: self.pool_max,
            controls: self.controls.clone(),
        })
    }
}

impl ControlsForm {
    fn restore(&self, place: &str) -> Result<Controls, FormError> {
        let violations = self.external.violations.iter();
        let violations = violations.map(|word| known(place, word, WestgardRule::from_id));
        Ok(Controls {
            kit: known(place, &self.kit, value(KIT_CONTROLS))?,
            external: ExternalControls {
                recorded: self.external.recorded,
                wrong_reading: self.external.wrong_reading,
                violations: violations.collect::<Result<_, _>>()?,
            },
            bracket: known(place, &self.bracket, value(BRACKETS))?,
            failed_later: self.failed_later,
            observations: self.observations.clone(),
        })
    }
}
