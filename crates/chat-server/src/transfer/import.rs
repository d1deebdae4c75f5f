//! Reading everything back, into an empty database.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use chat_db::{Connection, Db, DbError};
use chat_history::transfer::{ImportError, Importer};
use sha2::{Digest, Sha256};

use crate::open;
use crate::settings::Settings;
use crate::transfer::TransferError;
use crate::transfer::export::{self, Sink, hexadecimal};
use crate::transfer::progress::Progress;
use crate::transfer::record::{FORMAT, Header, Record, count};

/// The longest line that is read, in bytes: far more than any that is written.
const LINE_BYTES: usize = 16 << 20;

/// Fills an empty database from a file, or from standard input for `-`, and says what came in. Blocks.
///
/// It is one transaction, which is committed only when the file's counts and checksum are right, and when what the
/// database then holds is exactly the same again.
///
/// # Errors
/// [`TransferError`]; then the database is as empty as before.
pub fn import(settings: &Settings, path: &Path) -> Result<String, TransferError> {
    open::data_dir(settings).map_err(|error| TransferError::Content(error.to_string()))?;
    let database = settings.db_settings();
    Db::migrate(&database)?;
    let mut connection = Connection::open(&database)?;
    let failed = |error| TransferError::File { path: path.to_owned(), error };
    let (input, whole): (Box<dyn BufRead>, _) = if path == Path::new("-") {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(path).map_err(failed)?;
        let whole = file.metadata().map_err(failed)?.len();
        (Box::new(BufReader::with_capacity(1 << 20, file)), Some(whole))
    };
    let mut lines = Lines { input, hash: Sha256::new(), number: 0, bytes: 0, counts: BTreeMap::new() };
    connection.transaction(|connection| {
        connection.take_time()?;
        connection.have_alone(&["users", "rooms"])?;
        let is_empty =
            chat_users::transfer::count(connection)? + chat_history::transfer::count(connection)? == 0;
        if !is_empty {
            return Err(TransferError::NotEmpty(database.url.to_string()));
        }
        let sha256 = read(connection, &mut lines, &mut Progress::new("importing", whole), &failed)?;
        let mut progress = Progress::new("verifying", Some(lines.number));
        let written = export::write(connection, &mut Sink::new(io::sink(), failed), &mut progress)?;
        if written != sha256 {
            return Err(TransferError::Content(
                "what the database holds now is not what the file says: nothing is kept".to_owned(),
            ));
        }
        Ok(())
    })?;
    let counts = lines.counts.iter().map(|(kind, count)| format!("{count} {kind}"));
    Ok(format!("imported {}, and verified", counts.collect::<Vec<_>>().join(", ")))
}

/// Reads the whole file; returns its checksum.
fn read(
    connection: &mut Connection,
    lines: &mut Lines,
    progress: &mut Progress,
    failed: &impl Fn(io::Error) -> TransferError,
) -> Result<String, TransferError> {
    let mut importer = Importer::default();
    let mut begun = false;
    loop {
        // Of the lines before this one, to be written out only at the end.
        let before = lines.hash.clone();
        let Some(record) = lines.next(failed)? else {
            return Err(TransferError::Content(format!(
                "the file ends after line {} without its last line: it was cut short",
                lines.number
            )));
        };
        progress.at(lines.bytes);
        let wrong = |what: String| TransferError::Line { line: lines.number, what };
        match record {
            Record::Header(header) if !begun => check(&header).map_err(wrong)?,
            Record::Header(_) => return Err(wrong("a second header".to_owned())),
            _ if !begun => return Err(wrong("the header is missing".to_owned())),
            Record::Account(record) => {
                count(&mut lines.counts, record.kind());
                chat_users::transfer::import(connection, &record)
                    .map_err(|error| refused(lines.number, error))?;
            }
            Record::Room(record) => {
                count(&mut lines.counts, record.kind());
                importer.take(connection, *record).map_err(|error| told(lines.number, error))?;
            }
            Record::End(end) => {
                importer.finish(connection).map_err(|error| told(lines.number, error))?;
                if end.counts != lines.counts {
                    return Err(wrong(format!(
                        "counts are {:?}, and came as {:?}",
                        end.counts, lines.counts
                    )));
                }
                let sha256 = hexadecimal(before);
                if end.sha256 != sha256 {
                    return Err(wrong("sha256 is another: the file was changed".to_owned()));
                }
                if lines.next(failed)?.is_some() {
                    return Err(TransferError::Line {
                        line: lines.number,
                        what: "it follows the end".to_owned(),
                    });
                }
                return Ok(sha256);
            }
        }
        begun = true;
    }
}

fn check(header: &Header) -> Result<(), String> {
    let ours = Db::schema().map_err(|error| error.to_string())?;
    if header.format != FORMAT {
        return Err(format!("format is {}, and this program reads {FORMAT}", header.format));
    }
    if header.schema != ours {
        return Err(format!(
            "schema is {}, and this program has {ours}: export and import with the same version",
            header.schema
        ));
    }
    Ok(())
}

fn told(line: u64, error: ImportError) -> TransferError {
    if let ImportError::Db(error) = error {
        return refused(line, error);
    }
    TransferError::Line { line, what: error.to_string() }
}

/// What the database says of a record is about the record, unless it says that it cannot be used.
fn refused(line: u64, error: diesel::result::Error) -> TransferError {
    let error = DbError::from(error);
    if let DbError::Failed { detail } = error {
        return TransferError::Line { line, what: detail };
    }
    error.into()
}

/// The lines of a file.
struct Lines {
    input: Box<dyn BufRead>,
    /// Of all lines so far.
    hash: Sha256,
    number: u64,
    bytes: u64,
    counts: BTreeMap<String, u64>,
}

impl Lines {
    fn next(
        &mut self,
        failed: &impl Fn(io::Error) -> TransferError,
    ) -> Result<Option<Record>, TransferError> {
        let mut line = Vec::new();
        let mut limited = io::Read::take(&mut self.input, LINE_BYTES as u64);
        if limited.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += line.len() as u64;
        self.hash.update(&line);
        let wrong = |what: String| TransferError::Line { line: self.number, what };
        if line.len() == LINE_BYTES {
            return Err(wrong(format!("it is longer than {LINE_BYTES} bytes")));
        }
        Record::parse(&line).map(Some).map_err(wrong)
    }
}
