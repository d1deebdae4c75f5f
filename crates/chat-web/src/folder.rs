//! The files of a folder on the disk, read anew each time.

use std::path::{Path, PathBuf};
use std::{fs, io};

use actix_web::web;

use crate::WebError;
use crate::bundle::INDEX;

/// A folder whose files are served.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// One that has a document.
    pub fn open(path: &Path) -> Result<Folder, WebError> {
        let index = path.join(INDEX);
        match fs::File::open(&index).and_then(|file| file.metadata()) {
            Ok(found) if found.is_file() => Ok(Folder(path.to_owned())),
            Ok(_) => Err(WebError::Index { path: index, error: io::Error::other("this is no file") }),
            Err(error) => Err(WebError::Index { path: index, error }),
        }
    }

    /// What is in a file now; none where there is none.
    pub async fn read(&self, path: &str) -> Option<Vec<u8>> {
        if !is_plain(path) {
            return None;
        }
        let path = self.0.join(path);
        web::block(move || fs::read(path)).await.ok()?.ok()
    }
}

/// Whether a path leads nowhere but into the folder, by letters that mean the same everywhere. Hidden files are none of the page's.
fn is_plain(path: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty()
            && !name.starts_with('.')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    path.split('/').all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_into_the_folder() {
        for path in ["app.js", "languages/de.js", "a-b_c.0.svg"] {
            assert!(is_plain(path), "{path}");
        }
        let outside =
            ["", "..", "../a", "a/../b", "a/..", "/etc/passwd", "a//b", "a/", ".git/config", "a/.b"];
        let strange = ["%2e%2e/a", "a\\..\\b", "c:a", "a\0", "ä.js", "a b"];
        for path in outside.into_iter().chain(strange) {
            assert!(!is_plain(path), "{path:?}");
        }
    }
}
