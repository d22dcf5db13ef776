//! What the reader of rule sets refuses, each fault with its words.

use super::*;
use crate::rules::RuleSet;

/// A whole set that breaks nowhere.
pub(in crate::rules) const SAMPLE: &str = include_str!("sample.toml");

/// What is wrong with the sample after one change; the change must change it.
fn broken(from: &str, to: &str) -> String {
    let text = SAMPLE.replacen(from, to, 1);
    assert_ne!(text, SAMPLE, "{from:?} is not in the sample");
    match RuleSet::parse("s.toml", &text) {
        Ok(_) => String::new(),
        Err(faults) => faults.iter().map(|fault| format!("{fault}\n")).collect(),
    }
}

/// One change of the sample, and what a fault says of it.
type Breakage = (&'static str, &'static str, &'static str);

fn all_are_told(breakages: &[Breakage]) {
    for (from, to, told) in breakages {
        let faults = broken(from, to);
        assert!(faults.contains(told), "{from:?} -> {to:?}: {told:?} is not in\n{faults}");
    }
}

#[test]
fn the_sample_is_read_whole_with_everything_it_says() {
    let content = read("s.toml", SAMPLE).unwrap();
    assert_eq!((content.name.as_str(), content.version.as_str()), ("sample", "1"));
    assert_eq!((content.tables.len(), content.checks.len()), (14, 9));
    assert_eq!(content.decide.len(), 4);
    let viruses = &content.checks[0];
    assert_eq!((viruses.rounds, viruses.repeats, viruses.same_kit), (2, 2, true));
    assert_eq!(viruses.evidence.concat().len(), 4);
    assert!(viruses.reagent.is_some() && viruses.run.is_some() && viruses.specimen.is_some());
    let alt = content.checks.iter().find(|check| check.name == "alt").unwrap();
    let limits: Vec<_> = alt.limits.iter().map(|limit| limit.above.unwrap().to_string()).collect();
    assert_eq!(limits, ["40", "50"]);
    let rhd = content.checks.iter().find(|check| check.name == "rhd").unwrap();
    assert_eq!((rhd.confirms, rhd.history), (Some(Assay::WeakD), true));
    assert_eq!((rhd.determinations.first, rhd.determinations.repeat), (2, 1));
    let serology = &content.tables["serology"];
    let line = SAMPLE.lines().position(|line| line.contains("[table.serology]")).unwrap() + 1;
    assert_eq!(serology.rows[0].line, line + 3, "a row knows its line");
    assert_eq!(serology.rows.len(), 12, "rows of other choices are not there");
}

#[test]
fn faults_of_the_head_are_told() {
    all_are_told(&[
        ("name = \"sample\"\n", "", "s.toml:1:1: name: is missing"),
        ("version = \"1\"", "version = 1", "version: expected a string, found integer"),
        ("dated = 2026-11-28", "dated = \"today\"", "dated: expected a date like 2026-01-31"),
        ("dated = 2026-11-28\n", "", "dated is missing"),
        ("status = \"For tests.\"", "status = \" \"", "status: is empty"),
        ("[westgard]", "surprise = 1\n[westgard]", "surprise: is not a known key"),
        ("without_status = \"does_not_count\"", "without_status = \"maybe\"", "not one of counts"),
        ("warn = [\"1-2s\"]", "warn = [\"1-9s\"]", "\"1-9s\" is not one of 1-2s"),
        ("warn = [\"1-2s\"]", "warn = [\"1-2s\", \"1-2s\"]", "stands here twice"),
        ("warn = [\"1-2s\"]", "warn = [\"1-3s\"]", "1-3s cannot both warn and reject"),
        (
            "[results]\nwithout_status = \"does_not_count\"\nby = \"own\"\n",
            "",
            "results: is missing",
        ),
    ]);
}

#[test]
fn faults_of_clauses_and_switches_are_told() {
    all_are_told(&[
        ("source = \"none\"\n", "", "clause.own.source: is missing"),
        ("confidence = \"D\"", "confidence = \"X\"", "\"X\" is not one of V, S, G, D"),
        ("by = \"other\"", "by = \"own\"", "nothing rests on the clause \"other\""),
        ("by = \"other\"", "by = \"nowhere\"", "there is no clause [clause.nowhere]"),
        ("[clause.own]", "[clause.\"a b\"]\n[clause.own]", "a name is made of letters"),
        ("choices = [\"1\", \"2\"]", "choices = [\"1\", \"3\"]", "\"2\" is not one of 1, 3"),
        ("choices = [\"1\", \"2\"]", "choices = [\"2\"]", "at least two words"),
        ("choices = [\"1\", \"2\"]", "choices = [\"2\", \"2\", \"1\"]", "stands here twice"),
        (
            "choices = [\"1\", \"2\"]",
            "choices = [\"2\", \"many\"]",
            "\"many\" of switch rounds is not a whole",
        ),
        (
            "choices = [\"1\", \"2\"]",
            "choices = [\"2\", \"9\"]",
            "\"9\" of switch rounds is not a whole",
        ),
        ("choices = [\"1\", \"2\"]", "choices = [\"2\", \"a b\"]", "a choice is made of letters"),
        ("rounds = \"$rounds\"", "rounds = 2", "the switch \"rounds\" switches nothing"),
        ("rounds = \"$rounds\"", "rounds = \"$turns\"", "there is no switch [switch.turns]"),
        (
            "choices = [\"yes\", \"where_run\"]",
            "choices = [\"where_run\", \"no\"]",
            "\"no\" of switch htlv is not one of yes",
        ),
        (
            "choices = [\"40\", \"50\", \"90\"]",
            "choices = [\"0\", \"50\"]",
            "\"0\" of switch alt_limit is not a decimal",
        ),
        (
            "when = { first_reactive = \"duplicate\" }",
            "when = { first_reactive = \"never\" }",
            "\"never\" is not one of duplicate, reject",
        ),
        (
            "when = { first_reactive = \"duplicate\" }",
            "when = { last = \"duplicate\" }",
            "there is no switch [switch.last]",
        ),
        (
            "when = { first_reactive = \"duplicate\" }",
            "when = \"duplicate\"",
            "expected a table, found string",
        ),
    ]);
}

#[test]
fn faults_of_tables_are_told() {
    let nonreactive = "{ first = \"nonreactive\", then = \"pass\", by = \"own\" }";
    let other = |row: &'static str| (nonreactive, row);
    let rows = [
        (
            other("{ third = \"a\", then = \"pass\", by = \"own\" }"),
            "is no question of a marker table: one of first,",
        ),
        (
            other("{ first = \"maybe\", then = \"pass\", by = \"own\" }"),
            "\"maybe\" is not one of nonreactive, void,",
        ),
        (
            other("{ first = [], then = \"pass\", by = \"own\" }"),
            "must name an answer, or a list of answers",
        ),
        (other("{ first = 1, then = \"pass\", by = \"own\" }"), "expected a string, found integer"),
        (
            other("{ first = \"nonreactive\", then = \"release\", by = \"own\" }"),
            "\"release\" is not one of pass, pending, hold, reject",
        ),
        (other("{ first = \"nonreactive\", by = \"own\" }"), "then: is missing"),
        (other("{ first = \"nonreactive\", then = \"pass\" }"), "by: is missing"),
        (
            other("{ first = \"nonreactive\", then = \"hold\", by = \"own\" }"),
            "reason is missing: a row that does not let pass says why",
        ),
        (
            other("{ first = \"nonreactive\", then = \"hold\", reason = \"BAD\", by = \"own\" }"),
            "\"BAD\" is not one of a reason code",
        ),
        (
            other(
                "{ first = \"nonreactive\", then = \"hold\", reason = \"ALL_OK\", by = \"own\" }",
            ),
            "\"ALL_OK\" is not one of a reason code",
        ),
        (
            other("{ first = \"nonreactive\", then = \"pass\", next = \"test\", by = \"own\" }"),
            "asks for nothing and bars nobody",
        ),
        (
            other(
                "{ first = \"nonreactive\", then = \"pass\", donor = \"permanent\", by = \"own\" }",
            ),
            "asks for nothing and bars nobody",
        ),
        (
            other("{ first = \"nonreactive\", then = \"pass\", label = \"RED\", by = \"own\" }"),
            "\"RED\" is not one of RHD_POSITIVE",
        ),
    ];
    for ((from, to), told) in rows {
        all_are_told(&[(from, to, told)]);
    }
}

#[test]
fn faults_of_words_and_of_tables_as_a_whole_are_told() {
    all_are_told(&[
        ("judges = \"label\"", "judges = \"labels\"", "\"labels\" is not one of registration,"),
        ("next = \"sign\"", "next = \"sing\"", "\"sing\" is not one of test,"),
        ("donor = \"permanent\"", "donor = \"forever\"", "\"forever\" is not one of none,"),
        (
            "table = \"cmv\"",
            "table = \"serology\"\nrepeats = 2\nsame_kit = true",
            "nothing in [decide] names this table",
        ),
        (
            "[decide]",
            "[table.empty]\njudges = \"donor\"\nrows = []\n[decide]",
            "rows must list at least one row",
        ),
    ]);
}

#[test]
fn faults_of_checks_are_told() {
    all_are_told(&[
        (
            "required = \"$htlv\"",
            "required = \"sometimes\"",
            "\"sometimes\" is not one of yes, where_run",
        ),
        ("required = \"$htlv\"\n", "", "check[3]: required is missing"),
        ("name = \"htlv\"", "name = \"nat\"", "the name \"nat\" is taken"),
        (
            "not_for = [\"source_plasma\"]",
            "not_for = [\"milk\"]",
            "\"milk\" is not one of whole_blood",
        ),
        ("until = 2099-12-31", "until = 2014-12-31", "is before the day from which it is needed"),
        ("evidence = [\"htlv\"]", "evidence = []", "evidence must name at least one assay"),
        ("evidence = [\"htlv\"]", "evidence = [\"htlw\"]", "\"htlw\" is not an assay"),
        (
            "evidence = [\"htlv\"]",
            "evidence = [\"htlv\", \"alt\"]",
            "alt is not judged by a marker table",
        ),
        (
            "evidence = [\"htlv\"]",
            "evidence = [\"htlv\", \"hiv\"]",
            "hiv is judged or ignored elsewhere",
        ),
        (
            "evidence = [\"rhd\"]",
            "evidence = [\"rhd\", \"weak-d\"]\nextra = 1",
            "check[8].extra: is not a known key",
        ),
        ("table = \"cmv\"\n", "", "check[9]: table is missing"),
        ("table = \"cmv\"", "table = \"cvm\"", "there is no table [table.cvm]"),
    ]);
}

#[test]
fn faults_of_what_a_check_names_are_told() {
    all_are_told(&[
        (
            "table = \"cmv\"",
            "table = \"donor\"",
            "[table.donor] judges donor, here is wanted: marker, quantity",
        ),
        (
            "reagent = \"reagent\"",
            "reagent = \"run\"",
            "[table.run] judges run, here is wanted: reagent",
        ),
        ("repeats = 2\n", "", "check[1]: repeats is missing"),
        ("repeats = 2", "repeats = 9", "9 is not between 1 and 8"),
        ("same_kit = true\n", "", "check[1]: same_kit is missing"),
        ("discriminatory = [\"hbv-dna\",", "discriminatory = [\"alt\",", "alt is not a marker"),
        (
            "evidence = [\"anti-cmv\"]",
            "evidence = [\"anti-cmv\"]\nrepeats = 2",
            "check[9].repeats: is not a known key",
        ),
        ("determinations = { first = 2, repeat = 1 }\n", "", "check[7].determinations: is missing"),
        (
            "determinations = { first = 2, repeat = 1 }",
            "determinations = { first = 2 }",
            "repeat is missing",
        ),
        ("history = \"must_agree\"\n", "", "check[7]: history is missing"),
        (
            "history = \"must_agree\"",
            "history = \"ask\"",
            "\"ask\" is not one of must_agree, not_compared",
        ),
        ("confirms = \"weak-d\"", "confirms = \"abo\"", "abo confirms no RhD type"),
        (
            "assay = \"anti-hbs\"",
            "assay = \"anti-hbs\"\n[[ignore]]\nby = \"own\"\nassay = \"hiv\"",
            "hiv may not be ignored, only a quantity may",
        ),
    ]);
}

#[test]
fn faults_of_limits_are_told() {
    let first = "{ from = 2012-07-01, above = 40, units = [\"U/L\", \"IU/L\"] }";
    all_are_told(&[
        (first, "{ above = 40, units = [\"U/L\"] }", "from is missing"),
        (
            first,
            "{ from = 2026-07-01, above = 40, units = [\"U/L\"] }",
            "in the order of their days",
        ),
        (first, "{ from = 2012-07-01, units = [\"U/L\"] }", "above or below is missing"),
        (first, "{ from = 2012-07-01, above = 40 }", "a number alone is no limit"),
        (first, "{ from = 2012-07-01, above = 40, units = [\" \"] }", "a number alone is no limit"),
        (first, "{ from = 2012-07-01, above = 0, units = [\"U/L\"] }", "must be above zero"),
        (
            first,
            "{ from = 2012-07-01, above = \"a\", units = [\"U/L\"] }",
            "\"a\" is not a decimal number above zero",
        ),
        (
            first,
            "{ from = 2012-07-01, above = 4, below = 5, units = [\"U/L\"] }",
            "nothing lies between",
        ),
        ("sex = \"female\"", "sex = \"other\"", "\"other\" is not one of female, male"),
        (
            "limits = [\n  { from = 2012-07-01, sex",
            "limits = []\nlimit = [\n  { from = 2012-07-01, sex",
            "at least one limit",
        ),
    ]);
}

#[test]
fn what_a_set_does_not_ask_for_refuses_it() {
    all_are_told(&[
        ("process = \"process\"\n", "", "process is missing: The way of release"),
        (
            "registration = \"registration\"",
            "registration = \"donor\"",
            "here is wanted: registration",
        ),
        ("\"babesia\", ", "", "babesia is in no check and not ignored by name"),
        ("confirms = \"weak-d\"\n", "", "weak-d is in no check and not ignored by name"),
        ("needs = \"rounds\"\n", "", "check viruses: needs is missing"),
    ]);
    let none = SAMPLE.replace("required = \"yes\"", "required = \"where_run\"");
    let faults = RuleSet::parse("s.toml", &none).unwrap_err();
    assert!(faults[0].message.contains("everything would be releasable"), "{faults:?}");
}

#[test]
fn the_exception_for_core_antibody_is_for_nothing_else() {
    let row = "{ first = \"nonreactive\", anti_hbs = [\"none\", \"enough\", \"not_enough\"], \
               then = \"pass\"";
    let faults = broken("{ first = \"nonreactive\", then = \"pass\"", row);
    assert!(faults.contains("a check of anti-hbc alone may be judged so"), "{faults}");
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_lines() {
    let text = SAMPLE.replace("dated = 2026-11-28", "dated = 1").replace("\"weak-d\"", "\"weak\"");
    let faults = RuleSet::parse("s.toml", &text).unwrap_err();
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert!(faults.len() >= 2 && lines.is_sorted(), "{faults:?}");
}

fn chosen(name: &str, choice: &str) -> String {
    let choices = BTreeMap::from([(name.to_owned(), choice.to_owned())]);
    RuleSet::with_site(SAMPLE, &choices).unwrap()
}

#[test]
fn a_site_chooses_and_the_identity_of_the_set_covers_it() {
    let own = RuleSet::parse("s.toml", SAMPLE).unwrap();
    let set = RuleSet::parse("s.toml", &chosen("htlv", "yes")).unwrap();
    assert_eq!(set.switches()["htlv"].value, "yes");
    assert_eq!(set.switches()["htlv"].default, "where_run");
    let htlv = |set: &RuleSet| set.checks().iter().find(|c| c.name == "htlv").unwrap().required;
    assert_eq!((htlv(&own), htlv(&set)), (super::super::Need::WhereRun, super::super::Need::Yes));
    assert_ne!(own.identity().sha256, set.identity().sha256);
    assert_eq!(RuleSet::with_site(SAMPLE, &BTreeMap::new()).unwrap(), SAMPLE);
}

#[test]
fn a_site_cannot_choose_what_there_is_not() {
    let faults = RuleSet::parse("s.toml", &chosen("htlw", "yes")).unwrap_err();
    assert!(faults[0].message.contains("is no switch of this set: one of"), "{faults:?}");
    let faults = RuleSet::parse("s.toml", &chosen("htlv", "no")).unwrap_err();
    assert!(faults[0].message.contains("\"no\" is not one of yes, where_run"), "{faults:?}");
    let twice = BTreeMap::from([("htlv".to_owned(), "yes".to_owned())]);
    let error = RuleSet::with_site(&chosen("htlv", "yes"), &twice).unwrap_err();
    assert!(error.to_string().contains("a table [site] already"), "{error}");
    let strange = BTreeMap::from([("htlv".to_owned(), "yes\"\n[x]".to_owned())]);
    let error = RuleSet::with_site(SAMPLE, &strange).unwrap_err();
    assert!(error.to_string().contains("letters, digits"), "{error}");
}

/// The sample with its part between two marks said so many times, each time otherwise.
fn many(count: usize, head: &str, item: impl Fn(usize) -> String) -> String {
    let items: String = (0..count).map(item).collect();
    SAMPLE.replacen(head, &format!("{items}{head}"), 1)
}

fn is_told(text: &str, told: &str) -> bool {
    let faults = RuleSet::parse("s.toml", text).err().unwrap_or_default();
    faults.iter().any(|fault| fault.message.contains(told))
}

#[test]
fn there_may_be_as_many_as_the_bound_and_not_one_more() {
    let clause =
        |n: usize| format!("[clause.c{n}]\ntext = \"t\"\nsource = \"s\"\nconfidence = \"D\"\n");
    let switch = |n: usize| {
        let choices = "choices = [\"a\", \"b\"]\ntext = \"t\"\nclause = \"own\"\n";
        format!("[switch.s{n}]\nvalue = \"a\"\n{choices}")
    };
    let table = |n: usize| {
        format!(
            "[table.t{n}]\njudges = \"specimen\"\nrows = [{{ then = \"pass\", by = \"own\" }}]\n"
        )
    };
    let row = |_| "{ then = \"pass\", by = \"own\" },\n".to_owned();
    let rows = "{ container = \"wrong\"";
    let bounds = [
        ("[clause.own]", limits::CLAUSES_MAX, 2, &clause as &dyn Fn(usize) -> String),
        ("[switch.rounds]", limits::SWITCHES_MAX, 4, &switch),
        ("[table.donor]", limits::TABLES_MAX, 14, &table),
        (rows, limits::TABLE_ROWS_MAX, 3, &row),
    ];
    for (head, most, own, item) in bounds {
        let told = format!("more than {most} ");
        assert!(!is_told(&many(most - own, head, item), &told), "{head} at its bound");
        assert!(is_told(&many(most - own + 1, head, item), &told), "{head} beyond its bound");
    }
}

#[test]
fn choices_limits_and_checks_have_bounds() {
    let choices = |count: usize| {
        let words: Vec<String> = (0..count).map(|n| format!("\"{n}\"")).collect();
        let all = words.join(", ");
        SAMPLE.replacen(
            "choices = [\"40\", \"50\", \"90\"]",
            &format!("choices = [\"50\", {all}]"),
            1,
        )
    };
    let most = limits::SWITCH_CHOICES_MAX;
    assert!(!is_told(&choices(most - 1), "more than"));
    assert!(is_told(&choices(most), &format!("more than {most} choices")));
    let limit = "{ from = 2012-07-01, above = 40, units = [\"U/L\", \"IU/L\"] },\n";
    let limits_of = |count: usize| SAMPLE.replacen(limit, &limit.repeat(count - 1), 1);
    let most = limits::QUANTITY_LIMITS_MAX;
    assert!(!is_told(&limits_of(most), "more than"));
    assert!(is_told(&limits_of(most + 1), &format!("more than {most} limits")));
    let check = |n: usize| {
        format!(
            "[[check]]\nname = \"c{n}\"\nrequired = \"where_run\"\ntable = \"cmv\"\nby = \"own\"\n"
        )
    };
    let most = limits::CHECKS_MAX;
    assert!(!is_told(&many(most - 9, "[[check]]", check), "more than"));
    assert!(is_told(&many(most - 8, "[[check]]", check), &format!("more than {most} checks")));
}
