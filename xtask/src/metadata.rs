//! What cargo knows about the workspace and its dependencies.

use serde_json::Value;

use crate::step::{cargo, output};

/// A package, ours or another's.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from; none for our own.
    pub source: Option<String>,
    /// The names of what it declares as normal dependencies.
    pub dependencies: Vec<String>,
}

/// All packages of the lock file.
pub fn packages() -> Result<Vec<Package>, String> {
    let text = output(cargo(["metadata", "--locked", "--format-version", "1"]))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = json["packages"].as_array().ok_or("cargo metadata names no packages")?;
    packages
        .iter()
        .map(|package| package_of(package).ok_or_else(|| format!("unreadable: {package}")))
        .collect()
}

fn package_of(json: &Value) -> Option<Package> {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    // The kind of a normal dependency is null, the others are "dev" and "build".
    let normal = json["dependencies"].as_array()?.iter().filter(|dependency| dependency["kind"].is_null());
    Some(Package {
        name: text("name")?,
        version: text("version")?,
        source: text("source"),
        dependencies: normal
            .filter_map(|dependency| dependency["name"].as_str())
            .map(str::to_owned)
            .collect(),
    })
}
