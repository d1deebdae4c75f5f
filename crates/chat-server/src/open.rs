//! Opens what is kept: the data directory, the database, the signing key, the accounts and the page.

use std::fs;
use std::path::PathBuf;

use chat_db::Db;
use chat_files::{Files, Storage};
use chat_users::{TokenKey, Users};
use chat_web::Page;

use crate::error::ServerError;
use crate::settings::{FileStore, Settings};

/// The file in the data directory that keeps the generated signing key.
const KEY_FILE: &str = "token.key";

/// The directory in the data directory that keeps the bytes of files.
const UPLOADS: &str = "uploads";

/// Makes the data directory where it is missing.
///
/// # Errors
/// [`ServerError::DataDir`]
pub fn data_dir(settings: &Settings) -> Result<(), ServerError> {
    let path = &settings.data_dir;
    fs::create_dir_all(path).map_err(|error| ServerError::DataDir { path: path.clone(), error })
}

/// Brings the tables up to date and opens the database. Blocks.
///
/// # Errors
/// [`ServerError::DataDir`], [`ServerError::Db`]
pub fn database(settings: &Settings) -> Result<Db, ServerError> {
    data_dir(settings)?;
    Ok(Db::open(&settings.db_settings())?)
}

/// The accounts in an open database, their tokens signed with this key. Blocks.
///
/// # Errors
/// [`ServerError::Users`]
pub fn users(settings: &Settings, db: Db, key: &TokenKey) -> Result<Users, ServerError> {
    Ok(Users::new(db, key, settings.users_settings())?)
}

/// The files, unless the settings switch them off; their links signed with a key made of this one.
///
/// # Errors
/// [`ServerError::Files`]
pub fn files(settings: &Settings, db: Db, key: &TokenKey) -> Result<Option<Files>, ServerError> {
    if !settings.files.enabled {
        return Ok(None);
    }
    let storage = match settings.files.store {
        FileStore::Disk => Storage::disk(&settings.data_dir.join(UPLOADS))?,
        FileStore::S3 => Storage::s3(&settings.s3_settings())?,
    };
    Ok(Some(Files::open(db, storage, &key.derive("chat: links to files"), settings.files_settings())?))
}

/// The page to chat in, unless the settings switch it off.
///
/// # Errors
/// [`ServerError::Web`]
pub fn page(settings: &Settings) -> Result<Option<Page>, ServerError> {
    if !settings.web.enabled {
        return Ok(None);
    }
    if settings.web.dir.as_os_str().is_empty() {
        return Ok(Some(Page::built_in()));
    }
    Ok(Some(Page::in_folder(&settings.web.dir)?))
}

/// Where the key that signs tokens is kept, if none is configured.
#[must_use]
pub fn token_key_file(settings: &Settings) -> PathBuf {
    settings.data_dir.join(KEY_FILE)
}

/// The configured key that signs tokens, or the one that is kept.
///
/// # Errors
/// [`ServerError::Users`]
pub fn token_key(settings: &Settings) -> Result<TokenKey, ServerError> {
    if !settings.token_key.is_empty() {
        return Ok(TokenKey::new(settings.token_key.reveal().as_bytes())?);
    }
    let file = token_key_file(settings);
    let (key, is_new) = TokenKey::load_or_create(&file)?;
    if is_new {
        log::warn!("no token_key is set: made one and kept it in {}", file.display());
    } else {
        log::info!("no token_key is set: signing with the one in {}", file.display());
    }
    Ok(key)
}
