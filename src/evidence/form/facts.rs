//! The facts of a donation, as JSON.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::circumstances::CircumstancesForm;
use super::words::{MEMBERS, RELEASES, STANDINGS, value, word};
use super::{FormError, known, known_or_none, parsed};
use crate::domain::{
    AboGroup, Assay, DonationNumber, Donor, DonorKind, Facts, HistoricGroup, OtherMember,
    PoolFacts, Reading, Record, RecordedObservation, RecordedStatement, Registration, RhdType,
    Sighting, Statement, UnreadMessage,
};
use crate::shape::{ObservationShape, RecordShape, StatementShape};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct FactsForm {
    registration: Option<RegistrationForm>,
    pub(in super::super) observations: Vec<ObservationForm>,
    unread: Vec<UnreadForm>,
    sightings: Vec<SightingForm>,
    statements: Vec<StatementForm>,
    pub(in super::super) pools: Vec<PoolForm>,
    release: String,
    rule_set: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationForm {
    collected_at: String,
    site: String,
    donor: String,
    deferred: bool,
    historic_group: Option<[String; 2]>,
}

/// An observation. Its number is a text: a number of JSON is not exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ObservationForm {
    pub(in super::super) id: i64,
    pub(in super::super) message: i64,
    pub(in super::super) analyser: String,
    pub(in super::super) profile: String,
    pub(in super::super) number: Option<String>,
    pub(in super::super) says: Value,
    pub(in super::super) circumstances: CircumstancesForm,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnreadForm {
    message: i64,
    why: String,
    cut_short: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SightingForm {
    message: i64,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementForm {
    id: i64,
    by: String,
    at: String,
    after_observation: i64,
    statement: StatementShape,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct PoolForm {
    id: String,
    members: String,
    size: u32,
    pub(in super::super) observations: Vec<ObservationForm>,
    others: Vec<OtherForm>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherForm {
    din: String,
    single: Option<String>,
    assay: Option<String>,
}

impl From<&Facts> for FactsForm {
    fn from(facts: &Facts) -> Self {
        FactsForm {
            registration: facts.registration.as_ref().map(RegistrationForm::from),
            observations: facts.observations.iter().map(ObservationForm::from).collect(),
            unread: facts.unread.iter().map(UnreadForm::from).collect(),
            sightings: facts.sightings.iter().map(SightingForm::from).collect(),
            statements: facts.statements.iter().map(StatementForm::from).collect(),
            pools: facts.pools.iter().map(PoolForm::from).collect(),
            release: word(RELEASES, &facts.release),
            rule_set: word(STANDINGS, &facts.rule_set),
        }
    }
}

impl From<&Registration> for RegistrationForm {
    fn from(registration: &Registration) -> Self {
        let donor = &registration.donor;
        let group = |group: HistoricGroup| [group.abo.id(), group.rhd.id()].map(str::to_owned);
        RegistrationForm {
            collected_at: registration.collected_at.to_string(),
            site: registration.site.clone(),
            donor: donor.kind.id().to_owned(),
            deferred: donor.deferred,
            historic_group: donor.historic_group.map(group),
        }
    }
}

impl From<&RecordedObservation> for ObservationForm {
    fn from(recorded: &RecordedObservation) -> Self {
        let observation = &recorded.observation;
        let shape = ObservationShape { number: None, ..ObservationShape::from(observation) };
        ObservationForm {
            id: recorded.id,
            message: recorded.message,
            analyser: recorded.analyser.clone(),
            profile: recorded.profile.clone(),
            number: observation.number.map(|number| number.to_string()),
            // A shape is written as an object; nothing in it refuses.
            says: serde_json::to_value(shape).unwrap_or_default(),
            circumstances: CircumstancesForm::from(&recorded.circumstances),
        }
    }
}

impl From<&UnreadMessage> for UnreadForm {
    fn from(unread: &UnreadMessage) -> Self {
        let UnreadMessage { message, why, cut_short } = unread.clone();
        UnreadForm { message, why, cut_short }
    }
}

impl From<&Sighting> for SightingForm {
    fn from(sighting: &Sighting) -> Self {
        SightingForm { message: sighting.message, text: sighting.text.clone() }
    }
}

impl From<&RecordedStatement> for StatementForm {
    fn from(recorded: &RecordedStatement) -> Self {
        StatementForm {
            id: recorded.id,
            by: recorded.by.clone(),
            at: recorded.at.to_string(),
            after_observation: recorded.after_observation,
            statement: StatementShape::from(&recorded.statement),
        }
    }
}

impl From<&PoolFacts> for PoolForm {
    fn from(pool: &PoolFacts) -> Self {
        PoolForm {
            id: pool.id.clone(),
            members: word(MEMBERS, &pool.members),
            size: pool.size,
            observations: pool.observations.iter().map(ObservationForm::from).collect(),
            others: pool.others.iter().map(OtherForm::from).collect(),
        }
    }
}

impl From<&OtherMember> for OtherForm {
    fn from(other: &OtherMember) -> Self {
        OtherForm {
            din: other.din.as_str().to_owned(),
            single: other.single.map(|reading| reading.id().to_owned()),
            assay: other.assay.map(|assay| assay.id().to_owned()),
        }
    }
}

impl FactsForm {
    /// The facts as the bundle has them.
    pub(in super::super) fn restore(&self, din: &DonationNumber) -> Result<Facts, FormError> {
        let registration = self.registration.as_ref();
        let registration = registration.map(|form| form.restore(din)).transpose()?;
        let observations = restored(&self.observations, ObservationForm::restore)?;
        Ok(Facts {
            din: din.clone(),
            registration,
            observations,
            unread: self.unread.iter().map(UnreadForm::restore).collect(),
            sightings: self.sightings.iter().map(SightingForm::restore).collect(),
            statements: restored(&self.statements, StatementForm::restore)?,
            pools: restored(&self.pools, PoolForm::restore)?,
            release: known("facts.release", &self.release, value(RELEASES))?,
            rule_set: known("facts.rule_set", &self.rule_set, value(STANDINGS))?,
        })
    }
}

fn restored<F, T>(
    forms: &[F],
    restore: impl Fn(&F) -> Result<T, FormError>,
) -> Result<Vec<T>, FormError> {
    forms.iter().map(restore).collect()
}

impl RegistrationForm {
    fn restore(&self, din: &DonationNumber) -> Result<Registration, FormError> {
        let group = |[abo, rhd]: &[String; 2]| {
            let place = "facts.registration.historic_group";
            let abo = known(place, abo, AboGroup::from_id)?;
            Ok(HistoricGroup { abo, rhd: known(place, rhd, RhdType::from_id)? })
        };
        let historic_group = self.historic_group.as_ref().map(group).transpose()?;
        let kind = known("facts.registration.donor", &self.donor, DonorKind::from_id)?;
        Ok(Registration {
            din: din.clone(),
            collected_at: known("facts.registration.collected_at", &self.collected_at, parsed)?,
            site: self.site.clone(),
            donor: Donor { kind, deferred: self.deferred, historic_group },
        })
    }
}

impl ObservationForm {
    /// Where it stands, in words.
    fn place(&self) -> String {
        format!("observation {}", self.id)
    }

    /// The observations of forms.
    pub(in super::super) fn restored(
        forms: &[ObservationForm],
    ) -> Result<Vec<RecordedObservation>, FormError> {
        restored(forms, ObservationForm::restore)
    }

    fn restore(&self) -> Result<RecordedObservation, FormError> {
        let place = self.place();
        let shape: ObservationShape = serde_json::from_value(self.says.clone())
            .map_err(|error| FormError::at(&place, error))?;
        let number = self.number.as_deref();
        let number = known_or_none(&place, number, parsed::<Decimal>)?;
        let observation = shape.restore(number).map_err(|error| FormError::at(&place, error))?;
        Ok(RecordedObservation {
            id: self.id,
            message: self.message,
            analyser: self.analyser.clone(),
            profile: self.profile.clone(),
            observation,
            circumstances: self.circumstances.restore(&place)?,
        })
    }
}

impl UnreadForm {
    fn restore(&self) -> UnreadMessage {
        let UnreadForm { message, why, cut_short } = self.clone();
        UnreadMessage { message, why, cut_short }
    }
}

impl SightingForm {
    fn restore(&self) -> Sighting {
        Sighting { message: self.message, text: self.text.clone() }
    }
}

impl StatementForm {
    fn restore(&self) -> Result<RecordedStatement, FormError> {
        let place = format!("statement {}", self.id);
        let statement = statement_of(self.statement.clone());
        Ok(RecordedStatement {
            id: self.id,
            by: self.by.clone(),
            at: known(&place, &self.at, parsed)?,
            after_observation: self.after_observation,
            statement: statement.map_err(|error| FormError::at(&place, error))?,
        })
    }
}

/// A statement is restored as a record about some donation.
fn statement_of(statement: StatementShape) -> Result<Statement, String> {
    let about = DonationNumber::restored(String::new());
    let shape = RecordShape::Donation { din: String::new(), statement };
    match shape.restore(|_| Some(about.clone())) {
        Ok(Record::Donation(_, statement)) => Ok(statement),
        Ok(_) => Err("it is no statement about a donation".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl PoolForm {
    fn restore(&self) -> Result<PoolFacts, FormError> {
        let place = format!("pool {}", self.id);
        Ok(PoolFacts {
            id: self.id.clone(),
            members: known(&place, &self.members, value(MEMBERS))?,
            size: self.size,
            observations: restored(&self.observations, ObservationForm::restore)?,
            others: restored(&self.others, |other| other.restore(&place))?,
        })
    }
}

impl OtherForm {
    fn restore(&self, place: &str) -> Result<OtherMember, FormError> {
        Ok(OtherMember {
            din: DonationNumber::restored(self.din.clone()),
            single: known_or_none(place, self.single.as_deref(), Reading::from_id)?,
            assay: known_or_none(place, self.assay.as_deref(), Assay::from_id)?,
        })
    }
}
