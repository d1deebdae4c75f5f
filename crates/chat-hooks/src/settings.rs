//! How a hook is asked.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::BASE64;

use crate::error::HookError;

/// How a hook is asked.
#[derive(Debug, Clone)]
pub struct HookSettings {
    /// Where: a URL of `http` or `https`.
    pub url: String,
    /// Signs the questions.
    pub secret: HookSecret,
    /// How long an answer may take. Default a second.
    pub timeout: Duration,
    /// How many questions may be under way at once; as many again wait for a place within their time. Default 64.
    pub concurrency: usize,
    /// What becomes of a message when there is no answer. Default it passes.
    pub on_failure: OnFailure,
}

impl HookSettings {
    /// The defaults, for this address and secret.
    #[must_use]
    pub fn new(url: String, secret: HookSecret) -> HookSettings {
        let timeout = Duration::from_secs(1);
        HookSettings { url, secret, timeout, concurrency: 64, on_failure: OnFailure::Pass }
    }
}

/// What becomes of a message when the hook has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// It is taken: the chat goes on without its hook.
    Pass,
    /// Its sender is told to try again.
    Refuse,
}

/// What signs the questions: 24 to 64 bytes. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HookSecret(Vec<u8>);

impl HookSecret {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for HookSecret {
    type Err = HookError;

    /// Base64 behind `whsec_`, as Standard Webhooks has it, or the bytes of any other text.
    fn from_str(text: &str) -> Result<HookSecret, HookError> {
        let bytes = match text.strip_prefix("whsec_") {
            Some(encoded) => BASE64.decode(encoded.as_bytes()).map_err(|_| HookError::Secret)?,
            None => text.as_bytes().to_vec(),
        };
        if (24..=64).contains(&bytes.len()) { Ok(HookSecret(bytes)) } else { Err(HookError::Secret) }
    }
}

impl fmt::Debug for HookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_base64_behind_its_prefix_or_the_text_itself() {
        let plain = "a secret of many characters";
        let encoded = format!("whsec_{}", BASE64.encode(plain.as_bytes()));
        assert_eq!(plain.parse::<HookSecret>().unwrap(), encoded.parse().unwrap());
        assert!(!format!("{:?}", encoded.parse::<HookSecret>().unwrap()).contains("secret of"));
        for wrong in ["short", "whsec_????", "whsec_c2hvcnQ=", &"x".repeat(65)] {
            assert!(matches!(wrong.parse::<HookSecret>(), Err(HookError::Secret)), "{wrong}");
        }
    }
}
