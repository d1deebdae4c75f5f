//! Password hashes, on threads of their own: a flood of log-ins waits for itself alone.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use chat_core::{Problem, Violation};
use tokio::sync::oneshot;

use crate::{UsersError, UsersSettings};

/// The shortest password, in bytes.
const MIN_BYTES: usize = 8;

/// The longest, in bytes: bcrypt looks at no more, and we do not cut.
const MAX_BYTES: usize = 72;

type Job = Box<dyn FnOnce() + Send>;

/// Hashes and verifies. The threads end with it.
pub(crate) struct Hasher {
    queue: SyncSender<Job>,
    cost: u32,
}

impl Hasher {
    pub fn start(settings: &UsersSettings) -> Result<Hasher, UsersError> {
        let (queue, jobs) = sync_channel::<Job>(settings.bcrypt_queue.max(1));
        let jobs = Arc::new(Mutex::new(jobs));
        for index in 0..settings.bcrypt_threads.max(1) {
            let jobs = jobs.clone();
            let work = move || {
                while let Some(job) = next(&jobs) {
                    job();
                }
            };
            let started = thread::Builder::new().name(format!("bcrypt-{index}")).spawn(work);
            started
                .map_err(|error| UsersError::System { detail: format!("cannot start a thread: {error}") })?;
        }
        Ok(Hasher { queue, cost: settings.bcrypt_cost })
    }

    /// The hash of a password that [`check`] has let pass.
    pub async fn hash(&self, password: &str) -> Result<String, UsersError> {
        let (password, cost) = (password.to_owned(), self.cost);
        let hash = self.run(move || bcrypt::hash(password, cost)).await?;
        hash.map_err(|error| UsersError::System { detail: error.to_string() })
    }

    /// Whether a password has this hash. Without a hash, for a user that does not exist, it does the work all
    /// the same and says no.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, UsersError> {
        // Nobody has a longer one; it is looked up like any other, so that it takes the same time.
        let end = password.floor_char_boundary(MAX_BYTES);
        let (cut, cost) = (end < password.len(), self.cost);
        let password = password[..end].to_owned();
        self.run(move || match hash {
            Some(hash) => bcrypt::verify(password, &hash).unwrap_or(false) && !cut,
            None => {
                let _ = bcrypt::hash(password, cost);
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, UsersError> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Whoever has given up waiting is not worked for.
            if !answer.is_closed() {
                let _ = answer.send(work());
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => UsersError::Busy,
        })?;
        result.await.map_err(|_| UsersError::Busy)
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// What is wrong with a new password. OWASP ASVS 5.0, 6.2.1, 6.2.8 and 6.2.9: no rules on its characters.
pub(crate) fn check(field: &'static str, password: &str) -> Option<Violation> {
    if password.len() < MIN_BYTES {
        Some(Violation { field, problem: Problem::TooShort { limit: MIN_BYTES, unit: "bytes" } })
    } else if password.len() > MAX_BYTES {
        Some(Violation { field, problem: Problem::TooLong { limit: MAX_BYTES, unit: "bytes" } })
    } else if password.contains('\0') {
        // bcrypt ends at it.
        Some(Violation { field, problem: Problem::ForbiddenCharacter })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> Hasher {
        Hasher::start(&UsersSettings { bcrypt_cost: 4, ..UsersSettings::default() }).unwrap()
    }

    #[test]
    fn passwords_are_8_to_72_bytes() {
        let cases = [(7, false), (8, true), (72, true), (73, false)];
        for (bytes, fits) in cases {
            assert_eq!(check("password", &"x".repeat(bytes)).is_none(), fits, "{bytes} bytes");
        }
        assert!(check("password", &"ä".repeat(37)).is_some(), "74 bytes in 37 characters");
        assert!(check("password", "before\0after").is_some());
    }

    #[tokio::test]
    async fn a_password_is_verified_whole() {
        let hasher = hasher();
        let password = "x".repeat(72);
        let hash = hasher.hash(&password).await.unwrap();
        assert!(hasher.verify(&password, Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(&format!("{password}y"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(&password[1..], Some(hash)).await.unwrap());
        assert!(!hasher.verify(&password, None).await.unwrap());
    }

    #[tokio::test]
    async fn what_waits_beyond_the_bound_is_refused_at_once() {
        let settings =
            UsersSettings { bcrypt_threads: 1, bcrypt_queue: 1, bcrypt_cost: 4, ..UsersSettings::default() };
        let hasher = Hasher::start(&settings).unwrap();
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = std::sync::mpsc::channel();
        hasher
            .queue
            .try_send(Box::new(move || {
                let _ = begun.send(());
                let _ = held.recv();
            }))
            .unwrap();
        begins.recv().unwrap();
        hasher.queue.try_send(Box::new(|| {})).unwrap();
        assert_eq!(hasher.verify("password", None).await, Err(UsersError::Busy));
        drop(hold);
    }
}
