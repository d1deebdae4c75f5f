//! Installing what tests need from the system.

use crate::step::{self, Outcome, command};

/// Installs Debian packages, which needs root.
pub fn install(packages: &[&str]) -> Outcome {
    let apt = |arguments: &[&str]| {
        let mut apt = command("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        step::run(apt)
    };
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}
