from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_operations_response import ListOperationsResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    projects_id: str,
    *,
    filter_: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_token: str | Unset = UNSET,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["filter"] = filter_

    params["pageSize"] = page_size

    params["pageToken"] = page_token

    params["fields"] = fields

    params["prettyPrint"] = pretty_print

    params["key"] = key

    params["quotaUser"] = quota_user

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{projects_id}/operations".format(
            projects_id=quote(str(projects_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ListOperationsResponse | str | None:
    if response.status_code == 200:
        response_200 = ListOperationsResponse.from_dict(response.json())

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
) -> Response[ListOperationsResponse | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    projects_id: str,
    *,
    client: AuthenticatedClient,
    filter_: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_token: str | Unset = UNSET,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[ListOperationsResponse | str]:
    """List a project's operations, a page at a time.

     Covers every user of the project. Old operations age out of it. The order is undocumented. Needs the
    IAM permission earthengine.operations.list on the project. Reference: Method
    projects.operations.list.

    Args:
        projects_id (str):
        filter_ (str | Unset):
        page_size (int | Unset):
        page_token (str | Unset):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListOperationsResponse | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        filter_=filter_,
        page_size=page_size,
        page_token=page_token,
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
    *,
    client: AuthenticatedClient,
    filter_: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_token: str | Unset = UNSET,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> ListOperationsResponse | str | None:
    """List a project's operations, a page at a time.

     Covers every user of the project. Old operations age out of it. The order is undocumented. Needs the
    IAM permission earthengine.operations.list on the project. Reference: Method
    projects.operations.list.

    Args:
        projects_id (str):
        filter_ (str | Unset):
        page_size (int | Unset):
        page_token (str | Unset):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListOperationsResponse | str
    """

    return sync_detailed(
        projects_id=projects_id,
        client=client,
        filter_=filter_,
        page_size=page_size,
        page_token=page_token,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    ).parsed


async def asyncio_detailed(
    projects_id: str,
    *,
    client: AuthenticatedClient,
    filter_: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_token: str | Unset = UNSET,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[ListOperationsResponse | str]:
    """List a project's operations, a page at a time.

     Covers every user of the project. Old operations age out of it. The order is undocumented. Needs the
    IAM permission earthengine.operations.list on the project. Reference: Method
    projects.operations.list.

    Args:
        projects_id (str):
        filter_ (str | Unset):
        page_size (int | Unset):
        page_token (str | Unset):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListOperationsResponse | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        filter_=filter_,
        page_size=page_size,
        page_token=page_token,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    projects_id: str,
    *,
    client: AuthenticatedClient,
    filter_: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_token: str | Unset = UNSET,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> ListOperationsResponse | str | None:
    """List a project's operations, a page at a time.

     Covers every user of the project. Old operations age out of it. The order is undocumented. Needs the
    IAM permission earthengine.operations.list on the project. Reference: Method
    projects.operations.list.

    Args:
        projects_id (str):
        filter_ (str | Unset):
        page_size (int | Unset):
        page_token (str | Unset):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListOperationsResponse | str
    """

    return (
        await asyncio_detailed(
            projects_id=projects_id,
            client=client,
            filter_=filter_,
            page_size=page_size,
            page_token=page_token,
            fields=fields,
            pretty_print=pretty_print,
            key=key,
            quota_user=quota_user,
        )
    ).parsed
