//! Tables for spreadsheets (RFC 4180).

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// A file to download: the headings and the rows below them.
pub fn download<const N: usize>(name: &str, head: [&str; N], rows: &[[String; N]]) -> Response {
    let mut text = line(&head);
    for row in rows {
        text.push_str(&line(row));
    }
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}

fn line<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// One cell, quoted. What a spreadsheet would run as a formula gets an apostrophe in front, which makes it text (OWASP,
/// CSV injection).
fn cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    format!("\"{}{}\"", if runs { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_ends_early() {
        assert_eq!(line(&["a", "b,c", "d\"e"]), "\"a\",\"b,c\",\"d\"\"e\"\r\n");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert!(cell(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(cell("ana+b@example.com"), "\"ana+b@example.com\"");
    }
}
