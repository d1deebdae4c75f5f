//! The program against the real server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_chat-bench");

/// The server is looked for beside the program; a run of all tests has built it there.
fn have_a_server() {
    if !Path::new(PROGRAM).with_file_name("chat-server").is_file() {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "chat-server"]).status();
        assert!(built.unwrap().success());
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).arg("--quiet").output().unwrap()
}

/// Runs a scenario to its good end; returns its figures.
fn figures(arguments: &[&str]) -> Value {
    have_a_server();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("figures.json");
    let output = run(&[arguments, &["--json", file.to_str().unwrap()]].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn a_fan_out_is_whole_and_counted() {
    for how in [["--rate", "100"], ["--window", "4"]] {
        let arguments = ["fan-out", "--rooms", "2", "--members", "20", "--seconds", "1", "--users", "3"];
        let figures = figures(&[&arguments[..], &how].concat());
        let traffic = &figures["traffic"];
        let messages = traffic["messages"].as_u64().unwrap();
        assert!(messages > 10, "{figures}");
        assert_eq!(traffic["deliveries"], messages * 20);
        assert_eq!(figures["connections"], 40);
        for none in ["missing", "doubled", "out_of_order"] {
            assert_eq!(traffic[none], 0, "{figures}");
        }
        assert!(traffic["delivery_ms"]["p50"].as_f64().unwrap() > 0.0);
        #[cfg(target_os = "linux")]
        assert!(figures["server"]["memory_mib"].as_f64().unwrap() > 1.0);
    }
}

#[test]
fn after_a_storm_nothing_is_missing() {
    let figures =
        figures(&["storm", "--connections", "60", "--members", "20", "--rate", "200", "--users", "3"]);
    assert_eq!(figures["storm"]["back"], 60);
    assert_eq!(figures["storm"]["recovered"], 60);
    assert_eq!(figures["traffic"]["missing"], 0);
    assert_eq!(figures["traffic"]["deliveries"], figures["traffic"]["messages"].as_u64().unwrap() * 20);
}

#[test]
fn idle_connections_are_weighed() {
    let figures = figures(&["idle", "--connections", "100", "--seconds", "1"]);
    assert_eq!(figures["connections"], 100);
    #[cfg(target_os = "linux")]
    assert!(figures["server"]["memory_kib_per_connection"].is_number(), "{figures}");
}

#[test]
fn what_keeps_it_from_running_is_told_in_a_line() {
    let nobody = run(&["idle", "--url", "http://127.0.0.1:1"]);
    assert!(!nobody.status.success());
    let told = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert_eq!(told, "chat-bench: nothing serves at http://127.0.0.1:1\n");
}
