//! Asks for a page.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use chat_core::Preview;
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
    LOCATION, USER_AGENT,
};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use url::{Position, Url};

use crate::body::{plain, unpacked};
use crate::connect::Connector;
use crate::error::{PreviewsError, Refusal};
use crate::page::{decode, read};
use crate::policy::Policy;
use crate::resolve::Resolver;
use crate::settings::Settings;
use crate::target::onward;

/// How often a page may lead on to another one.
const REDIRECTS: usize = 3;

/// The longest head of an answer, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// Asks for pages, each on a connection of its own. It says who it is and what it reads, and nothing else.
pub(crate) struct Fetcher {
    connector: Connector,
    policy: Arc<dyn Policy>,
    max_bytes: usize,
    user_agent: HeaderValue,
}

/// What an answer comes to.
enum Answer {
    Page(Preview),
    /// Where it leads on to, as it is written there.
    Onward(String),
}

impl Fetcher {
    pub fn new(
        settings: &Settings,
        policy: Arc<dyn Policy>,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Fetcher, PreviewsError> {
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| PreviewsError::UserAgent)?;
        let connector = Connector::new(policy.clone(), resolver, settings.timeout)?;
        Ok(Fetcher { connector, policy, max_bytes: settings.max_bytes, user_agent })
    }

    /// What the page says of itself. `url` is a target that was checked, and each one that it leads on to is checked as well.
    pub async fn fetch(&self, mut url: Url) -> Result<Preview, Refusal> {
        for _ in 0..=REDIRECTS {
            match self.ask(&url).await? {
                Answer::Page(preview) => return Ok(preview),
                Answer::Onward(link) => url = onward(&url, &link, &*self.policy)?,
            }
        }
        Err(Refusal::Redirects)
    }

    async fn ask(&self, url: &Url) -> Result<Answer, Refusal> {
        let request = self.request(url)?;
        let stream = TokioIo::new(self.connector.connect(url).await?);
        let mut client = http1::Builder::new();
        client.max_buf_size(HEAD_BYTES);
        let (mut sender, connection) = client.handshake(stream).await.map_err(|_| Refusal::Unreachable)?;
        let answer = async {
            let response = sender.send_request(request).await.map_err(|_| Refusal::Unreachable)?;
            self.answer(url, response).await
        };
        // The connection moves what the answer waits for; how it ends, the answer is told.
        let moving = async {
            let _ = connection.await;
            pending::<Infallible>().await
        };
        tokio::select! {
            answer = answer => answer,
            never = moving => match never {},
        }
    }

    fn request(&self, url: &Url) -> Result<Request<Empty<Bytes>>, Refusal> {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, host)
            .header(USER_AGENT, &self.user_agent)
            .header(ACCEPT, "text/html")
            .header(ACCEPT_ENCODING, "gzip")
            .header(CONNECTION, "close");
        request.body(Empty::new()).map_err(|_| Refusal::Link)
    }

    async fn answer(&self, url: &Url, response: Response<Incoming>) -> Result<Answer, Refusal> {
        match response.status() {
            StatusCode::OK => self.page(url, response).await.map(Answer::Page),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => match header(&response, &LOCATION) {
                "" => Err(Refusal::Unreachable),
                link => Ok(Answer::Onward(link.to_owned())),
            },
            other => Err(Refusal::Status(other.as_u16())),
        }
    }

    async fn page(&self, url: &Url, response: Response<Incoming>) -> Result<Preview, Refusal> {
        let content_type = header(&response, &CONTENT_TYPE).to_owned();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("text/html") {
            return Err(Refusal::NotHtml);
        }
        let encoding = header(&response, &CONTENT_ENCODING).trim().to_ascii_lowercase();
        let body = match encoding.as_str() {
            "" | "identity" => plain(response.into_body(), self.max_bytes).await?,
            "gzip" | "x-gzip" => unpacked(response.into_body(), self.max_bytes).await?,
            _ => return Err(Refusal::NotHtml),
        };
        let page = read(&decode(&body, &content_type));
        if page.title.is_empty() {
            return Err(Refusal::Untitled);
        }
        // Whoever is shown it will ask for the picture: it must not lead them inside either.
        let image = Some(page.image).filter(|image| !image.trim().is_empty());
        let image = image.and_then(|image| onward(url, &image, &*self.policy).ok()).map(String::from);
        let (title, description, site_name) = (page.title, page.description, page.site_name);
        Ok(Preview { url: url.as_str().to_owned(), title, description, site_name, image })
    }
}

/// A header's text; empty where there is none, or it is no text.
fn header<'a>(response: &'a Response<Incoming>, name: &HeaderName) -> &'a str {
    let value = response.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    std::str::from_utf8(value).unwrap_or_default()
}
