//! Messages with their text as HTML beside it.

use chat_markup::{Mention, to_html};

use crate::request::Format;
use crate::shape::{
    Bookmark, Event, FollowedThread, Found, InboxRoom, Message, OverseenReport, Pin, Reported, ThreadView,
};

/// What shows messages.
pub(crate) trait Offered: Sized {
    /// Each message in it with its text as HTML, where that is wished for.
    fn offered(mut self, format: Option<Format>) -> Self {
        match format.unwrap_or_default() {
            Format::Text => {}
            Format::Html => self.add_html(),
        }
        self
    }

    /// Writes the HTML of each message.
    fn add_html(&mut self);
}

impl Offered for Message<'_> {
    fn add_html(&mut self) {
        let mut mentions = Vec::new();
        if let Some(called) = &self.mentions {
            let users = called.users.iter();
            mentions
                .extend(users.map(|user| Mention { name: user.username, user: Some(user.id.to_string()) }));
            let many = [("room", called.room), ("here", called.here)]
                .into_iter()
                .filter(|(_, is_called)| *is_called);
            mentions.extend(many.map(|(name, _)| Mention { name, user: None }));
        }
        self.html = Some(to_html(self.text, &mentions));
    }
}

impl Offered for Event<'_> {
    fn add_html(&mut self) {
        if let Event::MessageCreated { message, .. }
        | Event::MessageEdited { message, .. }
        | Event::MessageDeleted { message, .. } = self
        {
            message.add_html();
        }
    }
}

/// What stands around one message.
macro_rules! offered {
    ($($name:ident),*) => {
        $(impl Offered for $name<'_> {
            fn add_html(&mut self) {
                self.message.add_html();
            }
        })*
    };
}

offered!(Bookmark, FollowedThread, Found, OverseenReport, Pin, Reported, ThreadView);

impl Offered for InboxRoom<'_> {
    fn add_html(&mut self) {
        if let Some(message) = &mut self.last_message {
            message.add_html();
        }
    }
}
