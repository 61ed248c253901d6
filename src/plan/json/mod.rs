//! Plans, states and schemas as JSON, in the form that tools around Terraform read.
//!
//! Keys stand in Terraform's order. As there, values are in clear text with a note beside them of what is
//! sensitive: whoever passes such JSON on passes on secrets.

mod checks;
mod configuration;
mod expression;
mod module;
mod plan;
mod schema;
mod state;
#[cfg(test)]
mod tests;
mod value;

pub use plan::plan_json;
pub use schema::providers_schema_json;
pub use state::state_json;
