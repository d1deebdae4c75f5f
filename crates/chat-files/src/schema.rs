//! The tables, as `migrations/` makes them; of the messages what shows whether one is still there.

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
    messages (room_key, offset) {
        room_key -> BigInt,
        offset -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(uploads, messages);
