//! What a result says, once the analyser's own words are translated.

/// The meaning of one result. Quantities have none: they are compared by the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Marker not found.
    Nonreactive,
    /// Marker found.
    Reactive,
    /// Between the two limits of the assay.
    GreyZone,
    /// The analyser, a control or a flag says the result does not count.
    Invalid,
    /// An ABO group.
    Abo(AboGroup),
    /// An RhD type.
    Rhd(RhdType),
}

/// ABO group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AboGroup {
    /// Group A.
    A,
    /// Group B.
    B,
    /// Group O.
    O,
    /// Group AB.
    Ab,
}

/// RhD type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RhdType {
    /// RhD positive.
    Positive,
    /// RhD negative.
    Negative,
}

impl Reading {
    /// The word used in JSON and rule sets.
    pub const fn id(self) -> &'static str {
        match self {
            Reading::Nonreactive => "nonreactive",
            Reading::Reactive => "reactive",
            Reading::GreyZone => "grey_zone",
            Reading::Invalid => "invalid",
            Reading::Abo(group) => group.id(),
            Reading::Rhd(rhd) => rhd.id(),
        }
    }

    /// The reading with this word; groups and RhD types share the name space without overlap.
    pub fn from_id(id: &str) -> Option<Reading> {
        match id {
            "nonreactive" => Some(Reading::Nonreactive),
            "reactive" => Some(Reading::Reactive),
            "grey_zone" => Some(Reading::GreyZone),
            "invalid" => Some(Reading::Invalid),
            _ => AboGroup::from_id(id)
                .map(Reading::Abo)
                .or_else(|| RhdType::from_id(id).map(Reading::Rhd)),
        }
    }
}

impl AboGroup {
    /// `A`, `B`, `O` or `AB`.
    pub const fn id(self) -> &'static str {
        match self {
            AboGroup::A => "A",
            AboGroup::B => "B",
            AboGroup::O => "O",
            AboGroup::Ab => "AB",
        }
    }

    /// The group written exactly so.
    pub fn from_id(id: &str) -> Option<AboGroup> {
        [AboGroup::A, AboGroup::B, AboGroup::O, AboGroup::Ab].into_iter().find(|g| g.id() == id)
    }
}

impl RhdType {
    /// `positive` or `negative`.
    pub const fn id(self) -> &'static str {
        match self {
            RhdType::Positive => "positive",
            RhdType::Negative => "negative",
        }
    }

    /// The type written exactly so.
    pub fn from_id(id: &str) -> Option<RhdType> {
        [RhdType::Positive, RhdType::Negative].into_iter().find(|r| r.id() == id)
    }
}
