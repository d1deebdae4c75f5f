//! The hook that judges messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use chat_core::{ChatError, Draft, Judgement, Screen};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url, redirect};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

use crate::error::{HookError, NoAnswer};
use crate::question::{Answer, Question};
use crate::settings::{HookSettings, OnFailure};
use crate::signature::sign;

/// The longest answer, in bytes: a text may be replaced.
const ANSWER_BYTES: usize = 512 * 1024;

/// Asks a service of the application about each message.
pub struct HttpScreen {
    settings: HookSettings,
    url: Url,
    client: Client,
    places: Semaphore,
    /// How many ask, those who wait for a place among them.
    asking: AtomicUsize,
}

impl HttpScreen {
    /// A hook that is asked so. Nothing is asked yet.
    ///
    /// # Errors
    /// [`HookError`]
    pub fn new(settings: HookSettings) -> Result<HttpScreen, HookError> {
        let url = Url::parse(&settings.url).map_err(|_| HookError::Url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(HookError::Url);
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .user_agent("chat-hooks")
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        let places = Semaphore::new(settings.concurrency);
        Ok(HttpScreen { settings, url, client, places, asking: AtomicUsize::new(0) })
    }

    async fn ask(&self, draft: Draft<'_>) -> Result<Judgement, NoAnswer> {
        let _asking = Asking::begin(&self.asking, 2 * self.settings.concurrency)?;
        let asked = async {
            // Nobody closes it.
            let _place = self.places.acquire().await.map_err(|_| NoAnswer::TooMany)?;
            self.send(&serde_json::to_string(&Question::from(draft)).map_err(NoAnswer::Malformed)?).await
        };
        timeout(self.settings.timeout, asked).await.map_err(|_| NoAnswer::TimedOut)?
    }

    async fn send(&self, body: &str) -> Result<Judgement, NoAnswer> {
        let id = Uuid::now_v7().to_string();
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", sign(&self.settings.secret, &id, at, body))
            .body(body.to_owned());
        let mut response = request.send().await?;
        if !response.status().is_success() {
            return Err(NoAnswer::Status(response.status()));
        }
        let mut answer = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if answer.len() + piece.len() > ANSWER_BYTES {
                return Err(NoAnswer::TooLong(ANSWER_BYTES));
            }
            answer.extend_from_slice(&piece);
        }
        serde_json::from_slice::<Answer>(&answer).map(Judgement::from).map_err(NoAnswer::Malformed)
    }
}

#[async_trait]
impl Screen for HttpScreen {
    async fn judge(&self, draft: Draft<'_>) -> Result<Judgement, ChatError> {
        match (self.ask(draft).await, self.settings.on_failure) {
            (Ok(judgement), _) => Ok(judgement),
            (Err(error), OnFailure::Pass) => {
                log::warn!("a message passes without the hook: {error}");
                Ok(Judgement::Pass)
            }
            (Err(error), OnFailure::Refuse) => {
                log::warn!("a message is refused without the hook: {error}");
                Err(ChatError::Unavailable)
            }
        }
    }
}

/// One who asks.
struct Asking<'a>(&'a AtomicUsize);

impl Asking<'_> {
    fn begin(count: &AtomicUsize, most: usize) -> Result<Asking<'_>, NoAnswer> {
        let asking = Asking(count);
        if count.fetch_add(1, Ordering::Relaxed) < most { Ok(asking) } else { Err(NoAnswer::TooMany) }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// TLS that trusts whom the system trusts.
fn tls() -> Result<ClientConfig, HookError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
