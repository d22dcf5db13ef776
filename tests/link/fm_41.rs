//! FM-41: a late acknowledgement of message 1 was taken for message 2, which was then lost while
//! its sender believed it delivered. The control id must match, and after a timeout the
//! connection must go.

use hemogate::link::{Link, LinkFaultKind as Kind};

use crate::bench::at;
use crate::mllp_client::{acknowledgement, block, client, message};

#[test]
fn fm_41_a_late_acknowledgement_is_never_credited_to_the_next_message() {
    let mut bench = client();
    bench.send(1, &message("a", ""));
    bench.send(2, &message("b", ""));
    assert!(bench.wait_until(4).is_empty());
    assert!(!bench.link.must_close());
    assert!(bench.wait_until(5).is_empty());
    assert!(bench.link.must_close());
    assert_eq!(bench.given_up(), [(1, "no acknowledgement in time".to_owned())]);
    assert!(bench.feed(&acknowledgement("AA", "a", "")).is_empty());
    assert!(bench.feed(&acknowledgement("AA", "b", "")).is_empty());
    assert!(bench.accepted().is_empty());
    bench.link.disconnect(at(6));
    bench.drain();
    assert_eq!(bench.given_up().len(), 2);
    assert!(!bench.link.must_close());
}

#[test]
fn fm_41_an_acknowledgement_for_another_message_closes_the_connection() {
    for wrong in [
        acknowledgement("AA", "a", ""),
        acknowledgement("AA", "", ""),
        block(b"MSH|^~\\&|B|A\r"),
        block(b"MSH|^~\\&|B|A\rMSA\r"),
    ] {
        let mut bench = client();
        bench.send(2, &message("b", ""));
        bench.feed(&wrong);
        assert!(bench.accepted().is_empty());
        assert_eq!(bench.given_up().len(), 1);
        assert_eq!(bench.fault_kinds(), [Kind::StrayAnswer]);
        assert!(bench.link.must_close());
    }
}
