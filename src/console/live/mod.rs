//! Sends regions of open pages anew when they change.
//!
//! A page opens one stream for all of its regions. A region is rendered once for each language,
//! whoever looks at it, and at most every `limits::LIVE_EVERY`; a page is sent it only where that
//! is not what the page shows already. What changed between the making of a page and the opening
//! of its stream comes first: the page says what it shows by the hashes of its regions. Refuses
//! more streams and more regions than are named in `limits`. `session` ends a stream with the
//! session of whoever opened it, and with the daemon.

mod region;
mod stream;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use super::state::ConsoleState;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::limits;
use crate::rules::words::Lang;
use region::Shown;
use stream::{Place, Watched};

/// What the open pages share.
#[derive(Clone)]
pub(super) struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    /// Regions that somebody looks at, by language and id.
    regions: Mutex<HashMap<(Lang, String), watch::Sender<Shown>>>,
    /// Open streams of each visitor.
    visitors: Mutex<HashMap<String, usize>>,
    /// Moves when any region was rendered anew.
    rendered: watch::Sender<u64>,
}

/// A look at a region, and what keeps it where it is new.
type Subscribed = (watch::Receiver<Shown>, Option<watch::Sender<Shown>>);

/// Why a stream was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// This visitor has as many as one may have.
    OfVisitor,
    /// There are as many as there may be.
    OfAll,
}

/// What a page asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Ids of regions, with commas between them.
    regions: String,
    /// The hash of what the page shows of each, in the same order.
    #[serde(default)]
    have: String,
}

/// The hash of a region's HTML, as `data-hash` of its section.
pub(super) fn hash(html: &str) -> String {
    let mut hasher = DefaultHasher::new();
    html.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// `GET /live?regions=a,b&have=1f,2e`: a stream of regions.
pub(super) async fn stream(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Look)?;
    // Who comes back does not know any more what it shows.
    let comes_back = headers.contains_key("last-event-id");
    let Some(ids) = asked.ids(comes_back) else {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    };
    let Ok(place) = state.live.place(&visitor.user) else {
        return Ok(StatusCode::TOO_MANY_REQUESTS.into_response());
    };
    let Some(watched) = state.live.watch(&state, visitor.lang, ids) else {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    };
    let (tell, told) = mpsc::channel(limits::LIVE_UNSENT_MAX);
    let rendered = state.live.shared.rendered.subscribe();
    tokio::spawn(stream::Page { watched, rendered, tell, place }.run());
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(ReceiverStream::new(told))).into_response())
}

impl Asked {
    /// The regions, each with the hash of what the page shows; `None` where there are none, or more
    /// than a page may have.
    fn ids(&self, comes_back: bool) -> Option<Vec<(String, Option<String>)>> {
        let mut have = self.have.split(',').filter(|_| !comes_back);
        let mut ids: Vec<(String, Option<String>)> = Vec::new();
        for id in self.regions.split(',') {
            let has = have.next().filter(|hash| !hash.is_empty()).map(str::to_owned);
            if id.is_empty() || id.len() > limits::LIVE_REGION_ID_MAX {
                return None;
            }
            if !ids.iter().any(|(known, _)| known == id) {
                ids.push((id.to_owned(), has));
            }
            if ids.len() > limits::LIVE_REGIONS_MAX {
                return None;
            }
        }
        Some(ids)
    }
}

impl Live {
    pub(super) fn new() -> Live {
        let (rendered, _) = watch::channel(0);
        let (regions, visitors) = (Mutex::default(), Mutex::default());
        Live { shared: Arc::new(Shared { regions, visitors, rendered }) }
    }

    /// A place for one more stream, free again when it is dropped.
    fn place(&self, visitor: &str) -> Result<Place, Full> {
        let mut visitors = locked(&self.shared.visitors);
        let all: usize = visitors.values().sum();
        let own = visitors.get(visitor).copied().unwrap_or_default();
        if own >= limits::LIVE_STREAMS_EACH_MAX {
            return Err(Full::OfVisitor);
        }
        if all >= limits::LIVE_STREAMS_MAX {
            return Err(Full::OfAll);
        }
        visitors.insert(visitor.to_owned(), own + 1);
        Ok(Place { live: self.clone(), visitor: visitor.to_owned() })
    }

    fn leave(&self, visitor: &str) {
        let mut visitors = locked(&self.shared.visitors);
        let left = visitors.get(visitor).map_or(0, |streams| streams.saturating_sub(1));
        if left == 0 {
            visitors.remove(visitor);
        } else {
            visitors.insert(visitor.to_owned(), left);
        }
    }

    /// Looks at these regions; `None` where there would be too many in all.
    fn watch(
        &self,
        state: &ConsoleState,
        lang: Lang,
        ids: Vec<(String, Option<String>)>,
    ) -> Option<Vec<Watched>> {
        let mut watched = Vec::with_capacity(ids.len());
        for (id, has) in ids {
            let key = (lang, id);
            let (shown, is_new) = self.subscribe(&key)?;
            if let Some(tell) = is_new {
                tokio::spawn(region::keep(state.clone(), key, tell));
            }
            watched.push(Watched { shown, has });
        }
        Some(watched)
    }

    /// A look at one region; with what keeps it, where nobody looked at it before.
    fn subscribe(&self, key: &(Lang, String)) -> Option<Subscribed> {
        let mut regions = locked(&self.shared.regions);
        if let Some(known) = regions.get(key) {
            return Some((known.subscribe(), None));
        }
        if regions.len() >= limits::LIVE_REGIONS_ALL_MAX {
            return None;
        }
        let (tell, shown) = watch::channel(Shown::default());
        regions.insert(key.clone(), tell.clone());
        Some((shown, Some(tell)))
    }

    /// Takes a region away that nobody looks at any more; whether nobody does.
    fn forget(&self, key: &(Lang, String)) -> bool {
        let mut regions = locked(&self.shared.regions);
        let is_watched = regions.get(key).is_some_and(|tell| tell.receiver_count() > 0);
        if !is_watched {
            regions.remove(key);
        }
        !is_watched
    }

    /// A region was rendered anew.
    fn tell(&self) {
        self.shared.rendered.send_modify(|count| *count += 1);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(regions: &str, have: &str) -> Asked {
        Asked { regions: regions.to_owned(), have: have.to_owned() }
    }

    #[test]
    fn a_page_has_so_many_regions_and_not_one_more() {
        let ids = |count: usize| {
            let ids: Vec<String> = (0..count).map(|n| format!("today-{n}")).collect();
            asked(&ids.join(","), "").ids(false).map(|ids| ids.len())
        };
        assert_eq!(ids(limits::LIVE_REGIONS_MAX), Some(limits::LIVE_REGIONS_MAX));
        assert_eq!(ids(limits::LIVE_REGIONS_MAX + 1), None);
        let longest = "a".repeat(limits::LIVE_REGION_ID_MAX);
        assert!(asked(&longest, "").ids(false).is_some());
        assert!(asked(&format!("{longest}a"), "").ids(false).is_none());
        assert!(asked("", "").ids(false).is_none());
    }

    #[test]
    fn hashes_belong_to_regions_by_their_order_and_do_not_count_for_who_comes_back() {
        let [one, two] = [("a".to_owned(), None), ("b".to_owned(), Some("2".to_owned()))];
        assert_eq!(asked("a,b", ",2").ids(false), Some(vec![one.clone(), two]));
        assert_eq!(asked("a,b", "1,2").ids(true), Some(vec![one, ("b".to_owned(), None)]));
    }

    #[test]
    fn a_visitor_has_so_many_streams_and_a_place_is_free_again() {
        let live = Live::new();
        let mut places: Vec<Place> =
            (0..limits::LIVE_STREAMS_EACH_MAX).map(|_| live.place("mei").unwrap()).collect();
        assert_eq!(live.place("mei").err(), Some(Full::OfVisitor));
        assert!(live.place("wang").is_ok());
        places.pop();
        assert!(live.place("mei").is_ok());
    }

    #[test]
    fn all_visitors_together_have_so_many_streams() {
        let live = Live::new();
        let place = |n: usize| live.place(&format!("user-{}", n / limits::LIVE_STREAMS_EACH_MAX));
        let places: Result<Vec<Place>, Full> = (0..limits::LIVE_STREAMS_MAX).map(place).collect();
        let places = places.unwrap();
        assert_eq!(live.place("one-more").err(), Some(Full::OfAll));
        drop(places);
        assert!(live.place("one-more").is_ok());
    }

    #[test]
    fn all_pages_together_have_so_many_regions_and_those_nobody_looks_at_are_forgotten() {
        let live = Live::new();
        let key = |n: usize| (Lang::En, format!("donation:{n}"));
        let most = limits::LIVE_REGIONS_ALL_MAX;
        let looks: Option<Vec<Subscribed>> = (0..most).map(|n| live.subscribe(&key(n))).collect();
        let looks = looks.unwrap();
        assert!(looks.iter().all(|(_, is_new)| is_new.is_some()));
        assert!(live.subscribe(&key(most)).is_none());
        let (_again, is_new) = live.subscribe(&key(0)).unwrap();
        assert!(is_new.is_none() && !live.forget(&key(0)));
        drop(looks);
        assert!(live.forget(&key(1)));
        assert!(live.subscribe(&key(most)).is_some());
    }
}
