//! A bundle that was not touched is confirmed, by anybody; what cannot be one is no bundle.

use hemogate::evidence::{SiteKey, verify};

use crate::bench::{KEY, bundle, dossier, public};

#[test]
fn a_bundle_is_confirmed_with_the_key_and_without() {
    let bundle = bundle();
    for key in [Some(public()), None] {
        let report = verify(&bundle, key.as_ref()).unwrap();
        assert_eq!(report.findings, []);
        assert_eq!(report.signed_by, Some(public()));
        assert_eq!((report.messages, report.observations), (4, dossier().facts.observations.len()));
        assert_eq!(report.verdict, dossier().verdicts[0].decision.verdict);
    }
}

#[test]
fn the_same_dossier_makes_the_same_bundle() {
    assert_eq!(bundle(), bundle());
}

#[test]
fn another_key_than_the_sites_refutes() {
    let other = SiteKey::read(&SiteKey::generate().unwrap()).unwrap().public();
    let report = verify(&bundle(), Some(&other)).unwrap();
    assert_eq!(report.findings.len(), 1);
    let what = &report.findings[0].what;
    assert!(what.contains(&other.to_string()) && what.contains(&public().to_string()), "{what}");
}

#[test]
fn what_is_no_bundle_is_told_so() {
    for text in ["", "{}", "[]", "{\"content\":{}}", "no"] {
        assert!(verify(text, None).is_err(), "{text}");
    }
    let later = bundle().replace("\"evidence\":1", "\"evidence\":2");
    assert!(verify(&later, None).unwrap_err().contains("form 2"));
}

#[test]
fn the_secret_key_is_not_in_the_bundle() {
    let pkcs8 = SiteKey::generate().unwrap();
    let secret: String = pkcs8[16..48].iter().map(|byte| format!("{byte:02x}")).collect();
    let key = SiteKey::read(&pkcs8).unwrap();
    let bundle = hemogate::evidence::seal(&dossier(), crate::bench::at(), &key).unwrap();
    assert!(!bundle.contains(&secret) && !format!("{:?}", *KEY).contains("seed"));
}

#[test]
fn a_text_is_looked_at_up_to_the_bound_and_no_further() {
    let long = "x".repeat(hemogate::limits::EVIDENCE_MAX + 1);
    assert!(verify(&long, None).unwrap_err().contains("longer"));
    assert!(verify(&long[1..], None).unwrap_err().contains("no JSON"));
}
