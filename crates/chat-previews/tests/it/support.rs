//! Sites on this machine, names for them, and who may look.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chat_previews::{Policy, Previews, Resolver, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// What a site answers.
#[derive(Clone)]
pub enum Answer {
    /// These bytes, head and all, and the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, then this piece again and again for as long as somebody reads.
    Endless(Vec<u8>, Vec<u8>),
    /// These bytes, then nothing until the test ends or the other side goes.
    Hang(Vec<u8>),
    /// Nothing before the test says so; then these bytes.
    Held(Arc<Notify>, Vec<u8>),
}

/// A site, for as long as it is held.
pub struct Site {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    /// How many connections there have been, and how many of them are over.
    counts: watch::Receiver<(usize, usize)>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Site {
    /// A site that answers by the path.
    pub async fn new(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Site {
        Site::at(([127, 0, 0, 1], 0).into(), answer).await
    }

    pub async fn at(address: SocketAddr, answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Site {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (count, counts) = watch::channel((0, 0));
        let (answer, asked, count) = (Arc::new(answer), requests.clone(), Arc::new(count));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.send_modify(|(begun, _)| *begun += 1);
                let (answer, asked, count) = (answer.clone(), asked.clone(), count.clone());
                tokio::spawn(async move {
                    // Whoever is asked too much or goes early is no failure of the site.
                    let _ = serve(stream, &*answer, &asked).await;
                    count.send_modify(|(_, ended)| *ended += 1);
                });
            }
        });
        Site { address, requests, counts, task }
    }

    /// A site of one page.
    pub async fn of(answer: Answer) -> Site {
        Site::new(move |_| answer.clone()).await
    }

    /// The address of a page, by a name.
    pub fn url(&self, name: &str, path: &str) -> String {
        format!("http://{name}:{}{path}", self.address.port())
    }

    /// The heads of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.counts.borrow().0
    }

    /// Waits until so many connections have begun and ended.
    pub async fn until(&self, begun: usize, ended: usize) {
        self.counts.clone().wait_for(|counts| counts.0 >= begun && counts.1 >= ended).await.unwrap();
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(impl Fn(&str) -> Answer + ?Sized),
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(head);
    match answer(&path) {
        Answer::Bytes(bytes) => stream.write_all(&bytes).await?,
        Answer::Endless(bytes, piece) => {
            stream.write_all(&bytes).await?;
            loop {
                stream.write_all(&piece).await?;
            }
        }
        Answer::Hang(bytes) => {
            stream.write_all(&bytes).await?;
            while stream.read_u8().await.is_ok() {}
        }
        Answer::Held(gate, bytes) => {
            tokio::select! {
                () = gate.notified() => stream.write_all(&bytes).await?,
                _ = stream.read_u8() => {}
            }
        }
    }
    stream.shutdown().await
}

/// A page of HTML.
pub fn html(body: impl AsRef<[u8]>) -> Answer {
    page("text/html; charset=utf-8", body)
}

pub fn page(content_type: &str, body: impl AsRef<[u8]>) -> Answer {
    Answer::Bytes([head(content_type).as_bytes(), body.as_ref()].concat())
}

/// The head of an answer whose body ends with the connection.
pub fn head(content_type: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n")
}

pub fn redirect(status: u16, location: &str) -> Answer {
    let lines = [
        format!("HTTP/1.1 {status} Elsewhere"),
        format!("Location: {location}"),
        "Set-Cookie: a=b; Path=/".to_owned(),
        "Content-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    ];
    Answer::Bytes(lines.join("\r\n").into_bytes())
}

/// Allows exactly these addresses, at any port.
pub struct Only(pub Vec<IpAddr>);

impl Policy for Only {
    fn allows_address(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    fn allows_port(&self, _: u16) -> bool {
        true
    }
}

/// Names whose addresses are what the list says, the last ones for ever.
pub struct Names {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    pub asked: Mutex<Vec<String>>,
}

impl Names {
    pub fn new(answers: &[&[&str]]) -> Arc<Names> {
        let answers = answers.iter().map(|one| one.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        Arc::new(Names { answers: Mutex::new(answers), asked: Mutex::default() })
    }
}

#[async_trait]
impl Resolver for Names {
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }
}

pub fn settings() -> Settings {
    // Long enough for a machine that does much else.
    Settings { timeout: Duration::from_secs(60), ..Settings::default() }
}

/// Previews that look at this machine's first address alone, whatever the name.
pub fn previews(settings: Settings) -> Previews {
    let policy = Arc::new(Only(vec!["127.0.0.1".parse().unwrap()]));
    Previews::with(settings, policy, Names::new(&[&["127.0.0.1"]])).unwrap()
}
