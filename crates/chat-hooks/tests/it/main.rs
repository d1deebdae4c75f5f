//! The hook, asked over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat_core::{ChatError, Draft, Judgement, Offset, Profile, RoomId, Screen, UserId};
use chat_hooks::{HookError, HookSettings, HttpScreen, OnFailure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A service that gives each question the same answer, and keeps the questions.
struct Service {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What it answers with.
#[derive(Clone, Copy)]
enum Answer {
    /// This status and body.
    With(&'static str, &'static str),
    /// A body without an end.
    Endless,
    /// Nothing, ever.
    Never,
}

impl Service {
    async fn start(answer: Answer) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/screen", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer, kept.clone()));
            }
        });
        Service { url, asked }
    }

    fn settings(&self) -> HookSettings {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        HookSettings { timeout: Duration::from_secs(30), ..HookSettings::new(self.url.clone(), secret) }
    }

    fn screen(&self) -> HttpScreen {
        HttpScreen::new(self.settings()).unwrap()
    }
}

/// Reads one request and answers it.
async fn serve(mut stream: TcpStream, answer: Answer, asked: Arc<Mutex<Vec<String>>>) {
    let (mut request, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut buffer).await.unwrap();
        request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            break;
        }
    }
    asked.lock().unwrap().push(request);
    let head = match answer {
        Answer::With(status, body) => {
            format!("HTTP/1.1 {status}\r\nlocation: /screen\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        }
        Answer::Endless => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
        Answer::Never => return std::future::pending().await,
    };
    stream.write_all(head.as_bytes()).await.unwrap();
    if matches!(answer, Answer::Endless) {
        while stream.write_all(b"5\r\nxxxxx\r\n").await.is_ok() {}
    }
}

async fn judge(
    screen: &HttpScreen,
    message: Option<u64>,
    data: Option<&str>,
) -> Result<Judgement, ChatError> {
    let room: RoomId = "tea".parse().unwrap();
    let id = UserId::new(2).unwrap();
    let sender = Profile { id, username: "ben".into(), display_name: "Ben".into() };
    let message = message.map(|offset| Offset::new(offset).unwrap());
    screen.judge(Draft { room: &room, message, sender: &sender, text: "Is it ready?", data }).await
}

#[tokio::test]
async fn a_question_says_who_says_what_where_and_is_signed() {
    let service = Service::start(Answer::With("200 OK", r#"{"verdict":"pass"}"#)).await;
    let screen = service.screen();
    judge(&screen, None, None).await.unwrap();
    judge(&screen, Some(7), Some(r#"{"a":1}"#)).await.unwrap();
    let asked = service.asked.lock().unwrap();
    let bodies: Vec<_> = asked.iter().map(|request| request.split_once("\r\n\r\n").unwrap().1).collect();
    let sender = r#""sender":{"id":"2","username":"ben","display_name":"Ben"},"text":"Is it ready?""#;
    assert_eq!(bodies[0], format!(r#"{{"type":"message.screen","data":{{"room":"tea",{sender}}}}}"#));
    let edited = format!(r#""room":"tea","message":7,{sender},"data":{{"a":1}}"#);
    assert_eq!(bodies[1], format!(r#"{{"type":"message.screen","data":{{{edited}}}}}"#));
    for request in asked.iter() {
        assert!(request.starts_with("POST /screen HTTP/1.1\r\n"), "{request}");
        for header in ["webhook-id: ", "webhook-timestamp: ", "webhook-signature: v1,"] {
            assert!(request.contains(header), "{request}");
        }
    }
}

#[tokio::test]
async fn each_verdict_is_understood() {
    let (reason, text) = ("why".to_owned(), "better".to_owned());
    for (body, judgement) in [
        (r#"{"verdict":"pass","more":1}"#, Judgement::Pass),
        (r#"{"verdict":"refuse","reason":"why"}"#, Judgement::Refuse { reason: reason.clone() }),
        (r#"{"verdict":"refuse"}"#, Judgement::Refuse { reason: String::new() }),
        (r#"{"verdict":"replace","text":"better"}"#, Judgement::Replace { text }),
        (r#"{"verdict":"report","reason":"why"}"#, Judgement::Report { reason }),
    ] {
        let service = Service::start(Answer::With("200 OK", body)).await;
        assert_eq!(judge(&service.screen(), None, None).await, Ok(judgement), "{body}");
    }
}

#[tokio::test]
async fn without_an_answer_messages_pass_or_do_not() {
    for answer in [
        Answer::With("500 Internal Server Error", r#"{"verdict":"pass"}"#),
        Answer::With("302 Found", r#"{"verdict":"pass"}"#),
        Answer::With("200 OK", "no JSON"),
        Answer::With("200 OK", r#"{"verdict":"maybe"}"#),
        Answer::With("200 OK", r#"{"verdict":"replace"}"#),
        Answer::Endless,
    ] {
        let service = Service::start(answer).await;
        assert_eq!(judge(&service.screen(), None, None).await, Ok(Judgement::Pass));
        let settings = HookSettings { on_failure: OnFailure::Refuse, ..service.settings() };
        let strict = HttpScreen::new(settings).unwrap();
        assert_eq!(judge(&strict, None, None).await, Err(ChatError::Unavailable));
    }
}

#[tokio::test]
async fn a_service_that_never_answers_is_not_waited_for() {
    let service = Service::start(Answer::Never).await;
    let timeout = Duration::from_millis(10);
    let settings = HookSettings { on_failure: OnFailure::Refuse, timeout, ..service.settings() };
    let screen = HttpScreen::new(settings).unwrap();
    assert_eq!(judge(&screen, None, None).await, Err(ChatError::Unavailable));
}

#[tokio::test]
async fn no_more_than_twice_as_many_wait_as_are_asked_at_once() {
    let service = Service::start(Answer::Never).await;
    let settings = HookSettings { on_failure: OnFailure::Refuse, concurrency: 1, ..service.settings() };
    let screen = HttpScreen::new(settings).unwrap();
    let waiting = async {
        let _ = futures_util::join!(judge(&screen, None, None), judge(&screen, None, None));
    };
    tokio::select! {
        biased;
        () = waiting => panic!("they wait for ever"),
        refused = judge(&screen, None, None) => assert_eq!(refused, Err(ChatError::Unavailable)),
    }
}

#[test]
fn an_address_is_one_of_the_web() {
    let secret = || "a secret of many characters".parse().unwrap();
    for url in ["", "example.org", "ftp://example.org", "file:///etc/passwd"] {
        let wrong = HttpScreen::new(HookSettings::new(url.into(), secret()));
        assert!(matches!(wrong.err(), Some(HookError::Url)), "{url}");
    }
    assert!(HttpScreen::new(HookSettings::new("https://example.org/x".into(), secret())).is_ok());
}
