"""The context object that a handler gets, with the fields and methods of AWS Lambda's."""

from __future__ import annotations

import sys
from time import monotonic_ns

from .faults import CONTEXT_UNMARSHAL_ERROR, Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CLIENT_FIELDS = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class Client:
    """The app of a mobile SDK that made the call."""

    __slots__ = _CLIENT_FIELDS

    def __init__(self, fields: dict[str, Any]) -> None:
        for name in _CLIENT_FIELDS:
            setattr(self, name, fields.get(name))


class ClientContext:
    """What the caller sent as `ClientContext`."""

    __slots__ = ("custom", "env", "client")

    def __init__(self, fields: dict[str, Any]) -> None:
        self.custom = fields.get("custom")
        self.env = fields.get("env")
        client = fields.get("client")
        self.client = Client(client) if client else None


class CognitoIdentity:
    """Who made the call, when Amazon Cognito knows."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, fields: dict[str, Any]) -> None:
        self.cognito_identity_id = fields.get("cognitoIdentityId")
        self.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")


class LambdaContext:
    """One invocation, seen from the handler."""

    def __init__(
        self, function: dict[str, Any], header: dict[str, Any], deadline_monotonic_ns: int, deadline_epoch_ms: int
    ) -> None:
        self.aws_request_id = header.get("id")
        self.log_group_name = function.get("logGroup")
        self.log_stream_name = function.get("logStream")
        self.function_name = function.get("name")
        self.memory_limit_in_mb = str(function.get("memoryMB"))
        self.function_version = function.get("version")
        self.invoked_function_arn = header.get("arn") or function.get("arn")
        self.tenant_id = header.get("tenantId")
        try:
            self._raw_client_context: dict[str, Any] = header.get("clientContext") or {}
            self.client_context = ClientContext(self._raw_client_context) if self._raw_client_context else None
            self.identity = CognitoIdentity(header.get("identity") or {})
        except AttributeError as error:
            message = "Unable to parse client context or identity: {}".format(error)
            raise Fault(CONTEXT_UNMARSHAL_ERROR, message) from None
        self._deadline_monotonic_ns = deadline_monotonic_ns
        self._epoch_deadline_time_in_ms = deadline_epoch_ms

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the timeout; by the monotonic clock, so that a change of the time of day is not seen."""
        return max(0, (self._deadline_monotonic_ns - monotonic_ns()) // 1_000_000)

    def log(self, message: Any) -> None:
        """Writes `message` to the log as it is, without a line end."""
        sys.stdout.write(str(message))

    def w3c(self) -> dict[str, Any] | None:
        """The W3C trace headers that came with the client context."""
        trace = self._raw_client_context.get("w3c")
        if not isinstance(trace, dict):
            return None
        return {name: trace[name] for name in ("traceparent", "tracestate", "baggage") if name in trace}

    def __repr__(self) -> str:
        shown = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return "LambdaContext([{}])".format(",".join("{}={}".format(name, value) for name, value in shown.items()))
