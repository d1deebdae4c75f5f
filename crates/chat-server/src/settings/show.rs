//! Shows the configuration in force, as TOML that could be a `chat.toml`.

use std::fmt::Write as _;

use toml::Value;

use super::Loaded;
use super::keys::KEYS;
use super::problem::Origin;

impl Loaded {
    /// Every setting in force, secrets masked, with its origin where it is not the default.
    #[must_use]
    pub fn show(&self) -> String {
        let mut shown = String::new();
        let mut section = "";
        for key in KEYS {
            let (this_section, name) = key.path.split_once('.').unwrap_or(("", key.path));
            if this_section != section {
                section = this_section;
                let _ = write!(shown, "\n[{section}]\n");
            }
            let Some(layer) = self.layers.iter().rev().find(|layer| layer.get(key.path).is_some()) else {
                continue;
            };
            let value = match key.path {
                "database_url" => format!("{:?}", self.settings.database_url().to_string()),
                path if key.is_secret() => format!("{:?}", masked(layer.get(path))),
                path => layer.get(path).map(ToString::to_string).unwrap_or_default(),
            };
            let _ = match &layer.origin {
                Origin::Default => writeln!(shown, "{name} = {value}"),
                origin @ (Origin::File(_) | Origin::DotEnv(_) | Origin::Environment) => {
                    writeln!(shown, "{name} = {value}  # {}", origin.place(key.path))
                }
            };
        }
        shown
    }
}

fn masked(secret: Option<&Value>) -> &'static str {
    if secret.and_then(Value::as_str).is_none_or(str::is_empty) { "" } else { "********" }
}
