//! Ids in doubt: what stands at two places, or where a specimen's id cannot stand (FM-03, FM-05).
//! Refuses to choose: every place concerned loses its tests, and the donations are named.

use super::super::Gathered;
use super::{Found, Reader, nothing};
use crate::domain::{Ask, AskedId, AskedSpecimen, DonationNumber, DonationNumberScheme, Query};

/// Two queries of one delivery as one: they must ask the same of different specimens.
pub(in crate::analyser::reading) fn joined(
    mut all: Query,
    more: Query,
    gathered: &mut Gathered,
) -> Query {
    let alike = all.codes == more.codes && all.echo == more.echo;
    let (Ask::Specimens(specimens), Ask::Specimens(others)) = (&mut all.ask, more.ask) else {
        gathered.fault(0, "two different queries at once: neither can be answered");
        return Query { ask: nothing(), ..all };
    };
    if !alike {
        gathered.fault(0, "two different queries at once: neither can be answered");
        return Query { ask: nothing(), ..all };
    }
    for other in others {
        let mut is_doubted = false;
        for known in specimens.iter_mut().filter(|known| shares_id(known, &other)) {
            gathered.donations.extend(known.id.donation().cloned());
            become_ambiguous(known);
            is_doubted = true;
        }
        specimens.push(other);
        if let Some(other) = specimens.last_mut().filter(|_| is_doubted) {
            let text = "one specimen id in two queries at once: nothing is ordered for it";
            gathered.doubt(0, text);
            gathered.donations.extend(other.id.donation().cloned());
            become_ambiguous(other);
        }
    }
    all
}

fn shares_id(one: &AskedSpecimen, other: &AskedSpecimen) -> bool {
    let text = |specimen: &AskedSpecimen| specimen.echoed(AskedSpecimen::ID).map(str::to_owned);
    let donation = one.id.donation();
    donation.is_some() && donation == other.id.donation()
        || text(one).is_some_and(|own| !own.is_empty() && Some(own) == text(other))
}

/// An id that is not blank may be anybody's from now on.
pub(super) fn become_ambiguous(specimen: &mut AskedSpecimen) {
    let text = specimen.echoed(AskedSpecimen::ID).unwrap_or_default().to_owned();
    match &specimen.id {
        AskedId::Donation(_) | AskedId::Unknown(_) | AskedId::Unread(_) => {
            specimen.id = AskedId::Ambiguous(text);
        }
        AskedId::Blank | AskedId::Ambiguous(_) => {}
    }
}

impl Reader<'_, '_> {
    /// An id at two places, an id that is a rack's, two ids of one specimen, a rack whose number
    /// is a donation's: then the numbers have shifted by one place, or may have.
    pub(super) fn doubt(&mut self, found: &mut [Found]) {
        let racks: Vec<Rack> = found.iter().filter_map(|one| self.rack(one)).collect();
        let mut doubts: Vec<(usize, String)> = Vec::new();
        for (index, one) in found.iter().enumerate() {
            let mut others = found.iter().enumerate().filter(|(other, _)| *other != index);
            if others.any(|(_, other)| one.is_same_as(other)) {
                doubts.push((index, format!("the id {:?} stands at two places", one.text)));
            }
            if racks.iter().any(|rack| rack.is(one)) {
                doubts.push((index, format!("the id {:?} is also a rack's", one.text)));
            }
            if self.rack(one).is_some_and(|rack| rack.is_donation) {
                let text =
                    format!("the id {:?} stands in a rack with a donation's number", one.text);
                doubts.push((index, text));
            }
            if one.is_other && !one.donations.is_empty() {
                let text = format!("the id {:?} stands where no donor's specimen does", one.text);
                doubts.push((index, text));
            }
            if let AskedId::Ambiguous(ids) = &one.specimen.id {
                doubts.push((index, format!("two ids for one specimen: {ids}")));
            }
        }
        if !doubts.is_empty() {
            let racks = racks.into_iter().filter(|rack| rack.is_donation);
            self.gathered.donations.extend(racks.filter_map(|rack| rack.donation));
        }
        for (index, why) in doubts {
            let Some(one) = found.get_mut(index) else { continue };
            let offset = self.text.offset_in_bytes(one.offset);
            let text = format!("{why} of one query: nothing is ordered for it; look at the rack");
            self.gathered.doubt(offset, &text);
            self.gathered.donations.append(&mut one.donations);
            become_ambiguous(&mut one.specimen);
        }
    }

    fn rack(&self, one: &Found) -> Option<Rack> {
        let text = one.specimen.rack.as_deref()?.trim().to_owned();
        let donation = self.analyser.scheme.parse(&text).ok().map(|scanned| scanned.din);
        // A site's own pattern may be so wide that racks have such numbers too.
        let is_donation = match self.analyser.scheme.as_ref() {
            DonationNumberScheme::Isbt128 => donation.is_some(),
            DonationNumberScheme::Site(_) => false,
        };
        Some(Rack { text, donation, is_donation })
    }
}

/// The number of a rack, and whether it is a donation's.
struct Rack {
    text: String,
    donation: Option<DonationNumber>,
    is_donation: bool,
}

impl Rack {
    fn is(&self, one: &Found) -> bool {
        let of_donation = self.donation.as_ref().is_some_and(|din| one.donations.contains(din));
        of_donation || !one.text.is_empty() && one.text == self.text
    }
}
