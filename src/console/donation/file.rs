//! What the store has about a donation, and its address.

use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::domain::DonationNumber;
use crate::store::{DonationRecord, Dossier};

/// Everything on record about a donation.
pub(in crate::console) struct CaseFile {
    /// The verdict in force, what is next, orders.
    pub(in crate::console) record: DonationRecord,
    /// What all that stands on.
    pub(in crate::console) dossier: Dossier,
}

/// The donation with this number.
pub(in crate::console) async fn case_file(
    state: &ConsoleState,
    din: &DonationNumber,
) -> Result<CaseFile, Trouble> {
    let asked = din.clone();
    let read = state.read(move |store| Ok((store.donation(&asked)?, store.dossier(&asked)?)));
    match read.await? {
        (Some(record), Some(dossier)) => Ok(CaseFile { record, dossier }),
        (Some(_) | None, _) => Err(Trouble::NotFound(din.to_string())),
    }
}

/// A donation number of an address: as it is, so that a wrong one is told as it was written.
pub(in crate::console) fn number(state: &ConsoleState, text: &str) -> DonationNumber {
    let parsed = state.scheme.parse(text);
    parsed.map_or_else(|_| DonationNumber::restored(text.to_owned()), |scanned| scanned.din)
}

/// A text as one part of an address (a site's own numbers may hold anything).
pub(in crate::console) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What [`encoded`] made of a text; as it is where it is not of its making.
pub(in crate::console) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(byte) = digits else { return text.to_owned() };
        bytes.push(byte);
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_a_site_stands_in_an_address_and_comes_back() {
        for number in ["G123498654321", "26-0/17 献", "100%", "a,b:c"] {
            let part = encoded(number);
            assert!(!part.contains(['/', ',', ':', ' ']), "{part}");
            assert_eq!(decoded(&part), number);
        }
        assert_eq!(decoded("%zz"), "%zz");
    }
}
