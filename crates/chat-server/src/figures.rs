//! What this process knows of itself, for administrators.

use chat_api::NodeFigures;
use chat_db::{Db, DbUrl};

/// How the process and its database are doing. It asks neither.
#[must_use]
pub fn figures(db: &Db) -> NodeFigures {
    let latency = db.commit_latency();
    let micros = |took: std::time::Duration| u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    NodeFigures {
        database: match db.settings().url {
            DbUrl::Sqlite(_) => "sqlite",
            DbUrl::Postgres(_) => "postgres",
        },
        memory: memory(),
        commits: latency.commits,
        p50_microseconds: latency.p50.map(micros),
        p99_microseconds: latency.p99.map(micros),
    }
}

/// How much of the machine's memory this process has, in bytes, where Linux says it.
fn memory() -> Option<u64> {
    resident(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_its_line() {
        assert_eq!(resident("Name:\tx\nVmRSS:\t   12345 kB\nVmData: 1 kB\n"), Some(12_345 * 1024));
        assert_eq!(resident("Name:\tx\n"), None);
    }
}
