//! Who is there.

use serde::Deserialize;
use utoipa::ToSchema;

/// Changes what the caller says of themselves; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPresence {
    /// Another text, at most 100 characters; empty for none.
    #[schema(example = "Out for tea")]
    pub status: Option<String>,
    /// Whether to hide: others see the caller as offline then.
    pub hidden: Option<bool>,
}
