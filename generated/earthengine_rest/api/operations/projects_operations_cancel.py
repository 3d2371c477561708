from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.empty import Empty
from ...types import UNSET, Response, Unset


def _get_kwargs(
    projects_id: str,
    operations_id: str,
    *,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["fields"] = fields

    params["prettyPrint"] = pretty_print

    params["key"] = key

    params["quotaUser"] = quota_user

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{projects_id}/operations/{operations_id}:cancel".format(
            projects_id=quote(str(projects_id), safe=""),
            operations_id=quote(str(operations_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Empty | str | None:
    if response.status_code == 200:
        response_200 = Empty.from_dict(response.json())

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
) -> Response[Empty | str]:
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
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[Empty | str]:
    """Ask for an operation to be stopped.

     Best effort: the operation may still end well. One that was stopped ends with an error of code 1.
    Needs the IAM permission earthengine.operations.update on the project. The request has no body.
    Reference: Method projects.operations.cancel.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Empty | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        operations_id=operations_id,
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
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Empty | str | None:
    """Ask for an operation to be stopped.

     Best effort: the operation may still end well. One that was stopped ends with an error of code 1.
    Needs the IAM permission earthengine.operations.update on the project. The request has no body.
    Reference: Method projects.operations.cancel.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Empty | str
    """

    return sync_detailed(
        projects_id=projects_id,
        operations_id=operations_id,
        client=client,
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
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[Empty | str]:
    """Ask for an operation to be stopped.

     Best effort: the operation may still end well. One that was stopped ends with an error of code 1.
    Needs the IAM permission earthengine.operations.update on the project. The request has no body.
    Reference: Method projects.operations.cancel.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Empty | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        operations_id=operations_id,
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
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Empty | str | None:
    """Ask for an operation to be stopped.

     Best effort: the operation may still end well. One that was stopped ends with an error of code 1.
    Needs the IAM permission earthengine.operations.update on the project. The request has no body.
    Reference: Method projects.operations.cancel.

    Args:
        projects_id (str):
        operations_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Empty | str
    """

    return (
        await asyncio_detailed(
            projects_id=projects_id,
            operations_id=operations_id,
            client=client,
            fields=fields,
            pretty_print=pretty_print,
            key=key,
            quota_user=quota_user,
        )
    ).parsed
