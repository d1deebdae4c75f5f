//! Previews of links.

use std::sync::Arc;

use super::Chat;
use crate::{ChatError, Previewer};

impl Chat {
    /// The same chat with previews of links; without this there are none.
    #[must_use]
    pub fn with_previewer(self, previewer: Arc<dyn Previewer>) -> Chat {
        Chat { previewer: Some(previewer), ..self }
    }

    /// Who looks at the pages to which messages lead. Whose messages those are is to be asked first.
    ///
    /// # Errors
    /// [`ChatError::PreviewsDisabled`].
    pub fn previewer(&self) -> Result<&Arc<dyn Previewer>, ChatError> {
        self.previewer.as_ref().ok_or(ChatError::PreviewsDisabled)
    }
}
