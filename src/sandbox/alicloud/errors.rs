//! How the cloud says no: a status, a code and a message in the envelope of the service that refused.

use serde_json::{Value, json};

use crate::sandbox::Response;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Raised by the shared gateway, before the service saw the request.
    pub(crate) by_gateway: bool,
}

impl Failure {
    fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            by_gateway: false,
        }
    }

    /// An error of the service itself.
    pub(crate) fn service(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::new(status, code, message)
    }

    /// An error of the gateway that checks signatures and finds actions.
    pub(crate) fn gateway(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            by_gateway: true,
            ..Self::new(status, code, message)
        }
    }

    /// The same failure in the envelope of the gateway.
    pub(crate) fn through_gateway(self) -> Self {
        Self {
            by_gateway: true,
            ..self
        }
    }

    /// No service has such an action.
    pub(crate) fn no_action() -> Self {
        Self::gateway(
            404,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        )
    }

    /// A required parameter was not sent.
    pub(crate) fn missing(name: &str) -> Self {
        Self::new(
            400,
            "MissingParameter",
            format!("The parameter \"{name}\" is needed but not provided."),
        )
    }

    /// A parameter has a value that the action does not take.
    pub(crate) fn invalid(name: &str) -> Self {
        Self::new(
            400,
            "InvalidParameter",
            format!("The specified parameter \"{name}\" is not valid."),
        )
    }

    /// No such key in this region.
    pub(crate) fn no_key() -> Self {
        Self::new(404, "Forbidden.KeyNotFound", "The specified Key is not found.")
    }

    /// No such alias in this region.
    pub(crate) fn no_alias() -> Self {
        Self::new(
            404,
            "Forbidden.AliasNotFound",
            "The specified Alias is not found.",
        )
    }

    /// No such secret, version, access point, client key, policy or network rule.
    pub(crate) fn no_resource() -> Self {
        Self::new(404, "Forbidden.ResourceNotFound", "Resource not found.")
    }

    /// The name is taken.
    pub(crate) fn exists() -> Self {
        Self::new(409, "Rejected.ResourceExist", "The resource already exists.")
    }

    /// The secret waits for its deletion.
    pub(crate) fn in_delete_window() -> Self {
        Self::new(
            409,
            "Rejected.ResourceInDeleteWindow",
            "The secret is planned to be deleted.",
        )
    }

    /// The state of the key does not allow the wanted next state.
    pub(crate) fn state_not_modified() -> Self {
        Self::new(409, "Rejected.StateModifiedFailed", "Keystate modified failed.")
    }

    /// The action does not exist for this kind of key or secret.
    pub(crate) fn unsupported() -> Self {
        Self::new(
            400,
            "Rejected.UnsupportedOperation",
            "The request was rejected because the operation is not supported.",
        )
    }

    /// More than the service keeps.
    pub(crate) fn limit() -> Self {
        Self::new(
            400,
            "Rejected.LimitExceeded",
            "The request was rejected because user create resource limit was exceeded.",
        )
    }

    /// What is protected from deletion cannot be deleted.
    pub(crate) fn protected(what: &str) -> Self {
        let message =
            format!("The request was rejected because deletion protection is enabled for the {what}.");
        Self::new(409, "Rejected.DeletionProtection", message)
    }

    /// Something inside the sandbox did not work.
    pub(crate) fn internal() -> Self {
        Self::new(500, "InternalFailure", "Internal Failure.")
    }
}

/// The answer to a refused request.
pub(crate) fn refused(failure: &Failure, request_id: &str, host: &str) -> Response {
    let body = if failure.by_gateway {
        json!({
            "RequestId": request_id,
            "HostId": host,
            "Code": failure.code,
            "Message": failure.message,
            "Recommend": "",
        })
    } else {
        json!({
            "HttpStatus": failure.status,
            "Code": failure.code,
            "Message": failure.message,
            "RequestId": request_id,
        })
    };
    answer(failure.status, request_id, &body)
}

/// The answer to a served request.
pub(crate) fn served(mut reply: Value, request_id: &str) -> Response {
    if let Value::Object(fields) = &mut reply {
        fields.insert("RequestId".to_owned(), Value::from(request_id));
    }
    answer(200, request_id, &reply)
}

fn answer(status: u16, request_id: &str, body: &Value) -> Response {
    Response {
        status,
        headers: vec![
            (
                "content-type".to_owned(),
                "application/json;charset=utf-8".to_owned(),
            ),
            ("x-acs-request-id".to_owned(), request_id.to_owned()),
        ],
        body: body.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(failure: &Failure, expected: &str) {
        let response = refused(failure, "r", "h");
        assert_eq!(String::from_utf8(response.body).unwrap(), expected);
        assert_eq!(response.status, failure.status);
    }

    #[test]
    fn the_service_names_its_status() {
        check(
            &Failure::no_key(),
            r#"{"HttpStatus":404,"Code":"Forbidden.KeyNotFound","Message":"The specified Key is not found.","RequestId":"r"}"#,
        );
    }

    #[test]
    fn the_gateway_names_its_host() {
        check(
            &Failure::gateway(400, "InvalidVersion", "m"),
            r#"{"RequestId":"r","HostId":"h","Code":"InvalidVersion","Message":"m","Recommend":""}"#,
        );
    }
}
