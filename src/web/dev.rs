//! Developer pages, outside production only: the component gallery, and the mails that would have been sent.
//!
//! They are for visitors, who have no shell: the gallery draws whole pages itself, the others bring their `main`.

use super::page::{PageResult, Web};
use crate::routes::{Access, Routes};
use axum::extract::Path;
use bulkhead_domain::Error;
use bulkhead_ui::{
    Breadcrumb, Card, Cell, CodeBlock, Crumb, DescriptionList, Detail, EmptyState, Gallery, HeadCell, PageHeader,
    RelTime, Row, RowTitle, Table, UserText,
};
use leptos::prelude::*;

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Public).get("/gallery", gallery).get("/dev/mail", mails).get("/dev/mail/{id}", mail)
}

async fn gallery(web: Web) -> PageResult {
    let now = web.now();
    let sheet = serde_urlencoded::from_str::<Vec<(String, String)>>(web.query())
        .unwrap_or_default()
        .into_iter()
        .find_map(|(name, value)| (name == "sheet").then(|| value.parse().ok())?)
        .unwrap_or_default();
    let (theme, density) = (web.theme(), web.density());
    Ok(web.show("Gallery", move || view! { <Gallery now sheet theme density /> }.into_any()).await)
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
                        <Row>
                            <Cell header=true>
                                <RowTitle title=mail.subject href=format!("/dev/mail/{}", mail.id) />
                            </Cell>
                            <Cell label="To"><UserText text=mail.recipient /></Cell>
                            <Cell label="Sent"><RelTime at=mail.at now /></Cell>
                        </Row>
                    }
                })
                .collect();
            let content = match list.is_empty() {
                true => view! { <EmptyState title="No mail yet" body="Invite someone, and the mail appears here." /> }.into_any(),
                false => {
                    let head = view! { <HeadCell label="Subject" /> <HeadCell label="To" /> <HeadCell label="Sent" /> }.into_any();
                    view! { <Table caption="Mails" head>{list}</Table> }.into_any()
                }
            };
            view! {
                <main class="main mx-auto" id="main">
                    <PageHeader title="Mail" purpose="No SMTP server is configured, so mails are kept here. This page does not exist in production." />
                    {content}
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
            let links: Vec<_> =
                links.into_iter().map(|href| view! { <p><a href=href.clone()>{href.clone()}</a></p> }).collect();
            view! {
                <main class="main mx-auto" id="main">
                    <Breadcrumb crumbs=vec![Crumb::new("Mail", "/dev/mail")] />
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
