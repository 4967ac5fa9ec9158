//! The grammar of what PostgreSQL prints, as far as expressions need it: parentheses, quotes, names, calls.

/// A function call in an expression.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The function's name with its schema, unquoted.
    pub path: Vec<String>,
    /// Its arguments, as printed.
    pub arguments: Vec<&'a str>,
    /// It stands in a sub-select.
    pub in_select: bool,
    /// The function whose argument it is, where it is one.
    pub within: Option<String>,
}

/// Every call in `text`, at any depth, in the order of their opening parentheses.
pub(super) fn calls(text: &str) -> Vec<Call<'_>> {
    let mut open: Vec<Group> = Vec::new();
    let mut calls: Vec<(usize, Call<'_>)> = Vec::new();
    let mut depth = 0;
    for (at, after) in depths(text) {
        if after > depth {
            let path = trailing_path(&text[..at]);
            open.push(Group { at, in_select: text[at + 1..].trim_start().starts_with("SELECT "), path });
        } else if after < depth
            && let Some(Group { at: start, path, .. }) = open.pop()
            && !path.is_empty()
        {
            let arguments = match &text[start + 1..at] {
                "" => Vec::new(),
                inside => split(inside, ", "),
            };
            let in_select = open.iter().any(|group| group.in_select);
            let within = open.last().filter(|group| !group.path.is_empty()).map(|group| group.path.join("."));
            calls.push((start, Call { path, arguments, in_select, within }));
        }
        depth = after;
    }
    calls.sort_by_key(|(start, _)| *start);
    calls.into_iter().map(|(_, call)| call).collect()
}

struct Group {
    at: usize,
    in_select: bool,
    path: Vec<String>,
}

/// The call that `text` is as a whole.
pub(super) fn whole_call(text: &str) -> Option<Call<'_>> {
    let inside = text.strip_suffix(')')?;
    let (name, arguments) = inside.split_at_checked(name_length(inside))?;
    let arguments = arguments.strip_prefix('(').filter(|arguments| is_balanced(arguments))?;
    let arguments = if arguments.is_empty() { Vec::new() } else { split(arguments, ", ") };
    Some(Call { path: path(name)?, arguments, in_select: false, within: None })
}

/// How many bytes before the first parenthesis that stands outside quotes.
fn name_length(text: &str) -> usize {
    depths(text).find(|(_, depth)| *depth > 0).map_or(text.len(), |(at, _)| at)
}

/// A possibly quoted name with its schema or table, unquoted; None where `text` is anything else.
pub(super) fn path(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, after) = first_name(rest)?;
        names.push(name);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(names),
            None => return None,
        }
    }
}

fn first_name(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !is_word(c)).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if characters.peek().is_some_and(|(_, next)| *next == '"') => {
                characters.next();
                name.push('"');
            }
            '"' => return Some((name, &quoted[at + 1..])),
            other => name.push(other),
        }
    }
    None
}

/// The name that ends `text`, with its schema: what stands before a call's parenthesis. Empty where there is none.
fn trailing_path(text: &str) -> Vec<String> {
    let mut start = text.len();
    loop {
        let before = &text[..start];
        let name = match before.strip_suffix('"') {
            // Back to the quote that opens the name; a doubled one belongs to it.
            Some(mut inner) => loop {
                let Some(at) = inner.rfind('"') else { return Vec::new() };
                match inner[..at].strip_suffix('"') {
                    Some(earlier) => inner = earlier,
                    None => break at,
                }
            },
            None => before
                .rfind(|c: char| !is_word(c))
                .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8)),
        };
        if name == start {
            return Vec::new();
        }
        start = name;
        match text[..start].strip_suffix('.') {
            Some(schema) => start = schema.len(),
            None => return path(&text[start..]).unwrap_or_default(),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The text that a constant stands for: `'admin'::text`, `'it''s'`.
pub(super) fn literal(text: &str) -> Option<String> {
    let text = split(without_parentheses(text), "::").first().copied()?.trim();
    Some(text.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'"))
}

/// Where the constant that `inside` begins in ends: at a quote that is not doubled.
fn closing_quote(inside: &str) -> Option<usize> {
    let mut quotes = inside.match_indices('\'').map(|(at, _)| at).peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&(at + 1)).is_none() {
            return Some(at);
        }
    }
    None
}

/// Every text constant in `text`, without repetition.
pub(super) fn literals(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((_, inside)) = rest.split_once('\'') {
        let Some(end) = closing_quote(inside) else { break };
        let value = inside[..end].replace("''", "'");
        if !found.contains(&value) {
            found.push(value);
        }
        rest = &inside[end + 1..];
    }
    found
}

/// Every name, keyword and number in `text`, in order; constants are left out.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '\'' => rest[1..].split_once('\'').map_or("", |(_, after)| after),
            _ => match first_name(rest) {
                Some((word, after)) => {
                    found.push(word);
                    after
                }
                None => &rest[first.len_utf8()..],
            },
        };
    }
    found
}

/// What a cast is applied to, with the type. Only the last one, and only outside parentheses.
pub(super) fn cast(text: &str) -> Option<(&str, &str)> {
    let parts = split(text, "::");
    let kind = *parts.last().filter(|_| parts.len() > 1)?;
    Some((text[..text.len() - kind.len() - 2].trim(), kind.trim()))
}

/// Takes parentheses away that enclose the whole text.
pub(crate) fn without_parentheses(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) if is_balanced(inner) => without_parentheses(inner),
        _ => text,
    }
}

/// Whether no parenthesis in `text` closes one that was opened before it.
fn is_balanced(text: &str) -> bool {
    depths(text).all(|(_, depth)| depth >= 0)
}

/// Splits at `separator` outside parentheses and quotes.
pub(crate) fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, depth) in depths(text) {
        if depth == 0 && at >= start && text[at..].starts_with(separator) {
            parts.push(&text[start..at]);
            start = at + separator.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The position of every character outside quotes, with the depth of parentheses (and brackets) after it.
fn depths(text: &str) -> impl Iterator<Item = (usize, i32)> {
    let mut depth = 0;
    let mut quote = None;
    text.char_indices().filter_map(move |(at, character)| {
        match (quote, character) {
            // A doubled quote closes and opens again, which comes to the same.
            (Some(open), _) => {
                if open == character {
                    quote = None;
                }
                return None;
            }
            (None, '\'' | '"') => {
                quote = Some(character);
                return None;
            }
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            _ => {}
        }
        Some((at, depth))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_postgresql_quotes_them() {
        assert_eq!(path("users.org_id"), Some(vec!["users".to_owned(), "org_id".to_owned()]));
        assert_eq!(path(r#""we""ird; drop"."a.b""#), Some(vec!["we\"ird; drop".to_owned(), "a.b".to_owned()]));
        assert_eq!(path("a = b"), None);
        assert_eq!(path("\"open"), None);
    }

    #[test]
    fn calls_are_found_with_their_surroundings() {
        let text = r#"((a = ( SELECT "my app".f() AS f)) AND (NULLIF(current_setting('x(y'::text, true), ''::text) = ANY (b)))"#;
        let found = calls(text);
        let paths: Vec<String> = found.iter().map(|call| call.path.join(".")).collect();
        assert_eq!(
            paths,
            ["my app.f", "NULLIF", "current_setting"],
            "the keyword ANY stands apart from its parenthesis"
        );
        assert_eq!(found.iter().map(|call| call.in_select).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(found[2].within.as_deref(), Some("NULLIF"));
        assert_eq!(literal(found[2].arguments[0]).as_deref(), Some("x(y"));
    }

    #[test]
    fn words_are_found_outside_constants() {
        let text = r#"((t."we""ird" = 'no ''word'::text) AND (n > 12))"#;
        assert_eq!(words(text), ["t", "we\"ird", "text", "AND", "n", "12"]);
    }

    #[test]
    fn constants_are_found_with_their_quotes_undone() {
        assert_eq!(
            literals("((a = 'it''s'::text) OR (b = ''::text) OR (c = 'x'::text) OR (d = 'x'))"),
            ["it's", "", "x"]
        );
        assert_eq!(literals("'open"), Vec::<String>::new());
    }
}
