//! Names of tables as people type them: `orders`, `shop.orders`, `public."we""ird; drop"`.

use std::str::FromStr;

/// A table by its two names. Without a schema it is `public`'s; without quotes it is taken as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableName {
    pub schema: String,
    pub table: String,
}

impl FromStr for TableName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || "must be a table such as orders, shop.orders or public.\"Order Lines\"".to_owned();
        // Not repeated: it may be an address with a password.
        if text.contains("://") {
            return Err(wanted());
        }
        let (first, rest) = name(text).ok_or_else(wanted)?;
        let Some(rest) = rest else { return Ok(Self { schema: "public".to_owned(), table: first }) };
        match name(rest) {
            Some((table, None)) => Ok(Self { schema: first, table }),
            _ => Err(wanted()),
        }
    }
}

/// The first name, and what follows its dot.
fn name(text: &str) -> Option<(String, Option<&str>)> {
    let (name, rest) = match text.strip_prefix('"') {
        None => match text.split_once('.') {
            Some((name, rest)) => (name.to_owned(), Some(rest)),
            None => (text.to_owned(), None),
        },
        Some(quoted) => {
            let mut name = String::new();
            let mut rest = quoted;
            loop {
                let (part, after) = rest.split_once('"')?;
                name.push_str(part);
                let Some(more) = after.strip_prefix('"') else {
                    break match after.strip_prefix('.') {
                        Some(rest) => (name, Some(rest)),
                        None if after.is_empty() => (name, None),
                        None => return None,
                    };
                };
                name.push('"');
                rest = more;
            }
        }
    };
    (!name.is_empty()).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_sql_quotes_them() {
        let read = |text: &str| text.parse::<TableName>().map(|name| (name.schema, name.table));
        let is = |schema: &str, table: &str| Ok((schema.to_owned(), table.to_owned()));
        assert_eq!(read("orders"), is("public", "orders"));
        assert_eq!(read("shop.Orders"), is("shop", "Orders"));
        assert_eq!(read(r#""a.b"."we""ird; drop""#), is("a.b", "we\"ird; drop"));
        assert_eq!(read(r#"public."x.y""#), is("public", "x.y"));
        for wrong in ["", ".", "a.", ".a", "a.b.c", "\"a", "\"a\"b", "\"\"", "postgres://a:hunter2@b/c"] {
            let refused = read(wrong);
            assert!(refused.as_ref().is_err_and(|why| !why.contains("hunter2")), "{wrong}: {refused:?}");
        }
    }
}
