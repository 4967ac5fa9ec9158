//! Keyset paging: a page is asked for by the place after (or before) which it starts, never by number.

use serde::{Deserialize, Serialize};

/// Rows on a page when nothing else is asked for.
pub const DEFAULT_LIMIT: u16 = 50;
/// Page sizes a person can choose from; the API takes any from 1 to 100.
pub const LIMITS: [u16; 3] = [25, 50, 100];
/// Counting stops here: above it a list says "10,000+".
pub const COUNT_CAP: i64 = 10_000;

/// Where a page starts, relative to a row of the list's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At the top.
    First,
    /// The rows after this key.
    After(Key),
    /// The rows before this key, in the list's order.
    Before(Key),
}

/// A row's position in a sorted list: the sort column's value as text, and the id that makes it unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The sort column's value, in the form the list's query reads back.
    pub value: String,
    /// The row's id.
    pub id: uuid::Uuid,
}

/// What to fetch: a place and how many rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Where it starts.
    pub place: Place,
    /// At most this many rows (1 to 100).
    pub limit: u16,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { place: Place::First, limit: DEFAULT_LIMIT }
    }
}

impl PageRequest {
    /// A request with the limit forced into 1..=100.
    pub fn new(place: Place, limit: u16) -> Self {
        Self { place, limit: limit.clamp(1, 100) }
    }

    /// How many rows to ask the database for: one more than shown tells whether there is a next page.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One page of a list, with the keys of its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows in the list's order.
    pub rows: Vec<T>,
    /// Pass as [`Place::After`] for the following page.
    pub next: Option<Key>,
    /// Pass as [`Place::Before`] for the preceding page.
    pub previous: Option<Key>,
}

impl<T> Page<T> {
    /// Cuts what was fetched (see [`PageRequest::fetch`]; rows of a `Before` request come in reverse) to a page.
    pub fn cut(request: &PageRequest, mut fetched: Vec<T>, key: impl Fn(&T) -> Key) -> Self {
        let more = fetched.len() > usize::from(request.limit);
        fetched.truncate(usize::from(request.limit));
        let backwards = matches!(request.place, Place::Before(_));
        if backwards {
            fetched.reverse();
        }
        let first = fetched.first().map(&key);
        let last = fetched.last().map(&key);
        let (previous, next) = match request.place {
            Place::First => (None, last.filter(|_| more)),
            Place::After(_) => (first, last.filter(|_| more)),
            Place::Before(_) => (first.filter(|_| more), last),
        };
        Self { rows: fetched, next, previous }
    }

    /// The same page with its rows turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(f).collect(), next: self.next, previous: self.previous }
    }
}

/// How many rows match, exactly up to [`COUNT_CAP`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count(pub i64);

impl std::fmt::Display for Count {
    /// `1,234`, or `10,000+` at the cap.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.min(COUNT_CAP).to_string();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{c}")?;
        }
        if self.0 >= COUNT_CAP { f.write_str("+") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: &u32) -> Key {
        Key { value: n.to_string(), id: uuid::Uuid::from_u128(u128::from(*n)) }
    }

    #[test]
    fn pages_know_their_neighbours() {
        let first = PageRequest::new(Place::First, 2);
        let page = Page::cut(&first, vec![1, 2, 3], key);
        assert_eq!((page.rows, page.previous, page.next), (vec![1, 2], None, Some(key(&2))));

        let last = PageRequest::new(Place::After(key(&2)), 2);
        let page = Page::cut(&last, vec![3], key);
        assert_eq!((page.rows, page.previous, page.next), (vec![3], Some(key(&3)), None));

        let back = PageRequest::new(Place::Before(key(&3)), 2);
        let page = Page::cut(&back, vec![2, 1], key);
        assert_eq!((page.rows, page.previous, page.next), (vec![1, 2], None, Some(key(&2))));
    }

    #[test]
    fn counts_are_grouped_and_capped() {
        assert_eq!(Count(0).to_string(), "0");
        assert_eq!(Count(1234).to_string(), "1,234");
        assert_eq!(Count(10_000).to_string(), "10,000+");
    }
}
