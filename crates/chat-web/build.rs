//! Lists the files of `web/` at the top of the workspace, so that they are built in. Nothing is made of them here.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let web = fs::canonicalize(here.join("../../web"))?;
    // Cargo looks at all that is in it.
    println!("cargo::rerun-if-changed={}", web.display());
    let mut paths = Vec::new();
    collect(&web, "", &mut paths)?;
    paths.sort();
    if !paths.iter().any(|path| path == "index.html") {
        return Err(io::Error::other(format!("{} has no index.html", web.display())));
    }
    let entries: String = paths
        .iter()
        .map(|path| format!("    ({path:?}, include_bytes!({:?})),\n", web.join(path).display().to_string()))
        .collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("files.rs"), format!("&[\n{entries}]\n"))
}

/// The paths of all files below a folder, with slashes; editors' own files are left out.
fn collect(folder: &Path, above: &str, into: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = format!("{above}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}
