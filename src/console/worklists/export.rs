//! A worklist as a file for spreadsheets (RFC 4180), in UTF-8 with its mark, as these want it.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe: a bar code is
//! whatever somebody printed.

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::Asked;
use super::list::{self, Filter, Group};
use crate::console::page::Page;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::trouble::Trouble;
use crate::console::visitor::{Duty, Visitor};
use crate::limits;

/// What tells a spreadsheet that the file is UTF-8.
const MARK: &str = "\u{feff}";

/// `GET /worklists.csv?kind=repeats`.
pub(super) async fn csv(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    let filter = Filter::of(&state, asked.kind, asked.analyser, asked.assay);
    let page = Page::new(Some(&visitor), "worklists");
    let seen = state.glance.look(&state).await?;
    let most = limits::WORKLIST_ROWS_MAX;
    let (groups, _) = list::groups(&state, page.text(), &filter, &seen, most);
    let text = written(page.text(), &groups).map_err(|error| Trouble::Unmade(error.to_string()))?;
    let name = format!("attachment; filename=\"worklist-{}.csv\"", filter.kind.id());
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

fn written(text: &Text, groups: &[Group]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let titles = ["analyser", "assay", "donation", "rack", "position", "since", "what", "count"];
    let titles = titles.into_iter().chain(["kit", "verdict", "why"]);
    writer.write_record(titles.map(|title| text.word("worklists-title", title)))?;
    for group in groups {
        for row in &group.rows {
            let position = row.position.map(|position| position.to_string());
            let count = row.count.to_string();
            let since = row.since.to_string();
            let cells = [
                group.analyser.as_str(),
                group.assay,
                &row.din,
                row.rack.as_deref().unwrap_or_default(),
                position.as_deref().unwrap_or_default(),
                &since,
                &row.what,
                &count,
                row.kit.as_deref().unwrap_or_default(),
                row.verdict,
                &row.why,
            ];
            writer.write_record(cells.map(harmless))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(format!("{MARK}{}", String::from_utf8_lossy(&bytes)))
}

/// The cell, not taken for a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("G123498654321"), "G123498654321");
    }
}
