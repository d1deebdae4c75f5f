//! The signing key in its file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chat_users::{TokenKey, UsersError};

#[test]
fn a_key_is_made_once_and_readable_by_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token.key");
    let (made, new) = TokenKey::load_or_create(&path).unwrap();
    assert!(new);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let (kept, new) = TokenKey::load_or_create(&path).unwrap();
    assert!(!new && kept == made);
}

#[test]
fn a_key_that_is_too_short_is_refused() {
    assert!(matches!(TokenKey::new([0; 31]), Err(UsersError::Key { .. })));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token.key");
    fs::write(&path, "short").unwrap();
    assert!(matches!(TokenKey::load_or_create(&path), Err(UsersError::Key { .. })));
}
