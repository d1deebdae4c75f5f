//! Answers on their way to those who wait for them.

use chat_core::{ChatError, Outcome};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What becomes of a command.
pub(crate) type Answer = Result<Outcome, ChatError>;

/// Somebody who waits for an answer, and where.
pub(crate) struct Asker {
    sender: oneshot::Sender<Answer>,
    /// None outside of any.
    runtime: Option<Handle>,
}

impl Asker {
    /// One who asks from this runtime, and what is waited for.
    pub fn new() -> (Asker, oneshot::Receiver<Answer>) {
        let (sender, answered) = oneshot::channel();
        (Asker { sender, runtime: Handle::try_current().ok() }, answered)
    }
}

/// The answers of a batch, by the runtimes where they were asked for.
///
/// Several of a runtime are given there, all at once. Each given from here would wake its thread anew, and on a busy processor that
/// thread would take its turn for the one answer, and write it alone.
#[derive(Default)]
pub(crate) struct Answers(Vec<(Option<Handle>, OfRuntime)>);

struct OfRuntime(Vec<(oneshot::Sender<Answer>, Answer)>);

impl Answers {
    /// Adds an answer behind the others.
    pub fn add(&mut self, asker: Asker, answer: Answer) {
        let Asker { sender, runtime } = asker;
        let id = |runtime: &Option<Handle>| runtime.as_ref().map(Handle::id);
        match self.0.iter_mut().find(|(known, _)| id(known) == id(&runtime)) {
            Some((_, answers)) => answers.0.push((sender, answer)),
            None => self.0.push((runtime, OfRuntime(vec![(sender, answer)]))),
        }
    }

    /// Gives them all.
    pub fn give(self) {
        for (runtime, answers) in self.0 {
            match runtime.filter(|_| answers.0.len() > 1) {
                Some(runtime) => drop(runtime.spawn(async move { drop(answers) })),
                None => drop(answers),
            }
        }
    }
}

/// A runtime that has ended drops them: who waits elsewhere has the answer all the same.
impl Drop for OfRuntime {
    fn drop(&mut self) {
        for (sender, answer) in self.0.drain(..) {
            // Whoever asked may have gone; the command is done all the same.
            let _ = sender.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    fn answer(n: u64) -> Answer {
        Err(ChatError::LimitReached { what: "answers", limit: n })
    }

    #[test]
    fn all_are_answered_where_they_asked() {
        let (one, other) = (runtime(), runtime());
        let ask = |runtime: &Runtime| {
            let _entered = runtime.enter();
            Asker::new()
        };
        let mut asked = vec![Asker::new(), ask(&one), ask(&other), ask(&one), Asker::new(), ask(&one)];
        let mut answers = Answers::default();
        let mut answered = Vec::new();
        for (n, (asker, receiver)) in (0..).zip(asked.drain(..)) {
            answers.add(asker, answer(n));
            answered.push(receiver);
        }
        // Nobody waits for it any more.
        answered.pop();
        answers.give();
        assert_eq!(answered[0].try_recv(), Ok(answer(0)), "outside of any runtime, at once");
        assert_eq!(answered[4].try_recv(), Ok(answer(4)));
        assert_eq!(answered[2].try_recv(), Ok(answer(2)), "one alone at once too");
        assert!(answered[1].try_recv().is_err(), "those of a runtime, there");
        assert_eq!(one.block_on(&mut answered[1]), Ok(answer(1)));
        assert_eq!(answered[3].try_recv(), Ok(answer(3)), "with the others");
    }

    #[test]
    fn a_runtime_that_has_ended_keeps_no_answer() {
        let ended = runtime();
        let entered = ended.enter();
        let (mut answers, mut receivers) = (Answers::default(), Vec::new());
        for n in 0..2 {
            let (asker, receiver) = Asker::new();
            answers.add(asker, answer(n));
            receivers.push(receiver);
        }
        drop(entered);
        drop(ended);
        answers.give();
        let given: Vec<_> = receivers.iter_mut().map(|receiver| receiver.try_recv()).collect();
        assert_eq!(given, [Ok(answer(0)), Ok(answer(1))]);
    }
}
