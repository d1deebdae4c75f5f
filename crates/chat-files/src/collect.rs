//! What nobody wants any more is removed: the bytes first, then that there were any, so that a stop between the two leaves
//! nothing behind that is not found again.

use std::time::Duration;

use crate::rows;
use crate::{Files, FilesError};

/// How many uploads one portion is about.
const PORTION: i64 = 500;

/// For how long an upload that is removed stays known: a call that has begun to bring it a part will have ended by then, so that
/// the part is found and removed too.
const GRACE: Duration = Duration::from_secs(300);

impl Files {
    /// Has uploads removed whose term has ended, and removes the bytes of all that are being removed; to be called every now and
    /// then, at any node.
    ///
    /// # Errors
    /// When the database or the store cannot be used; what is left is for the next time.
    pub async fn collect(&self) -> Result<(), FilesError> {
        let inner = &self.inner;
        let lane = inner.db.lane("collect uploads");
        loop {
            let now = (inner.clock)();
            let until = chat_core::Timestamp::from_micros(now.as_micros() - micros(GRACE));
            let due = inner.db.write(lane, move |connection| {
                if !connection.try_lock("collect uploads")? {
                    return Ok::<_, FilesError>(Vec::new());
                }
                rows::expire(connection, now, PORTION)?;
                rows::removed(connection, until, PORTION)
            });
            let due = due.await?;
            if due.is_empty() {
                return Ok(());
            }
            for upload in &due {
                inner.storage.remove_all(*upload, |_| false).await?;
            }
            inner.db.write(lane, move |connection| rows::forget(connection, &due)).await?;
        }
    }

    /// Looks through all uploads that messages have for those whose message is gone, whoever has removed it, and has them removed.
    /// Those that a deletion has named already need not be looked for.
    ///
    /// # Errors
    /// When the database cannot be used; it is begun anew the next time.
    pub async fn sweep(&self) -> Result<(), FilesError> {
        let inner = &self.inner;
        let lane = inner.db.lane("collect uploads");
        let mut after = String::new();
        loop {
            let now = (inner.clock)();
            let page = inner.db.write(lane, move |connection| {
                if !connection.try_lock("collect uploads")? {
                    return Ok::<_, FilesError>(None);
                }
                rows::sweep(connection, &after, now, PORTION)
            });
            match page.await? {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
