//! A number of combinations, which no machine word holds.

use std::fmt;

/// Nine decimal digits a piece, the lowest first.
const BASE: u64 = 1_000_000_000;

/// A whole number of any size, made by multiplication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Magnitude(Vec<u64>);

impl Magnitude {
    /// One.
    pub fn one() -> Magnitude {
        Magnitude(vec![1])
    }

    /// Multiplies by a number below 10^9.
    pub fn multiply(&mut self, by: u32) {
        let mut carry = 0;
        for piece in &mut self.0 {
            let product = *piece * u64::from(by) + carry;
            (*piece, carry) = (product % BASE, product / BASE);
        }
        if carry > 0 {
            self.0.push(carry);
        }
    }

    /// Every digit.
    pub fn digits(&self) -> String {
        let mut pieces = self.0.iter().rev();
        let first = pieces.next().map_or_else(String::new, u64::to_string);
        pieces.fold(first, |digits, piece| format!("{digits}{piece:09}"))
    }
}

/// Digits of a number that is written whole.
const WHOLE_DIGITS: usize = 15;

impl fmt::Display for Magnitude {
    /// Short numbers whole, long ones as a power of ten.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let mut leading = digits.chars();
        match (leading.next(), leading.next()) {
            (Some(first), Some(second)) if digits.len() > WHOLE_DIGITS => {
                write!(f, "{first}.{second} x 10^{}", digits.len() - 1)
            }
            _ => f.write_str(&digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_beyond_machine_words_keep_every_digit() {
        let mut product = Magnitude::one();
        assert_eq!(product.to_string(), "1");
        for _ in 0..10 {
            product.multiply(138_240);
        }
        assert_eq!(product.to_string(), "2.5 x 10^51");
        let exact = "2548808761537612026277738299269087766773760000000000";
        assert_eq!(product.digits(), exact);
        let mut small = Magnitude::one();
        small.multiply(1_000_000);
        small.multiply(1_000_000);
        assert_eq!(small.to_string(), "1000000000000");
        small.multiply(1_000_000);
        assert_eq!(small.to_string(), "1.0 x 10^18");
    }
}
