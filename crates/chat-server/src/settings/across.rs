//! The rules between settings: each is right by itself, and together they would not work.

use chat_db::DbUrl;

use super::layer::{Layer, Problems};
use super::problem::{Origin, Problem};
use super::sections::{FileStore, Settings};

/// Adds a line for each rule that is broken. A rule about a setting that is wrong by itself is left alone.
pub fn check(settings: &Settings, layers: &[Layer], problems: &mut Problems) {
    let limits = &settings.limits;
    let connection = &settings.connection;
    let message = limits.text_bytes + limits.data_bytes;
    let files = &settings.files;
    let alone = settings.nats_url.is_empty();
    let shared = matches!(settings.database_url(), DbUrl::Postgres(_));
    let rules = [
        (
            ["nats_url", "database_url"].as_slice(),
            alone || shared,
            "nats_url is set, so this node is one of several, which cannot share an SQLite file; write database_url = \
             postgres://user:password@host/database, or leave nats_url empty"
                .to_owned(),
        ),
        (
            &["nats_url", "token_key"],
            alone || !settings.token_key.is_empty(),
            "nats_url is set, so this node is one of several, and tokens of one must be good at all; write the same \
             token_key for all of them"
                .to_owned(),
        ),
        (
            &["nats_url", "files.enabled", "files.store", "files.shared"],
            alone || !files.enabled || files.shared || files.store == FileStore::S3,
            "nats_url is set, so this node is one of several, and files that one keeps on its disk the others do not have; write \
             files.store = \"s3\", files.shared = true where all have the same directory, or files.enabled = false"
                .to_owned(),
        ),
        (
            &["files.s3_bucket", "files.store"],
            files.store == FileStore::Disk || !files.s3_bucket.is_empty(),
            "files.store is \"s3\"; write the bucket in files.s3_bucket".to_owned(),
        ),
        (
            &["files.max_bytes", "files.part_bytes"],
            files.max_bytes <= files.part_bytes as u64 * 500,
            format!(
                "files.max_bytes is {}; write at most 500 times part_bytes, {}",
                files.max_bytes,
                files.part_bytes as u64 * 500
            ),
        ),
        (
            &["files.user_bytes", "files.max_bytes"],
            files.user_bytes >= files.max_bytes,
            format!("files.user_bytes is {}; write at least max_bytes, {}", files.user_bytes, files.max_bytes),
        ),
        (
            &["moderation.hook_url", "moderation.hook_secret"],
            settings.moderation.hook_url.is_empty() || !settings.moderation.hook_secret.is_empty(),
            "moderation.hook_url is set, and what it is asked must be signed; write moderation.hook_secret, 24 to 64 \
             characters that the service knows too"
                .to_owned(),
        ),
        (
            &["limits.frame_bytes", "limits.text_bytes", "limits.data_bytes"],
            limits.frame_bytes > message,
            format!(
                "limits.frame_bytes is {}, too small for a message; write more than text_bytes and \
                 data_bytes together, {message}",
                limits.frame_bytes
            ),
        ),
        (
            &["limits.body_bytes", "limits.text_bytes", "limits.data_bytes"],
            limits.body_bytes > message,
            format!(
                "limits.body_bytes is {}, too small for a message; write more than text_bytes and \
                 data_bytes together, {message}",
                limits.body_bytes
            ),
        ),
        (
            &["limits.queue_bytes", "limits.frame_bytes"],
            limits.queue_bytes >= limits.frame_bytes,
            format!(
                "limits.queue_bytes is {}; write at least frame_bytes, {}",
                limits.queue_bytes, limits.frame_bytes
            ),
        ),
        (
            &["limits.waiting_bytes", "limits.queue_bytes"],
            limits.waiting_bytes >= limits.queue_bytes,
            format!(
                "limits.waiting_bytes is {}; write at least queue_bytes, {}",
                limits.waiting_bytes, limits.queue_bytes
            ),
        ),
        (
            &["connection.pong_seconds", "connection.ping_seconds"],
            connection.pong_seconds < connection.ping_seconds,
            format!(
                "connection.pong_seconds is {}; write less than ping_seconds, {}",
                connection.pong_seconds, connection.ping_seconds
            ),
        ),
    ];
    for (keys, holds, what) in rules {
        if !holds && !keys.iter().any(|key| problems.keys.contains(key)) {
            problems.lines.push(Problem::new(place(keys, layers), what));
        }
    }
}

/// Where to look: at the first of the settings that was set at all, since the defaults hold together.
fn place(keys: &[&str], layers: &[Layer]) -> String {
    let set = |key: &&str| {
        let layer = layers.iter().rev().find(|layer| layer.get(key).is_some())?;
        (layer.origin != Origin::Default).then(|| layer.origin.place(key))
    };
    keys.iter().find_map(set).unwrap_or_else(|| Origin::Default.place(&keys.join(", ")))
}
