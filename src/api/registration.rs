//! A registration as JSON: read strictly, written as it was read. What it says beyond the
//! registration itself (what is made of the donation, the donor's sex, tests beyond those of
//! everybody) becomes a statement of details.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::problem::{FieldFault, Problem};
use super::record_form::{user, user_wanted};
use crate::domain::{
    AboGroup, Assay, Details, DonationKind, DonationNumber, DonationNumberScheme, Donor, DonorKind,
    HistoricGroup, Registration, RhdType, Sex,
};
use crate::limits;

/// A registration as it is answered.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(super) struct RegistrationShape {
    pub din: String,
    collected_at: String,
    site: String,
    donor: DonorShape,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct DonorShape {
    kind: &'static str,
    deferred: bool,
    historic_group: Option<GroupShape>,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct GroupShape {
    abo: &'static str,
    rhd: &'static str,
}

impl From<&Registration> for RegistrationShape {
    fn from(registration: &Registration) -> Self {
        let donor = registration.donor;
        let historic_group = donor
            .historic_group
            .map(|group| GroupShape { abo: group.abo.id(), rhd: group.rhd.id() });
        RegistrationShape {
            din: registration.din.as_str().to_owned(),
            collected_at: registration.collected_at.to_string(),
            site: registration.site.clone(),
            donor: DonorShape { kind: donor.kind.id(), deferred: donor.deferred, historic_group },
        }
    }
}

// The values inside are taken apart by hand, so that every wrong one is named at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with din, collected_at, site and donor")]
struct Body {
    din: Option<Value>,
    collected_at: Option<Value>,
    site: Option<Value>,
    donor: Option<DonorBody>,
    kind: Option<Value>,
    autologous: Option<Value>,
    extras: Option<Value>,
    by: Option<Value>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "donor as an object with kind, deferred and historic_group"
)]
struct DonorBody {
    kind: Option<Value>,
    deferred: Option<Value>,
    sex: Option<Value>,
    historic_group: Option<GroupBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "donor.historic_group as null or {\"abo\", \"rhd\"}")]
struct GroupBody {
    abo: Option<Value>,
    rhd: Option<Value>,
}

/// A registration, and what it says beyond it.
#[derive(Debug)]
pub(super) struct Given {
    pub registration: Registration,
    /// Where it says any.
    pub details: Option<Details>,
    /// Who says the details.
    pub by: String,
}

/// Who says the details where the request names nobody.
const INVENTORY: &str = "inventory";
const BODY: [&str; 8] =
    ["din", "collected_at", "site", "donor", "kind", "autologous", "extras", "by"];
const DONOR: [&str; 4] = ["kind", "deferred", "historic_group", "sex"];

/// Reads a registration. `deferred` must be said: a deferral that nobody looked up is not a
/// donor who is not deferred.
pub(super) fn read(bytes: &[u8], scheme: &DonationNumberScheme) -> Result<Given, Problem> {
    let mut fields = Fields::default();
    fields.objects(&serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?);
    if !fields.faults.is_empty() {
        return Err(Problem::fields(fields.faults));
    }
    // The second reading finds what the first lets pass: a field that is given twice.
    let body: Body = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
    let registration = registration(&mut fields, &body, scheme);
    let details = details(&mut fields, &body);
    let by = by(&mut fields, &body);
    match registration {
        Some(registration) if fields.faults.is_empty() => Ok(Given { registration, details, by }),
        Some(_) | None => Err(Problem::fields(fields.faults)),
    }
}

/// What the registration says beyond itself; nothing, where none of it is said.
fn details(fields: &mut Fields, body: &Body) -> Option<Details> {
    let sex = body.donor.as_ref().and_then(|donor| donor.sex.as_ref());
    let said = [body.kind.as_ref(), body.autologous.as_ref(), body.extras.as_ref(), sex];
    if said.iter().all(Option::is_none) {
        return None;
    }
    let kind = fields.word("kind", body.kind.as_ref(), &DonationKind::ALL, DonationKind::id);
    let sex = fields.word("donor.sex", sex, &Sex::ALL, Sex::id);
    let autologous = match &body.autologous {
        Some(Value::Bool(autologous)) => *autologous,
        Some(_) => fields.fault("autologous", "is true or false").unwrap_or_default(),
        None => false,
    };
    let extras = match &body.extras {
        Some(Value::Array(extras)) => extras
            .iter()
            .filter_map(|extra| fields.word("extras", Some(extra), &Assay::ALL, Assay::id))
            .collect(),
        Some(_) => fields.fault("extras", "is a list of assays").unwrap_or_default(),
        None => Vec::new(),
    };
    Some(Details { kind: kind.unwrap_or_default(), autologous, sex, extras })
}

fn by(fields: &mut Fields, body: &Body) -> String {
    let by = match &body.by {
        Some(Value::String(text)) => user(text),
        Some(_) => None,
        None => Some(INVENTORY),
    };
    by.map(str::to_owned).or_else(|| fields.fault("by", user_wanted())).unwrap_or_default()
}

pub(super) fn unreadable(error: &serde_json::Error) -> Problem {
    match error.classify() {
        serde_json::error::Category::Data => Problem::shape(error.to_string()),
        serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof
        | serde_json::error::Category::Io => Problem::malformed(error.to_string()),
    }
}

fn registration(
    fields: &mut Fields,
    body: &Body,
    scheme: &DonationNumberScheme,
) -> Option<Registration> {
    let din = fields.text("din", body.din.as_ref());
    let din = din.and_then(|text| fields.donation_number(&text, scheme));
    let collected_at = fields.text("collected_at", body.collected_at.as_ref());
    let collected_at = collected_at.and_then(|text| fields.timestamp("collected_at", &text));
    let site = fields.text("site", body.site.as_ref()).and_then(|site| fields.site(site));
    let donor = match &body.donor {
        Some(donor) => donor_of(fields, donor),
        None => fields.fault("donor", "is missing"),
    };
    Some(Registration { din: din?, collected_at: collected_at?, site: site?, donor: donor? })
}

fn donor_of(fields: &mut Fields, body: &DonorBody) -> Option<Donor> {
    let kind = fields.text("donor.kind", body.kind.as_ref());
    let kind = kind.and_then(|kind| {
        DonorKind::from_id(&kind)
            .or_else(|| fields.fault("donor.kind", "is \"first\" or \"repeat\""))
    });
    let deferred = match &body.deferred {
        Some(Value::Bool(deferred)) => Some(*deferred),
        Some(_) => fields.fault("donor.deferred", "is true or false"),
        None => fields.fault("donor.deferred", "is missing: say true or false"),
    };
    let group = body.historic_group.as_ref().map(|group| group_of(fields, group));
    let historic_group = match group {
        Some(group) => Some(group?),
        None => None,
    };
    Some(Donor { kind: kind?, deferred: deferred?, historic_group })
}

fn group_of(fields: &mut Fields, body: &GroupBody) -> Option<HistoricGroup> {
    let abo = fields.text("donor.historic_group.abo", body.abo.as_ref());
    let abo = abo.and_then(|abo| {
        AboGroup::from_id(&abo)
            .or_else(|| fields.fault("donor.historic_group.abo", "is A, B, O or AB"))
    });
    let rhd = fields.text("donor.historic_group.rhd", body.rhd.as_ref());
    let rhd = rhd.and_then(|rhd| {
        RhdType::from_id(&rhd)
            .or_else(|| fields.fault("donor.historic_group.rhd", "is positive or negative"))
    });
    Some(HistoricGroup { abo: abo?, rhd: rhd? })
}

/// Reads a donation number that was given in an address.
pub(super) fn donation_number(
    text: &str,
    scheme: &DonationNumberScheme,
) -> Result<DonationNumber, Problem> {
    let mut fields = Fields::default();
    fields.donation_number(text, scheme).ok_or(Problem::fields(fields.faults))
}

/// Collects what is wrong with the fields.
#[derive(Default)]
struct Fields {
    faults: Vec<FieldFault>,
}

impl Fields {
    fn fault<T>(&mut self, field: &str, detail: impl Into<String>) -> Option<T> {
        self.faults.push(FieldFault::new(field, detail));
        None
    }

    /// Names everything that stands where an object of the body should, and every unknown field.
    fn objects(&mut self, body: &Value) {
        let Some(body) = self.object("", body, &BODY) else {
            return;
        };
        let Some(donor) = body.get("donor").filter(|donor| !donor.is_null()) else { return };
        let Some(donor) = self.object("donor", donor, &DONOR) else {
            return;
        };
        let group = donor.get("historic_group").filter(|group| !group.is_null());
        if let Some(group) = group {
            self.object("donor.historic_group", group, &["abo", "rhd"]);
        }
    }

    fn object<'v>(
        &mut self,
        field: &str,
        value: &'v Value,
        known: &[&str],
    ) -> Option<&'v Map<String, Value>> {
        let Value::Object(object) = value else {
            let field = if field.is_empty() { "body" } else { field };
            return self.fault(field, format!("is not an object with {}", known.join(", ")));
        };
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let dotted = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
            let known = known.join(", ");
            self.fault::<()>(&dotted, format!("is not a known field; known are {known}"));
        }
        Some(object)
    }

    fn text(&mut self, field: &str, value: Option<&Value>) -> Option<String> {
        match value {
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => self.fault(field, "is not a text"),
            None => self.fault(field, "is missing"),
        }
    }

    /// One of a closed list of words, if it is said.
    fn word<T: Copy>(
        &mut self,
        field: &str,
        value: Option<&Value>,
        all: &[T],
        id: fn(T) -> &'static str,
    ) -> Option<T> {
        let said = value?.as_str();
        let known = all.iter().copied().find(|known| Some(id(*known)) == said);
        known.or_else(|| {
            let ids: Vec<&str> = all.iter().map(|known| id(*known)).collect();
            self.fault(field, format!("is one of {}", ids.join(", ")))
        })
    }

    fn donation_number(
        &mut self,
        text: &str,
        scheme: &DonationNumberScheme,
    ) -> Option<DonationNumber> {
        match scheme.parse(text) {
            Ok(scanned) => Some(scanned.din),
            Err(error) => self.fault("din", error.to_string()),
        }
    }

    fn timestamp(&mut self, field: &str, text: &str) -> Option<Timestamp> {
        let wrong = "is not a time with its zone, e.g. 2026-01-31T08:30:00+08:00";
        text.parse().ok().or_else(|| self.fault(field, format!("{text:?} {wrong}")))
    }

    fn site(&mut self, site: String) -> Option<String> {
        let length = site.chars().count();
        let is_name = !site.trim().is_empty() && !site.chars().any(char::is_control);
        if is_name && length <= limits::SITE_MAX {
            return Some(site);
        }
        self.fault("site", format!("is a name of 1 to {} characters", limits::SITE_MAX))
    }
}
