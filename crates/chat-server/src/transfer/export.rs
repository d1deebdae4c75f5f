//! Writing everything down.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use chat_db::{Connection, Db, DbUrl};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::settings::Settings;
use crate::transfer::TransferError;
use crate::transfer::file::Part;
use crate::transfer::progress::Progress;
use crate::transfer::record::{End, FORMAT, Header, count};

/// Writes everything in the database to a file, or to standard output. Blocks.
///
/// All of it is of one moment, whatever a server does meanwhile.
///
/// # Errors
/// [`TransferError`]; then there is no file.
pub fn export(settings: &Settings, file: Option<&Path>) -> Result<(), TransferError> {
    let database = settings.db_settings();
    if let DbUrl::Sqlite(path) = &database.url {
        // To open a file that is not there would make it.
        fs::metadata(path).map_err(|error| TransferError::File { path: path.clone(), error })?;
    }
    let mut connection = Connection::open(&database)?;
    connection.check_schema()?;
    match file.filter(|file| *file != Path::new("-")) {
        None => write_to(&mut connection, io::stdout().lock(), Path::new("standard output")),
        Some(path) => {
            let part = Part::new(path)?;
            write_to(&mut connection, part.create()?, path)?;
            part.finish()
        }
    }
}

fn write_to(connection: &mut Connection, out: impl Write, path: &Path) -> Result<(), TransferError> {
    connection.snapshot(|connection| {
        connection.take_time()?;
        let failed = |error| TransferError::File { path: path.to_owned(), error };
        let mut sink = Sink::new(BufWriter::with_capacity(1 << 20, out), failed);
        let whole = chat_users::transfer::count(connection)? + chat_history::transfer::count(connection)?;
        let mut progress = Progress::new("exporting", Some(whole));
        write(connection, &mut sink, &mut progress)?;
        sink.out.flush().map_err(failed)
    })
}

/// Gives all lines of a database to a sink, and ends it, in a transaction that takes as long as it takes; returns the checksum.
pub fn write<W: Write, F: Fn(io::Error) -> TransferError>(
    connection: &mut Connection,
    sink: &mut Sink<W, F>,
    progress: &mut Progress,
) -> Result<String, TransferError> {
    sink.line(None, &Header { format: FORMAT, schema: Db::schema()? })?;
    let mut lines = 0;
    let mut step = |progress: &mut Progress| {
        lines += 1;
        progress.at(lines);
    };
    chat_users::transfer::export(connection, &mut |record| {
        step(progress);
        sink.line(Some(record.kind()), &record)
    })?;
    chat_history::transfer::export(connection, &mut |record| {
        step(progress);
        sink.line(Some(record.kind()), &record)
    })?;
    let sha256 = sink.checksum();
    let end = End { counts: std::mem::take(&mut sink.counts), sha256: sha256.clone() };
    sink.line(None, &end)?;
    Ok(sha256)
}

/// Takes lines, and counts and hashes them.
pub struct Sink<W, F> {
    out: W,
    failed: F,
    hash: Sha256,
    counts: BTreeMap<String, u64>,
}

impl<W: Write, F: Fn(io::Error) -> TransferError> Sink<W, F> {
    /// Lines go to `out`, whose errors are told by `failed`.
    pub fn new(out: W, failed: F) -> Sink<W, F> {
        Sink { out, failed, hash: Sha256::new(), counts: BTreeMap::new() }
    }

    fn line(&mut self, kind: Option<&str>, record: &impl Serialize) -> Result<(), TransferError> {
        let mut line = serde_json::to_vec(record).map_err(|error| (self.failed)(error.into()))?;
        line.push(b'\n');
        self.hash.update(&line);
        if let Some(kind) = kind {
            count(&mut self.counts, kind);
        }
        self.out.write_all(&line).map_err(&self.failed)
    }

    fn checksum(&self) -> String {
        hexadecimal(self.hash.clone())
    }
}

/// The checksum, as it is written.
pub fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
