//! A network that fails: what lies between a program and a server of its.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::must;

/// What becomes of connections through a [`Proxy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    /// All passes.
    Fair,
    /// Nothing passes, and nobody is told.
    Silent,
    /// Those there were are cut, and no new ones are let in.
    Cut,
}

/// Passes connections on to a server, until it is told otherwise.
pub struct Proxy {
    address: SocketAddr,
    sky: Arc<Sky>,
}

struct Sky {
    weather: Mutex<Weather>,
    changed: Condvar,
    delay: AtomicU64,
    streams: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A proxy to this server.
    ///
    /// # Panics
    /// When it cannot listen.
    #[must_use]
    pub fn to(server: SocketAddr) -> Proxy {
        let listener = must(TcpListener::bind("127.0.0.1:0"));
        let address = must(listener.local_addr());
        let sky = Arc::new(Sky {
            weather: Mutex::new(Weather::Fair),
            changed: Condvar::new(),
            delay: AtomicU64::new(0),
            streams: Mutex::default(),
        });
        let over = sky.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if *over.weather() == Weather::Cut {
                    continue;
                }
                let Ok(server) = TcpStream::connect(server) else { continue };
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                over.carry(&client, &server);
                over.carry(&server, &client);
            }
        });
        Proxy { address, sky }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts all connections and lets no new ones in, until [`Proxy::mend`].
    pub fn cut(&self) {
        self.sky.set(Weather::Cut);
        self.sky.drop_all();
    }

    /// Lets nothing pass, and tells nobody, until [`Proxy::mend`].
    pub fn silence(&self) {
        self.sky.set(Weather::Silent);
    }

    /// Lets everything pass only after so long.
    pub fn delay(&self, by: Duration) {
        self.sky.delay.store(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Lets everything pass again at once.
    pub fn mend(&self) {
        self.delay(Duration::ZERO);
        self.sky.set(Weather::Fair);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Sky {
    /// Carries what comes from one end to the other, on a thread of its own.
    fn carry(self: &Arc<Self>, from: &TcpStream, to: &TcpStream) {
        let (Ok(mut reading), Ok(mut writing)) = (from.try_clone(), to.try_clone()) else { return };
        if let (Ok(one), Ok(other)) = (from.try_clone(), to.try_clone()) {
            let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
            streams.extend([one, other]);
        }
        let sky = self.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(count @ 1..) = reading.read(&mut buffer) {
                sky.wait_out();
                if writing.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = (reading.shutdown(Shutdown::Both), writing.shutdown(Shutdown::Both));
        });
    }

    /// Waits as long as nothing passes.
    fn wait_out(&self) {
        let delay = Duration::from_millis(self.delay.load(Ordering::Relaxed));
        if !delay.is_zero() {
            crate::pause(delay);
        }
        let weather = self.weather();
        let silent = |weather: &mut Weather| *weather == Weather::Silent;
        drop(self.changed.wait_while(weather, silent).unwrap_or_else(PoisonError::into_inner));
    }

    fn set(&self, weather: Weather) {
        *self.weather() = weather;
        self.changed.notify_all();
    }

    fn drop_all(&self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn weather(&self) -> MutexGuard<'_, Weather> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that says everything twice.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut byte = [0];
                    while stream.read_exact(&mut byte).is_ok() && stream.write_all(&byte).is_ok() {}
                });
            }
        });
        address
    }

    fn says(stream: &mut TcpStream, byte: u8) -> bool {
        let mut back = [0];
        stream.write_all(&[byte]).and_then(|()| stream.read_exact(&mut back)).is_ok() && back == [byte]
    }

    #[test]
    fn it_passes_on_falls_silent_cuts_and_mends() {
        let proxy = Proxy::to(echo());
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        assert!(says(&mut stream, 1));
        proxy.silence();
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        assert!(!says(&mut stream, 2));
        proxy.mend();
        stream.set_read_timeout(None).unwrap();
        let mut late = [0];
        stream.read_exact(&mut late).unwrap();
        assert_eq!(late, [2]);
        proxy.cut();
        assert!(!says(&mut stream, 3));
        let again = TcpStream::connect(proxy.address());
        assert!(!again.is_ok_and(|mut stream| says(&mut stream, 4)));
        proxy.mend();
        assert!(says(&mut TcpStream::connect(proxy.address()).unwrap(), 5));
    }
}
