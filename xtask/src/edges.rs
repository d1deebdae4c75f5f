//! The arrows between the crates: dependencies point inwards to `chat-core`, which knows no web, no SQL and
//! no wire format.

use crate::metadata::{self, Package};
use crate::step::{Outcome, cargo, output};

/// What a crate may and may not depend on.
struct Rule {
    name: &'static str,
    /// Which of our crates it may name.
    ours: &'static [&'static str],
    /// The beginnings of the names of crates that it may not reach, over however many others.
    never: &'static [&'static str],
    /// The beginnings of the names of crates that it may not itself depend on.
    not_directly: &'static [&'static str],
}

const WEB: &str = "actix-";
const SQL: [&str; 3] = ["diesel", "libsqlite3-sys", "pq-sys"];

/// Every crate of the workspace but the two that may use all: the server, which wires them, and this one.
const RULES: &[Rule] = &[
    Rule {
        name: "chat-core",
        ours: &[],
        never: &[WEB, SQL[0], SQL[1], SQL[2], "serde_json"],
        not_directly: &[],
    },
    Rule { name: "chat-proto", ours: &[], never: &[WEB, SQL[0], SQL[1], SQL[2]], not_directly: &[] },
    Rule {
        name: "chat-markup",
        ours: &[],
        never: &[WEB, SQL[0], SQL[1], SQL[2], "serde_json"],
        not_directly: &[],
    },
    Rule { name: "chat-db", ours: &[], never: &[WEB], not_directly: &[] },
    Rule { name: "chat-testdb", ours: &[], never: &[WEB], not_directly: &[] },
    Rule {
        name: "chat-json",
        ours: &["chat-core", "chat-markup"],
        never: &[WEB, SQL[0], SQL[1], SQL[2]],
        not_directly: &[],
    },
    Rule {
        name: "chat-cluster",
        ours: &["chat-core"],
        never: &[WEB, SQL[0], SQL[1], SQL[2]],
        not_directly: &[],
    },
    Rule {
        name: "chat-previews",
        ours: &["chat-core"],
        never: &[WEB, SQL[0], SQL[1], SQL[2]],
        not_directly: &[],
    },
    Rule {
        name: "chat-hooks",
        ours: &["chat-core"],
        never: &[WEB, SQL[0], SQL[1], SQL[2]],
        not_directly: &[],
    },
    // It knows nothing of what its page speaks to.
    Rule { name: "chat-web", ours: &[], never: &SQL, not_directly: &[] },
    Rule { name: "chat-users", ours: &["chat-core", "chat-db"], never: &[WEB], not_directly: &[] },
    Rule { name: "chat-files", ours: &["chat-core", "chat-db"], never: &[WEB], not_directly: &[] },
    Rule { name: "chat-history", ours: &["chat-core", "chat-db"], never: &[WEB], not_directly: &[] },
    Rule { name: "chat-ws", ours: &["chat-core", "chat-json", "chat-proto"], never: &SQL, not_directly: &[] },
    // Its benchmarks name the hub and the JSON; the program speaks to any server.
    Rule {
        name: "chat-bench",
        ours: &["chat-core", "chat-json", "chat-proto"],
        never: &[WEB, SQL[0], SQL[1], SQL[2]],
        not_directly: &[],
    },
    Rule {
        name: "chat-api",
        ours: &["chat-core", "chat-files", "chat-json", "chat-users"],
        never: &[],
        // It reaches them through the accounts and the files, and names nothing of them.
        not_directly: &SQL,
    },
];

/// The crates without a rule.
const FREE: [&str; 2] = ["chat-server", "xtask"];

/// Tells every edge that may not be.
pub fn check() -> Outcome {
    let packages = metadata::packages()?;
    let ours: Vec<&Package> = packages.iter().filter(|package| package.source.is_none()).collect();
    let names: Vec<&str> = ours.iter().map(|package| package.name.as_str()).collect();
    let mut wrong = Vec::new();
    for package in &ours {
        if FREE.contains(&package.name.as_str()) {
            continue;
        }
        match RULES.iter().find(|rule| rule.name == package.name) {
            Some(rule) => {
                wrong.extend(declared(rule, &package.dependencies, &names));
                if !rule.never.is_empty() {
                    wrong.extend(reached(rule, &tree(rule.name)?));
                }
            }
            None => wrong.push(format!("{} has no rule in xtask/src/edges.rs", package.name)),
        }
    }
    if wrong.is_empty() {
        println!("edges: {} crates depend on one another as they may", ours.len());
        return Ok(());
    }
    Err(format!("forbidden edges\n  {}", wrong.join("\n  ")))
}

fn declared(rule: &Rule, dependencies: &[String], ours: &[&str]) -> Vec<String> {
    let forbidden = |name: &&String| {
        let name = name.as_str();
        let is_ours = ours.contains(&name) && !rule.ours.contains(&name);
        is_ours || rule.not_directly.iter().any(|beginning| name.starts_with(beginning))
    };
    dependencies.iter().filter(forbidden).map(|name| format!("{} ─► {name}", rule.name)).collect()
}

fn reached(rule: &Rule, names: &[String]) -> Vec<String> {
    let forbidden = |name: &&String| rule.never.iter().any(|beginning| name.starts_with(beginning));
    let mut wrong: Vec<_> =
        names.iter().filter(forbidden).map(|name| format!("{} ─► … ─► {name}", rule.name)).collect();
    wrong.dedup();
    wrong
}

/// The names of all that a crate is built with when it is used alone, sorted. `cargo metadata` would show the
/// features that other crates of the workspace switch on as well.
fn tree(name: &str) -> Result<Vec<String>, String> {
    let mut cargo = cargo(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    cargo.args(["--target", "all", "--package", name]);
    let mut names: Vec<String> =
        output(cargo)?.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule =
        Rule { name: "chat-core", ours: &["chat-proto"], never: &["diesel"], not_directly: &["actix-"] };

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_crate_of_ours_that_is_not_allowed_is_told() {
        let ours = ["chat-core", "chat-proto", "chat-db"];
        assert!(declared(&RULE, &owned(&["chat-proto", "tokio"]), &ours).is_empty());
        assert_eq!(
            declared(&RULE, &owned(&["chat-db", "actix-web"]), &ours),
            ["chat-core ─► chat-db", "chat-core ─► actix-web"]
        );
    }

    #[test]
    fn a_forbidden_crate_is_told_however_far_away() {
        assert_eq!(reached(&RULE, &owned(&["diesel", "diesel_derives", "tokio"])).len(), 2);
        assert!(reached(&RULE, &owned(&["tokio"])).is_empty());
    }
}
