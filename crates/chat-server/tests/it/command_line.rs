//! The binary's commands and exit codes.

use std::process::Output;

use crate::support::Place;

fn chat_server(place: &Place, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    place.run(arguments, environment, "")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn check_config_prints_the_configuration_in_force() {
    let place = Place::new();
    let output = chat_server(&place, &["check-config"], &[("CHAT_LIMITS__RATES", "off")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("rates = \"off\"  # CHAT_LIMITS__RATES\n"));
    // Checking makes nothing.
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_wrong_configuration_stops_every_command_with_code_2_and_a_line_for_each_mistake() {
    let place = Place::new();
    let wrong = [("CHAT_LIMITS__TEXT_BYTES", "much"), ("CHAT_LISTN", "127.0.0.1:0")];
    for arguments in [&[][..], &["check-config"], &["migrate"], &["health"], &["user", "disable", "ann"]] {
        let output = chat_server(&place, arguments, &wrong);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let lines = text(&output.stderr);
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(lines.contains("CHAT_LIMITS__TEXT_BYTES: ") && lines.contains("CHAT_LISTN: "), "{lines}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn the_manual_can_be_read_whatever_the_configuration_is() {
    let place = Place::new();
    let output = chat_server(&place, &["check-config", "--defaults"], &[("CHAT_ZEBRA", "1")]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), chat_server::settings::DEFAULT_TOML);
}

#[test]
fn a_wrong_command_line_is_code_2_as_well() {
    let place = Place::new();
    assert_eq!(chat_server(&place, &["serv"], &[]).status.code(), Some(2));
    let output = chat_server(&place, &["--config", "missing.toml", "check-config"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("missing.toml: cannot be read"));
}

#[test]
fn health_is_code_1_when_nobody_listens() {
    let place = Place::new();
    // A port that was free a moment ago, and that nobody is told of.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let output = chat_server(&place, &["health"], &[("CHAT_LISTEN", &address)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("chat-server: not ready: "));
}

#[test]
fn migrate_makes_the_tables_once() {
    let place = Place::new();
    let first = chat_server(&place, &["migrate"], &[]);
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    assert!(text(&first.stdout).starts_with("applied "), "{}", text(&first.stdout));
    let second = chat_server(&place, &["migrate"], &[]);
    assert_eq!((second.status.code(), text(&second.stdout).as_str()), (Some(0), "nothing to do\n"));
}

#[test]
fn accounts_are_managed_with_passwords_from_standard_input_only() {
    let place = Place::new();
    let quick = [("CHAT_AUTH__BCRYPT_COST", "4")];
    let user = |arguments: &[&str], input: &str| {
        let arguments = [&["user"], arguments].concat();
        let output = place.run(&arguments, &quick, input);
        let all = text(&output.stdout) + &text(&output.stderr);
        assert!(input.is_empty() || !all.contains(input.trim()), "the password was shown: {all}");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };

    let added = user(&["add", "ann", "ann@example.org"], "a long password\n");
    assert_eq!((added.0, added.1.as_str()), (Some(0), "added ann with the id 1\n"), "{}", added.2);
    assert!(added.2.contains("made one and kept it in data/token.key"), "{}", added.2);

    let again = user(&["add", "Ann", "other@example.org"], "a long password\n");
    assert_eq!(again.0, Some(1));
    assert!(again.2.ends_with("chat-server: this username is taken\n"), "{}", again.2);

    let short = user(&["add", "bob", "bob@example.org"], "sh0rt\n");
    assert_eq!(short.0, Some(1));
    assert!(short.2.contains("password"), "{}", short.2);
    assert_eq!(user(&["add", "bob", "bob@example.org"], "").0, Some(1));
    assert_eq!(user(&["add", "bob", "bob@example.org", "a long password"], "").0, Some(2));

    assert_eq!(user(&["password", "ann@example.org"], "another password\n").0, Some(0));
    assert_eq!(user(&["disable", "ann"], "").1, "disabled ann, ended 0 sessions\n");
    assert_eq!(user(&["enable", "ann"], "").1, "enabled ann\n");
    assert_eq!(user(&["admin", "ann"], "").1, "ann is an administrator\n");
    assert_eq!(user(&["no-admin", "ann@example.org"], "").1, "ann is no administrator\n");
    assert_eq!(user(&["admin", "zoe"], "").0, Some(1));
    let unknown = user(&["disable", "zoe"], "");
    assert_eq!(unknown.0, Some(1));
    assert!(unknown.2.ends_with("chat-server: there is no such user\n"), "{}", unknown.2);
}

#[cfg(unix)]
#[test]
fn the_generated_signing_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    assert_eq!(chat_server(&place, &["user", "disable", "zoe"], &[]).status.code(), Some(1));
    let key = place.path().join("data/token.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read(&key).unwrap().len(), 32);
}
