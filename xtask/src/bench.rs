//! Benchmarks: figures to read, never a test.

use crate::postgres;
use crate::step::{self, Outcome, cargo};

/// Runs the benchmark of this name with the rest of the arguments.
pub fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [name, rest @ ..] if name == "durable" => {
            postgres::install()?;
            let mut cargo =
                cargo(["bench", "--locked", "--package", "chat-history", "--bench", "durable", "--"]);
            cargo.args(rest);
            step::run(cargo)
        }
        [other, ..] => Err(format!("there is no benchmark {other:?}; there is durable")),
        [] => Err("which benchmark? there is durable".to_owned()),
    }
}
