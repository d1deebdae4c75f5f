//! What is wrong with a configuration, one line each.

use std::fmt;
use std::path::PathBuf;

/// Where a setting came from. The later ones win.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `default.toml`, built in.
    Default,
    /// A TOML file.
    File(PathBuf),
    /// A file in the form of an environment.
    DotEnv(PathBuf),
    /// The environment of the process.
    Environment,
}

impl Origin {
    /// How an operator finds the setting `path` (such as `limits.text_bytes`) at this origin.
    #[must_use]
    pub fn place(&self, path: &str) -> String {
        match self {
            Origin::Default => format!("default.toml: {path}"),
            Origin::File(file) => format!("{}: {path}", file.display()),
            Origin::DotEnv(file) => format!("{}: {}", file.display(), variable(path)),
            Origin::Environment => variable(path),
        }
    }
}

/// The environment variable of a setting: `limits.text_bytes` is `CHAT_LIMITS__TEXT_BYTES`.
#[must_use]
pub fn variable(path: &str) -> String {
    format!("CHAT_{}", path.replace('.', "__").to_uppercase())
}

/// One mistake: where it stands, what is wrong there and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    place: String,
    what: String,
}

impl Problem {
    /// A mistake at a place, which is a file, a key in it, or an environment variable.
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Problem {
        Problem { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever a file name or a parser's message holds.
        let line = format!("{}: {}", self.place, self.what);
        f.write_str(&line.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// What a wrong value looks like in a problem: quoted, on one line, cut when it is long.
#[must_use]
pub fn quoted(value: &str) -> String {
    const SHOWN: usize = 60;
    let mut short: String = value.chars().take(SHOWN).collect();
    if value.chars().count() > SHOWN {
        short.push('…');
    }
    format!("{short:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_line() {
        let problem = Problem::new("chat.toml", format!("{} is\nwrong", quoted("a\nb")));
        assert_eq!(problem.to_string(), r#"chat.toml: "a\nb" is wrong"#);
    }

    #[test]
    fn variables_are_named_after_the_keys() {
        assert_eq!(variable("limits.text_bytes"), "CHAT_LIMITS__TEXT_BYTES");
        assert_eq!(variable("data_dir"), "CHAT_DATA_DIR");
    }
}
