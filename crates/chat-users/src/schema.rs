//! The tables, as `migrations/` makes them.

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        email -> Text,
        email_key -> Text,
        display_name -> Text,
        password_hash -> Text,
        created_at -> BigInt,
        disabled_at -> Nullable<BigInt>,
        admin -> Bool,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        label -> Text,
        created_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Binary,
        session_id -> BigInt,
        used -> Bool,
        parent -> Nullable<Binary>,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    operator_acts (id) {
        id -> BigInt,
        at -> BigInt,
        actor_id -> BigInt,
        actor_username -> Text,
        actor_display_name -> Text,
        act -> Text,
        user_id -> Nullable<BigInt>,
        username -> Nullable<Text>,
        display_name -> Nullable<Text>,
        room -> Nullable<Text>,
        message -> Nullable<BigInt>,
        detail -> Nullable<Text>,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::allow_tables_to_appear_in_same_query!(users, sessions, refresh_tokens);
