//! Tables as CSV for spreadsheets. A cell that a spreadsheet would take for a formula gets an
//! apostrophe in front, so that it is shown and never run; a mark at the beginning says UTF-8.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::console::trouble::Trouble;

/// A table under way.
pub(super) struct Sheet {
    writer: csv::Writer<Vec<u8>>,
    fault: Option<csv::Error>,
}

impl Sheet {
    /// A table with these columns.
    pub(super) fn new<S: AsRef<str>>(columns: impl IntoIterator<Item = S>) -> Sheet {
        let mark = "\u{feff}".as_bytes().to_vec();
        let mut sheet = Sheet { writer: csv::Writer::from_writer(mark), fault: None };
        sheet.row(columns);
        sheet
    }

    /// One more row.
    pub(super) fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| guarded(cell.as_ref())).collect();
        self.fault = self.fault.take().or(self.writer.write_record(cells).err());
    }

    /// The text.
    pub(super) fn text(self) -> Result<Vec<u8>, Trouble> {
        if let Some(fault) = self.fault {
            return Err(Trouble::Unmade(fault.to_string()));
        }
        self.writer.into_inner().map_err(|error| Trouble::Unmade(error.to_string()))
    }

    /// The answer that a browser saves under this name.
    pub(super) fn saved(self, name: &str) -> Result<Response, Trouble> {
        let disposition = format!("attachment; filename=\"{name}\"");
        let kind = "text/csv; charset=utf-8".to_owned();
        let head = [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)];
        Ok((head, self.text()?).into_response())
    }
}

/// The cell as it is shown and not run.
fn guarded(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{cell}"),
        Some(_) | None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let mut sheet = Sheet::new(["a", "b"]);
        for cell in ["=1+1", "+1", "-1", "@x", "\t=1", "G12342670000100", "说,\"x\""] {
            sheet.row([cell, ""]);
        }
        let text = String::from_utf8(sheet.text().unwrap()).unwrap();
        let expected = "\u{feff}a,b\n'=1+1,\n'+1,\n'-1,\n'@x,\n'\t=1,\nG12342670000100,\n\
                        \"说,\"\"x\"\"\",\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_row_of_another_length_is_told_and_not_written() {
        let mut sheet = Sheet::new(["a", "b"]);
        sheet.row(["1"]);
        sheet.row(["1", "2"]);
        assert!(matches!(sheet.text(), Err(Trouble::Unmade(_))));
    }
}
