//! The page, wherever its files are.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::WebError;
use crate::bundle::{Asset, BUILT_IN, Bundle, INDEX};
use crate::folder::Folder;
use crate::headers::{IMMUTABLE, NEVER, REVALIDATED};
use crate::kind;

/// The page's files. Cheap to clone; made once and given to every worker.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it is all bytes")]
pub struct Page(Arc<Source>);

enum Source {
    BuiltIn(Bundle),
    Folder(Folder),
}

/// A file with all that is said of it.
pub(crate) struct File {
    pub kind: &'static str,
    pub plain: Bytes,
    pub packed: Option<Bytes>,
    /// How long it may be kept.
    pub caching: &'static str,
    /// What names this version of it, where it is kept.
    pub tag: Option<String>,
}

impl Page {
    /// The files that are built in. Packs them, which takes some milliseconds.
    #[must_use]
    pub fn built_in() -> Page {
        Page(Arc::new(Source::BuiltIn(Bundle::new(BUILT_IN))))
    }

    /// The files of a folder, for whoever works on them: each is read when it is asked for, and no browser keeps any.
    ///
    /// # Errors
    /// [`WebError::Index`] when there is no `index.html` in it.
    pub fn in_folder(path: &Path) -> Result<Page, WebError> {
        Ok(Page(Arc::new(Source::Folder(Folder::open(path)?))))
    }

    /// What the addresses of the files have between `/web/` and their path: with any change of any file it is another one. None for a
    /// folder, whose files lie below `/web/` at once.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        match &*self.0 {
            Source::BuiltIn(bundle) => Some(&bundle.hash),
            Source::Folder(_) => None,
        }
    }

    /// The document.
    pub(crate) async fn document(&self) -> Option<File> {
        match &*self.0 {
            Source::BuiltIn(bundle) => Some(kept(bundle, bundle.get(INDEX)?, REVALIDATED)),
            Source::Folder(folder) => current(folder, INDEX).await,
        }
    }

    /// The file whose address this is behind `/web/`.
    pub(crate) async fn file(&self, address: &str) -> Option<File> {
        match &*self.0 {
            Source::BuiltIn(bundle) => {
                let path = address.strip_prefix(&bundle.hash)?.strip_prefix('/')?;
                // Its own address is another.
                let asset = bundle.get(path).filter(|_| path != INDEX)?;
                Some(kept(bundle, asset, IMMUTABLE))
            }
            Source::Folder(folder) => current(folder, address).await,
        }
    }
}

fn kept(bundle: &Bundle, asset: &Asset, caching: &'static str) -> File {
    let (plain, packed) = (asset.plain.clone(), asset.packed.clone());
    File { kind: asset.kind, plain, packed, caching, tag: Some(bundle.hash.clone()) }
}

async fn current(folder: &Folder, path: &str) -> Option<File> {
    let plain = folder.read(path).await?.into();
    Some(File { kind: kind::of(path).0, plain, packed: None, caching: NEVER, tag: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_built_in_is_of_a_known_kind() {
        for (path, _) in BUILT_IN {
            assert_ne!(kind::of(path).0, kind::UNKNOWN, "{path}");
        }
    }

    #[test]
    fn what_a_browser_fetches_is_little() {
        const MOST: usize = 150 * 1024;
        let bundle = Bundle::new(BUILT_IN);
        let assets = BUILT_IN.iter().filter_map(|(path, _)| bundle.get(path));
        let bytes: usize = assets.map(|asset| asset.packed.as_ref().unwrap_or(&asset.plain).len()).sum();
        assert!(bytes < MOST, "{bytes} bytes are more than {MOST}");
    }
}
