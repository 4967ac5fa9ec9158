//! The product's own schema.

use super::{leaks, run};
use bulkhead_db::testing::TestDatabase;
use bulkhead_rls::prove::Options;

pub async fn options(database: &TestDatabase) -> Options {
    let mut options = Options::new(database.as_superuser(), bulkhead_db::catalog::profile());
    let urls = database.urls();
    for (role, url) in
        [("bulkhead_app", urls.app), ("bulkhead_operator", urls.operator), ("bulkhead_auth", urls.auth)]
    {
        options.role_urls.insert(role.to_owned(), url);
    }
    options
}

#[tokio::test]
async fn the_products_own_schema_holds() {
    let database = TestDatabase::create().await.unwrap();
    let mut times: std::collections::BTreeMap<String, f64> = Default::default();
    let mut last = std::time::Instant::now();
    let proof = bulkhead_rls::prove::prove(&options(&database).await, &Default::default(), |p| {
        let k = p.doing.rsplit(": ").next().unwrap().to_owned();
        *times.entry(k).or_default() += last.elapsed().as_secs_f64();
        last = std::time::Instant::now();
    }).await.unwrap();
    for (k, v) in times { eprintln!("{v:7.3} {k}"); }
    eprintln!("{} ms: {}", proof.duration_ms, proof.verdict());
    eprintln!("{:?} {:?}", proof.could_not_plant, proof.clone_differs);
    for cell in &proof.cells { if cell.outcome.label() != "Held" { eprintln!("{cell}"); } }
    assert_eq!(leaks(&proof), Vec::<String>::new());
}
