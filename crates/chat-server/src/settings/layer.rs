//! Reads the places that settings come from. Each becomes a layer of values that are right; what is wrong
//! becomes a line of its own, and is left out.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;

use config::{ConfigError, Map, Source};
use toml::{Table, Value};

use super::keys::{self, Key};
use super::problem::{Origin, Problem, quoted, variable};

/// The settings of one origin.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Where they came from.
    pub origin: Origin,
    values: Vec<(&'static Key, Value)>,
}

/// What went wrong while the layers were read.
#[derive(Debug, Default)]
pub struct Problems {
    /// A line for each mistake, in the order of the layers.
    pub lines: Vec<Problem>,
    /// The settings that have one.
    pub keys: HashSet<&'static str>,
}

impl Layer {
    /// What this layer says about a setting.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.values.iter().rev().find(|(key, _)| key.path == path).map(|(_, value)| value)
    }

    /// How many settings it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Reads the text of a TOML file.
    pub fn from_toml(origin: Origin, text: &str, problems: &mut Problems) -> Layer {
        let mut layer = Layer { origin, values: Vec::new() };
        match text.parse::<Table>() {
            Ok(table) => layer.take_table("", &table, problems),
            Err(error) => {
                // The parser's own text repeats the line, which may hold a secret.
                let line = error.span().map_or(1, |span| {
                    let before = text.get(..span.start).unwrap_or(text);
                    1 + before.matches('\n').count()
                });
                problems.lines.push(Problem::new(
                    layer.origin.place(&format!("line {line}")),
                    format!("no TOML: {}; nothing of this file was checked", error.message()),
                ));
            }
        }
        layer
    }

    fn take_table(&mut self, above: &str, table: &Table, problems: &mut Problems) {
        for (name, value) in table {
            let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            let is_section = keys::KEYS.iter().any(|key| key.path.starts_with(&format!("{path}.")));
            match (keys::find(&path), value) {
                (Some(key), _) => {
                    let checked = key.check(value).map(|()| value.clone());
                    self.take(key, checked, problems);
                }
                (None, Value::Table(inner)) if is_section || !inner.is_empty() => {
                    self.take_table(&path, inner, problems);
                }
                (None, _) if is_section => problems.lines.push(Problem::new(
                    self.origin.place(&path),
                    format!("this is a section; write [{path}] and its keys below it"),
                )),
                (None, _) => {
                    problems
                        .lines
                        .push(Problem::new(self.origin.place(&path), unknown(&path, |key| key.to_owned())));
                }
            }
        }
    }

    /// Reads variables; those that do not begin with `CHAT_` are not ours.
    pub fn from_variables(
        origin: Origin,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        problems: &mut Problems,
    ) -> Layer {
        let mut layer = Layer { origin, values: Vec::new() };
        let mut variables: Vec<_> = variables.into_iter().collect();
        // The environment has no order worth keeping; the same mistakes give the same lines.
        variables.sort();
        for (name, text) in variables {
            let name = name.to_string_lossy();
            let Some(rest) = name.strip_prefix("CHAT_") else { continue };
            let path = rest.to_lowercase().replace("__", ".");
            match keys::find(&path).filter(|key| variable(key.path) == name) {
                Some(key) => {
                    let value = match text.to_str() {
                        Some(text) => key.parse(text),
                        None => Err("it is no UTF-8; write it in UTF-8".to_owned()),
                    };
                    layer.take(key, value, problems);
                }
                None => {
                    let place = match &layer.origin {
                        Origin::Environment => name.clone().into_owned(),
                        Origin::Default | Origin::File(_) | Origin::DotEnv(_) => layer.origin.place(&path),
                    };
                    problems.lines.push(Problem::new(place, unknown(&path, variable)));
                }
            }
        }
        layer
    }

    /// Reads a `.env` file.
    pub fn from_dot_env(file: &Path, text: &str, problems: &mut Problems) -> Layer {
        let mut variables = Vec::new();
        for entry in dotenvy::from_read_iter(text.as_bytes()) {
            match entry {
                Ok((name, value)) => variables.push((name.into(), value.into())),
                Err(dotenvy::Error::LineParse(wrong, _)) => {
                    let line = text.lines().position(|line| line.trim() == wrong.trim()).map_or(0, |n| n + 1);
                    problems.lines.push(Problem::new(
                        format!("{}: line {line}", file.display()),
                        "this is no variable; write NAME=value, the value in quotes when it has spaces",
                    ));
                }
                Err(error) => problems
                    .lines
                    .push(Problem::new(file.display().to_string(), format!("cannot be read: {error}"))),
            }
        }
        Layer::from_variables(Origin::DotEnv(file.to_owned()), variables, problems)
    }

    fn take(&mut self, key: &'static Key, value: Result<Value, String>, problems: &mut Problems) {
        match value {
            Ok(value) => self.values.push((key, value)),
            Err(what) => {
                problems.keys.insert(key.path);
                problems.lines.push(Problem::new(self.origin.place(key.path), what));
            }
        }
    }
}

fn unknown(path: &str, name: impl Fn(&str) -> String) -> String {
    match keys::nearest(path) {
        Some(key) => format!("there is no such setting; did you mean {}?", name(key.path)),
        None => {
            format!(
                "there is no such setting as {}; `chat-server check-config --defaults` lists them all",
                quoted(path)
            )
        }
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, config::Value>, ConfigError> {
        Ok(self.values.iter().map(|(key, value)| (key.path.to_owned(), of_config(value))).collect())
    }
}

/// The same value in the terms of the `config` crate; the table of keys knows no other types.
fn of_config(value: &Value) -> config::Value {
    match value {
        Value::Integer(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::String(text) => text.clone().into(),
        Value::Array(items) => items.iter().map(of_config).collect::<Vec<_>>().into(),
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => value.to_string().into(),
    }
}
