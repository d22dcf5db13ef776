//! Tubes in racks.

use hemogate::domain::Container;
use hemogate::limits;

use super::{fixture, read, read_by};

const HEAD: &str = "Rack,Position,Tube,Container,Time,Lane,Operator\n";

fn sorter(rows: &[&str]) -> Result<Vec<(String, u32, String)>, Vec<String>> {
    let text = format!("{HEAD}{}\nEND,{},,,,,\n", rows.join("\n"), rows.len());
    let manifest = read("generic-sorter", &text)?;
    let tubes = manifest.racks.iter().flat_map(|rack| {
        rack.tubes.iter().map(|t| (rack.rack.clone(), t.position, t.din.to_string()))
    });
    Ok(tubes.collect())
}

#[test]
fn racks_tubes_and_containers_are_read_and_an_empty_place_is_none() {
    let manifest = read("generic-sorter", &fixture("sorter.csv")).unwrap();
    let racks: Vec<_> = manifest.racks.iter().map(|rack| rack.rack.as_str()).collect();
    assert_eq!(racks, ["R0001", "R0002"]);
    let first = &manifest.racks[0];
    assert_eq!((first.container, first.positions), (Some(Container::Edta), 100));
    let tubes: Vec<_> = first.tubes.iter().map(|t| (t.line, t.position, t.din.as_str())).collect();
    assert_eq!(tubes, [(2, 1, "G123426000001"), (3, 2, "G123426000002"), (4, 4, "G123426000003")]);
    assert_eq!(manifest.records(), 5 + 2 * 2);
}

#[test]
fn every_fault_of_a_file_is_told_at_once_with_line_and_column() {
    let faults = read("generic-sorter", &fixture("sorter-faulty.csv")).unwrap_err();
    let told = [
        "line 3, column 2: position 1 of this rack is used already, in line 2",
        "line 4, column 3: the tube G123426000001 stands in line 2 already: find out where it \
         really is",
        "line 5, column 3: \"R0001\" is the code of a rack too: the reader took one for the other, \
         check every tube of it by hand",
        "line 6, column 2: the rack has no position \"101\" (it has 100)",
        "line 7, column 3: the check character of \"=G12342600000494\" does not hold (it would be \
         95): find the tube, read its label",
        "line 8, column 3: \"NOREAD\" is no donation number: find the tube, read its label",
        "line 8, column 4: the layout does not know the container \"Citrate\"",
        "line 9, column 1: the rack has no code: scan the rack again",
        "line 10: there are 2 cells, not 7: export the file again",
        "line 11: the last line counts \"10\" rows, and there are 9: export it again",
    ];
    assert_eq!(faults, told);
}

#[test]
fn fm_05_a_tube_that_stands_there_twice_is_refused_with_the_line_of_the_other() {
    let rows = ["R1,1,G123426000001,EDTA,,,", "R2,1,=G12342600000164,EDTA,,,"];
    let faults = sorter(&rows).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("line 3, column 3") && faults[0].contains("line 2"), "{faults:?}");
}

#[test]
fn fm_05_a_tube_called_like_any_rack_of_the_file_is_refused() {
    // The last tube's code was taken for the rack's.
    let rows = ["G123426000001,1,G123426000002,EDTA,,,", "R2,1,G123426000001,EDTA,,,"];
    let faults = sorter(&rows).unwrap_err();
    assert!(faults.iter().any(|fault| fault.contains("is the code of a rack too")), "{faults:?}");
}

#[test]
fn fm_05_a_file_that_counts_other_rows_than_it_has_is_refused() {
    let text = format!("{HEAD}R1,1,G123426000001,EDTA,,,\nEND,2,,,,,\n");
    let faults = read("generic-sorter", &text).unwrap_err();
    assert_eq!(
        faults,
        ["line 3: the last line counts \"2\" rows, and there are 1: export it again"]
    );
}

#[test]
fn fm_05_a_rack_that_counts_other_tubes_than_it_has_is_refused() {
    let layout = "name = \"a\"\nversion = \"1\"\ndate = 2026-11-28\ntitle = \"a\"\n\
                  built_from = \"nothing\"\ncontent = \"racks\"\n\
                  [file]\ncharset = \"utf-8\"\nseparator = \";\"\n\
                  [columns]\nrack = \"R\"\nposition = \"P\"\ntube = \"T\"\nloaded = \"N\"\n\
                  [positions]\nwritten = \"well\"\nrows = 8\ncolumns = 12\norder = \"columns\"\n";
    let good = "R;P;T;N\nR1;A01;G123426000001;2\nR1;B1;G123426000002;2\n";
    let tubes = read_by(layout, good.as_bytes()).unwrap().racks[0].tubes.clone();
    assert_eq!(tubes.iter().map(|tube| tube.position).collect::<Vec<_>>(), [1, 2]);
    let faults = read_by(layout, good.replace(";2", ";3").as_bytes()).unwrap_err();
    assert_eq!(faults.len(), 2);
    assert!(faults[0].contains("counts \"3\" tubes in this rack, and there are 2"), "{faults:?}");
}

#[test]
fn a_file_that_was_cut_off_is_refused_whole() {
    let whole = fixture("sorter.csv");
    let cut = whole.rsplit_once("R0002").unwrap().0;
    let faults = read("generic-sorter", cut).unwrap_err();
    assert_eq!(faults, ["the last line is not \"END\": the file is not whole, export it again"]);
}

#[test]
fn a_column_that_nobody_knows_and_one_that_is_missing_refuse_the_file() {
    let text = "Rack,Pos,Tube,Tube,Container\nR1,1,a,b,EDTA\nEND,1,,,\n";
    let faults = read("generic-sorter", text).unwrap_err().join("\n");
    for told in ["know the column \"Pos\"", "\"Tube\" is there twice", "no column \"Position\""] {
        assert!(faults.contains(told), "{told}: {faults}");
    }
}

#[test]
fn a_quotation_mark_that_is_not_closed_swallows_no_rows() {
    let rows = ["R1,1,G123426000001,\"EDTA,,,", "R1,2,G123426000002,EDTA,,,"];
    assert_eq!(sorter(&rows).unwrap_err(), ["line 2: a quotation mark is not closed"]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let fault = "R1,1,G123426000001,EDTA,,,";
    let text = format!("{HEAD}{fault}\n\n \n{fault}\nEND,2,,,,,\n");
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let faults = read("generic-sorter", &text).unwrap_err();
        assert!(
            faults[0].starts_with(
                "line 5, column 2: position 1 of this rack is used already, in line 2"
            ),
            "{faults:?}"
        );
    }
}

#[test]
fn a_separator_in_quotation_marks_separates_nothing() {
    let read = sorter(&["R1,1,G123426000001,EDTA,,,\"Li, \"\"W\"\"\""]).unwrap();
    assert_eq!(read, [("R1".to_owned(), 1, "G123426000001".to_owned())]);
}

#[test]
fn bytes_that_are_no_text_of_the_character_set_are_told_by_line() {
    let bytes = [HEAD.as_bytes(), b"R1,1,\xFF,EDTA,,,\nEND,1,,,,,\n"].concat();
    let faults = read_by(hemogate::manifest::shipped("generic-sorter").unwrap(), &bytes);
    assert_eq!(
        faults.unwrap_err(),
        ["line 2: this is no utf-8 text: is it the right file and layout?"]
    );
}

#[test]
fn as_many_positions_as_the_rack_has_and_not_one_more() {
    assert!(sorter(&["R1,100,G123426000001,EDTA,,,"]).is_ok());
    for wrong in ["101", "0", "-1", "+1", "1.0", "A1", ""] {
        let faults = sorter(&[&format!("R1,{wrong},G123426000001,EDTA,,,")]).unwrap_err();
        assert!(faults[0].contains("line 2, column 2"), "{wrong}: {faults:?}");
    }
}

#[test]
fn as_many_records_as_one_transaction_takes_and_not_one_more() {
    let most = limits::RECORDS_PER_REQUEST_MAX;
    let rows = |count: usize| {
        let row = |n: usize| format!("R{},{},G1234260{n:05},EDTA,,,", n / 100, n % 100 + 1);
        (0..count).map(row).collect::<Vec<_>>()
    };
    let read = |count: usize| {
        let rows = rows(count);
        sorter(&rows.iter().map(String::as_str).collect::<Vec<_>>())
    };
    // Ten racks, each of them opened and closed.
    assert_eq!(read(most - 20).unwrap().len(), most - 20);
    let faults = read(most - 19).unwrap_err();
    assert!(faults[0].contains("makes 1001 records, more than 1000"), "{faults:?}");
}

#[test]
fn as_many_bytes_as_a_file_may_have_and_not_one_more() {
    let whole = fixture("sorter.csv");
    let padded = |bytes: usize| format!("{}{}", "\n".repeat(bytes - whole.len()), whole);
    assert!(read("generic-sorter", &padded(limits::MANIFEST_FILE_MAX)).is_ok());
    let faults = read("generic-sorter", &padded(limits::MANIFEST_FILE_MAX + 1)).unwrap_err();
    assert!(faults[0].contains("is longer than"), "{faults:?}");
}
