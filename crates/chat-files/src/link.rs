//! Links to bytes, signed: whoever has one needs no log-in, and for a few minutes only.

use std::time::Duration;

use chat_core::{FileLink, Timestamp, UploadId, Variant};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::FilesError;

const MICROS: i64 = 1_000_000;

/// Signs links and checks them.
pub(crate) struct Signer {
    mac: Hmac<Sha256>,
    term: Duration,
}

fn word(variant: Variant) -> &'static str {
    match variant {
        Variant::Original => "original",
        Variant::Thumbnail => "thumbnail",
    }
}

impl Signer {
    /// With a key of its own, made of the server's.
    pub fn new(key: &[u8; 32], term: Duration) -> Signer {
        // A key of any length is one.
        let mac = Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
        Signer { mac, term }
    }

    /// How long a link is good.
    pub fn term(&self) -> Duration {
        self.term
    }

    /// A link that is good from now on, to the second.
    pub fn link(&self, upload: UploadId, variant: Variant, now: Timestamp) -> FileLink {
        let expires = now.after(self.term).as_micros().div_euclid(MICROS);
        let says = format!("{upload}.{}.{expires}", word(variant));
        let signature = self.mac.clone().chain_update(&says).finalize().into_bytes();
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let expires_at = Timestamp::from_micros(expires.saturating_mul(MICROS));
        FileLink { url: format!("/files/{says}.{signature}"), expires_at }
    }

    /// What the last part of a link stands for.
    pub fn check(&self, link: &str, now: Timestamp) -> Result<(UploadId, Variant, Timestamp), FilesError> {
        let (says, signature) = link.rsplit_once('.').ok_or(FilesError::LinkInvalid)?;
        let signature = bytes(signature).ok_or(FilesError::LinkInvalid)?;
        let mac = self.mac.clone().chain_update(says);
        mac.verify_slice(&signature).map_err(|_| FilesError::LinkInvalid)?;
        let read = || {
            let mut parts = says.split('.');
            let upload = parts.next()?.parse().ok()?;
            let variant = match parts.next()? {
                "original" => Variant::Original,
                "thumbnail" => Variant::Thumbnail,
                _ => return None,
            };
            let expires: i64 = parts.next()?.parse().ok()?;
            Some((upload, variant, Timestamp::from_micros(expires.saturating_mul(MICROS))))
        };
        let (upload, variant, expires_at) = read().ok_or(FilesError::LinkInvalid)?;
        if expires_at <= now {
            return Err(FilesError::LinkExpired);
        }
        Ok((upload, variant, expires_at))
    }
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits = hexadecimal.as_bytes();
    let digit = |b: u8| (b as char).to_digit(16).filter(|_| !b.is_ascii_uppercase());
    let pair = |pair: &[u8]| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok();
    (digits.len() == 64).then(|| digits.chunks_exact(2).map(pair).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * MICROS)
    }

    #[test]
    fn a_link_ends_at_its_second_and_a_forged_one_is_none() {
        let signer = Signer::new(&[1; 32], Duration::from_secs(60));
        let upload = UploadId::generate();
        let FileLink { url, expires_at } = signer.link(upload, Variant::Thumbnail, at(1000));
        assert_eq!(expires_at, at(1060));
        let link = url.strip_prefix("/files/").unwrap();
        assert_eq!(signer.check(link, at(1059)), Ok((upload, Variant::Thumbnail, at(1060))));
        assert_eq!(signer.check(link, at(1060)), Err(FilesError::LinkExpired));
        let other = Signer::new(&[2; 32], Duration::from_secs(60));
        assert_eq!(other.check(link, at(1000)), Err(FilesError::LinkInvalid));
        assert_eq!(other.check(link, at(9999)), Err(FilesError::LinkInvalid), "and says nothing of its term");
        let forged = [
            link.replace("thumbnail", "original"),
            link.replace("1060", "9060"),
            link.replacen(&upload.to_string(), &UploadId::generate().to_string(), 1),
            link[..link.len() - 1].to_owned(),
            format!("{link}0"),
            link.to_uppercase(),
            link.rsplit_once('.').unwrap().0.to_owned(),
            String::new(),
            ".".repeat(5),
        ];
        for forged in forged {
            assert_eq!(signer.check(&forged, at(1000)), Err(FilesError::LinkInvalid), "{forged}");
        }
    }
}
