//! Log lines on standard error, filtered by the environment.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// Environment variable with the filter, e.g. `info` or `hemogate::session=debug,warn`.
const FILTER_VARIABLE: &str = "HEMOGATE_LOG";

/// Starts writing log lines to standard error: `info` and above unless `HEMOGATE_LOG` says
/// otherwise. Called once at start; a second call changes nothing.
///
/// # Errors
/// What is wrong with the filter in `HEMOGATE_LOG`.
pub fn start_logging() -> Result<(), String> {
    let filter = std::env::var(FILTER_VARIABLE).unwrap_or_default();
    let filter = parse_filter(&filter)
        .map_err(|error| format!("{FILTER_VARIABLE}: {filter:?} is not a log filter: {error}"))?;
    let logging = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Only a logger that was already set is refused here, and that one keeps working.
    let _already_started = logging.try_init();
    Ok(())
}

fn parse_filter(text: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::try_new(if text.is_empty() { "info" } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_filter_means_info_and_a_wrong_one_is_refused() {
        assert_eq!(parse_filter("").unwrap().to_string(), "info");
        assert_eq!(parse_filter("warn").unwrap().to_string(), "warn");
        assert!(parse_filter("hemogate=loudly").is_err());
    }
}
