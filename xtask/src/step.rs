//! Running other programs, step by step.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Nothing, or the line that tells what failed.
pub type Outcome = Result<(), String>;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// The cargo that runs this program, in the folder of the workspace.
pub fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments);
    cargo
}

/// The folder that this program was built into, as the others of the workspace are.
pub fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    // target/debug/xtask
    own.ancestors().nth(2).map_or_else(|| root().join("target"), PathBuf::from)
}

/// Any program, in the folder of the workspace.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Does one part of a task under a heading, and tells how long it took.
pub fn step(name: &str, part: impl FnOnce() -> Outcome) -> Outcome {
    eprintln!("── {name}");
    let start = Instant::now();
    part().map_err(|message| format!("{name}: {message}"))?;
    eprintln!("── {name}: {} s", start.elapsed().as_secs());
    Ok(())
}

/// Runs a program to its end; what it prints is printed.
pub fn run(mut command: Command) -> Outcome {
    let status = command.status().map_err(|error| format!("{}: {error}", line(&command)))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", line(&command))) }
}

/// Runs a program to its end and returns what it printed.
pub fn output(mut command: Command) -> Result<String, String> {
    command.stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("{}: {error}", line(&command)))?;
    if !output.status.success() {
        return Err(format!("{}: {}", line(&command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", line(&command)))
}

/// Whether a program can be started and says that all is well.
pub fn succeeds(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
