//! Previews, each looked for once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use chat_core::{Preview, Previewer};
use futures_util::future::{BoxFuture, FutureExt, Shared, WeakShared};
use tokio::sync::Semaphore;
use tokio::time::timeout_at;
use url::Url;

use crate::cache::{Cache, Result};
use crate::error::{PreviewsError, Refusal};
use crate::fetch::Fetcher;
use crate::policy::{Policy, PublicInternet};
use crate::resolve::{Resolver, SystemResolver};
use crate::settings::Settings;
use crate::target::target;

/// Previews of links. Cheap to clone; all clones share what is known.
#[derive(Clone)]
pub struct Previews(Arc<Inner>);

struct Inner {
    fetcher: Fetcher,
    policy: Arc<dyn Policy>,
    settings: Settings,
    turns: Semaphore,
    state: Mutex<State>,
}

struct State {
    cache: Cache,
    /// What is being looked for, by address. Whoever waits holds it; when nobody does any more, it ends.
    flights: HashMap<String, (u64, WeakShared<Flight>)>,
    /// The number of the next flight.
    next: u64,
}

type Flight = BoxFuture<'static, Result>;

/// How a look begins.
enum Begun {
    /// It is over.
    Known(Result),
    /// It is to be waited for.
    Flight(Shared<Flight>),
}

impl Previews {
    /// Previews of pages of the public internet, by names as the system knows them.
    ///
    /// # Errors
    /// That connections cannot be made or encrypted at all.
    pub fn new(settings: Settings) -> std::result::Result<Previews, PreviewsError> {
        Previews::with(settings, Arc::new(PublicInternet), Arc::new(SystemResolver))
    }

    /// Previews of pages where this policy allows it, by names as this resolver knows them.
    ///
    /// # Errors
    /// As [`Previews::new`].
    pub fn with(
        settings: Settings,
        policy: Arc<dyn Policy>,
        resolver: Arc<dyn Resolver>,
    ) -> std::result::Result<Previews, PreviewsError> {
        let fetcher = Fetcher::new(&settings, policy.clone(), resolver)?;
        let turns = Semaphore::new(settings.concurrency);
        let cache = Cache::new(settings.cache_entries);
        let state = Mutex::new(State { cache, flights: HashMap::new(), next: 0 });
        Ok(Previews(Arc::new(Inner { fetcher, policy, settings, turns, state })))
    }

    /// What the page at this address says of itself, or why there is nothing. What is known is told at once; when somebody
    /// asks for the same already, both get one answer. Whoever stops waiting stops nobody else.
    ///
    /// # Errors
    /// Why there is no preview.
    pub async fn look(&self, link: &str) -> std::result::Result<Preview, Refusal> {
        let url = target(link, &*self.0.policy)?;
        let result = match self.0.begin(url)? {
            Begun::Known(result) => result,
            Begun::Flight(flight) => flight.await,
        };
        result.map(|preview| named(&preview, link))
    }
}

#[async_trait]
impl Previewer for Previews {
    async fn preview(&self, url: &str) -> Option<Preview> {
        // Neither the address nor what is there reaches the log: both are what people have written to each other.
        self.look(url).await.inspect_err(|refusal| log::debug!("a link has no preview: {refusal}")).ok()
    }
}

/// The preview with the link as it was written.
fn named(preview: &Preview, link: &str) -> Preview {
    Preview { url: link.to_owned(), ..preview.clone() }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a page; or how to wait for it, if there is room for that.
    fn begin(self: &Arc<Inner>, url: Url) -> std::result::Result<Begun, Refusal> {
        let key = url.as_str().to_owned();
        let mut state = self.state();
        if let Some(known) = state.cache.get(&key, Instant::now()) {
            return Ok(Begun::Known(known));
        }
        if let Some(flight) = state.flights.get(&key).and_then(|(_, flight)| flight.upgrade()) {
            return Ok(Begun::Flight(flight));
        }
        if state.flights.len() >= self.settings.concurrency + self.settings.queue {
            return Err(Refusal::Busy);
        }
        let number = state.next;
        state.next += 1;
        let landing = Landing { inner: self.clone(), key: key.clone(), number };
        let flight = async move {
            let result = landing.inner.find(url).await;
            landing.inner.keep(&landing.key, &result);
            result
        };
        let flight = flight.boxed().shared();
        if let Some(weak) = flight.downgrade() {
            state.flights.insert(key, (number, weak));
        }
        Ok(Begun::Flight(flight))
    }

    /// Asks for a page when it is its turn.
    async fn find(&self, url: Url) -> Result {
        let deadline = tokio::time::Instant::now() + self.settings.timeout;
        let Ok(Ok(_turn)) = timeout_at(deadline, self.turns.acquire()).await else {
            return Err(Refusal::Busy);
        };
        let page = timeout_at(deadline, self.fetcher.fetch(url)).await;
        page.unwrap_or(Err(Refusal::Timeout)).map(Arc::new)
    }

    fn keep(&self, key: &str, result: &Result) {
        let term = match result {
            Ok(_) => self.settings.cache_term,
            Err(Refusal::Busy) => return,
            Err(_) => self.settings.failure_term,
        };
        self.state().cache.keep(key.to_owned(), result.clone(), Instant::now() + term);
    }
}

/// Takes a flight off the list when it has ended, or nobody waits for it any more.
struct Landing {
    inner: Arc<Inner>,
    key: String,
    number: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut state = self.inner.state();
        if state.flights.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            state.flights.remove(&self.key);
        }
    }
}
