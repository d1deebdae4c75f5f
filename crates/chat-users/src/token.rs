//! The tokens that clients hold: access tokens (JWT, RFC 7519) and refresh tokens (random, kept hashed).

use std::fmt::Write;
use std::time::Duration;

use chat_core::{AuthError, Profile, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::key::random;
use crate::{TokenKey, UsersError};

/// What an access token says. The classic ones name the user by `id`, as the original server's did.
#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The session.
    sid: i64,
    /// Seconds since 1970.
    iat: i64,
    /// Seconds since 1970.
    exp: i64,
}

/// What a good access token proves.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub user: UserId,
    pub session: i64,
    pub expires_at: Timestamp,
}

/// Signs and checks access tokens.
pub(crate) struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

const MICROS: i64 = 1_000_000;

impl Signer {
    pub fn new(key: &TokenKey) -> Signer {
        // One algorithm and no other: a token that names another, or none, is not even looked at.
        let mut validation = Validation::new(Algorithm::HS256);
        // The end is compared below, with the same clock that everything else goes by.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Signer {
            encoding: EncodingKey::from_secret(key.bytes()),
            decoding: DecodingKey::from_secret(key.bytes()),
            validation,
        }
    }

    pub fn access(
        &self,
        user: UserId,
        session: i64,
        now: Timestamp,
        life: Duration,
    ) -> Result<String, UsersError> {
        let sub = Some(user.to_string());
        self.sign(&Claims { sub, id: None, username: None, iss: None, ..claims(session, now, life) })
    }

    pub fn classic(
        &self,
        user: &Profile,
        session: i64,
        now: Timestamp,
        life: Duration,
    ) -> Result<String, UsersError> {
        let id = Some(user.id.to_string());
        let username = Some(user.username.clone());
        self.sign(&Claims { sub: None, iss: id.clone(), id, username, ..claims(session, now, life) })
    }

    fn sign(&self, claims: &Claims) -> Result<String, UsersError> {
        encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .map_err(|error| UsersError::System { detail: error.to_string() })
    }

    /// Checks a token; nothing is known then but that we signed it and it has not ended.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<Proof, AuthError> {
        let invalid = |_| AuthError::Invalid;
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).map_err(invalid)?.claims;
        let user = claims.sub.or(claims.id).ok_or(AuthError::Invalid)?;
        let user = user.parse().map_err(|_| AuthError::Invalid)?;
        let expires_at = Timestamp::from_micros(claims.exp.saturating_mul(MICROS));
        if expires_at <= now {
            return Err(AuthError::Expired);
        }
        Ok(Proof { user, session: claims.sid, expires_at })
    }
}

fn claims(session: i64, now: Timestamp, life: Duration) -> Claims {
    let second = |moment: Timestamp| moment.as_micros().div_euclid(MICROS);
    Claims {
        sub: None,
        id: None,
        username: None,
        iss: None,
        sid: session,
        iat: second(now),
        exp: second(now.after(life)),
    }
}

/// A new refresh token: 256 random bits, in hexadecimal.
pub(crate) fn refresh_token() -> Result<String, UsersError> {
    let bytes = random().map_err(|error| UsersError::System { detail: error.to_string() })?;
    Ok(hexadecimal(&bytes))
}

/// What is kept of a refresh token. A plain hash is enough for 256 random bits.
pub(crate) fn refresh_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * MICROS)
    }

    fn signer(key: &str) -> Signer {
        Signer::new(&TokenKey::new(key.repeat(32)).unwrap())
    }

    #[test]
    fn a_token_ends_at_its_second_and_no_later() {
        let signer = signer("a");
        let user = UserId::new(17).unwrap();
        let token = signer.access(user, 5, at(NOW), Duration::from_secs(60)).unwrap();
        let proof = Proof { user, session: 5, expires_at: at(NOW + 60) };
        let cases =
            [(0, Ok(&proof)), (59, Ok(&proof)), (60, Err(AuthError::Expired)), (61, Err(AuthError::Expired))];
        for (seconds, expected) in cases {
            let checked = signer.check(&token, at(NOW + seconds));
            assert_eq!(checked.as_ref().map_err(|error| *error), expected, "after {seconds} s");
        }
    }

    #[test]
    fn forged_tokens_are_invalid_even_when_they_have_ended() {
        let user = UserId::new(17).unwrap();
        let token = signer("a").access(user, 5, at(NOW), Duration::from_secs(60)).unwrap();
        assert_eq!(signer("b").check(&token, at(NOW)), Err(AuthError::Invalid));
        assert_eq!(signer("b").check(&token, at(NOW + 3600)), Err(AuthError::Invalid));
        let mut parts: Vec<&str> = token.split('.').collect();
        // {"alg":"none"}
        parts[0] = "eyJhbGciOiJub25lIn0";
        let (head, claims) = (parts[0], parts[1]);
        for forged in
            [format!("{head}.{claims}."), parts.join("."), format!("{head}.{claims}"), String::new()]
        {
            assert_eq!(signer("a").check(&forged, at(NOW)), Err(AuthError::Invalid), "{forged}");
        }
    }

    #[test]
    fn a_classic_token_has_the_claims_of_the_original() {
        let signer = signer("a");
        let user =
            Profile { id: UserId::new(17).unwrap(), username: "ann".into(), display_name: "Ann".into() };
        let token = signer.classic(&user, 5, at(NOW), Duration::from_secs(60)).unwrap();
        assert_eq!(signer.check(&token, at(NOW)).unwrap().user, user.id);
        let claims =
            decode::<serde_json::Value>(&token, &signer.decoding, &signer.validation).unwrap().claims;
        assert_eq!(claims["id"], "17");
        assert_eq!(claims["iss"], "17");
        assert_eq!(claims["username"], "ann");
        assert_eq!(claims["exp"], NOW + 60);
    }
}
