//! A combination of answers in the words of the laboratory.

use super::super::table::Answers;

/// A language that a rule set speaks of itself in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    #[default]
    English,
    /// Chinese.
    Chinese,
}

impl Tongue {
    /// The one of two texts, English and Chinese.
    pub const fn of<'t>(self, words: &[&'t str; 2]) -> &'t str {
        match self {
            Tongue::English => words[0],
            Tongue::Chinese => words[1],
        }
    }
}

impl Answers {
    /// What they say: every answer that is not the first of its question. Where all are, the first
    /// of the first.
    pub fn words(&self, tongue: Tongue) -> String {
        let between = match tongue {
            Tongue::English => "; ",
            Tongue::Chinese => "；",
        };
        let questions = self.judges().questions();
        let telling = questions.iter().enumerate().filter(|(place, _)| self.get(*place) > 0);
        let mut telling: Vec<_> = telling.collect();
        if telling.is_empty() {
            telling.extend(questions.first().map(|question| (0, question)));
        }
        let said = telling.iter().filter_map(|(place, question)| {
            let answer = question.answers.get(self.get(*place))?;
            Some(tongue.of(&answer.words))
        });
        said.collect::<Vec<_>>().join(between)
    }

    /// How much they say: fewer is a plainer example.
    pub(in crate::rules) fn weight(&self) -> usize {
        (0..self.judges().questions().len()).filter(|place| self.get(*place) > 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Judges;

    #[test]
    fn an_example_names_what_is_out_of_the_ordinary() {
        let clear = Answers::of(Judges::Reagent);
        assert_eq!(clear.words(Tongue::English), "the lot is released for use");
        let found = clear.with("lot", "recalled").with("expiry", "expired");
        let english = "the lot was recalled; expired on the day of the run";
        assert_eq!(found.words(Tongue::English), english);
        assert_eq!(found.words(Tongue::Chinese), "批号已召回；实验当日已过期");
        assert_eq!((clear.weight(), found.weight()), (0, 2));
    }
}
