//! Layers, and the lines that tell what is wrong.

use std::fs;

use chat_server::settings::{Settings, Sources, Switch, load};
use tempfile::TempDir;

/// A directory with these files, and this environment.
struct Place {
    directory: TempDir,
    environment: Vec<(&'static str, &'static str)>,
    file: Option<&'static str>,
}

impl Place {
    fn new() -> Place {
        Place { directory: TempDir::new().unwrap(), environment: Vec::new(), file: None }
    }

    fn file(self, name: &str, text: &str) -> Place {
        fs::write(self.directory.path().join(name), text).unwrap();
        self
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Place {
        self.environment.push((name, value));
        self
    }

    fn named(mut self, file: &'static str) -> Place {
        self.file = Some(file);
        self
    }

    fn sources(&self) -> Sources {
        Sources {
            directory: self.directory.path().to_owned(),
            file: self.file.map(|name| self.directory.path().join(name)),
            environment: self.environment.iter().map(|(n, v)| (n.into(), v.into())).collect(),
        }
    }

    fn settings(&self) -> Settings {
        match load(&self.sources()) {
            Ok(loaded) => loaded.settings,
            Err(problems) => panic!("{problems:?}"),
        }
    }

    /// The lines, with the temporary directory left out.
    fn problems(&self) -> Vec<String> {
        let directory = format!("{}/", self.directory.path().display());
        load(&self.sources())
            .expect_err("this configuration is wrong")
            .iter()
            .map(|problem| problem.to_string().replace(&directory, ""))
            .collect()
    }
}

#[test]
fn without_anything_the_defaults_are_in_force() {
    let settings = Place::new().settings();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.database_url().to_string(), "sqlite:data/chat.db");
    assert!(settings.token_key.is_empty());
    assert!(settings.limits.messages().is_some());
}

#[test]
fn later_layers_win() {
    let place = Place::new()
        .file("chat.toml", "log = \"warn\"\ndata_dir = \"a\"\n[limits]\ntext_bytes = 1000\ndata_bytes = 7\n")
        .file(".env", "CHAT_DATA_DIR=b\nCHAT_LIMITS__TEXT_BYTES=2000\nPATH=ignored\n")
        .variable("CHAT_LIMITS__TEXT_BYTES", "3000")
        .variable("HOME", "/root");
    let settings = place.settings();
    assert_eq!(settings.log, "warn");
    assert_eq!(settings.limits.data_bytes, 7);
    assert_eq!(settings.database_url().to_string(), "sqlite:b/chat.db");
    assert_eq!(settings.limits.text_bytes, 3000);
    assert_eq!(settings.limits.page, 200);
}

#[test]
fn a_named_file_is_read_in_place_of_the_usual_one_and_must_exist() {
    let place = Place::new().file("chat.toml", "log = \"warn\"").file("other.toml", "data_dir = \"o\"");
    let settings = place.named("other.toml").settings();
    assert_eq!((settings.log.as_str(), settings.data_dir.to_str()), ("info", Some("o")));

    let lines = Place::new().named("missing.toml").problems();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("missing.toml: cannot be read: "), "{lines:?}");
}

#[test]
fn rates_are_switched_off_together() {
    let settings = Place::new().variable("CHAT_LIMITS__RATES", "off").settings();
    assert_eq!(settings.limits.rates, Switch::Off);
    assert_eq!(settings.limits.messages(), None);
    assert_eq!(settings.limits.logins(), None);
    assert_eq!(settings.core_limits().messages, None);
}

#[test]
fn lists_come_from_the_environment_with_commas() {
    let settings =
        Place::new().variable("CHAT_HTTP__ORIGINS", "https://a.example, http://localhost:3000").settings();
    assert_eq!(settings.http.origins, ["https://a.example", "http://localhost:3000"]);
}

#[test]
fn every_mistake_of_every_layer_is_told_at_once_and_where_it_stands() {
    let place = Place::new()
        .file(
            "chat.toml",
            "listen = \"here\"\nlimits = { text_byte = 5, page = \"many\" }\nstop = 3\nzebra = 1\n\
             [http]\norigins = \"*\"\n[classic]\nenabled = \"yes\"\n[Auth]\n",
        )
        .file(".env", "CHAT_LOG=loud=very\nCHAT_ZEBRA=1\n")
        .variable("CHAT_DATABASE_URL", "mysql://chat:hunter2@db/chat")
        .variable("CHAT_LIMITS__TEXT_BYTES", "16k")
        .variable("CHAT_TEXT_BYTES", "16")
        .variable("CHAT_TOKEN_KEY", "hunter2");
    insist(
        &place.problems(),
        &[
            r#"chat.toml: listen: "here" is no address and port; write one such as 127.0.0.1:8080 or [::]:8080"#,
            "chat.toml: limits.text_byte: there is no such setting; did you mean limits.text_bytes?",
            r#"chat.toml: limits.page: "many" is wrong; write a whole number, 1 to 1000"#,
            "chat.toml: stop: this is a section; write [stop] and its keys below it",
            r#"chat.toml: zebra: there is no such setting as "zebra"; `chat-server check-config --defaults` lists them all"#,
            r#"chat.toml: http.origins: "*" is wrong; write a list of texts in quotes, such as ["https://chat.example.org"]"#,
            r#"chat.toml: classic.enabled: "yes" is wrong; write true or false"#,
            r#"chat.toml: Auth: there is no such setting as "Auth"; `chat-server check-config --defaults` lists them all"#,
            r#".env: CHAT_LOG: "loud=very" is no log filter; write one such as info or warn,chat_ws=debug"#,
            r#".env: CHAT_ZEBRA: there is no such setting as "zebra"; `chat-server check-config --defaults` lists them all"#,
            "CHAT_DATABASE_URL: the scheme is unknown; write sqlite: and the path of a file, such as \
             sqlite:/var/lib/chat/chat.db, or postgres://user:password@host/database",
            r#"CHAT_LIMITS__TEXT_BYTES: "16k" is wrong; write a whole number, 1 to 262144"#,
            "CHAT_TEXT_BYTES: there is no such setting; did you mean CHAT_LIMITS__TEXT_BYTES?",
            "CHAT_TOKEN_KEY: it has 7 bytes; write at least 32 random ones, or leave it empty to have one made",
        ],
    );
}

#[test]
fn settings_that_do_not_go_together_are_told_where_one_was_set() {
    let place =
        Place::new().file("chat.toml", "[limits]\ntext_bytes = 100000\n[connection]\nping_seconds = 8\n");
    insist(
        &place.problems(),
        &[
            "chat.toml: limits.text_bytes: limits.frame_bytes is 65536, too small for a message; \
             write more than text_bytes and data_bytes together, 108192",
            "chat.toml: limits.text_bytes: limits.body_bytes is 65536, too small for a message; \
             write more than text_bytes and data_bytes together, 108192",
            "chat.toml: connection.ping_seconds: connection.pong_seconds is 8; write less than ping_seconds, 8",
        ],
    );
}

#[test]
fn a_file_that_is_no_toml_is_told_by_its_line_and_shows_nothing_of_it() {
    let lines = Place::new().file("chat.toml", "log = \"info\"\ntoken_key = hunter2\n").problems();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("chat.toml: line 2: no TOML: "), "{lines:?}");
    assert!(!lines[0].contains("hunter2"), "{lines:?}");

    let lines = Place::new().file(".env", "CHAT_LOG=info\nCHAT_TOKEN_KEY hunter2\n").problems();
    insist(
        &lines,
        &[".env: line 2: this is no variable; write NAME=value, the value in quotes when it has spaces"],
    );
}

#[test]
fn names_in_the_environment_are_exact() {
    let lines = Place::new().variable("CHAT_limits__text_bytes", "5").problems();
    insist(
        &lines,
        &["CHAT_limits__text_bytes: there is no such setting; did you mean CHAT_LIMITS__TEXT_BYTES?"],
    );
}

#[test]
fn a_store_of_files_is_one_that_there_is() {
    let lines = Place::new()
        .variable("CHAT_FILES__STORE", "s3")
        .variable("CHAT_FILES__MAX_BYTES", "1000000000")
        .problems();
    insist(
        &lines,
        &[
            "CHAT_FILES__STORE: files.store is \"s3\"; write the bucket in files.s3_bucket",
            "CHAT_FILES__MAX_BYTES: files.max_bytes is 1000000000; write at most 500 times part_bytes, 524288000",
            "CHAT_FILES__MAX_BYTES: files.user_bytes is 262144000; write at least max_bytes, 1000000000",
        ],
    );
    let lines = Place::new()
        .variable("CHAT_FILES__STORE", "ftp")
        .variable("CHAT_FILES__ALLOW", "image/*, pdf")
        .variable("CHAT_FILES__S3_ENDPOINT", "minio:9000")
        .problems();
    insist(
        &lines,
        &[
            "CHAT_FILES__STORE: \"ftp\" is no store of files; write \"disk\" or \"s3\"",
            "CHAT_FILES__ALLOW: \"pdf\" names no files; write a media type in lower case such as application/pdf, or all of a \
             kind, image/*",
            "CHAT_FILES__S3_ENDPOINT: \"minio:9000\" is no address; write one such as https://minio.example.org",
        ],
    );
}

#[test]
fn one_of_several_nodes_shares_a_database_and_a_key() {
    let nodes = || Place::new().variable("CHAT_NATS_URL", "nats://chat:hunter2@nats:4222");
    let lines = nodes().problems();
    insist(
        &lines,
        &[
            "CHAT_NATS_URL: nats_url is set, so this node is one of several, which cannot share an SQLite file; write \
             database_url = postgres://user:password@host/database, or leave nats_url empty",
            "CHAT_NATS_URL: nats_url is set, so this node is one of several, and tokens of one must be good at all; \
             write the same token_key for all of them",
            "CHAT_NATS_URL: nats_url is set, so this node is one of several, and files that one keeps on its disk the others do \
             not have; write files.store = \"s3\", files.shared = true where all have the same directory, or files.enabled = false",
        ],
    );
    let nodes = nodes()
        .variable("CHAT_FILES__SHARED", "true")
        .variable("CHAT_DATABASE_URL", "postgres://chat:secret@db/chat")
        .variable("CHAT_TOKEN_KEY", "a-key-that-is-long-enough-for-hmac");
    let shown = load(&nodes.sources()).unwrap().show();
    assert!(!shown.contains("hunter2") && shown.contains("nats_url = \"********\""), "{shown}");
}

#[test]
fn what_is_shown_masks_secrets_and_names_origins() {
    let place = Place::new()
        .file("chat.toml", "[limits]\npage = 100\n")
        .variable("CHAT_TOKEN_KEY", "a-key-that-is-long-enough-for-hmac")
        .variable("CHAT_DATA_DIR", "elsewhere");
    let shown = load(&place.sources()).unwrap().show();
    assert!(!shown.contains("long-enough"), "{shown}");
    assert!(shown.contains("token_key = \"********\"  # CHAT_TOKEN_KEY\n"), "{shown}");
    assert!(shown.contains("database_url = \"sqlite:elsewhere/chat.db\"\n"), "{shown}");
    assert!(shown.contains("chat.toml: limits.page\n"), "{shown}");
    assert!(shown.contains("\n[stop]\nnotice_seconds = 0\n"), "{shown}");
}

#[test]
fn what_is_shown_can_be_read_again() {
    let place = Place::new().variable("CHAT_HTTP__ORIGINS", "https://a.example,https://b.example");
    let shown = load(&place.sources()).unwrap().show();
    let again = Place::new().file("chat.toml", &shown).settings();
    assert_eq!(again.http.origins, ["https://a.example", "https://b.example"]);
    assert_eq!(again.database_url().to_string(), "sqlite:data/chat.db");
}

#[test]
fn the_example_of_an_environment_is_right() {
    let example = include_str!("../../../../.env.example");
    let place = Place::new().file(".env", example);
    place.settings();
    // Uncommented, every line is right as well.
    let all = example.replace("\n#CHAT_", "\nCHAT_");
    assert_ne!(all, example);
    Place::new().file(".env", &all).settings();
}

/// Compares line by line, so that a failure shows the line.
fn insist(lines: &[String], expected: &[&str]) {
    for line in expected {
        assert!(lines.iter().any(|given| given == line), "missing: {line}\namong: {lines:#?}");
    }
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
}
