//! A database of many messages.
