//! The calls by their names.

use std::future::{self, Future};
use std::sync::Arc;

use chat_core::{Chat, Profile, RoomId};
use futures_util::future::{BoxFuture, FutureExt};
use serde::de::DeserializeOwned;

use crate::calls::{self, Answer, Sent};
use crate::error::{CallError, ErrorKind};
use crate::parse::parse;
use crate::request::SendMessage;

/// The table of names and calls.
macro_rules! methods {
    ($($name:literal => $call:path,)*) => {
        /// The names of all calls.
        pub const METHODS: &[&str] = &["message.send", $($name,)*];

        /// Runs a call by its name. `data` is the JSON object with its fields, those that HTTP has in the path
        /// and the query among them; empty for none. The answer is HTTP's, an empty object where that is 204.
        ///
        /// `message.send` takes its place in the room's order when this is called, not when the future is
        /// polled: messages have the order of the calls.
        ///
        /// # Errors
        /// The code `unknown_method`, those of [`parse`], and those of the call itself.
        pub fn call(
            chat: &Arc<Chat>,
            caller: &Profile,
            method: &str,
            data: &str,
        ) -> BoxFuture<'static, Result<String, CallError>> {
            match method {
                "message.send" => match parse(&[], data) {
                    Ok(request) => json(calls::send_message(chat, caller, request)),
                    Err(error) => future::ready(Err(error)).boxed(),
                },
                $($name => run(chat, caller, data, $call),)*
                _ => future::ready(Err(CallError::new(
                    ErrorKind::UnknownMethod,
                    "unknown_method",
                    "there is no method of this name",
                )))
                .boxed(),
            }
        }
    };
}

methods! {
    "room.create" => calls::create_room,
    "direct.open" => calls::open_direct,
    "room.get" => calls::get_room,
    "room.list" => calls::list_rooms,
    "room.change" => calls::change_room,
    "room.delete" => calls::delete_room,
    "room.join" => calls::join,
    "room.leave" => calls::leave,
    "member.list" => calls::list_members,
    "member.add" => calls::add_member,
    "member.set" => calls::set_member,
    "member.remove" => calls::remove_member,
    "member.mute" => calls::mute_member,
    "member.unmute" => calls::unmute_member,
    "ban.add" => calls::add_ban,
    "ban.remove" => calls::remove_ban,
    "ban.list" => calls::list_bans,
    "report.add" => calls::add_report,
    "report.list" => calls::list_reports,
    "report.settle" => calls::settle_reports,
    "filter.get" => calls::get_filter,
    "filter.set" => calls::set_filter,
    "filter.remove" => calls::remove_filter,
    "audit.list" => calls::list_audit,
    "message.get" => calls::get_message,
    "message.edit" => calls::edit_message,
    "message.delete" => calls::delete_message,
    "message.versions" => calls::list_versions,
    "preview.list" => calls::list_previews,
    "attachment.link" => calls::link_attachment,
    "read.mark" => calls::mark_read,
    "read.unmark" => calls::mark_unread,
    "reader.list" => calls::list_readers,
    "inbox.list" => calls::list_inbox,
    "thread.list" => calls::list_threads,
    "thread.get" => calls::get_thread,
    "thread.messages" => calls::list_replies,
    "thread.follow" => calls::follow_thread,
    "thread.unfollow" => calls::unfollow_thread,
    "reaction.add" => calls::add_reaction,
    "reaction.remove" => calls::remove_reaction,
    "reaction.list" => calls::list_reacted,
    "pin.add" => calls::add_pin,
    "pin.remove" => calls::remove_pin,
    "pin.list" => calls::list_pins,
    "message.list" => calls::list_messages,
    "message.search" => calls::search_messages,
    "history.get" => calls::list_messages,
    "block.add" => calls::add_block,
    "block.remove" => calls::remove_block,
    "block.list" => calls::list_blocks,
    "bookmark.add" => calls::add_bookmark,
    "bookmark.remove" => calls::remove_bookmark,
    "bookmark.list" => calls::list_bookmarks,
    "scheduled.add" => calls::add_scheduled,
    "scheduled.list" => calls::list_scheduled,
    "scheduled.get" => calls::get_scheduled,
    "scheduled.change" => calls::change_scheduled,
    "scheduled.remove" => calls::remove_scheduled,
    "typing.start" => calls::start_typing,
    "typing.stop" => calls::stop_typing,
    "event.list" => calls::list_events,
    "user.presence" => calls::get_user_presence,
    "presence.set" => calls::set_presence,
    "presence.get" => calls::get_presence,
}

/// Sends a message to a room that is named beside the data, as the socket's publish does: `message.send`
/// without the field `room`, and without an answer in JSON. The message, and whether it was there before.
///
/// # Errors
/// Those of [`parse`] at once, and those of the call itself.
pub fn send(chat: &Chat, caller: &Profile, room: &RoomId, data: &str) -> Result<Sent, CallError> {
    let request = parse::<SendMessage>(&[("room", room.as_str())], data)?;
    Ok(calls::send(chat, caller, request))
}

fn run<R, F>(
    chat: &Arc<Chat>,
    caller: &Profile,
    data: &str,
    call: impl FnOnce(Arc<Chat>, Profile, R) -> F,
) -> BoxFuture<'static, Result<String, CallError>>
where
    R: DeserializeOwned,
    F: Future<Output = calls::Result> + Send + 'static,
{
    match parse(&[], data) {
        Ok(request) => json(call(chat.clone(), caller.clone(), request).boxed()),
        Err(error) => future::ready(Err(error)).boxed(),
    }
}

fn json(
    answer: BoxFuture<'static, Result<Answer, CallError>>,
) -> BoxFuture<'static, Result<String, CallError>> {
    answer.map(|answer| answer.map(Answer::into_json)).boxed()
}
