//! The other nodes, as they were last heard of.

use std::collections::HashMap;
use std::time::Duration;

use chat_core::UserId;
use tokio::time::Instant;

/// Which other nodes there are, and how many connections users have there.
#[derive(Default)]
pub(crate) struct Nodes {
    heard: HashMap<String, Instant>,
    connections: HashMap<UserId, HashMap<String, usize>>,
}

impl Nodes {
    /// A node is there.
    pub fn hear(&mut self, node: &str, now: Instant) {
        if self.heard.insert(node.to_owned(), now).is_none() {
            log::info!("node {node} is there");
        }
    }

    /// A node has gone, or does not answer.
    pub fn forget(&mut self, node: &str) {
        if self.heard.remove(node).is_some() {
            log::info!("node {node} is not there any more");
        }
        self.connections.retain(|_, counts| {
            counts.remove(node);
            !counts.is_empty()
        });
    }

    /// Forgets those of whom nothing was heard for so long.
    pub fn expire(&mut self, term: Duration, now: Instant) {
        let silent = self.heard.iter().filter(|(_, heard)| now.duration_since(**heard) >= term);
        let silent: Vec<String> = silent.map(|(node, _)| node.clone()).collect();
        silent.iter().for_each(|node| self.forget(node));
    }

    /// Their ids.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.heard.keys()
    }

    pub fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }

    /// A user has so many connections at a node.
    pub fn set_connections(&mut self, user: UserId, node: &str, count: usize) {
        let counts = self.connections.entry(user).or_default();
        if count > 0 {
            counts.insert(node.to_owned(), count);
        } else {
            counts.remove(node);
        }
        if counts.is_empty() {
            self.connections.remove(&user);
        }
    }

    /// A user has no connection here any more, so that nobody will tell us of their others.
    pub fn forget_user(&mut self, user: UserId) {
        self.connections.remove(&user);
    }

    pub fn connections(&self, user: UserId) -> usize {
        self.connections.get(&user).map_or(0, |counts| counts.values().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_node_goes_with_it() {
        let (mut nodes, begin, term) = (Nodes::default(), Instant::now(), Duration::from_secs(15));
        let user = UserId::new(1).unwrap();
        nodes.hear("a", begin);
        nodes.hear("b", begin + term / 2);
        nodes.set_connections(user, "a", 3);
        nodes.set_connections(user, "b", 4);
        assert_eq!(nodes.connections(user), 7);
        nodes.expire(term, begin + term);
        assert_eq!((nodes.ids().count(), nodes.connections(user)), (1, 4));
        nodes.set_connections(user, "b", 0);
        assert_eq!(nodes.connections(user), 0);
        nodes.set_connections(user, "b", 1);
        nodes.forget("b");
        assert!(nodes.is_empty() && nodes.connections(user) == 0 && nodes.connections.is_empty());
    }
}
