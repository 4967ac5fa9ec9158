//! What several requests ask of the database at once is asked in one statement.
//!
//! While one is under way, whoever asks waits for the next, which carries all who wait. So every answer comes from a
//! statement that began after its question was asked: nothing is remembered from one to the next, and what was revoked
//! before a request came is revoked for it. A request that is alone is asked for at once.

use crate::{Error, Result};
use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, task::yield_now, time::timeout};

/// Questions in one statement, at most; who came later is in the one after it.
const MOST: usize = 256;

/// A statement that has not ended after this long counts as one that does not reach the database: everybody behind it
/// would wait as well.
const PATIENCE: Duration = Duration::from_secs(10);

/// Questions by what may share a statement.
pub(crate) struct Together<K, Q, A>(Arc<Mutex<Queues<K, Q, A>>>);

/// There is one for every key that somebody drives, empty where nobody waits for the next run.
type Queues<K, Q, A> = HashMap<K, Vec<Waiting<Q, A>>>;

struct Waiting<Q, A> {
    question: Q,
    answer: oneshot::Sender<Result<A>>,
}

impl<K, Q, A> Default for Together<K, Q, A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, Q, A> Clone for Together<K, Q, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, Q, A> fmt::Debug for Together<K, Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Together")
    }
}

impl<K, Q, A> Together<K, Q, A>
where
    K: Hash + Eq + Clone + Send + 'static,
    Q: Clone + Send + 'static,
    A: Send + 'static,
{
    /// The answer to a question, from a run that begins after this call. `run` answers as many as it is asked, in their
    /// order; of those who wait together, the one who came first brings it.
    pub(crate) async fn ask<F>(
        &self,
        key: K,
        question: Q,
        run: impl Fn(Vec<Q>) -> F + Send + Sync + 'static,
    ) -> Result<A>
    where
        F: Future<Output = Result<Vec<A>>> + Send,
    {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { question, answer };
        let is_first = {
            let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match queues.get_mut(&key) {
                Some(queue) => {
                    queue.push(waiting);
                    false
                }
                None => {
                    queues.insert(key.clone(), vec![waiting]);
                    true
                }
            }
        };
        if is_first {
            let driver = Driver { together: self.clone(), key, is_over: false };
            #[expect(
                clippy::disallowed_methods,
                reason = "it ends when nobody waits, and who waits is drained at shutdown"
            )]
            // A task of its own: the others must not depend on whether this request is given up.
            tokio::spawn(async move { driver.drive(run).await });
        }
        answered.await.unwrap_or(Err(Error::Unavailable(sqlx::Error::WorkerCrashed)))
    }
}

/// Runs until nobody waits under its key.
struct Driver<K: Hash + Eq, Q, A> {
    together: Together<K, Q, A>,
    key: K,
    is_over: bool,
}

impl<K: Hash + Eq, Q, A> Drop for Driver<K, Q, A> {
    /// After a panic nobody would run for those who wait: their channels tell them so, and who comes next begins anew.
    fn drop(&mut self) {
        if !self.is_over {
            self.together.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        }
    }
}

impl<K: Hash + Eq + Clone, Q: Clone, A> Driver<K, Q, A> {
    async fn drive<F>(mut self, run: impl Fn(Vec<Q>) -> F)
    where
        F: Future<Output = Result<Vec<A>>>,
    {
        loop {
            // Whoever is ready to ask as well does so first.
            yield_now().await;
            let mut waiting = self.next();
            if waiting.is_empty() {
                return;
            }
            // For whoever gave up meanwhile nothing is asked.
            waiting.retain(|waiting| !waiting.answer.is_closed());
            if !waiting.is_empty() {
                answer(waiting, &run).await;
            }
        }
    }

    /// Who waits now. The key goes with the last of them, under the same lock: who comes after that has a driver of their own.
    fn next(&mut self) -> Vec<Waiting<Q, A>> {
        let mut queues = self.together.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(self.key.clone()).or_default();
        let many = queue.len().min(MOST);
        let waiting: Vec<_> = queue.drain(..many).collect();
        if waiting.is_empty() {
            queues.remove(&self.key);
            self.is_over = true;
        }
        waiting
    }
}

/// Runs for all of them. Where that fails, and not because the database is away, each is run alone: nobody fails for what
/// another one asked.
async fn answer<Q: Clone, A, F>(waiting: Vec<Waiting<Q, A>>, run: &impl Fn(Vec<Q>) -> F)
where
    F: Future<Output = Result<Vec<A>>>,
{
    let questions = waiting.iter().map(|waiting| waiting.question.clone()).collect();
    let many = waiting.len();
    match in_time(PATIENCE, many, run(questions)).await {
        Ok(answers) => {
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                // Nobody listens where a request was given up.
                let _ = waiting.answer.send(Ok(answer));
            }
        }
        Err(Error::Unavailable(error)) => {
            let error = Arc::new(error);
            for waiting in waiting {
                let error = sqlx::Error::Io(std::io::Error::other(Arc::clone(&error)));
                let _ = waiting.answer.send(Err(Error::Unavailable(error)));
            }
        }
        Err(error) if many == 1 => {
            waiting.into_iter().next().map(|alone| alone.answer.send(Err(error)));
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, many, "asked together in vain");
            for one in waiting {
                let alone = in_time(PATIENCE, 1, run(vec![one.question.clone()])).await;
                let alone = alone.and_then(|answers| answers.into_iter().next().ok_or(UNANSWERED));
                let _ = one.answer.send(alone);
            }
        }
    }
}

const UNANSWERED: Error = Error::Corrupt { what: "the number of answers" };

async fn in_time<A>(patience: Duration, many: usize, run: impl Future<Output = Result<Vec<A>>>) -> Result<Vec<A>> {
    match timeout(patience, run).await {
        Ok(Ok(answers)) if answers.len() != many => Err(UNANSWERED),
        Ok(answers) => answers,
        Err(_) => Err(Error::Unavailable(sqlx::Error::PoolTimedOut)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a failed unwrap is the failed assertion; one run is to panic"
    )]

    use super::*;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use tokio::sync::Semaphore;

    /// Doubles, and writes down how many were asked at once. Each run waits to be let through.
    #[derive(Clone)]
    struct Doubling {
        runs: Arc<Mutex<Vec<Vec<u32>>>>,
        gate: Arc<Semaphore>,
    }

    impl Doubling {
        fn new(open: usize) -> Self {
            Self { runs: Arc::default(), gate: Arc::new(Semaphore::new(open)) }
        }

        fn run(
            &self,
        ) -> impl Fn(Vec<u32>) -> futures::future::BoxFuture<'static, Result<Vec<u32>>> + Send + Sync + 'static
        {
            let this = self.clone();
            move |asked| {
                let this = this.clone();
                Box::pin(async move {
                    this.runs.lock().unwrap().push(asked.clone());
                    this.gate.acquire().await.unwrap().forget();
                    match asked.contains(&13) {
                        true => Err(Error::Corrupt { what: "thirteen" }),
                        false => Ok(asked.iter().map(|number| number * 2).collect()),
                    }
                })
            }
        }

        fn runs(&self) -> Vec<Vec<u32>> {
            self.runs.lock().unwrap().clone()
        }
    }

    async fn until(holds: impl Fn() -> bool) {
        while !holds() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn who_comes_during_a_run_is_in_the_next_and_never_in_the_one_under_way() {
        let (together, doubling) = (Together::<(), u32, u32>::default(), Doubling::new(0));
        let first = together.ask((), 1, doubling.run());
        let others = async {
            until(|| doubling.runs().len() == 1).await;
            let others = join_all([2, 3, 4].map(|number| together.ask((), number, doubling.run())));
            let open = async {
                tokio::task::yield_now().await;
                doubling.gate.add_permits(2);
            };
            futures::join!(others, open).0
        };
        let (first, others) = futures::join!(first, others);
        assert_eq!(first.unwrap(), 2);
        assert_eq!(others.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [4, 6, 8]);
        assert_eq!(doubling.runs(), [vec![1], vec![2, 3, 4]]);
        // Nothing is left over, and nothing is remembered.
        until(|| together.0.lock().unwrap().is_empty()).await;
        doubling.gate.add_permits(1);
        assert_eq!(together.ask((), 1, doubling.run()).await.unwrap(), 2);
        assert_eq!(doubling.runs().len(), 3, "asked again");
    }

    #[tokio::test]
    async fn another_key_waits_for_nobody() {
        let (together, held, free) = (Together::<u8, u32, u32>::default(), Doubling::new(0), Doubling::new(9));
        let stuck = together.ask(1, 1, held.run());
        let beside = async {
            until(|| held.runs().len() == 1).await;
            let answer = together.ask(2, 5, free.run()).await;
            held.gate.add_permits(1);
            answer
        };
        let (stuck, beside) = futures::join!(stuck, beside);
        assert_eq!((stuck.unwrap(), beside.unwrap()), (2, 10));
    }

    #[tokio::test]
    async fn there_is_an_end_to_how_many_are_asked_at_once() {
        let (together, doubling) = (Together::<(), u32, u32>::default(), Doubling::new(99));
        let many = u32::try_from(MOST).unwrap() + 44;
        let all = join_all((0..many).map(|number| together.ask((), number + 100, doubling.run()))).await;
        assert_eq!(
            all.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
            (0..many).map(|n| (n + 100) * 2).collect::<Vec<_>>()
        );
        assert!(doubling.runs().iter().all(|run| run.len() <= MOST));
        assert!(doubling.runs().iter().any(|run| run.len() == MOST), "{:?}", doubling.runs().len());
    }

    #[tokio::test]
    async fn nobody_fails_for_what_another_one_asked() {
        let (together, doubling) = (Together::<(), u32, u32>::default(), Doubling::new(99));
        let all = join_all([7, 13, 8].map(|number| together.ask((), number, doubling.run()))).await;
        assert!(matches!(all[..], [Ok(14), Err(Error::Corrupt { what: "thirteen" }), Ok(16)]), "{all:?}");
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_away_for_all_and_asked_once() {
        let (together, runs) = (Together::<(), u32, u32>::default(), Arc::new(AtomicUsize::new(0)));
        let away = || {
            let runs = Arc::clone(&runs);
            move |_| {
                runs.fetch_add(1, SeqCst);
                async { Err(Error::Unavailable(sqlx::Error::PoolClosed)) }
            }
        };
        let all = join_all([1, 2, 3].map(|number| together.ask((), number, away()))).await;
        assert!(all.iter().all(|answer| matches!(answer, Err(Error::Unavailable(_)))), "{all:?}");
        assert_eq!(runs.load(SeqCst), 1);
    }

    #[tokio::test]
    async fn a_run_that_answers_too_few_answers_nobody() {
        let together = Together::<(), u32, u32>::default();
        let short = || |asked: Vec<u32>| async move { Ok(asked.into_iter().skip(1).collect()) };
        let all = join_all([1, 2, 3].map(|number| together.ask((), number, short()))).await;
        assert!(all.iter().all(|answer| matches!(answer, Err(Error::Corrupt { .. }))), "{all:?}");
    }

    #[tokio::test]
    async fn whoever_gives_up_holds_nobody_up_and_a_panic_is_no_silence() {
        let (together, doubling) = (Together::<(), u32, u32>::default(), Doubling::new(0));
        // The one who brought the run goes away in the middle of it.
        let gone = together.ask((), 1, doubling.run());
        let stays = async {
            until(|| doubling.runs().len() == 1).await;
        };
        tokio::select! { biased; _ = gone => unreachable!("nothing let it through"), () = stays => {} }
        doubling.gate.add_permits(2);
        assert_eq!(together.ask((), 2, doubling.run()).await.unwrap(), 4);
        let panics = |_: Vec<u32>| async { panic!("in the middle") };
        assert!(matches!(together.ask((), 3, panics).await, Err(Error::Unavailable(_))));
        doubling.gate.add_permits(1);
        assert_eq!(together.ask((), 4, doubling.run()).await.unwrap(), 8, "the next begins anew");
    }

    #[tokio::test]
    async fn a_run_without_an_end_is_a_database_that_is_away() {
        let endless = std::future::pending::<Result<Vec<u32>>>();
        assert!(matches!(in_time(Duration::from_millis(1), 1, endless).await, Err(Error::Unavailable(_))));
    }
}
