//! The tables, as `migrations/` makes them.

diesel::table! {
    rooms (key) {
        key -> BigInt,
        id -> Text,
        name -> Text,
        topic -> Text,
        kind -> Text,
        created_at -> BigInt,
        owner_id -> BigInt,
        epoch -> Text,
        offset -> BigInt,
        member_count -> BigInt,
        deleted_at -> Nullable<BigInt>,
        purged -> BigInt,
        people -> Nullable<Text>,
        read_only -> Bool,
        slow_seconds -> BigInt,
        expire_seconds -> BigInt,
        filter -> Nullable<Text>,
        retention_seconds -> Nullable<BigInt>,
        first -> BigInt,
    }
}

diesel::table! {
    members (room_key, user_id) {
        room_key -> BigInt,
        user_id -> BigInt,
        username -> Text,
        display_name -> Text,
        role -> Text,
        joined_at -> BigInt,
        read_offset -> BigInt,
        username_key -> Text,
        muted_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    events (room_key, offset) {
        room_key -> BigInt,
        offset -> BigInt,
        at -> BigInt,
        actor_id -> BigInt,
        actor_username -> Text,
        actor_display_name -> Text,
        kind -> Text,
        body -> Nullable<Text>,
    }
}

diesel::table! {
    messages (room_key, offset) {
        room_key -> BigInt,
        offset -> BigInt,
        created_at -> BigInt,
        sender_id -> BigInt,
        sender_username -> Text,
        sender_display_name -> Text,
        text -> Text,
        data -> Nullable<Text>,
        reply_to -> Nullable<BigInt>,
        client_id -> Nullable<Text>,
        quote -> Nullable<Text>,
        thread -> Nullable<BigInt>,
        mentions -> Nullable<Text>,
        withheld -> Nullable<Bool>,
        expires_at -> Nullable<BigInt>,
        attachments -> Nullable<Text>,
        edited_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        reactions -> Nullable<Text>,
        replies -> Nullable<BigInt>,
        last_reply -> Nullable<BigInt>,
    }
}

diesel::table! {
    uploads (id) {
        id -> Text,
        user_id -> BigInt,
        name -> Text,
        size -> BigInt,
        received -> BigInt,
        parts -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        removed_at -> Nullable<BigInt>,
        media_type -> Nullable<Text>,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        thumbnail_type -> Nullable<Text>,
        thumbnail_size -> Nullable<BigInt>,
        thumbnail_width -> Nullable<BigInt>,
        thumbnail_height -> Nullable<BigInt>,
        room_key -> Nullable<BigInt>,
        message -> Nullable<BigInt>,
    }
}

diesel::table! {
    sanctions (room_key, user_id) {
        room_key -> BigInt,
        user_id -> BigInt,
        username -> Text,
        display_name -> Text,
        muted_until -> Nullable<BigInt>,
        banned_until -> Nullable<BigInt>,
        reason -> Text,
    }
}

diesel::table! {
    reports (room_key, message, reporter_id, reported_at) {
        room_key -> BigInt,
        message -> BigInt,
        reporter_id -> BigInt,
        reporter_username -> Text,
        reporter_display_name -> Text,
        reported_at -> BigInt,
        reason -> Text,
        text -> Text,
        settled_at -> Nullable<BigInt>,
        verdict -> Nullable<Text>,
        note -> Nullable<Text>,
        settler_id -> Nullable<BigInt>,
        settler_username -> Nullable<Text>,
        settler_display_name -> Nullable<Text>,
    }
}

diesel::table! {
    audits (room_key, offset) {
        room_key -> BigInt,
        offset -> BigInt,
    }
}

diesel::table! {
    blocks (user_id, blocked_id) {
        user_id -> BigInt,
        blocked_id -> BigInt,
        username -> Text,
        display_name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    bookmarks (room_key, message, user_id) {
        room_key -> BigInt,
        message -> BigInt,
        user_id -> BigInt,
        note -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    scheduled (id) {
        id -> Text,
        user_id -> BigInt,
        room -> Text,
        text -> Text,
        data -> Nullable<Text>,
        reply_to -> Nullable<BigInt>,
        client_id -> Nullable<Text>,
        send_at -> BigInt,
        created_at -> BigInt,
        due_at -> Nullable<BigInt>,
        taken -> Bool,
        attempts -> BigInt,
        failed_code -> Nullable<Text>,
        failed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    statuses (user_id) {
        user_id -> BigInt,
        text -> Text,
        hidden -> Bool,
        last_seen -> Nullable<BigInt>,
    }
}

diesel::table! {
    mentions (user_id, room_key, offset) {
        user_id -> BigInt,
        room_key -> BigInt,
        offset -> BigInt,
        sender_id -> BigInt,
    }
}

diesel::table! {
    follows (user_id, room_key, thread) {
        user_id -> BigInt,
        room_key -> BigInt,
        thread -> BigInt,
    }
}

diesel::table! {
    reactions (room_key, message, reaction, offset) {
        room_key -> BigInt,
        message -> BigInt,
        reaction -> Text,
        offset -> BigInt,
        user_id -> BigInt,
    }
}

diesel::table! {
    pins (room_key, message) {
        room_key -> BigInt,
        message -> BigInt,
        offset -> BigInt,
    }
}

diesel::table! {
    searchable (id) {
        id -> BigInt,
        room_key -> BigInt,
        offset -> BigInt,
    }
}

diesel::table! {
    /// SQLite's index of words.
    searchable_words (rowid) {
        rowid -> BigInt,
        words -> Text,
    }
}

diesel::table! {
    index_positions (room_key) {
        room_key -> BigInt,
        offset -> BigInt,
    }
}

diesel::table! {
    versions (room_key, message, offset) {
        room_key -> BigInt,
        message -> BigInt,
        offset -> BigInt,
        text -> Text,
        data -> Nullable<Text>,
    }
}

diesel::joinable!(members -> rooms (room_key));
diesel::allow_tables_to_appear_in_same_query!(
    audits, blocks, events, follows, members, mentions, messages, pins, reactions, rooms, sanctions,
    searchable, versions, reports, bookmarks, uploads,
);
