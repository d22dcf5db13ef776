//! Any record of racks, agreements and quality, for the round trips of `record`.

use jiff::Timestamp;
use jiff::civil::date;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::domain::{
    AboGroup, AmendedReason, Assay, Container, Correction, Donor, DonorKind, EqaOutcome, EqaRecord,
    EqaStep, Ground, Grounds, HistoricGroup, Judgement, Matter, MessageJudged, MessageRecord,
    MessageStep, Placement, Proposal, RackDoubt, RackPlan, RackRecord, RackSettled, RackStep,
    ReasonCode, Record, RhdType, RunRecord, Statement,
};

/// A name that is not blank.
pub(super) fn name() -> impl Strategy<Value = String> {
    "[^ ].{0,11}[^ ]".prop_filter("not blank", |name| !name.trim().is_empty())
}

/// A moment.
pub(super) fn moment() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000, 0..1_000_000_000)
        .prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).unwrap())
}

fn assay() -> impl Strategy<Value = Assay> {
    select(Assay::ALL.to_vec())
}

fn grounds() -> impl Strategy<Value = Grounds> {
    (select(Ground::ALL.to_vec()), name()).prop_map(|(ground, text)| Grounds { ground, text })
}

fn judgement() -> impl Strategy<Value = Judgement> {
    select(Judgement::ALL.to_vec())
}

fn amended_reason() -> impl Strategy<Value = AmendedReason> {
    let code = select(ReasonCode::ALL.to_vec());
    let behind = (vec(any::<i64>(), 0..4), vec(any::<i64>(), 0..3));
    (code, option::of(assay()), option::of(name()), behind).prop_map(
        |(code, assay, subject, (observations, messages))| AmendedReason {
            code,
            assay,
            subject,
            observations,
            messages,
        },
    )
}

fn donor() -> impl Strategy<Value = Donor> {
    let group = (
        select(vec![AboGroup::A, AboGroup::B, AboGroup::O, AboGroup::Ab]),
        select(vec![RhdType::Positive, RhdType::Negative]),
    );
    let kind = select(vec![DonorKind::First, DonorKind::Repeat]);
    (kind, any::<bool>(), option::of(group)).prop_map(|(kind, deferred, group)| Donor {
        kind,
        deferred,
        historic_group: group.map(|(abo, rhd)| HistoricGroup { abo, rhd }),
    })
}

fn matter() -> impl Strategy<Value = Matter> {
    let correction = (option::of(moment()), option::of(name()), option::of(donor()))
        .prop_map(|(collected_at, site, donor)| Correction { collected_at, site, donor })
        .prop_filter("something", |correction| *correction != Correction::default());
    prop_oneof![
        vec(amended_reason(), 1..4).prop_map(Matter::Amendment),
        correction.prop_map(Matter::Correction),
    ]
}

/// Any statement about racks and agreements.
pub(super) fn statement() -> BoxedStrategy<Statement> {
    let placed = (name(), name(), 1_u32.., option::of(name())).prop_map(
        |(loading, rack, position, analyser)| Placement { loading, rack, position, analyser },
    );
    let doubt = ((name(), name(), name()), any::<i64>(), name()).prop_map(
        |((loading, rack, analyser), message, text)| RackDoubt {
            loading,
            rack,
            analyser,
            message,
            text,
        },
    );
    let settled =
        (name(), name(), name(), name()).prop_map(|(loading, analyser, proposed_by, agreed_by)| {
            RackSettled { loading, analyser, proposed_by, agreed_by }
        });
    let judged = (any::<i64>(), judgement(), name(), name()).prop_map(
        |(message, judgement, proposed_by, agreed_by)| MessageJudged {
            message,
            judgement,
            proposed_by,
            agreed_by,
        },
    );
    let proposal = (matter(), grounds(), any::<i64>())
        .prop_map(|(matter, grounds, version)| Proposal { matter, grounds, version });
    prop_oneof![
        placed.prop_map(Statement::Placed),
        name().prop_map(Statement::TakenOut),
        doubt.prop_map(Statement::RackInDoubt),
        settled.prop_map(Statement::RackSettled),
        judged.prop_map(Statement::MessageJudged),
        proposal.prop_map(Statement::Proposed),
        any::<i64>().prop_map(Statement::Agreed),
        any::<i64>().prop_map(Statement::TurnedDown),
    ]
    .boxed()
}

fn rack() -> impl Strategy<Value = RackRecord> {
    let container = option::of(select(Container::ALL.to_vec()));
    let plan = (option::of(name()), vec(assay(), 0..4), container, 1_u32.., option::of(name()))
        .prop_map(|(analyser, assays, container, positions, file)| RackPlan {
            analyser,
            assays,
            container,
            positions,
            file,
        });
    let step = prop_oneof![
        plan.prop_map(RackStep::Opened),
        Just(RackStep::Closed),
        name().prop_map(RackStep::Ended),
        (name(), grounds())
            .prop_map(|(analyser, grounds)| RackStep::Proposed { analyser, grounds }),
        any::<i64>().prop_map(RackStep::Agreed),
        any::<i64>().prop_map(RackStep::TurnedDown),
    ];
    (name(), name(), step).prop_map(|(loading, rack, step)| RackRecord { loading, rack, step })
}

fn message() -> impl Strategy<Value = MessageRecord> {
    let step = prop_oneof![
        (judgement(), grounds()).prop_map(|(one, grounds)| MessageStep::Proposed(one, grounds)),
        any::<i64>().prop_map(MessageStep::Agreed),
        any::<i64>().prop_map(MessageStep::TurnedDown),
    ];
    (any::<i64>(), step).prop_map(|(message, step)| MessageRecord { message, step })
}

fn run() -> impl Strategy<Value = RunRecord> {
    let names = (name(), name(), ".{0,8}", name());
    (names, moment(), moment(), any::<bool>()).prop_map(
        |((analyser, test_code, plate, text), a, b, accepted)| RunRecord {
            analyser,
            test_code,
            plate,
            from: a.min(b),
            to: a.max(b),
            accepted,
            text,
        },
    )
}

fn round() -> impl Strategy<Value = EqaRecord> {
    let outcome = select(EqaOutcome::ALL.to_vec());
    let step = prop_oneof![
        (vec(assay(), 0..4), 1..29_i8)
            .prop_map(|(assays, day)| EqaStep::Opened { assays, due: date(2027, 2, day) }),
        (name(), assay(), name()).prop_map(|(sample, assay, result)| EqaStep::Reported {
            sample,
            assay,
            result
        }),
        (name(), assay(), name(), outcome).prop_map(|(sample, assay, expected, outcome)| {
            EqaStep::Assessed { sample, assay, expected, outcome }
        }),
        name().prop_map(EqaStep::Closed),
    ];
    (name(), name(), step).prop_map(|(scheme, round, step)| EqaRecord { scheme, round, step })
}

/// Any record of racks, messages, runs and rounds.
pub(super) fn record() -> BoxedStrategy<Record> {
    prop_oneof![
        rack().prop_map(Record::Rack),
        message().prop_map(Record::Message),
        run().prop_map(Record::Run),
        round().prop_map(Record::Eqa),
    ]
    .boxed()
}
