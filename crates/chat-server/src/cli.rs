//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::ServerError;
use crate::settings::{self, Loaded, Settings, Sources};
use crate::{health, logging, open, serve, transfer, user};

/// Something in the configuration or the command line is wrong; nothing was started. The same as clap's.
pub const EXIT_CONFIGURATION: u8 = 2;

/// A self-hosted chat server. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "chat-server", version)]
pub struct Arguments {
    /// A TOML file that is read in place of chat.toml in the working directory.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the server can do besides serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the configuration and print the one in force, secrets masked. Exit code 2 when it is wrong.
    CheckConfig {
        /// Print every setting with its default and what it means instead, whatever the configuration is.
        #[arg(long)]
        defaults: bool,
    },
    /// Bring the database to this version's tables, and stop.
    Migrate,
    /// Write everything in the database to a file, as docs/export.md describes it. A server may run on it.
    Export {
        /// The file, which must not exist; standard output without it.
        file: Option<PathBuf>,
    },
    /// Fill an empty database, of either kind, with what was exported: all of it or nothing.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
    },
    /// Copy a SQLite database into a file that can be opened as it is. A server may run on it.
    Backup {
        /// The file, which must not exist.
        file: PathBuf,
    },
    /// Manage accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Ask the node that listens on the configured address whether it is ready. Exit code 1 when it is not.
    Health,
}

/// What can be done with accounts. A user is named by username or e-mail address.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account. The password is asked for, or is the first line of standard input.
    Add {
        /// Its unique name.
        username: String,
        /// Its unique e-mail address.
        email: String,
    },
    /// Set a new password and end all sessions. It is asked for, or is the first line of standard input.
    Password {
        /// Username or e-mail address.
        user: String,
    },
    /// Disable an account and end all its sessions; a connection that is open ends with its access token.
    Disable {
        /// Username or e-mail address.
        user: String,
    },
    /// Let a disabled account log in again.
    Enable {
        /// Username or e-mail address.
        user: String,
    },
    /// Make a user an administrator, who sees to all accounts, rooms and reports over HTTP.
    Admin {
        /// Username or e-mail address.
        user: String,
    },
    /// Make an administrator a user like any other.
    NoAdmin {
        /// Username or e-mail address.
        user: String,
    },
}

/// Reads the command line and the configuration, and does what they say.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Command::CheckConfig { defaults: true }) = arguments.command {
        logging::say(settings::DEFAULT_TOML);
        return ExitCode::SUCCESS;
    }
    let loaded = match settings::load(&Sources::of_process(arguments.config)) {
        Ok(loaded) => loaded,
        Err(problems) => {
            logging::complain(problems.iter().map(ToString::to_string));
            return ExitCode::from(EXIT_CONFIGURATION);
        }
    };
    match run(arguments.command.as_ref(), &loaded) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::complain([format!("chat-server: {error}")]);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<&Command>, loaded: &Loaded) -> Result<(), ServerError> {
    let settings = &loaded.settings;
    match command {
        Some(Command::CheckConfig { .. }) => logging::say(&loaded.show()),
        Some(Command::Health) => health::ask(settings.listen).map_err(ServerError::NotReady)?,
        Some(Command::Migrate) => {
            logging::start(loaded);
            migrate(settings)?;
        }
        Some(Command::Export { file }) => {
            logging::start(loaded);
            transfer::export(settings, file.as_deref())?;
        }
        Some(Command::Import { file }) => {
            logging::start(loaded);
            logging::say(&format!("{}\n", transfer::import(settings, file)?));
        }
        Some(Command::Backup { file }) => {
            logging::start(loaded);
            logging::say(&format!("{}\n", transfer::backup(settings, file)?));
        }
        Some(Command::User(command)) => {
            logging::start(loaded);
            logging::say(&format!("{}\n", user::run(command, settings)?));
        }
        None => {
            logging::start(loaded);
            serve::run(settings)?;
        }
    }
    Ok(())
}

fn migrate(settings: &Settings) -> Result<(), ServerError> {
    open::data_dir(settings)?;
    let applied = chat_db::Db::migrate(&settings.db_settings())?;
    if applied.is_empty() {
        logging::say("nothing to do\n");
    }
    for name in applied {
        logging::say(&format!("applied {name}\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
