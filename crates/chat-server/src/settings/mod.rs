//! The configuration: embedded defaults, a TOML file, `.env` and the environment, the later ones winning. It
//! is checked as a whole before anything starts: every mistake is one line that says where it stands, what is
//! wrong and what to write.
//!
//! The `config` crate lays the layers over one another and gives the typed [`Settings`]; since it would stop
//! at the first mistake and could not name an environment variable, each layer is checked on its own before
//! that, against one table of [`keys`].

mod across;
pub mod keys;
mod layer;
mod problem;
mod sections;
mod show;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use problem::{Origin, Problem, variable};
pub use sections::{
    AuthSettings, ClassicSettings, ConnectionSettings, DatabaseSettings, FileSettings, FileStore,
    HttpSettings, LimitSettings, MessageSettings, ModerationSettings, NatsSettings, NodeSettings,
    PreviewSettings, SearchSettings, Secret, Settings, StopSettings, Switch, WebSettings,
};

use layer::{Layer, Problems};

/// Every setting with its default and what it means.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// The file that is read from the working directory when none is named.
const USUAL_FILE: &str = "chat.toml";

/// The file of variables in the working directory.
const DOT_ENV: &str = ".env";

/// Where settings are looked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The directory of `chat.toml` and `.env`.
    pub directory: PathBuf,
    /// A file that is read in place of `chat.toml`, and must exist.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
}

impl Sources {
    /// The working directory and environment of this process.
    #[must_use]
    pub fn of_process(file: Option<PathBuf>) -> Sources {
        Sources { directory: PathBuf::new(), file, environment: std::env::vars_os().collect() }
    }
}

/// A configuration and how it came about.
#[derive(Debug)]
pub struct Loaded {
    /// The settings in force.
    pub settings: Settings,
    /// What is worth telling about the reading, for the log, which did not exist yet.
    pub notes: Vec<String>,
    layers: Vec<Layer>,
}

/// Reads all layers and checks them.
///
/// # Errors
/// Every mistake in every layer, at least one.
pub fn load(sources: &Sources) -> Result<Loaded, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut notes = Vec::new();
    let mut layers = vec![Layer::from_toml(Origin::Default, DEFAULT_TOML, &mut problems)];

    let must_exist = sources.file.is_some();
    let file = sources.file.clone().unwrap_or_else(|| sources.directory.join(USUAL_FILE));
    if let Some(text) = read(&file, must_exist, &mut problems) {
        let layer = Layer::from_toml(Origin::File(file.clone()), &text, &mut problems);
        notes.push(format!("{} settings from {}", layer.len(), file.display()));
        layers.push(layer);
    }
    let file = sources.directory.join(DOT_ENV);
    if let Some(text) = read(&file, false, &mut problems) {
        let layer = Layer::from_dot_env(&file, &text, &mut problems);
        notes.push(format!("{} settings from {}", layer.len(), file.display()));
        layers.push(layer);
    }
    let layer = Layer::from_variables(Origin::Environment, sources.environment.clone(), &mut problems);
    if layer.len() > 0 {
        notes.push(format!("{} settings from the environment", layer.len()));
    }
    layers.push(layer);

    match merge(&layers) {
        Ok(settings) => {
            across::check(&settings, &layers, &mut problems);
            if problems.lines.is_empty() {
                return Ok(Loaded { settings, notes, layers });
            }
        }
        Err(error) => problems.lines.push(Problem::new("configuration", error.to_string())),
    }
    Err(problems.lines)
}

fn merge(layers: &[Layer]) -> Result<Settings, config::ConfigError> {
    let builder = config::Config::builder();
    layers.iter().fold(builder, |builder, layer| builder.add_source(layer.clone())).build()?.try_deserialize()
}

fn read(file: &Path, must_exist: bool, problems: &mut Problems) -> Option<String> {
    match std::fs::read_to_string(file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => None,
        Err(error) => {
            problems.lines.push(Problem::new(
                file.display().to_string(),
                format!("cannot be read: {error}; write the path of a readable file in UTF-8"),
            ));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::keys::{KEYS, Kind};
    use super::*;

    fn leaves(above: &str, table: &Table, into: &mut Vec<String>) {
        for (name, value) in table {
            let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            match value.as_table() {
                Some(inner) => leaves(&path, inner, into),
                None => into.push(path),
            }
        }
    }

    #[test]
    fn the_default_file_the_table_of_keys_and_the_types_have_the_same_settings() {
        let mut in_file = Vec::new();
        leaves("", &DEFAULT_TOML.parse::<Table>().unwrap(), &mut in_file);
        let mut in_table: Vec<_> = KEYS.iter().map(|key| key.path.to_owned()).collect();
        in_file.sort();
        in_table.sort();
        assert_eq!(in_file, in_table);
        // The types refuse unknown fields and have no defaults of their own, so this fails when the file has
        // one setting more or less than they.
        load(&Sources { directory: "/nowhere".into(), ..Sources::default() }).unwrap();
    }

    #[test]
    fn the_default_file_tells_every_range_in_the_comment_above_the_key() {
        let mut comment = String::new();
        let mut section = String::new();
        let mut told = 0;
        for line in DEFAULT_TOML.lines() {
            if let Some(text) = line.strip_prefix('#') {
                comment.push_str(text);
            } else if let Some(name) = line.strip_prefix('[') {
                section = format!("{}.", name.trim_end_matches(']'));
                comment.clear();
            } else if let Some((name, _)) = line.split_once(" = ") {
                assert!(!comment.is_empty(), "{name} has no comment");
                let key = keys::find(&format!("{section}{name}")).unwrap();
                if let Kind::Number(min, max) = key.kind {
                    let range = format!(" {min} to {max}.");
                    assert!(comment.ends_with(&range), "the comment of {} should end with{range}", key.path);
                    told += 1;
                }
                comment.clear();
            }
        }
        assert_eq!(told, KEYS.iter().filter(|key| matches!(key.kind, Kind::Number(..))).count());
    }

    #[test]
    fn the_defaults_are_those_of_the_crates() {
        let loaded = load(&Sources { directory: "/nowhere".into(), ..Sources::default() }).unwrap();
        assert_eq!(loaded.settings.core_limits(), chat_core::Limits::default());
        assert_eq!(
            loaded.settings.db_settings(),
            chat_db::DbSettings::new("sqlite:data/chat.db".parse().unwrap())
        );
        assert_eq!(loaded.settings.users_settings(), chat_users::UsersSettings::default());
        assert_eq!(loaded.settings.socket_settings(), chat_ws::SocketSettings::default());
        assert_eq!(loaded.settings.api_settings(), chat_api::Settings::default());
        assert_eq!(loaded.settings.preview_settings(), None);
        let mut settings = loaded.settings;
        settings.previews.enabled = true;
        assert_eq!(settings.preview_settings(), Some(chat_previews::Settings::default()));
    }
}
