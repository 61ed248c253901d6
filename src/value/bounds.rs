//! What is known of numbers and lengths that are not known themselves: between which two they lie.

use super::{Data, Number, Refinement, Type, Unknown, Value};

/// The least and the greatest that a number can be, both inclusive; none where there is no such bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub least: Option<Number>,
    pub most: Option<Number>,
}

impl Bounds {
    /// Of lengths.
    pub fn of_length((least, most): (usize, Option<usize>)) -> Self {
        let number = |count: usize| Number::from(i64::try_from(count).unwrap_or(i64::MAX));
        Self {
            least: Some(number(least)),
            most: most.map(number),
        }
    }

    fn only(number: &Number) -> Self {
        Self {
            least: Some(number.clone()),
            most: Some(number.clone()),
        }
    }

    /// Whether every number within is less than every one within the others.
    pub fn are_below(&self, others: &Self) -> bool {
        matches!((&self.most, &others.least), (Some(most), Some(least)) if most < least)
    }

    /// Whether a number lies outside.
    pub fn exclude(&self, number: &Number) -> bool {
        let own = Self::only(number);
        own.are_below(self) || self.are_below(&own)
    }

    /// Of what is within either of the two.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let pick = |a: &Option<Number>, b: &Option<Number>, least: bool| match (a, b) {
            (Some(a), Some(b)) if (a < b) == least => Some(a.clone()),
            (Some(_), Some(b)) => Some(b.clone()),
            _ => None,
        };
        Self {
            least: pick(&self.least, &other.least, true),
            most: pick(&self.most, &other.most, false),
        }
    }

    /// Of the sums.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let add = |a: &Option<Number>, b: &Option<Number>| a.as_ref()?.checked_add(b.as_ref()?);
        Self {
            least: add(&self.least, &other.least),
            most: add(&self.most, &other.most),
        }
    }

    /// Of the numbers with the other sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self {
            least: self.most.as_ref().map(Number::neg),
            most: self.least.as_ref().map(Number::neg),
        }
    }

    /// Of the products; nothing is known of them where a bound is missing.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let corners = || -> Option<Vec<Number>> {
            let (a, b) = (self.least.as_ref()?, self.most.as_ref()?);
            let (c, d) = (other.least.as_ref()?, other.most.as_ref()?);
            [(a, c), (a, d), (b, c), (b, d)]
                .into_iter()
                .map(|(one, another)| one.checked_mul(another))
                .collect()
        };
        let corners = corners().unwrap_or_default();
        Self {
            least: corners.iter().min().cloned(),
            most: corners.iter().max().cloned(),
        }
    }
}

impl Value {
    /// A number of which only this is known. It is not null.
    pub fn number_within(bounds: Bounds) -> Self {
        Self::unknown_refined(
            Type::Number,
            Refinement {
                not_null: true,
                number: bounds,
                ..Refinement::default()
            },
        )
    }

    /// Between which numbers this one lies. Nothing is known of what is no number.
    pub fn number_bounds(&self) -> Bounds {
        match self.data() {
            Data::Number(number) => Bounds::only(number),
            Data::Unknown(unknown) => unknown.refinement.number.clone(),
            _ => Bounds::default(),
        }
    }

    /// Whether it is known that this is not null and will not be.
    pub fn is_never_null(&self) -> bool {
        match self.data() {
            Data::Null(_) => false,
            Data::Unknown(unknown) => unknown.refinement.not_null,
            _ => true,
        }
    }

    /// How many elements a collection has at least and at most.
    pub fn length_bounds(&self) -> (usize, Option<usize>) {
        match self.data() {
            // What is not known yet may turn out to be the same.
            Data::Set(set) if set.items.len() > 1 && !self.is_wholly_known() => (1, Some(set.items.len())),
            Data::Unknown(unknown) => unknown.length(),
            _ => {
                let length = self.children().count();
                (length, Some(length))
            }
        }
    }
}

impl Unknown {
    fn length(&self) -> (usize, Option<usize>) {
        match &self.ty {
            Type::Tuple(elements) => (elements.len(), Some(elements.len())),
            Type::Object(object) => (object.attributes.len(), Some(object.attributes.len())),
            _ => {
                let (least, most) = self.refinement.length;
                (least.unwrap_or(0), most)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(least: Option<i64>, most: Option<i64>) -> Bounds {
        Bounds {
            least: least.map(Number::from),
            most: most.map(Number::from),
        }
    }

    #[test]
    fn a_bound_that_is_missing_decides_nothing() {
        let open = bounds(None, None);
        assert!(!open.are_below(&bounds(Some(1), None)) && !bounds(Some(1), None).are_below(&open));
        assert!(bounds(None, Some(1)).are_below(&bounds(Some(2), None)));
        assert!(
            !bounds(None, Some(1)).are_below(&bounds(Some(1), None)),
            "they may be equal"
        );
        assert!(bounds(Some(1), None).exclude(&Number::from(0i64)) && !open.exclude(&Number::from(0i64)));
    }

    #[test]
    fn bounds_follow_the_operators() {
        let some = bounds(Some(-1), Some(2));
        assert_eq!(some.plus(&bounds(Some(1), None)), bounds(Some(0), None));
        assert_eq!(some.negated(), bounds(Some(-2), Some(1)));
        assert_eq!(some.times(&bounds(Some(-3), Some(4))), bounds(Some(-6), Some(8)));
        assert_eq!(some.times(&bounds(Some(0), None)), bounds(None, None));
        assert_eq!(some.or(&bounds(Some(0), Some(5))), bounds(Some(-1), Some(5)));
        assert_eq!(some.or(&bounds(None, Some(5))), bounds(None, Some(5)));
    }
}
