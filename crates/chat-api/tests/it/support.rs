//! The API over a chat in memory, called without a socket.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpResponse, test};
use chat_api::{ApiState, Settings, configure};
use chat_core::{Chat, Hub, Limits, LocalBackplane, MemoryStore, RoomStore, Timestamp};
use chat_db::{Db, DbSettings};
use chat_files::{Files, FilesSettings, Storage};
use chat_history::History;
use chat_testdb::TestDatabase;
use chat_users::{TokenKey, Users, UsersSettings};
use serde_json::Value;

type Answering = Pin<Box<dyn Future<Output = HttpResponse>>>;

/// Makes a store of rooms for a server whose database this is.
type MakeStore = Box<dyn FnOnce(&Db) -> Arc<dyn RoomStore>>;

/// The API, and what it works with.
pub struct TestApp {
    answer: Box<dyn Fn(TestRequest) -> Answering>,
    pub chat: Arc<Chat>,
    pub users: Users,
    pub db: Db,
    /// Keeps the database until the end of the test.
    _database: TestDatabase,
}

/// Somebody with an account.
pub struct TestUser {
    pub id: String,
    pub token: String,
    pub refresh_token: String,
}

/// The password of everybody.
pub const PASSWORD: &str = "correct horse";

/// A request under construction.
pub struct Call<'a> {
    app: &'a TestApp,
    request: TestRequest,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

/// What signs the tokens.
const KEY: &[u8] = b"the key of the tests, 32 bytes and more";

thread_local! {
    /// How far the clock of this test is ahead.
    static AHEAD: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Lets time go by for the accounts of this test.
pub fn advance(duration: Duration) {
    AHEAD.set(AHEAD.get() + duration);
}

fn now() -> Timestamp {
    Timestamp::now().after(AHEAD.get())
}

/// The settings with which tests are not slowed down.
pub fn settings() -> Settings {
    Settings { log_in: None, sign_up: None, ..Settings::default() }
}

impl TestApp {
    pub async fn new() -> TestApp {
        TestApp::with(settings(), Limits::default(), |_| ()).await
    }

    pub async fn with(settings: Settings, limits: Limits, more: impl FnOnce(&mut ServiceConfig)) -> TestApp {
        TestApp::make(settings, limits, KEY, None, more).await
    }

    /// A server whose tokens are signed with another key.
    pub async fn with_key(key: &[u8]) -> TestApp {
        TestApp::make(settings(), Limits::default(), key, None, |_| ()).await
    }

    /// A server over another store of rooms.
    pub async fn with_store(store: Arc<dyn RoomStore>) -> TestApp {
        TestApp::make(settings(), Limits::default(), KEY, Some(Box::new(|_| store)), |_| ()).await
    }

    /// A server whose rooms are in its database too, so that messages can have its files.
    pub async fn with_history(settings: Settings) -> TestApp {
        let history = |db: &Db| -> Arc<dyn RoomStore> {
            let (backplane, _) = LocalBackplane::new(16);
            Arc::new(History::new(db.clone(), Limits::default(), Arc::new(backplane)))
        };
        TestApp::make(settings, Limits::default(), KEY, Some(Box::new(history)), |_| ()).await
    }

    async fn make(
        settings: Settings,
        limits: Limits,
        key: &[u8],
        store: Option<MakeStore>,
        more: impl FnOnce(&mut ServiceConfig),
    ) -> TestApp {
        let (backplane, _) = LocalBackplane::new(16);
        let memory = || Arc::new(MemoryStore::new(limits.clone(), Arc::new(backplane))) as Arc<dyn RoomStore>;
        let database = TestDatabase::new();
        let db = Db::open(&DbSettings::new(database.url().parse().unwrap())).unwrap();
        let store = store.map_or_else(memory, |make| make(&db));
        let key = TokenKey::new(key.to_vec()).unwrap();
        let users_settings = UsersSettings { bcrypt_cost: 4, ..UsersSettings::default() };
        let users = Users::with_clock(db.clone(), &key, users_settings, now).unwrap();
        let hub = Arc::new(Hub::new(limits.clone()));
        let (links, files_settings) = (key.derive("links"), FilesSettings::default());
        let files = Files::with_clock(db.clone(), Storage::memory(), &links, files_settings, now).unwrap();
        let chat = Chat::new(store, Arc::new(users.clone()), hub, limits).with_files(Arc::new(files.clone()));
        let chat = Arc::new(chat);
        let state = ApiState::new(chat.clone(), users.clone(), settings).with_files(files);
        let service =
            Rc::new(test::init_service(App::new().configure(configure(state)).configure(more)).await);
        let answer = move |request: TestRequest| -> Answering {
            let service = service.clone();
            Box::pin(async move {
                match service.call(request.to_request()).await {
                    Ok(response) => response.into_parts().1.map_into_boxed_body(),
                    Err(error) => error.error_response(),
                }
            })
        };
        TestApp { answer: Box::new(answer), chat, users, db, _database: database }
    }

    /// A request without anything but its method and path.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Call { app: self, request: TestRequest::with_uri(path).method(method) }
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }

    /// A new user, logged in.
    pub async fn user(&self, name: &str) -> TestUser {
        let body = format!(r#"{{"username":"{name}","email":"{name}@example.org","password":"{PASSWORD}"}}"#);
        self.post("/api/v1/users").json(&body).send().await.ok(201);
        self.log_in(name).await
    }

    /// A further session of a user.
    pub async fn log_in(&self, name: &str) -> TestUser {
        let body = format!(r#"{{"username":"{name}","password":"{PASSWORD}"}}"#);
        let session = self.post("/api/v1/sessions").json(&body).send().await.ok(201);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        TestUser {
            id: text(&session["user"]["id"]),
            token: text(&session["access_token"]),
            refresh_token: text(&session["refresh_token"]),
        }
    }

    /// A public room of this user.
    pub async fn room(&self, owner: &TestUser, id: &str) {
        let room = self.post("/api/v1/rooms").by(owner).json(&format!(r#"{{"id":"{id}","name":"{id}"}}"#));
        assert_eq!(room.send().await.status, 201);
    }
}

impl Call<'_> {
    /// With a user's token.
    pub fn by(self, user: &TestUser) -> Self {
        self.header("Authorization", &format!("Bearer {}", user.token))
    }

    /// From another address.
    pub fn from(self, peer: &str) -> Self {
        Call { request: self.request.peer_addr(peer.parse().unwrap()), ..self }
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Call { request: self.request.insert_header((name, value)), ..self }
    }

    /// With a body and no content type.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Call { request: self.request.set_payload(body.into()), ..self }
    }

    pub fn json(self, body: &str) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    pub async fn send(self) -> Reply {
        let response = (self.app.answer)(self.request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap_or_default().to_vec();
        Reply { status, headers, bytes }
    }
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(&name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The JSON of an answer that is no problem document.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header(header::CONTENT_TYPE), "application/json");
        serde_json::from_str(self.text()).unwrap()
    }

    /// That there is nothing to say.
    #[track_caller]
    pub fn no_content(&self) {
        assert_eq!((self.status.as_u16(), self.bytes.len()), (204, 0), "{}", self.text());
    }

    /// What a classic error says.
    #[track_caller]
    pub fn error(&self, status: u16) -> String {
        let body = self.ok(status);
        assert_eq!(body.as_object().unwrap().len(), 1);
        body["error"].as_str().unwrap().to_owned()
    }

    /// The problem document of an answer.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json");
        let problem: Value = serde_json::from_str(self.text()).unwrap();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["title"], self.status.canonical_reason().unwrap());
        assert!(problem["detail"].is_string());
        problem
    }
}
