//! Three nodes with what they share.

use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use chat_testdb::{Durability, NatsServer, Proxy, TestDatabase};

use crate::support::{Place, Server, start};

pub const NODES: usize = 3;

/// How long things take.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// A node is frozen for so long.
    pub frozen: Duration,
    /// A node is without NATS for so long.
    pub cut: Duration,
    /// By then everyone must know who is present.
    pub presence: Duration,
    /// A client takes silence for so long.
    pub patience: Duration,
    compare_seconds: u64,
    term_seconds: u64,
}

impl Terms {
    /// For every run of the tests.
    pub const SHORT: Terms = Terms {
        frozen: Duration::from_secs(5),
        cut: Duration::from_secs(3),
        presence: Duration::from_secs(20),
        patience: Duration::from_secs(4),
        compare_seconds: 1,
        term_seconds: 3,
    };

    /// As nodes have them by default.
    pub const LONG: Terms = Terms {
        frozen: Duration::from_secs(30),
        cut: Duration::from_secs(20),
        presence: Duration::from_secs(40),
        patience: Duration::from_secs(6),
        compare_seconds: 5,
        term_seconds: 15,
    };
}

pub struct Nodes {
    pub terms: Terms,
    pub nats: NatsServer,
    pub postgres: chat_testdb::Server,
    database: TestDatabase,
    nodes: Vec<Node>,
}

struct Node {
    place: Place,
    address: String,
    proxy: Proxy,
    /// None while it is killed.
    server: Option<Server>,
}

impl Nodes {
    pub fn start(terms: Terms) -> Nodes {
        let nats = NatsServer::start();
        let postgres = chat_testdb::Server::start(Durability::Off);
        let database = TestDatabase::on(&postgres);
        let node = |_| {
            let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
            Node { place: Place::bare(), address, proxy: Proxy::to(nats.address()), server: None }
        };
        let nodes = (0..NODES).map(node).collect();
        let mut all = Nodes { terms, nats, postgres, database, nodes };
        (0..NODES).for_each(|node| all.start_again(node));
        all
    }

    pub fn urls(&self) -> Arc<[String]> {
        self.nodes.iter().map(|node| format!("http://{}", node.address)).collect()
    }

    pub fn first(&self) -> &Server {
        self.nodes[0].server.as_ref().unwrap()
    }

    pub fn proxy(&self, node: usize) -> &Proxy {
        &self.nodes[node].proxy
    }

    pub fn start_again(&mut self, node: usize) {
        let (terms, database) = (self.terms, self.database.url());
        let node = &mut self.nodes[node];
        let nats = format!("nats://{}", node.proxy.address());
        let (compare, term) = (terms.compare_seconds.to_string(), terms.term_seconds.to_string());
        let command = node.place.server(&[
            ("CHAT_LISTEN", &node.address),
            ("CHAT_DATABASE_URL", database),
            ("CHAT_NATS_URL", &nats),
            ("CHAT_FILES__ENABLED", "false"),
            ("CHAT_TOKEN_KEY", "the same for all nodes, and long enough"),
            ("CHAT_AUTH__ACCESS_MINUTES", "1440"),
            ("CHAT_LIMITS__CONNECTIONS_PER_USER", "1000"),
            ("CHAT_LIMITS__ROOMS_PER_USER", "1000000"),
            ("CHAT_CONNECTION__PING_SECONDS", "2"),
            ("CHAT_CONNECTION__PONG_SECONDS", "1"),
            ("CHAT_NODES__COMPARE_SECONDS", &compare),
            ("CHAT_NODES__TERM_SECONDS", &term),
        ]);
        node.server = Some(start(command));
    }

    pub fn kill(&mut self, node: usize) {
        if let Some(mut server) = self.nodes[node].server.take() {
            server.signal("KILL");
        }
    }

    /// Stops a node in an orderly way and starts it again.
    pub fn restart(&mut self, node: usize) {
        if let Some(mut server) = self.nodes[node].server.take() {
            let status = server.signal("TERM");
            assert!(status.success(), "{status}: {}", server.log());
        }
        self.start_again(node);
    }

    /// Sends a signal that does not end it.
    pub fn signal(&self, node: usize, name: &str) {
        let id = self.nodes[node].server.as_ref().unwrap().process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    pub fn stop(&mut self) {
        for node in &mut self.nodes {
            if let Some(mut server) = node.server.take() {
                server.signal("TERM");
            }
        }
    }

    /// What they have logged since they were started last; ends them.
    pub fn logs(&mut self) -> String {
        let mut logs = String::new();
        for node in &mut self.nodes {
            if let Some(mut server) = node.server.take() {
                server.signal("KILL");
                logs.push_str(&format!("--- {}\n{}", node.address, server.log()));
            }
        }
        logs
    }
}
