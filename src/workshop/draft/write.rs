//! A plan as TOML that a person goes on from.

use std::fmt::Write as _;

use super::plan::{Plan, Verdict};
use super::{Source, Standard, standard};

/// The profile.
pub(super) fn toml(plan: &Plan, source: Source<'_>) -> String {
    let mut text = String::new();
    head(&mut text, source);
    tests(&mut text, plan);
    fields(&mut text, plan);
    kinds_and_statuses(&mut text, plan, source.standard);
    for verdict in &plan.verdicts {
        let strange = plan.strange.iter().filter(|(path, _)| *path == verdict.path);
        words(&mut text, verdict, strange.map(|(_, word)| word));
    }
    flags(&mut text, plan);
    ignored(&mut text, plan);
    query(&mut text, plan, source.standard);
    unplaced(&mut text, plan);
    text
}

const WARNING: &str = "\
# A draft. Everything in it was concluded from a transcript and from the standard: read it line by
# line. What it leaves out blocks release, which is what it is for until you know better.

";

const WHICH_MESSAGES: &str = "\
# Only messages whose header says this are read so.
# when = [\"MSH-9.1 = OUL\"]
";

const WHICH_ASSAYS: &str = "\
# Which assay each code means at this site. Thoughts stand behind a #: confirm, then take it away.
";

fn head(text: &mut String, source: Source<'_>) {
    let built_from = format!("drafted from {}", source.transcripts.join(", "));
    let lines = [
        "name = \"site-analyser\"".to_owned(),
        "version = \"1\"".to_owned(),
        "date = 2000-01-01             # the day you finish it".to_owned(),
        "title = \"Maker and model\"".to_owned(),
        format!("dialect = {}", quoted(source.standard.id())),
        format!("charset = {}", quoted(&source.charset.name())),
        "confidence = \"low\"".to_owned(),
        format!("built_from = {}", quoted(&built_from)),
        "missing = [\"everything that the transcript does not show\"]".to_owned(),
    ];
    *text += WARNING;
    *text += &lines.join("\n");
    *text += "\n\n";
    if source.standard == Standard::Hl7 {
        *text += WHICH_MESSAGES;
        text.push('\n');
    }
}

fn tests(text: &mut String, plan: &Plan) {
    *text += WHICH_ASSAYS;
    *text += "[tests]\n";
    for test in &plan.tests {
        let thought = test.thought.map_or("which-assay", |assay| assay.id());
        let name = if test.name.is_empty() { String::new() } else { format!("   # {}", test.name) };
        let _ = writeln!(text, "# {} = {}{}", quoted(&test.code), quoted(thought), one_line(&name));
    }
    text.push('\n');
}

fn fields(text: &mut String, plan: &Plan) {
    let ids: Vec<String> = plan.specimen_ids.iter().map(|path| quoted(path)).collect();
    let _ = writeln!(text, "[fields]\nspecimen_id = [{}]", ids.join(", "));
    for (key, path) in &plan.fields {
        let _ = writeln!(text, "{key} = {}", quoted(path));
    }
    if let Some((path, at)) = &plan.split {
        let _ = write!(text, "\n[[split]]\npath = {}\nat = {}\n", quoted(path), quoted(at));
    }
    if let Some(path) = &plan.aspect {
        *text += &format!(
            "\n# Several records make one result.\n[aspect]\npath = {}\n\
             codes = {{ F = \"value\", I = \"verdict\", P = \"raw\", G = \"raw\" }}\n",
            quoted(path)
        );
    }
    text.push('\n');
}

fn kinds_and_statuses(text: &mut String, plan: &Plan, standard: Standard) {
    for (path, codes) in &plan.kinds {
        let _ = writeln!(text, "[[kind]]\npath = {}\n{codes}\n", quoted(path));
    }
    if let Some(path) = &plan.status {
        let codes = standard::statuses(standard);
        let _ = writeln!(text, "[status]\npath = {}\ncodes = {codes}\n", quoted(path));
    }
    if let Some(path) = &plan.order_status {
        let codes = standard::ORDER_STATUSES;
        let _ = writeln!(text, "[order_status]\npath = {}\ncodes = {codes}\n", quoted(path));
    }
}

fn words<'p>(text: &mut String, verdict: &Verdict, strange: impl Iterator<Item = &'p String>) {
    let _ = writeln!(text, "[[verdict]]\npath = {}\n[verdict.marker]", quoted(&verdict.path));
    for word in &verdict.words {
        let doubt = if word.seen { "" } else { "   # not seen: confirm" };
        let _ = writeln!(text, "{} = {}{doubt}", quoted(&word.text), quoted(word.reading.id()));
    }
    for word in strange {
        let _ = writeln!(text, "# {} = \"which-reading\"", quoted(word));
    }
    text.push('\n');
}

fn flags(text: &mut String, plan: &Plan) {
    for (path, seen) in &plan.flags {
        let _ = writeln!(
            text,
            "# A flag that is not accepted here by name is unaccounted.\n\
             [[flags]]\npath = {}\n[flags.accepted]",
            quoted(path)
        );
        for flag in seen {
            let _ = writeln!(text, "# {} = \"what it means\"", quoted(flag));
        }
        text.push('\n');
    }
    for path in &plan.comments {
        let _ = writeln!(
            text,
            "# Any comment holds the result until a person has read it.\n\
             [[flags]]\npath = {}\nas = \"alarm\"\notherwise = \"holds\"\n",
            quoted(path)
        );
    }
}

fn ignored(text: &mut String, plan: &Plan) {
    for (why, paths) in &plan.ignored {
        let paths: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
        let _ =
            writeln!(text, "[[ignore]]\npaths = [{}]\nwhy = {}\n", paths.join(", "), quoted(why));
    }
}

fn query(text: &mut String, plan: &Plan, standard: Standard) {
    if plan.query_ids.is_empty() {
        return;
    }
    let ids: Vec<String> = plan.query_ids.iter().map(|path| quoted(path)).collect();
    let _ = write!(
        text,
        "# It asks. Complete this, and write [answer]; see the manual.\n# [query]\n\
         # answer_within_s = 10\n# specimen_id = [{}]\n",
        ids.join(", ")
    );
    if standard != Standard::Hl7 {
        *text += "# [[query.kind]]\n# path = \"Q.13\"\n\
                  # codes = { \"\" = \"specimens\", O = \"specimens\", A = \"cancel\" }\n";
    }
    text.push('\n');
}

fn unplaced(text: &mut String, plan: &Plan) {
    if plan.unplaced.is_empty() {
        return;
    }
    *text += "# Not placed. Give each a role above, or ignore it by name with a reason.\n";
    for place in &plan.unplaced {
        let (path, seen) = (&place.path, place.seen);
        let example = one_line(&quoted(&place.example));
        let thought = place.thought.map_or(String::new(), |thought| format!("   {thought}"));
        let _ = writeln!(text, "# {path}  seen {seen} times, e.g. {example}{thought}");
    }
}

/// A text as TOML: what JSON escapes, TOML reads the same.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
