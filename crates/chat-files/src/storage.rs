//! Where the bytes are: a directory, or an S3-compatible store.

use std::fs;
use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use chat_core::UploadId;
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::FilesError;

/// Keeps objects; those of an upload lie below its id. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    base: Path,
}

/// An S3-compatible store.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it has a secret")]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// Its region, such as `eu-central-1`.
    pub region: String,
    /// The store's address, such as `https://minio.example.org`; empty for Amazon's own.
    pub endpoint: String,
    /// The access key; empty where the machine has a role.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// What the names of all objects begin with; may be empty.
    pub prefix: String,
    /// Whether the bucket stands in the host's name and not in the path.
    pub virtual_host: bool,
}

impl Storage {
    /// A directory, which is made where it is missing. What is kept in it is on the disk before it is answered.
    ///
    /// # Errors
    /// [`FilesError::Storage`] when it cannot be made or used.
    pub fn disk(directory: &FilePath) -> Result<Storage, FilesError> {
        fs::create_dir_all(directory)
            .map_err(|error| FilesError::Storage { detail: format!("{}: {error}", directory.display()) })?;
        let store =
            LocalFileSystem::new_with_prefix(directory)?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Storage { store: Arc::new(store), base: Path::default() })
    }

    /// A bucket.
    ///
    /// # Errors
    /// [`FilesError::Storage`] when the settings are none; whether the bucket is there, shows when it is used.
    pub fn s3(settings: &S3Settings) -> Result<Storage, FilesError> {
        // Whoever was first, is; only that there is one matters.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_virtual_hosted_style_request(settings.virtual_host)
            .with_allow_http(settings.endpoint.starts_with("http://"));
        if !settings.endpoint.is_empty() {
            builder = builder.with_endpoint(settings.endpoint.trim_end_matches('/'));
        }
        if !settings.access_key.is_empty() {
            builder =
                builder.with_access_key_id(&settings.access_key).with_secret_access_key(&settings.secret_key);
        }
        let base = Path::from(settings.prefix.as_str());
        Ok(Storage { store: Arc::new(builder.build()?), base })
    }

    /// The memory of the process, for tests and services that keep nothing.
    #[must_use]
    pub fn memory() -> Storage {
        Storage { store: Arc::new(InMemory::new()), base: Path::default() }
    }

    /// Below 256 directories, so that none has too many.
    fn directory(&self, upload: UploadId) -> Path {
        let id = upload.to_string();
        self.base.clone().join(&id[..2]).join(id.as_str())
    }

    pub(crate) async fn put(&self, upload: UploadId, name: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        self.store.put(&self.directory(upload).join(name), bytes.into()).await?;
        Ok(())
    }

    pub(crate) async fn get(
        &self,
        upload: UploadId,
        name: &str,
        range: Range<u64>,
    ) -> Result<Bytes, FilesError> {
        let wanted = range.end - range.start;
        let bytes = self.store.get_range(&self.directory(upload).join(name), range).await?;
        if bytes.len() as u64 != wanted {
            return Err(FilesError::Storage { detail: format!("{upload}/{name} is short") });
        }
        Ok(bytes)
    }

    pub(crate) async fn remove(&self, upload: UploadId, name: &str) -> Result<(), FilesError> {
        Storage::gone(self.store.delete(&self.directory(upload).join(name)).await)
    }

    /// Removes all of an upload but what `keep` names.
    pub(crate) async fn remove_all(
        &self,
        upload: UploadId,
        keep: impl Fn(&str) -> bool,
    ) -> Result<(), FilesError> {
        let there: Vec<_> = self.store.list(Some(&self.directory(upload))).try_collect().await?;
        for object in there {
            if !object.location.filename().is_some_and(&keep) {
                Storage::gone(self.store.delete(&object.location).await)?;
            }
        }
        Ok(())
    }

    fn gone(removed: object_store::Result<()>) -> Result<(), FilesError> {
        match removed {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// How many objects there are, for tests.
    ///
    /// # Errors
    /// [`FilesError::Storage`]
    pub async fn count(&self) -> Result<usize, FilesError> {
        Ok(self.store.list(Some(&self.base)).try_collect::<Vec<_>>().await?.len())
    }
}
