from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.operation import Operation
from ...models.wait_operation_request import WaitOperationRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    projects_id: str,
    operations_id: str,
    *,
    body: WaitOperationRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["fields"] = fields

    params["prettyPrint"] = pretty_print

    params["key"] = key

    params["quotaUser"] = quota_user

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{projects_id}/operations/{operations_id}:wait".format(
            projects_id=quote(str(projects_id), safe=""),
            operations_id=quote(str(operations_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Operation | str | None:
    if response.status_code == 200:
        response_200 = Operation.from_dict(response.json())

        return response_200

    if 400 <= response.status_code <= 499:
        response_4xx = response.text
        return response_4xx

    if 500 <= response.status_code <= 599:
        response_5xx = response.text
        return response_5xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Operation | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    projects_id: str,
    operations_id: str,
    *,
    client: AuthenticatedClient,
    body: WaitOperationRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[Operation | str]:
    """Wait on the server until an operation ends.

     Answers when the operation has ended, or after the given or the server's own time limit, whichever
    comes first. It is best effort: it may answer at once with an operation that is still running, and a
    server without it answers 501 (UNIMPLEMENTED). Reference: Method projects.operations.wait.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (WaitOperationRequest): How long to wait. Reference: Method projects.operations.wait.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Operation | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        operations_id=operations_id,
        body=body,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    projects_id: str,
    operations_id: str,
    *,
    client: AuthenticatedClient,
    body: WaitOperationRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Operation | str | None:
    """Wait on the server until an operation ends.

     Answers when the operation has ended, or after the given or the server's own time limit, whichever
    comes first. It is best effort: it may answer at once with an operation that is still running, and a
    server without it answers 501 (UNIMPLEMENTED). Reference: Method projects.operations.wait.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (WaitOperationRequest): How long to wait. Reference: Method projects.operations.wait.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Operation | str
    """

    return sync_detailed(
        projects_id=projects_id,
        operations_id=operations_id,
        client=client,
        body=body,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    ).parsed


async def asyncio_detailed(
    projects_id: str,
    operations_id: str,
    *,
    client: AuthenticatedClient,
    body: WaitOperationRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[Operation | str]:
    """Wait on the server until an operation ends.

     Answers when the operation has ended, or after the given or the server's own time limit, whichever
    comes first. It is best effort: it may answer at once with an operation that is still running, and a
    server without it answers 501 (UNIMPLEMENTED). Reference: Method projects.operations.wait.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (WaitOperationRequest): How long to wait. Reference: Method projects.operations.wait.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Operation | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        operations_id=operations_id,
        body=body,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    projects_id: str,
    operations_id: str,
    *,
    client: AuthenticatedClient,
    body: WaitOperationRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Operation | str | None:
    """Wait on the server until an operation ends.

     Answers when the operation has ended, or after the given or the server's own time limit, whichever
    comes first. It is best effort: it may answer at once with an operation that is still running, and a
    server without it answers 501 (UNIMPLEMENTED). Reference: Method projects.operations.wait.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (WaitOperationRequest): How long to wait. Reference: Method projects.operations.wait.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Operation | str
    """

    return (
        await asyncio_detailed(
            projects_id=projects_id,
            operations_id=operations_id,
            client=client,
            body=body,
            fields=fields,
            pretty_print=pretty_print,
            key=key,
            quota_user=quota_user,
        )
    ).parsed
