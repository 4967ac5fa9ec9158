//! Which database the isolation pages are about: this product's own, or a registered one. The pages are the same.

use crate::web::op::sources;
use bulkhead_domain::{Error, OperatorCtx, data_sources, isolation::Subject};
use bulkhead_model::{DataSourceId, isolation::DataSource};
use bulkhead_ui::{Crumb, visible};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986, section 2.3: what may stand in a path as it is.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A database in the console.
#[derive(Debug, Clone)]
pub struct Place {
    /// Which one.
    pub subject: Subject,
    /// Where its report is: `/op/isolation`.
    pub path: String,
    /// What the report is called.
    pub title: String,
    /// What stands above the report.
    above: Option<(&'static str, &'static str)>,
}

impl Place {
    /// This product's own.
    pub fn own() -> Self {
        Self { subject: Subject::Own, path: "/op/isolation".to_owned(), title: "Isolation".to_owned(), above: None }
    }

    /// A registered one.
    pub fn source(source: &DataSource) -> Self {
        Self {
            subject: Subject::Source(source.id),
            path: sources::page_of(source.id),
            title: visible(source.name.as_str()),
            above: Some((sources::TITLE, sources::PATH)),
        }
    }

    /// The registered one of this id, and what is known of it. The context is used up by the look.
    pub async fn find(ctx: &OperatorCtx, id: DataSourceId) -> Result<(Self, DataSource), Error> {
        let source = data_sources::find(ctx, id).await?;
        Ok((Self::source(&source), source))
    }

    /// The page of one table, by `schema.name`, whatever is in its name.
    pub fn table(&self, name: &str) -> String {
        format!("{}/{}", self.path, utf8_percent_encode(name, &UNRESERVED))
    }

    /// The X-ray of one table.
    pub fn xray(&self, name: &str) -> String {
        format!("{}/xray", self.table(name))
    }

    /// The page of findings.
    pub fn findings(&self) -> String {
        format!("{}/findings", self.path)
    }

    /// The way to what stands above the report.
    pub fn above(&self) -> Vec<Crumb> {
        self.above.map(|(label, href)| Crumb::new(label, href)).into_iter().collect()
    }

    /// The way to the report and what stands above it.
    pub fn trail(&self) -> Vec<Crumb> {
        let mut crumbs = self.above();
        crumbs.push(Crumb::new(self.title.clone(), self.path.clone()));
        crumbs
    }
}
