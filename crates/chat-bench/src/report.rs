//! What came out, for people and as JSON.

use std::path::Path;

use serde::Serialize;

use crate::error::BenchError;
use crate::process::Usage;
use crate::tally::{Latencies, Tally};

/// All that a run came to. What does not belong to its scenario is left out.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub scenario: &'static str,
    pub connections: u64,
    /// How long the measured part took.
    pub seconds: f64,
    pub opening_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storm: Option<StormReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerReport>,
}

/// What was sent and received.
#[derive(Debug, Serialize)]
pub(crate) struct TrafficReport {
    pub messages: u64,
    pub deliveries: u64,
    pub deliveries_per_second: f64,
    pub missing: u64,
    pub doubled: u64,
    pub out_of_order: u64,
    pub delivery_ms: Latencies,
    pub acknowledgement_ms: Latencies,
}

/// How the connections came back.
#[derive(Debug, Serialize)]
pub(crate) struct StormReport {
    pub back: u64,
    pub recovered: u64,
    pub last_back_seconds: f64,
}

/// What the server used.
#[derive(Debug, Serialize)]
pub(crate) struct ServerReport {
    /// Of one core, in the measured part.
    pub cpu_percent: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_us_per_delivery: Option<f64>,
    pub memory_mib: f64,
    pub peak_memory_mib: f64,
    /// What the connections added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_kib_per_connection: Option<f64>,
}

impl TrafficReport {
    pub fn of(tally: &Tally, expected: u64, seconds: f64) -> TrafficReport {
        use std::sync::atomic::Ordering::Relaxed;
        let deliveries = tally.deliveries();
        TrafficReport {
            messages: tally.sent(),
            deliveries,
            deliveries_per_second: deliveries as f64 / seconds,
            // What is missing at the end of a log leaves no gap.
            missing: tally.missing.load(Relaxed).max(expected.saturating_sub(deliveries)),
            doubled: tally.doubled.load(Relaxed),
            out_of_order: tally.disordered.load(Relaxed),
            delivery_ms: tally.latencies(),
            acknowledgement_ms: tally.acknowledgements(),
        }
    }

    fn is_whole(&self) -> bool {
        self.missing == 0 && self.doubled == 0 && self.out_of_order == 0
    }
}

impl ServerReport {
    /// Between two looks, `seconds` apart.
    pub fn between(before: Usage, after: Usage, seconds: f64, deliveries: Option<u64>) -> ServerReport {
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        ServerReport {
            cpu_percent: 100.0 * cpu / seconds,
            cpu_us_per_delivery: deliveries.filter(|count| *count > 0).map(|count| cpu * 1e6 / count as f64),
            memory_mib: mib(after.memory),
            peak_memory_mib: mib(after.peak),
            memory_kib_per_connection: None,
        }
    }

    /// What was added to an empty server is the connections'.
    pub fn share_memory(&mut self, empty: Usage, connections: u64) {
        self.memory_kib_per_connection =
            Some((self.memory_mib - mib(empty.memory)) * 1024.0 / connections as f64);
    }
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

impl Report {
    /// Whether every delivery came, once and in order.
    pub fn is_whole(&self) -> bool {
        self.traffic.as_ref().is_none_or(TrafficReport::is_whole)
    }

    /// For people.
    pub fn print(&self) {
        let line = |what: &str, value: String| println!("{what:<28} {value}");
        line("connections", self.connections.to_string());
        line("  opened in", format!("{:.2} s", self.opening_seconds));
        if let Some(traffic) = &self.traffic {
            line("messages", traffic.messages.to_string());
            line("deliveries", traffic.deliveries.to_string());
            line("  a second", format!("{:.0}", traffic.deliveries_per_second));
            line("  missing", traffic.missing.to_string());
            line("  double", traffic.doubled.to_string());
            line("  out of order", traffic.out_of_order.to_string());
            for (what, ms) in
                [("delivery, ms", &traffic.delivery_ms), ("acknowledgement, ms", &traffic.acknowledgement_ms)]
            {
                let Latencies { p50, p90, p99, p999, max } = ms;
                line(
                    what,
                    format!("p50 {p50:.2}   p90 {p90:.2}   p99 {p99:.2}   p99.9 {p999:.2}   max {max:.2}"),
                );
            }
        }
        if let Some(storm) = &self.storm {
            line("came back", storm.back.to_string());
            line("  recovered all", storm.recovered.to_string());
            line("  the last after", format!("{:.2} s", storm.last_back_seconds));
        }
        match &self.server {
            None => line("server", "its process is not known: see --pid".to_owned()),
            Some(server) => {
                line("server's CPU", format!("{:.1} % of a core", server.cpu_percent));
                if let Some(us) = server.cpu_us_per_delivery {
                    line("  a delivery", format!("{us:.2} µs"));
                }
                line(
                    "server's memory",
                    format!("{:.1} MiB, at most {:.1}", server.memory_mib, server.peak_memory_mib),
                );
                if let Some(kib) = server.memory_kib_per_connection {
                    line("  a connection", format!("{kib:.2} KiB"));
                }
            }
        }
    }

    /// For programs.
    pub fn write(&self, path: &Path) -> Result<(), BenchError> {
        let system = |error| BenchError::System { what: "the file of --json", error };
        let json = serde_json::to_string_pretty(self).map_err(|error| system(error.into()))?;
        std::fs::write(path, json + "\n").map_err(system)
    }
}
