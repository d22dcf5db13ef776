//! Values to places on the paper, and round numbers beside them.

/// A linear scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    begins: f64,
    ends: f64,
}

impl Scale {
    /// Puts values between two others between two places; a range that is none is made one.
    pub(super) fn new((from, to): (f64, f64), (begins, ends): (f64, f64)) -> Scale {
        let to = if to - from > f64::EPSILON { to } else { from + 1.0 };
        Scale { from, to, begins, ends }
    }

    /// Where a value stands; what is beyond the range stands at its end.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = if value.is_nan() { self.from } else { value.clamp(self.from, self.to) };
        let share = (value - self.from) / (self.to - self.from);
        self.begins + share * (self.ends - self.begins)
    }
}

/// A round number that is not below a greatest value, and the steps up to it: 1, 2 or 5 and zeros.
pub(super) fn steps(greatest: f64, most: u32) -> Vec<f64> {
    let greatest = if greatest.is_finite() && greatest > 0.0 { greatest } else { 1.0 };
    let rough = greatest / f64::from(most.max(1));
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|of| of * power).find(|s| *s >= rough * 0.999);
    let step = step.unwrap_or(power * 10.0);
    let count = (greatest / step - 1e-9).ceil().max(1.0);
    let mut values = vec![0.0];
    let mut at = 1.0;
    while at <= count && values.len() <= 64 {
        values.push(at * step);
        at += 1.0;
    }
    values
}

/// A number with as many places as a step needs.
pub(super) fn told(value: f64, step: f64) -> String {
    let mut places = 0;
    let mut rest = step;
    while rest < 1.0 - 1e-9 && places < 6 {
        rest *= 10.0;
        places += 1;
    }
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_where_its_share_is_and_never_outside() {
        let scale = Scale::new((-4.0, 4.0), (300.0, 20.0));
        assert_eq!(scale.at(-4.0), 300.0);
        assert_eq!(scale.at(4.0), 20.0);
        assert_eq!(scale.at(0.0), 160.0);
        assert_eq!(scale.at(9.0), 20.0);
        assert_eq!(scale.at(f64::NEG_INFINITY), 300.0);
        assert_eq!(scale.at(f64::NAN), 300.0);
        assert_eq!(Scale::new((2.0, 2.0), (0.0, 10.0)).at(2.0), 0.0);
    }

    #[test]
    fn steps_are_round_and_reach_the_greatest_value() {
        assert_eq!(steps(100.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(steps(7.0, 5), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(steps(0.0, 4), steps(1.0, 4));
        assert_eq!(steps(f64::NAN, 4), steps(1.0, 4));
        for tenth in 1..2_000 {
            let greatest = f64::from(tenth) / 10.0;
            let steps = steps(greatest, 5);
            assert!(steps.last().is_some_and(|last| *last >= greatest - 1e-9), "{greatest}");
            assert!(steps.len() <= 7, "{greatest}: {steps:?}");
        }
    }

    #[test]
    fn a_number_has_the_places_of_its_step() {
        assert_eq!(told(20.0, 20.0), "20");
        assert_eq!(told(0.5, 0.5), "0.5");
        assert_eq!(told(0.02, 0.02), "0.02");
    }
}
