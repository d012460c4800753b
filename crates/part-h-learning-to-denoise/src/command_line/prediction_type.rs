//! Prediction types by name.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use part_f_the_way_back::PredictionType;

/// Parses the name of a prediction type.
pub fn prediction_type() -> impl TypedValueParser<Value = PredictionType> {
    let names = PossibleValuesParser::new(PredictionType::ALL.map(PredictionType::name));
    names.map(|name| {
        let is_meant = |kind: &PredictionType| kind.name() == name;
        PredictionType::ALL.into_iter().find(is_meant).expect("it is one of the names")
    })
}
