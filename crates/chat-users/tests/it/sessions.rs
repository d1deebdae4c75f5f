//! Log-ins and their tokens, over time.

use chat_core::{AuthError, Authenticator, SessionId};
use chat_users::{Refreshed, UsersError};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Renews, and fails when the token was refused or used before.
async fn renew(world: &World, token: Option<&str>) -> LoggedIn {
    match world.users.refresh(token.unwrap()).await.unwrap() {
        Refreshed::Renewed(renewed) => renewed,
        Refreshed::Reused { .. } => panic!("it was used before"),
    }
}

#[tokio::test]
async fn a_token_says_who_it_is_until_it_ends() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let session = world.log_in("ann").await;
    assert_eq!(session.expires_in, 15 * MINUTE);
    let identity = world.users.authenticate(&session.access_token).await.unwrap();
    assert_eq!(identity.profile, ann.profile);
    assert_eq!(identity.session, Some(session.session));
    assert_eq!(identity.expires_at, Some(now().after(15 * MINUTE)));
    pass(15 * MINUTE);
    assert_eq!(world.users.authenticate(&session.access_token).await, Err(AuthError::Expired));
}

#[tokio::test]
async fn a_session_that_ends_takes_its_tokens_with_it_at_once() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let (one, two) = (world.log_in("ann").await, world.log_in("ann").await);
    world.users.end_session(ann.id(), &one.session).await.unwrap();
    assert_eq!(world.users.authenticate(&one.access_token).await, Err(AuthError::Invalid));
    let refused = world.users.refresh(one.refresh_token.as_deref().unwrap()).await;
    assert_eq!(refused.err(), Some(UsersError::InvalidRefreshToken));
    assert!(world.users.authenticate(&two.access_token).await.is_ok());
    for gone in [one.session, SessionId::from("999"), SessionId::from("nonsense")] {
        assert_eq!(world.users.end_session(ann.id(), &gone).await, Err(UsersError::SessionNotFound));
    }
}

#[tokio::test]
async fn nobody_ends_another_ones_session() {
    let world = world();
    world.sign_up("ann").await;
    let ben = world.sign_up("ben").await;
    let anns = world.log_in("ann").await;
    assert_eq!(world.users.end_session(ben.id(), &anns.session).await, Err(UsersError::SessionNotFound));
    assert!(world.users.authenticate(&anns.access_token).await.is_ok());
}

#[tokio::test]
async fn refresh_tokens_rotate_and_keep_the_session_alive() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let mut session = world.log_in("ann").await;
    for _ in 0..3 {
        pass(29 * DAY);
        let renewed = renew(&world, session.refresh_token.as_deref()).await;
        assert_eq!(renewed.session, session.session);
        assert!(world.users.authenticate(&renewed.access_token).await.is_ok());
        session = renewed;
    }
    assert_eq!(world.users.sessions(ann.id()).await.unwrap().len(), 1);
    pass(30 * DAY);
    let late = world.users.refresh(session.refresh_token.as_deref().unwrap()).await;
    assert_eq!(late.err(), Some(UsersError::InvalidRefreshToken));
    assert_eq!(world.users.sweep().await, Ok(1));
}

#[tokio::test]
async fn a_refresh_token_seen_twice_ends_its_session() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let other = world.log_in("ann").await;
    let first = world.log_in("ann").await;
    let second = renew(&world, first.refresh_token.as_deref()).await;
    let third = renew(&world, second.refresh_token.as_deref()).await;
    let reused = world.users.refresh(first.refresh_token.as_deref().unwrap()).await.unwrap();
    assert!(reused == Refreshed::Reused { user: ann.id(), session: first.session });
    for token in [&first.access_token, &second.access_token, &third.access_token] {
        assert_eq!(world.users.authenticate(token).await, Err(AuthError::Invalid));
    }
    let thief = world.users.refresh(third.refresh_token.as_deref().unwrap()).await;
    assert_eq!(thief.err(), Some(UsersError::InvalidRefreshToken));
    assert!(world.users.authenticate(&other.access_token).await.is_ok(), "other sessions stay");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_anew_as_long_as_nobody_had_it() {
    for stolen in 0..3 {
        let world = world();
        let ann = world.sign_up("ann").await;
        let first = world.log_in("ann").await;
        let token = first.refresh_token.as_deref();
        let (lost, lost_too) = (renew(&world, token).await, renew(&world, token).await);
        pass(MINUTE);
        let second = renew(&world, token).await;
        assert!(world.users.authenticate(&second.access_token).await.is_ok());
        let third = renew(&world, second.refresh_token.as_deref()).await;
        // Somebody had one of the lost answers, or has the first token itself, after an answer to it has been used.
        let stolen = [&lost, &lost_too, &first][stolen].refresh_token.as_deref().unwrap();
        let ended = world.users.refresh(stolen).await.unwrap();
        assert!(ended == Refreshed::Reused { user: ann.id(), session: first.session });
        assert_eq!(world.users.authenticate(&third.access_token).await, Err(AuthError::Invalid));
    }
}

#[tokio::test]
async fn used_tokens_are_forgotten_after_a_term() {
    let world = world();
    world.sign_up("ann").await;
    let first = world.log_in("ann").await.refresh_token;
    let mut last = renew(&world, first.as_deref()).await.refresh_token;
    for _ in 0..3 {
        pass(DAY * 20);
        last = renew(&world, last.as_deref()).await.refresh_token;
    }
    world.users.sweep().await.unwrap();
    // It says no longer whose it was.
    let forgotten = world.users.refresh(first.as_deref().unwrap()).await;
    assert_eq!(forgotten.err(), Some(UsersError::InvalidRefreshToken));
    renew(&world, last.as_deref()).await;
}

#[tokio::test]
async fn tokens_of_the_other_kind_are_refused() {
    let world = world();
    world.sign_up("ann").await;
    let session = world.log_in("ann").await;
    let refused = world.users.refresh(&session.access_token).await;
    assert_eq!(refused.err(), Some(UsersError::InvalidRefreshToken));
    let refused = world.users.authenticate(session.refresh_token.as_deref().unwrap()).await;
    assert_eq!(refused, Err(AuthError::Invalid));
}

#[tokio::test]
async fn a_classic_token_lives_a_day_and_ends_with_its_session() {
    let world = world();
    let ann = world.sign_up("ann").await;
    let classic = world.users.log_in_classic("ann@example.com", PASSWORD, "").await.unwrap();
    assert_eq!(classic.refresh_token, None);
    pass(DAY - MINUTE);
    assert!(world.users.authenticate(&classic.access_token).await.is_ok());
    world.users.end_session(ann.id(), &classic.session).await.unwrap();
    assert_eq!(world.users.authenticate(&classic.access_token).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn one_session_too_many_ends_the_one_unused_longest() {
    let world = world_with(UsersSettings { sessions_per_user: 2, ..UsersSettings::default() });
    let ann = world.sign_up("ann").await;
    let first = world.log_in("ann").await;
    pass(MINUTE);
    let second = world.log_in("ann").await;
    pass(MINUTE);
    let first = renew(&world, first.refresh_token.as_deref()).await;
    let third = world.log_in("ann").await;
    assert_eq!(third.ended, [second.session]);
    let left: Vec<_> = world.users.sessions(ann.id()).await.unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(left, [third.session, first.session]);
    assert_eq!(world.users.authenticate(&second.access_token).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn an_away_database_is_told_apart_from_a_bad_token() {
    let world = world();
    world.sign_up("ann").await;
    let session = world.log_in("ann").await;
    world.db.close();
    assert_eq!(world.users.authenticate(&session.access_token).await, Err(AuthError::Unavailable));
    assert_eq!(world.users.authenticate("nonsense").await, Err(AuthError::Invalid));
}
