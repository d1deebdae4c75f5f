//! The table of all settings: what each one takes. `default.toml` has the same keys in the same order, with
//! the same ranges in its comments; a test holds the two together.

use std::net::SocketAddr;

use chat_core::{FilterAction, WordFilter};
use chat_files::TypePattern;
use chat_hooks::HookSecret;
use chat_users::TokenKey;
use toml::Value;

use super::problem::quoted;

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its path, such as `limits.text_bytes`.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
}

/// What a setting takes.
#[derive(Debug)]
pub enum Kind {
    /// A whole number from the first to the second, both included.
    Number(i64, i64),
    /// `true` or `false`.
    Flag,
    /// `"on"` or `"off"`.
    Switch,
    /// A text that a function finds right, or says what is wrong.
    Text(fn(&str) -> Result<(), String>),
    /// A text that is never shown, checked the same way.
    Secret(fn(&str) -> Result<(), String>),
    /// A list of texts, each checked.
    List(fn(&str) -> Result<(), String>),
}

const fn number(path: &'static str, min: i64, max: i64) -> Key {
    Key { path, kind: Kind::Number(min, max) }
}

const fn key(path: &'static str, kind: Kind) -> Key {
    Key { path, kind }
}

/// Every setting, in the order of `default.toml`.
pub const KEYS: &[Key] = &[
    key("listen", Kind::Text(listen)),
    key("data_dir", Kind::Text(data_dir)),
    key("database_url", Kind::Text(database_url)),
    key("nats_url", Kind::Secret(nats_url)),
    key("token_key", Kind::Secret(token_key)),
    key("log", Kind::Text(log_filter)),
    number("limits.text_bytes", 1, 262_144),
    number("limits.data_bytes", 0, 262_144),
    number("limits.room_name_chars", 1, 1000),
    number("limits.topic_chars", 1, 10_000),
    number("limits.frame_bytes", 1024, 16_777_216),
    number("limits.body_bytes", 1024, 16_777_216),
    number("limits.queue_bytes", 65_536, 268_435_456),
    number("limits.waiting_bytes", 65_536, 1_099_511_627_776),
    number("limits.mailbox_bytes", 65_536, 1_073_741_824),
    number("limits.recent_bytes", 0, 1_073_741_824),
    number("limits.fan_out_queue", 16, 1_048_576),
    number("limits.subscriptions_per_connection", 1, 10_000),
    number("limits.in_flight_per_connection", 1, 4096),
    number("limits.connections_per_user", 1, 1_000_000),
    number("limits.connections", 1, 1_000_000),
    number("limits.sessions_per_user", 1, 10_000),
    number("limits.rooms_per_user", 1, 1_000_000),
    number("limits.members_per_room", 2, 10_000_000),
    number("limits.reactions_per_message", 1, 1000),
    number("limits.pins_per_room", 0, 10_000),
    number("limits.bookmarks_per_user", 1, 1_000_000),
    number("limits.bookmark_note_chars", 0, 10_000),
    number("limits.scheduled_per_user", 1, 1_000_000),
    number("limits.people_per_direct_room", 2, 100),
    number("limits.blocks_per_user", 1, 1000000),
    number("limits.reports_per_user", 1, 1_000_000),
    number("limits.filter_words", 1, 10_000),
    number("limits.signal_members", 0, 10000000),
    number("limits.away_seconds", 10, 86400),
    number("limits.status_chars", 1, 1000),
    number("limits.page", 1, 1000),
    number("limits.recovery_events", 1, 10_000),
    key("limits.rates", Kind::Switch),
    number("limits.messages_per_minute", 1, 1_000_000),
    number("limits.messages_burst", 1, 1_000_000),
    number("limits.logins_per_minute", 1, 1_000_000),
    number("limits.sign_ups_per_minute", 1, 1_000_000),
    number("limits.sign_ups_burst", 1, 1_000_000),
    number("messages.edit_seconds", 0, 315_360_000),
    key("messages.keep_versions", Kind::Flag),
    number("messages.retention_seconds", 0, 315_360_000),
    key("search.enabled", Kind::Flag),
    number("search.candidates", 10, 100_000),
    number("search.portion", 1, 10_000),
    key("moderation.words", Kind::List(filtered_word)),
    key("moderation.words_action", Kind::Text(words_action)),
    key("moderation.hook_url", Kind::Text(hook_url)),
    key("moderation.hook_secret", Kind::Secret(hook_secret)),
    number("moderation.hook_timeout_milliseconds", 10, 60_000),
    number("moderation.hook_concurrency", 1, 10_000),
    key("moderation.hook_failure", Kind::Text(hook_failure)),
    key("previews.enabled", Kind::Flag),
    number("previews.timeout_seconds", 1, 60),
    number("previews.max_bytes", 1024, 4_194_304),
    number("previews.cache_entries", 0, 100_000),
    number("previews.cache_seconds", 0, 604_800),
    number("previews.failure_seconds", 0, 86_400),
    number("previews.concurrency", 1, 256),
    number("previews.queue", 0, 65_536),
    key("files.enabled", Kind::Flag),
    key("files.store", Kind::Text(file_store)),
    key("files.shared", Kind::Flag),
    number("files.max_bytes", 1, 10_737_418_240),
    key("files.allow", Kind::List(media_type)),
    key("files.deny", Kind::List(media_type)),
    number("files.per_message", 1, 100),
    number("files.user_uploads", 1, 100_000),
    number("files.user_bytes", 1, 1_099_511_627_776),
    number("files.expire_hours", 1, 720),
    number("files.link_seconds", 10, 86_400),
    number("files.image_pixels", 1, 500_000_000),
    number("files.thumbnail_pixels", 16, 2000),
    number("files.image_threads", 1, 64),
    number("files.image_queue", 1, 65_536),
    number("files.part_bytes", 65_536, 67_108_864),
    number("files.at_once", 1, 10_000),
    number("files.stall_seconds", 1, 600),
    key("files.s3_bucket", Kind::Text(path)),
    key("files.s3_region", Kind::Text(path)),
    key("files.s3_endpoint", Kind::Text(s3_endpoint)),
    key("files.s3_prefix", Kind::Text(path)),
    key("files.s3_virtual_host", Kind::Flag),
    key("files.s3_access_key", Kind::Secret(path)),
    key("files.s3_secret_key", Kind::Secret(path)),
    number("connection.ping_seconds", 1, 3600),
    number("connection.pong_seconds", 1, 600),
    number("connection.stale_seconds", 1, 600),
    number("connection.expiry_grace_seconds", 0, 3600),
    number("connection.write_timeout_seconds", 1, 600),
    number("connection.sweep_milliseconds", 0, 1000),
    key("http.origins", Kind::List(origin)),
    key("http.proxies", Kind::List(address)),
    key("http.secure_cookie", Kind::Flag),
    number("http.workers", 0, 1024),
    number("http.keep_alive_seconds", 1, 3600),
    number("http.request_timeout_seconds", 1, 600),
    key("web.enabled", Kind::Flag),
    key("web.dir", Kind::Text(path)),
    key("classic.enabled", Kind::Flag),
    key("classic.trust_query", Kind::Flag),
    number("classic.session_hours", 1, 720),
    number("classic.history_max", 0, 1000),
    number("auth.bcrypt_cost", 4, 16),
    number("auth.bcrypt_threads", 1, 64),
    number("auth.bcrypt_queue", 1, 65_536),
    number("auth.access_minutes", 1, 1440),
    number("auth.refresh_days", 1, 365),
    key("auth.sign_up_open", Kind::Flag),
    key("auth.first_is_admin", Kind::Flag),
    number("database.readers", 1, 64),
    number("database.writers", 1, 64),
    number("database.queue", 1, 1_048_576),
    number("database.batch", 1, 10_000),
    number("database.timeout_seconds", 1, 300),
    key("nats.credentials_file", Kind::Text(path)),
    key("nats.ca_file", Kind::Text(path)),
    number("nats.queue", 16, 1_048_576),
    number("nodes.compare_seconds", 1, 3600),
    number("nodes.term_seconds", 3, 3600),
    number("nodes.answer_milliseconds", 10, 60_000),
    number("stop.notice_seconds", 0, 600),
    number("stop.closes_per_second", 1, 1_000_000),
    number("stop.timeout_seconds", 1, 600),
];

/// The setting at a path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// The setting that a mistyped path most likely meant, if any is near.
#[must_use]
pub fn nearest(path: &str) -> Option<&'static Key> {
    const NEAR: f64 = 0.85;
    let last = path.rsplit('.').next().unwrap_or(path);
    KEYS.iter()
        .map(|key| {
            // The right key in the wrong section is the other common mistake.
            let same_name = key.path.rsplit('.').next() == Some(last);
            (key, if same_name { 1.0 } else { strsim::jaro_winkler(path, key.path) })
        })
        .filter(|(_, likeness)| *likeness >= NEAR)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(key, _)| key)
}

impl Key {
    /// Whether its value must not be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret(_))
    }

    /// The value in a text of the environment, checked.
    ///
    /// # Errors
    /// What is wrong and what to write.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let value = match &self.kind {
            Kind::Number(..) => text.parse().map(Value::Integer).ok(),
            Kind::Flag => text.parse().map(Value::Boolean).ok(),
            Kind::Switch | Kind::Text(_) | Kind::Secret(_) => Some(Value::String(text.to_owned())),
            Kind::List(_) => Some(Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(|part| Value::String(part.to_owned()))
                    .collect(),
            )),
        };
        let value = value.ok_or_else(|| format!("{} is wrong; write {}", quoted(text), self.expected()))?;
        self.check(&value)?;
        Ok(value)
    }

    /// Whether a value is of the right type and in range.
    ///
    /// # Errors
    /// What is wrong and what to write.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let right = match (&self.kind, value) {
            (Kind::Number(min, max), Value::Integer(number)) => (min..=max).contains(&number),
            (Kind::Flag, Value::Boolean(_)) => true,
            (Kind::Switch, Value::String(text)) => text == "on" || text == "off",
            (Kind::Text(check) | Kind::Secret(check), Value::String(text)) => return check(text),
            (Kind::List(check), Value::Array(items)) if items.iter().all(Value::is_str) => {
                return items.iter().filter_map(Value::as_str).try_for_each(check);
            }
            (
                Kind::Number(..)
                | Kind::Flag
                | Kind::Switch
                | Kind::Text(_)
                | Kind::Secret(_)
                | Kind::List(_),
                _,
            ) => false,
        };
        if right {
            return Ok(());
        }
        let given = if self.is_secret() {
            "it".to_owned()
        } else {
            value.as_str().map_or_else(|| shown(&value.to_string()), quoted)
        };
        Err(format!("{given} is wrong; write {}", self.expected()))
    }

    /// What it takes, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        match self.kind {
            Kind::Number(min, max) => format!("a whole number, {min} to {max}"),
            Kind::Flag => "true or false".to_owned(),
            Kind::Switch => "\"on\" or \"off\"".to_owned(),
            Kind::Text(_) | Kind::Secret(_) => "a text in quotes".to_owned(),
            Kind::List(_) => "a list of texts in quotes, such as [\"https://chat.example.org\"]".to_owned(),
        }
    }
}

/// A value that is no text, as a problem shows it.
fn shown(value: &str) -> String {
    let text = quoted(value);
    text.trim_matches('"').to_owned()
}

fn listen(text: &str) -> Result<(), String> {
    text.parse::<SocketAddr>().map(drop).map_err(|_| {
        format!("{} is no address and port; write one such as 127.0.0.1:8080 or [::]:8080", quoted(text))
    })
}

fn data_dir(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("it is empty; write the path of a directory".to_owned()) } else { Ok(()) }
}

fn database_url(text: &str) -> Result<(), String> {
    const WRITE: &str = "write sqlite: and the path of a file, such as sqlite:/var/lib/chat/chat.db, or \
                         postgres://user:password@host/database";
    // A URL may hold a password: only what is wrong with it is told.
    let wrong = match text.split_once(':') {
        None if text.is_empty() => return Ok(()),
        Some(("sqlite", "")) => "the path is missing",
        // "//" would be the root directory, which those who write it hardly mean.
        Some(("sqlite", path)) if path.starts_with("//") => "two slashes begin no path",
        // Each of the server's connections would see a database of its own.
        Some(("sqlite", path)) if path.starts_with([':', '?']) || path.starts_with("file:") => {
            "this is the path of no file"
        }
        Some(("sqlite", _)) => return Ok(()),
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => return Ok(()),
        Some(("postgres" | "postgresql", _)) => "two slashes are missing",
        Some(_) | None => "the scheme is unknown",
    };
    Err(format!("{wrong}; {WRITE}"))
}

fn nats_url(text: &str) -> Result<(), String> {
    // It may hold a password: only what is wrong with it is told.
    let right = |server: &str| {
        let rest = server.strip_prefix("nats://").or_else(|| server.strip_prefix("tls://"));
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
    };
    if text.is_empty() || text.split(',').map(str::trim).all(right) {
        return Ok(());
    }
    Err("it is no address of a NATS server; write nats://host:4222 or tls://host:4222, and more of them behind commas"
        .to_owned())
}

/// Whether there is such a file shows when it is read.
fn path(_: &str) -> Result<(), String> {
    Ok(())
}

fn file_store(text: &str) -> Result<(), String> {
    match text {
        "disk" | "s3" => Ok(()),
        _ => Err(format!("{} is no store of files; write \"disk\" or \"s3\"", quoted(text))),
    }
}

fn media_type(text: &str) -> Result<(), String> {
    let expected = "write a media type in lower case such as application/pdf, or all of a kind, image/*";
    text.parse::<TypePattern>().map(drop).map_err(|_| format!("{} names no files; {expected}", quoted(text)))
}

fn s3_endpoint(text: &str) -> Result<(), String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if text.is_empty() || host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace)) {
        return Ok(());
    }
    Err(format!("{} is no address; write one such as https://minio.example.org", quoted(text)))
}

fn token_key(text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() >= TokenKey::MIN_BYTES {
        return Ok(());
    }
    Err(format!(
        "it has {} bytes; write at least {} random ones, or leave it empty to have one made",
        text.len(),
        TokenKey::MIN_BYTES
    ))
}

fn log_filter(text: &str) -> Result<(), String> {
    env_filter::Builder::new().try_parse(text).map(drop).map_err(|_| {
        format!("{} is no log filter; write one such as info or warn,chat_ws=debug", quoted(text))
    })
}

fn filtered_word(text: &str) -> Result<(), String> {
    match WordFilter::new(FilterAction::Refuse, [text.to_owned()]) {
        Some(_) => Ok(()),
        None => Err(format!(
            "{} is no word to be filtered; write one of at most {} letters and digits, with a * for any ending if need be",
            quoted(text),
            WordFilter::WORD_CHARS
        )),
    }
}

fn words_action(text: &str) -> Result<(), String> {
    match text {
        "refuse" | "mask" | "report" => Ok(()),
        _ => Err(format!("{} is no action; write \"refuse\", \"mask\" or \"report\"", quoted(text))),
    }
}

fn hook_url(text: &str) -> Result<(), String> {
    match text.is_empty() || text.starts_with("http://") || text.starts_with("https://") {
        true => Ok(()),
        false => Err(format!("{} is no address; write one such as https://example.org/screen", quoted(text))),
    }
}

fn hook_secret(text: &str) -> Result<(), String> {
    match text.is_empty() || text.parse::<HookSecret>().is_ok() {
        true => Ok(()),
        false => Err("is too short, too long or no Base64; write 24 to 64 characters, or whsec_ and Base64 of as many \
                      bytes"
            .to_owned()),
    }
}

fn hook_failure(text: &str) -> Result<(), String> {
    match text {
        "pass" | "refuse" => Ok(()),
        _ => Err(format!("{} is neither; write \"pass\" or \"refuse\"", quoted(text))),
    }
}

/// An origin as browsers write it: scheme, host and perhaps a port (RFC 6454, section 6.2).
fn address(text: &str) -> Result<(), String> {
    match text.parse::<std::net::IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("{} is no IP address; write one such as 127.0.0.1 or ::1", quoted(text))),
    }
}

fn origin(text: &str) -> Result<(), String> {
    let wrong = || {
        Err(format!(
            "{} is no origin; write one such as https://chat.example.org, without a path",
            quoted(text)
        ))
    };
    let Some((scheme, host)) = text.split_once("://") else { return wrong() };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]_".contains(c);
    if !["http", "https"].contains(&scheme) || host.is_empty() || !host.chars().all(plain) {
        return wrong();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(path: &str, text: &str) -> String {
        find(path).unwrap().parse(text).unwrap_err()
    }

    #[test]
    fn numbers_are_held_to_their_range() {
        let key = find("auth.bcrypt_cost").unwrap();
        assert_eq!(key.parse(" 12 "), Ok(Value::Integer(12)));
        for wrong in ["3", "17", "-1", "12.5", "twelve", "", "99999999999999999999"] {
            assert!(key.parse(wrong).unwrap_err().ends_with("write a whole number, 4 to 16"), "{wrong}");
        }
    }

    #[test]
    fn flags_and_switches_take_their_two_words_only() {
        assert_eq!(find("classic.enabled").unwrap().parse("false"), Ok(Value::Boolean(false)));
        assert_eq!(error("classic.enabled", "no"), r#""no" is wrong; write true or false"#);
        assert!(find("limits.rates").unwrap().parse("off").is_ok());
        assert_eq!(error("limits.rates", "none"), r#""none" is wrong; write "on" or "off""#);
    }

    #[test]
    fn lists_are_separated_by_commas_and_every_part_is_checked() {
        let key = find("http.origins").unwrap();
        let two = key.parse("http://localhost:3000, https://chat.example.org").unwrap();
        assert_eq!(two.as_array().unwrap().len(), 2);
        assert_eq!(key.parse(""), Ok(Value::Array(Vec::new())));
        for wrong in ["*", "chat.example.org", "https://a.example/", "ftp://a.example", "https://", "null"] {
            assert!(key.parse(&format!("http://localhost:3000,{wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_short_signing_key_is_refused_without_being_shown() {
        let message = error("token_key", "hunter2");
        assert!(message.contains("7 bytes") && !message.contains("hunter2"), "{message}");
        assert!(find("token_key").unwrap().check(&Value::Integer(12345)).unwrap_err().starts_with("it is"));
        assert!(find("token_key").unwrap().parse(&"k".repeat(32)).is_ok());
        assert!(find("token_key").unwrap().parse("").is_ok());
    }

    #[test]
    fn a_nats_server_is_named_by_its_scheme_and_no_password_is_shown() {
        let key = find("nats_url").unwrap();
        for right in ["", "nats://a:4222", "tls://chat:hunter2@a", "nats://a:1, nats://b:2"] {
            assert!(key.parse(right).is_ok(), "{right}");
        }
        for wrong in ["a:4222", "http://a", "nats://", "nats://a,", "nats://a b", "chat:hunter2@a"] {
            let message = key.parse(wrong).unwrap_err();
            assert!(message.contains("nats://host:4222") && !message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn two_engines_are_spoken_and_no_password_is_shown() {
        let key = find("database_url").unwrap();
        let postgres = ["postgres://chat:hunter2@db/chat", "postgresql:///chat?host=/run/postgresql"];
        for right in ["", "sqlite:data/chat.db", "sqlite:/var/lib/chat/chat.db"].into_iter().chain(postgres) {
            assert!(key.parse(right).is_ok(), "{right}");
            assert!(right.is_empty() || right.parse::<chat_db::DbUrl>().is_ok(), "{right}");
        }
        for (wrong, says) in [
            ("postgres:chat:hunter2@db/chat", "two slashes are missing"),
            ("mysql://chat:hunter2@db/chat", "unknown"),
            ("chat.db", "unknown"),
            ("sqlite:", "path is missing"),
            ("sqlite://data/chat.db", "two slashes"),
            ("sqlite::memory:", "no file"),
            ("sqlite:file:chat.db?mode=memory", "no file"),
        ] {
            let message = key.parse(wrong).unwrap_err();
            assert!(message.contains(says) && !message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn mistyped_keys_are_told_the_nearest_one() {
        assert_eq!(nearest("limits.text_byte").unwrap().path, "limits.text_bytes");
        assert_eq!(nearest("text_bytes").unwrap().path, "limits.text_bytes");
        assert_eq!(nearest("lisen").unwrap().path, "listen");
        assert!(nearest("zebra").is_none());
    }
}
