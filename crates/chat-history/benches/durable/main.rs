//! What the store makes of a database: acknowledged sends a second beside the same rows inserted bare, and the time
//! that reading takes in a database of many messages. `cargo xtask bench durable` runs it; arguments:
//! `[--messages N] [--seconds N] [--senders N]… [sqlite] [postgres] [sends] [reads]`.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on shall panic")]

mod bare;
mod fill;
mod reads;
mod sends;
mod table;

use chat_testdb::Engine;

/// What to measure.
struct Plan {
    engines: Vec<Engine>,
    sends: bool,
    reads: bool,
    messages: u64,
    seconds: u64,
    senders: Vec<usize>,
    indexed: bool,
}

impl Plan {
    fn of_arguments() -> Plan {
        let mut plan = Plan {
            engines: vec![],
            sends: false,
            reads: false,
            messages: 10_000_000,
            seconds: 5,
            senders: vec![],
            indexed: true,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number =
                || arguments.next().and_then(|text| text.parse().ok()).expect("a number follows");
            match argument.as_str() {
                // Cargo says so to every benchmark.
                "--bench" => {}
                "--messages" => plan.messages = number(),
                "--seconds" => plan.seconds = number(),
                "--senders" => plan.senders.push(number() as usize),
                "--unindexed" => plan.indexed = false,
                "sqlite" => plan.engines.push(Engine::Sqlite),
                "postgres" => plan.engines.push(Engine::Postgres),
                "sends" => plan.sends = true,
                "reads" => plan.reads = true,
                other => {
                    panic!(
                        "{other:?} is none of --messages N, --seconds N, --senders N, --unindexed, sqlite, postgres, sends, reads"
                    )
                }
            }
        }
        if plan.engines.is_empty() {
            plan.engines = vec![Engine::Sqlite, Engine::Postgres];
        }
        if plan.senders.is_empty() {
            plan.senders = vec![1, 64, 1000];
        }
        if !plan.sends && !plan.reads {
            (plan.sends, plan.reads) = (true, true);
        }
        plan
    }
}

fn main() {
    let plan = Plan::of_arguments();
    if plan.sends {
        sends::run(&plan.engines, &plan.senders, plan.seconds, plan.indexed);
    }
    if plan.reads {
        reads::run(&plan.engines, plan.messages);
    }
}

fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}
