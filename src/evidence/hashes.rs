//! SHA-256 over what stands in a bundle: over each field of its content, and the chain of commits.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::form::CommitForm;
use super::{canonical, hex};
use crate::shape::hexadecimal;

/// The hash of bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The hash of each field of a content, by its name.
pub(super) fn of_fields(content: &Value) -> BTreeMap<String, String> {
    let fields = content.as_object().into_iter().flatten();
    let hash = |value: &Value| sha256(canonical::text(value).as_bytes());
    fields.map(|(name, value)| (name.clone(), hash(value))).collect()
}

/// What is wrong with the commits; each with its number.
pub(super) fn breaks(commits: &[CommitForm]) -> Vec<(i64, &'static str)> {
    let mut found = Vec::new();
    for commit in commits {
        if !follows_from(commit) {
            found.push((commit.n, "its hash is not that of what it counts"));
        }
    }
    for (one, next) in commits.iter().zip(commits.iter().skip(1)) {
        if next.n <= one.n {
            found.push((next.n, "it is out of order"));
        } else if next.n == one.n + 1 && next.before != one.hash {
            found.push((next.n, "it does not follow the commit before it"));
        }
    }
    found
}

fn follows_from(commit: &CommitForm) -> bool {
    let (Some(before), Some(hashed)) = (hex::read(&commit.before), hex::read(&commit.hashed))
    else {
        return false;
    };
    let numbered = hashed.starts_with(&commit.n.to_be_bytes());
    numbered && sha256(&[before, hashed].concat()) == commit.hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(n: i64, before: &str) -> CommitForm {
        let hashed = [n.to_be_bytes().as_slice(), b"marks"].concat();
        let hash = sha256(&[hex::read(before).unwrap(), hashed.clone()].concat());
        let holds = vec![("message".to_owned(), n)];
        let (before, hashed) = (before.to_owned(), hexadecimal(&hashed));
        CommitForm { n, before, hashed, hash, holds }
    }

    #[test]
    fn a_chain_holds_until_a_link_is_changed() {
        let first = commit(7, &"00".repeat(32));
        let second = commit(8, &first.hash);
        let later = commit(10, &"11".repeat(32));
        let chain = [first, second, later];
        assert_eq!(breaks(&chain), []);
        assert_eq!(breaks(&[chain[1].clone(), chain[0].clone()]).len(), 1);
        let mut other = chain.clone();
        other[1] = commit(8, &"22".repeat(32));
        assert_eq!(breaks(&other), [(8, "it does not follow the commit before it")]);
        for change in [
            (|c: &mut CommitForm| c.n = 9) as fn(&mut CommitForm),
            |c| c.hash = "00".repeat(32),
            |c| c.before = "zz".repeat(32),
            |c| c.hashed += "00",
        ] {
            let mut changed = chain.clone();
            change(&mut changed[1]);
            assert!(!breaks(&changed).is_empty());
        }
    }
}
