//! The hasher as the server uses it: several callers, one queue, a runtime that must go on serving.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bulkhead_identity::{
    Busy, Hasher, HasherConfig, Keyring, OsRandom, Params, Password, SecretKey, StoredHash, TestRandom, Verdict,
};
use tokio::task::JoinSet;

const YES: Verdict = Verdict { matches: true, needs_rehash: false };
const YES_BUT_OLD: Verdict = Verdict { matches: true, needs_rehash: true };
const NO: Verdict = Verdict { matches: false, needs_rehash: false };

fn password(text: &str) -> Password {
    Password::try_from(text.to_owned()).unwrap()
}

fn pepper(id: &str, seed: u64) -> SecretKey {
    SecretKey::generate(id, &TestRandom::new(seed)).unwrap()
}

fn config(params: Params) -> HasherConfig {
    HasherConfig { params, permits: NonZeroUsize::MIN, ..HasherConfig::default() }
}

fn hasher(config: HasherConfig, peppers: impl Into<Keyring>) -> Hasher {
    Hasher::new(config, peppers.into(), Arc::new(OsRandom)).unwrap()
}

fn cheap(peppers: impl Into<Keyring>) -> Hasher {
    hasher(config(Params::FOR_TESTS), peppers)
}

#[tokio::test]
async fn right_and_wrong() {
    let hasher = cheap(pepper("p", 1));
    let stored = hasher.hash(&password("caf\u{e9} au lait")).await.unwrap();
    assert!(stored.phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    assert_eq!(hasher.verify(&password("cafe\u{301} au lait"), Some(&stored)).await, Ok(YES), "normalised");
    assert_eq!(hasher.verify(&password("cafe au lait"), Some(&stored)).await, Ok(NO));
    assert_eq!(hasher.verify(&password(""), Some(&stored)).await, Ok(NO));
    let again = hasher.hash(&password("caf\u{e9} au lait")).await.unwrap();
    assert_ne!(stored, again, "a salt of its own");
}

#[tokio::test]
async fn unknown_accounts_cost_the_same_run_and_never_match() {
    let hasher = cheap(pepper("p", 1));
    let stored = hasher.hash(&password("x")).await.unwrap();
    let unreadable = StoredHash { phc: "$2y$10$abc".into(), pepper_id: "p".into() };
    let orphaned = StoredHash { pepper_id: "gone".into(), ..stored.clone() };
    // The empty password is what the dummy was made of: equal bytes, and still no match.
    for text in ["x", ""] {
        for given in [Some(&stored), None, Some(&unreadable), Some(&orphaned)] {
            let before = hasher.stats().runs;
            let verdict = hasher.verify(&password(text), given).await.unwrap();
            assert_eq!(hasher.stats().runs, before + 1, "one argon2 run, whatever is stored");
            assert_eq!(verdict.matches, text == "x" && given == Some(&stored));
        }
    }
}

#[tokio::test]
async fn an_unknown_account_takes_as_long_as_a_wrong_password() {
    let hasher = hasher(config(Params::OWASP), pepper("p", 1));
    let stored = hasher.hash(&password("x")).await.unwrap();
    let mut best = [Duration::MAX; 2];
    for _ in 0..8 {
        for (slot, given) in best.iter_mut().zip([Some(&stored), None]) {
            let started = Instant::now();
            hasher.verify(&password("wrong"), given).await.unwrap();
            *slot = (*slot).min(started.elapsed());
        }
    }
    let ratio = best[0].as_secs_f64() / best[1].as_secs_f64();
    assert!((0.7..1.4).contains(&ratio), "{best:?}");
}

#[tokio::test]
async fn peppers_rotate_at_sign_in() {
    let old = cheap(pepper("2025", 1)).hash(&password("x")).await.unwrap();
    let rotated = cheap(Keyring::new(pepper("2026", 2), vec![pepper("2025", 1)]).unwrap());
    assert_eq!(rotated.verify(&password("x"), Some(&old)).await, Ok(YES_BUT_OLD));
    assert_eq!(rotated.verify(&password("y"), Some(&old)).await, Ok(NO), "a wrong password is not rehashed");
    let new = rotated.hash(&password("x")).await.unwrap();
    assert_eq!(new.pepper_id, "2026");
    assert_eq!(rotated.verify(&password("x"), Some(&new)).await, Ok(YES));
    // Negative controls: the old key gone, and another key under its name.
    assert_eq!(cheap(pepper("2026", 2)).verify(&password("x"), Some(&old)).await, Ok(NO));
    assert_eq!(cheap(pepper("2025", 9)).verify(&password("x"), Some(&old)).await, Ok(NO));
}

#[tokio::test]
async fn changed_parameters_ask_for_a_rehash() {
    let stronger = Params::new(16, 1, 1).unwrap();
    let old = cheap(pepper("p", 1)).hash(&password("x")).await.unwrap();
    let now = hasher(config(stronger), pepper("p", 1));
    assert_eq!(now.verify(&password("x"), Some(&old)).await, Ok(YES_BUT_OLD));
    let new = now.hash(&password("x")).await.unwrap();
    assert_eq!(now.verify(&password("x"), Some(&new)).await, Ok(YES));
    assert_eq!(cheap(pepper("p", 1)).verify(&password("x"), Some(&new)).await, Ok(YES_BUT_OLD), "weaker, too");
}

/// L06: more callers than places. Each is answered, some with `Busy`, and the queue never grows past its limit.
#[tokio::test]
async fn a_storm_is_bounded() {
    let storm = HasherConfig { queue: 4, ..config(Params::new(4096, 1, 1).unwrap()) };
    let hasher = hasher(storm, pepper("p", 1));
    let mut callers = JoinSet::new();
    for _ in 0..200 {
        let hasher = hasher.clone();
        callers.spawn(async move { hasher.verify(&password("x"), None).await });
    }
    let mut refused = 0;
    while let Some(answer) = callers.join_next().await {
        assert!(hasher.stats().waiting <= 5);
        match answer.unwrap() {
            Ok(verdict) => assert_eq!(verdict, NO),
            Err(Busy { retry_after }) => {
                refused += 1;
                assert!(retry_after >= Duration::from_secs(1));
            }
        }
    }
    assert!(refused > 0 && refused < 200, "{refused}");
    assert_eq!(hasher.stats().refused, refused);
    assert_eq!(hasher.stats().waiting, 0);
    assert_eq!(hasher.stats().runs, 200 - refused, "what was refused was not computed");
    assert_eq!(hasher.verify(&password("x"), None).await, Ok(NO), "and it goes on");
}

#[tokio::test]
async fn waiting_too_long_is_refused() {
    let impatient = HasherConfig { max_wait: Duration::from_millis(1), ..config(Params::OWASP) };
    let hasher = hasher(impatient, pepper("p", 1));
    let (known, unknown) = (password("x"), password("y"));
    let (first, second, third) =
        tokio::join!(hasher.verify(&known, None), hasher.verify(&unknown, None), hasher.verify(&known, None));
    assert!(first.is_ok() || second.is_err());
    assert!(second.is_err() && third.is_err(), "they waited behind a run of more than a millisecond");
}

#[tokio::test]
async fn nobody_computes_for_a_caller_who_left() {
    let hasher = hasher(config(Params::OWASP), pepper("p", 1));
    let slow = password("x");
    let mut left = Vec::new();
    for _ in 0..50 {
        left.push(Box::pin(hasher.verify(&slow, None)));
    }
    for waiting in &mut left {
        assert!(poll_once(waiting.as_mut()).await.is_none(), "queued, not done");
    }
    drop(left);
    hasher.verify(&slow, None).await.unwrap();
    assert!(hasher.stats().runs <= 4, "{:?}", hasher.stats());
}

/// On a runtime with one thread, hashing on that thread would stop the ticks; the control does exactly that.
#[tokio::test(flavor = "current_thread")]
async fn the_runtime_goes_on_while_hashing() {
    let slow = Params::new(65_536, 3, 1).unwrap();
    let hasher = hasher(config(slow), pepper("p", 1));
    let secret = password("x");
    let elsewhere = ticks_during(async {
        hasher.verify(&secret, None).await.unwrap();
    })
    .await;
    let inline = ticks_during(async {
        let until = Instant::now() + Duration::from_millis(100);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
    })
    .await;
    assert!(elsewhere >= 5 && inline <= 1, "{elsewhere} ticks beside the hasher, {inline} beside a blocked thread");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn threads_are_nice_and_end_with_the_hasher() {
    // Other tests of this binary run hashers as well: look for the niceness that only this one has.
    let nice_17 = || {
        std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok())
            .filter(|stat| {
                let (name, rest) = stat.rsplit_once(") ").unwrap();
                name.contains("(argon2-") && rest.split(' ').nth(16) == Some("17")
            })
            .count()
    };
    let base = own_niceness();
    let three = HasherConfig {
        permits: NonZeroUsize::new(3).unwrap(),
        niceness: u8::try_from(17 - base).unwrap(),
        ..config(Params::FOR_TESTS)
    };
    let hasher = hasher(three, pepper("p", 1));
    let clone = hasher.clone();
    hasher.verify(&password("x"), None).await.unwrap();
    wait_until(|| nice_17() == 3).await;
    drop(hasher);
    assert_eq!(clone.verify(&password("x"), None).await, Ok(NO), "a clone keeps them");
    drop(clone);
    wait_until(|| nice_17() == 0).await;
}

#[test]
fn debug_shows_no_secret() {
    let hasher = cheap(pepper("p", 1));
    let stored = StoredHash { phc: "$argon2id$secret".into(), pepper_id: "p".into() };
    let shown = format!("{hasher:?} {stored:?}");
    assert!(!shown.contains("$argon2id") && !shown.contains("bytes"), "{shown}");
}

async fn ticks_during(work: impl Future<Output = ()>) -> u32 {
    tokio::pin!(work);
    let mut ticks = 0;
    loop {
        tokio::select! {
            biased;
            () = &mut work => return ticks,
            () = tokio::time::sleep(Duration::from_millis(1)) => ticks += 1,
        }
    }
}

async fn poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        let polled = std::pin::Pin::new(&mut future).poll(context);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

async fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(condition(), "not within five seconds");
}

#[cfg(target_os = "linux")]
fn own_niceness() -> i32 {
    rustix::process::getpriority_process(None).unwrap()
}
