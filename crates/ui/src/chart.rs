//! Small charts. Sizes are SVG attributes, since the content security policy forbids inline
//! styles, and each chart has its numbers as text too.

use crate::OptText;
use leptos::prelude::*;

/// One bar of a [`BarStrip`].
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The day, hour or group.
    pub label: String,
    /// Its value.
    pub value: f64,
}

impl Bar {
    /// A bar.
    pub fn new(label: impl Into<String>, value: f64) -> Self {
        Self { label: label.into(), value }
    }
}

/// Bars over time in one line of text height. A hidden table holds the numbers.
#[component]
pub fn BarStrip(
    /// What is measured.
    #[prop(into)]
    label: String,
    /// The bars, in order.
    bars: Vec<Bar>,
) -> impl IntoView {
    const STEP: usize = 8;
    const HEIGHT: f64 = 32.0;
    let top = bars.iter().map(|bar| bar.value).fold(1.0, f64::max);
    let width = bars.len() * STEP;
    let rects = bars
        .iter()
        .enumerate()
        .map(|(index, bar)| {
            // A value that is not zero is never invisible.
            let height = if bar.value > 0.0 { (bar.value / top * HEIGHT).max(2.0) } else { 1.0 };
            let class = if bar.value > 0.0 { "bar" } else { "bar bar-zero" };
            view! {
                <rect
                    class=class
                    x=(index * STEP).to_string()
                    y=format!("{:.1}", HEIGHT - height)
                    width="6"
                    height=format!("{height:.1}")
                    rx="1"
                ></rect>
            }
        })
        .collect_view();
    let rows = bars
        .into_iter()
        .map(|bar| view! { <tr><th scope="row">{bar.label}</th><td>{bar.value.to_string()}</td></tr> })
        .collect_view();
    view! {
        <div class="bar-strip">
            <svg
                aria-hidden="true"
                width=width.to_string()
                height="32"
                viewBox=format!("0 0 {width} 32")
                focusable="false"
            >
                {rects}
            </svg>
            <table class="sr-only">
                <caption>{label}</caption>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// How much of a limit is used: words, and a bar that says the same.
#[component]
pub fn Meter(
    /// What is limited.
    #[prop(into)]
    label: String,
    /// How much is used.
    value: u64,
    /// The limit; zero means none.
    max: u64,
    /// The unit, after the numbers.
    #[prop(optional, into)]
    unit: OptText,
) -> impl IntoView {
    // In tenths of a percent, so that integer arithmetic is exact enough for 200 px.
    let share = value.min(max).saturating_mul(1000).checked_div(max).unwrap_or(0);
    let tone = match share {
        _ if max == 0 => "ok",
        1000.. => "danger",
        800.. => "warn",
        _ => "ok",
    };
    let unit = unit.get().map(|unit| format!(" {unit}")).unwrap_or_default();
    let words = match max {
        0 => format!("{value}{unit}, no limit"),
        _ if value >= max => format!("{value} of {max}{unit}, limit reached"),
        _ => format!("{value} of {max}{unit}"),
    };
    view! {
        <div class=format!("meter meter-{tone}")>
            <div class="meter-text">
                <span>{label}</span>
                <span class="meter-value">{words}</span>
            </div>
            <svg
                aria-hidden="true"
                width="100%"
                height="6"
                viewBox="0 0 1000 6"
                preserveAspectRatio="none"
                focusable="false"
            >
                <rect class="meter-track" width="1000" height="6"></rect>
                <rect class="meter-fill" width=share.to_string() height="6"></rect>
            </svg>
        </div>
    }
}
