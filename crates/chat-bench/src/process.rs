//! The server's process: its CPU time and its memory, as Linux tells them.

use std::fs;
use std::ops::Add;
use std::time::Duration;

/// A process of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub u32);

/// What a process has used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// User and system together.
    pub cpu: Duration,
    /// Resident now, in bytes.
    pub memory: u64,
    /// The most that was ever resident, in bytes.
    pub peak: u64,
}

/// Of several processes together.
impl Add for Usage {
    type Output = Usage;

    fn add(self, other: Usage) -> Usage {
        Usage { cpu: self.cpu + other.cpu, memory: self.memory + other.memory, peak: self.peak + other.peak }
    }
}

/// Linux counts CPU time in hundredths of a second, on every architecture that has users (`man 5 proc`, USER_HZ).
const TICKS_PER_SECOND: u64 = 100;

impl Process {
    /// None where it is not there, or this is not Linux.
    pub fn usage(self) -> Option<Usage> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        // The name in parentheses may contain anything; utime and stime are the 14th and 15th fields.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()
        };
        Some(Usage {
            cpu: Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND),
            memory: kib("VmRSS:")? * 1024,
            peak: kib("VmHWM:")? * 1024,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_something() {
        let usage = Process(std::process::id()).usage();
        assert!(usage.is_some_and(|usage| usage.memory > 0 && usage.peak >= usage.memory), "{usage:?}");
        assert!(Process(u32::MAX).usage().is_none());
    }
}
