//! Recomputes the contrast of every documented pair from the stylesheet itself.

#![expect(clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../../style/tokens.css");

/// WCAG 2.2, 1.4.3: text.
const TEXT: f64 = 4.5;
/// WCAG 2.2, 1.4.11: edges of controls, focus rings, bars.
const SHAPE: f64 = 3.0;

/// Foreground, the grounds it stands on, and the ratio it needs on each of them.
const PAIRS: &[(&str, &[&str], f64)] = &[
    ("fg", &["bg", "surface", "sunken", "hover", "raised", "accent-bg"], TEXT),
    ("fg", &["info-bg", "danger-bg"], TEXT),
    ("muted", &["bg", "surface", "sunken", "hover", "raised", "accent-bg", "info-bg"], TEXT),
    ("subtle", &["bg", "surface", "sunken", "hover", "raised", "accent-bg"], TEXT),
    ("accent-fg", &["bg", "surface", "sunken", "hover", "raised", "accent-bg"], TEXT),
    ("danger-fg", &["bg", "surface", "hover", "raised", "danger-bg"], TEXT),
    ("warn-fg", &["bg", "surface", "hover", "raised", "warn-bg"], TEXT),
    ("ok-fg", &["bg", "surface", "hover", "raised", "ok-bg"], TEXT),
    ("info-fg", &["bg", "surface", "hover", "raised", "info-bg"], TEXT),
    ("on-solid", &["accent", "accent-hover", "danger", "danger-hover"], TEXT),
    ("operator-fg", &["operator-bg"], TEXT),
    ("operator-muted", &["operator-bg"], TEXT),
    ("operator-edge", &["operator-bg"], SHAPE),
    ("control", &["bg", "surface", "sunken", "raised"], SHAPE),
    ("ring", &["bg", "surface", "sunken", "hover", "raised", "accent-bg"], SHAPE),
    ("accent", &["bg", "surface", "sunken"], SHAPE),
    ("danger", &["bg", "surface", "sunken"], SHAPE),
    ("warn", &["surface", "sunken"], SHAPE),
];

/// Lightness, chroma, hue in degrees.
type Oklch = [f64; 3];

/// Every `--name: light-dark(oklch(…), oklch(…));` without transparency.
fn tokens() -> BTreeMap<&'static str, [Oklch; 2]> {
    TOKENS
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
            let mut colours = value.split("oklch(").skip(1).map(|part| {
                let inner = part.split(')').next().unwrap_or_default();
                let numbers: Vec<f64> = inner.split_whitespace().map_while(|n| n.parse().ok()).collect();
                <Oklch>::try_from(numbers).ok().filter(|_| !inner.contains('/'))
            });
            Some((name, [colours.next()??, colours.next()??]))
        })
        .collect()
}

/// Linear sRGB, by Ottosson's matrices (the ones CSS Color 4 uses).
fn linear([lightness, chroma, hue]: Oklch) -> [f64; 3] {
    let (sin, cos) = hue.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
}

fn luminance(colour: Oklch) -> f64 {
    let [r, g, b] = linear(colour).map(|channel| channel.clamp(0.0, 1.0));
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(one: Oklch, other: Oklch) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_documented_pair_is_legible_in_both_themes() {
    let tokens = tokens();
    let colour = |name: &str| *tokens.get(name).unwrap_or_else(|| panic!("no token --{name}"));
    let mut weak = Vec::new();
    for &(front, grounds, needed) in PAIRS {
        for &ground in grounds {
            for (theme, name) in ["light", "dark"].into_iter().enumerate() {
                let ratio = contrast(colour(front)[theme], colour(ground)[theme]);
                if ratio < needed {
                    weak.push(format!("{front} on {ground}, {name}: {ratio:.2}, needs {needed}"));
                }
            }
        }
    }
    assert!(weak.is_empty(), "{weak:#?}");
}

#[test]
fn every_token_is_inside_srgb() {
    for (name, themes) in tokens() {
        for colour in themes {
            // Half a step of eight bits: browsers clip less than anyone can see.
            let inside = linear(colour).iter().all(|c| (-0.002..=1.002).contains(c));
            assert!(inside, "--{name} {colour:?} is {:?}", linear(colour));
        }
    }
}

#[test]
fn the_arithmetic_is_right() {
    let black = [0.0, 0.0, 0.0];
    let white = [1.0, 0.0, 0.0];
    assert!((contrast(black, white) - 21.0).abs() < 0.01);
    // sRGB red is oklch(0.628 0.2577 29.23); its luminance is 0.2126.
    assert!((luminance([0.628, 0.2577, 29.23]) - 0.2126).abs() < 0.002);
    assert!(tokens().len() > 30, "the parser finds the tokens");
}
