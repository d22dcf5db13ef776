//! `hemogate evidence keygen` and `hemogate verify` as people run them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use hemogate::evidence::{PublicKey, SiteKey, seal};

use crate::bench::{at, bundle, dossier};

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    let command = command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn a_key_is_made_once_and_nobody_else_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let keygen = ["evidence", "keygen", "-o", "site.key"];
    let (status, out, _) = run(folder.path(), &keygen);
    assert_eq!(status, 0);
    let path = folder.path().join("site.key");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let pkcs8 = fs::read(&path).unwrap();
    let public = fs::read_to_string(folder.path().join("site.key.pub")).unwrap();
    let key = SiteKey::read(&pkcs8).unwrap();
    assert_eq!(PublicKey::read(&public), Ok(key.public()));
    let secret: String = pkcs8[16..48].iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(out.contains(public.trim()) && !out.contains(&secret), "{out}");
    let (status, _, err) = run(folder.path(), &keygen);
    assert_eq!(status, 2);
    assert!(err.contains("is not written over"), "{err}");
    assert_eq!(fs::read(&path).unwrap(), pkcs8);
}

#[test]
fn no_secret_key_is_made_beside_a_public_one_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("site.key.pub"), "somebody's").unwrap();
    let (status, _, err) = run(folder.path(), &["evidence", "keygen", "-o", "site.key"]);
    assert_eq!(status, 2, "{err}");
    assert!(!folder.path().join("site.key").exists());
}

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["evidence", "keygen", "-o", "site.key"]).0, 0);
    let key = SiteKey::read(&fs::read(folder.path().join("site.key")).unwrap()).unwrap();
    fs::write(folder.path().join("bundle.json"), seal(&dossier(), at(), &key).unwrap()).unwrap();
    folder
}

#[test]
fn a_bundle_is_confirmed_with_status_0() {
    let folder = written();
    let (status, out, err) =
        run(folder.path(), &["verify", "bundle.json", "--key", "site.key.pub"]);
    assert_eq!((status, err.as_str()), (0, ""));
    for words in ["CONFIRMED", "G123426000001 is hold", "INITIAL_REACTIVE", "that you named"] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let public = fs::read_to_string(folder.path().join("site.key.pub")).unwrap();
    let (status, out, _) = run(folder.path(), &["verify", "bundle.json", "--key", public.trim()]);
    assert_eq!(status, 0, "{out}");
    let (status, out, _) = run(folder.path(), &["verify", "bundle.json"]);
    assert_eq!(status, 0);
    assert!(out.contains("which nobody vouched for here"), "{out}");
}

#[test]
fn a_bundle_that_was_changed_is_refuted_with_status_1() {
    let folder = written();
    let path = folder.path().join("bundle.json");
    let text = fs::read_to_string(&path).unwrap().replace("\"nonreactive\"", "\"reactive\"");
    fs::write(&path, text).unwrap();
    let (status, out, err) = run(folder.path(), &["verify", "bundle.json"]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(err.contains("REFUTED") && err.contains("signature: "), "{err}");
    assert!(err.contains("reading is \"reactive\" on record, \"nonreactive\" is read"), "{err}");
    fs::write(&path, bundle()).unwrap();
    let (status, _, err) = run(folder.path(), &["verify", "bundle.json", "--key", "site.key.pub"]);
    assert_eq!(status, 1);
    assert_eq!(err.lines().count(), 2, "{err}");
}

#[test]
fn what_cannot_be_read_is_status_2_and_what_is_no_bundle_status_1() {
    let folder = written();
    assert_eq!(run(folder.path(), &["verify", "nothing.json"]).0, 2);
    assert_eq!(run(folder.path(), &["verify", "bundle.json", "--key", "nothing.pub"]).0, 2);
    assert_eq!(run(folder.path(), &["verify", "bundle.json", "--key", "site.key"]).0, 2);
    let (status, _, err) = run(folder.path(), &["verify", "site.key"]);
    assert_eq!(status, 1);
    assert!(err.contains("is no evidence bundle"), "{err}");
}
