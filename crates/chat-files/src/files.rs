//! The door to files.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use chat_core::{Attachment, FileLink, FileLinks, Timestamp, UploadId, UserId, Variant};
use chat_db::{Connection, Db};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::Semaphore;

use crate::link::Signer;
use crate::parts::{self, Part};
use crate::picture::{self, Flaw, Picture, Viewer};
use crate::rows::{self, Row};
use crate::{FilesError, FilesSettings, Storage, kind, name};

/// How much of a file is in memory at once on its way out, in bytes.
const SLICE: u64 = 512 * 1024;

/// The object with the small picture; no part has this name.
const THUMBNAIL: &str = "thumbnail";

/// Files: received, looked at, handed out, removed. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub db: Db,
    pub storage: Storage,
    pub settings: FilesSettings,
    pub clock: fn() -> Timestamp,
    signer: Signer,
    viewer: Viewer,
    receiving: Semaphore,
}

/// An upload as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its name.
    pub id: UploadId,
    /// The file's name for people.
    pub name: String,
    /// How many bytes it will have.
    pub size: u64,
    /// How many of them are kept: with the next one it goes on.
    pub offset: u64,
    /// When it ends by itself; none once a message has it.
    pub expires_at: Option<Timestamp>,
    /// What a message can say of it, once all bytes are there and have been looked at.
    pub attachment: Option<Attachment>,
}

/// Bytes that may be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The upload that they are of.
    pub id: UploadId,
    /// Which ones.
    pub variant: Variant,
    /// The file's name for people.
    pub name: String,
    /// What they are.
    pub media_type: String,
    /// How many.
    pub size: u64,
    /// Whether a browser may show them where they stand.
    pub inline: bool,
    /// When the link to them ends.
    pub expires_at: Timestamp,
    parts: Vec<Part>,
}

impl Files {
    /// Files in this store, whose rows are in this database and whose links are signed with this key.
    ///
    /// # Errors
    /// [`FilesError::Storage`] when no thread can be started.
    pub fn open(
        db: Db,
        storage: Storage,
        key: &[u8; 32],
        settings: FilesSettings,
    ) -> Result<Files, FilesError> {
        Files::with_clock(db, storage, key, settings, Timestamp::now)
    }

    /// As [`Files::open`], with another clock, for tests.
    ///
    /// # Errors
    /// As [`Files::open`].
    pub fn with_clock(
        db: Db,
        storage: Storage,
        key: &[u8; 32],
        settings: FilesSettings,
        clock: fn() -> Timestamp,
    ) -> Result<Files, FilesError> {
        let signer = Signer::new(key, settings.link);
        let viewer = Viewer::start(&settings)?;
        let receiving = Semaphore::new(settings.at_once.max(1));
        Ok(Files { inner: Arc::new(Inner { db, storage, settings, clock, signer, viewer, receiving }) })
    }

    /// How much of everything is taken.
    #[must_use]
    pub fn settings(&self) -> &FilesSettings {
        &self.inner.settings
    }

    fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    async fn write<T: Send + 'static>(
        &self,
        id: UploadId,
        job: impl FnOnce(&mut Connection) -> Result<T, FilesError> + Send + 'static,
    ) -> Result<T, FilesError> {
        self.inner.db.write(self.inner.db.lane(id), job).await
    }

    /// Announces a file of `size` bytes. Its name is cleaned of all that is no name.
    ///
    /// # Errors
    /// [`FilesError::TooLarge`], [`FilesError::LimitReached`].
    pub async fn create(&self, owner: UserId, name: &str, size: u64) -> Result<Transfer, FilesError> {
        let settings = &self.inner.settings;
        if size > settings.max_bytes {
            return Err(FilesError::TooLarge { limit: settings.max_bytes });
        }
        let now = self.now();
        let row = Row {
            id: UploadId::generate(),
            owner,
            name: name::clean(name),
            size,
            received: 0,
            parts: Vec::new(),
            expires_at: Some(now.after(settings.expire)),
            media_type: None,
            picture: None,
            thumbnail: None,
        };
        let (uploads, bytes, new) = (settings.user_uploads, settings.user_bytes, row.clone());
        // In the lane of the user: two at once are counted one after the other.
        let counted = move |connection: &mut Connection| {
            let (count, sum) = rows::count(connection, owner)?;
            if count >= uploads {
                return Err(FilesError::LimitReached { what: "uploads that no message has", limit: uploads });
            }
            if sum.saturating_add(size) > bytes {
                return Err(FilesError::LimitReached {
                    what: "bytes of uploads that no message has",
                    limit: bytes,
                });
            }
            rows::insert(connection, &new, now)
        };
        self.inner.db.write(self.inner.db.lane(owner), counted).await?;
        if size == 0 {
            return self.finish(row).await;
        }
        Ok(transfer(row))
    }

    /// An upload of this user. One whose bytes are all there and were not looked at, since the server was stopped just then, is
    /// looked at now.
    ///
    /// # Errors
    /// [`FilesError::NotFound`], and as [`Files::receive`] for what is found.
    pub async fn upload(&self, owner: UserId, id: UploadId) -> Result<Transfer, FilesError> {
        let row = self.own(owner, id).await?;
        self.finish_if_whole(row).await
    }

    async fn own(&self, owner: UserId, id: UploadId) -> Result<Row, FilesError> {
        let row = self.inner.db.read(move |connection| rows::find(connection, id)).await?;
        let ended = |row: &Row| row.expires_at.is_some_and(|end| end <= self.now());
        row.filter(|row| row.owner == owner && !ended(row)).ok_or(FilesError::NotFound)
    }

    /// Takes the bytes of an upload that follow `offset`, as many as come: those are kept, part by part, whatever becomes of the
    /// rest. With the last one the file is looked at.
    ///
    /// # Errors
    /// [`FilesError::NotFound`], [`FilesError::WrongOffset`], also where another call was quicker; [`FilesError::TooLarge`] for
    /// more than were announced; [`FilesError::Cut`], [`FilesError::TooManyParts`], [`FilesError::Busy`],
    /// [`FilesError::Storage`]; and, when the file is complete, [`FilesError::TypeNotAllowed`] and
    /// [`FilesError::PictureTooLarge`].
    pub async fn receive<E>(
        &self,
        owner: UserId,
        id: UploadId,
        offset: u64,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Transfer, FilesError> {
        let _receiving = self.inner.receiving.try_acquire().map_err(|_| FilesError::Busy)?;
        let mut row = self.own(owner, id).await?;
        if row.received != offset {
            return Err(FilesError::WrongOffset { offset: row.received });
        }
        let part_bytes = self.inner.settings.part_bytes.max(1);
        let mut body = pin!(body);
        let mut gathered = Vec::new();
        let mut cut = false;
        loop {
            let next = tokio::time::timeout(self.inner.settings.stall, body.next()).await;
            let mut bytes = match next {
                Ok(Some(Ok(bytes))) => bytes,
                Ok(None) => break,
                // Cut off, or silent for too long.
                Ok(Some(Err(_))) | Err(_) => {
                    cut = true;
                    break;
                }
            };
            if row.received + (gathered.len() + bytes.len()) as u64 > row.size {
                return Err(FilesError::TooLarge { limit: row.size });
            }
            while bytes.has_remaining() {
                let fitting = bytes.split_to(bytes.len().min(part_bytes - gathered.len()));
                gathered.extend_from_slice(&fitting);
                if gathered.len() == part_bytes {
                    row = self.keep(row, std::mem::take(&mut gathered)).await?;
                }
            }
        }
        if !gathered.is_empty() {
            row = self.keep(row, gathered).await?;
        }
        if cut {
            return Err(FilesError::Cut { offset: row.received });
        }
        self.finish_if_whole(row).await
    }

    /// Keeps a part: first its bytes, then that they are there. A stop between the two leaves an object that nobody counts, and
    /// that goes with the others.
    async fn keep(&self, row: Row, bytes: Vec<u8>) -> Result<Row, FilesError> {
        if row.parts.len() >= parts::MOST {
            return Err(FilesError::TooManyParts { limit: parts::MOST });
        }
        let before = row.received;
        // Of its own name: two that bring the same bytes at once do not write over one another.
        let part = Part { name: part_name()?, bytes: bytes.len() as u64 };
        self.inner.storage.put(row.id, &part.name, bytes).await?;
        let (id, name) = (row.id, part.name.clone());
        let mut row = row;
        row.received += part.bytes;
        row.parts.push(part);
        row.expires_at = Some(self.now().after(self.inner.settings.expire));
        let kept = row.clone();
        if self.write(id, move |connection| rows::append(connection, &kept, before)).await? {
            return Ok(row);
        }
        self.inner.storage.remove(id, &name).await?;
        let now = self.inner.db.read(move |connection| rows::find(connection, id)).await?;
        Err(now.map_or(FilesError::NotFound, |now| FilesError::WrongOffset { offset: now.received }))
    }

    async fn finish_if_whole(&self, row: Row) -> Result<Transfer, FilesError> {
        if row.received == row.size && row.media_type.is_none() {
            return self.finish(row).await;
        }
        Ok(transfer(row))
    }

    /// Looks at a file whose bytes are all there.
    async fn finish(&self, mut row: Row) -> Result<Transfer, FilesError> {
        let looked = match self.look(&row).await {
            Err(refused @ (FilesError::TypeNotAllowed { .. } | FilesError::PictureTooLarge { .. })) => {
                self.abandon(row.id).await?;
                return Err(refused);
            }
            looked => looked?,
        };
        let (media_type, picture) = looked;
        if let Some(small) = picture.as_ref().and_then(|picture| picture.thumbnail.as_ref()) {
            self.inner.storage.put(row.id, THUMBNAIL, small.bytes.clone()).await?;
        }
        if row.parts.len() > 1 {
            // What calls that were cut off have left beside the parts.
            let is_kept = |name: &str| name == THUMBNAIL || row.parts.iter().any(|part| part.name == name);
            self.inner.storage.remove_all(row.id, is_kept).await?;
        }
        let (id, expires_at) = (row.id, self.now().after(self.inner.settings.expire));
        let completed = move |connection: &mut Connection| {
            rows::complete(connection, id, &media_type, picture.as_ref(), expires_at)?;
            rows::find(connection, id)
        };
        row = self.write(id, completed).await?.ok_or(FilesError::NotFound)?;
        Ok(transfer(row))
    }

    /// What a file is, and how large the picture is if it is one.
    async fn look(&self, row: &Row) -> Result<(String, Option<Picture>), FilesError> {
        let head = self.bytes(row, row.size.min(kind::HEAD)).await?;
        let found = kind::media_type(&head, row.size <= kind::HEAD);
        self.allow(&found)?;
        let Some(format) = kind::picture(&found).filter(|_| row.size <= picture::MAX_BYTES) else {
            return Ok((found, None));
        };
        let bytes = self.bytes(row, row.size).await?;
        match self.inner.viewer.look(bytes, format).await? {
            Ok(picture) => Ok((found, Some(picture))),
            Err(Flaw::TooLarge) => {
                Err(FilesError::PictureTooLarge { limit: self.inner.settings.image_pixels })
            }
            // It only begins like one: nobody knows what it is.
            Err(Flaw::Broken) => {
                self.allow(kind::UNKNOWN)?;
                Ok((kind::UNKNOWN.to_owned(), None))
            }
        }
    }

    fn allow(&self, found: &str) -> Result<(), FilesError> {
        let FilesSettings { allow, deny, .. } = &self.inner.settings;
        let allowed = allow.is_empty() || allow.iter().any(|pattern| pattern.matches(found));
        if allowed && !deny.iter().any(|pattern| pattern.matches(found)) {
            return Ok(());
        }
        Err(FilesError::TypeNotAllowed { found: found.to_owned() })
    }

    /// The first bytes of a file.
    async fn bytes(&self, row: &Row, upto: u64) -> Result<Vec<u8>, FilesError> {
        let mut all = Vec::with_capacity(usize::try_from(upto).unwrap_or(0));
        for (name, range) in parts::slices(&row.parts, &(0..upto), SLICE) {
            all.extend_from_slice(&self.inner.storage.get(row.id, &name, range).await?);
        }
        Ok(all)
    }

    /// Ends an upload that no message has, with all that is kept of it.
    ///
    /// # Errors
    /// [`FilesError::NotFound`], [`FilesError::Attached`].
    pub async fn remove(&self, owner: UserId, id: UploadId) -> Result<(), FilesError> {
        self.own(owner, id).await?;
        if self.abandon(id).await? { Ok(()) } else { Err(FilesError::Attached) }
    }

    /// Has an upload removed, and its bytes at once; the collector looks again for what a call that was under way has left.
    async fn abandon(&self, id: UploadId) -> Result<bool, FilesError> {
        let now = self.now();
        let free = self.write(id, move |connection| rows::abandon(connection, id, now)).await?;
        if free && let Err(error) = self.inner.storage.remove_all(id, |_| false).await {
            log::warn!("the bytes of an upload are removed later: {error}");
        }
        Ok(free)
    }

    /// What a link gives.
    ///
    /// # Errors
    /// [`FilesError::LinkInvalid`], [`FilesError::LinkExpired`]; [`FilesError::NotFound`] where the bytes are gone.
    pub async fn download(&self, link: &str) -> Result<Download, FilesError> {
        let (id, variant, expires_at) = self.inner.signer.check(link, self.now())?;
        let row = self.inner.db.read(move |connection| rows::find(connection, id)).await?;
        let row = row.ok_or(FilesError::NotFound)?;
        let media_type = row.media_type.ok_or(FilesError::NotFound)?;
        let inline = kind::is_inline(&media_type, row.picture.is_some());
        let (media_type, size, parts) = match (variant, row.thumbnail) {
            (Variant::Original, _) => (media_type, row.size, row.parts),
            (Variant::Thumbnail, Some(small)) => {
                let part = Part { name: THUMBNAIL.to_owned(), bytes: small.bytes };
                (small.media_type, small.bytes, vec![part])
            }
            (Variant::Thumbnail, None) => return Err(FilesError::NotFound),
        };
        Ok(Download { id, variant, name: row.name, media_type, size, inline, expires_at, parts })
    }

    /// The bytes of a range, in order, a piece at a time. One that goes beyond the end ends there.
    pub fn read(
        &self,
        download: &Download,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, FilesError>> + Send + 'static {
        let (files, id) = (self.clone(), download.id);
        let slices = parts::slices(&download.parts, &range, SLICE);
        stream::iter(slices).then(move |(name, range)| {
            let files = files.clone();
            async move { files.inner.storage.get(id, &name, range).await }
        })
    }

    /// How long a link is good.
    #[must_use]
    pub fn link_term(&self) -> std::time::Duration {
        self.inner.signer.term()
    }
}

impl FileLinks for Files {
    fn link(&self, upload: UploadId, variant: Variant) -> Option<FileLink> {
        Some(self.inner.signer.link(upload, variant, self.now()))
    }
}

fn transfer(row: Row) -> Transfer {
    let Row { id, name, size, received: offset, expires_at, media_type, picture, thumbnail, .. } = row;
    let attachment = media_type.map(|media_type| Attachment {
        id,
        name: name.clone(),
        media_type,
        size,
        picture,
        thumbnail: thumbnail.map(|small| small.size),
    });
    Transfer { id, name, size, offset, expires_at, attachment }
}

/// 64 random bits, in hexadecimal.
fn part_name() -> Result<String, FilesError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| FilesError::Storage { detail: error.to_string() })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
