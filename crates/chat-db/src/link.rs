//! A connection that comes back: it is replaced when it was cut, and tells the log when that begins and ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::QueryResult;

use crate::connection::Purpose;
use crate::{Connection, DbError, DbSettings};

/// The connection of one thread.
pub(crate) struct Link {
    settings: Arc<DbSettings>,
    /// None while it is cut.
    connection: Option<Connection>,
    health: Arc<Health>,
}

impl Link {
    pub fn new(connection: Connection, settings: Arc<DbSettings>, health: Arc<Health>) -> Link {
        Link { settings, connection: Some(connection), health }
    }

    pub fn is_cut(&self) -> bool {
        self.connection.is_none()
    }

    /// The connection in a new transaction. One that was cut while nobody used it is replaced unseen.
    pub fn begin(&mut self, purpose: Purpose) -> Result<&mut Connection, DbError> {
        if let Err(error) = self.try_begin(purpose) {
            self.health.failed(&error);
            return Err(error);
        }
        self.connection.as_mut().ok_or(DbError::Closed)
    }

    fn try_begin(&mut self, purpose: Purpose) -> Result<(), DbError> {
        if let Some(connection) = &mut self.connection {
            match connection.begin(purpose) {
                Ok(()) => return Ok(()),
                Err(error) if connection.is_usable() => return Err(error.into()),
                Err(_) => self.connection = None,
            }
        }
        let mut connection = Connection::open(&self.settings)?;
        connection.begin(purpose)?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Ends the transaction: keeps what it did, or not.
    pub fn end(&mut self, keep: bool) -> Result<(), DbError> {
        let Some(connection) = &mut self.connection else { return Err(DbError::Closed) };
        let ended: QueryResult<()> = if keep { connection.commit() } else { connection.roll_back() };
        match ended {
            Ok(()) => {
                if keep {
                    self.health.worked();
                }
                Ok(())
            }
            Err(error) => {
                let error = error.into();
                self.failed(&error);
                Err(error)
            }
        }
    }

    /// After an error: gives up a connection that cannot be used on. SQLite ends a transaction by itself when
    /// the disk is full, savepoints and all, and Diesel then trusts the connection no longer; nor can it be used while savepoints
    /// are open.
    pub fn failed(&mut self, error: &DbError) {
        if let Some(connection) = &mut self.connection {
            // Whatever is still open of the transaction; fails where nothing is.
            let _ = connection.roll_back();
            if !connection.is_usable() {
                self.connection = None;
            }
        }
        self.health.failed(error);
    }

    /// After a panic, which left the connection in no known state.
    pub fn abandon(&mut self) {
        self.connection = None;
    }

    pub fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut()
    }
}

/// Whether the database answered last time: an outage is logged at its beginning and its end, not for every
/// job in between.
pub(crate) struct Health {
    /// "written" or "read".
    what: &'static str,
    away: AtomicBool,
}

impl Health {
    pub fn new(what: &'static str) -> Arc<Health> {
        Arc::new(Health { what, away: AtomicBool::new(false) })
    }

    pub fn failed(&self, error: &DbError) {
        if !self.away.swap(true, Ordering::Relaxed) {
            log::error!("the database cannot be {}: {error}", self.what);
        }
    }

    fn worked(&self) {
        // The load first: a swap for every job would keep the threads' caches busy.
        if self.away.load(Ordering::Relaxed) && self.away.swap(false, Ordering::Relaxed) {
            log::info!("the database can be {} again", self.what);
        }
    }
}
