//! The crash test, as often as one likes.

use crate::postgres;
use crate::step::{self, Outcome, cargo};

/// Runs it with these arguments.
pub fn run(arguments: &[String]) -> Outcome {
    let mut cargo =
        cargo(["test", "--locked", "--release", "--package", "chat-server", "--test", "crash", "--"]);
    cargo.args(["--nocapture", "--test-threads=1"]);
    let mut arguments = arguments.iter();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("crash: {name} needs a value"))?;
        let variable = match (name.as_str(), value.as_str()) {
            ("--kills", _) => "CHAT_CRASH_KILLS",
            ("--seed", _) => "CHAT_CRASH_SEED",
            ("--database", "sqlite" | "postgres") => {
                cargo.arg(format!("nothing_is_lost_on_{value}"));
                continue;
            }
            ("--database", other) => return Err(format!("crash: {other:?} is neither sqlite nor postgres")),
            (other, _) => return Err(format!("crash: there is no {other:?}; see cargo xtask")),
        };
        if value.parse::<u64>().is_err() {
            return Err(format!("crash: {name} needs a whole number, not {value:?}"));
        }
        cargo.env(variable, value);
    }
    postgres::install()?;
    step::run(cargo)
}
