//! FM-37: with too many users the system became inoperable, and improperly accepted donors slipped
//! through. Here overload sheds work and never checks: what was not taken is refused, and the donation
//! waits for it.

use crate::store_bench::{
    Bench, all_stored, full_panel, keep_busy, message, record, register, registration, send,
    verdict_of,
};
use hemogate::domain::Reading;
use hemogate::limits;
use hemogate::store::{StoreError, prove};

#[test]
fn fm_37_what_overload_refuses_leaves_the_donation_pending_until_it_comes_again() {
    let bench = Bench::new();
    let store = bench.open();
    for number in [1, 2] {
        register(&store, registration(number)).unwrap();
    }
    let (mut first, mut second) = (full_panel(1), full_panel(2));
    let (rest, _last) = (first.split_off(1), second.pop());
    second[1].reading = Some(Reading::Reactive);
    record(&store, message("the first of many", first));

    let busy = keep_busy(&store);
    let filler = |number: usize| send(&store, message(&format!("filler {number}"), Vec::new()));
    let taken: Vec<_> = (0..limits::WRITER_QUEUE_MAX).map(filler).collect();
    let refused = send(&store, message("the rest", rest.clone())).recv().unwrap();
    assert_eq!(refused, Err(StoreError::Overloaded(limits::WRITER_QUEUE_MAX)));
    let reactive = send(&store, message("reactive", second.clone())).recv().unwrap();
    assert!(reactive.is_err(), "not taken, so the analyser keeps it");
    drop(busy);
    all_stored(taken);

    assert_eq!(verdict_of(&store, 1), "pending", "what was refused was not skipped");
    assert_eq!(verdict_of(&store, 2), "pending");
    record(&store, message("the rest", rest));
    record(&store, message("reactive", second));
    assert_eq!(verdict_of(&store, 1), "releasable", "sent again, it counts");
    assert_ne!(verdict_of(&store, 2), "releasable");
    let rows = crate::store_bench::feed(&store);
    let released: Vec<_> = rows.iter().filter(|row| row.verdict == "releasable").collect();
    assert_eq!(released.len(), 1, "and nothing was released meanwhile: {released:?}");
    drop(store);
    prove(&bench.path()).unwrap();
}
