//! Several nodes, any of which fails, for as long as one likes.

use crate::step::{self, Outcome, cargo};
use crate::{nats, postgres};

/// Runs it with these arguments.
pub fn run(arguments: &[String]) -> Outcome {
    let mut cargo =
        cargo(["test", "--locked", "--release", "--package", "chat-server", "--test", "chaos", "--"]);
    cargo.args(["--nocapture", "nothing_is_lost"]);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("chaos: {} needs a value", pair[0])) };
        let variable = match name.as_str() {
            "--minutes" => "CHAT_CHAOS_MINUTES",
            "--seed" => "CHAT_CHAOS_SEED",
            other => return Err(format!("chaos: there is no {other:?}; see cargo xtask")),
        };
        if value.parse::<u64>().is_err() {
            return Err(format!("chaos: {name} needs a whole number, not {value:?}"));
        }
        cargo.env(variable, value);
    }
    postgres::install()?;
    nats::install()?;
    step::run(cargo)
}
