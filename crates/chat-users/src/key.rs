//! The key that signs tokens.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::UsersError;

/// A secret of at least 32 bytes that signs tokens (HS256; RFC 7518, section 3.2 asks for that length).
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKey(Vec<u8>);

impl TokenKey {
    /// The fewest bytes of a key.
    pub const MIN_BYTES: usize = 32;

    /// The key with these bytes.
    ///
    /// # Errors
    /// [`UsersError::Key`] when there are fewer than [`TokenKey::MIN_BYTES`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<TokenKey, UsersError> {
        let bytes = bytes.into();
        if bytes.len() < TokenKey::MIN_BYTES {
            let detail = format!("it must have at least {} bytes, not {}", TokenKey::MIN_BYTES, bytes.len());
            return Err(UsersError::Key { detail });
        }
        Ok(TokenKey(bytes))
    }

    /// The key kept in this file; where there is none, a random one is made and kept, readable by its owner
    /// alone. The second value says whether it was made.
    ///
    /// # Errors
    /// [`UsersError::Key`] when the file cannot be read or made.
    pub fn load_or_create(path: &Path) -> Result<(TokenKey, bool), UsersError> {
        let failed = |error: io::Error| UsersError::Key { detail: format!("{}: {error}", path.display()) };
        match fs::read(path) {
            Ok(bytes) => return TokenKey::new(bytes).map(|key| (key, false)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let bytes = random().map_err(failed)?;
        // Written beside and moved: a start that is cut off leaves no half a key.
        let beside = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(failed)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&beside, path).map_err(failed)?;
        Ok((TokenKey(bytes.to_vec()), true))
    }

    /// Tells keys apart without giving anything of them away: 16 hexadecimal digits, of a hash that has no other use.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::new().chain_update("chat: which token key").chain_update(&self.0).finalize();
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A key for another purpose, which gives nothing of this one away (HMAC, RFC 2104).
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        // A key of any length is one.
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| Hmac::new(&Default::default()));
        mac.chain_update(purpose).finalize().into_bytes().into()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// 256 random bits from the system.
pub(crate) fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
