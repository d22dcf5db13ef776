//! In which language the texts for people are: `?lang=` before `Accept-Language` (RFC 9110 12.5.4),
//! English where neither names one that we have. Codes and ids are the same in every language.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use super::query::Parameters;
use crate::domain::{Action, Assay, ReasonCode};
use crate::rules::words::{self, Lang};
use crate::shape::{NextStepShape, ReasonShape};

/// A language of texts for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    /// What the request asks for. A parameter that names no language is a fault; a header never is.
    pub(super) fn asked(parameters: &mut Parameters, headers: &HeaderMap) -> Language {
        match parameters.text("lang") {
            Some(word) => Language::named(&word).unwrap_or_else(|| {
                parameters.fault("lang", format!("{word:?} is not a language: en, zh-CN"));
                Language::English
            }),
            None => Language::accepted(headers),
        }
    }

    /// Puts the texts of these reasons into this language.
    pub(super) fn reasons(self, reasons: &mut [ReasonShape]) {
        match self {
            Language::English => {}
            Language::Chinese => reasons.iter_mut().for_each(chinese_reason),
        }
    }

    /// Puts the texts of these steps into this language.
    pub(super) fn steps(self, steps: &mut [NextStepShape]) {
        match self {
            Language::English => {}
            Language::Chinese => steps.iter_mut().for_each(chinese_step),
        }
    }

    /// Traditional characters are not ours: who asks for them alone gets English.
    fn named(word: &str) -> Option<Language> {
        let word = word.trim().to_ascii_lowercase();
        match word.as_str() {
            "en" | "en-us" | "en-gb" => Some(Language::English),
            "zh" | "zh-cn" | "zh-hans" | "zh-hans-cn" | "zh-sg" => Some(Language::Chinese),
            _ => None,
        }
    }

    fn accepted(headers: &HeaderMap) -> Language {
        let texts = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|text| text.to_str().ok());
        let mut best = (0, Language::English);
        for range in texts.flat_map(|text| text.split(',')) {
            let (word, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let language = Language::named(word).or((word.trim() == "*").then_some(best.1));
            if let (Some(language), weight) = (language, thousandths(weight))
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// What a later version wrote keeps its words.
fn chinese_reason(reason: &mut ReasonShape) {
    let Some(code) = ReasonCode::from_id(&reason.code) else { return };
    let subject = subject(reason.subject.as_deref(), reason.assay.as_deref());
    reason.text = words::reason_story(code, Lang::ZhCn, subject, &reason.text);
}

fn chinese_step(step: &mut NextStepShape) {
    let Some(action) = Action::from_id(&step.action) else { return };
    let subject = subject(None, step.assay.as_deref());
    step.text = words::action_text(action, Lang::ZhCn, subject);
}

/// What it is about: the subject where one is named, else the assay in words.
fn subject<'t>(subject: Option<&'t str>, assay: Option<&str>) -> Option<&'t str> {
    let assay = assay.and_then(Assay::from_id).map(|assay| Lang::ZhCn.of(words::assay(assay)));
    subject.or(assay)
}

/// The weight of a range; nothing where it is not written as it must be.
fn thousandths(weight: &str) -> u32 {
    let number = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
    let number = number.filter(|number| (0.0..=1.0).contains(number)).unwrap_or(0.0);
    // At most 1000, never below 0.
    (number * 1_000.0) as u32
}
