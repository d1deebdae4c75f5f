//! Sign up, passwords, profiles.

use chat_core::Directory;
use chat_users::{UsersError, UsersSettings};

use super::*;

#[tokio::test]
async fn names_and_addresses_are_unique_without_regard_to_case() {
    let world = world();
    let ann = world.users.sign_up(NewUser { username: "Änn".into(), ..new_user("ann") }).await.unwrap();
    assert_eq!(ann.profile.username, "Änn");
    let cases = [
        ("äNN", "other@example.com", UsersError::UsernameTaken),
        ("other", "ANN@example.COM", UsersError::EmailTaken),
        ("änn", "ann@example.com", UsersError::UsernameTaken),
    ];
    for (username, email, error) in cases {
        let new = NewUser { username: username.into(), email: email.into(), password: PASSWORD.into() };
        assert_eq!(world.users.sign_up(new).await.unwrap_err(), error);
    }
}

#[tokio::test]
async fn of_many_that_sign_up_at_once_under_one_name_one_succeeds() {
    let world = world_with(UsersSettings { bcrypt_queue: 100, ..UsersSettings::default() });
    let attempts = (0..20).map(|_| world.users.sign_up(new_user("ann")));
    let results = futures_util::future::join_all(attempts).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(UsersError::UsernameTaken))));
}

#[tokio::test]
async fn users_are_found_by_the_beginning_of_their_names() {
    let world = world();
    let names = ["Änne", "ben", "Anna", "ann", "an\u{10FFFD}", "bo%", "a_"];
    for (n, name) in names.into_iter().enumerate() {
        let new = NewUser { username: name.into(), ..new_user(&n.to_string()) };
        world.users.sign_up(new).await.unwrap();
    }
    let found = async |beginning: &str| {
        let found = world.users.named(beginning).await.unwrap();
        found.into_iter().map(|user| user.username).collect::<Vec<_>>()
    };
    assert_eq!(found("aN").await, ["ann", "Anna", "an\u{10FFFD}"]);
    assert_eq!(found("ä").await, ["Änne"]);
    assert_eq!(found("a_").await, ["a_"], "no character stands for others");
    assert_eq!(found("%").await, [""; 0]);
    let ben = world.users.named("ben").await.unwrap()[0].id;
    world.users.set_disabled(ben, true).await.unwrap();
    assert_eq!(found("b").await, ["bo%"]);
    for wrong in ["", &"x".repeat(33), "a\nb"] {
        assert!(matches!(world.users.named(wrong).await, Err(UsersError::Invalid(_))), "{wrong:?}");
    }
}

#[tokio::test]
async fn one_logs_in_by_name_or_address_in_any_case() {
    let world = world();
    let ann = world.sign_up("Ann").await;
    for name in ["ann", "ANN", "ann@example.com", "Ann@Example.com"] {
        assert_eq!(world.users.log_in(name, PASSWORD, "").await.unwrap().user.id(), ann.id());
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_answer_alike() {
    let world = world();
    world.sign_up("ann").await;
    for (name, password) in [
        ("nobody@example.com", PASSWORD),
        ("ann@example.com", "wrong password"),
        ("ann@example.com", ""),
        ("", ""),
        ("ann@example.com", &"x".repeat(10_000)),
    ] {
        let refused = world.users.log_in(name, password, "").await.err().unwrap();
        assert_eq!(refused, UsersError::WrongCredentials, "{name:?}");
    }
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let (here, there) = (world.log_in("ann").await, world.log_in("ann").await);
    let change = async |old, new| world.users.change_password(ann.id(), Some(&here.session), old, new).await;
    assert_eq!(change("wrong password", "another one").await, Err(UsersError::WrongCredentials));
    assert!(matches!(change(PASSWORD, "short").await, Err(UsersError::Invalid(_))));
    assert_eq!(change(PASSWORD, "another one").await, Ok(vec![there.session]));
    let left = world.users.sessions(ann.id()).await.unwrap();
    assert_eq!(left.into_iter().map(|session| session.id).collect::<Vec<_>>(), [here.session]);
    assert!(world.users.log_in("ann", PASSWORD, "").await.is_err());
    assert!(world.users.log_in("ann", "another one", "").await.is_ok());
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_cannot_be_invited() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let session = world.log_in("ann").await;
    assert_eq!(world.users.set_disabled(ann.id(), true).await, Ok(vec![session.session]));
    assert_eq!(world.users.log_in("ann", PASSWORD, "").await.err(), Some(UsersError::Disabled));
    assert_eq!(world.users.log_in("ann", "wrong", "").await.err(), Some(UsersError::WrongCredentials));
    assert_eq!(world.users.find(ann.id()).await, Ok(None));
    world.users.set_disabled(ann.id(), false).await.unwrap();
    assert!(world.users.log_in("ann", PASSWORD, "").await.is_ok());
    assert_eq!(world.users.find(ann.id()).await, Ok(Some(ann.profile)));
}

#[tokio::test]
async fn a_display_name_can_be_changed_and_is_checked() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let changed = world.users.set_display_name(ann.id(), "Ann of Green Gables").await.unwrap();
    assert_eq!(changed.profile.display_name, "Ann of Green Gables");
    for bad in ["", " ", "a\nb", &"x".repeat(65)] {
        let refused = world.users.set_display_name(ann.id(), bad).await;
        assert!(matches!(refused, Err(UsersError::Invalid(_))), "{bad:?}");
    }
}

#[tokio::test]
async fn the_operator_finds_users_and_sets_passwords() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let session = world.log_in("ann").await;
    assert_eq!(world.users.find_by_name("ANN@example.com").await, Ok(ann.clone()));
    assert_eq!(world.users.find_by_name("nobody").await, Err(UsersError::UserNotFound));
    assert_eq!(world.users.set_password(ann.id(), "by the operator").await, Ok(vec![session.session]));
    assert!(world.users.log_in("ann", "by the operator", "").await.is_ok());
}

#[tokio::test]
async fn of_several_who_found_a_server_at_once_one_is_its_administrator() {
    let world = world();
    let founding = ["ann", "ben", "cid"].map(|name| world.users.sign_up_or_found(new_user(name)));
    let [ann, ben, cid] = founding;
    let (ann, ben, cid) = tokio::join!(ann, ben, cid);
    let admins = [ann, ben, cid].into_iter().filter(|made| made.as_ref().unwrap().admin);
    assert_eq!(admins.count(), 1);
    assert!(!world.users.sign_up_or_found(new_user("dan")).await.unwrap().admin);
}

#[tokio::test]
async fn an_account_that_was_made_otherwise_is_the_first_too() {
    let world = world();
    let ann = world.sign_up("ann").await;
    assert!(!ann.admin);
    assert!(!world.users.sign_up_or_found(new_user("ben")).await.unwrap().admin);
    world.users.set_admin(ann.id(), true).await.unwrap();
    assert!(world.users.user(ann.id()).await.unwrap().admin);
    world.users.set_admin(ann.id(), false).await.unwrap();
    assert!(!world.users.user(ann.id()).await.unwrap().admin);
}
