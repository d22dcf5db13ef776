//! Which acknowledgements the sender of a message asks for (HL7 v2.5.1 2.9.2, 2.9.3, table 0155).
//!
//! Exists so that both directions read MSH-15 and MSH-16 alike. It refuses to take for granted
//! that a field means what the standard says: Mindray writes 0, 1 and 2 into MSH-16 for the kind
//! of sample, so a value that is not in the table counts as an empty field; and silence must be
//! asked for in both fields, because a result that nobody acknowledges is sent by nobody again.
//!
//! | MSH-15 | MSH-16 | accept | application |
//! |---|---|---|---|
//! | empty | empty | original mode: | one AA, AE or AR |
//! | NE | empty | original mode | |
//! | empty | NE | original mode | |
//! | NE | NE | never | never |
//! | AL, ER, SU | empty | as MSH-15 says | never |
//! | empty | AL, ER, SU | never | as MSH-16 says |
//! | any | any | as MSH-15 says | as MSH-16 says |

/// When an acknowledgement is wanted (table 0155).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// AL.
    Always,
    /// NE.
    Never,
    /// ER: only to say that something went wrong.
    OnError,
    /// SU: only to say that it went well.
    OnSuccess,
}

impl When {
    fn read(field: &[u8]) -> Option<When> {
        Some(match field.trim_ascii() {
            b"AL" => When::Always,
            b"NE" => When::Never,
            b"ER" => When::OnError,
            b"SU" => When::OnSuccess,
            _ => return None,
        })
    }

    /// Whether it is wanted to say that it went well.
    pub const fn on_success(self) -> bool {
        matches!(self, When::Always | When::OnSuccess)
    }

    /// Whether it is wanted to say that it did not.
    pub const fn on_error(self) -> bool {
        matches!(self, When::Always | When::OnError)
    }
}

/// What MSH-15 and MSH-16 ask for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// Original mode: one application acknowledgement, always.
    Original,
    /// Enhanced mode.
    Enhanced {
        /// MSH-15: CA, CE, CR, from whoever stores the message.
        accept: When,
        /// MSH-16: AA, AE, AR, from whoever reads it.
        application: When,
    },
}

impl Wanted {
    /// From MSH-15 and MSH-16 as sent.
    pub(super) fn read(accept: &[u8], application: &[u8]) -> Wanted {
        match (When::read(accept), When::read(application)) {
            (None, None | Some(When::Never)) | (Some(When::Never), None) => Wanted::Original,
            (accept, application) => Wanted::Enhanced {
                accept: accept.unwrap_or(When::Never),
                application: application.unwrap_or(When::Never),
            },
        }
    }

    /// When an accept acknowledgement (CA, CE, CR) is wanted.
    pub const fn accept(self) -> When {
        match self {
            Wanted::Original => When::Never,
            Wanted::Enhanced { accept, .. } => accept,
        }
    }

    /// When an application acknowledgement (AA, AE, AR) is wanted.
    pub const fn application(self) -> When {
        match self {
            Wanted::Original => When::Always,
            Wanted::Enhanced { application, .. } => application,
        }
    }

    /// No acknowledgement of any kind, whatever happens.
    pub const fn is_silence(self) -> bool {
        matches!(self, Wanted::Enhanced { accept: When::Never, application: When::Never })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_the_two_fields_is_read_as_the_table_says() {
        let enhanced = |accept, application| Wanted::Enhanced { accept, application };
        for (accept, application, wanted) in [
            ("", "", Wanted::Original),
            ("NE", "", Wanted::Original),
            ("", "NE", Wanted::Original),
            ("", "0", Wanted::Original),
            ("x", "2", Wanted::Original),
            ("NE", "NE", enhanced(When::Never, When::Never)),
            ("NE", "AL", enhanced(When::Never, When::Always)),
            ("AL", "AL", enhanced(When::Always, When::Always)),
            ("AL", "", enhanced(When::Always, When::Never)),
            ("ER", "", enhanced(When::OnError, When::Never)),
            ("", "AL", enhanced(When::Never, When::Always)),
            ("", "SU", enhanced(When::Never, When::OnSuccess)),
            ("SU", "ER", enhanced(When::OnSuccess, When::OnError)),
            (" AL ", "NE", enhanced(When::Always, When::Never)),
        ] {
            let read = Wanted::read(accept.as_bytes(), application.as_bytes());
            assert_eq!(read, wanted, "{accept:?} {application:?}");
        }
    }
}
