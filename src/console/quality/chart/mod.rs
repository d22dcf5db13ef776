//! Charts as SVG, made by the server: black lines and shapes on white, so that they say the same on
//! paper without colours. What a chart says it says in its title and description, too; a page puts
//! the table of the same numbers below it.

mod bars;
mod control;
mod scale;
mod svg;
mod trend;

pub(super) use bars::{Bars, Group};
pub(super) use control::{Change, ControlChart, Line, Mark, Point};
pub(super) use trend::{Series, Trend};

/// What a chart is called, and what it says to whoever cannot see it.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    /// Unique in its page.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
}
