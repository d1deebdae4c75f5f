//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Measures how much chat a server takes on this machine, and checks that nothing is lost on the way.
///
/// Without --url it starts a server of its own, on an empty directory and without limits of rate.
#[derive(Debug, Parser)]
#[command(name = "chat-bench", version)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub scenario: Scenario,
    #[command(flatten)]
    pub common: Common,
}

/// What every scenario takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// A server that runs already, such as http://127.0.0.1:8080; once for each of several nodes, over which the members
    /// of each room are spread. Its limits of rate and of connections per user must allow what is asked for.
    #[arg(long, global = true)]
    pub url: Vec<String>,
    /// The node that messages are sent to; the first --url if this is left out.
    #[arg(long, global = true)]
    pub send_to: Option<String>,
    /// How many accounts all connections belong to.
    #[arg(long, global = true, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub users: u32,
    /// How many connections are opened at the same time.
    #[arg(long, global = true, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub opening: u32,
    /// The server's process, to tell its CPU and memory; once for each of several, which are added up. Found by itself
    /// where the server is started here.
    #[arg(long, global = true)]
    pub pid: Vec<u32>,
    /// Writes the figures to this file.
    #[arg(long, global = true)]
    pub json: Option<PathBuf>,
    /// Shows no progress.
    #[arg(long, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Scenario {
    /// Members of rooms receive what is sent there.
    #[command(alias = "fanout")]
    FanOut(FanOut),
    /// Connections that do nothing: what each costs.
    Idle(Idle),
    /// All connections are cut at once, and come back for what they have missed.
    Storm(Storm),
}

#[derive(Debug, Args)]
pub(crate) struct FanOut {
    /// How many rooms.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rooms: u32,
    /// How many connections are in each room.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub members: u32,
    #[command(flatten)]
    pub traffic: Traffic,
    /// For how many seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
}

/// How messages are sent.
#[derive(Debug, Args)]
pub(crate) struct Traffic {
    /// So many messages a second, to all rooms together. Without it each room has --window on the way.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate: Option<u32>,
    /// How many messages are on the way in each room when no --rate is given.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub window: u32,
    /// The length of a text, in bytes.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(20..=16_384))]
    pub payload: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Idle {
    /// How many connections.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections: u32,
    /// How many of them share a room.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub members: u32,
    /// For how many seconds they do nothing.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Storm {
    /// How many connections.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections: u32,
    /// How many of them share a room.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub members: u32,
    #[command(flatten)]
    pub traffic: Traffic,
}
