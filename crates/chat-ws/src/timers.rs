//! What a connection is waiting for: one deadline at a time.

use chat_core::Timestamp;
use chat_proto::Disconnect;
use tokio::time::Instant;

use crate::SocketSettings;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Ping the peer.
    Ping,
    /// Close the connection.
    Close(Disconnect),
}

/// The pings of a connection and its end: that of its token, or of the patience with one that says nothing.
pub(crate) struct Timers {
    next_ping: Option<Instant>,
    pong_due: Option<Instant>,
    ends: Option<(Instant, Disconnect)>,
}

impl Timers {
    /// For a connection that has yet to say who it is.
    pub fn stale(settings: &SocketSettings) -> Timers {
        let ends = Some((Instant::now() + settings.stale, Disconnect::Stale));
        Timers { next_ping: None, pong_due: None, ends }
    }

    /// The first ping comes at a random moment of the second half of the interval, so that many who connect
    /// together are not pinged together (client protocol, section 9).
    pub fn new(settings: &SocketSettings, expires_at: Option<Timestamp>) -> Timers {
        let half = settings.ping / 2;
        let next_ping = Instant::now() + half + half.mul_f64(random_fraction());
        let mut timers = Timers { next_ping: Some(next_ping), pong_due: None, ends: None };
        timers.renew(settings, expires_at);
        timers
    }

    /// When something is due; there always is something.
    pub fn next(&self) -> Instant {
        let ends = self.ends.map(|(at, _)| at);
        let next = [self.next_ping, self.pong_due, ends].into_iter().flatten().min();
        next.unwrap_or_else(Instant::now)
    }

    /// What is due by then; a ping counts as sent.
    pub fn due(&mut self, by: Instant, settings: &SocketSettings) -> Option<Due> {
        if let Some((_, why)) = self.ends.filter(|(at, _)| *at <= by) {
            return Some(Due::Close(why));
        }
        if self.pong_due.is_some_and(|pong| pong <= by) {
            return Some(Due::Close(Disconnect::NoPong));
        }
        self.next_ping.filter(|ping| *ping <= by)?;
        self.next_ping = Some(by + settings.ping);
        self.pong_due = Some(by + settings.pong);
        Some(Due::Ping)
    }

    /// The peer has answered; false when it was not asked.
    pub fn pong(&mut self) -> bool {
        self.pong_due.take().is_some()
    }

    /// A token ends then.
    pub fn renew(&mut self, settings: &SocketSettings, expires_at: Option<Timestamp>) {
        let now = Timestamp::now();
        self.ends = expires_at.map(|at| {
            (Instant::now() + at.until(now) + settings.expiry_grace, Disconnect::ConnectionExpired)
        });
    }
}

/// A number from 0 to 1 from the process's random hash seeds; no secret depends on it.
fn random_fraction() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(0_u8) >> 32;
    bits as f64 / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn pings_and_pongs_and_the_end_of_a_token() {
        let settings = SocketSettings::default();
        let start = Instant::now();
        let expires_at = Timestamp::now().after(Duration::from_secs(35));
        let mut timers = Timers::new(&settings, Some(expires_at));
        let end = Instant::now() + Duration::from_secs(35) + settings.expiry_grace;
        let first = timers.next() - start;
        assert!(first >= settings.ping / 2 && first <= settings.ping + Duration::from_secs(1), "{first:?}");
        assert!(!timers.pong(), "nobody asked");
        let at = timers.next();
        assert_eq!(timers.due(at, &settings), Some(Due::Ping));
        assert_eq!(timers.next(), at + settings.pong);
        assert!(timers.pong());
        assert_eq!(timers.next(), at + settings.ping);
        assert_eq!(timers.due(at + settings.ping, &settings), Some(Due::Ping));
        let late = at + settings.ping + settings.pong;
        assert_eq!(timers.due(late, &settings), Some(Due::Close(Disconnect::NoPong)));
        assert_eq!(timers.due(end, &settings), Some(Due::Close(Disconnect::ConnectionExpired)));
        timers.renew(&settings, None);
        assert!(timers.pong());
        assert_eq!(timers.due(at + settings.ping, &settings), None);
    }
}
