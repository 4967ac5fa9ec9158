//! What all list pages share: the query string is the state. Filters, order and place live in the URL, and every
//! link on the page is the current URL with one thing changed.

use super::page::Web;
use crate::cursor;
use bulkhead_model::page::{Count, DEFAULT_LIMIT, LIMITS, Page, PageRequest, Place};
use bulkhead_ui::{
    AppliedFilter, Facet, FacetOption, FilterBar, Icon, IconName, KeysetPager, PageSize, ResultLine, Sort,
};
use leptos::prelude::*;
use time::{Date, Duration, OffsetDateTime, macros::format_description};

/// A facet's closed words, each with its label.
type Words<'a> = &'a [(&'a str, &'a str)];

/// The query string of a list page, pair by pair. Unknown pairs are kept out of links.
#[derive(Debug, Clone)]
pub struct ListQuery {
    path: String,
    list: &'static str,
    pairs: Vec<(String, String)>,
}

impl ListQuery {
    /// Reads the query of a list. `known` names its filters and order; everything else is ignored.
    pub fn read(web: &Web, list: &'static str, known: &[&str]) -> Self {
        Self::of(web.path(), list, known, web.query())
    }

    /// The same of a query string that came another way.
    pub fn of(path: &str, list: &'static str, known: &[&str], query: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let known =
            |name: &str| known.contains(&name) || ["q", "sort", "dir", "limit", "after", "before"].contains(&name);
        let pairs = pairs.into_iter().filter(|(name, value)| known(name) && !value.is_empty()).collect();
        Self { path: path.to_owned(), list, pairs }
    }

    /// The first value of a name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// What was searched for, at most 100 characters of it.
    pub fn search(&self) -> String {
        self.first("q").unwrap_or_default().trim().chars().take(100).collect()
    }

    /// Every value of a name that `read` understands; the others are as if they were not there.
    pub fn all<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        self.pairs.iter().filter(|(given, _)| given == name).filter_map(|(_, value)| read(value)).collect()
    }

    /// Whether the order is turned round.
    pub fn reversed(&self) -> bool {
        self.first("dir") == Some("reverse")
    }

    /// Place and size of the page asked for. A cursor that is not ours starts at the top.
    pub fn page(&self, web: &Web) -> PageRequest {
        let limit = self.first("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT);
        let key = |name| self.first(name).and_then(|sealed| cursor::open(web.site(), self.list, sealed));
        let place = match (key("after"), key("before")) {
            (Some(key), _) => Place::After(key),
            (None, Some(key)) => Place::Before(key),
            (None, None) => Place::First,
        };
        PageRequest::new(place, limit)
    }

    /// This list with some names set to new values (none: taken away), from the top.
    pub fn with(&self, changes: &[(&str, Option<&str>)]) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| {
            !["after", "before"].contains(&name.as_str()) && !changes.iter().any(|(changed, _)| changed == name)
        });
        let set = changes.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
        let pairs: Vec<(String, String)> = kept.cloned().chain(set).collect();
        self.href(&pairs)
    }

    /// This list without one value of a name.
    pub fn without(&self, name: &str, value: &str) -> String {
        let pairs: Vec<(String, String)> = self
            .pairs
            .iter()
            .filter(|(given, val)| !(["after", "before"].contains(&given.as_str()) || given == name && val == value))
            .cloned()
            .collect();
        self.href(&pairs)
    }

    /// This list without any filter, in the same order.
    pub fn cleared(&self) -> String {
        let pairs: Vec<(String, String)> =
            self.pairs.iter().filter(|(name, _)| ["sort", "dir", "limit"].contains(&name.as_str())).cloned().collect();
        self.href(&pairs)
    }

    /// What the filter form must carry along besides its own fields.
    pub fn kept(&self) -> Vec<(String, String)> {
        self.pairs.iter().filter(|(name, _)| ["sort", "dir", "limit"].contains(&name.as_str())).cloned().collect()
    }

    /// Its filters alone, as a query string: what it shows, in whatever order and on however many pages.
    pub fn filters(&self) -> String {
        let kept = |name: &str| !["sort", "dir", "limit", "after", "before", "all"].contains(&name);
        let pairs: Vec<&(String, String)> = self.pairs.iter().filter(|(name, _)| kept(name)).collect();
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }

    fn href(&self, pairs: &[(String, String)]) -> String {
        match serde_urlencoded::to_string(pairs) {
            Ok(query) if !query.is_empty() => format!("{}?{query}", self.path),
            _ => self.path.clone(),
        }
    }

    /// A facet of closed words, the chosen ones checked.
    pub fn facet(&self, name: &'static str, label: &str, words: Words<'_>) -> Facet {
        let chosen = self.all(name, |text| Some(text.to_owned()));
        let options = words
            .iter()
            .map(|(code, label)| FacetOption::new(*code, *label, chosen.iter().any(|chosen| chosen == code)))
            .collect();
        Facet::new(name, label, options)
    }

    /// A field of a menu beside the search.
    pub fn field(&self, name: &'static str, label: &'static str, kind: &'static str) -> AnyView {
        let value = self.first(name).unwrap_or_default().to_owned();
        view! {
            <label class="facet-field">
                <span>{label}</span>
                <input class="input" type=kind name=name value=value maxlength="200" spellcheck="false" autocomplete="off" />
            </label>
        }
        .into_any()
    }

    /// A chip for each chosen word of a facet, and for the search.
    pub fn applied(&self, facets: &[(&str, &str, Words<'_>)]) -> Vec<AppliedFilter> {
        let mut applied = Vec::new();
        let search = self.search();
        if !search.is_empty() {
            applied.push(AppliedFilter::new("Search", search, self.with(&[("q", None)])));
        }
        for (name, title, words) in facets {
            for chosen in self.all(name, |text| words.iter().find(|(code, _)| code == &text).copied()) {
                applied.push(AppliedFilter::new(*title, chosen.1, self.without(name, chosen.0)));
            }
        }
        applied
    }

    /// Link and state of a column's sort control.
    pub fn sort_link(&self, code: &str, default: &str, natural: Sort) -> (String, Sort) {
        let current = self.first("sort").unwrap_or(default) == code;
        let opposite = match natural {
            Sort::Ascending => Sort::Descending,
            _ => Sort::Ascending,
        };
        match (current, self.reversed()) {
            (true, false) => (self.with(&[("sort", Some(code)), ("dir", Some("reverse"))]), natural),
            (true, true) => (self.with(&[("sort", Some(code)), ("dir", None)]), opposite),
            (false, _) => (self.with(&[("sort", Some(code)), ("dir", None)]), Sort::None),
        }
    }

    /// Search and pager of members, where there are more than a page of them: of how many match, and of all. The list is one
    /// of several things on its page.
    pub fn around<T>(
        &self,
        web: &Web,
        page: &Page<T>,
        (matching, all): (Count, Count),
        sorted_by: &'static str,
    ) -> (AnyView, AnyView) {
        let number = |count: Count| u64::try_from(count.0).unwrap_or_default();
        if number(all) <= u64::from(self.page(web).limit) {
            return (().into_any(), ().into_any());
        }
        let (search, action) = (self.search(), self.path.clone());
        let clear_href = (!search.is_empty()).then(|| self.cleared());
        let (applied, keep) = (self.applied(&[]), self.kept());
        let (matching, total) = (number(matching), number(all));
        let filter = view! {
            <div class="card-list">
                <FilterBar action search_label="Search by name or address" query=search applied clear_href keep />
                <ResultLine matching total one="member" many="members" sorted_by />
            </div>
        };
        let pager = view! { <div class="card-list">{self.pager(web, page, ("Newer", "Older"))}</div> };
        (filter.into_any(), pager.into_any())
    }

    /// The links under a list.
    pub fn pager<T>(&self, web: &Web, page: &Page<T>, labels: (&'static str, &'static str)) -> AnyView {
        let limit = self.page(web).limit;
        let link = |name: &str, key: &Option<bulkhead_model::page::Key>| {
            key.as_ref().map(|key| {
                let cursor = cursor::seal(web.site(), self.list, key);
                self.with(&[(name, Some(cursor.as_str()))])
            })
        };
        let sizes = LIMITS
            .iter()
            .map(|&rows| PageSize {
                rows: rows.into(),
                href: self.with(&[("limit", Some(rows.to_string().as_str()))]),
                current: rows == limit,
            })
            .collect();
        let (newer, older) = (link("before", &page.previous), link("after", &page.next));
        view! { <KeysetPager newer older sizes newer_label=labels.0 older_label=labels.1 /> }.into_any()
    }
}

/// Controls behind a button beside the search; `on` of them are set.
pub fn menu(label: &'static str, on: usize, content: AnyView) -> impl IntoView {
    view! {
        <details class="menu facet">
            <summary class="btn btn-secondary">
                <span>{label}</span>
                {(on > 0).then(|| view! { <span class="facet-on">{on.to_string()}</span> })}
                <Icon name=IconName::ChevronDown />
            </summary>
            <div class="menu-panel">
                {content}
                <div class="facet-foot">
                    <button type="submit" class="btn btn-primary btn-sm">
                        "Apply"
                    </button>
                </div>
            </div>
        </details>
    }
}

/// Two days of UTC, both included, as moments: from the first's beginning to before the day after the last.
pub fn range(from: Option<&str>, until: Option<&str>) -> (Option<OffsetDateTime>, Option<OffsetDateTime>) {
    let day = |text: Option<&str>| Date::parse(text?.trim(), format_description!("[year]-[month]-[day]")).ok();
    let from = day(from).map(|day| day.midnight().assume_utc());
    let until = day(until).and_then(|day| day.midnight().assume_utc().checked_add(Duration::DAY));
    (from, until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_range_of_days_includes_both() {
        let (from, until) = range(Some("2026-11-01"), Some(" 2026-11-01 "));
        assert_eq!(from, Some(datetime!(2026-11-01 00:00 UTC)));
        assert_eq!(until, Some(datetime!(2026-11-02 00:00 UTC)));
    }

    #[test]
    fn what_is_no_day_is_as_if_it_were_not_there() {
        for none in ["", "yesterday", "2026-02-30", "2026-11-01T00:00", "99999-01-01", "2026-11-1"] {
            assert_eq!(range(Some(none), Some(none)), (None, None), "{none}");
        }
        assert_eq!(range(None, Some("9999-12-31")).1, None, "the day after the last one there is");
    }
}
