//! Which database: its URL.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a database is. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum DbUrl {
    /// `sqlite:` and the path of the file, which is made when it is missing; its directory is not.
    Sqlite(PathBuf),
    /// A connection URI of libpq, `postgres://…` or `postgresql://…`, with whatever parameters libpq knows.
    Postgres(String),
}

/// A text that is the URL of no database we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be sqlite: and the path of a file, or postgres://user:password@host/database")]
pub struct InvalidUrl;

impl FromStr for DbUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<DbUrl, InvalidUrl> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(DbUrl::Sqlite(path.into())),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(DbUrl::Postgres(text.to_owned()))
            }
            _ => Err(InvalidUrl),
        }
    }
}

impl fmt::Display for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DbUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            // Parameters may hold a password too, and more that concerns nobody.
            DbUrl::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                let rest = rest.split('?').next().unwrap_or_default();
                match rest.rsplit_once('@') {
                    Some((user, place)) => {
                        let name = user.split(':').next().unwrap_or_default();
                        write!(f, "{scheme}://{name}@{place}")
                    }
                    None => write!(f, "{scheme}://{rest}"),
                }
            }
        }
    }
}

impl fmt::Debug for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_chooses_the_engine() {
        assert_eq!("sqlite:data/chat.db".parse(), Ok(DbUrl::Sqlite("data/chat.db".into())));
        for url in ["postgres://chat@localhost/chat", "postgresql:///chat?host=/run/postgresql"] {
            assert_eq!(url.parse(), Ok(DbUrl::Postgres(url.into())));
        }
        for wrong in ["", "sqlite:", "data/chat.db", "mysql://x", "postgres:chat", "Postgres://x"] {
            assert_eq!(wrong.parse::<DbUrl>(), Err(InvalidUrl), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://ann:p@ss:w@db.example.org:5432/chat?sslmode=require",
                "postgres://ann@db.example.org:5432/chat",
            ),
            ("postgres://db/chat?user=ann&password=secret", "postgres://db/chat"),
            ("postgres://ann@db/chat", "postgres://ann@db/chat"),
        ] {
            let url: DbUrl = url.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
        }
    }
}
