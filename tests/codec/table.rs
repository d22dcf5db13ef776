//! Files of rows and of plates: how they are cut, what refuses one, and that what is written is
//! read back.

use hemogate::codec::table::{Body, Form, Separator, Unwritable, read, write};
use hemogate::codec::{FaultKind, Transmission};
use hemogate::limits;
use proptest::prelude::*;

use super::places;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Three columns between semicolons, in quotes where needed, with an end.
fn rows() -> Form {
    Form {
        separator: Separator::Semicolon,
        quote: Some(b'"'),
        head: Vec::new(),
        end: Some("[end]".to_owned()),
        body: Body::Rows { columns: texts(&["id", "value", "word"]), titled: false },
    }
}

fn titled() -> Form {
    Form { body: Body::Rows { columns: texts(&["id", "value", "word"]), titled: true }, ..rows() }
}

/// Two rows of three wells, their numbers and results.
fn plate() -> Form {
    Form {
        separator: Separator::Comma,
        end: None,
        body: Body::Plate {
            rows: 2,
            columns: 3,
            blocks: texts(&["Sample ID", "Position", "Result"]),
            positions: Some(2),
            filled: vec![1, 3],
        },
        ..rows()
    }
}

const PLATE: &str = "Sample ID\n1,2,3\n4,,\nPosition\nA1,A2,A3\nB1,B2,B3\nResult\nx,y,z\nx,,\n";

/// Name and fields of each record, quotes inside cells once.
fn records(read: &Transmission<'_>) -> Vec<(String, Vec<String>)> {
    let each = read.messages.iter().flat_map(|message| {
        message.records().map(|record| {
            let fields = record.fields().map(|(number, piece)| {
                assert_eq!(record.field(number), Some(piece));
                piece.unescaped(message.delimiters()).unwrap().into_owned()
            });
            (record.name().to_owned(), fields.collect())
        })
    });
    each.collect()
}

fn cells(text: &str, form: &Form) -> Vec<Vec<String>> {
    let read = read(text, form);
    assert_eq!(read.faults, [], "{text:?}");
    records(&read).into_iter().map(|(_, fields)| fields).collect()
}

/// The one fault of a file of which nothing is used.
fn refused(text: &str, form: &Form) -> String {
    let read = read(text, form);
    assert!(read.messages.is_empty(), "{text:?} has records");
    assert_eq!(read.faults.len(), 1, "{:?}", read.faults);
    read.faults[0].text.clone()
}

/// The one fault of a file whose other rows are read.
fn fault(text: &str, form: &Form) -> (String, usize) {
    let read = read(text, form);
    assert_eq!(read.faults.len(), 1, "{:?}", read.faults);
    (read.faults[0].text.clone(), records(&read).len())
}

#[test]
fn a_line_may_end_in_any_way() {
    for end in ["\r\n", "\n", "\r"] {
        let text = ["1;2;a", "", "3;4;b", "  ", "[end]", ""].join(end);
        assert_eq!(cells(&text, &rows()), [["1", "2", "a"], ["3", "4", "b"]], "{end:?}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_cell() {
    assert_eq!(cells("\u{FEFF}1;2;a\n[end]", &rows()), [["1", "2", "a"]]);
}

#[test]
fn quotes_hide_separators_and_quotes() {
    let text = "\"1;2\";\"say \"\"no\"\"\";\"\"\n[end]\n";
    assert_eq!(cells(text, &rows()), [["1;2", "say \"no\"", ""]]);
    let form = rows();
    let read = read(text, &form);
    let piece = read.messages[0].records().next().unwrap().field(2).unwrap();
    assert_eq!((piece.offset, piece.text), (7, "say \"\"no\"\""), "as sent, quotes left out");
}

#[test]
fn a_quote_out_of_its_place_refuses_the_file() {
    for (line, why) in [
        ("1;\"2;a", "line 2 has a quote that is not closed"),
        ("1;\"2\";\"a\"\"", "line 2 has a quote that is not closed"),
        ("1;2\";a", "line 2 has a quote inside a cell"),
        ("1;\"2\" ;a", "line 2 goes on behind a closing quote"),
    ] {
        let told = refused(&format!("0;0;0\n{line}\n[end]\n"), &rows());
        assert!(told.starts_with(why), "{told}");
    }
    let bare = Form { quote: None, ..rows() };
    assert_eq!(cells("1;\"2;a\"\n[end]", &bare), [["1", "\"2", "a\""]], "no quotes are known");
}

#[test]
fn blanks_separate_where_the_form_says_so() {
    let form = Form { separator: Separator::Blanks, ..rows() };
    assert_eq!(
        cells("  1 \t 2   a  \n\"3 3\" 4 b\n[end]", &form),
        [["1", "2", "a"], ["3 3", "4", "b"]]
    );
    let form = Form { separator: Separator::Tab, ..rows() };
    assert_eq!(cells("1 \t\t a\n[end]", &form), [["1 ", "", " a"]], "as they stand");
}

#[test]
fn a_row_of_another_width_is_a_fault_that_names_its_line() {
    let (why, records) = fault("1;2;a\n\n3;4\n5;6;c\n[end]\n", &rows());
    assert_eq!((why.as_str(), records), ("line 3 has 2 cells, not 3: \"3;4\"", 2));
    let (why, records) = fault("1;2;a\n3;4;b;\n[end]\n", &rows());
    assert_eq!((why.as_str(), records), ("line 2 has 4 cells, not 3: \"3;4;b;\"", 1));
}

#[test]
fn a_row_of_nothing_is_no_record() {
    assert_eq!(cells(";;\n1;2;a\n ; ;\n[end]\n", &rows()), [["1", "2", "a"]]);
}

#[test]
fn columns_are_found_by_their_titles() {
    let text = "word;\"id\"; value \na;1;2\n[end]\n";
    assert_eq!(cells(text, &titled()), [["1", "2", "a"]]);
}

#[test]
fn a_title_that_is_missing_or_there_twice_refuses_the_file() {
    assert!(
        refused("id;word\n1;a\n[end]", &titled()).starts_with("line 1 lacks the title \"value\"")
    );
    let twice = "id;value;word;id\n1;2;a;3\n[end]";
    assert!(refused(twice, &titled()).starts_with("line 1 has the title \"id\" twice"));
    assert_eq!(refused("[end]", &titled()), "there is no row of titles");
    assert!(refused(";value;word\n[end]", &titled()).contains("lacks the title \"id\""));
}

#[test]
fn a_title_that_nobody_knows_is_a_fault_and_its_cells_are_kept() {
    let text = "id;new;value;word\n1;?;2;a\n[end]\n";
    let form = titled();
    let read = read(text, &form);
    assert_eq!(places(&read.faults), [(FaultKind::Record, 3, 3)]);
    assert_eq!(records(&read)[0].1, ["1", "2", "a", "?"]);
    let padded = "id;value;word;\n1;2;a;\n3;4;b;?\n[end]\n";
    assert_eq!(cells(padded, &titled()), [["1", "2", "a", ""], ["3", "4", "b", "?"]]);
}

#[test]
fn lines_before_the_table_are_one_record() {
    let form = Form { head: texts(&["Assay", "Run"]), ..rows() };
    let text = " Run : 7 : b ;;\nAssay;HCV;\n\n1;2;a\n[end]\n";
    let read = read(text, &form);
    assert_eq!(read.faults, []);
    let told = records(&read);
    assert_eq!(told[0], ("H".to_owned(), texts(&["HCV", "7 : b"])));
    assert_eq!(told[1], ("R".to_owned(), texts(&["1", "2", "a"])));
}

#[test]
fn a_line_before_the_table_that_is_missing_or_there_twice_refuses_the_file() {
    let form = Form { head: texts(&["Assay"]), ..rows() };
    assert_eq!(refused("1;2;a\n[end]", &form), "no line \"Assay\" stands before the table");
    let twice = "Assay: HCV\nAssay: HIV\n1;2;a\n[end]";
    assert!(refused(twice, &form).starts_with("line 2 says what a line before it says already"));
    assert!(refused("Assay;HCV;HIV\n1;2;a\n[end]", &form).contains("has more than one value"));
    assert!(refused("Assay\n1;2;a\n[end]", &form).contains("has no value"));
    let (why, records) = fault("Assay: HCV\nKit: 7\n1;2;a\n[end]", &form);
    assert_eq!((why.as_str(), records), ("line 2 has 1 cells, not 3: \"Kit: 7\"", 2));
}

#[test]
fn a_file_without_its_end_was_cut_off() {
    assert_eq!(refused("1;2;a\n3;4;b\n", &rows()), "the file was cut off: no line says \"[end]\"");
    assert_eq!(refused("1;2;a\n[en", &rows()), "the file was cut off: no line says \"[end]\"");
    assert_eq!(
        cells("1;2;a\n [end];; ", &rows()),
        [["1", "2", "a"]],
        "padded, last line not ended"
    );
    let endless = Form { end: None, ..rows() };
    assert_eq!(
        refused("1;2;a\n3;4;b", &endless),
        "the file was cut off: its last line is not ended"
    );
    assert_eq!(cells("1;2;a\n3;4;b\n", &endless).len(), 2);
}

#[test]
fn what_stands_behind_the_end_is_a_fault() {
    let (why, records) = fault("1;2;a\n[end]\n\n3;4;b\n", &rows());
    assert_eq!((why.as_str(), records), ("line 4 stands behind the end of the file", 1));
    let (why, _) = fault("1;2;a\n[end]\n[end]\n", &rows());
    assert_eq!(why, "line 3 stands behind the end of the file");
}

#[test]
fn a_control_character_is_a_fault_and_a_tabulator_too_where_it_separates_nothing() {
    let form = rows();
    let read = read("1;2\u{1};a\tb\n[end]\n", &form);
    assert_eq!(
        places(&read.faults),
        [(FaultKind::ControlCharacter, 3, 1), (FaultKind::ControlCharacter, 6, 1)]
    );
}

#[test]
fn a_line_has_as_many_cells_as_the_bound_and_not_one_more() {
    let most = limits::TABLE_COLUMNS_MAX;
    let columns: Vec<String> = (0..most).map(|number| format!("c{number}")).collect();
    let form = Form { body: Body::Rows { columns, titled: false }, ..rows() };
    let at_the_bound = format!("{}x\n[end]\n", "x;".repeat(most - 1));
    assert_eq!(cells(&at_the_bound, &form)[0].len(), most);
    let past = format!("{}x\n[end]\n", "x;".repeat(most));
    assert!(refused(&past, &form).starts_with("line 1 has too many cells"));
}

#[test]
fn each_well_of_a_plate_is_a_record_and_an_empty_one_is_none() {
    let expected = [["1", "A1", "x"], ["2", "A2", "y"], ["3", "A3", "z"], ["4", "B1", "x"]];
    assert_eq!(cells(PLATE, &plate()), expected);
    let without_id = PLATE.replace("1,2,3", ",2,3");
    assert_eq!(cells(&without_id, &plate())[0], ["", "A1", "x"], "a result is something");
}

#[test]
fn a_row_of_empty_wells_between_tabulators_is_a_row() {
    let form = Form { separator: Separator::Tab, ..plate() };
    let text = PLATE.replace("1,2,3\n4,,", ",,\n4,,").replace("x,y,z", ",,").replace(',', "\t");
    assert_eq!(cells(&text, &form), [["4", "B1", "x"]]);
}

#[test]
fn spreadsheets_pad_titles_and_blank_lines() {
    let padded = PLATE.replace("Position\n", ",,\nPosition,,\n").replace("A3\n", "A03\n");
    assert_eq!(cells(&padded, &plate()).len(), 4);
}

#[test]
fn a_damaged_plate_is_refused_whole() {
    for (from, to, why) in [
        ("4,,\n", "", "line 1 begins a block of 1 rows, not 2: \"Sample ID\""),
        ("4,,\n", "4,,\n5,,\n", "line 4 is no title of a block: \"5,,\""),
        ("4,,\n", "4,\n", "line 3 has 2 cells, not 3: \"4,\""),
        ("4,,\n", "4,,,\n", "line 3 has 4 cells, not 3: \"4,,,\""),
        ("A2,A3", "A3,A2", "the well A2 is called \"A3\""),
        ("B1,B2,B3", "B1,,B3", "the well B2 is called \"\""),
        ("A1", "A+1", "the well A1 is called \"A+1\""),
        ("Position\nA1,A2,A3\nB1,B2,B3\n", "", "the block \"Position\" is missing"),
        ("Position\n", "Sample ID\n1,2,3\n4,,\nPosition\n", "line 4 is the title"),
        ("Result", "Results", "line 7 is no title of a block: \"Results\""),
        ("x,,\n", "", "line 7 begins a block of 1 rows, not 2: \"Result\""),
        ("x,,\n", "x,,", "the file was cut off: its last line is not ended"),
        ("Sample ID\n", "Sample ID,x\n", "line 1 is no title of a block"),
    ] {
        let damaged = PLATE.replacen(from, to, 1);
        assert_ne!(damaged, PLATE);
        let told = refused(&damaged, &plate());
        assert!(told.starts_with(why), "{told}");
    }
}

#[test]
fn wells_of_large_plates_have_two_letters() {
    let columns = limits::PLATE_COLUMNS_MAX;
    let body = Body::Plate {
        rows: limits::PLATE_ROWS_MAX,
        columns,
        blocks: texts(&["id", "well"]),
        positions: Some(2),
        filled: vec![1],
    };
    let form = Form { body, ..plate() };
    let wells: Vec<Vec<String>> =
        (0..limits::PLATE_ROWS_MAX * columns).map(|n| texts(&[&n.to_string(), ""])).collect();
    let text = write(&form, &[], &wells).unwrap();
    let read = cells(&text, &form);
    assert_eq!((read[0][1].as_str(), read[26 * columns][1].as_str()), ("A1", "AA1"));
    assert_eq!(read.last().unwrap()[1], "AF48");
}

#[test]
fn what_would_be_read_as_something_else_is_not_written() {
    let row = |cells: &[&str]| vec![texts(cells)];
    let form = rows();
    let count = |what, found, wanted| Err(Unwritable::Count { what, found, wanted });
    assert_eq!(write(&form, &[], &row(&["1", "2"])), count("fields", 2, 3));
    assert_eq!(write(&form, &texts(&["x"]), &[]), count("values of head lines", 1, 0));
    for cells in [["", "", ""], ["1\n", "2", "a"], ["[end]", "", ""], ["1", "\u{1}", "a"]] {
        assert_eq!(write(&form, &[], &row(&cells)), Err(Unwritable::Ambiguous), "{cells:?}");
    }
    let bare = Form { quote: None, ..rows() };
    assert_eq!(write(&bare, &[], &row(&["1;", "2", "a"])), Err(Unwritable::Ambiguous));
    let wells = vec![texts(&["1", "", "x"]); 7];
    assert_eq!(write(&plate(), &[], &wells), count("wells", 7, 6));
}

/// What may stand in a cell: anything but control characters.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9.]{0,6}", "[ -~\u{e4}\u{4e2d}]{0,6}"]
}

fn separator() -> impl Strategy<Value = Separator> {
    proptest::sample::select(&Separator::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_that_are_written_are_read_back(
        separator in separator(),
        titled in any::<bool>(),
        head in proptest::collection::vec("[A-Za-z0-9/:.]{1,8}", 2),
        records in proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..6),
    ) {
        let base = if titled { self::titled() } else { rows() };
        let form = Form { separator, head: texts(&["Assay", "Run"]), ..base };
        if let Ok(text) = write(&form, &head, &records) {
            let read = read(&text, &form);
            prop_assert!(read.faults.is_empty());
            let told: Vec<_> = super::table::records(&read).into_iter().map(|(_, f)| f).collect();
            prop_assert_eq!(&told[0], &head);
            prop_assert_eq!(&told[1..], &records[..]);
        }
    }

    #[test]
    fn plain_rows_can_always_be_written(
        separator in separator(),
        records in
            proptest::collection::vec(proptest::collection::vec("[A-Za-z0-9.]{1,6}", 3), 1..6),
    ) {
        let form = Form { separator, ..rows() };
        prop_assert!(write(&form, &[], &records).is_ok());
    }

    #[test]
    fn plates_that_are_written_are_read_back(
        wells in proptest::collection::vec(("[A-Za-z0-9]{1,6}", cell()), 1..6),
    ) {
        let wells: Vec<Vec<String>> =
            wells.into_iter().map(|(id, result)| vec![id, String::new(), result]).collect();
        let text = write(&plate(), &[], &wells).unwrap();
        let told = cells(&text, &plate());
        prop_assert_eq!(told.len(), wells.len());
        for (told, well) in told.iter().zip(&wells) {
            prop_assert_eq!((&told[0], &told[2]), (&well[0], &well[2]));
        }
    }

    /// However a file is damaged: a record has exactly its fields, or the file is at fault.
    #[test]
    fn no_line_that_is_taken_out_goes_unnoticed(at in 0..9_usize) {
        let lines: Vec<&str> = PLATE.split_inclusive('\n').collect();
        let without: String =
            lines.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, line)| *line).collect();
        prop_assert!(read(&without, &plate()).messages.is_empty());
    }
}
