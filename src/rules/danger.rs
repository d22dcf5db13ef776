//! What may never be released, and what cannot be, whatever a rule set says: conditions over the
//! answers of [`super::question`], in the words in which a refusal names them.

use super::question::Judges;

/// Answers that stand together; each question with those of its answers that are meant.
pub type When = &'static [(&'static str, &'static [&'static str])];

/// Answers of which no combination may pass.
#[derive(Clone, Copy, Debug)]
pub struct Danger {
    /// What it is, in laboratory words.
    pub words: &'static str,
    /// When.
    pub when: When,
}

const fn danger(words: &'static str, when: When) -> Danger {
    Danger { words, when }
}

const UNRESOLVED: &[&str] = &["not_begun", "other_kit", "incomplete", "grey_zone", "reactive"];
const ADVERSE: &[&str] = &["reactive", "grey_zone", "void_reactive"];

impl Judges {
    /// Combinations that must not pass.
    pub const fn dangers(self) -> &'static [Danger] {
        match self {
            Judges::Registration => REGISTRATION,
            Judges::Donor => DONOR,
            Judges::Process => PROCESS,
            Judges::Reagent => REAGENT,
            Judges::Run => RUN,
            Judges::Specimen => SPECIMEN,
            Judges::Marker => MARKER,
            Judges::Rounds => ROUNDS,
            Judges::Pool => POOL,
            Judges::Abo => ABO,
            Judges::Rhd => RHD,
            Judges::Quantity => QUANTITY,
            Judges::Signature | Judges::Label => &[],
        }
    }

    /// Combinations that facts cannot give.
    pub const fn impossible(self) -> &'static [When] {
        match self {
            Judges::Marker => &[
                &[
                    ("first", &["nonreactive", "void"]),
                    (
                        "repeats",
                        &["other_kit", "incomplete", "nonreactive", "grey_zone", "reactive"],
                    ),
                ],
                &[
                    ("first", &["nonreactive", "void"]),
                    ("discrimination", &["nonreactive", "void", "reactive"]),
                ],
                &[("first", &["nonreactive"]), ("corrected", &["to_reactive", "to_nonreactive"])],
            ],
            Judges::Rounds => &[
                &[("number", &["none"]), ("makers", &["different", "same"])],
                &[("number", &["none"]), ("operators", &["different", "same"])],
            ],
            Judges::Pool => {
                &[&[("members", &["unknown"]), ("others", &["explained", "none_reactive"])]]
            }
            Judges::Abo => &[&[("results", &["void"]), ("determinations", &["enough"])]],
            Judges::Rhd => &[&[("results", &["void"]), ("determinations", &["enough"])]],
            Judges::Registration
            | Judges::Donor
            | Judges::Signature
            | Judges::Process
            | Judges::Reagent
            | Judges::Run
            | Judges::Specimen
            | Judges::Quantity
            | Judges::Label => &[],
        }
    }
}

const REGISTRATION: &[Danger] = &[
    danger("an unknown donation", &[("registered", &["no"])]),
    danger("a donation number that was not verified", &[("number", &["check_failed"])]),
    danger("a specimen that was not received", &[("sample", &["not_received"])]),
];

const DONOR: &[Danger] = &[
    danger("a deferred donor", &[("deferral", &["deferred"])]),
    danger("an adverse donor record", &[("record", &["flagged", "prior_reactive"])]),
    danger("merged donor records", &[("identity", &["merged"])]),
];

const PROCESS: &[Danger] = &[
    danger("a look-back that is overdue", &[("lookback", &["overdue"])]),
    danger("release outside of this program", &[("path", &["manual"])]),
];

const REAGENT: &[Danger] = &[
    danger("a recalled lot", &[("lot", &["recalled"])]),
    danger("a lot that is not released", &[("lot", &["not_released"])]),
    danger("an expired lot", &[("expiry", &["expired"])]),
];

const RUN: &[Danger] = &[
    danger("a control of the kit that failed", &[("kit_controls", &["failed"])]),
    danger("an external control that is out of control", &[("external", &["out_of_control"])]),
    danger("an external control that reads wrongly", &[("external", &["wrong_reading"])]),
    danger("a failure of controls found later", &[("failed_later", &["yes"])]),
];

const SPECIMEN: &[Danger] = &[
    danger("a wrong container", &[("container", &["wrong"])]),
    danger("a specimen that is too old", &[("age", &["too_old"])]),
];

const MARKER: &[Danger] = &[
    danger("no result that counts", &[("first", &["void"])]),
    danger(
        "reactive in a result that does not count, unresolved",
        &[("first", &["void_reactive"]), ("repeats", UNRESOLVED)],
    ),
    danger("a latest result that does not count", &[("latest", &["void"])]),
    danger("a correction across the cut-off", &[("corrected", &["to_reactive", "to_nonreactive"])]),
    danger("a reactive result that does not count", &[("doubtful", &["yes"])]),
    danger(
        "reactive, unresolved, no exception",
        &[("first", ADVERSE), ("repeats", UNRESOLVED), ("anti_hbs", &["none", "not_enough"])],
    ),
    danger(
        "reactive, unresolved, HBV DNA not excluded",
        &[("first", ADVERSE), ("repeats", UNRESOLVED), ("hbv_dna", &["none", "reactive"])],
    ),
    danger(
        "reactive with a discriminatory test: never negative",
        &[("first", ADVERSE), ("discrimination", &["nonreactive", "void", "reactive"])],
    ),
];

const ROUNDS: &[Danger] =
    &[danger("a required result is missing", &[("number", &["too_few", "none"])])];

const POOL: &[Danger] = &[
    danger(
        "a pool that says nothing of this donation",
        &[("members", &["unknown", "added_later", "duplicate"]), ("instead", &["none"])],
    ),
    danger("a pool that is too large", &[("size", &["exceeded"]), ("instead", &["none"])]),
    danger(
        "a pool without a result that counts",
        &[("result", &["none", "void"]), ("instead", &["none"])],
    ),
    danger(
        "a reactive pool, this donation not nonreactive singly",
        &[
            ("members", &["recorded", "unknown", "duplicate"]),
            ("result", &["reactive"]),
            ("this_one", &["none", "void", "reactive"]),
        ],
    ),
    danger(
        "a reactive pool, other members not tested singly",
        &[
            ("members", &["recorded", "unknown", "duplicate"]),
            ("result", &["reactive"]),
            ("others", &["open"]),
        ],
    ),
    danger("reactive singly", &[("this_one", &["reactive"])]),
];

const ABO: &[Danger] = &[
    danger("results that differ", &[("results", &["differ"])]),
    danger("no result that counts", &[("results", &["void"])]),
    danger("too few determinations", &[("determinations", &["too_few"])]),
    danger("not the group on record", &[("history", &["differs"])]),
];

const RHD: &[Danger] = &[
    danger("results that differ", &[("results", &["differ"])]),
    danger("no result that counts", &[("results", &["void"])]),
    danger("too few determinations", &[("determinations", &["too_few"])]),
    danger("not the type on record", &[("history", &["differs"])]),
    danger(
        "a confirmation that does not count",
        &[("results", &["negative"]), ("confirmation", &["void"])],
    ),
];

const QUANTITY: &[Danger] = &[
    danger("no number that counts", &[("value", &["void", "unit_unknown", "limit_unknown"])]),
    danger("outside the limits", &[("value", &["below", "above"])]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_names_questions_and_answers_that_there_are() {
        for kind in Judges::ALL {
            let dangers = kind.dangers().iter().map(|danger| danger.when);
            for when in dangers.chain(kind.impossible().iter().copied()) {
                for (question, answers) in when {
                    let known = kind.questions().iter().find(|known| known.id == *question);
                    let known = known.unwrap_or_else(|| panic!("{}: {question}", kind.id()));
                    for answer in *answers {
                        assert!(known.place(answer).is_some(), "{}: {answer}", kind.id());
                    }
                }
            }
        }
    }

    #[test]
    fn every_worse_pair_names_answers_that_there_are() {
        for question in Judges::ALL.iter().flat_map(|kind| kind.questions()) {
            for (better, worse) in question.worse {
                assert!(question.place(better).is_some() && question.place(worse).is_some());
            }
        }
    }
}
