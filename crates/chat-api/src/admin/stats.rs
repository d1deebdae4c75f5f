//! How this node is doing.

use actix_web::HttpResponse;
use chat_core::Timestamp;
use chat_json::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::Admin;
use crate::error::Problem;
use crate::input::Nothing;
use crate::state::ApiState;

/// How this node is doing. What counts from the start of the node on, a page takes from two answers: the difference, by that of
/// `at`, is how many a second.
#[derive(Serialize, ToSchema)]
pub(crate) struct Stats {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// The server's version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// For how many seconds the node has run.
    uptime_seconds: u64,
    /// How many connections there are here.
    connections: u64,
    /// How many users they are of.
    users: u64,
    /// How many subscriptions they have.
    subscriptions: u64,
    /// To how many rooms.
    rooms: u64,
    /// How many messages this node has taken since its start.
    messages: u64,
    /// How many events it has handed to subscriptions since its start.
    deliveries: u64,
    /// What the process knows of itself; left out where nobody has told the API.
    #[serde(flatten)]
    node: Option<Node>,
}

/// What the process knows of itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct Node {
    /// `sqlite` or `postgres`.
    #[schema(example = "sqlite")]
    database: &'static str,
    /// How much memory it has, in bytes; left out where the system does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_bytes: Option<u64>,
    /// How its commits went in the last minute.
    commits: Commits,
}

/// How commits went in the last minute.
#[derive(Serialize, ToSchema)]
pub(crate) struct Commits {
    /// How many there were; many messages may share one.
    count: u64,
    /// Half of them took at most so many microseconds; left out where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    p50_microseconds: Option<u64>,
    /// 99 of 100 took at most so many microseconds; left out where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    p99_microseconds: Option<u64>,
}

/// What a process says of itself, for [`ApiState::with_node`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFigures {
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// How much memory it has, in bytes.
    pub memory: Option<u64>,
    /// How many commits there were in the last minute.
    pub commits: u64,
    /// Half of these took at most so many microseconds.
    pub p50_microseconds: Option<u64>,
    /// 99 of 100 took at most so many microseconds.
    pub p99_microseconds: Option<u64>,
}

impl From<NodeFigures> for Node {
    fn from(node: NodeFigures) -> Node {
        let NodeFigures { database, memory, commits: count, p50_microseconds, p99_microseconds } = node;
        Node {
            database,
            memory_bytes: memory,
            commits: Commits { count, p50_microseconds, p99_microseconds },
        }
    }
}

/// Shows how this node is doing
///
/// Of this node alone, where there are several. Nothing of it is looked up in the database.
#[utoipa::path(
    get, path = "/api/v1/admin/stats", tag = "admin", operation_id = "admin.stats",
    responses((status = 200, description = "How it is doing", body = Stats)),
)]
pub(crate) async fn get(state: ApiState, _admin: Admin<Nothing>) -> Result<HttpResponse, Problem> {
    let chat = state.chat();
    let hub = chat.hub();
    let (rooms, subscriptions) = hub.subscription_count();
    Ok(HttpResponse::Ok().json(Stats {
        at: Time(Timestamp::now()),
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: state.uptime().as_secs(),
        connections: hub.connection_count(),
        users: hub.user_count(),
        subscriptions,
        rooms,
        messages: chat.accepted_count(),
        deliveries: hub.delivery_count(),
        node: state.node().map(Node::from),
    }))
}
