//! Results as the page shows them: what was found, by whom, with what, under which controls.

use super::words;
use crate::console::text::Text;
use crate::domain::{
    Bracket, Circumstances, Controls, Facts, KitControls, LotStanding, RecordedObservation,
};

/// A result.
pub(super) struct ResultRow {
    pub(super) id: i64,
    pub(super) message: i64,
    /// The pool's id, where it is a result of the pool's tube.
    pub(super) pool: Option<String>,
    pub(super) assay: String,
    pub(super) reading: Option<Seen>,
    pub(super) value: String,
    /// The same as it was sent, where that is more than a number.
    pub(super) sent: Option<String>,
    pub(super) status: Option<String>,
    pub(super) analyser: String,
    pub(super) test_code: String,
    pub(super) operator: Option<String>,
    pub(super) completed: Option<String>,
    pub(super) kit: Option<String>,
    pub(super) lot: Option<String>,
    pub(super) lot_standing: Seen,
    pub(super) expiry: Option<String>,
    pub(super) controls: Vec<Seen>,
    pub(super) place: Option<String>,
    /// Flags as sent; what they mean for the result stands among the doubts.
    pub(super) flags: Vec<String>,
    /// What is wrong with it, in the analyser's and the profile's words.
    pub(super) doubts: Vec<String>,
}

/// A word with its colour and shape.
pub(super) struct Seen {
    pub(super) kind: &'static str,
    pub(super) mark: &'static str,
    pub(super) word: String,
}

/// All results, the donation's own before those of its pools' tubes.
pub(super) fn rows(text: &Text, facts: &Facts) -> Vec<ResultRow> {
    let own = facts.observations.iter().map(|found| row(text, found, None));
    let pooled = facts.pools.iter().flat_map(|pool| {
        pool.observations.iter().map(|found| row(text, found, Some(pool.id.clone())))
    });
    own.chain(pooled).collect()
}

fn row(text: &Text, found: &RecordedObservation, pool: Option<String>) -> ResultRow {
    let seen = &found.observation;
    let about = &found.circumstances;
    let number = seen.number.map(|number| number.to_string());
    let sent = seen.value.clone().filter(|sent| number.as_ref().is_some_and(|it| it != sent));
    let value = [number.or_else(|| seen.value.clone()), seen.unit.clone()];
    let expiry = about.lot_expiry.or(seen.reagent_expiry);
    let place = [seen.rack.as_deref(), seen.position.as_deref()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    ResultRow {
        id: found.id,
        message: found.message,
        pool,
        assay: match seen.assay {
            Some(assay) => words::assay(text, assay.id()),
            None => text.say("donation-no-assay"),
        },
        reading: seen.reading.map(|reading| {
            let (kind, mark) = words::reading_kind(reading);
            Seen { kind, mark, word: words::reading(text, reading) }
        }),
        value: value.into_iter().flatten().collect::<Vec<_>>().join(" "),
        sent,
        flags: seen.flags.clone(),
        status: seen.status.map(|status| text.word("result-status", status.id())),
        analyser: found.analyser.clone(),
        test_code: seen.test_code.clone(),
        operator: seen.operator.clone(),
        completed: seen.completed_at.map(|at| at.civil.to_string().replace('T', " ")),
        kit: about.kit.as_ref().map(|kit| format!("{} ({})", kit.name, kit.maker)),
        lot: seen.reagent_lot.clone(),
        lot_standing: lot(text, about),
        expiry: expiry.map(|day| day.to_string()),
        controls: controls(text, &about.controls),
        place: (!place.is_empty()).then(|| place.join(" / ")),
        doubts: doubts(text, found),
    }
}

fn lot(text: &Text, about: &Circumstances) -> Seen {
    let (kind, mark) = match about.lot {
        LotStanding::NotRecorded => ("wait", "…"),
        LotStanding::Released => ("good", "✔"),
        LotStanding::NotReleased | LotStanding::DeliveryNotAccepted => ("warn", "▲"),
        LotStanding::Recalled => ("bad", "✖"),
    };
    Seen { kind, mark, word: text.word("lot-standing", about.lot.id()) }
}

fn controls(text: &Text, controls: &Controls) -> Vec<Seen> {
    let seen = |kind, mark, key: &str| Seen { kind, mark, word: text.word("control-state", key) };
    let mut found = vec![match controls.kit {
        KitControls::NotRecorded => seen("wait", "…", "kit-open"),
        KitControls::Passed => seen("good", "✔", "kit-passed"),
        KitControls::Failed => seen("bad", "✖", "kit-failed"),
    }];
    let external = &controls.external;
    if external.wrong_reading {
        found.push(seen("bad", "✖", "external-wrong"));
    } else if external.recorded && external.violations.is_empty() {
        found.push(seen("good", "✔", "external-in"));
    }
    found.extend(external.violations.iter().map(|rule| Seen {
        kind: "warn",
        mark: "▲",
        word: text.with("donation-westgard", "rule", rule.id()),
    }));
    if controls.failed_later {
        found.push(seen("bad", "✖", "failed-later"));
    }
    match controls.bracket {
        Bracket::Open => {}
        Bracket::Closed => found.push(seen("good", "✔", "bracketed")),
    }
    found
}

fn doubts(text: &Text, found: &RecordedObservation) -> Vec<String> {
    let seen = &found.observation;
    let concerns = seen.concerns.iter();
    let concerns = concerns.map(|concern| format!("{}: {}", concern.code, concern.text));
    let unknown = seen.unaccounted.iter().map(|piece| {
        let values = [
            ("place", piece.path.clone()),
            ("offset", piece.offset.to_string()),
            ("text", piece.text.clone()),
        ];
        text.with_all("donation-unaccounted", &values)
    });
    concerns.chain(unknown).collect()
}
