//! What a connection is waiting for: one deadline at a time.

use std::time::Duration;

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

/// The pings of a connection and the end of its token.
pub(crate) struct Timers {
    ping: Duration,
    pong: Duration,
    next_ping: Instant,
    pong_due: Option<Instant>,
    expires: Option<Instant>,
}

impl Timers {
    /// The first ping comes at a random moment of the second half of the interval, so that many who connect
    /// together are not pinged together (client protocol, section 9).
    pub fn new(settings: &SocketSettings, expires: Option<Instant>) -> Timers {
        let half = settings.ping / 2;
        let next_ping = Instant::now() + half + half.mul_f64(random_fraction());
        Timers { ping: settings.ping, pong: settings.pong, next_ping, pong_due: None, expires }
    }

    /// When something is due.
    pub fn next(&self) -> Instant {
        let next = self.pong_due.map_or(self.next_ping, |pong| pong.min(self.next_ping));
        self.expires.map_or(next, |expires| expires.min(next))
    }

    /// What is due now; a ping counts as sent.
    pub fn due(&mut self, now: Instant) -> Option<Due> {
        if self.expires.is_some_and(|expires| expires <= now) {
            return Some(Due::Close(Disconnect::ConnectionExpired));
        }
        if self.pong_due.is_some_and(|pong| pong <= now) {
            return Some(Due::Close(Disconnect::NoPong));
        }
        if self.next_ping > now {
            return None;
        }
        self.next_ping = now + self.ping;
        self.pong_due = Some(now + self.pong);
        Some(Due::Ping)
    }

    /// The peer has answered; false when it was not asked.
    pub fn pong(&mut self) -> bool {
        self.pong_due.take().is_some()
    }

    /// The token was renewed.
    pub fn renew(&mut self, expires: Option<Instant>) {
        self.expires = expires;
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
    use super::*;

    #[test]
    fn pings_and_pongs_and_the_end_of_a_token() {
        let settings = SocketSettings::default();
        let start = Instant::now();
        let mut timers = Timers::new(&settings, Some(start + Duration::from_secs(60)));
        let first = timers.next() - start;
        assert!(first >= settings.ping / 2 && first <= settings.ping + Duration::from_secs(1), "{first:?}");
        assert!(!timers.pong(), "nobody asked");
        let at = timers.next();
        assert_eq!(timers.due(at), Some(Due::Ping));
        assert_eq!(timers.next(), at + settings.pong);
        assert!(timers.pong());
        assert_eq!(timers.next(), at + settings.ping);
        assert_eq!(timers.due(at + settings.ping), Some(Due::Ping));
        let late = at + settings.ping + settings.pong;
        assert_eq!(timers.due(late), Some(Due::Close(Disconnect::NoPong)));
        let end = start + Duration::from_secs(60);
        assert_eq!(timers.due(end), Some(Due::Close(Disconnect::ConnectionExpired)));
        timers.renew(None);
        assert!(timers.pong());
        assert_eq!(timers.due(at + settings.ping), None);
    }
}
