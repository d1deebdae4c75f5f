//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::transfer::TransferError;

/// A file that gets its name when it is complete and on the disk; until then it is called `NAME.part`.
pub struct Part {
    path: PathBuf,
    part: PathBuf,
    done: bool,
}

impl Part {
    /// For this name, which nothing may have yet.
    ///
    /// # Errors
    /// [`TransferError::Exists`]; [`TransferError::File`] when what an earlier attempt left cannot be removed.
    pub fn new(path: &Path) -> Result<Part, TransferError> {
        if path.exists() {
            return Err(TransferError::Exists(path.to_owned()));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = Part { path: path.to_owned(), part: name.into(), done: false };
        match fs::remove_file(&part.part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(part.failed(error)),
            Ok(()) | Err(_) => Ok(part),
        }
    }

    /// Where it is until then.
    pub fn for_now(&self) -> &Path {
        &self.part
    }

    /// Makes it, for nobody else to read: it holds hashes of passwords.
    ///
    /// # Errors
    /// [`TransferError::File`]
    pub fn create(&self) -> Result<File, TransferError> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.part);
        file.map_err(|error| self.failed(error))
    }

    /// Puts it on the disk under its name.
    ///
    /// # Errors
    /// [`TransferError::File`]
    pub fn finish(mut self) -> Result<(), TransferError> {
        let finish = || {
            File::open(&self.part)?.sync_all()?;
            fs::rename(&self.part, &self.path)?;
            let directory = self.path.parent().filter(|directory| !directory.as_os_str().is_empty());
            File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
        };
        finish().map_err(|error| self.failed(error))?;
        self.done = true;
        Ok(())
    }

    /// The error, with its name.
    pub fn failed(&self, error: io::Error) -> TransferError {
        TransferError::File { path: self.path.clone(), error }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.part);
        }
    }
}
