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
    /// The names of what its tests and examples need besides.
    pub dev_dependencies: Vec<String>,
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
    let dependencies = json["dependencies"].as_array()?;
    // The kind of a normal dependency is null, the others are "dev" and "build".
    let of_kind = |kind: Option<&str>| {
        let these = dependencies.iter().filter(|dependency| dependency["kind"].as_str() == kind);
        these.filter_map(|dependency| dependency["name"].as_str()).map(str::to_owned).collect()
    };
    Some(Package {
        name: text("name")?,
        version: text("version")?,
        source: text("source"),
        dependencies: of_kind(None),
        dev_dependencies: of_kind(Some("dev")),
    })
}
