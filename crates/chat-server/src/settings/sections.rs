//! The settings as types, one for each concern. What a field means, its unit, default and range stand in
//! `default.toml`; every field is required there, so that none can be forgotten.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chat_cluster::ClusterSettings;
use chat_core::{FilterAction, WordFilter};
use chat_db::DbUrl;
use chat_hooks::{HookSettings, OnFailure};
use serde::Deserialize;

/// The whole configuration of a node, valid as it stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Directory of the database file and the generated signing key.
    pub data_dir: PathBuf,
    /// As it was written; [`Settings::database_url`] gives the one in force.
    database_url: String,
    /// The servers over which several nodes tell one another, separated by commas; empty when this node is alone.
    pub nats_url: Secret,
    /// Signs access tokens; empty when the server makes its own.
    pub token_key: Secret,
    /// An `env_logger` filter.
    pub log: String,
    /// How much of everything.
    pub limits: LimitSettings,
    /// What becomes of messages.
    pub messages: MessageSettings,
    /// The index of messages.
    pub search: SearchSettings,
    /// What messages must not say.
    pub moderation: ModerationSettings,
    /// Previews of links.
    pub previews: PreviewSettings,
    /// Uploads.
    pub files: FileSettings,
    /// The life of a socket.
    pub connection: ConnectionSettings,
    /// The HTTP server.
    pub http: HttpSettings,
    /// The page to chat in.
    pub web: WebSettings,
    /// The classic API.
    pub classic: ClassicSettings,
    /// Passwords, tokens, sign-up.
    pub auth: AuthSettings,
    /// The database's threads and queues.
    pub database: DatabaseSettings,
    /// How NATS is reached.
    pub nats: NatsSettings,
    /// What nodes believe, and for how long.
    pub nodes: NodeSettings,
    /// The orderly stop.
    pub stop: StopSettings,
}

impl Settings {
    /// The database in force: the one that was set, or `sqlite:<data_dir>/chat.db`.
    #[must_use]
    pub fn database_url(&self) -> DbUrl {
        // What was set was checked; empty is the only text that is no URL.
        self.database_url.parse().unwrap_or_else(|_| DbUrl::Sqlite(self.data_dir.join("chat.db")))
    }

    /// The database's file, threads and queues.
    #[must_use]
    pub fn db_settings(&self) -> chat_db::DbSettings {
        chat_db::DbSettings {
            url: self.database_url(),
            readers: self.database.readers,
            writers: self.database.writers,
            queue: self.database.queue,
            batch: self.database.batch,
            timeout: Duration::from_secs(self.database.timeout_seconds),
        }
    }

    /// How this node is one of several, on a database of this installation and with a token key of this fingerprint; none
    /// when it is alone.
    #[must_use]
    pub fn cluster_settings(&self, installation: String, key: String) -> Option<ClusterSettings> {
        if self.nats_url.is_empty() {
            return None;
        }
        let servers = self.nats_url.reveal().split(',').map(|server| server.trim().to_owned()).collect();
        let file = |path: &PathBuf| (!path.as_os_str().is_empty()).then(|| path.clone());
        Some(ClusterSettings {
            credentials_file: file(&self.nats.credentials_file),
            ca_file: file(&self.nats.ca_file),
            queue: self.nats.queue,
            term: Duration::from_secs(self.nodes.term_seconds),
            answer_timeout: Duration::from_millis(self.nodes.answer_milliseconds),
            ..ClusterSettings::new(servers, installation, key)
        })
    }

    /// How much of files is taken.
    #[must_use]
    pub fn files_settings(&self) -> chat_files::FilesSettings {
        let f = &self.files;
        // What was set was checked.
        let patterns = |texts: &[String]| texts.iter().filter_map(|text| text.parse().ok()).collect();
        chat_files::FilesSettings {
            max_bytes: f.max_bytes,
            allow: patterns(&f.allow),
            deny: patterns(&f.deny),
            user_uploads: f.user_uploads,
            user_bytes: f.user_bytes,
            expire: Duration::from_secs(f.expire_hours * 3600),
            image_pixels: f.image_pixels,
            thumbnail_pixels: f.thumbnail_pixels,
            image_threads: f.image_threads,
            image_queue: f.image_queue,
            part_bytes: f.part_bytes,
            at_once: f.at_once,
            stall: Duration::from_secs(f.stall_seconds),
            link: Duration::from_secs(f.link_seconds),
        }
    }

    /// The bucket of files.
    #[must_use]
    pub fn s3_settings(&self) -> chat_files::S3Settings {
        let f = &self.files;
        chat_files::S3Settings {
            bucket: f.s3_bucket.clone(),
            region: f.s3_region.clone(),
            endpoint: f.s3_endpoint.clone(),
            access_key: f.s3_access_key.reveal().to_owned(),
            secret_key: f.s3_secret_key.reveal().to_owned(),
            prefix: f.s3_prefix.clone(),
            virtual_host: f.s3_virtual_host,
        }
    }

    /// How accounts are kept.
    #[must_use]
    pub fn users_settings(&self) -> chat_users::UsersSettings {
        chat_users::UsersSettings {
            bcrypt_cost: self.auth.bcrypt_cost,
            bcrypt_threads: self.auth.bcrypt_threads,
            bcrypt_queue: self.auth.bcrypt_queue,
            access: Duration::from_secs(self.auth.access_minutes * 60),
            refresh: Duration::from_secs(self.auth.refresh_days * 24 * 3600),
            classic: Duration::from_secs(self.classic.session_hours * 3600),
            sessions_per_user: self.limits.sessions_per_user,
        }
    }

    /// How connections behave.
    #[must_use]
    pub fn socket_settings(&self) -> chat_ws::SocketSettings {
        let c = &self.connection;
        chat_ws::SocketSettings {
            frame_bytes: self.limits.frame_bytes,
            in_flight: self.limits.in_flight_per_connection,
            ping: Duration::from_secs(c.ping_seconds),
            pong: Duration::from_secs(c.pong_seconds),
            stale: Duration::from_secs(c.stale_seconds),
            expiry_grace: Duration::from_secs(c.expiry_grace_seconds),
            write_timeout: self.write_timeout(),
            sweep: Duration::from_millis(c.sweep_milliseconds),
            origins: self.http.origins.clone(),
            classic: chat_ws::ClassicSettings {
                enabled: self.classic.enabled,
                trust_query: self.classic.trust_query,
                history_max: self.classic.history_max,
            },
            waiting_bytes: self.limits.waiting_bytes,
            mailbox_bytes: self.limits.mailbox_bytes,
            ..chat_ws::SocketSettings::default()
        }
    }

    /// How long a peer may take nothing of what is written to it.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.connection.write_timeout_seconds)
    }

    /// How pages are looked at for previews of links; none where that is off.
    #[must_use]
    pub fn preview_settings(&self) -> Option<chat_previews::Settings> {
        let p = &self.previews;
        p.enabled.then(|| chat_previews::Settings {
            timeout: Duration::from_secs(p.timeout_seconds),
            max_bytes: p.max_bytes,
            cache_entries: p.cache_entries,
            cache_term: Duration::from_secs(p.cache_seconds),
            failure_term: Duration::from_secs(p.failure_seconds),
            concurrency: p.concurrency,
            queue: p.queue,
            ..chat_previews::Settings::default()
        })
    }

    /// The HTTP API.
    #[must_use]
    pub fn api_settings(&self) -> chat_api::Settings {
        let classic = chat_api::ClassicSettings {
            trust: self.classic.trust_query,
            ..chat_api::ClassicSettings::default()
        };
        chat_api::Settings {
            body_bytes: self.limits.body_bytes,
            origins: self.http.origins.clone(),
            proxies: self.http.proxies.clone(),
            secure_cookie: self.http.secure_cookie,
            sign_up_open: self.auth.sign_up_open,
            first_is_admin: self.auth.first_is_admin,
            log_in: self.limits.logins(),
            sign_up: self.limits.sign_ups(),
            classic: self.classic.enabled.then_some(classic),
        }
    }

    /// The limits that rooms, messages and the hub obey.
    #[must_use]
    pub fn core_limits(&self) -> chat_core::Limits {
        let l = &self.limits;
        chat_core::Limits {
            text_bytes: l.text_bytes,
            data_bytes: l.data_bytes,
            room_name_chars: l.room_name_chars,
            topic_chars: l.topic_chars,
            rooms_per_user: l.rooms_per_user,
            members_per_room: l.members_per_room,
            reactions_per_message: l.reactions_per_message,
            pins_per_room: l.pins_per_room,
            bookmarks_per_user: l.bookmarks_per_user,
            bookmark_note_chars: l.bookmark_note_chars,
            scheduled_per_user: l.scheduled_per_user,
            attachments_per_message: self.files.per_message,
            people_per_direct_room: l.people_per_direct_room,
            blocks_per_user: l.blocks_per_user,
            reports_per_user: l.reports_per_user,
            filter_words: l.filter_words,
            filter: self.moderation.filter(),
            signal_members: l.signal_members,
            away_after: Duration::from_secs(l.away_seconds),
            status_chars: l.status_chars,
            page: l.page,
            recovery_events: l.recovery_events,
            subscriptions_per_connection: l.subscriptions_per_connection,
            connections_per_user: l.connections_per_user,
            connections: l.connections,
            queue_bytes: l.queue_bytes,
            recent_bytes: l.recent_bytes,
            fan_out_queue: l.fan_out_queue,
            edit_for: Duration::from_secs(self.messages.edit_seconds),
            keep_versions: self.messages.keep_versions,
            search: self.search.enabled,
            search_candidates: self.search.candidates,
            search_portion: self.search.portion,
            retention: Some(self.messages.retention_seconds)
                .filter(|seconds| *seconds > 0)
                .map(Duration::from_secs),
            messages: l.rate(l.messages_per_minute, l.messages_burst),
        }
    }
}

/// `[limits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct LimitSettings {
    pub text_bytes: usize,
    pub data_bytes: usize,
    pub room_name_chars: usize,
    pub topic_chars: usize,
    pub frame_bytes: usize,
    pub body_bytes: usize,
    pub queue_bytes: usize,
    pub waiting_bytes: usize,
    pub mailbox_bytes: usize,
    pub recent_bytes: usize,
    pub fan_out_queue: usize,
    pub subscriptions_per_connection: usize,
    pub in_flight_per_connection: usize,
    pub connections_per_user: usize,
    pub connections: usize,
    pub sessions_per_user: usize,
    pub rooms_per_user: u64,
    pub members_per_room: u64,
    pub reactions_per_message: usize,
    pub pins_per_room: u64,
    pub bookmarks_per_user: u64,
    pub bookmark_note_chars: usize,
    pub scheduled_per_user: u64,
    pub people_per_direct_room: usize,
    pub blocks_per_user: u64,
    pub reports_per_user: u64,
    pub filter_words: usize,
    pub signal_members: u64,
    pub away_seconds: u64,
    pub status_chars: usize,
    pub page: usize,
    pub recovery_events: usize,
    pub rates: Switch,
    pub messages_per_minute: u32,
    pub messages_burst: u32,
    pub logins_per_minute: u32,
    pub sign_ups_per_minute: u32,
    pub sign_ups_burst: u32,
}

impl LimitSettings {
    /// How often a user may send.
    #[must_use]
    pub fn messages(&self) -> Option<chat_core::Rate> {
        self.rate(self.messages_per_minute, self.messages_burst)
    }

    /// How often an address may try to log in: a minute's worth at once.
    #[must_use]
    pub fn logins(&self) -> Option<chat_core::Rate> {
        self.rate(self.logins_per_minute, self.logins_per_minute)
    }

    /// How many accounts an address may make.
    #[must_use]
    pub fn sign_ups(&self) -> Option<chat_core::Rate> {
        self.rate(self.sign_ups_per_minute, self.sign_ups_burst)
    }

    fn rate(&self, per_minute: u32, burst: u32) -> Option<chat_core::Rate> {
        match self.rates {
            Switch::On => Some(chat_core::Rate { per_minute, burst }),
            Switch::Off => None,
        }
    }
}

/// Something that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// In force.
    On,
    /// Not in force.
    Off,
}

/// `[messages]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct MessageSettings {
    pub edit_seconds: u64,
    pub keep_versions: bool,
    pub retention_seconds: u64,
}

/// `[search]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct SearchSettings {
    pub enabled: bool,
    pub candidates: usize,
    pub portion: usize,
}

/// `[moderation]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct ModerationSettings {
    pub words: Vec<String>,
    pub words_action: String,
    pub hook_url: String,
    pub hook_secret: Secret,
    pub hook_timeout_milliseconds: u64,
    pub hook_concurrency: usize,
    pub hook_failure: String,
}

impl ModerationSettings {
    /// What filters the messages of all rooms.
    fn filter(&self) -> Option<Arc<WordFilter>> {
        let action = match self.words_action.as_str() {
            "mask" => FilterAction::Mask,
            "report" => FilterAction::Report,
            _ => FilterAction::Refuse,
        };
        WordFilter::new(action, self.words.iter().cloned()).map(Arc::new)
    }

    /// Who is asked about messages; nobody without an address.
    #[must_use]
    pub fn hook(&self) -> Option<HookSettings> {
        if self.hook_url.is_empty() {
            return None;
        }
        // What was set was checked.
        let secret = self.hook_secret.reveal().parse().ok()?;
        Some(HookSettings {
            timeout: Duration::from_millis(self.hook_timeout_milliseconds),
            concurrency: self.hook_concurrency,
            on_failure: if self.hook_failure == "refuse" { OnFailure::Refuse } else { OnFailure::Pass },
            ..HookSettings::new(self.hook_url.clone(), secret)
        })
    }
}

/// `[previews]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct PreviewSettings {
    pub enabled: bool,
    pub timeout_seconds: u64,
    pub max_bytes: usize,
    pub cache_entries: usize,
    pub cache_seconds: u64,
    pub failure_seconds: u64,
    pub concurrency: usize,
    pub queue: usize,
}

/// `[files]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct FileSettings {
    pub enabled: bool,
    pub store: FileStore,
    pub shared: bool,
    pub max_bytes: u64,
    pub allow: Vec<String>,
    pub deny: Vec<String>,
    pub per_message: usize,
    pub user_uploads: u64,
    pub user_bytes: u64,
    pub expire_hours: u64,
    pub link_seconds: u64,
    pub image_pixels: u64,
    pub thumbnail_pixels: u32,
    pub image_threads: usize,
    pub image_queue: usize,
    pub part_bytes: usize,
    pub at_once: usize,
    pub stall_seconds: u64,
    pub s3_bucket: String,
    pub s3_region: String,
    pub s3_endpoint: String,
    pub s3_prefix: String,
    pub s3_virtual_host: bool,
    pub s3_access_key: Secret,
    pub s3_secret_key: Secret,
}

/// Where the bytes of files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileStore {
    /// In the data directory.
    Disk,
    /// In a bucket.
    S3,
}

/// `[connection]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct ConnectionSettings {
    pub ping_seconds: u64,
    pub pong_seconds: u64,
    pub stale_seconds: u64,
    pub expiry_grace_seconds: u64,
    pub write_timeout_seconds: u64,
    pub sweep_milliseconds: u64,
}

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct HttpSettings {
    pub origins: Vec<String>,
    pub proxies: Vec<IpAddr>,
    pub secure_cookie: bool,
    pub workers: usize,
    pub keep_alive_seconds: u64,
    pub request_timeout_seconds: u64,
}

/// `[web]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct WebSettings {
    pub enabled: bool,
    pub dir: PathBuf,
}

/// `[classic]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct ClassicSettings {
    pub enabled: bool,
    pub trust_query: bool,
    pub session_hours: u64,
    pub history_max: usize,
}

/// `[auth]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct AuthSettings {
    pub bcrypt_cost: u32,
    pub bcrypt_threads: usize,
    pub bcrypt_queue: usize,
    pub access_minutes: u64,
    pub refresh_days: u64,
    pub sign_up_open: bool,
    pub first_is_admin: bool,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct DatabaseSettings {
    pub readers: usize,
    pub writers: usize,
    pub queue: usize,
    pub batch: usize,
    pub timeout_seconds: u64,
}

/// `[nats]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct NatsSettings {
    pub credentials_file: PathBuf,
    pub ca_file: PathBuf,
    pub queue: usize,
}

/// `[nodes]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct NodeSettings {
    pub compare_seconds: u64,
    pub term_seconds: u64,
    pub answer_milliseconds: u64,
}

/// `[stop]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml says what each one means")]
pub struct StopSettings {
    pub notice_seconds: u64,
    pub closes_per_second: usize,
    pub timeout_seconds: u64,
}

/// A text that no log and no listing shows.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether none was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "(none)" } else { "(set)" })
    }
}
