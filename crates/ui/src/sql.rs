//! A tokenizer for showing PostgreSQL: it colours, it does not judge.
//!
//! Lossless: the tokens joined are the input, whatever the input is. Escaping is Leptos' business.

/// What a stretch of SQL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlKind {
    /// A reserved or policy-relevant word.
    Keyword,
    /// `'text'`, `E'text'` and dollar-quoted bodies.
    Text,
    /// A number.
    Number,
    /// `-- …` and `/* … */`, nested as PostgreSQL nests them.
    Comment,
    /// A bind parameter, `$1`.
    Parameter,
    /// A name directly before an opening parenthesis.
    Function,
    /// Names, quoted names, operators, punctuation and space.
    Plain,
}

impl SqlKind {
    /// The class of its span; `None` for plain text, which needs no span.
    pub fn class(self) -> Option<&'static str> {
        match self {
            Self::Keyword => Some("tok-kw"),
            Self::Text => Some("tok-str"),
            Self::Number => Some("tok-num"),
            Self::Comment => Some("tok-com"),
            Self::Parameter => Some("tok-par"),
            Self::Function => Some("tok-fn"),
            Self::Plain => None,
        }
    }
}

/// A stretch of SQL and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlToken<'a> {
    /// What it is.
    pub kind: SqlKind,
    /// The source, unchanged.
    pub text: &'a str,
}

/// Sorted, for binary search.
const KEYWORDS: &[&str] = &[
    "ADD",
    "ALL",
    "ALTER",
    "ALWAYS",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "BEGIN",
    "BETWEEN",
    "BY",
    "BYPASSRLS",
    "CASCADE",
    "CASE",
    "CAST",
    "CHECK",
    "COLUMN",
    "COMMIT",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CURRENT_USER",
    "DEFAULT",
    "DEFINER",
    "DELETE",
    "DESC",
    "DISABLE",
    "DISTINCT",
    "DO",
    "DROP",
    "ELSE",
    "ENABLE",
    "END",
    "EXCEPT",
    "EXISTS",
    "FALSE",
    "FIRST",
    "FOR",
    "FORCE",
    "FOREIGN",
    "FROM",
    "FULL",
    "FUNCTION",
    "GRANT",
    "GROUP",
    "HAVING",
    "IF",
    "ILIKE",
    "IMMUTABLE",
    "IN",
    "INDEX",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTO",
    "INVOKER",
    "IS",
    "JOIN",
    "KEY",
    "LANGUAGE",
    "LAST",
    "LATERAL",
    "LEFT",
    "LEVEL",
    "LIKE",
    "LIMIT",
    "LOCAL",
    "NOT",
    "NULL",
    "NULLS",
    "OFFSET",
    "ON",
    "ONLY",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARALLEL",
    "PERMISSIVE",
    "POLICY",
    "PRIMARY",
    "PUBLIC",
    "REFERENCES",
    "REPLACE",
    "RESTRICTIVE",
    "RETURNING",
    "RETURNS",
    "REVOKE",
    "RIGHT",
    "ROLE",
    "ROLLBACK",
    "ROW",
    "SAFE",
    "SCHEMA",
    "SECURITY",
    "SELECT",
    "SET",
    "STABLE",
    "TABLE",
    "THEN",
    "TO",
    "TRANSACTION",
    "TRIGGER",
    "TRUE",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VALUES",
    "VIEW",
    "VOLATILE",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Splits SQL into coloured stretches. Unterminated quotes and comments run to the end.
pub fn sql_tokens(source: &str) -> Vec<SqlToken<'_>> {
    let mut out: Vec<SqlToken<'_>> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = next(rest, first);
        let (text, tail) = rest.split_at(length);
        out.push(SqlToken { kind, text });
        rest = tail;
    }
    out
}

/// Kind and byte length of the token at the start of `rest`; the length is never zero.
fn next(rest: &str, first: char) -> (SqlKind, usize) {
    if rest.starts_with("--") {
        return (SqlKind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (SqlKind::Comment, block_comment(rest));
    }
    match first {
        '\'' => (SqlKind::Text, quoted(rest, '\'')),
        '"' => (SqlKind::Plain, quoted(rest, '"')),
        '$' => dollar(rest),
        'e' | 'E' if rest[1..].starts_with('\'') => (SqlKind::Text, 1 + escaped(&rest[1..])),
        c if c.is_ascii_digit() => (SqlKind::Number, run(rest, |c| c.is_ascii_digit() || c == '.')),
        c if c.is_alphabetic() || c == '_' => word(rest),
        c if c.is_whitespace() => (SqlKind::Plain, run(rest, char::is_whitespace)),
        c => (SqlKind::Plain, c.len_utf8()),
    }
}

/// The length of the leading characters that satisfy `keep`.
fn run(rest: &str, keep: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !keep(c)).unwrap_or(rest.len())
}

fn word(rest: &str) -> (SqlKind, usize) {
    let length = run(rest, |c| c.is_alphanumeric() || c == '_' || c == '$');
    let (word, tail) = rest.split_at(length);
    let kind = if KEYWORDS.binary_search(&word.to_ascii_uppercase().as_str()).is_ok() {
        SqlKind::Keyword
    } else if tail.starts_with('(') {
        SqlKind::Function
    } else {
        SqlKind::Plain
    };
    (kind, length)
}

/// A quoted stretch; a doubled quote stands for itself.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|&(_, next)| next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

/// An `E'…'` body: a backslash takes the next character with it.
fn escaped(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == '\'' && chars.next_if(|&(_, next)| next == '\'').is_none() {
            return at + 1;
        }
    }
    rest.len()
}

/// `$1`, `$tag$ … $tag$`, or a lone dollar.
fn dollar(rest: &str) -> (SqlKind, usize) {
    let digits = run(&rest[1..], |c| c.is_ascii_digit());
    if digits > 0 {
        return (SqlKind::Parameter, 1 + digits);
    }
    let tag = 1 + run(&rest[1..], |c| c.is_alphanumeric() || c == '_');
    if !rest[tag..].starts_with('$') {
        return (SqlKind::Plain, 1);
    }
    let (open, body) = rest.split_at(tag + 1);
    let length = body.find(open).map_or(rest.len(), |at| open.len() + at + open.len());
    (SqlKind::Text, length)
}

/// `/* … */`, nested.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<(SqlKind, &str)> {
        sql_tokens(source)
            .into_iter()
            .filter(|token| !token.text.trim().is_empty())
            .map(|token| (token.kind, token.text))
            .collect()
    }

    #[test]
    fn keywords_are_sorted_so_that_binary_search_finds_them() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn a_policy_is_coloured() {
        assert_eq!(
            kinds("using (org_id = app.org_id()) -- ours"),
            [
                (SqlKind::Keyword, "using"),
                (SqlKind::Plain, "("),
                (SqlKind::Plain, "org_id"),
                (SqlKind::Plain, "="),
                (SqlKind::Plain, "app"),
                (SqlKind::Plain, "."),
                (SqlKind::Function, "org_id"),
                (SqlKind::Plain, "("),
                (SqlKind::Plain, ")"),
                (SqlKind::Plain, ")"),
                (SqlKind::Comment, "-- ours"),
            ]
        );
    }

    #[test]
    fn quotes_parameters_and_bodies_are_whole() {
        assert_eq!(
            kinds(r#"$1 'it''s' E'a\'b' "a""b" $f$ select '$f$ 12.5"#),
            [
                (SqlKind::Parameter, "$1"),
                (SqlKind::Text, "'it''s'"),
                (SqlKind::Text, r"E'a\'b'"),
                (SqlKind::Plain, r#""a""b""#),
                (SqlKind::Text, "$f$ select '$f$"),
                (SqlKind::Number, "12.5"),
            ]
        );
    }

    #[test]
    fn comments_nest() {
        assert_eq!(kinds("/* a /* b */ c */ x"), [(SqlKind::Comment, "/* a /* b */ c */"), (SqlKind::Plain, "x")]);
    }

    #[test]
    fn nothing_is_lost_from_any_input() {
        for source in ["", "'", "\"", "$", "$$", "$a", "/*", "*/", "é'ü", "e", "E'\\", "select\u{2028}1", "/*é"] {
            let joined: String = sql_tokens(source).iter().map(|token| token.text).collect();
            assert_eq!(joined, source);
        }
    }
}
