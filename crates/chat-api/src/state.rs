//! What the handlers work with.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chat_core::{Chat, KeyedLimiter, SessionId, UserId};
use chat_files::Files;
use chat_json::CallError;
use chat_users::Users;

use crate::admin::stats::NodeFigures;
use crate::error::Problem;
use crate::peer::peer;
use crate::settings::{ClassicSettings, Settings};

/// Everything the HTTP API works with. Cheap to clone; made once and given to every worker, because the rates
/// are counted in it.
#[derive(Clone)]
pub struct ApiState(Arc<Inner>);

/// What the process says of itself when it is asked.
type Figures = Box<dyn Fn() -> NodeFigures + Send + Sync>;

struct Inner {
    chat: Arc<Chat>,
    users: Users,
    files: OnceLock<Files>,
    node: OnceLock<Figures>,
    begun: Instant,
    settings: Settings,
    log_in: Option<KeyedLimiter<IpAddr>>,
    sign_up: Option<KeyedLimiter<IpAddr>>,
    leaving: AtomicBool,
}

impl ApiState {
    /// The API over a chat and its accounts.
    #[must_use]
    pub fn new(chat: Arc<Chat>, users: Users, settings: Settings) -> ApiState {
        let log_in = settings.log_in.map(KeyedLimiter::new);
        let sign_up = settings.sign_up.map(KeyedLimiter::new);
        let leaving = AtomicBool::new(false);
        let (files, node, begun) = (OnceLock::new(), OnceLock::new(), Instant::now());
        ApiState(Arc::new(Inner { chat, users, files, node, begun, settings, log_in, sign_up, leaving }))
    }

    /// The same API with files to be uploaded and downloaded; without, the calls for them say so.
    #[must_use]
    pub fn with_files(self, files: Files) -> ApiState {
        // Whoever gives others a second time keeps the first.
        let _ = self.0.files.set(files);
        self
    }

    /// The same API, which tells administrators what `figures` says of this process.
    #[must_use]
    pub fn with_node(self, figures: impl Fn() -> NodeFigures + Send + Sync + 'static) -> ApiState {
        // As with_files.
        let _ = self.0.node.set(Box::new(figures));
        self
    }

    pub(crate) fn node(&self) -> Option<NodeFigures> {
        self.0.node.get().map(|figures| figures())
    }

    /// How long this API has been there.
    pub(crate) fn uptime(&self) -> Duration {
        self.0.begun.elapsed()
    }

    pub(crate) fn files(&self) -> Result<&Files, Problem> {
        self.0.files.get().ok_or_else(Problem::files_disabled)
    }

    /// From now on `/health/ready` answers 503, so that a balancer sends nobody here any more; everything else goes on.
    pub fn leave_pool(&self) {
        self.0.leaving.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.0.leaving.load(Ordering::Relaxed)
    }

    /// The state that a request was routed with.
    pub(crate) fn of(req: &HttpRequest) -> Result<&ApiState, Problem> {
        req.app_data::<ApiState>().ok_or_else(|| {
            log::error!("a handler of the API runs without its state");
            Problem::internal()
        })
    }

    pub(crate) fn chat(&self) -> Arc<Chat> {
        self.0.chat.clone()
    }

    pub(crate) fn users(&self) -> &Users {
        &self.0.users
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The settings of the classic calls; their defaults where those are off.
    pub(crate) fn classic(&self) -> ClassicSettings {
        self.0.settings.classic.clone().unwrap_or_default()
    }

    /// Closes what is open of sessions that have ended.
    pub(crate) fn close_sessions(&self, user: UserId, ended: &[SessionId]) {
        for session in ended {
            self.0.chat.end_session(user, session);
        }
    }

    /// Counts an attempt to guess a password.
    pub(crate) fn count_log_in(&self, req: &HttpRequest) -> Result<(), Problem> {
        self.count(self.0.log_in.as_ref(), req)
    }

    /// Counts an attempt to make an account.
    pub(crate) fn count_sign_up(&self, req: &HttpRequest) -> Result<(), Problem> {
        self.count(self.0.sign_up.as_ref(), req)
    }

    fn count(&self, limiter: Option<&KeyedLimiter<IpAddr>>, req: &HttpRequest) -> Result<(), Problem> {
        match limiter.map(|limiter| limiter.check(&peer(req, &self.0.settings.proxies))) {
            Some(Err(wait)) => Err(CallError::too_many_requests(wait).into()),
            Some(Ok(())) | None => Ok(()),
        }
    }
}

impl FromRequest for ApiState {
    type Error = Problem;
    type Future = std::future::Ready<Result<ApiState, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(ApiState::of(req).cloned())
    }
}
