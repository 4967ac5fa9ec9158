//! Text a person typed, made safe to look at: what would not be seen is pointed at. Here because the browser shows the same
//! sentences as the server.

/// A stretch of user text: what is shown as it is, or one character that would not be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Shown as it is.
    Plain(String),
    /// Control, zero-width or direction-changing: shown by its code point.
    Hidden(char),
}

/// Whether a character would not be seen, or would change the order of what is seen around it.
///
/// The bidirectional controls are Unicode UAX #9's (the "Trojan Source" set); the rest are the
/// zero-width, filler, tag and control characters that make two names look the same.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    ) || c.is_control()
}

/// Splits text into what can be shown and the characters that must be pointed at.
#[must_use]
pub fn segments(text: &str) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    for c in text.chars() {
        if is_deceptive(c) {
            out.push(Segment::Hidden(c));
        } else if let Some(Segment::Plain(run)) = out.last_mut() {
            run.push(c);
        } else {
            out.push(Segment::Plain(c.to_string()));
        }
    }
    out
}

/// Whether such a character is in the text. Most texts are of printable ASCII, which is seen at a glance.
#[must_use]
pub fn has_deceptive(text: &str) -> bool {
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.contains(is_deceptive)
}

/// User text as one plain string with visible markers, for titles, labels and attributes.
#[must_use]
pub fn visible(text: &str) -> String {
    if !has_deceptive(text) {
        return text.to_owned();
    }
    segments(text)
        .into_iter()
        .map(|segment| match segment {
            Segment::Plain(run) => run,
            Segment::Hidden(c) => format!("[{}]", code_point(c)),
        })
        .collect()
}

/// `U+202E`, the way the standard names a character.
#[must_use]
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}
