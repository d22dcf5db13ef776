//! Whether a tube may stand at a place; the same for a scan and for a row of an imported file.
//!
//! Refuses (FM-05): a tube called like a rack, a tube that stands somewhere already, a place that
//! is used or that the rack does not have; and a tube of which nothing is known, of a deferred
//! donor, or of another container than the rack, or the kits of its tests, want.

use super::refusal::Refusal;
use crate::domain::{
    Container, DonationNumber, DonationNumberError, DonationNumberScheme, Kit, RackPlan,
};

/// A rack as it stands now.
pub(super) struct Standing<'l> {
    pub(super) plan: &'l RackPlan,
    /// Position and tube.
    pub(super) tubes: &'l [(u32, DonationNumber)],
    /// The kits of its tests.
    pub(super) kits: &'l [Kit],
}

/// What is on record about a donation, as far as a tube of it is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) registered: bool,
    pub(super) deferred: bool,
    pub(super) container: Option<Container>,
    /// Another rack, in use, in which it stands.
    pub(super) stands: Option<Stands>,
}

/// Where a tube stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stands {
    pub(super) rack: String,
    pub(super) position: u32,
    pub(super) by: String,
}

/// The donation that a scanned text names.
pub(super) fn number(
    text: &str,
    scheme: &DonationNumberScheme,
    racks: &[String],
) -> Result<DonationNumber, Refusal> {
    let text = text.trim();
    let told = || text.to_owned();
    if text.is_empty() {
        return Err(Refusal::Blank);
    }
    if racks.iter().any(|rack| rack == text) {
        return Err(Refusal::RackCode { text: told() });
    }
    let din = match scheme.parse(text) {
        Ok(scanned) => scanned.din,
        Err(DonationNumberError::Shape { .. }) => {
            return Err(Refusal::NotANumber { text: told() });
        }
        Err(DonationNumberError::CheckCharacter { .. }) => {
            return Err(Refusal::WrongCheck { text: told() });
        }
    };
    match racks.iter().any(|rack| rack == din.as_str()) {
        true => Err(Refusal::RackCode { text: told() }),
        false => Ok(din),
    }
}

/// A position as it was sent.
pub(super) fn position(text: &str, plan: &RackPlan) -> Result<u32, Refusal> {
    let most = plan.positions;
    let text = text.trim();
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_digits && (1..=most).contains(number));
    number.ok_or_else(|| Refusal::NoSuchPosition { text: text.to_owned(), most })
}

/// Whether the tube may stand there.
pub(super) fn judge(
    rack: &Standing<'_>,
    position: u32,
    tube: &DonationNumber,
    known: &Known,
) -> Result<(), Refusal> {
    let tube = tube.clone();
    if let Some((position, _)) = rack.tubes.iter().find(|(_, other)| *other == tube) {
        return Err(Refusal::Here { tube, position: *position });
    }
    if next(rack.plan, rack.tubes).is_none() {
        return Err(Refusal::Full { most: rack.plan.positions });
    }
    if let Some(Stands { rack, position, by }) = known.stands.clone() {
        return Err(Refusal::InRack { tube, rack, position, by });
    }
    if !known.registered {
        return Err(Refusal::Unknown { tube });
    }
    if known.deferred {
        return Err(Refusal::Deferred { tube });
    }
    fits(rack, tube, known)?;
    if let Some((_, other)) = rack.tubes.iter().find(|(used, _)| *used == position) {
        return Err(Refusal::PositionUsed { position, tube: other.clone() });
    }
    Ok(())
}

/// Whether its container is what the rack and the kits want.
fn fits(rack: &Standing<'_>, tube: DonationNumber, known: &Known) -> Result<(), Refusal> {
    if let (Some(is), Some(wanted)) = (known.container, rack.plan.container)
        && is != wanted
    {
        return Err(Refusal::WrongContainer { tube, is, wanted });
    }
    let Some(is) = known.container.or(rack.plan.container) else { return Ok(()) };
    match unfit(is, rack.kits) {
        Some(kit) => Err(Refusal::WrongForKit { tube, is, kit: kit.name.clone() }),
        None => Ok(()),
    }
}

/// The first kit that is not validated for a container; one without a leaflet says nothing.
pub(super) fn unfit(container: Container, kits: &[Kit]) -> Option<&Kit> {
    kits.iter().find(|kit| !kit.containers.is_empty() && !kit.containers.contains(&container))
}

/// Where the next tube goes: behind the last, else into the first gap.
pub(super) fn next(plan: &RackPlan, tubes: &[(u32, DonationNumber)]) -> Option<u32> {
    let last = tubes.iter().map(|(position, _)| *position).max().unwrap_or(0);
    let is_used = |position: u32| tubes.iter().any(|(used, _)| *used == position);
    match last < plan.positions {
        true => Some(last + 1),
        false => (1..=plan.positions).find(|position| !is_used(*position)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn din(number: u32) -> DonationNumber {
        DonationNumber::restored(format!("G1234260{number:05}"))
    }

    fn plan(positions: u32) -> RackPlan {
        let (analyser, file) = (Some("A1".to_owned()), None);
        RackPlan { analyser, assays: Vec::new(), container: Some(Container::Edta), positions, file }
    }

    fn good() -> Known {
        Known { registered: true, container: Some(Container::Edta), ..Known::default() }
    }

    fn judged(known: &Known, position: u32, number: u32) -> Result<(), Refusal> {
        let kit = Kit {
            maker: "M".to_owned(),
            name: "K".to_owned(),
            containers: vec![Container::Edta],
            stability_hours: None,
            pool_max: None,
            controls: Vec::new(),
        };
        let (plan, tubes) = (plan(5), [(1, din(1)), (2, din(2))]);
        let rack = Standing { plan: &plan, tubes: &tubes, kits: &[kit] };
        judge(&rack, position, &din(number), known)
    }

    #[test]
    fn a_tube_of_a_registered_donation_may_stand_where_nothing_stands() {
        assert_eq!(judged(&good(), 3, 3), Ok(()));
    }

    #[test]
    fn each_thing_that_is_wrong_with_a_tube_is_told_for_what_it_is() {
        let tube = din(3);
        let stands = Stands { rack: "R9".to_owned(), position: 4, by: "li".to_owned() };
        let elsewhere = Known { stands: Some(stands), ..good() };
        let in_rack = Refusal::InRack {
            tube: tube.clone(),
            rack: "R9".to_owned(),
            position: 4,
            by: "li".to_owned(),
        };
        assert_eq!(judged(&elsewhere, 3, 3), Err(in_rack));
        assert_eq!(judged(&good(), 3, 1), Err(Refusal::Here { tube: din(1), position: 1 }));
        let used = Refusal::PositionUsed { position: 2, tube: din(2) };
        assert_eq!(judged(&good(), 2, 3), Err(used));
        let unknown = Known { registered: false, ..good() };
        assert_eq!(judged(&unknown, 3, 3), Err(Refusal::Unknown { tube: tube.clone() }));
        let deferred = Known { deferred: true, ..good() };
        assert_eq!(judged(&deferred, 3, 3), Err(Refusal::Deferred { tube: tube.clone() }));
        let serum = Known { container: Some(Container::Serum), ..good() };
        let (is, wanted) = (Container::Serum, Container::Edta);
        assert_eq!(judged(&serum, 3, 3), Err(Refusal::WrongContainer { tube, is, wanted }));
    }

    #[test]
    fn a_container_that_a_kit_of_the_tests_is_not_validated_for_is_refused() {
        let kit = Kit {
            maker: "M".to_owned(),
            name: "K".to_owned(),
            containers: vec![Container::Serum],
            stability_hours: None,
            pool_max: None,
            controls: Vec::new(),
        };
        let plan = RackPlan { container: None, ..plan(5) };
        let rack = Standing { plan: &plan, tubes: &[], kits: &[kit] };
        let refused = judge(&rack, 1, &din(1), &good()).unwrap_err();
        let (tube, is, kit) = (din(1), Container::Edta, "K".to_owned());
        assert_eq!(refused, Refusal::WrongForKit { tube, is, kit });
    }

    #[test]
    fn fm_05_the_code_of_any_rack_in_use_is_no_tube() {
        let scheme = DonationNumberScheme::Isbt128;
        let racks = ["R1".to_owned(), "G123426000001".to_owned()];
        for text in ["R1", " R1 ", "G123426000001", "=G12342600000164"] {
            let refused = number(text, &scheme, &racks).unwrap_err();
            assert!(matches!(refused, Refusal::RackCode { .. }), "{text}: {refused:?}");
        }
        assert!(number("G123426000002", &scheme, &racks).is_ok());
        let wrong = number("=G12342600000263", &scheme, &racks).unwrap_err();
        assert!(matches!(wrong, Refusal::WrongCheck { .. }));
        assert!(matches!(number("R2", &scheme, &racks), Err(Refusal::NotANumber { .. })));
        assert_eq!(number("  ", &scheme, &racks), Err(Refusal::Blank));
    }

    #[test]
    fn a_position_is_one_that_the_rack_has() {
        assert_eq!(position(" 5 ", &plan(5)), Ok(5));
        for wrong in ["6", "0", "", "+5", "A1", "5.0", "99999999999"] {
            assert!(position(wrong, &plan(5)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_next_tube_goes_behind_the_last_and_gaps_are_filled_at_the_end() {
        let at = |positions: &[u32]| -> Vec<(u32, DonationNumber)> {
            positions.iter().map(|position| (*position, din(*position))).collect()
        };
        assert_eq!(next(&plan(3), &[]), Some(1));
        assert_eq!(next(&plan(3), &at(&[2])), Some(3));
        assert_eq!(next(&plan(3), &at(&[1, 3])), Some(2));
        assert_eq!(next(&plan(3), &at(&[1, 2, 3])), None);
    }
}
