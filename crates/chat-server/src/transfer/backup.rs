//! A copy of a SQLite database.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use chat_db::{Connection, DbError, DbUrl};

use crate::open;
use crate::settings::Settings;
use crate::transfer::TransferError;
use crate::transfer::file::Part;
use crate::transfer::progress::Progress;

/// How often it is looked how far the copy is.
const LOOK: Duration = Duration::from_millis(100);

/// Copies the database into a file, and says so. Blocks. A server that runs on it goes on; what it commits after the
/// beginning is not in the copy.
///
/// # Errors
/// [`TransferError`]; then there is no file.
pub fn backup(settings: &Settings, path: &Path) -> Result<String, TransferError> {
    let database = settings.db_settings();
    let DbUrl::Sqlite(from) = &database.url else { return Err(TransferError::NotSqlite) };
    // To open a file that is not there would make it.
    let whole = fs::metadata(from).map_err(|error| TransferError::File { path: from.clone(), error })?.len();
    let part = Part::new(path)?;
    // Made first, so that nobody else may read it; SQLite fills an empty file.
    drop(part.create()?);
    let mut connection = Connection::open(&database)?;
    let mut progress = Progress::new("copying", Some(whole));
    let (done, copied) = channel();
    let to = part.for_now().to_owned();
    let copy = thread::spawn(move || {
        let result = connection.copy_into(&to);
        let _ = done.send(result);
    });
    let result = loop {
        match copied.recv_timeout(LOOK) {
            Ok(result) => break result,
            Err(RecvTimeoutError::Timeout) => {
                progress.at(fs::metadata(part.for_now()).map_or(0, |file| file.len()))
            }
            Err(RecvTimeoutError::Disconnected) => {
                break Err(DbError::Failed { detail: "the copy was not finished".to_owned() });
            }
        }
    };
    let _ = copy.join();
    result?;
    drop(progress);
    if let Some(damage) = chat_db::find_damage(part.for_now())? {
        return Err(TransferError::Damaged(damage));
    }
    part.finish()?;
    let key = if settings.token_key.is_empty() {
        format!(
            "; the key that signs tokens is not in it: copy {} too",
            open::token_key_file(settings).display()
        )
    } else {
        String::new()
    };
    Ok(format!("copied {} to {}{key}", from.display(), path.display()))
}
