//! How many guesses an attacker needs who tries common passwords, this person's words and patterns first.
//!
//! The password is cut into pieces in the cheapest way (dynamic programming over its characters). Costs are in
//! tenths of a decimal digit of guesses, so 100 stands for 10^10 guesses:
//!
//! | piece | costs |
//! |---|---|
//! | any one character | 10 |
//! | an entry of the blocklist | log10 of its rank, at least 20 |
//! | a word of the context | 10 |
//! | a run: `aaaa`, `2345`, `cba`, `qwer` | 20 |
//! | a year, `19xx` or `20xx` | 20 |
//! | three and more characters that came before | 15 |
//!
//! The idea is zxcvbn's. Its Rust port was tried first and left: it multiplies out look-alike characters (1.6 s
//! for 100 characters of `4@8({[<…`) and overflows on long keyboard walks, a panic where overflow is checked.
//! Here the work is bounded: [`EXAMINED_CHARS`] positions times [`LONGEST_WORD`] lengths, a few hundred
//! microseconds at most. Only a beginning is examined because a password with a strong beginning is strong.

use zeroize::Zeroizing;

use crate::blocklist;

const EXAMINED_CHARS: usize = 64;
const LONGEST_WORD: usize = 24;

const CHARACTER: u32 = 10;
const CONTEXT: u32 = 10;
const COPY: u32 = 15;
const PATTERN: u32 = 20;
const COMMON_AT_LEAST: u32 = 20;

const SHORTEST_RUN: usize = 3;
const SHORTEST_ROW: usize = 4;
const SHORTEST_COPY: usize = 3;

/// Rows of keys, walked in both directions.
const ROWS: [&str; 7] =
    ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"];

/// What a stretch of the password was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Character,
    Common,
    Context,
    Pattern,
}

/// The cheapest way to build the password.
pub(crate) struct Estimate {
    /// log10 of the guesses needed, times ten.
    pub(crate) cost: u32,
    pub(crate) pieces: Vec<Piece>,
}

/// The best known way to have built everything before a position.
#[derive(Clone, Copy)]
struct Step {
    cost: u32,
    from: usize,
    piece: Piece,
}

/// Estimates `text`. `context` is in lower case.
pub(crate) fn estimate(text: &str, context: &[String]) -> Estimate {
    let text: Zeroizing<Vec<char>> =
        Zeroizing::new(text.chars().flat_map(char::to_lowercase).take(EXAMINED_CHARS).collect());
    let readings = readings(&text);
    let start = Step { cost: 0, from: 0, piece: Piece::Character };
    let mut steps = vec![Step { cost: u32::MAX, ..start }; text.len() + 1];
    steps[0] = start;
    for from in 0..text.len() {
        let spent = steps[from].cost;
        let mut reach = |length: usize, cost: u32, piece: Piece| {
            let cost = spent + cost;
            if let Some(step) = steps.get_mut(from + length).filter(|step| cost < step.cost) {
                *step = Step { cost, from, piece };
            }
        };
        reach(1, CHARACTER, Piece::Character);
        for reading in &readings {
            for (length, cost) in common_words(&reading[from..]) {
                reach(length, cost, Piece::Common);
            }
            for length in words_at(&reading[from..], context) {
                reach(length, CONTEXT, Piece::Context);
            }
        }
        for length in SHORTEST_RUN..=run(&text[from..]) {
            reach(length, PATTERN, Piece::Pattern);
        }
        for length in SHORTEST_ROW..=row(&text[from..]) {
            reach(length, PATTERN, Piece::Pattern);
        }
        if is_year(&text[from..]) {
            reach(4, PATTERN, Piece::Pattern);
        }
        for length in SHORTEST_COPY..=copied(&text, from) {
            reach(length, COPY, Piece::Pattern);
        }
    }
    let mut pieces = Vec::new();
    let mut at = text.len();
    while at > 0 {
        pieces.push(steps[at].piece);
        at = steps[at].from;
    }
    Estimate { cost: steps[text.len()].cost, pieces }
}

/// The text as typed, and with look-alikes undone in the two usual ways (`1` is an `i` or an `l`).
fn readings(text: &[char]) -> Vec<Zeroizing<Vec<char>>> {
    let mut readings = vec![Zeroizing::new(text.to_vec())];
    for one in ['i', 'l'] {
        let letters = text.iter().map(|&c| match c {
            '4' | '@' => 'a',
            '8' => 'b',
            '(' => 'c',
            '3' | '€' => 'e',
            '6' | '9' => 'g',
            '1' | '!' | '|' => one,
            '0' => 'o',
            '5' | '$' => 's',
            '7' | '+' => 't',
            other => other,
        });
        let reading = Zeroizing::new(letters.collect::<Vec<_>>());
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    readings
}

/// Lengths and costs of the blocklist's entries that `text` begins with.
fn common_words(text: &[char]) -> Vec<(usize, u32)> {
    let mut found = Vec::new();
    let mut word = Zeroizing::new(String::with_capacity(LONGEST_WORD * 4));
    for (length, &c) in (1..=LONGEST_WORD).zip(text) {
        word.push(c);
        let entry = blocklist::find(&word);
        if let Some(rank) = entry.rank {
            found.push((length, common_cost(rank)));
        }
        if !entry.is_prefix {
            break;
        }
    }
    found
}

/// Ten times log10 of the rank, in steps that need no floating point.
fn common_cost(rank: u32) -> u32 {
    let (mut cost, mut reached) = (COMMON_AT_LEAST, 100_u32);
    while reached <= rank {
        // A doubling is 3 tenths of a digit.
        (cost, reached) = (cost + 3, reached * 2);
    }
    cost
}

fn words_at<'a>(text: &'a [char], words: &'a [String]) -> impl Iterator<Item = usize> + 'a {
    words.iter().filter_map(move |word| {
        let length = word.chars().count();
        let begins = text.len() >= length && word.chars().zip(text).all(|(a, &b)| a == b);
        begins.then_some(length)
    })
}

/// How far the code points go up, go down or stand still, one at a time.
fn run(text: &[char]) -> usize {
    longest(text, |a, b| match u32::from(b).wrapping_sub(u32::from(a)) {
        step @ (0 | 1 | u32::MAX) => Some(step),
        _ => None,
    })
}

/// How far neighbouring keys of one row go in one direction.
fn row(text: &[char]) -> usize {
    longest(text, |a, b| {
        ROWS.iter().find_map(|row| {
            let place = |key| row.chars().position(|c| c == key);
            match place(b)?.checked_signed_diff(place(a)?)? {
                step @ (1 | -1) => Some(step),
                _ => None,
            }
        })
    })
}

/// The length of the beginning in which every pair makes the same step.
fn longest<S: PartialEq>(text: &[char], step: impl Fn(char, char) -> Option<S>) -> usize {
    let mut steps = text.windows(2).map(|pair| step(pair[0], pair[1]));
    match steps.next().flatten() {
        None => text.len().min(1),
        Some(first) => 2 + steps.take_while(|next| next.as_ref() == Some(&first)).count(),
    }
}

fn is_year(text: &[char]) -> bool {
    match text {
        [century, decade, c, d, ..] => {
            matches!((century, decade), ('1', '9') | ('2', '0')) && c.is_ascii_digit() && d.is_ascii_digit()
        }
        _ => false,
    }
}

/// The longest stretch from `from` on that already occurred before it; the two may overlap.
fn copied(text: &[char], from: usize) -> usize {
    let common = |earlier: usize| text[earlier..].iter().zip(&text[from..]).take_while(|(a, b)| a == b).count();
    (0..from).map(common).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(text: &str) -> u32 {
        estimate(text, &["northwind".to_owned()]).cost
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn recognises_runs_rows_years_and_copies() {
        assert_eq!(run(&chars("aaab")), 3);
        assert_eq!(run(&chars("2345x")), 4);
        assert_eq!(run(&chars("zyxa")), 3);
        assert_eq!(run(&chars("abab")), 2, "up, then down");
        assert_eq!((run(&chars("a")), run(&[])), (1, 0));
        assert_eq!(row(&chars("qwertz")), 5);
        assert_eq!(row(&chars("lkjh!")), 4);
        assert_eq!(row(&chars("йцуке")), 5);
        assert_eq!(row(&chars("qaz")), 1);
        assert!(
            is_year(&chars("1984x")) && is_year(&chars("2026")) && !is_year(&chars("1884")) && !is_year(&chars("198"))
        );
        assert_eq!(copied(&chars("abcXabcY"), 4), 3);
        assert_eq!(copied(&chars("aaaa"), 1), 3, "overlapping");
        assert_eq!(copied(&chars("abc"), 0), 0);
    }

    #[test]
    fn costs_follow_the_table() {
        assert_eq!(cost(""), 0);
        assert_eq!(cost("kvnqhwzrtb"), 100);
        assert_eq!(cost("password"), 20, "at least 20, however common");
        assert_eq!(cost("P4$$w0rd"), 20, "look-alikes and case change nothing");
        assert_eq!(cost("northwind"), 10);
        assert_eq!(cost("n0rthw1nd"), 10);
        assert_eq!(cost("northwind-northwind"), 30, "a word twice costs twice at most");
        assert_eq!(cost("kvnqkvnqkvnq"), 40 + 15);
        assert_eq!(cost("vkq2026"), 50);
        assert_eq!((common_cost(0), common_cost(99), common_cost(100), common_cost(49_000)), (20, 20, 23, 47));
    }

    #[test]
    fn only_a_beginning_is_examined() {
        let strong: String = ('\u{4e00}'..).step_by(7).take(EXAMINED_CHARS).collect();
        assert_eq!(cost(&strong), 640);
        assert_eq!(cost(&format!("{strong}{strong}")), 640);
    }
}
