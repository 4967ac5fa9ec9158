//! Messages, buttons, badges, states.

use super::{item, row};
use crate::{
    ActingAsBanner, Badge, Button, Chip, EmptyFiltered, EmptyState, ErrorSummary, FieldError, Flash, Icon, IconName,
    LinkButton, Notice, PostForm, Size, Skeleton, StatusBadge, SubmitButton, Tone, UserText, Variant,
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub(super) fn family(_now: OffsetDateTime) -> impl IntoView {
    view! {
        <section class="gallery-family">
            <h2>"Messages"</h2>
            {item("Flash, with undo", view! {
                <Flash message="Ana Lopez suspended. Her 2 sessions ended.">
                    <PostForm action="/gallery" csrf="gallery" inline=true>
                        <SubmitButton label="Undo" variant=Variant::Ghost size=Size::Small icon=IconName::Undo />
                    </PostForm>
                </Flash>
            })}
            {item("Notice, every tone", Tone::ALL.map(|tone| view! {
                <Notice tone>
                    <p>"Sessions older than 12 h end at the next request. "<a href="#flash">"Change the limit"</a></p>
                </Notice>
            }).into_iter().collect_view())}
            {item("ErrorSummary", view! {
                <ErrorSummary errors=vec![
                    FieldError::new("email", "Enter an email address with an @, such as ana@acme.example."),
                    FieldError::new("role", "Choose a role."),
                ] />
            })}
            {item("ActingAsBanner", view! {
                <ActingAsBanner
                    actor="Bo Nilsson"
                    organization="Northwind Trading"
                    reason="Ticket 4821: audit export fails"
                    minutes_left=24
                    stop_action="/gallery"
                    csrf="gallery"
                />
            })}
        </section>
        <section class="gallery-family">
            <h2>"Actions"</h2>
            {item("Button, every variant and size", buttons())}
            {item("Disabled, with a dialog, as a link", row(view! {
                <Button label="Out of reach" disabled=true />
                <Button label="Keyboard shortcuts" icon=IconName::Help opens="shortcuts" />
                <LinkButton label="Invite user" href="#main" variant=Variant::Primary icon=IconName::UserPlus />
                <LinkButton label="Cancel" href="#main" variant=Variant::Ghost />
            }))}
            {item("Icon", icons())}
        </section>
        <section class="gallery-family">
            <h2>"States"</h2>
            {item("StatusBadge", row(
                ["active", "invited", "provisioning", "suspended", "removed", "expired", "locked", "failed", "isolated", "exposed"]
                    .map(|status| view! { <StatusBadge status /> })
                    .into_iter()
                    .collect_view(),
            ))}
            {item("Badge, every tone", row(
                Tone::ALL.map(|tone| view! { <Badge label=tone.as_str() tone icon=tone.icon() /> }).into_iter().collect_view(),
            ))}
            {item("Chip", row(view! {
                <Chip label="billing" />
                <Chip name="Role" label="Admin" remove_href="#main" />
            }))}
            {item("UserText: what cannot be seen is shown", row(view! {
                <UserText text="invoice\u{202E}fdp.exe" />
                <UserText text="ad\u{200B}min" />
                <UserText text="שלום world" />
            }))}
            <div class="gallery-cols">
                {item("EmptyState", view! {
                    <EmptyState
                        title="No API keys yet"
                        body="A key lets your service ask for tokens and decisions. Each one belongs to this organization only."
                        icon=IconName::Key
                        action=view! { <LinkButton label="Create API key" href="#main" variant=Variant::Primary icon=IconName::Plus /> }.into_any()
                    />
                })}
                {item("EmptyFiltered", view! { <EmptyFiltered noun="users" filters="role:billing status:invited" clear_href="#main" /> })}
            </div>
            {item("Skeleton", view! { <Skeleton label="sign-ins" /> })}
        </section>
    }
}

fn buttons() -> impl IntoView {
    [Size::Large, Size::Medium, Size::Small]
        .map(|size| {
            row(Variant::ALL
                .map(|variant| view! { <Button label=variant.label() variant size icon=IconName::Plus /> })
                .into_iter()
                .collect_view())
        })
        .into_iter()
        .collect_view()
}

fn icons() -> impl IntoView {
    let icons =
        IconName::ALL.iter().map(|&name| view! { <li><Icon name /><span>{name.id()}</span></li> }).collect_view();
    view! { <ul class="gallery-icons">{icons}</ul> }
}
