//! Lists the profiles in `config/analysers`, the decision cases in `config/rules/cases` and the
//! layouts in `config/manifests`, so that a new one of them is one new file and no Rust.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    list("config/analysers", "shipped_profiles.rs")?;
    list("config/rules/cases", "shipped_cases.rs")?;
    list("config/manifests", "shipped_manifests.rs")
}

/// Writes a Rust list of the TOML files of a folder: name and text.
fn list(folder: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            names.push(name.ok_or("a file's name is not UTF-8")?.to_owned());
        }
    }
    names.sort_unstable();
    let mut rust = String::from("&[\n");
    for name in names {
        let path = folder.join(format!("{name}.toml"));
        writeln!(rust, "    ({name:?}, include_str!({path:?})),")?;
    }
    rust.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join(to), rust)?;
    Ok(())
}
