//! Developer pages, outside production only: the component gallery, and the mails that would have been sent.

use super::page::{PageResult, Web};
use crate::routes::{Access, Routes};
use axum::extract::Path;
use bulkhead_domain::Error;
use bulkhead_ui::{Card, CodeBlock, DescriptionList, Detail, EmptyState, Gallery, PageHeader, RelTime};
use leptos::prelude::*;

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Public).get("/gallery", gallery).get("/dev/mail", mails).get("/dev/mail/{id}", mail)
}

async fn gallery(web: Web) -> PageResult {
    let now = web.now();
    Ok(web.show("Gallery", move || view! { <Gallery now /> }.into_any()).await)
}

async fn mails(web: Web) -> PageResult {
    let mails = web.site().app().delivered_mails().await?;
    let now = web.now();
    Ok(web
        .show("Mail", move || {
            let list: Vec<_> = mails
                .into_iter()
                .map(|mail| {
                    view! {
                        <li>
                            <a href=format!("/dev/mail/{}", mail.id)>{mail.subject}</a>
                            " to " {mail.recipient} ", " <RelTime at=mail.at now />
                        </li>
                    }
                })
                .collect();
            let empty = list.is_empty();
            view! {
                <main class="main" id="main">
                    <PageHeader title="Mail" purpose="No SMTP server is configured, so mails are kept here. This page does not exist in production." />
                    {if empty {
                        view! { <EmptyState title="No mail yet" body="Invite someone, and the mail appears here." /> }.into_any()
                    } else {
                        view! { <Card><ul>{list}</ul></Card> }.into_any()
                    }}
                </main>
            }
            .into_any()
        })
        .await)
}

async fn mail(web: Web, Path(id): Path<String>) -> PageResult {
    let mails = web.site().app().delivered_mails().await?;
    let mail = mails.into_iter().find(|mail| mail.id == id).ok_or(Error::NotFound)?;
    let links: Vec<String> =
        mail.text.split_whitespace().filter(|word| word.starts_with("http")).map(str::to_owned).collect();
    Ok(web
        .show("Mail", move || {
            let (recipient, text) = (mail.recipient, mail.text);
            let links: Vec<_> = links.into_iter().map(|href| view! { <p><a href=href.clone()>{href.clone()}</a></p> }).collect();
            view! {
                <main class="main" id="main">
                    <PageHeader title=mail.subject />
                    <Card>
                        <DescriptionList><Detail term="To">{recipient}</Detail></DescriptionList>
                        {links}
                        <CodeBlock code=text label="Text" />
                    </Card>
                </main>
            }
            .into_any()
        })
        .await)
}
