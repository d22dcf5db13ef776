//! A password from the terminal, without being shown, or from a pipe.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::limits;
use crate::people::{Password, UserId};

/// Asks twice on the terminal; nothing that is typed is shown.
pub(super) fn on_terminal(user: &UserId) -> Result<Password, String> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        let wrong = "there is no terminal to ask for the password: use --password-stdin";
        return Err(wrong.to_owned());
    }
    let fewest = limits::PASSWORD_MIN;
    let first = asked(&format!("Password for {user} (at least {fewest} characters): "))?;
    let second = asked("Once more: ")?;
    match first == second {
        true => Ok(first),
        false => Err("the two are not alike: nothing was changed".to_owned()),
    }
}

/// One line of standard input.
pub(super) fn from_stdin() -> Result<Password, String> {
    line(&mut io::stdin().lock())
}

fn asked(prompt: &str) -> Result<Password, String> {
    // On the error stream: standard output may go elsewhere.
    let mut terminal = io::stderr();
    let unwritten = |error: io::Error| error.to_string();
    write!(terminal, "{prompt}").and_then(|()| terminal.flush()).map_err(unwritten)?;
    let hidden = Hidden::begin().map_err(|error| error.to_string())?;
    let typed = line(&mut io::stdin().lock());
    drop(hidden);
    writeln!(terminal).map_err(unwritten)?;
    typed
}

fn line(from: &mut impl BufRead) -> Result<Password, String> {
    let most = limits::PASSWORD_MAX.saturating_mul(4).saturating_add(2);
    let mut text = String::new();
    let read = from.take(u64::try_from(most).unwrap_or(u64::MAX)).read_line(&mut text);
    read.map_err(|error| format!("the password cannot be read: {error}"))?;
    Ok(Password::typed(text.trim_end_matches(['\n', '\r'])))
}

/// While it is there, the terminal shows nothing that is typed.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Hidden> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Hidden(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal may be gone; there is nobody to tell then.
        let _gone = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line_without_its_end() {
        for text in ["correct horse\n", "correct horse\r\n", "correct horse"] {
            let read = line(&mut text.as_bytes()).unwrap();
            assert_eq!(read, Password::typed("correct horse"));
        }
        let blanks = line(&mut " a b \nnext".as_bytes()).unwrap();
        assert_eq!(blanks, Password::typed(" a b "));
    }
}
