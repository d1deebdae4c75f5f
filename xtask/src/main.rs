//! Tasks of the project: `cargo xtask <task>`, and `cargo xtask` alone lists them.

mod bench;
mod browser;
mod chaos;
mod crash;
mod deny;
mod edges;
mod metadata;
mod nats;
mod node;
mod packages;
mod postgres;
mod step;
mod yanked;

use std::process::ExitCode;

use step::{Outcome, cargo};

const HELP: &str = "cargo xtask <task>

  ci      everything that must hold before a change lands: fmt, edges, clippy, docs, deny, test
  test    every test: the server's binary, the crates, doc tests, the clients in tests/node, and the page in a
          browser; what touches the database on SQLite and again on PostgreSQL
  fmt     whether the code is formatted
  edges   the crates depend on one another only as they may
  clippy  lints on all targets, warnings are errors
  docs    the documentation builds without warnings
  bench durable [sqlite] [postgres] [sends] [reads] [--messages N] [--seconds N] [--senders N]
          what the store makes of the databases, as a table: acknowledged sends beside bare inserts, reads
          among 10 million messages
  crash [--kills N] [--database sqlite|postgres] [--seed N]
          kills a release build again and again while people write and read, and checks that nothing is lost;
          20 kills on both databases unless it is told otherwise
  chaos [--minutes N] [--seed N]
          lets nodes of a release build, PostgreSQL and NATS fail while people write and read on three nodes, and checks
          that nothing is lost; one round of each failure, with short terms, unless it is told for how long
  deny    licences and sources of the dependencies; security advisories where their database can be
          reached, yanked versions everywhere";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next();
    let arguments: Vec<String> = arguments.collect();
    let takes_arguments = matches!(task.as_deref(), Some("bench" | "chaos" | "crash"));
    if let (false, Some(surplus)) = (takes_arguments, arguments.first()) {
        eprintln!("xtask: {surplus:?} is one argument too many\n\n{HELP}");
        return ExitCode::from(2);
    }
    let outcome = match task.as_deref() {
        Some("bench") => bench::run(&arguments),
        Some("chaos") => chaos::run(&arguments),
        Some("crash") => crash::run(&arguments),
        Some("ci") => ci(),
        Some("test") => test(),
        Some("fmt") => fmt(),
        Some("clippy") => clippy(),
        Some("docs") => docs(),
        Some("edges") => edges::check(),
        Some("deny") => deny::check(),
        Some("help" | "--help" | "-h") | None => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => {
            eprintln!("xtask: there is no task {other:?}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The quick checks first; the tests last, so that their closing lines close the run.
fn ci() -> Outcome {
    step::step("fmt", fmt)?;
    step::step("edges", edges::check)?;
    step::step("clippy", clippy)?;
    step::step("docs", docs)?;
    step::step("deny", deny::check)?;
    test()
}

fn test() -> Outcome {
    // Clients of other languages start this binary themselves.
    step::step("server", || step::run(cargo(["build", "--locked", "--package", "chat-server"])))?;
    // Some tests are about PostgreSQL whatever the run is about.
    postgres::install()?;
    nats::install()?;
    step::step("crates and documentation", || {
        step::run(cargo(["test", "--locked", "--workspace", "--no-fail-fast"]))
    })?;
    step::step("crates, on PostgreSQL", postgres::test)?;
    step::step("clients", || node::test("sqlite"))?;
    step::step("clients, on PostgreSQL", || node::test("postgres"))?;
    step::step("page", browser::test)
}

fn fmt() -> Outcome {
    step::run(cargo(["fmt", "--all", "--check"]))
}

fn clippy() -> Outcome {
    step::run(cargo(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn docs() -> Outcome {
    let mut doc = cargo(["doc", "--locked", "--workspace", "--no-deps"]);
    doc.env("RUSTDOCFLAGS", "-Dwarnings");
    step::run(doc)
}
