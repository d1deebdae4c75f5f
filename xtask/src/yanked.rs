//! Versions that were yanked from crates.io, from what cargo keeps of its index: for machines that reach the
//! registry and not the advisory database, where cargo-deny checks neither.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::metadata::{self, Package};
use crate::step::{self, Outcome, cargo};

/// Tells every locked version that was yanked, and what could not be checked.
pub fn check() -> Outcome {
    // Asks the index about every locked crate, and writes nothing but cargo's own cache of it.
    if !step::succeeds(cargo(["update", "--quiet", "--dry-run"])) {
        println!("yanked versions: NOT CHECKED, the index of crates.io cannot be reached from here");
        return Ok(());
    }
    let caches = caches()?;
    let mut wrong = Vec::new();
    let mut unknown = 0;
    let packages = metadata::packages()?;
    let theirs: Vec<&Package> = packages.iter().filter(|package| package.source.is_some()).collect();
    for package in &theirs {
        match caches.iter().find_map(|cache| is_yanked(cache, package)) {
            Some(true) => wrong.push(format!("{} {}", package.name, package.version)),
            Some(false) => {}
            None => unknown += 1,
        }
    }
    if !wrong.is_empty() {
        return Err(format!("yanked from crates.io, run `cargo update`\n  {}", wrong.join("\n  ")));
    }
    match unknown {
        0 => println!("yanked versions: none among {} dependencies", theirs.len()),
        // The form of the cache is cargo's own affair and may change with it.
        _ => println!("yanked versions: NOT CHECKED for {unknown} of {} dependencies", theirs.len()),
    }
    Ok(())
}

/// The folders in which cargo keeps what the index said.
fn caches() -> Result<Vec<PathBuf>, String> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .ok_or("neither CARGO_HOME nor a home directory is set")?;
    let index = home.join("registry/index");
    let folders = fs::read_dir(&index).map_err(|error| format!("{}: {error}", index.display()))?;
    Ok(folders.filter_map(Result::ok).map(|folder| folder.path().join(".cache")).collect())
}

/// What one cache says about a version; none when it does not know it.
fn is_yanked(cache: &Path, package: &Package) -> Option<bool> {
    let bytes = fs::read(cache.join(index_path(&package.name))).ok()?;
    yanked_in(&bytes, &package.version)
}

/// A cached entry is a JSON object for each version, with zero bytes and other things between them.
fn yanked_in(bytes: &[u8], version: &str) -> Option<bool> {
    bytes
        .split(|byte| *byte == 0)
        .filter_map(|piece| serde_json::from_slice::<Value>(piece).ok())
        .find(|entry| entry["vers"] == version)
        .and_then(|entry| entry["yanked"].as_bool())
}

/// Where a crate is in the index (Cargo's registry index format).
fn index_path(name: &str) -> String {
    let name = name.to_lowercase();
    match name.len() {
        1 | 2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yanked_version_is_found_in_the_cache() {
        let cached = b"\x03\x02\0\0\0etag\x001.0.0\0{\"vers\":\"1.0.0\",\"yanked\":true}\x001.0.1\0\
                       {\"vers\":\"1.0.1\",\"yanked\":false}\0";
        assert_eq!(yanked_in(cached, "1.0.0"), Some(true));
        assert_eq!(yanked_in(cached, "1.0.1"), Some(false));
        assert_eq!(yanked_in(cached, "1.0.2"), None);
        assert_eq!(yanked_in(b"another form", "1.0.0"), None);
    }

    #[test]
    fn short_names_have_folders_of_their_own() {
        assert_eq!(index_path("ab"), "2/ab");
        assert_eq!(index_path("log"), "3/l/log");
        assert_eq!(index_path("Inflector"), "in/fl/inflector");
    }
}
