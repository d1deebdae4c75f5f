//! Users as rows keep them: JSON, with their names as they were then.

use chat_core::{Profile, UserId};
use serde::{Deserialize, Serialize};

use crate::error::HistoryError;

/// A user in JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredUser {
    pub id: i64,
    pub username: String,
    pub display_name: String,
}

impl From<&Profile> for StoredUser {
    fn from(user: &Profile) -> StoredUser {
        let Profile { id, username, display_name } = user.clone();
        StoredUser { id: id.get(), username, display_name }
    }
}

impl StoredUser {
    /// The user; `table` is where it stands.
    pub fn profile(self, table: &'static str) -> Result<Profile, HistoryError> {
        let StoredUser { id, username, display_name } = self;
        let id =
            UserId::new(id).map_err(|error| HistoryError::Damaged { table, detail: error.to_string() })?;
        Ok(Profile { id, username, display_name })
    }
}

/// The people of a direct room; none for any other.
pub(crate) fn write(people: &[Profile]) -> Option<String> {
    let people: Vec<_> = people.iter().map(StoredUser::from).collect();
    // Texts and numbers can always be written.
    (!people.is_empty()).then(|| serde_json::to_string(&people).unwrap_or_default())
}

pub(crate) fn read(text: Option<&str>) -> Result<Vec<Profile>, HistoryError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let table = "rooms";
    let people: Vec<StoredUser> = serde_json::from_str(text)
        .map_err(|error| HistoryError::Damaged { table, detail: error.to_string() })?;
    people.into_iter().map(|user| user.profile(table)).collect()
}
