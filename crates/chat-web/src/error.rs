//! Why there is no page.

use std::io;
use std::path::PathBuf;

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// It has no document that could be read.
    #[error("{}: {error}; write the path of a folder with the page's index.html", .path.display())]
    Index {
        /// The document's path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}
