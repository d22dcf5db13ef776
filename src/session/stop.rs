//! The order to stop, given once and heard by every task.

use tokio::sync::watch;

/// Gives the order. Dropping it gives the order too.
#[derive(Debug)]
pub struct StopOrder(watch::Sender<bool>);

/// Hears the order; cheap to clone.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// An order that is not given yet.
pub fn stop_order() -> (StopOrder, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopOrder(sender), Stop(receiver))
}

impl StopOrder {
    /// Gives the order.
    pub fn give(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Returns when the order is given; at once if it was.
    pub async fn ordered(&mut self) {
        // An error means that nobody is left to give the order: the same as the order.
        let _ordered = self.0.wait_for(|given| *given).await.is_ok();
    }

    /// Whether the order was given.
    pub fn is_ordered(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_order_is_heard_by_every_clone_before_and_after_it_is_given() {
        let (order, mut stop) = stop_order();
        let mut early = stop.clone();
        assert!(!stop.is_ordered());
        order.give();
        early.ordered().await;
        stop.ordered().await;
        assert!(stop.clone().is_ordered());
    }

    #[tokio::test]
    async fn an_order_that_is_dropped_counts_as_given() {
        let (order, mut stop) = stop_order();
        drop(order);
        stop.ordered().await;
        assert!(stop.is_ordered());
    }
}
