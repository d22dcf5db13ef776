//! Every visible word, by key, in English and Chinese: Fluent files beside this one.
//!
//! Words of the trade that verdicts, reasons, actions and assays have stand in `rules::words`; what
//! stands here is the console's own. A key is never missing at run time without being seen: it
//! shows itself, and a test has failed before.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::langid;

use crate::rules::words::Lang;

/// One language.
pub(super) struct Text {
    lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

/// A part of the console: its name, its words in English and in Chinese.
type Part = (&'static str, &'static str, &'static str);

macro_rules! parts {
    ($($part:literal),+ $(,)?) => {
        [$((
            $part,
            include_str!(concat!("text/en/", $part, ".ftl")),
            include_str!(concat!("text/zh-CN/", $part, ".ftl")),
        )),+]
    };
}

const PARTS: &[Part] = &parts!(
    "common",
    "decisions",
    "donation",
    "links",
    "people",
    "quality",
    "racks",
    "today",
    "unread",
    "worklists",
);

/// The words of this language.
pub(super) fn text(lang: Lang) -> &'static Text {
    static ENGLISH: LazyLock<Text> = LazyLock::new(|| Text::new(Lang::En));
    static CHINESE: LazyLock<Text> = LazyLock::new(|| Text::new(Lang::ZhCn));
    match lang {
        Lang::En => &ENGLISH,
        Lang::ZhCn => &CHINESE,
    }
}

impl Text {
    fn new(lang: Lang) -> Text {
        let id = match lang {
            Lang::En => langid!("en"),
            Lang::ZhCn => langid!("zh-CN"),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Nothing here is read from right to left.
        bundle.set_use_isolating(false);
        for (_, english, chinese) in PARTS {
            let resource = FluentResource::try_new(lang.of([*english, *chinese]).to_owned());
            // What a file has wrong is seen by the tests; what is right in it is used.
            let resource = resource.unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
        Text { lang, bundle }
    }

    pub(super) const fn lang(&self) -> Lang {
        self.lang
    }

    /// The words of a key.
    pub(super) fn say(&self, key: &str) -> String {
        self.told(key, None)
    }

    /// The words of a key with one thing put in; a whole number is one for plurals.
    pub(super) fn with(&self, key: &str, name: &str, value: impl ToString) -> String {
        let mut args = FluentArgs::new();
        args.set(name.to_owned(), valued(value.to_string()));
        self.told(key, Some(&args))
    }

    /// The same with several.
    pub(super) fn with_all(&self, key: &str, values: &[(&str, String)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set((*name).to_owned(), valued(value.clone()));
        }
        self.told(key, Some(&args))
    }

    /// A word of a closed list: its key is the family's name and the id, `-` for `_`.
    pub(super) fn word(&self, family: &str, id: impl AsRef<str>) -> String {
        self.told(&format!("{family}-{}", id.as_ref().replace('_', "-")), None)
    }

    fn told(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut faults = Vec::new();
        self.bundle.format_pattern(pattern, args, &mut faults).into_owned()
    }
}

/// Small whole numbers decide about plurals; anything else is a text as it stands.
fn valued(text: String) -> FluentValue<'static> {
    match text.parse::<u32>() {
        Ok(number) if number < 1_000 && number.to_string() == text => FluentValue::from(number),
        Ok(_) | Err(_) => FluentValue::from(text),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};

    use fluent_bundle::FluentResource;
    use regex::Regex;

    use super::*;

    /// The keys of a file, each with the names it puts in.
    fn keys(name: &str, text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let resource = FluentResource::try_new(text.to_owned());
        assert!(resource.is_ok(), "{name}: {:?}", resource.err().map(|(_, faults)| faults));
        let key = Regex::new(r"^([a-z][a-z0-9-]*) *=").unwrap();
        let put_in = Regex::new(r"\{ *\$([a-z_]+)").unwrap();
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut last = String::new();
        for line in text.lines() {
            if let Some(found) = key.captures(line) {
                last = found[1].to_owned();
                assert!(!keys.contains_key(&last), "{name}: {last} stands there twice");
                keys.entry(last.clone()).or_default();
            }
            for found in put_in.captures_iter(line) {
                keys.entry(last.clone()).or_default().insert(found[1].to_owned());
            }
        }
        keys
    }

    fn every_key(of: impl Fn(&Part) -> &'static str) -> BTreeMap<String, BTreeSet<String>> {
        let mut all = BTreeMap::new();
        for part in PARTS {
            for (key, put_in) in keys(part.0, of(part)) {
                assert!(all.insert(key.clone(), put_in).is_none(), "{key} stands in two parts");
            }
        }
        all
    }

    fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_things_put_in() {
        let (english, chinese) = (every_key(|part| part.1), every_key(|part| part.2));
        let only = |one: &BTreeMap<_, _>, other: &BTreeMap<String, BTreeSet<String>>| {
            let keys = one.keys().filter(|key| !other.contains_key(*key));
            keys.cloned().collect::<Vec<String>>()
        };
        assert_eq!(only(&english, &chinese), Vec::<String>::new(), "only in English");
        assert_eq!(only(&chinese, &english), Vec::<String>::new(), "only in Chinese");
        for (key, put_in) in &english {
            assert_eq!(put_in, &chinese[key], "{key} puts other things in");
        }
    }

    #[test]
    fn every_key_is_used_and_every_key_that_is_used_is_there() {
        let mut files = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console");
        sources(&root, &mut files);
        let literal = Regex::new(r#""([a-z]+(?:-[a-z0-9]+)+)""#).unwrap();
        let asked = Regex::new(r#"\.(?:say|with|with_all)\(\s*"([a-z0-9-]+)""#).unwrap();
        let family = Regex::new(r#"\.word\(\s*"([a-z0-9-]+)""#).unwrap();
        let (mut named, mut families) = (BTreeSet::new(), BTreeSet::new());
        let known = every_key(|part| part.1);
        for (path, text) in &files {
            named.extend(literal.captures_iter(text).map(|found| found[1].to_owned()));
            families.extend(family.captures_iter(text).map(|found| found[1].to_owned()));
            for found in asked.captures_iter(text) {
                assert!(known.contains_key(&found[1]), "{}: no key {}", path.display(), &found[1]);
                named.insert(found[1].to_owned());
            }
        }
        let is_used = |key: &&String| {
            named.contains(*key) || families.iter().any(|f| key.starts_with(&format!("{f}-")))
        };
        let unused: Vec<_> = known.keys().filter(|key| !is_used(key)).collect();
        assert!(unused.is_empty(), "nobody says {unused:?}");
    }

    #[test]
    fn numbers_decide_about_plurals_and_donation_numbers_stay_as_they_are() {
        assert_eq!(text(Lang::En).with("trouble-not-found", "what", "0012"), "There is no 0012.");
    }
}
