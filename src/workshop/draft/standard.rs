//! What the standards say stands at a place (LIS02-A2 6 to 15; HL7 v2.5.1 chapters 2, 4, 7, 13).

use super::Standard;

/// What is to be done with a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// May hold the number of the specimen.
    SpecimenId,
    /// One text of a result, by its key in `[fields]`.
    Field(&'static str),
    /// Tells donors from controls; every word the standard has, as a line of TOML.
    Kind(&'static str),
    Status,
    OrderStatus,
    /// A flag of the result, or a comment on it.
    Flags,
    Comment,
    /// Says nothing about a result.
    Ignored(&'static str),
}

const SENDER: &str = "names of sender and receiver, time, type and version of the message";
const PRIORITY: &str = "priority and times of the order, material: inventory registers these";
const NAMES: &str = "name of the test beside its code";
const RANGE: &str = "reference range: the verdict and its limits stand elsewhere";
const ORDER_NUMBERS: &str = "numbers of the order, and what was ordered";
const COMMENT: &str = "who made a comment and of what type: whatever it says, it counts";
const INSTRUMENT: &str = "instrument or module; the analyser's id in the configuration names it";
const VALUE_TYPE: &str = "type of the value, kind of the observation";
const ORDER_STATE: &str = "state of the order; the status of each result counts";

/// What stands at a place of this field and component.
pub(super) fn meaning(
    standard: Standard,
    record: &str,
    field: usize,
    component: usize,
    subcomponent: usize,
) -> Option<Meaning> {
    match standard {
        Standard::Hl7 => hl7(record, field, component, subcomponent),
        Standard::Lis02 => lis02(record, field, component),
    }
}

fn lis02(record: &str, field: usize, component: usize) -> Option<Meaning> {
    use Meaning::{Comment, Field, Flags, Ignored, Kind, OrderStatus, SpecimenId, Status};
    Some(match (record, field, component) {
        ("H", 3..=10 | 13 | 14, _) => Ignored(SENDER),
        ("H", 12, 1) => Kind(
            r#"codes = { "" = "donor", P = "donor", Q = "control", T = "other", D = "other" }"#,
        ),
        ("O", 3, _) | ("O", 4, 1) => SpecimenId,
        ("O", 4, 2) => Field("rack"),
        ("O", 4, 3) => Field("position"),
        ("O", 5, 4) => Field("ordered_test"),
        ("O", 5, 5) => Ignored(NAMES),
        ("O", 6 | 7 | 8 | 15 | 16 | 23, _) => Ignored(PRIORITY),
        ("O", 12, 1) => {
            Kind(r#"codes = { "" = "donor", N = "donor", A = "donor", Q = "control" }"#)
        }
        ("O", 26, 1) => OrderStatus,
        ("R", 3, 4) => Field("test_code"),
        ("R", 3, 5) => Ignored(NAMES),
        ("R", 5, 1) => Field("unit"),
        ("R", 6 | 8, _) => Ignored(RANGE),
        ("R", 7, 1) => Flags,
        ("R", 9, 1) => Status,
        ("R", 11, _) => Ignored("operator's name"),
        ("R", 14, _) => Ignored(INSTRUMENT),
        ("C", 4, 1) => Comment,
        ("C", 3 | 5, _) => Ignored(COMMENT),
        _ => return None,
    })
}

fn hl7(record: &str, field: usize, component: usize, subcomponent: usize) -> Option<Meaning> {
    use Meaning::{Comment, Field, Flags, Ignored, Kind, SpecimenId, Status};
    Some(match (record, field, component) {
        ("MSH", 3..=7 | 9 | 10 | 12 | 15 | 16 | 18..=21, _) => Ignored(SENDER),
        ("MSH", 11, 1) => Kind(r#"codes = { P = "donor", T = "other", D = "other" }"#),
        ("SPM", 2, 1) if subcomponent == 1 => SpecimenId,
        ("SAC", 3, 1) => SpecimenId,
        ("SAC", 10, 1) => Field("rack"),
        ("SAC", 11, 1) => Field("position"),
        ("SPM", 4, _) => Ignored(PRIORITY),
        ("SPM", 11, 1) => Kind(concat!(
            r#"codes = { P = "donor", Q = "control", C = "calibration", B = "other", "#,
            r#"E = "other", F = "other", G = "other", L = "other", O = "other", "#,
            r#"R = "other", U = "other", V = "other" }"#
        )),
        ("SPM", 11, _) => Ignored("name of the role's code"),
        ("OBR", 2 | 3, 1) => SpecimenId,
        ("OBR", 4, _) => Ignored(ORDER_NUMBERS),
        ("OBX", 2 | 29, _) => Ignored(VALUE_TYPE),
        ("OBX", 3, 1) => Field("test_code"),
        ("OBX", 3, 2 | 3) => Ignored(NAMES),
        ("OBX", 4, 1) => Field("replicate"),
        ("OBX", 6, 1) => Field("unit"),
        ("OBX", 6, _) => Ignored("name of the unit's code"),
        ("OBX", 7, _) => Ignored(RANGE),
        ("OBX", 8, 1) => Flags,
        ("OBX", 11, 1) => Status,
        ("OBX", 16, _) => Ignored("operator's name"),
        ("OBX", 18, _) => Ignored(INSTRUMENT),
        ("NTE", 3, _) => Comment,
        ("NTE", 2 | 4, _) => Ignored(COMMENT),
        ("ORC", 1 | 5, _) => Ignored(ORDER_STATE),
        _ => return None,
    })
}

/// Records about people, which are ignored whole.
pub(super) const fn personal(standard: Standard) -> &'static [&'static str] {
    match standard {
        Standard::Hl7 => &["PID", "PD1", "PV1", "PV2", "NK1"],
        Standard::Lis02 => &["P"],
    }
}

/// Where the time of a result may stand, the likeliest first.
pub(super) const fn times(standard: Standard) -> (&'static str, &'static [usize]) {
    match standard {
        Standard::Hl7 => ("OBX", &[19, 14]),
        Standard::Lis02 => ("R", &[13, 12]),
    }
}

/// Where the value of a result stands.
pub(super) const fn value(standard: Standard) -> (&'static str, usize) {
    match standard {
        Standard::Hl7 => ("OBX", 5),
        Standard::Lis02 => ("R", 4),
    }
}

/// Statuses of results (LIS02-A2 8.4.9; HL7 table 0085) by their word in profiles.
pub(super) const fn statuses(standard: Standard) -> &'static str {
    match standard {
        Standard::Hl7 => {
            concat!(
                r#"{ F = "final", C = "corrected", P = "preliminary", X = "failed", "#,
                r#"I = "pending", R = "partial", S = "partial", D = "withdrawn", W = "withdrawn" }"#
            )
        }
        Standard::Lis02 => {
            concat!(
                r#"{ F = "final", C = "corrected", P = "preliminary", X = "failed", "#,
                r#"I = "pending", S = "partial", R = "retransmitted", W = "questionable" }"#
            )
        }
    }
}

/// Report types of an order (LIS02-A2 7.4.26).
pub(super) const ORDER_STATUSES: &str =
    r#"{ F = "final", C = "corrected", P = "preliminary", X = "failed", I = "pending" }"#;
