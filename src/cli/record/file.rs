//! A file of records in words: kits, lots, control targets, pools, what is said about donations.
//! Read whole; every fault is told with its line, those that only the daemon can find included.

use std::rc::Rc;

use crate::document::{self, Fault, Place, Placed, Table};
use crate::domain::DonationNumber;
use crate::limits;
use crate::shape::{
    ControlFailureShape, ControlTargetShape, ExpectedShape, KitShape, LotShape, PoolShape,
    RecordShape, StatementShape, console_only,
};

/// What a file wants on record.
pub(super) struct Records {
    /// Who says so.
    pub(super) by: String,
    /// In the order of the file.
    pub(super) records: Vec<Written>,
    /// Where the user id stands.
    by_at: Option<Fault>,
    file: String,
}

/// A record and where it stands.
pub(super) struct Written {
    pub(super) shape: RecordShape,
    /// Line of the record.
    pub(super) line: usize,
    /// Its fields, by their names in JSON, and where they stand.
    fields: Vec<(String, Fault)>,
    at: Fault,
}

/// The kinds of records, as the tables of a file are called.
const KINDS: [&str; 6] = ["kit", "lot", "control_target", "control_failure", "pool", "donation"];

/// Kinds of records that no file holds.
const NOT_HERE: [&str; 4] = ["rack", "message", "run", "eqa"];

/// Reads a file. `by` goes before what the file says.
pub(super) fn read(file: &str, text: &str, by: Option<&str>) -> Result<Records, Vec<Fault>> {
    document::read(file, text, |root| {
        let said = match by {
            Some(_) => root.string("by"),
            None => root.required_string("by"),
        };
        let mut records = Vec::new();
        for kind in KINDS {
            for table in root.tables(kind) {
                records.append(&mut of_table(kind, &table));
            }
        }
        for kind in NOT_HERE.into_iter().filter(|kind| root.has(kind)) {
            let place = root.place_of(kind).unwrap_or(root.place());
            root.fault(&place, console_only(kind).unwrap_or("is not put on record by a file"));
        }
        records.sort_by_key(|record| (record.line, record.at.column));
        bounded(root, records.len());
        let by_at = said.as_ref().map(|said| root.told(&said.place, ""));
        let by = by.map(str::to_owned).or(said.map(|said| said.value))?;
        Some(Records { by, records, by_at, file: file.to_owned() })
    })
}

fn bounded(root: &Table<'_>, count: usize) {
    let most = limits::RECORDS_PER_REQUEST_MAX;
    if count == 0 {
        root.fault(
            &root.place(),
            format!("no record stands here: one of [[{}]]", KINDS.join("]], [[")),
        );
    }
    if count > most {
        let message = format!("{count} records stand here, at most {most} go together: split it");
        root.fault(&root.place(), message);
    }
}

impl Records {
    /// Puts what the daemon says of a field to the line where it stands.
    pub(super) fn fault(&self, field: &str, detail: &str) -> Fault {
        let known = self.place(field);
        let of_file = Fault::of_file(&self.file, format!("{field}: {detail}"));
        known.map_or(of_file, |at| Fault { message: detail.to_owned(), ..at.clone() })
    }

    fn place(&self, field: &str) -> Option<&Fault> {
        if field == "by" {
            return self.by_at.as_ref();
        }
        let (number, rest) = field.strip_prefix("records[")?.split_once(']')?;
        let record = self.records.get(number.parse::<usize>().ok()?)?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let named = record.fields.iter().find(|(name, _)| name == rest);
        Some(named.map_or(&record.at, |(_, at)| at))
    }
}

/// The record of a table, or records: what is said of several donations is one record each.
fn of_table(kind: &str, table: &Rc<Table<'_>>) -> Vec<Written> {
    let mut form = Form { table, fields: Vec::new() };
    let shapes: Option<Vec<RecordShape>> = match kind {
        "kit" => form.kit().map(|kit| vec![RecordShape::Kit(kit)]),
        "lot" => form.lot().map(|lot| vec![RecordShape::Lot(lot)]),
        "control_target" => form.target().map(|target| vec![RecordShape::ControlTarget(target)]),
        "control_failure" => form.failure().map(|fails| vec![RecordShape::ControlFailure(fails)]),
        "pool" => form.pool().map(|pool| vec![RecordShape::Pool(pool)]),
        _ => form.donations(),
    };
    let (at, fields) = (table.told(&table.place(), ""), form.fields);
    let shapes = shapes.unwrap_or_default().into_iter().map(|shape| Written {
        line: at.line,
        fields: fields.clone(),
        at: at.clone(),
        shape,
    });
    let shapes: Vec<Written> = shapes.collect();
    shapes.iter().for_each(|record| record.judge(table));
    shapes
}

impl Written {
    /// What is wrong with the words of a record. Whether a donation number is one, the daemon
    /// knows.
    fn judge(&self, table: &Table<'_>) {
        let number = |text: &str| Some(DonationNumber::restored(text.to_owned()));
        let Err(error) = self.shape.clone().restore(number) else { return };
        let key = error.field.rsplit('.').next().unwrap_or(error.field);
        let place = table.place_of(key).unwrap_or(table.place());
        table.fault(&place, format!("{:?} is not {}", error.value, error.may));
    }

    /// What it is, in a few words.
    pub(super) fn words(&self) -> String {
        match &self.shape {
            RecordShape::Kit(kit) => {
                format!("kit {} {}: {} {}", kit.profile, kit.test_code, kit.maker, kit.name)
            }
            RecordShape::Lot(lot) => {
                format!("lot {} {}: {} {}", lot.profile, lot.test_code, lot.lot, lot.standing)
            }
            RecordShape::ControlTarget(target) => {
                format!("control {} {}: {}", target.analyser, target.test_code, target.material)
            }
            RecordShape::ControlFailure(failure) => {
                format!("failure of controls {} {}", failure.analyser, failure.test_code)
            }
            RecordShape::Pool(pool) => format!("pool {}: {} members", pool.id, pool.members.len()),
            RecordShape::Donation { din, statement } => {
                format!("donation {din}: {}", says(statement))
            }
            RecordShape::Rack(rack) => format!("rack {}: {}", rack.rack, rack.loading),
            RecordShape::Message(message) => format!("message {}", message.message),
            RecordShape::Run(run) => format!("run {} {}", run.analyser, run.test_code),
            RecordShape::Eqa(round) => format!("round {} {}", round.scheme, round.round),
        }
    }
}

const fn says(statement: &StatementShape) -> &'static str {
    match statement {
        StatementShape::Details { .. } => "details",
        StatementShape::Deferred {} => "deferred",
        StatementShape::DonorRecord { .. } => "donor_record",
        StatementShape::EarlierOccasion { .. } => "earlier_occasion",
        StatementShape::Supplemental { .. } => "supplemental",
        StatementShape::Signature { .. } => "signature",
        StatementShape::SampleNotReceived {} => "sample_not_received",
        StatementShape::SampleReceived {} => "sample_received",
        StatementShape::NumberCheckFailed {} => "number_check_failed",
        StatementShape::Container { .. } => "container",
        StatementShape::Lookback { .. } => "lookback",
        StatementShape::ManualPath {} => "manual_path",
        StatementShape::Reevaluated { .. } => "reevaluated",
        StatementShape::Placed(_) => "placed",
        StatementShape::TakenOut { .. } => "taken_out",
        StatementShape::RackInDoubt(_) => "rack_in_doubt",
        StatementShape::RackSettled(_) => "rack_settled",
        StatementShape::MessageJudged(_) => "message_judged",
        StatementShape::Proposed(_) => "proposed",
        StatementShape::Agreed { .. } => "agreed",
        StatementShape::TurnedDown { .. } => "turned_down",
    }
}

/// A table that is read as a record, field by field.
struct Form<'t, 'd> {
    table: &'t Table<'d>,
    fields: Vec<(String, Fault)>,
}

impl Form<'_, '_> {
    /// Remembers where a field stands.
    fn noted<T>(&mut self, field: &str, place: &Place, value: T) -> T {
        self.fields.push((field.to_owned(), self.table.told(place, "")));
        value
    }

    fn text(&mut self, field: &str) -> Option<String> {
        let Placed { value, place } = self.table.required_string(field)?;
        Some(self.noted(field, &place, value))
    }

    fn text_if(&mut self, field: &str) -> Option<String> {
        let Placed { value, place } = self.table.string(field)?;
        Some(self.noted(field, &place, value))
    }

    fn number_if(&mut self, field: &str) -> Option<u32> {
        let Placed { value, place } = self.table.integer(field, 0..=i64::from(u32::MAX))?;
        let number = u32::try_from(value).ok()?;
        Some(self.noted(field, &place, number))
    }

    fn texts(&mut self, field: &str) -> Vec<String> {
        let texts = self.table.strings(field);
        if let Some(first) = self.table.place_of(field) {
            self.noted(field, &first, ());
        }
        texts.into_iter().map(|text| text.value).collect()
    }

    fn kit(&mut self) -> Option<KitShape> {
        let (profile, test_code) = (self.text("profile"), self.text("test_code"));
        let (maker, name) = (self.text("maker"), self.text("name"));
        let (containers, controls) = (self.texts("containers"), self.texts("controls"));
        let (stability_hours, pool_max) =
            (self.number_if("stability_hours"), self.number_if("pool_max"));
        Some(KitShape {
            profile: profile?,
            test_code: test_code?,
            maker: maker?,
            name: name?,
            containers,
            stability_hours,
            pool_max,
            controls,
        })
    }

    fn lot(&mut self) -> Option<LotShape> {
        let (profile, test_code) = (self.text("profile"), self.text("test_code"));
        let (lot, standing) = (self.text("lot"), self.text("standing"));
        let expiry = self.table.date("expiry");
        let expiry = expiry.map(|day| self.noted("expiry", &day.place, day.value.to_string()));
        Some(LotShape {
            profile: profile?,
            test_code: test_code?,
            lot: lot?,
            standing: standing?,
            expiry,
        })
    }

    fn target(&mut self) -> Option<ControlTargetShape> {
        let (analyser, test_code) = (self.text("analyser"), self.text("test_code"));
        let (material, control_lot) = (self.text("material"), self.text_if("control_lot"));
        let (level, source) = (self.number_if("level"), self.text("source"));
        let expected = self.expected();
        if level.is_none() && !self.table.has("level") {
            self.table.fault(&self.table.place(), "level is missing: 1, 2, ...");
        }
        Some(ControlTargetShape {
            analyser: analyser?,
            test_code: test_code?,
            material: material?,
            control_lot,
            level: level?,
            source: source?,
            expected: expected?,
        })
    }

    /// One of three ways to say it.
    fn expected(&mut self) -> Option<ExpectedShape> {
        let table = self.table.required_table("expected")?;
        self.noted("expected", &table.place(), ());
        let reading = table.string("reading").map(|text| ExpectedShape::Reading(text.value));
        let two = |key: &str| two(&table, key);
        let between = two("between").map(ExpectedShape::Between);
        let distribution = two("distribution").map(ExpectedShape::Distribution);
        let ways = ["reading", "between", "distribution"];
        if ways.iter().filter(|way| table.has(way)).count() != 1 {
            let message = "say one of: reading, between, distribution";
            table.fault(&table.place(), message);
            return None;
        }
        reading.or(between).or(distribution)
    }

    fn failure(&mut self) -> Option<ControlFailureShape> {
        let (analyser, test_code) = (self.text("analyser"), self.text("test_code"));
        let (from, to) = (self.text("from"), self.text("to"));
        Some(ControlFailureShape {
            analyser: analyser?,
            test_code: test_code?,
            from: from?,
            to: to?,
        })
    }

    fn pool(&mut self) -> Option<PoolShape> {
        let (id, members, made_by) =
            (self.text("id"), self.texts("members"), self.text_if("made_by"));
        Some(PoolShape { id: id?, members, made_by })
    }

    fn donations(&mut self) -> Option<Vec<RecordShape>> {
        let dins = self.table.one_or_more("din");
        match self.table.place_of("din") {
            Some(place) => self.noted("din", &place, ()),
            None => self.table.fault(&self.table.place(), "din is missing"),
        }
        let statement = self.statement()?;
        self.fields.iter_mut().filter(|(name, _)| name != "din").for_each(|(name, _)| {
            *name = format!("statement.{name}");
        });
        let of = |din: Placed<String>| RecordShape::Donation {
            din: din.value,
            statement: statement.clone(),
        };
        Some(dins.into_iter().map(of).collect())
    }

    fn statement(&mut self) -> Option<StatementShape> {
        let says = self.table.required_string("says")?;
        let mut text = |field: &str| self.text(field);
        Some(match says.value.as_str() {
            "details" => return self.details(),
            "deferred" => StatementShape::Deferred {},
            "donor_record" => StatementShape::DonorRecord { standing: text("standing")? },
            "earlier_occasion" => StatementShape::EarlierOccasion { assay: text("assay")? },
            "supplemental" => {
                let (assay, result) = (text("assay"), text("result"));
                StatementShape::Supplemental { assay: assay?, result: result? }
            }
            "signature" => StatementShape::Signature { step: text("step")? },
            "sample_not_received" => StatementShape::SampleNotReceived {},
            "sample_received" => StatementShape::SampleReceived {},
            "number_check_failed" => StatementShape::NumberCheckFailed {},
            "container" => StatementShape::Container { container: text("container")? },
            "lookback" => StatementShape::Lookback { standing: text("standing")? },
            "manual_path" => StatementShape::ManualPath {},
            "reevaluated" => StatementShape::Reevaluated { rule_set: text("rule_set")? },
            other => {
                let message = match console_only(other) {
                    Some(why) => format!("{other:?} {why}"),
                    None => format!("{other:?} is not one of {}", STATEMENTS.join(", ")),
                };
                self.table.fault(&says.place, message);
                return None;
            }
        })
    }

    fn details(&mut self) -> Option<StatementShape> {
        let (kind, sex, extras) = (self.text("kind"), self.text_if("sex"), self.texts("extras"));
        let autologous = self.table.boolean("autologous").is_some_and(|said| said.value);
        Some(StatementShape::Details { kind: kind?, autologous, sex, extras })
    }
}

/// What can be said about a donation.
const STATEMENTS: [&str; 13] = [
    "details",
    "deferred",
    "donor_record",
    "earlier_occasion",
    "supplemental",
    "signature",
    "sample_not_received",
    "sample_received",
    "number_check_failed",
    "container",
    "lookback",
    "manual_path",
    "reevaluated",
];

/// Two numbers as texts, so that they stay exact.
fn two(table: &Table<'_>, key: &str) -> Option<[String; 2]> {
    let numbers: Vec<String> = table.strings(key).into_iter().map(|text| text.value).collect();
    let place = table.place_of(key)?;
    let two = <[String; 2]>::try_from(numbers).ok();
    if two.is_none() {
        table.fault(&place, "expected two numbers in quotes, e.g. [\"2.50\", \"0.20\"]");
    }
    two
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        match read("r.toml", text, None) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        }
    }

    const GOOD: &str = r#"by = "chen"

[[lot]]
profile = "abbott-architect"
test_code = "605"
lot = "47331M100"
standing = "released"
expiry = 2027-06-30

[[donation]]
din = ["G123498654321", "G123498654322"]
says = "signature"
step = "signed"

[[kit]]
profile = "abbott-architect"
test_code = "605"
maker = "Abbott"
name = "HBsAg"
"#;

    #[test]
    fn records_come_in_the_order_of_the_file_one_for_each_donation() {
        let records = read("r.toml", GOOD, None).unwrap();
        let words: Vec<String> = records.records.iter().map(Written::words).collect();
        assert_eq!(
            words,
            [
                "lot abbott-architect 605: 47331M100 released",
                "donation G123498654321: signature",
                "donation G123498654322: signature",
                "kit abbott-architect 605: Abbott HBsAg",
            ]
        );
        assert_eq!(records.by, "chen");
        assert_eq!(read("r.toml", GOOD, Some("li")).unwrap().by, "li");
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = GOOD
            .replace("\"released\"", "\"good\"")
            .replace("step = \"signed\"", "step = \"seen\"\nnote = \"x\"")
            .replace("maker = \"Abbott\"\n", "");
        let told = faults(&text);
        assert_eq!(told.len(), 4, "{told:#?}");
        assert!(told[0].starts_with("r.toml:7:12: lot[1].standing: \"good\" is not one of"));
        assert!(told[1].starts_with("r.toml:13:8: donation[1].step: \"seen\" is not one of"));
        assert!(told.iter().any(|fault| fault.contains("donation[1].note: is not a known key")));
        assert!(told.iter().any(|fault| fault.contains("kit[1].maker: is missing")), "{told:#?}");
    }

    #[test]
    fn what_needs_people_at_the_console_is_refused_and_says_so() {
        let rack = "by = \"li\"\n[[rack]]\nloading = \"L1\"\n";
        let told = faults(rack);
        assert!(told.iter().any(|fault| fault.contains("signs in at the console")), "{told:#?}");
        let statement = |says: &str| {
            format!("by = \"li\"\n[[donation]]\ndin = \"G123498654321\"\nsays = \"{says}\"\n")
        };
        for says in ["proposed", "agreed", "turned_down", "message_judged", "rack_settled"] {
            let told = faults(&statement(says));
            let two =
                |fault: &String| fault.contains("needs two people who sign in at the console");
            assert!(told.iter().any(two), "{told:#?}");
        }
        for says in ["placed", "taken_out", "rack_in_doubt"] {
            assert!(!faults(&statement(says)).is_empty(), "{says}");
        }
    }

    #[test]
    fn what_the_daemon_says_of_a_field_is_put_to_its_line() {
        let records = read("r.toml", GOOD, None).unwrap();
        let told = |field: &str| records.fault(field, "is wrong").to_string();
        assert_eq!(told("records[0].expiry"), "r.toml:8:10: lot[1].expiry: is wrong");
        assert_eq!(told("records[2].din"), "r.toml:11:7: donation[1].din: is wrong");
        assert_eq!(told("records[1].statement.step"), "r.toml:13:8: donation[1].step: is wrong");
        assert!(told("records[3]").starts_with("r.toml:15:1: kit[1]: is wrong"));
        assert_eq!(told("by"), "r.toml:1:6: by: is wrong");
        assert_eq!(told("records"), "r.toml:1:1: records: is wrong");
    }

    #[test]
    fn a_control_says_what_it_must_show_in_one_way() {
        let target = |expected: &str| {
            format!(
                "by = \"chen\"\n[[control_target]]\nanalyser = \"a\"\ntest_code = \"605\"\n\
                 material = \"QC\"\nlevel = 1\nsource = \"external\"\nexpected = {expected}\n"
            )
        };
        assert_eq!(faults(&target("{ distribution = [\"2.50\", \"0.20\"] }")), [""; 0]);
        assert_eq!(faults(&target("{ reading = \"reactive\" }")), [""; 0]);
        for wrong in
            ["{}", "{ between = [\"1\"] }", "{ reading = \"reactive\", between = [\"1\", \"2\"] }"]
        {
            assert!(!faults(&target(wrong)).is_empty(), "{wrong}");
        }
    }

    #[test]
    fn as_many_records_as_go_together_and_no_more() {
        let most = limits::RECORDS_PER_REQUEST_MAX;
        let signed = |count: usize| {
            let dins = vec!["\"G123498654321\""; count].join(", ");
            format!("by = \"li\"\n[[donation]]\ndin = [{dins}]\nsays = \"deferred\"\n")
        };
        assert_eq!(faults(&signed(most)), [""; 0]);
        assert_eq!(faults(&signed(most + 1)).len(), 1);
        assert_eq!(faults("by = \"li\"\n").len(), 1);
    }
}
